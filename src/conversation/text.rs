//! Text of a record: decoded only where somebody has to read it, and searched for tags as it is spelled.

use std::borrow::Cow;

use memchr::memmem::Finder;

use super::spelled::{Escapes, Spelled, decode_into, decoded};

/// A text of a record.
///
/// It stays as it is spelled where that hides no tag: `<` is not written with an escape there, nor the letters behind it. So a tag
/// is found where it stands, and only what is between tags is decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text<'t> {
    bytes: Cow<'t, [u8]>,
    form: Form,
}

/// How the bytes of a text are to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// They are the text, in UTF-8 with three bytes for a lone surrogate (WTF-8).
    Decoded,
    /// They hold escapes of JSON, but none that hides a tag.
    Spelled,
}

impl Default for Text<'_> {
    fn default() -> Self {
        Self { bytes: Cow::Borrowed(b""), form: Form::Decoded }
    }
}

impl<'t> From<Spelled<'t>> for Text<'t> {
    fn from(spelled: Spelled<'t>) -> Self {
        match spelled.escapes() {
            Escapes::None => Self { bytes: Cow::Borrowed(spelled.raw), form: Form::Decoded },
            Escapes::Plain => Self { bytes: Cow::Borrowed(spelled.raw), form: Form::Spelled },
            Escapes::Hiding => Self { bytes: spelled.decode(), form: Form::Decoded },
        }
    }
}

impl<'t> Text<'t> {
    /// A text that is decoded already.
    pub(crate) fn of_decoded(bytes: Cow<'t, [u8]>) -> Self {
        Self { bytes, form: Form::Decoded }
    }

    /// Several strings as one text, with nothing between them.
    pub(crate) fn joined(strings: &[Spelled<'t>]) -> Self {
        match strings {
            [] => Self::default(),
            [one] => Self::from(*one),
            several => {
                let mut bytes = Vec::with_capacity(several.iter().map(|text| text.raw.len()).sum());
                for text in several {
                    decode_into(text.raw, &mut bytes);
                }
                Self::of_decoded(Cow::Owned(bytes))
            }
        }
    }

    /// What the text says, in WTF-8.
    pub(crate) fn decode(&self) -> Cow<'_, [u8]> {
        match self.form {
            Form::Decoded => Cow::Borrowed(&self.bytes),
            Form::Spelled => Cow::Owned(decoded(&self.bytes)),
        }
    }

    /// What the text says, in WTF-8.
    pub(crate) fn into_decoded(self) -> Cow<'t, [u8]> {
        match self.form {
            Form::Decoded => self.bytes,
            Form::Spelled => Cow::Owned(decoded(&self.bytes)),
        }
    }

    /// The text holds nothing but white space, or nothing at all.
    pub(crate) fn is_blank(&self) -> bool {
        let mut rest = &*self.bytes;
        loop {
            rest = match (rest, self.form) {
                ([], _) => return true,
                ([b' ' | b'\t'..=b'\r', behind @ ..], _) | ([b'\\', b'n' | b't' | b'r' | b'f', behind @ ..], Form::Spelled) => {
                    behind
                }
                ([b'\\', b'u', ..] | [0x80..=0xff, ..], Form::Spelled) => return is_blank(&decoded(rest)),
                ([0x80..=0xff, ..], Form::Decoded) => return is_blank(rest),
                _ => return false,
            };
        }
    }

    /// Two texts start with different characters behind white space, as far as that shows without decoding them.
    pub(crate) fn starts_unlike(&self, other: &Self) -> bool {
        let [one, other] = [self, other].map(|text| text.bytes.iter().find(|byte| !matches!(byte, b' ' | b'\t'..=b'\r')));
        // Behind a backslash or in a longer character, white space may stand.
        let shows = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii() && *byte != b'\\');
        shows(one) && shows(other) && one != other
    }

    /// The bytes in which tags are found where they stand.
    pub(crate) fn searchable(&self) -> &[u8] {
        &self.bytes
    }

    /// A piece of [`Text::searchable`] as a text of its own.
    fn piece(&self, piece: &[u8]) -> Self {
        let bytes = match &self.bytes {
            Cow::Borrowed(bytes) => {
                let start = piece.as_ptr().addr() - bytes.as_ptr().addr();
                Cow::Borrowed(&bytes[start..start + piece.len()])
            }
            Cow::Owned(_) => Cow::Owned(piece.to_vec()),
        };
        Self { bytes, form: self.form }
    }

    /// The blocks of the text that a pair of tags encloses, in order.
    pub(crate) fn blocks(&self, tag: &Tag) -> impl Iterator<Item = Block<Self>> {
        blocks(&self.bytes, tag).map(|block| match block {
            Block::Closed(inside) => Block::Closed(self.piece(inside)),
            Block::Open(inside) => Block::Open(self.piece(inside)),
        })
    }

    /// The text has the opening tag.
    pub(crate) fn has(&self, tag: &Tag) -> bool {
        tag.open.find(&self.bytes).is_some()
    }
}

