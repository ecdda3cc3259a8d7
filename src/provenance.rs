//! A record's provenance object: its members in their order, found by field, edited, and written compactly. Its vocabulary is in
//! `field`, what can be wrong with it in `problem`.

mod field;
mod problem;

use std::borrow::Cow;
use std::collections::HashSet;
use std::rc::Rc;

pub use field::{Field, Kind, Sources};
pub use problem::{Problem, ProblemKind};

use crate::json::{self, Json};
use crate::place::Place;

/// A record's provenance: the members of its `provenance` object, in their order.
///
/// ```
/// use provfilter::{json::Json, provenance::Field, record::Record};
///
/// let record = Record::parse(br#"{"provenance":{"source":"curated","model":"","license":"mit"}}"#)?;
/// let provenance = record.provenance();
/// assert_eq!(provenance.get(Field::Source), Some(Json::text("curated")));
/// assert!(provenance.is_missing(Field::Model));
/// assert_eq!(provenance.get_named("license"), Some(Json::text("mit")));
/// # Ok::<(), provfilter::fault::Fault>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Provenance<'a> {
    content: Content<'a>,
    is_changed: bool,
}

#[derive(Debug, Clone, Default)]
enum Content<'a> {
    /// There is no provenance, or null.
    #[default]
    Absent,
    /// As it came, with nothing but known members: the line, and the places of the values in it.
    Known(&'a str, &'a KnownMembers),
    /// Any members.
    Members(Members<'a>),
    /// Shared with all records of a batch that came without provenance and got the same.
    Prepared(Rc<Prepared>),
}

/// Where the values of known members stand in a line, by the index of the field; [`Place::NONE`] for those that are absent.
pub(crate) type KnownMembers = [Place; Field::ALL.len()];

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

    /// Provenance of nothing but known members, one at least, each there once under its usual spelling.
    #[inline]
    pub(crate) fn known(line: &'a str, values: &'a KnownMembers) -> Self {
        Self { content: Content::Known(line, values), is_changed: false }
    }

    /// Reads the value of the member `provenance`, which is valid JSON already.
    pub(crate) fn parse(value: &'a str) -> Result<Self, ProvenanceError> {
        if value == "null" {
            return Ok(Self::absent());
        }
        let members = Members::parse(value)?;
        Ok(Self { content: Content::Members(members), is_changed: false })
    }

    /// The value of a field, `null` included, or `None` if the member is absent.
    #[must_use]
    #[inline]
    pub fn get(&self, field: Field) -> Option<Json<'_>> {
        self.spelling(field).map(Json::borrowed)
    }

    #[inline]
    fn spelling(&self, field: Field) -> Option<&str> {
        match &self.content {
            Content::Absent => None,
            Content::Known(line, values) => {
                let place = values[field.index()];
                (place != Place::NONE).then(|| &line[place.range()])
            }
            Content::Members(members) => members.get(field).map(Json::spelling),
            Content::Prepared(prepared) => prepared.members.get(field).map(Json::spelling),
        }
    }

    /// Whether the field is absent, null or an empty string.
    #[must_use]
    pub fn is_missing(&self, field: Field) -> bool {
        self.get(field).is_none_or(|value| value.is_missing())
    }

    /// Whether the field has a value that counts as true: not `false`, `null`, an empty string, or the like.
    #[must_use]
    pub fn is_set(&self, field: Field) -> bool {
        self.get(field).is_some_and(|value| value.is_truthy())
    }

    /// Whether there is no member: the provenance is absent, null or an empty object.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.content {
            Content::Absent => true,
            Content::Known(..) => false,
            Content::Members(members) => members.list.is_empty(),
            Content::Prepared(prepared) => prepared.members.list.is_empty(),
        }
    }

    pub(crate) fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// The prepared provenance that this one is, if it was taken over and not changed since.
    pub(crate) fn prepared(&self) -> Option<&Rc<Prepared>> {
        match &self.content {
            Content::Prepared(prepared) => Some(prepared),
            _ => None,
        }
    }

    pub(crate) fn set(&mut self, field: Field, value: Json<'a>) {
        if self.spelling(field) == Some(value.spelling()) {
            return;
        }
        self.is_changed = true;
        self.members_mut().set(field, value);
    }

    pub(crate) fn remove(&mut self, field: Field) {
        if self.spelling(field).is_some() {
            self.is_changed = true;
            self.members_mut().remove(field);
        }
    }

    /// The value of the member with this name, or `None` if it is absent.
    #[must_use]
    pub fn get_named(&self, name: &str) -> Option<Json<'_>> {
        if let Some(field) = Field::of_name(name) {
            return self.get(field);
        }
        let members = match &self.content {
            Content::Absent | Content::Known(..) => return None,
            Content::Members(members) => members,
            Content::Prepared(prepared) => &prepared.members,
        };
        members.position(name).map(|position| Json::borrowed(members.list[position].value.spelling()))
    }

    /// Whether the member with this name is absent, null or an empty string.
    #[must_use]
    pub fn is_missing_named(&self, name: &str) -> bool {
        self.get_named(name).is_none_or(|value| value.is_missing())
    }

    /// Gives the member of this name a value: in its place if it is there, else behind the others.
    pub(crate) fn set_named(&mut self, name: &str, value: Json<'a>) {
        if let Some(field) = Field::of_name(name) {
            return self.set(field, value);
        }
        if self.get_named(name).is_some_and(|own| own == value) {
            return;
        }
        self.is_changed = true;
        self.members_mut().set_named(name, value);
    }

    /// Puts all fields to the front, in the order of [`Field::ALL`], with these values. Members of other names follow in their order.
    pub(crate) fn set_all(&mut self, values: [Json<'a>; Field::ALL.len()]) {
        let in_order = matches!(&self.content, Content::Members(members) if members.starts_with_all_fields())
            || matches!(&self.content, Content::Known(_, places) if places.is_sorted_by_key(|place| place.start) && !places.contains(&Place::NONE));
        if in_order {
            for (field, value) in Field::ALL.into_iter().zip(values) {
                self.set(field, value);
            }
        } else {
            self.is_changed = true;
            self.members_mut().set_all(values);
        }
    }

    /// The members, made ready to be edited.
    fn members_mut(&mut self) -> &mut Members<'a> {
        match &self.content {
            Content::Absent => self.content = Content::Members(Members::with_room()),
            Content::Known(line, values) => self.content = Content::Members(Members::known(line, values)),
            Content::Prepared(prepared) => self.content = Content::Members(prepared.members.clone()),
            Content::Members(_) => {}
        }
        match &mut self.content {
            Content::Members(members) => members,
            _ => unreachable!("whatever it was has become members"),
        }
    }

    /// How many bytes the object takes, written compactly.
    pub(crate) fn written_len(&self) -> usize {
        match &self.content {
            Content::Absent => "{}".len(),
            Content::Known(line, values) => Members::known(line, values).written_len(),
            Content::Members(members) => members.written_len(),
            Content::Prepared(prepared) => prepared.object.len(),
        }
    }

    /// Appends the object, compactly.
    pub(crate) fn write_to(&self, out: &mut Vec<u8>) {
        match &self.content {
            Content::Absent => out.extend_from_slice(b"{}"),
            Content::Known(line, values) => Members::known(line, values).write_to(out),
            Content::Members(members) => members.write_to(out),
            Content::Prepared(prepared) => out.extend_from_slice(&prepared.object),
        }
    }
}

