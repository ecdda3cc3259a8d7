//! A slow reading of records, by `serde_json` and by the letter of the contract, that the program is held against.
//!
//! Nothing here calls the program: what a line is, and what becomes of it in each stage, is said a second time.

use std::ops::Range;

use provfilter::fault::Code;
use provfilter::provenance::Field;
use provfilter::timestamp::Timestamp;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

/// How deep a record may nest for an exclude filter to run on it.
const DEEPEST_FOR_FILTERS: usize = 512;

/// A member of an object: its name, decoded to UTF-16 as JSON means it, and name and value as they are spelled.
#[derive(Debug, Clone)]
pub(crate) struct Member<'a> {
    meaning: Vec<u16>,
    name: &'a str,
    value: &'a str,
}

impl Member<'_> {
    fn is_called(&self, name: &str) -> bool {
        self.meaning.iter().copied().eq(name.encode_utf16())
    }
}

/// The usual place of the provenance.
pub(crate) const PROVENANCE: &str = "provenance";

/// What there is to know of a line that is a record.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) line: &'a str,
    pub(crate) depth: usize,
    /// Where the value of the member that is the provenance stands.
    pub(crate) provenance: Option<Range<usize>>,
    /// Where the innermost object ends that holds it or is to hold it, before its brace.
    pub(crate) close: usize,
    /// The names that are missing in that object, the last one that of the provenance.
    missing: Vec<&'static str>,
    /// There is nothing in that object.
    is_empty: bool,
    /// The members beside the path, in the record and in each of the parents.
    beside: Vec<Vec<(Vec<u16>, &'a str)>>,
}

/// Reads a line whose provenance stands in a member, or below members that a pointer names, or says which fault it has.
pub(crate) fn read_at<'a>(member: &'static str, line: &'a [u8]) -> Result<Reading<'a>, Code> {
    let line = std::str::from_utf8(line).map_err(|_| Code::NotUtf8)?;
    serde_json::from_str::<&RawValue>(line).map_err(|_| Code::NotJson)?;
    let end = |value: &str| value.as_ptr().addr() - line.as_ptr().addr() + value.len();
    let close = line.rfind('}').unwrap_or_default();
    let mut reading = Reading {
        line,
        depth: depth(line),
        provenance: None,
        close,
        missing: names(member),
        is_empty: false,
        beside: Vec::new(),
    };
    let (mut object, mut fault) = (line, Code::NotObject);
    loop {
        let members = members(object).ok_or(fault)?;
        reading.is_empty = members.is_empty();
        let name = reading.missing[0];
        let beside = members.iter().filter(|member| !member.is_called(name));
        reading.beside.push(beside.map(|member| (member.meaning.clone(), member.value)).collect());
        let mut own = members.iter().filter(|member| member.is_called(name));
        let found = own.next().map(|member| member.value);
        if own.next().is_some() {
            return Err(Code::DuplicateMember);
        }
        let Some(value) = found else {
            return Ok(reading);
        };
        reading.missing.remove(0);
        if reading.missing.is_empty() {
            if value != "null" {
                check_provenance(value)?;
            }
            reading.provenance = Some(end(value) - value.len()..end(value));
            return Ok(reading);
        }
        (object, fault) = (value, Code::MemberNotObject);
        reading.close = end(value) - 1;
    }
}

/// Reads a line with provenance in the usual place.
pub(crate) fn read(line: &[u8]) -> Result<Reading<'_>, Code> {
    read_at(PROVENANCE, line)
}

/// The names on the path to a member.
pub(crate) fn names(member: &'static str) -> Vec<&'static str> {
    member.strip_prefix('/').map_or_else(|| vec![member], |pointer| pointer.split('/').collect())
}

impl<'a> Reading<'a> {
    /// What stands around the provenance where it is added: names, colons and braces.
    pub(crate) fn around_added(&self) -> (String, String) {
        let names: Vec<_> = self.missing.iter().map(|name| format!("\"{name}\":")).collect();
        (names.join("{"), "}".repeat(names.len() - 1))
    }

    /// The line with provenance in its place.
    pub(crate) fn with(&self, provenance: &str) -> String {
        if let Some(place) = &self.provenance {
            return format!("{}{provenance}{}", &self.line[..place.start], &self.line[place.end..]);
        }
        let (before, after) = self.line.split_at(self.close);
        let comma = if self.is_empty { "" } else { "," };
        let (opening, closing) = self.around_added();
        format!("{before}{comma}{opening}{provenance}{closing}{after}")
    }

    /// The provenance as it is spelled; `{}` for none.
    pub(crate) fn provenance(&self) -> &'a str {
        let value = self.provenance.clone().map_or("null", |place| &self.line[place]);
        if value == "null" || members(value).is_some_and(|members| members.is_empty()) { "{}" } else { value }
    }

    /// The innermost parent was there, and there was nothing in it.
    pub(crate) fn has_empty_parent(&self) -> bool {
        self.beside.len() > 1 && self.is_empty
    }

    /// All members but the provenance and the parents that are there for it alone.
    pub(crate) fn beside(mut self) -> Vec<Vec<(Vec<u16>, &'a str)>> {
        while self.beside.pop_if(|members| members.is_empty()).is_some() {}
        self.beside
    }
}

