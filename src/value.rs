//! Values that provenance is filled with: text with `{placeholders}`, checked once and resolved for each batch of lines.

use crate::stage::Batch;

/// Text with placeholders, such as `hermes4:14b` or `{now}`.
///
/// `{now}` stands for the time at which a batch of lines is worked on; `{{` and `}}` are braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Now,
}

/// Why a text is no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// There is no text.
    #[error("a value must not be empty")]
    Empty,
    /// A placeholder that there is not.
    #[error("unknown placeholder `{{{name}}}` at column {column}: there is {{now}}; write {{{{ and }}}} for braces")]
    UnknownPlaceholder {
        /// What stands between the braces.
        name: String,
        /// Where its brace is, in characters counted from 1.
        column: usize,
    },
    /// A brace without its counterpart.
    #[error("unmatched `{brace}` at column {column}: write {brace}{brace} for a brace")]
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
        Self { parts: vec![Part::Now] }
    }

    /// A value that is this text, braces and all.
    #[must_use]
    pub fn literal(text: impl Into<String>) -> Self {
        Self { parts: vec![Part::Literal(text.into())] }
    }

    /// Reads a value.
    ///
    /// # Errors
    ///
    /// The text is empty, has a placeholder that there is not, or a brace that stands alone.
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
                Part::Now => {
                    push_literal(&mut parts, &mut literal);
                    parts.push(part);
                }
            }
            rest = &place[length..];
        }
        literal.push_str(rest);
        push_literal(&mut parts, &mut literal);
        if parts.is_empty() { Err(ValueError::Empty) } else { Ok(Self { parts }) }
    }

    /// The text, if it is the same for every record.
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The text for a batch of lines.
    #[must_use]
    pub fn resolve(&self, batch: &Batch) -> String {
        let texts = self.parts.iter().map(|part| match part {
            Part::Literal(text) => text.clone(),
            Part::Now => batch.now.to_string(),
        });
        texts.collect()
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
    match place.find('}').map(|end| (&place[1..end], end + 1)) {
        Some(("now", length)) => Ok((Part::Now, length)),
        Some((name, _)) => Err(ValueError::UnknownPlaceholder { name: name.to_owned(), column }),
        None => Err(ValueError::UnmatchedBrace { brace: '{', column }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timestamp::Timestamp;

    fn resolve(text: &str) -> String {
        let now = Timestamp::from_unix_seconds(0).expect("the epoch is a time");
        Value::parse(text).expect("a value").resolve(&Batch { now })
    }

    #[test]
    fn text_without_braces_is_itself() {
        assert_eq!(resolve("hermes4:14b"), "hermes4:14b");
        assert_eq!(Value::parse("hermes4:14b").expect("a value").as_literal(), Some("hermes4:14b"));
    }

    #[test]
    fn now_is_the_time_of_the_batch() {
        assert_eq!(resolve("at {now}!"), "at 1970-01-01T00:00:00Z!");
    }

    #[test]
    fn doubled_braces_are_braces() {
        assert_eq!(resolve("a{{b}}c"), "a{b}c");
        assert_eq!(resolve("{{now}}"), "{now}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let unknown = ValueError::UnknownPlaceholder { name: "later".into(), column: 3 };
        assert_eq!(Value::parse("é {later}"), Err(unknown));
        assert_eq!(Value::parse("a}"), Err(ValueError::UnmatchedBrace { brace: '}', column: 2 }));
        assert_eq!(Value::parse("a{now"), Err(ValueError::UnmatchedBrace { brace: '{', column: 2 }));
        assert_eq!(Value::parse(""), Err(ValueError::Empty));
    }
}