/// Why a JSON value is not provenance.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProvenanceError {
    #[error("provenance is not an object: expected {{\"source\":...}} or null")]
    NotObject,
    /// A member stands twice, however its name is spelled.
    #[error("duplicate member: `{name}` appears more than once in the provenance")]
    DuplicateMember { name: String },
}

/// Provenance that is made once and given to many records.
#[derive(Debug)]
pub(crate) struct Prepared {
    members: Members<'static>,
    /// The object as it is written.
    object: Vec<u8>,
}

impl Prepared {
    /// Makes provenance of members and their values, in this order.
    pub(crate) fn new<'n>(values: impl IntoIterator<Item = (&'n str, Json<'static>)>) -> Self {
        let mut members = Members::default();
        for (name, value) in values {
            match Field::of_name(name) {
                Some(field) => members.set(field, value),
                None => members.set_named(name, value),
            }
        }
        let mut object = Vec::new();
        members.write_to(&mut object);
        Self { members, object }
    }
}

/// The members of an object, in their order, with those that are known at hand.
#[derive(Debug, Clone, Default)]
struct Members<'a> {
    list: Vec<Member<'a>>,
    /// For each field, one more than the position of its member in the list; 0 where there is none.
    positions: [u32; Field::ALL.len()],
}

#[derive(Debug, Clone)]
struct Member<'a> {
    /// A JSON string, as it is spelled.
    name: Cow<'a, str>,
    value: Json<'a>,
}

impl<'a> Members<'a> {
    fn parse(object: &'a str) -> Result<Self, ProvenanceError> {
        if !object.starts_with('{') {
            return Err(ProvenanceError::NotObject);
        }
        let mut members = Members::with_room();
        for (name, value) in json::members(object) {
            let field = Json::borrowed(name).as_text().and_then(|name| Field::of_name(&name));
            members.push(Member { name: Cow::Borrowed(name), value: Json::borrowed(value) }, field);
        }
        members.check_names()?;
        Ok(members)
    }

