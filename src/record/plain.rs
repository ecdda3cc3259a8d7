//! The plain way to a record's outline, by `serde_json`: the authority on what is JSON, and on what is wrong with what is not.
//!
//! Slower than `scan`, with the same answers, which tests hold the two to. It is asked where the fast way gives up.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::json::Json;
use super::outline::Outline;
use crate::fault::{Code, Fault};

/// Outlines the record on a line.
///
/// # Errors
///
/// The line is not JSON, not an object, or has more than one member `provenance`.
pub(super) fn outline(line: &str) -> Result<Outline, Fault> {
    serde_json::from_str::<&RawValue>(line).map_err(|why| not_json(line, &why))?;
    let start = line.trim_start_matches(BLANKS);
    if !start.starts_with('{') {
        return Err(not_object(start));
    }
    let mut deserializer = serde_json::Deserializer::from_str(line);
    let members = deserializer.deserialize_map(TopLevel { line }).map_err(|why| not_json(line, &why))?;
    if members.provenances > 1 {
        return Err(Fault::new(Code::DuplicateMember, "the member `provenance` stands more than once in the record"));
    }
    Ok(Outline {
        provenance: members.provenance,
        close: line.trim_end_matches(BLANKS).len() - 1,
        is_empty: members.count == 0,
        depth: depth(line.as_bytes()),
    })
}

/// The white space of RFC 8259.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

struct TopLevel<'a> {
    line: &'a str,
}

#[derive(Default)]
struct Members {
    count: usize,
    provenances: usize,
    provenance: Option<Range<usize>>,
}

impl<'de> Visitor<'de> for TopLevel<'de> {
    type Value = Members;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Members::default();
        while let Some((name, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            members.count += 1;
            if Json::borrowed(name.get()).is_text("provenance") {
                members.provenances += 1;
                let start = value.get().as_ptr().addr() - self.line.as_ptr().addr();
                members.provenance = Some(start..start + value.get().len());
            }
        }
        Ok(members)
    }
}

/// How deep a valid JSON text nests.
fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for &byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth -= 1,
            _ => {}
        }
    }
    deepest
}

fn not_object(start: &str) -> Fault {
    let kind = match start.as_bytes().first() {
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    };
    Fault::new(Code::NotObject, format!("not an object: expected a record like {{\"messages\":[...]}}, found {kind}"))
}

fn not_json(line: &str, why: &serde_json::Error) -> Fault {
    let column = why.column();
    if let Some(utf16) = looks_like_utf16(line.as_bytes()) {
        return Fault::new(Code::NotJson, format!("not JSON: {utf16}"));
    }
    if let Some((name, column)) = not_a_number(line, column) {
        return Fault::new(Code::NotJson, format!("not JSON: {name} at column {column} is no JSON number; write null"));
    }
    let text = why.to_string();
    let reason = text.split(" at line ").next().unwrap_or(&text);
    // `serde_json` gives the column before a control character.
    let column = if reason.starts_with("control character") { column + 1 } else { column };
    Fault::new(Code::NotJson, format!("not JSON: {reason} at column {column}"))
}

/// What Python and JavaScript write for numbers that JSON has not, where one stands at the column, counted from 1, and where it starts.
fn not_a_number(line: &str, column: usize) -> Option<(&'static str, usize)> {
    let rest = line.as_bytes().get(column.checked_sub(1)?..)?;
    let before = &line.as_bytes()[..column - 1];
    // The column is where the parser gave up: on the first letter, or on the one behind a sign.
    let starts_before =
        |name: &str| name.strip_prefix('-').is_some_and(|bare| before.ends_with(b"-") && rest.starts_with(bare.as_bytes()));
    ["NaN", "-Infinity", "Infinity"].into_iter().find_map(|name| match name {
        _ if rest.starts_with(name.as_bytes()) => Some((name, column)),
        _ if starts_before(name) => Some((name, column - 1)),
        _ => None,
    })
}

/// Says so where bytes have the zeros that ASCII text has in UTF-16, or its byte order mark.
pub(super) fn looks_like_utf16(line: &[u8]) -> Option<&'static str> {
    const HINT: &str = "looks like UTF-16; convert it to UTF-8 first, with `iconv -f UTF-16 -t UTF-8` say";
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
    use super::*;

    fn message(line: &str) -> String {
        outline(line).expect_err(line).message
    }

    #[test]
    fn numbers_that_json_has_not_are_told_with_the_place_where_they_start() {
        for (line, place) in [
            ("[NaN]", "NaN at column 2"),
            ("[Infinity]", "Infinity at column 2"),
            ("[-Infinity]", "-Infinity at column 2"),
            ("[1, -Infinity]", "-Infinity at column 5"),
        ] {
            assert_eq!(message(line), format!("not JSON: {place} is no JSON number; write null"));
        }
    }

    #[test]
    fn control_characters_are_told_with_their_own_place() {
        for (line, column) in [("\"\t\"", 2), ("{\"a\":\"x\u{1}\"}", 8), ("{\"a\u{0}\":1}", 4)] {
            assert!(message(line).ends_with(&format!(" at column {column}")), "{}", message(line));
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
