//! JSON for filters: lone surrogates replaced, and no deeper than the stack allows.

use std::borrow::Cow;

use jaq_core::native::{Fun, bome, run, v};
use jaq_core::{Error, Exn, ValR};
use jaq_json::{Val, read};

use super::jq::Jq;

/// How deep values may nest that filters read. jaq's parser and what works on values recurse, on the stack of a worker.
pub(super) const DEEPEST: usize = 512;

/// Reads one value. It must be valid JSON, and nest no deeper than [`DEEPEST`].
///
/// # Errors
///
/// jaq cannot read it.
pub(super) fn value(text: &[u8]) -> Result<Val, read::Error> {
    read::parse_single(&without_lone_surrogates(text))
}

/// The text with `\ufffd` in the place of each escape of half a surrogate pair, which RFC 8259 allows and jaq does not.
fn without_lone_surrogates(text: &[u8]) -> Cow<'_, [u8]> {
    let mut text = Cow::Borrowed(text);
    let mut start = 0;
    while let Some(backslash) = memchr::memchr(b'\\', &text[start..]).map(|length| start + length) {
        start = match (unit(&text[backslash..]), unit(text.get(backslash + 6..).unwrap_or_default())) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => backslash + 12,
            (Some(0xd800..=0xdfff), _) => {
                text.to_mut()[backslash + 2..backslash + 6].copy_from_slice(b"fffd");
                backslash + 6
            }
            _ => backslash + 2,
        };
        if start >= text.len() {
            break;
        }
    }
    text
}

/// What a string of valid JSON says, of which the inside of the quotes is given. Lone surrogates become U+FFFD.
pub(super) fn unescaped(inside: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        text.extend_from_slice(&rest[..at]);
        let (character, length) = escaped(&rest[at..]);
        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        rest = rest.get(at + length..).unwrap_or_default();
    }
    text.extend_from_slice(rest);
    text
}

/// The character that an escape at the start of a text stands for, and the escape's length.
fn escaped(text: &[u8]) -> (char, usize) {
    let simple = match text.get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => {
            let units = [unit(text), unit(text.get(6..).unwrap_or_default())].map(Option::unwrap_or_default);
            let mut characters = char::decode_utf16(units);
            return match characters.next() {
                Some(Ok(character)) => (character, 6 * character.len_utf16()),
                _ => (char::REPLACEMENT_CHARACTER, 6),
            };
        }
        other => other.map_or(char::REPLACEMENT_CHARACTER, |other| char::from(*other)),
    };
    (simple, 2)
}

/// The UTF-16 code unit that a text starts with as `\uXXXX`.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(digit).ok()?)
    })
}

/// The functions of the language that read JSON.
pub(super) fn natives() -> impl Iterator<Item = Fun<Jq>> {
    let from_json = run::<Jq>(("fromjson", v(0), |cv| match values(&cv.1) {
        Ok(values) => Box::new(values.into_iter().map(|value| value.map_err(Exn::from))),
        Err(why) => bome(Err(why)),
    }));
    [from_json].into_iter()
}

/// The values that a string holds as JSON, up to the first that cannot be read.
fn values(string: &Val) -> Result<Vec<ValR<Val>>, Error<Val>> {
    let text = string.try_as_utf8_bytes_owned()?;
    let failed = |why: &dyn std::fmt::Display| Error::str(format_args!("cannot parse {string} as JSON: {why}"));
    if is_too_deep(&text) {
        return Err(failed(&format_args!("nested deeper than {DEEPEST}")));
    }
    let mut values = Vec::new();
    for value in read::parse_many(&without_lone_surrogates(&text)) {
        let is_last = value.is_err();
        values.push(value.map_err(|why| failed(&why)));
        // What stands behind an error may be read as anything, and deeper than was checked.
        if is_last {
            break;
        }
    }
    Ok(values)
}

/// The text may make jaq's parser recurse too deep before it finds an error.
///
/// Brackets are counted as jaq's parser finds them: not in strings, and not in its comments, from `#` to the end of a line.
fn is_too_deep(text: &[u8]) -> bool {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = text.get(at) {
        at += 1;
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'#' => at = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length),
            b'"' => at = behind_string(text, at),
            _ => {}
        }
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

/// The place behind a string that begins before `at`.
fn behind_string(text: &[u8], mut at: usize) -> usize {
    while let Some(length) = text.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += length + 1;
        if text[at - 1] == b'"' {
            return at;
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_surrogates_become_replacement_characters() {
        for (text, expected) in [
            (r#""\ud800""#, r#""\ufffd""#),
            (r#""\uDFFFx\udbff\n""#, r#""\ufffdx\ufffd\n""#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\ud800\ud83d\ude00\ude00""#, r#""\ufffd\ud83d\ude00\ufffd""#),
            (r#""\\ud800""#, r#""\\ud800""#),
            (r#""\\\ud800""#, r#""\\\ufffd""#),
            (r#"{"\ud800":"\ue000\uD7ff"}"#, r#"{"\ufffd":"\ue000\uD7ff"}"#),
            (r#""\ud8"#, r#""\ud8"#),
            ("\\", "\\"),
        ] {
            assert_eq!(without_lone_surrogates(text.as_bytes()), expected.as_bytes(), "{text}");
        }
    }

    #[test]
    fn strings_say_the_same_as_to_jaq() {
        for inside in [
            r"",
            r"a\nb\\u0041\u0041",
            r"\ud800x\udc00",
            r"\ud83d\ude00\ud83d",
            r#"\"\/\b\f\r\t\\"#,
            r"caf\u00e9",
            "é\\u0000",
            r"\ud800\ud83d\ude00",
        ] {
            let value = value(format!("\"{inside}\"").as_bytes()).expect("a string");
            assert_eq!(value, Val::utf8_str(unescaped(inside.as_bytes())), "{inside}");
        }
    }

    #[test]
    fn brackets_count_where_the_parser_finds_them() {
        let open = "[".repeat(DEEPEST + 1);
        for text in
            [open.clone(), format!("\"\\\"\"{open}"), format!("#\"\n{open}"), format!("\"#\" {open}"), open.replace('[', "[{")]
        {
            assert!(is_too_deep(text.as_bytes()), "{text}");
        }
        for text in [format!("\"{open}\""), format!("#{open}"), "[]".repeat(1000), open[1..].to_owned(), format!("\"\\\"{open}")]
        {
            assert!(!is_too_deep(text.as_bytes()), "{text}");
        }
    }
}
