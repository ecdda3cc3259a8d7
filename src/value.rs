//! Values to fill provenance with: text with `{placeholders}`, checked once and resolved for each record.

use std::fmt;

use crate::digest;
use crate::json::Json;
use crate::pointer::{Pointer, PointerError};
use crate::record::{Record, Wanted};
use crate::timestamp::{Notation, Timestamp};

/// What the lines of a batch share.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'b> {
    /// The time at which the batch is worked on, in whole seconds.
    pub now: Timestamp,
    /// The name of the file that the lines are from; `-` for standard input.
    pub file: &'b str,
}

/// Text with placeholders, such as `hermes4:14b`, `{/metadata/model}` or `run-{now}`.
///
/// | placeholder | stands for |
/// | --- | --- |
/// | `{/json/pointer}` | the value there in the record: a string that is not empty, a number as it is spelled, or a boolean |
/// | `{now}` | the time at which a batch of lines is worked on |
/// | `{line}` | the number of the line in its file, counted from 1 |
/// | `{file}` | the name of the file; `-` for standard input |
/// | `{sha256}` | the SHA-256 of the line's bytes without its line feed, in hexadecimal digits (FIPS 180-4) |
/// | `{{`, `}}` | literal braces |
///
/// ```
/// use provfilter::value::{Value, ValueError};
///
/// assert_eq!(Value::parse("hermes4:14b")?.as_literal(), Some("hermes4:14b"));
/// assert!(Value::parse("{/metadata/model}")?.looks_into_records());
/// assert_eq!(Value::parse("run-{now"), Err(ValueError::UnmatchedBrace { brace: '{', column: 5 }));
/// # Ok::<(), ValueError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Pointer(Pointer),
    Now,
    Line,
    File,
    Sha256,
}

/// Why a text is not a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// The text is empty.
    #[error("the value is empty")]
    Empty,
    /// An unknown placeholder.
    #[error(
        "unknown placeholder `{{{name}}}` at column {column}: expected {{/json/pointer}}, {{now}}, {{line}}, {{file}} or {{sha256}}; \
         write {{{{ and }}}} for literal braces"
    )]
    UnknownPlaceholder {
        /// What stands between the braces.
        name: String,
        /// Where its brace is, in characters counted from 1.
        column: usize,
    },
    /// A placeholder that starts with a slash but is not a JSON Pointer (RFC 6901).
    #[error("`{name}` at column {column} is not a JSON Pointer: {why}")]
    Pointer {
        /// What stands between the braces.
        name: String,
        /// Where it goes wrong, in characters counted from 1.
        column: usize,
        /// What is wrong.
        why: PointerError,
    },
    /// A brace without a matching one.
    #[error("unmatched `{brace}` at column {column}: write {brace}{brace} for a literal brace")]
    UnmatchedBrace {
        /// The brace.
        brace: char,
        /// Where it is, in characters counted from 1.
        column: usize,
    },
}

impl Value {
    /// The value `{now}`.
    #[must_use]
    pub fn now() -> Self {
        Self { text: "{now}".to_owned(), parts: vec![Part::Now] }
    }

    /// The text as it is, including braces.
    #[must_use]
    pub fn literal(text: impl Into<String>) -> Self {
        let literal = text.into();
        Self { text: literal.replace('{', "{{").replace('}', "}}"), parts: vec![Part::Literal(literal)] }
    }

