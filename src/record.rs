//! One line as a record: parsed once, edited only in its provenance, and written back with every other byte unchanged.

mod explain;
#[cfg(test)]
mod look_up_laws;
mod lookup;
mod outline;
mod plain;
mod reader;
mod strip;
#[expect(clippy::inline_always, reason = "calls within the walk cost a tenth of all instructions on short records")]
mod walk;

use std::rc::Rc;

pub use crate::index::Vectors;
pub(crate) use lookup::Wanted;
pub(crate) use reader::{Lines, Reader};

use crate::fault::Fault;
use crate::index::Ends;
use crate::json::{self, Json};
use crate::pointer::Pointer;
use crate::provenance::{Field, Prepared, Provenance};
use outline::Outlined;

/// A line that is a JSON object, and its provenance, which may be edited.
///
/// ```
/// use provfilter::json::Json;
/// use provfilter::provenance::Field;
/// use provfilter::record::Record;
///
/// let mut record = Record::parse(br#"{"score": 1.10}"#)?;
/// record.set(Field::Model, Json::text("hermes4:14b"));
/// assert_eq!(record.to_bytes(), br#"{"score": 1.10,"provenance":{"model":"hermes4:14b"}}"#);
/// # Ok::<(), provfilter::fault::Fault>(())
/// ```
#[derive(Debug)]
pub struct Record<'a> {
    line: &'a str,
    /// The number of the line in its file, counted from 1, where it is known.
    number: Option<u64>,
    outline: Outlined<'a>,
    /// The members that `outline` has noted.
    wanted: &'a Wanted,
    provenance: Provenance<'a>,
}

impl<'a> Record<'a> {
    /// Reads a line as a record, without its line feed. The text may also span several lines, which no stream has.
    ///
    /// # Errors
    ///
    /// The line is not UTF-8, not JSON or not an object; or its provenance is no object, or ambiguous because it, or a
    /// member in it, appears more than once, however the names are spelled.
    pub fn parse(line: &'a [u8]) -> Result<Self, Fault> {
        Self::parse_for(line, Wanted::none())
    }

    /// Reads a line as a record, and notes on the way where the members stand that will be looked up.
    ///
    /// # Errors
    ///
    /// As for [`Record::parse`].
    pub(crate) fn parse_for(line: &'a [u8], wanted: &'a Wanted) -> Result<Self, Fault> {
        let mut reader = Reader::new(Vectors::Widest);
        let line = reader.outline(line, wanted)?;
        let mut outline = Box::new(reader.into_outline());
        outline.descend(line, wanted.provenance())?;
        let provenance = outline.provenance_of(line)?;
        Ok(Self { line, number: None, outline: Outlined::Own(outline), wanted, provenance })
    }

