//! JSON as plainly as it can be read: by recursion, a code point at a time, and everything copied.

use std::collections::BTreeMap;

/// A string as its code points. A lone surrogate is one, which a `String` does not hold.
pub(super) type Text = Vec<u32>;

pub(super) fn text(string: &str) -> Text {
    string.chars().map(u32::from).collect()
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(String),
    String(Text),
    Array(Vec<Json>),
    Object(Vec<(Text, Json)>),
}

impl Json {
    /// The last member of a name; nothing where this is no object.
    pub(super) fn get(&self, name: &str) -> Option<&Json> {
        let Json::Object(members) = self else { return None };
        members.iter().rev().find(|(own, _)| *own == text(name)).map(|(_, value)| value)
    }

    /// The last member of a name that is neither missing nor null.
    pub(super) fn get_some(&self, name: &str) -> Option<&Json> {
        self.get(name).filter(|value| **value != Json::Null)
    }

    pub(super) fn string(&self) -> Option<&Text> {
        if let Json::String(string) = self { Some(string) } else { None }
    }

    pub(super) fn array(&self) -> Option<&[Json]> {
        if let Json::Array(elements) = self { Some(elements) } else { None }
    }

    pub(super) fn is_object(&self) -> bool {
        matches!(self, Json::Object(_))
    }

    /// The value with one spelling for all that equal it.
    pub(super) fn canonical(&self) -> String {
        match self {
            Json::Null => "null".to_owned(),
            Json::Bool(value) => value.to_string(),
            Json::Number(number) => exact(number),
            Json::String(string) => format!("{string:?}"),
            Json::Array(elements) => format!("({})", elements.iter().map(|value| value.canonical() + ",").collect::<String>()),
            Json::Object(members) => {
                let last: BTreeMap<_, _> = members.iter().map(|(name, value)| (name, value.canonical())).collect();
                format!("{last:?}")
            }
        }
    }
}

/// A number as its sign, its digits without zeros at the ends, and a power of ten.
fn exact(number: &str) -> String {
    let (sign, number) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (decimal, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    let exponent: i64 = exponent.parse().expect("the tests use small exponents");
    let short = digits.trim_end_matches('0');
    let count = |digits: &str| i64::try_from(digits.len()).expect("the tests use short numbers");
    let power = exponent - count(fraction) + count(digits) - count(short);
    if short.is_empty() { "0".to_owned() } else { format!("{sign}{short}e{power}") }
}

/// Reads JSON (RFC 8259); nothing where the text is none.
pub(super) fn parse(text: &[u32]) -> Option<Json> {
    let mut rest = text;
    let value = value(&mut rest)?;
    blanks(&mut rest);
    rest.is_empty().then_some(value)
}

fn blanks(rest: &mut &[u32]) {
    while let [0x20 | 0x09 | 0x0a | 0x0d, behind @ ..] = *rest {
        *rest = behind;
    }
}

fn take(rest: &mut &[u32], expected: &str) -> Option<()> {
    *rest = rest.strip_prefix(&text(expected)[..])?;
    Some(())
}

fn value(rest: &mut &[u32]) -> Option<Json> {
    blanks(rest);
    match char::from_u32(*rest.first()?)? {
        'n' => take(rest, "null").map(|()| Json::Null),
        't' => take(rest, "true").map(|()| Json::Bool(true)),
        'f' => take(rest, "false").map(|()| Json::Bool(false)),
        '"' => string(rest).map(Json::String),
        '[' => array(rest),
        '{' => object(rest),
        _ => number(rest),
    }
}

fn array(rest: &mut &[u32]) -> Option<Json> {
    take(rest, "[")?;
    let mut elements = Vec::new();
    blanks(rest);
    if take(rest, "]").is_some() {
        return Some(Json::Array(elements));
    }
    loop {
        elements.push(value(rest)?);
        blanks(rest);
        if take(rest, "]").is_some() {
            return Some(Json::Array(elements));
        }
        take(rest, ",")?;
    }
}

fn object(rest: &mut &[u32]) -> Option<Json> {
    take(rest, "{")?;
    let mut members = Vec::new();
    blanks(rest);
    if take(rest, "}").is_some() {
        return Some(Json::Object(members));
    }
    loop {
        blanks(rest);
        let name = string(rest)?;
        blanks(rest);
        take(rest, ":")?;
        members.push((name, value(rest)?));
        blanks(rest);
        if take(rest, "}").is_some() {
            return Some(Json::Object(members));
        }
        take(rest, ",")?;
    }
}

fn number(rest: &mut &[u32]) -> Option<Json> {
    let is_part = |code: &u32| char::from_u32(*code).is_some_and(|part| "+-.eE0123456789".contains(part));
    let length = rest.iter().take_while(|code| is_part(code)).count();
    let spelled: String = rest[..length].iter().filter_map(|code| char::from_u32(*code)).collect();
    *rest = &rest[length..];
    // serde_json is strict about the form of a number.
    serde_json::from_str::<&serde_json::value::RawValue>(&spelled).ok()?;
    Some(Json::Number(spelled))
}

fn string(rest: &mut &[u32]) -> Option<Text> {
    take(rest, "\"")?;
    let mut string = Vec::new();
    loop {
        let (&code, behind) = rest.split_first()?;
        *rest = behind;
        match code {
            0x22 => return Some(string),
            0x5c => string.push(escape(rest)?),
            0..0x20 => return None,
            _ => string.push(code),
        }
    }
}

fn escape(rest: &mut &[u32]) -> Option<u32> {
    let (&kind, behind) = rest.split_first()?;
    *rest = behind;
    let plain = match char::from_u32(kind)? {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        same @ ('"' | '\\' | '/') => same,
        'u' => {
            let unit = unit(rest)?;
            let mut ahead = *rest;
            if (0xd800..0xdc00).contains(&unit)
                && take(&mut ahead, "\\u").is_some()
                && let Some(low @ 0xdc00..0xe000) = self::unit(&mut ahead)
            {
                *rest = ahead;
                return Some(0x10000 + (unit - 0xd800) * 0x400 + (low - 0xdc00));
            }
            return Some(unit);
        }
        _ => return None,
    };
    Some(u32::from(plain))
}

fn unit(rest: &mut &[u32]) -> Option<u32> {
    let digits: String = rest.get(..4)?.iter().filter_map(|code| char::from_u32(*code)).collect();
    *rest = &rest[4..];
    u32::from_str_radix(&digits, 16).ok().filter(|_| !digits.starts_with('+'))
}