/// An opening tag and the closing one that goes with it.
pub(crate) struct Tag {
    pub(crate) open: Finder<'static>,
    pub(crate) close: Finder<'static>,
}

impl Tag {
    pub(crate) fn new(open: &'static str, close: &'static str) -> Self {
        Self { open: Finder::new(open), close: Finder::new(close) }
    }
}

/// What stands behind an opening tag.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Block<T> {
    /// All up to the next closing tag.
    Closed(T),
    /// All there is, because no closing tag comes.
    Open(T),
}

/// The blocks of a text, each up to the next closing tag. The last one may be open.
pub(crate) fn blocks<'b>(text: &'b [u8], tag: &Tag) -> impl Iterator<Item = Block<&'b [u8]>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = tag.open.find(rest)? + tag.open.needle().len();
        let behind = &rest[start..];
        let Some(length) = tag.close.find(behind) else {
            rest = b"";
            return Some(Block::Open(behind));
        };
        rest = &behind[length + tag.close.needle().len()..];
        Some(Block::Closed(&behind[..length]))
    })
}

/// Decoded text holds nothing but white space, as Unicode's `White_Space` has it.
pub(crate) fn is_blank(text: &[u8]) -> bool {
    trim_start(text).is_empty()
}

/// Decoded text without white space at its start.
pub(crate) fn trim_start(text: &[u8]) -> &[u8] {
    let mut rest = text;
    while let Some(character) = first_character(rest).filter(|character| character.is_whitespace()) {
        rest = &rest[character.len_utf8()..];
    }
    rest
}

/// Decoded text without white space at its ends.
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    let mut rest = trim_start(text);
    while let Some(character) = last_character(rest).filter(|character| character.is_whitespace()) {
        rest = &rest[..rest.len() - character.len_utf8()];
    }
    rest
}

/// Decoded text as a string, with U+FFFD for each lone surrogate.
pub(crate) fn lossy(text: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        out.push_str(chunk.valid());
        // Only the first of a surrogate's three bytes is counted.
        if chunk.invalid().first() == Some(&0xed) {
            out.push(char::REPLACEMENT_CHARACTER);
        }
    }
    Cow::Owned(out)
}

fn first_character(text: &[u8]) -> Option<char> {
    let longest = &text[..text.len().min(4)];
    longest.utf8_chunks().next()?.valid().chars().next()
}

fn last_character(text: &[u8]) -> Option<char> {
    let start = text.iter().rposition(|byte| byte & 0xc0 != 0x80)?;
    std::str::from_utf8(&text[start..]).ok()?.chars().next()
}

#[cfg(test)]
mod tests {
    use super::super::cursor::Value;
    use super::*;

    fn text(json: &str) -> Text<'_> {
        Text::from(Value::of(json.as_bytes()).string().expect("a string"))
    }

    #[test]
    fn white_space_is_unicodes_however_it_is_spelled() {
        for blank in
            [r#""""#, r#"" \t\n\r\f""#, r#""\u2003\u00a0""#, "\"\u{a0}\u{2003}\u{3000}\"", r#""\n\u0020""#, r#""\u000b""#]
        {
            assert!(text(blank).is_blank(), "{blank}");
        }
        for full in [r#""a""#, r#"" \n.""#, r#""\b""#, r#""\n\u200b""#, "\" \u{200b}\"", r#""\ud800""#, r#""\\""#, r#""\n\"""#] {
            assert!(!text(full).is_blank(), "{full}");
        }
        assert_eq!(trim("\u{a0} a b\u{3000}\n".as_bytes()), b"a b");
        assert_eq!(trim(b" \xed\xa0\x80 "), b"\xed\xa0\x80");
        assert_eq!(trim("\u{3000}".as_bytes()), b"");
    }

    #[test]
    fn tags_are_found_however_they_are_spelled() {
        let tag = Tag::new("<a>", "</a>");
        for json in [r#""x<a>1\n</a><a>2</a></a><a>3""#, r#""x\u003ca>1\n<\/a><a>2</a></a>\u003c\u0061>3""#] {
            let text = text(json);
            let blocks: Vec<_> = text.blocks(&tag).collect();
            let decoded: Vec<_> = blocks
                .iter()
                .map(|block| match block {
                    Block::Closed(text) => (true, text.decode().into_owned()),
                    Block::Open(text) => (false, text.decode().into_owned()),
                })
                .collect();
            assert_eq!(decoded, [(true, b"1\n".to_vec()), (true, b"2".to_vec()), (false, b"3".to_vec())]);
        }
    }

    #[test]
    fn strings_are_joined_with_nothing_between() {
        let strings = [r#""a\n""#, r#""b""#].map(|json| Value::of(json.as_bytes()).string().expect("a string"));
        assert_eq!(&*Text::joined(&strings).decode(), b"a\nb");
        assert_eq!(&*Text::joined(&strings[..1]).decode(), b"a\n");
        assert!(Text::joined(&[]).is_blank());
    }
}