    /// The number of the record's line in its input, counted from 1, if it is known.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        self.number
    }

    /// Sets the number of the record's line in its input, counted from 1.
    pub fn set_number(&mut self, number: u64) {
        self.number = Some(number);
    }

    /// The value at a JSON Pointer (RFC 6901) in the record as it came, or `None`. Of members with the same name the last one counts.
    #[must_use]
    pub fn look_up(&self, pointer: &Pointer) -> Option<Json<'a>> {
        let whole = self.line.trim_matches([' ', '\t', '\r', '\n']);
        let value = match pointer.tokens() {
            [] => Some(whole),
            [first, rest @ ..] => match self.wanted.position(first.name.as_bytes()) {
                Some(wanted) => {
                    let place = self.outline.noted(wanted)?;
                    json::follow(&self.line[place.range()], rest)
                }
                None => json::follow(whole, pointer.tokens()),
            },
        };
        value.map(Json::borrowed)
    }

    /// The bytes of the line that the record was read from, without its line feed.
    #[must_use]
    pub fn line(&self) -> &'a [u8] {
        self.line.as_bytes()
    }

    /// Where the strings of the line end, where that is known.
    pub(crate) fn ends(&self) -> Option<Ends<'a>> {
        self.outline.ends()
    }

    /// The record's provenance, with all changes so far.
    #[must_use]
    pub fn provenance(&self) -> &Provenance<'a> {
        &self.provenance
    }

    /// Sets a field of the provenance: in its place if the member is there, otherwise after the others.
    pub fn set(&mut self, field: Field, value: Json<'a>) {
        self.provenance.set(field, value);
    }

    /// Removes a field from the provenance.
    pub fn remove(&mut self, field: Field) {
        self.provenance.remove(field);
    }

    /// Sets a member of the provenance by its name, whether it is a field or not.
    pub fn set_named(&mut self, name: &str, value: Json<'a>) {
        self.provenance.set_named(name, value);
    }

    /// Puts all fields of the provenance to the front, in the order of [`Field::ALL`], with these values.
    pub(crate) fn set_all(&mut self, values: [Json<'a>; Field::ALL.len()]) {
        self.provenance.set_all(values);
    }

    /// Gives a record that has no provenance one that is made already.
    pub(crate) fn adopt(&mut self, prepared: &Rc<Prepared>) {
        debug_assert!(self.provenance.is_empty(), "only a record without provenance takes over another");
        self.provenance = Provenance::of(Rc::clone(prepared));
    }

    /// Whether the record will be written with other bytes than it came with.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.provenance.is_changed()
    }

    /// The nesting depth of the record as it came; 1 for an object of plain values.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.outline.depth
    }

    /// Appends the record without a line feed: the bytes it came with, except for provenance that was changed.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        let (before, after) = self.kept();
        out.extend_from_slice(before);
        self.write_between(out);
        out.extend_from_slice(after);
    }

    /// What is written of the line as it came, before and behind what [`Record::write_between`] appends.
    #[inline]
    pub(crate) fn kept(&self) -> (&'a [u8], &'a [u8]) {
        let line = self.line.as_bytes();
        match self.outline.provenance {
            _ if !self.is_changed() => (line, &[]),
            Some(value) => (&line[..value.start as usize], &line[value.end as usize..]),
            None => line.split_at(self.outline.close as usize),
        }
    }

    /// Appends the provenance, if it was changed, with the names of its member and of parents that are missing.
    #[inline]
    pub(crate) fn write_between(&self, out: &mut Vec<u8>) {
        if !self.is_changed() {
            return;
        }
        let parents = match &self.outline.provenance {
            Some(_) => return self.provenance.write_to(out),
            None => self.outline.parents,
        };
        if !self.outline.is_empty {
            out.push(b',');
        }
        let path = self.wanted.provenance();
        out.extend_from_slice(path.opening(parents).as_bytes());
        self.provenance.write_to(out);
        out.extend(path.closing(parents));
    }

    /// What is written of the line where the provenance is left out: the bytes before and behind what is taken out.
    pub(crate) fn stripped(&self) -> (&'a [u8], &'a [u8]) {
        let line = self.line.as_bytes();
        match strip::cut(self.line, &self.outline, self.is_changed()) {
            Some(cut) => (&line[..cut.start], &line[cut.end..]),
            None => (line, &[]),
        }
    }

    /// Appends the provenance as it stands in the record that is written, `{}` for none.
    pub(crate) fn write_provenance_to(&self, out: &mut Vec<u8>) {
        match self.outline.provenance {
            Some(place) if !self.is_changed() && !self.provenance.is_empty() => {
                out.extend_from_slice(self.line[place.range()].as_bytes());
            }
            _ => self.provenance.write_to(out),
        }
    }

    /// Where the value of the provenance stands in the line, if the record came with one.
    pub(crate) fn provenance_place(&self) -> Option<std::ops::Range<usize>> {
        self.outline.provenance.map(crate::place::Place::range)
    }

    /// The top-level member of this name is written otherwise than it came, because it is or holds provenance that was changed.
    pub(crate) fn changes_member(&self, name: &str) -> bool {
        self.is_changed() && self.wanted.provenance().root() == name
    }

    /// The provenance stands below a top-level member, and is not one itself.
    pub(crate) fn nests_provenance(&self) -> bool {
        !self.wanted.provenance().within().is_empty()
    }

    /// How many bytes [`Record::write_to`] appends.
    pub(crate) fn written_len(&self) -> usize {
        if !self.is_changed() {
            return self.line.len();
        }
        let (before, after) = self.kept();
        let around = if self.outline.provenance.is_some() {
            0
        } else {
            let (path, parents) = (self.wanted.provenance(), self.outline.parents);
            usize::from(!self.outline.is_empty) + path.opening(parents).len() + path.closing(parents).count()
        };
        before.len() + around + self.provenance.written_len() + after.len()
    }

    /// The bytes that [`Record::write_to`] appends.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.line.len() + 256);
        self.write_to(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Code;

    /// The line with a model in its provenance.
    fn with_model(line: &str) -> String {
        let mut record = Record::parse(line.as_bytes()).expect("a record");
        record.set(Field::Model, Json::text("m"));
        String::from_utf8(record.to_bytes()).expect("records are text")
    }

    #[test]
    fn provenance_goes_directly_before_the_closing_brace() {
        for (line, expected) in [
            (r"{}", r#"{"provenance":{"model":"m"}}"#),
            ("{ \t}\r", "{ \t\"provenance\":{\"model\":\"m\"}}\r"),
            (r#" {"a":1} "#, r#" {"a":1,"provenance":{"model":"m"}} "#),
            (r#"{"a":1 }"#, r#"{"a":1 ,"provenance":{"model":"m"}}"#),
            (r#"{"a":[{"provenance":1},"}"]}"#, r#"{"a":[{"provenance":1},"}"],"provenance":{"model":"m"}}"#),
        ] {
            assert_eq!(with_model(line), expected);
        }
    }

    #[test]
    fn provenance_is_edited_in_its_place() {
        for (line, expected) in [
            (r#"{"provenance": null ,"a":1}"#, r#"{"provenance": {"model":"m"} ,"a":1}"#),
            (r#"{"provenance": { },"a":1}"#, r#"{"provenance": {"model":"m"},"a":1}"#),
            (r#"{"provenance": {"x" : [1, 2]}}"#, r#"{"provenance": {"x":[1, 2],"model":"m"}}"#),
            (r#"{"provenance":{"model":"","x":1.10}}"#, r#"{"provenance":{"model":"m","x":1.10}}"#),
            (r#"{"proven\u0061nce":{"x":1}}"#, r#"{"proven\u0061nce":{"x":1,"model":"m"}}"#),
            (r#"{"provenance":{"mod\u0065l":null}}"#, r#"{"provenance":{"mod\u0065l":"m"}}"#),
        ] {
            assert_eq!(with_model(line), expected);
        }
    }

    #[test]
    fn provenance_that_does_not_change_keeps_its_spelling() {
        for line in [r#"{"provenance" : { "model" : "m" } }"#, r#"{"a":1.0e+5,"provenance":{"x":"\/","model":"m"},"a":2}"#] {
            assert_eq!(with_model(line), line);
        }
    }

    #[test]
    fn a_record_may_be_given_on_several_lines() {
        let lines = "{\n\"provenance\":\n{ \"note\"\n:\n[1,\n2]\n,\n\"x\":{}\n}\n}\n";
        let edited = "{\n\"provenance\":\n{\"note\":[1,\n2],\"x\":{},\"model\":\"m\"}\n}\n";
        assert_eq!(with_model(lines), edited);
        let pointer = Pointer::parse("/provenance/note/1").expect("a pointer");
        let record = Record::parse(lines.as_bytes()).expect("a record");
        assert_eq!(record.look_up(&pointer).as_ref().map(Json::spelling), Some("2"));
    }

    #[test]
    fn a_record_is_small() {
        assert!(size_of::<Record<'_>>() <= 128, "{}", size_of::<Record<'_>>());
        assert!(size_of::<Provenance<'_>>() <= 72, "{}", size_of::<Provenance<'_>>());
    }

    #[test]
    fn what_is_no_record_has_a_fault() {
        for (line, code) in [
            (&b"{\"a\":\xff}"[..], Code::NotUtf8),
            (b"\xed\xa0\x80", Code::NotUtf8),
            (b"", Code::NotJson),
            (b"{\"a\":1", Code::NotJson),
            (b"{\"a\":1}{}", Code::NotJson),
            (b"{\"a\":1}\n{}", Code::NotJson),
            (b"[]", Code::NotObject),
            (b" 1 ", Code::NotObject),
            (b"{\"provenance\":[]}", Code::ProvenanceNotObject),
            (b"{\"provenance\":{},\"proven\\u0061nce\":{}}", Code::DuplicateMember),
            (b"{\"provenance\":{\"model\":1,\"mod\\u0065l\":2}}", Code::DuplicateMember),
            (b"{\"provenance\":{\"x\":1,\"\\u0078\":2}}", Code::DuplicateMember),
        ] {
            let fault = Record::parse(line).map(|_| ()).expect_err("no record");
            assert_eq!(fault.code, code, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn values_are_looked_up_as_they_are_spelled() {
        let line = r#" {"a": {"b/c": [1, 2.50 ,{"":"x"}], "b/c ": 1}, "n\u0061me": "caf\u00e9", "d": 1, "d": {"e": 2}} "#;
        for (pointer, expected) in [
            ("/a/b~1c/0", Some("1")),
            ("/a/b~1c/1", Some("2.50")),
            ("/a/b~1c/2/", Some("\"x\"")),
            ("/a/b~1c/3", None),
            ("/a/b~1c/-", None),
            ("/a/b~1c/01", None),
            ("/a/0", None),
            ("/name", Some(r#""caf\u00e9""#)),
            ("/d", Some("{\"e\": 2}")),
            ("/d/e", Some("2")),
            ("/d/e/f", None),
            ("/none", None),
            ("", Some(line.trim())),
        ] {
            let parsed = Pointer::parse(pointer).expect(pointer);
            let mut wanted = Wanted::default();
            parsed.tokens().iter().take(1).for_each(|token| wanted.add(&token.name));
            for wanted in [Wanted::none(), &wanted] {
                let record = Record::parse_for(line.as_bytes(), wanted).expect("a record");
                assert_eq!(record.look_up(&parsed).as_ref().map(Json::spelling), expected, "{pointer}");
            }
        }
    }
}
