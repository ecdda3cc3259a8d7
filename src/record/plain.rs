//! The plain way to a record's outline, with `serde_json`: the authority on what is JSON.
//!
//! Slower than `walk`, with the same answers, as tests make sure. Used where the fast way gives up.

use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::explain;
use super::lookup::Wanted;
use super::outline::Outline;
use crate::escape::Escaped;
use crate::fault::{Code, Fault};
use crate::json::Json;
use crate::place::Place;

/// Outlines the record on a line.
///
/// # Errors
///
/// The line is not JSON, not an object, has the top-level member of its provenance more than once, or is longer than places reach.
pub(super) fn outline(line: &str, wanted: &Wanted, outline: &mut Outline) -> Result<(), Fault> {
    if u32::try_from(line.len()).is_err() {
        return Err(Fault::new(Code::LineTooLong, "line too long: 4 GiB or more"));
    }
    serde_json::from_str::<&RawValue>(line).map_err(|why| explain::not_json(line, &why))?;
    let start = line.trim_start_matches(BLANKS);
    if !start.starts_with('{') {
        return Err(explain::not_object(start));
    }
    outline.clear(wanted);
    let mut deserializer = serde_json::Deserializer::from_str(line);
    let members =
        deserializer.deserialize_map(TopLevel { line, wanted, outline }).map_err(|why| explain::not_json(line, &why))?;
    if members.provenances > 1 {
        let name = Escaped::new(wanted.provenance().root(), 80);
        return Err(Fault::new(
            Code::DuplicateMember,
            format!("duplicate member: `{name}` appears more than once in the record"),
        ));
    }
    let close = line.trim_end_matches(BLANKS).len() - 1;
    outline.close = Place::new(close..close + 1).start;
    outline.is_empty = members.count == 0;
    outline.depth = depth(line.as_bytes());
    Ok(())
}

/// The white space of RFC 8259.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

struct TopLevel<'a> {
    line: &'a str,
    wanted: &'a Wanted,
    outline: &'a mut Outline,
}

#[derive(Default)]
struct Members {
    count: usize,
    provenances: usize,
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
            let name = Json::borrowed(name.get());
            let name = name.as_text().unwrap_or_default();
            let start = value.get().as_ptr().addr() - self.line.as_ptr().addr();
            let place = Place::new(start..start + value.get().len());
            if let Some(position) = self.wanted.position(name.as_bytes()) {
                self.outline.note(position, place);
            }
            if name == self.wanted.provenance().root() {
                members.provenances += 1;
                self.outline.provenance = Some(place);
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