    /// Reads a value, as `--model` and the other flags take it.
    ///
    /// # Errors
    ///
    /// The text is empty, or has an unknown placeholder, an invalid JSON Pointer or an unmatched brace.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let place = &rest[at..];
            let column = text[..text.len() - place.len()].chars().count() + 1;
            let (part, length) = brace(place, column)?;
            match part {
                Part::Literal(brace) => literal.push_str(&brace),
                part => {
                    push_literal(&mut parts, &mut literal);
                    parts.push(part);
                }
            }
            rest = &place[length..];
        }
        literal.push_str(rest);
        push_literal(&mut parts, &mut literal);
        if parts.is_empty() { Err(ValueError::Empty) } else { Ok(Self { text: text.to_owned(), parts }) }
    }

    /// The text, if the value has no placeholders.
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The value is nothing but `{now}`.
    pub(crate) fn is_now(&self) -> bool {
        self.parts == [Part::Now]
    }

    pub(crate) fn needs_line_numbers(&self) -> bool {
        self.parts.contains(&Part::Line)
    }

    pub(crate) fn add_wanted(&self, wanted: &mut Wanted) {
        for part in &self.parts {
            if let Part::Pointer(pointer) = part
                && let Some(first) = pointer.tokens().first()
            {
                wanted.add(&first.name);
            }
        }
    }

    /// The value with `{now}` and `{file}` resolved, which are the same for all records of a batch.
    #[must_use]
    pub fn in_batch(&self, batch: &Batch<'_>) -> Self {
        let mut parts = Vec::new();
        let mut literal = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => literal.push_str(text),
                Part::Now => literal.push_str(&batch.now.to_string()),
                Part::File => literal.push_str(batch.file),
                Part::Pointer(_) | Part::Line | Part::Sha256 => {
                    push_literal(&mut parts, &mut literal);
                    parts.push(part.clone());
                }
            }
        }
        push_literal(&mut parts, &mut literal);
        Self { text: self.text.clone(), parts }
    }

    /// Whether the value looks into the record, and so may not resolve for each.
    #[must_use]
    pub fn looks_into_records(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Pointer(_)))
    }

    /// The value for a record, as a JSON string, if all of its placeholders resolve; and whether it is a number of the record as it is
    /// spelled. The value must have been made ready for the batch.
    pub(crate) fn resolve<'a>(&self, record: &Record<'a>) -> Option<(Json<'a>, Notation)> {
        if let [Part::Pointer(pointer)] = self.parts.as_slice() {
            return as_string(record.look_up(pointer)?);
        }
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Pointer(pointer) => text.push_str(&as_string(record.look_up(pointer)?)?.0.as_text()?),
                Part::Line => text.push_str(&record.number()?.to_string()),
                Part::Sha256 => text.push_str(&digest::sha256(record.line())),
                Part::Now | Part::File => return None,
            }
        }
        Some((Json::text(&text), Notation::Text))
    }
}

impl fmt::Display for Value {
    /// As it was written.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// A JSON string of what a pointer led to, and what it was; `None` for what is missing, and for objects and arrays.
fn as_string(value: Json<'_>) -> Option<(Json<'_>, Notation)> {
    match value.spelling().as_bytes() {
        b"\"\"" | b"null" | [b'{' | b'[', ..] => None,
        // The usual spelling can be taken over as it stands.
        [b'"', inside @ .., _] if !inside.contains(&b'\\') => Some((value, Notation::Text)),
        [b'"', ..] => Some((Json::text(&value.as_text()?), Notation::Text)),
        b"true" | b"false" => Some((Json::text(value.spelling()), Notation::Text)),
        _ => Some((Json::text(value.spelling()), Notation::Number)),
    }
}

fn push_literal(parts: &mut Vec<Part>, literal: &mut String) {
    if !literal.is_empty() {
        parts.push(Part::Literal(std::mem::take(literal)));
    }
}

/// Reads what starts with the brace at the start of `place`, and how many bytes that takes.
fn brace(place: &str, column: usize) -> Result<(Part, usize), ValueError> {
    if place.starts_with("{{") || place.starts_with("}}") {
        return Ok((Part::Literal(place[..1].to_owned()), 2));
    }
    if place.starts_with('}') {
        return Err(ValueError::UnmatchedBrace { brace: '}', column });
    }
    let end = place.find('}').ok_or(ValueError::UnmatchedBrace { brace: '{', column })?;
    let part = match &place[1..end] {
        "now" => Part::Now,
        "line" => Part::Line,
        "file" => Part::File,
        "sha256" => Part::Sha256,
        name if name.starts_with('/') => Part::Pointer(pointer(name, column + 1)?),
        name => return Err(ValueError::UnknownPlaceholder { name: name.to_owned(), column }),
    };
    Ok((part, end + 1))
}

fn pointer(name: &str, column: usize) -> Result<Pointer, ValueError> {
    Pointer::parse(name).map_err(|why| {
        let before = if let PointerError::Escape { at } = why { name[..at].chars().count() } else { 0 };
        ValueError::Pointer { name: name.to_owned(), column: column + before, why }
    })
}

/// Values for one field, tried in order: the first that fully resolves wins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alternatives(pub Vec<Value>);

impl From<Value> for Alternatives {
    fn from(value: Value) -> Self {
        Self(vec![value])
    }
}

impl Alternatives {
    /// Whether there is no value to try.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timestamp::Timestamp;