fn check_provenance(value: &str) -> Result<(), Code> {
    let mut members = members(value).ok_or(Code::ProvenanceNotObject)?;
    let count = members.len();
    members.sort_by(|left, right| left.meaning.cmp(&right.meaning));
    members.dedup_by(|left, right| left.meaning == right.meaning);
    if members.len() < count { Err(Code::DuplicateMember) } else { Ok(()) }
}

/// The members of valid JSON text, if it is an object.
fn members(object: &str) -> Option<Vec<Member<'_>>> {
    serde_json::Deserializer::from_str(object).deserialize_any(Members).ok()
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<Member<'de>>;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((name, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            let (name, value) = (name.get(), value.get());
            let meaning = decode(name).ok_or_else(|| A::Error::custom("a name is a string"))?;
            members.push(Member { meaning, name, value });
        }
        Ok(members)
    }
}

/// What a valid JSON string says, in UTF-16, in which lone surrogates are what they are.
fn decode(string: &str) -> Option<Vec<u16>> {
    let mut rest = string.strip_prefix('"')?.strip_suffix('"')?.chars();
    let mut units = Vec::new();
    while let Some(character) = rest.next() {
        if character != '\\' {
            units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
            continue;
        }
        units.push(match rest.next()? {
            'b' => 0x08,
            'f' => 0x0c,
            'n' => 0x0a,
            'r' => 0x0d,
            't' => 0x09,
            'u' => {
                let digits: String = rest.by_ref().take(4).collect();
                u16::from_str_radix(&digits, 16).ok()?
            }
            itself => u16::try_from(u32::from(itself)).ok()?,
        });
    }
    Some(units)
}

/// How deep valid JSON text nests.
fn depth(json: &str) -> usize {
    let (outside, _) = split_strings(json);
    let mut depth = 0_usize;
    let depths = outside.bytes().map(|byte| {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        depth
    });
    depths.max().unwrap_or(0)
}

/// What of valid JSON text stands outside of its strings, and the strings.
fn split_strings(json: &str) -> (String, Vec<&str>) {
    let (mut outside, mut strings) = (String::with_capacity(json.len()), Vec::new());
    let mut rest = json;
    while let Some(start) = rest.find('"') {
        outside.push_str(&rest[..start]);
        let behind = behind_string(&rest[start + 1..]);
        strings.push(&rest[start..rest.len() - behind.len()]);
        rest = behind;
    }
    outside.push_str(rest);
    (outside, strings)
}

/// What stands behind a string whose opening quote was left out.
fn behind_string(string: &str) -> &str {
    let mut bytes = string.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return &string[at + 1..],
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    ""
}

/// A stage as the contract tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Annotate,
    Backfill,
    /// With a rule that turns down every record.
    Exclude,
    /// All fields.
    AllFields,
    /// Changes nothing. What it finds is not said here a second time.
    Validate,
}

/// What `Step::Annotate` and `Step::Backfill` fill in, as JSON.
pub(crate) const VALUES: [(Field, &str); 4] = [
    (Field::Source, "\"trajectory\""),
    (Field::Model, "\"hermes4:14b\""),
    (Field::SourceSessionId, "\"s-1\""),
    (Field::Timestamp, "\"2026-03-30T14:22:31Z\""),
];

/// The reason that `Step::Exclude` gives.
pub(crate) const REASON: &str = "turned-down";

/// The record that leaves when a line goes through the steps, or the fault that it is found to have.
pub(crate) fn apply(member: &'static str, steps: &[Step], line: &[u8]) -> Result<String, Code> {
    let depth = read_at(member, line)?.depth;
    let mut record = String::from_utf8_lossy(line).into_owned();
    for &step in steps {
        record = apply_one(member, step, &record, depth)?;
    }
    Ok(record)
}

/// The record leaves excluded.
pub(crate) fn is_excluded(member: &'static str, record: &str) -> bool {
    read_at(member, record.as_bytes()).is_ok_and(|reading| Edited::new(&reading).is_set(Field::Excluded))
}

