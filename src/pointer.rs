//! JSON Pointers (RFC 6901): parsed once, then followed through any number of records.

use std::fmt;

/// A path to a value in a record (RFC 6901), such as `/metadata/model` or `/messages/0/content`.
///
/// ```
/// use provfilter::pointer::Pointer;
/// use provfilter::record::Record;
///
/// let record = Record::parse(br#"{"a/b": [10, 1.50]}"#)?;
/// let pointer = Pointer::parse("/a~1b/1").expect("a pointer");
/// assert_eq!(record.look_up(&pointer).expect("a value").spelling(), "1.50");
/// # Ok::<(), provfilter::fault::Fault>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    text: String,
    tokens: Vec<Token>,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// In an object, the member's name.
    pub(crate) name: String,
    /// In an array, the position, if the name says one.
    pub(crate) position: Option<usize>,
}

/// Why a text is not a JSON Pointer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PointerError {
    /// It does not start with a slash.
    #[error("a JSON Pointer starts with `/`")]
    NoSlash,
    /// A `~` that is neither `~0`, which stands for `~`, nor `~1`, which stands for `/`.
    #[error("write `~` as ~0, and `/` in a name as ~1")]
    Escape {
        /// Where the `~` is, in bytes of the pointer.
        at: usize,
    },
}

impl Pointer {
    /// Reads a pointer.
    ///
    /// # Errors
    ///
    /// The text is not empty and does not start with `/`, or it has a `~` that is not followed by `0` or `1`.
    pub fn parse(text: &str) -> Result<Self, PointerError> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err(PointerError::NoSlash);
        }
        let is_wrong = |&(at, _): &(usize, &str)| !matches!(text.as_bytes().get(at + 1), Some(b'0' | b'1'));
        if let Some((at, _)) = text.match_indices('~').find(is_wrong) {
            return Err(PointerError::Escape { at });
        }
        Ok(Self { text: text.to_owned(), tokens: text.split('/').skip(1).map(Token::new).collect() })
    }

    pub(crate) fn tokens(&self) -> &[Token] {
        &self.tokens
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Token {
    fn new(text: &str) -> Self {
        // In this order, so that `~01` becomes `~1`.
        let name = text.replace("~1", "/").replace("~0", "~");
        let is_position = name == "0" || !name.starts_with('0') && name.bytes().all(|byte| byte.is_ascii_digit());
        let position = name.parse().ok().filter(|_| is_position);
        Self { name, position }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<(String, Option<usize>)> {
        let pointer = Pointer::parse(text).expect(text);
        pointer.tokens.into_iter().map(|token| (token.name, token.position)).collect()
    }

    #[test]
    fn names_and_positions_are_told_apart() {
        let name = |text: &str| (text.to_owned(), None);
        let position = |text: &str, position| (text.to_owned(), Some(position));
        assert_eq!(tokens(""), []);
        assert_eq!(tokens("/"), [name("")]);
        assert_eq!(tokens("/a/b c"), [name("a"), name("b c")]);
        assert_eq!(
            tokens("/0/10/01/-/+1/1.0"),
            [position("0", 0), position("10", 10), name("01"), name("-"), name("+1"), name("1.0")]
        );
        assert_eq!(tokens("/99999999999999999999999"), [name("99999999999999999999999")]);
    }

    #[test]
    fn slashes_and_tildes_in_names_are_escaped() {
        assert_eq!(tokens("/a~1b/m~0n/~01"), [("a/b".into(), None), ("m~n".into(), None), ("~1".into(), None)]);
    }

    #[test]
    fn what_is_no_pointer_is_refused() {
        assert_eq!(Pointer::parse("a/b"), Err(PointerError::NoSlash));
        assert_eq!(Pointer::parse("/a~2"), Err(PointerError::Escape { at: 2 }));
        assert_eq!(Pointer::parse("/a~1~"), Err(PointerError::Escape { at: 4 }));
    }
}
