//! A JSON value as it is spelled, and what it says. How to find values inside others is in `walk`.

mod walk;

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Error, Visitor};

pub(crate) use walk::{follow, members};

/// A JSON value (RFC 8259) as it is spelled, such as `"caf\u00e9"` or `1.10`. It is always valid JSON.
///
/// Values are equal if they are spelled alike. To compare what a string says, use [`Json::as_text`].
///
/// ```
/// use provfilter::json::Json;
///
/// let value = Json::text("say \"hi\"");
/// assert_eq!(value.spelling(), r#""say \"hi\"""#);
/// assert_eq!(value.as_text().as_deref(), Some("say \"hi\""));
/// assert_eq!(Json::TRUE.as_text(), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json<'a>(Cow<'a, str>);

impl<'a> Json<'a> {
    /// The literal `true`.
    pub const TRUE: Json<'static> = Json(Cow::Borrowed("true"));
    /// The literal `false`.
    pub const FALSE: Json<'static> = Json(Cow::Borrowed("false"));
    /// The literal `null`.
    pub const NULL: Json<'static> = Json(Cow::Borrowed("null"));
    /// The empty string.
    pub const EMPTY: Json<'static> = Json(Cow::Borrowed("\"\""));

    /// A string value that says `text`.
    #[must_use]
    pub fn text(text: &str) -> Json<'static> {
        Json(Cow::Owned(serde_json::Value::from(text).to_string()))
    }

    /// The value as it stands in text that has been parsed already.
    pub(crate) fn borrowed(spelling: &'a str) -> Self {
        Self(Cow::Borrowed(spelling))
    }

    /// The same value, of its own.
    pub(crate) fn to_owned(&self) -> Json<'static> {
        Json(Cow::Owned(self.0.clone().into_owned()))
    }

    /// How the value is spelled.
    #[must_use]
    pub fn spelling(&self) -> &str {
        &self.0
    }

    /// How the value is spelled, for as long as the text that it stands in.
    pub(crate) fn into_spelling(self) -> Cow<'a, str> {
        self.0
    }

    /// The value is null or an empty string, which a provenance member counts as missing with.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(&*self.0, "null" | "\"\"")
    }

    /// The value is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.0 == "null"
    }

    /// The value is `true` or `false`.
    #[must_use]
    pub fn is_boolean(&self) -> bool {
        matches!(&*self.0, "true" | "false")
    }

    /// The value is a string.
    #[must_use]
    pub fn is_string(&self) -> bool {
        self.0.starts_with('"')
    }

    /// The value counts as true the way Python sees it: not `false`, null, zero or empty.
    #[must_use]
    pub fn is_truthy(&self) -> bool {
        match self.0.as_bytes() {
            b"false" | b"null" | b"\"\"" => false,
            b"true" | [b'"', ..] => true,
            [b'{' | b'[', inside @ .., _] => !inside.iter().all(u8::is_ascii_whitespace),
            number => number.iter().take_while(|&&byte| !matches!(byte, b'e' | b'E')).any(|byte| matches!(byte, b'1'..=b'9')),
        }
    }

    /// What a string says; `None` for a value of another type. A lone surrogate becomes one U+FFFD.
    #[must_use]
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        let inside = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if memchr::memchr(b'\\', inside.as_bytes()).is_none() {
            return Some(Cow::Borrowed(inside));
        }
        self.to_wtf8().map(|bytes| Cow::Owned(without_surrogates(bytes)))
    }

    /// What a string says, in UTF-8 with three bytes for each lone surrogate (WTF-8): the same for all its spellings, and for no
    /// other string.
    #[must_use]
    pub(crate) fn to_wtf8(&self) -> Option<Vec<u8>> {
        serde_json::Deserializer::from_str(&self.0).deserialize_bytes(Decoded).ok()
    }

    /// The value is a string that says `text`, however it is spelled.
    #[must_use]
    pub(crate) fn is_text(&self, text: &str) -> bool {
        self.as_text().is_some_and(|own| own == text)
    }
}

/// WTF-8 as UTF-8, with U+FFFD for each surrogate. Both take three bytes.
fn without_surrogates(mut bytes: Vec<u8>) -> String {
    for at in memchr::memchr_iter(0xed, &bytes.clone()) {
        if let Some(surrogate @ [_, 0xa0..=0xbf, _]) = bytes.get_mut(at..at + 3) {
            surrogate.copy_from_slice("\u{fffd}".as_bytes());
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Takes a string as bytes, because that is how `serde_json` lets lone surrogates pass.
struct Decoded;

impl Visitor<'_> for Decoded {
    type Value = Vec<u8>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn a_lone_surrogate_is_one_replacement_character() {
        for (spelling, expected) in [
            (r#""a\ud800b""#, "a\u{fffd}b"),
            (r#""\udc00\ud800""#, "\u{fffd}\u{fffd}"),
            (r#""\ud83d\ude00\ud83d""#, "\u{1f600}\u{fffd}"),
            (r#""\ud7ff""#, "\u{d7ff}"),
        ] {
            assert_eq!(Json::borrowed(spelling).as_text().as_deref(), Some(expected), "{spelling}");
        }
    }
}