fn apply_one(member: &'static str, step: Step, record: &str, depth: usize) -> Result<String, Code> {
    let reading = read_at(member, record.as_bytes())?;
    let mut provenance = Edited::new(&reading);
    match step {
        Step::Validate => {}
        Step::Annotate => provenance.fill(),
        Step::Backfill => {
            if provenance.is_missing(Field::Source) || provenance.is_missing(Field::Model) {
                provenance.fill();
            }
        }
        Step::Exclude => {
            if provenance.is_set(Field::Excluded) && provenance.is_set(Field::ExclusionReason) {
                return Ok(record.to_owned());
            }
            if depth > DEEPEST_FOR_FILTERS {
                return Err(Code::TooDeep);
            }
            provenance.set(Field::Excluded, "true");
            provenance.set(Field::ExclusionReason, &format!("\"{REASON}\""));
            provenance.set(Field::Approved, "false");
        }
        Step::AllFields => provenance.set_all(),
    }
    Ok(provenance.into_record(&reading))
}

/// A time in UTC with six sub-second digits, if the JSON string says one.
fn with_six_digits(json: &str) -> Option<String> {
    let time = Timestamp::parse_iso(&String::from_utf16_lossy(&decode(json)?))?;
    Some(format!("\"{}\"", time.with_digits(6)))
}

/// Provenance as names and values, each as it is spelled.
struct Edited {
    members: Vec<(Option<Field>, String, String)>,
    is_changed: bool,
}

impl Edited {
    fn new(reading: &Reading<'_>) -> Self {
        let value = reading.provenance.clone().map_or("null", |place| &reading.line[place]);
        let members = members(value).unwrap_or_default();
        let field = |member: &Member<'_>| Field::ALL.into_iter().find(|field| member.is_called(field.name()));
        let members = members.iter().map(|member| (field(member), member.name.to_owned(), member.value.to_owned())).collect();
        Self { members, is_changed: false }
    }

    /// All fields come first and in one order. Where that is so already, names keep their spelling.
    fn set_all(&mut self) {
        let values = Field::ALL.map(|field| match self.get(field) {
            _ if self.is_missing(field) => match field {
                Field::Timestamp => "null".to_owned(),
                Field::Approved | Field::Excluded => "false".to_owned(),
                _ => "\"\"".to_owned(),
            },
            Some(value) if field == Field::Timestamp => with_six_digits(value).unwrap_or_else(|| value.to_owned()),
            value => value.expect("it is not missing").to_owned(),
        });
        if !self.members.iter().map(|(field, ..)| *field).take(7).eq(Field::ALL.map(Some)) {
            self.is_changed = true;
            self.members.retain(|(field, ..)| field.is_none());
            let fields = Field::ALL.map(|field| (Some(field), format!("\"{}\"", field.name()), String::new()));
            self.members.splice(0..0, fields);
        }
        Field::ALL.into_iter().zip(&values).for_each(|(field, value)| self.set(field, value));
    }

    fn get(&self, field: Field) -> Option<&str> {
        self.members.iter().find(|(own, ..)| *own == Some(field)).map(|(.., value)| value.as_str())
    }

    fn is_missing(&self, field: Field) -> bool {
        matches!(self.get(field), None | Some("null" | "\"\""))
    }

    /// The field has a value that is not false, null, zero or empty.
    fn is_set(&self, field: Field) -> bool {
        let Some(value) = self.get(field) else {
            return false;
        };
        let compact: String = value.split_ascii_whitespace().collect();
        match compact.as_bytes() {
            b"false" | b"null" | b"\"\"" | b"[]" | b"{}" => false,
            [b'-' | b'0'..=b'9', ..] => {
                compact.split(['e', 'E']).next().is_some_and(|digits| digits.contains(|digit| ('1'..='9').contains(&digit)))
            }
            _ => true,
        }
    }

    fn set(&mut self, field: Field, value: &str) {
        if self.get(field) == Some(value) {
            return;
        }
        self.is_changed = true;
        match self.members.iter_mut().find(|(own, ..)| *own == Some(field)) {
            Some((.., own)) => value.clone_into(own),
            None => self.members.push((Some(field), format!("\"{}\"", field.name()), value.to_owned())),
        }
    }

    fn fill(&mut self) {
        for (field, value) in VALUES {
            if self.is_missing(field) {
                self.set(field, value);
            }
        }
        if self.is_missing(Field::Approved) {
            let is_excluded = self.is_set(Field::Excluded);
            self.set(Field::Approved, if is_excluded { "false" } else { "true" });
        }
    }

    fn into_record(self, reading: &Reading<'_>) -> String {
        if !self.is_changed {
            return reading.line.to_owned();
        }
        let members: Vec<_> = self.members.iter().map(|(_, name, value)| format!("{name}:{value}")).collect();
        reading.with(&format!("{{{}}}", members.join(",")))
    }
}
