//! Inputs that hold JSON, but not one record per line: recognized by their first line.

use serde::de::IgnoredAny;

/// JSON that spans lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// The input starts an array, perhaps of records.
    Array,
    /// The first line is `{` alone: records span several lines.
    Object,
}

impl Document {
    /// Looks at the first line of an input's first block.
    pub(super) fn of_start(block: &[u8]) -> Option<Self> {
        let line = block.split(|&byte| byte == b'\n').next()?.trim_ascii();
        match line {
            b"{" => Some(Self::Object),
            [b'[', ..] if is_unfinished(line) => Some(Self::Array),
            _ => None,
        }
    }
}

/// The line is the start of a JSON value that goes on behind it.
fn is_unfinished(line: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(line).is_err_and(|why| why.is_eof())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_told_from_their_first_line() {
        for (start, document) in [
            (&b"[\n{}\n]"[..], Some(Document::Array)),
            (b" [ \r\n", Some(Document::Array)),
            (b"[{\"a\":[1]},\n", Some(Document::Array)),
            (b"[{\"a\": \"]", Some(Document::Array)),
            (b"{\n  \"a\": 1\n}\n", Some(Document::Object)),
            (b"{\r\n", Some(Document::Object)),
            (b"[]\n[\n", None),
            (b"[1] \n", None),
            (b"[1,,\n", None),
            (b"{\"a\": 1\n", None),
            (b"\n[\n", None),
            (b"", None),
        ] {
            assert_eq!(Document::of_start(start), document, "{start:?}");
        }
    }
}