    const LINE: &[u8] = br#"{"s":"caf\u00e9 \"x\"","plain":"p","e":"","n":1.50,"t":true,"z":null,"o":{"a":[7]}}"#;

    /// What a value resolves to for the second line of `a.jsonl` at the start of 1970.
    fn resolve(text: &str) -> Option<String> {
        let now = Timestamp::from_unix_seconds(0).expect("the epoch is a time");
        let mut record = Record::parse(LINE).expect("a record");
        record.set_number(2);
        let value = Value::parse(text).expect(text).in_batch(&Batch { now, file: "a.jsonl" });
        value.resolve(&record).map(|(value, _)| value.as_text().expect("values are strings").into_owned())
    }

    #[test]
    fn text_without_braces_is_itself() {
        assert_eq!(resolve("hermes4:14b").as_deref(), Some("hermes4:14b"));
        assert_eq!(Value::parse("hermes4:14b").expect("a value").as_literal(), Some("hermes4:14b"));
    }

    #[test]
    fn placeholders_stand_for_what_they_name() {
        for (text, expected) in [
            ("at {now}!", "at 1970-01-01T00:00:00Z!"),
            ("{file}:{line}", "a.jsonl:2"),
            ("{/plain}", "p"),
            ("{/s}", "café \"x\""),
            ("<{/s}>", "<café \"x\">"),
            ("{/n}", "1.50"),
            ("{/t}-{/o/a/0}", "true-7"),
            ("{{now}}{{", "{now}{"),
        ] {
            assert_eq!(resolve(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn the_digest_is_of_the_line_without_its_line_feed() {
        // printf %s "$LINE" | sha256sum
        let digest = "3aada34a91228c24d3fcbced20cd1ed2d5c00e9b76f8310ea53157b8fd44de09";
        assert_eq!(resolve("{sha256}").as_deref(), Some(digest));
        assert_eq!(resolve("x{sha256}").as_deref(), Some(&*format!("x{digest}")));
    }

    #[test]
    fn what_is_empty_null_missing_or_no_plain_value_does_not_resolve() {
        for text in ["{/e}", "{/z}", "{/o}", "{/o/a}", "{/none}", "{/s/0}", "a{/e}b", "{/plain}{/z}"] {
            assert_eq!(resolve(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let unknown = ValueError::UnknownPlaceholder { name: "later".into(), column: 3 };
        assert_eq!(Value::parse("é {later}"), Err(unknown));
        assert_eq!(Value::parse("{}"), Err(ValueError::UnknownPlaceholder { name: String::new(), column: 1 }));
        assert_eq!(Value::parse("a}"), Err(ValueError::UnmatchedBrace { brace: '}', column: 2 }));
        assert_eq!(Value::parse("a{now"), Err(ValueError::UnmatchedBrace { brace: '{', column: 2 }));
        assert_eq!(Value::parse(""), Err(ValueError::Empty));
        let why = PointerError::Escape { at: 2 };
        assert_eq!(
            Value::parse("x{/é~n}"),
            Err(ValueError::Pointer { name: "/é~n".into(), column: 5, why: PointerError::Escape { at: 3 } })
        );
        assert_eq!(Value::parse("{/a~}"), Err(ValueError::Pointer { name: "/a~".into(), column: 4, why }));
    }

    #[test]
    fn a_value_is_shown_as_it_was_written() {
        for text in ["{/a}-{now}", "{{x}}"] {
            assert_eq!(Value::parse(text).expect(text).to_string(), text);
        }
        assert_eq!(Value::literal("{x}").to_string(), "{{x}}");
    }
}
