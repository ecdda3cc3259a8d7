//! A record's provenance object: its members in their order, found by field, edited, and written compactly.

use std::collections::HashSet;
use std::rc::Rc;

use smallvec::SmallVec;

use super::json::Json;
use super::lookup;
use crate::escape::Escaped;
use crate::fault::{Code, Fault};
use crate::provenance::Field;

/// A record's provenance.
#[derive(Debug, Clone, Default)]
pub struct Provenance<'a> {
    content: Content<'a>,
    is_changed: bool,
}

#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a box for the members would be an allocation for each record")]
enum Content<'a> {
    Members(Members<'a>),
    /// Shared with all records of a batch that came without provenance and got the same.
    Prepared(Rc<Prepared>),
}

impl Default for Content<'_> {
    fn default() -> Self {
        Self::Members(Members::default())
    }
}

impl<'a> Provenance<'a> {
    /// No provenance, which is the same as one without members.
    #[must_use]
    pub fn absent() -> Self {
        Self::default()
    }

    /// Provenance that is prepared already.
    pub(crate) fn of(prepared: Rc<Prepared>) -> Self {
        Self { content: Content::Prepared(prepared), is_changed: true }
    }

    /// Reads the value of the member `provenance`, which is valid JSON already.
    pub(super) fn parse(value: &'a str) -> Result<Self, Fault> {
        if value == "null" {
            return Ok(Self::absent());
        }
        let members = Members::parse(value)?;
        Ok(Self { content: Content::Members(members), is_changed: false })
    }

    /// The value of a field, if the member is there.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&Json<'_>> {
        match &self.content {
            Content::Members(members) => members.get(field),
            Content::Prepared(prepared) => prepared.members.get(field),
        }
    }

    /// The field is absent, null or an empty string.
    #[must_use]
    pub fn is_missing(&self, field: Field) -> bool {
        self.get(field).is_none_or(Json::is_missing)
    }

    /// The field has a value that counts as true.
    #[must_use]
    pub fn is_set(&self, field: Field) -> bool {
        self.get(field).is_some_and(Json::is_truthy)
    }

    /// There is no member: the provenance is absent, null or an empty object.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.content {
            Content::Members(members) => members.list.is_empty(),
            Content::Prepared(prepared) => prepared.members.list.is_empty(),
        }
    }

    pub(super) fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// The prepared provenance that this one is, if it was taken over and not changed since.
    pub(crate) fn prepared(&self) -> Option<&Rc<Prepared>> {
        match &self.content {
            Content::Prepared(prepared) => Some(prepared),
            Content::Members(_) => None,
        }
    }

    pub(super) fn set(&mut self, field: Field, value: Json<'a>) {
        if self.get(field) == Some(&value) {
            return;
        }
        self.is_changed = true;
        if let Content::Prepared(prepared) = &self.content {
            self.content = Content::Members(prepared.members.to_shorter());
        }
        if let Content::Members(members) = &mut self.content {
            members.set(field, value);
        }
    }

    /// Appends the object, compactly.
    pub(crate) fn write_to(&self, out: &mut Vec<u8>) {
        match &self.content {
            Content::Prepared(prepared) => out.extend_from_slice(&prepared.object),
            Content::Members(members) => members.write_to(out),
        }
    }
}

/// Provenance that is made once and given to many records.
#[derive(Debug)]
pub struct Prepared {
    members: Members<'static>,
    /// The members as they are written.
    object: Vec<u8>,
}

impl Prepared {
    /// Makes provenance of fields and their values, in this order.
    #[must_use]
    pub fn new(fields: impl IntoIterator<Item = (Field, Json<'static>)>) -> Self {
        let mut members = Members::default();
        for (field, value) in fields {
            members.set(field, value);
        }
        let mut object = Vec::new();
        members.write_to(&mut object);
        Self { members, object }
    }
}

/// The members of an object, in their order, with those that are known at hand.
#[derive(Debug, Clone, Default)]
struct Members<'a> {
    list: SmallVec<[Member<'a>; 8]>,
    /// For each field, one more than the position of its member in the list; 0 where there is none.
    positions: [u32; Field::ALL.len()],
}

#[derive(Debug, Clone)]
struct Member<'a> {
    /// A JSON string, as it is spelled.
    name: &'a str,
    value: Json<'a>,
}

impl Members<'static> {
    /// The same members for a shorter life, which `SmallVec` does not give by itself.
    fn to_shorter<'a>(&self) -> Members<'a> {
        let list = self.list.iter().cloned().map(|member: Member<'a>| member).collect();
        Members { list, positions: self.positions }
    }
}

impl<'a> Members<'a> {
    fn parse(object: &'a str) -> Result<Self, Fault> {
        if !object.starts_with('{') {
            let message = "provenance is not an object: expected {\"source\":...}, or null for none";
            return Err(Fault::new(Code::ProvenanceNotObject, message));
        }
        let mut members = Members::default();
        for (name, value) in lookup::members(object) {
            let field = Json::borrowed(name).as_text().and_then(|name| Field::of_name(&name));
            members.push(Member { name, value: Json::borrowed(value) }, field);
        }
        members.check_names()?;
        Ok(members)
    }

    fn get(&self, field: Field) -> Option<&Json<'a>> {
        let position = self.positions[field.index()].checked_sub(1)?;
        Some(&self.list[position as usize].value)
    }

    fn set(&mut self, field: Field, value: Json<'a>) {
        match self.positions[field.index()].checked_sub(1) {
            Some(position) => self.list[position as usize].value = value,
            None => self.push(Member { name: field.spelling(), value }, Some(field)),
        }
    }

    fn push(&mut self, member: Member<'a>, field: Option<Field>) {
        self.list.push(member);
        if let Some(field) = field {
            self.positions[field.index()] = u32::try_from(self.list.len()).expect("fewer than 2^32 members fit in a line");
        }
    }

    /// Refuses a name that stands twice.
    fn check_names(&self) -> Result<(), Fault> {
        let known = self.positions.iter().filter(|&&position| position > 0).count();
        if known == self.list.len() {
            return Ok(());
        }
        let mut names = HashSet::with_capacity(self.list.len());
        for member in &self.list {
            let name = Json::borrowed(member.name);
            if !names.insert(name.to_wtf8()) {
                let twice = name.as_text().unwrap_or_default();
                let message = format!("the member `{}` stands more than once in the provenance", Escaped::new(&twice, 80));
                return Err(Fault::new(Code::DuplicateMember, message));
            }
        }
        Ok(())
    }

    fn write_to(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        for (position, member) in self.list.iter().enumerate() {
            if position > 0 {
                out.push(b',');
            }
            out.extend_from_slice(member.name.as_bytes());
            out.push(b':');
            out.extend_from_slice(member.value.spelling().as_bytes());
        }
        out.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_however_it_is_spelled() {
        for twice in [
            r#"{"note":1,"n\u006fte":2}"#,
            r#"{"model":1,"mode\u006c":2}"#,
            r#"{"\ud800":1,"\uD800":2}"#,
            "{\"\\ufffd\":1,\"\u{fffd}\":2}",
        ] {
            assert_eq!(Provenance::parse(twice).map_err(|fault| fault.code).err(), Some(Code::DuplicateMember), "{twice}");
        }
    }

    #[test]
    fn lone_surrogates_are_told_apart() {
        assert!(Provenance::parse(r#"{"\ud800":1,"\ud801":2,"\ufffd":3}"#).is_ok());
    }
}
