//! Says in words what is wrong with a line that is not a record: what was expected, what was found, and where.

use crate::escape::Escaped;
use crate::fault::{Code, Fault};

/// A line that is JSON but no object; `start` is its value.
pub(super) fn not_object(start: &str) -> Fault {
    let kind = match start.as_bytes().first() {
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    };
    Fault::new(Code::NotObject, format!("not an object: expected a record such as {{\"messages\":[...]}}, found {kind}"))
}

/// A line whose bytes stop being UTF-8 after `valid` of them.
pub(super) fn not_utf8(line: &[u8], valid: usize) -> Fault {
    if let Some(utf16) = looks_like_utf16(line) {
        return Fault::new(Code::NotUtf8, format!("not UTF-8: {utf16}"));
    }
    let column = String::from_utf8_lossy(&line[..valid]).chars().count() + 1;
    Fault::new(Code::NotUtf8, format!("not UTF-8: invalid byte 0x{:02x} at column {column}", line[valid]))
}

/// A line that is not JSON, as `serde_json` says.
pub(super) fn not_json(line: &str, why: &serde_json::Error) -> Fault {
    let message = match looks_like_utf16(line.as_bytes()) {
        Some(utf16) => utf16.to_owned(),
        None => reason(line, why),
    };
    Fault::new(Code::NotJson, format!("not JSON: {message}"))
}

fn reason(line: &str, why: &serde_json::Error) -> String {
    let at = offset(line, why);
    if let Some((name, at)) = not_a_number(line, at) {
        return format!("{name} at {} is not a JSON number; use null", place(line, at));
    }
    let text = why.to_string();
    let kind = text.split(" at line ").next().unwrap_or(&text);
    let found = || found(line, at);
    let (at, reason) = match kind {
        "EOF while parsing a value" => (line.len(), "expected a value, found the end of the line".to_owned()),
        "EOF while parsing a string" => (line.len(), "the line ends inside a string".to_owned()),
        "EOF while parsing a list" => (line.len(), "the line ends inside an array".to_owned()),
        "EOF while parsing an object" => (line.len(), "the line ends inside an object".to_owned()),
        "expected value" => (at, format!("expected a value, found {}", found())),
        "expected ident" => (at, "expected true, false or null".to_owned()),
        "key must be a string" => (at, format!("expected a name in double quotes, found {}", found())),
        "trailing characters" => (at, format!("expected the end of the line, found {}", found())),
        // Here the column is that of the character before.
        kind if kind.starts_with("control character") => (at + 1, "unescaped control character in a string".to_owned()),
        kind if kind.starts_with("expected `") => (at, format!("{kind}, found {}", found())),
        kind => (at, kind.to_owned()),
    };
    format!("{reason} at {}{}", place(line, at), remedy(kind, &line[line.floor_char_boundary(at)..]))
}

/// What to do about it, where that is not plain from what was expected.
fn remedy(kind: &str, rest: &str) -> &'static str {
    match kind {
        kind if kind.starts_with("control character") => "; write it as an escape such as \\n",
        _ if rest.starts_with(BYTE_ORDER_MARK) => "; it is allowed only at the start of a file",
        _ => "",
    }
}

const BYTE_ORDER_MARK: char = '\u{feff}';

/// How many bytes stand before the place of an error. `serde_json` counts lines and columns from 1, and columns in bytes.
fn offset(text: &str, why: &serde_json::Error) -> usize {
    let before = text.split_inclusive('\n').take(why.line().saturating_sub(1)).map(str::len).sum::<usize>();
    before + why.column().saturating_sub(1)
}

/// The place after so many bytes, in characters counted from 1. A record that the library was given may stand on several lines.
fn place(text: &str, at: usize) -> String {
    let before = &text[..text.floor_char_boundary(at)];
    let column = before.chars().rev().take_while(|&character| character != '\n').count() + 1;
    match before.matches('\n').count() {
        0 => format!("column {column}"),
        lines => format!("line {}, column {column}", lines + 1),
    }
}

/// The character that stands after so many bytes.
fn found(line: &str, at: usize) -> String {
    match line.get(at..).and_then(|rest| rest.chars().next()) {
        Some(BYTE_ORDER_MARK) => "a byte order mark".to_owned(),
        Some(character) => format!("`{}`", Escaped::new(character.encode_utf8(&mut [0; 4]), 1)),
        None => "the end of the line".to_owned(),
    }
}

