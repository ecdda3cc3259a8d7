//! One line as a record: parsed once, edited only in its provenance, and written back with every other byte as it came.

mod explain;
mod json;
mod members;
mod outline;
mod plain;
mod scan;

use std::rc::Rc;

pub use json::Json;
pub use members::{Prepared, Provenance};

use crate::fault::Fault;
use crate::provenance::Field;
use outline::Outline;

/// A line that is a JSON object, and its provenance, which may be edited.
///
/// ```
/// use provfilter::{Field, Json, Record};
///
/// let mut record = Record::parse(br#"{"score": 1.10}"#)?;
/// record.set(Field::Model, Json::text("hermes4:14b"));
/// assert_eq!(record.to_bytes(), br#"{"score": 1.10,"provenance":{"model":"hermes4:14b"}}"#);
/// # Ok::<(), provfilter::Fault>(())
/// ```
#[derive(Debug)]
pub struct Record<'a> {
    line: &'a str,
    outline: Outline,
    provenance: Provenance<'a>,
}

impl<'a> Record<'a> {
    /// Reads a line, without its line feed, as a record.
    ///
    /// # Errors
    ///
    /// The line is not UTF-8, not JSON or not an object; or its provenance is no object, or ambiguous because it, or a
    /// member in it, stands more than once, however the names are spelled.
    pub fn parse(line: &'a [u8]) -> Result<Self, Fault> {
        match simdutf8::compat::from_utf8(line) {
            Ok(text) => Self::parse_text(text),
            Err(why) => Err(explain::not_utf8(line, why.valid_up_to())),
        }
    }

    /// Reads a line that is known to be UTF-8 as a record.
    ///
    /// # Errors
    ///
    /// As for [`Record::parse`].
    pub fn parse_text(line: &'a str) -> Result<Self, Fault> {
        Self::outlined(line, Outline::of(line)?)
    }

    /// Reads the first of several lines as a record, which also finds where the line ends.
    ///
    /// Nothing where that fails: cut the line off, and [`Record::parse_text`] says why, or takes it all the same.
    pub(crate) fn parse_first(lines: &'a str) -> Option<Self> {
        let (outline, length) = Outline::of_first(lines)?;
        Self::outlined(&lines[..length], outline).ok()
    }

    fn outlined(line: &'a str, outline: Outline) -> Result<Self, Fault> {
        let provenance = match &outline.provenance {
            Some(value) => Provenance::parse(&line[value.clone()])?,
            None => Provenance::absent(),
        };
        Ok(Self { line, outline, provenance })
    }

    /// The bytes of the line that the record was read from.
    pub(crate) fn line(&self) -> &'a [u8] {
        self.line.as_bytes()
    }

    /// The record's provenance as it stands now.
    #[must_use]
    pub fn provenance(&self) -> &Provenance<'a> {
        &self.provenance
    }

    /// Gives a field of the provenance a value: in its place if the member is there, else behind the others.
    pub fn set(&mut self, field: Field, value: Json<'a>) {
        self.provenance.set(field, value);
    }

    /// Gives a record that has no provenance one that is made already.
    pub fn adopt(&mut self, prepared: &Rc<Prepared>) {
        debug_assert!(self.provenance.is_empty(), "only a record without provenance takes over another");
        self.provenance = Provenance::of(Rc::clone(prepared));
    }

    /// The record will be written with other bytes than it came with.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.provenance.is_changed()
    }

    /// How deep the record nests as it came; 1 for an object of plain values.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.outline.depth
    }

    /// Appends the record's bytes, without a line feed: those it came with, but for provenance that was changed.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        let line = self.line.as_bytes();
        if !self.is_changed() {
            out.extend_from_slice(line);
            return;
        }
        if let Some(value) = &self.outline.provenance {
            out.extend_from_slice(&line[..value.start]);
            self.provenance.write_to(out);
            out.extend_from_slice(&line[value.end..]);
            return;
        }
        let (before, after) = line.split_at(self.outline.close);
        out.extend_from_slice(before);
        out.extend_from_slice(if self.outline.is_empty { b"\"provenance\":" } else { b",\"provenance\":" });
        self.provenance.write_to(out);
        out.extend_from_slice(after);
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
    fn the_first_of_several_lines_ends_at_its_line_feed() {
        let record = Record::parse_first("{\"a\":1} \r\n{\"b\":2}\n").expect("a record");
        assert_eq!(record.line(), b"{\"a\":1} \r");
        assert!(Record::parse_first("{\"a\":\n1}").is_none());
        assert!(Record::parse_first("{\"a\":\"\n\"}").is_none());
        assert!(Record::parse_first("{\"a\":[1,\n2]}").is_none());
    }
}