    /// Known members by the places of their values, in the order in which they stand in the line.
    fn known(line: &'a str, values: &KnownMembers) -> Self {
        let mut fields: Vec<_> = Field::ALL.into_iter().filter(|field| values[field.index()] != Place::NONE).collect();
        fields.sort_unstable_by_key(|field| values[field.index()].start);
        let mut members = Members::with_room();
        for field in fields {
            members.set(field, Json::borrowed(&line[values[field.index()].range()]));
        }
        members
    }

    /// No members, and room for those that most provenance has.
    fn with_room() -> Self {
        Self { list: Vec::with_capacity(Field::ALL.len()), ..Self::default() }
    }

    fn get(&self, field: Field) -> Option<&Json<'a>> {
        let position = self.positions[field.index()].checked_sub(1)?;
        Some(&self.list[position as usize].value)
    }

    fn set(&mut self, field: Field, value: Json<'a>) {
        match self.positions[field.index()].checked_sub(1) {
            Some(position) => self.list[position as usize].value = value,
            None => self.push(Member { name: Cow::Borrowed(field.spelling()), value }, Some(field)),
        }
    }

    fn remove(&mut self, field: Field) {
        let own = std::mem::take(&mut self.positions[field.index()]);
        if let Some(position) = own.checked_sub(1) {
            self.list.remove(position as usize);
            self.positions.iter_mut().filter(|other| **other > own).for_each(|other| *other -= 1);
        }
    }

    /// The position of a member that is not a field.
    fn position(&self, name: &str) -> Option<usize> {
        self.list.iter().position(|member| Json::borrowed(&member.name).is_text(name))
    }

    fn set_named(&mut self, name: &str, value: Json<'a>) {
        match self.position(name) {
            Some(position) => self.list[position].value = value,
            None => self.push(Member { name: Cow::Owned(Json::text(name).spelling().to_owned()), value }, None),
        }
    }

    fn starts_with_all_fields(&self) -> bool {
        self.positions.iter().zip(1..).all(|(&own, position)| own == position)
    }

    fn set_all(&mut self, values: [Json<'a>; Field::ALL.len()]) {
        let others = std::mem::take(&mut self.list);
        let is_field = |position: usize| self.positions.iter().any(|&own| own as usize == position + 1);
        let others: Vec<_> = others.into_iter().enumerate().filter(|(position, _)| !is_field(*position)).collect();
        self.positions = [0; Field::ALL.len()];
        for (field, value) in Field::ALL.into_iter().zip(values) {
            self.set(field, value);
        }
        self.list.extend(others.into_iter().map(|(_, member)| member));
    }

    fn push(&mut self, member: Member<'a>, field: Option<Field>) {
        self.list.push(member);
        if let Some(field) = field {
            self.positions[field.index()] = u32::try_from(self.list.len()).expect("fewer than 2^32 members fit in a line");
        }
    }

    /// Refuses a name that stands twice.
    fn check_names(&self) -> Result<(), ProvenanceError> {
        let known = self.positions.iter().filter(|&&position| position > 0).count();
        if known == self.list.len() {
            return Ok(());
        }
        let mut names = HashSet::with_capacity(self.list.len());
        for member in &self.list {
            let name = Json::borrowed(&member.name);
            if !names.insert(name.to_wtf8()) {
                let name = name.as_text().unwrap_or_default().into_owned();
                return Err(ProvenanceError::DuplicateMember { name });
            }
        }
        Ok(())
    }

    /// The length of what `write_to` appends: each member has a colon and, but for the last, a comma.
    fn written_len(&self) -> usize {
        let members = self.list.iter().map(|member| member.name.len() + member.value.spelling().len() + 2).sum::<usize>();
        members + if self.list.is_empty() { 2 } else { 1 }
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
            assert!(matches!(Provenance::parse(twice), Err(ProvenanceError::DuplicateMember { .. })), "{twice}");
        }
    }

    #[test]
    fn the_length_is_that_of_what_is_written() {
        for object in ["null", "{}", r#"{ "model" : "m" }"#, r#"{"x":[1, 2],"source":"s", "y":{}}"#] {
            let mut provenance = Provenance::parse(object).expect("provenance");
            for field in [None, Some(Field::Model), Some(Field::Approved)] {
                if let Some(field) = field {
                    provenance.set(field, Json::TRUE);
                }
                let mut out = Vec::new();
                provenance.write_to(&mut out);
                assert_eq!(provenance.written_len(), out.len(), "{object}");
            }
        }
    }

    #[test]
    fn lone_surrogates_are_told_apart() {
        assert!(Provenance::parse(r#"{"\ud800":1,"\ud801":2,"\ufffd":3}"#).is_ok());
    }
}