/// What Python and JavaScript write for numbers that JSON has not, where one stands after so many bytes, and where it starts.
fn not_a_number(line: &str, at: usize) -> Option<(&'static str, usize)> {
    let (before, rest) = line.as_bytes().split_at_checked(at)?;
    // The parser gave up on the first letter, or on the one behind a sign.
    let starts_before =
        |name: &str| name.strip_prefix('-').is_some_and(|bare| before.ends_with(b"-") && rest.starts_with(bare.as_bytes()));
    ["NaN", "-Infinity", "Infinity"].into_iter().find_map(|name| match name {
        _ if rest.starts_with(name.as_bytes()) => Some((name, at)),
        _ if starts_before(name) => Some((name, at - 1)),
        _ => None,
    })
}

/// Says so where bytes have the zeros that ASCII text has in UTF-16, or its byte order mark.
fn looks_like_utf16(line: &[u8]) -> Option<&'static str> {
    const HINT: &str = "looks like UTF-16; convert it to UTF-8 first, for example with `iconv -f UTF-16 -t UTF-8`";
    let marked = line.starts_with(&[0xff, 0xfe]) || line.starts_with(&[0xfe, 0xff]);
    let zeros = |offset: usize| {
        let every_other = || line.iter().skip(offset).step_by(2).take(4);
        every_other().count() >= 2 && every_other().all(|&byte| byte == 0)
    };
    // Cut at line feeds, little-endian text has lines that start with the other half of the line feed.
    (marked || zeros(0) || zeros(1) || line == [0]).then_some(HINT)
}

#[cfg(test)]
mod tests {
    use super::super::Record;
    use super::*;

    #[test]
    fn says_what_was_expected_what_was_found_and_where() {
        for (line, expected) in [
            ("{\"a\":", "expected a value, found the end of the line at column 6"),
            ("{\"a\":\"b", "the line ends inside a string at column 8"),
            ("{\"a\":[1", "the line ends inside an array at column 8"),
            ("{\"a\":1", "the line ends inside an object at column 7"),
            ("{'a':1}", "expected a name in double quotes, found `'` at column 2"),
            ("{\"a\":1,}", "expected a name in double quotes, found `}` at column 8"),
            ("{\"a\":'b'}", "expected a value, found `'` at column 6"),
            ("{\"ä\":é}", "expected a value, found `é` at column 6"),
            ("\u{feff}{}", "expected a value, found a byte order mark at column 1; it is allowed only at the start of a file"),
            ("{\"a\":nul}", "expected true, false or null at column 9"),
            ("{\"a\" 1}", "expected `:`, found `1` at column 6"),
            ("{\"a\":1 \"b\":2}", "expected `,` or `}`, found `\"` at column 8"),
            ("[1 2]", "expected `,` or `]`, found `2` at column 4"),
            ("{} {}", "expected the end of the line, found `{` at column 4"),
            ("{\"a\":01}", "invalid number at column 7"),
            ("{\"a\":\"\\x\"}", "invalid escape at column 8"),
            ("{\"a\":\"b\tc\"}", "unescaped control character in a string at column 8; write it as an escape such as \\n"),
            ("[NaN]", "NaN at column 2 is not a JSON number; use null"),
            ("[Infinity]", "Infinity at column 2 is not a JSON number; use null"),
            ("[1, -Infinity]", "-Infinity at column 5 is not a JSON number; use null"),
            ("{\n\"é\": x}", "expected a value, found `x` at line 2, column 6"),
            ("{\"a\":1,\n\n  NaN}", "NaN at line 3, column 3 is not a JSON number; use null"),
            ("{\n\"a\":", "expected a value, found the end of the line at line 2, column 5"),
        ] {
            let fault = Record::parse(line.as_bytes()).expect_err(line);
            assert_eq!(fault.message, format!("not JSON: {expected}"), "{line}");
        }
    }

    #[test]
    fn each_line_of_utf16_is_told_as_such() {
        let text: Vec<u8> = "{}\n{}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for line in text.split(|&byte| byte == b'\n') {
            assert!(looks_like_utf16(line).is_some(), "{line:?}");
        }
        assert!(["", "{}", "0", "{\"a\":1}"].iter().all(|line| looks_like_utf16(line.as_bytes()).is_none()));
    }
}
