//! Walking through JSON text that is known to be valid: the members of an object, the elements of an array, and what a path leads to.
//!
//! Nothing is validated, and nothing recurses. Text that is not valid JSON gives nonsense, but never a panic or an endless loop.

use super::Json;
use crate::pointer::Token;

/// The members of an object: each name as it is spelled, quotes included, and its value.
pub(crate) fn members(object: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut cursor = Cursor::inside(object);
    std::iter::from_fn(move || {
        let name = cursor.value()?;
        cursor.skip(b':');
        let value = cursor.value()?;
        cursor.skip(b',');
        Some((name, value))
    })
}

/// The elements of an array.
fn elements(array: &str) -> impl Iterator<Item = &str> {
    let mut cursor = Cursor::inside(array);
    std::iter::from_fn(move || {
        let value = cursor.value()?;
        cursor.skip(b',');
        Some(value)
    })
}

/// Follows a path from a value. Of members with the same name the last one counts, as in jq and Python.
pub(crate) fn follow<'t>(value: &'t str, path: &[Token]) -> Option<&'t str> {
    path.iter().try_fold(value, |value, token| match (value.as_bytes().first()?, token.position) {
        (b'{', _) => member(value, &token.name),
        (b'[', Some(position)) => elements(value).nth(position),
        _ => None,
    })
}

fn member<'t>(object: &'t str, name: &str) -> Option<&'t str> {
    members(object).filter(|(own_name, _)| Json::borrowed(own_name).is_text(name)).last().map(|(_, value)| value)
}

/// A place in the text.
struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    /// Behind the bracket that opens an object or array.
    fn inside(text: &'t str) -> Self {
        Self { text, at: 1 }
    }

    /// The value at hand, or the name of a member, behind any blanks. `None` before a closing bracket.
    fn value(&mut self) -> Option<&'t str> {
        self.skip_blanks();
        let start = self.at;
        match self.peek()? {
            b'"' => self.skip_string(),
            b'{' | b'[' => self.skip_nested(),
            b'}' | b']' => return None,
            _ => self.skip_scalar(),
        }
        self.text.get(start..self.at).filter(|value| !value.is_empty())
    }

    /// Moves behind a separator, if it is the next thing but blanks.
    fn skip(&mut self, separator: u8) {
        self.skip_blanks();
        self.at += usize::from(self.peek() == Some(separator));
    }

    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
    }

    /// From the opening quote to behind the closing one.
    fn skip_string(&mut self) {
        self.at += 1;
        while let Some(found) = self.rest().and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
            self.at += found + 1;
            if self.text.as_bytes()[self.at - 1] == b'"' {
                return;
            }
            self.at += 1;
        }
        self.at = self.text.len();
    }

    /// From an opening bracket to behind the one that closes it.
    fn skip_nested(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.skip_string();
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    fn skip_scalar(&mut self) {
        while let Some(byte) = self.peek() {
            if matches!(byte, b',' | b':' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n') {
                return;
            }
            self.at += 1;
        }
    }

    fn rest(&self) -> Option<&'t [u8]> {
        self.text.as_bytes().get(self.at..)
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_between_any_blanks() {
        let object = "{ \"a\\\"b\" :\t[1, {\"c\":\"]\"}] ,\n\"d\":-1.50e3,\"e\" : \"\\\\\" }";
        let expected = [("\"a\\\"b\"", "[1, {\"c\":\"]\"}]"), ("\"d\"", "-1.50e3"), ("\"e\"", "\"\\\\\"")];
        assert_eq!(members(object).collect::<Vec<_>>(), expected);
        assert_eq!(members("{ }").count(), 0);
    }

    #[test]
    fn elements_keep_their_spelling() {
        assert_eq!(elements("[ 1.0 ,[2,[3]],\"x,y\" , null]").collect::<Vec<_>>(), ["1.0", "[2,[3]]", "\"x,y\"", "null"]);
        assert_eq!(elements("[]").count(), 0);
    }

    #[test]
    fn nesting_takes_no_stack() {
        let deep = format!("[{}{},7]", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert_eq!(elements(&deep).last(), Some("7"));
    }

    #[test]
    fn text_that_is_not_json_neither_panics_nor_loops() {
        for text in ["", "{", "[", "{\"", "{\"a", "{\"a\\", "[1,,2", "{:}", "[:", "{\"a\":", "[}", "]"] {
            let _ = (members(text).take(9).count(), elements(text).take(9).count());
        }
    }
}
