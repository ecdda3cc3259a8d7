//! The inside of a JSON string: as it is spelled, and what it says.

#[expect(clippy::inline_always, reason = "vector code has the machine's instructions only where it is inlined into a dispatch")]
mod escapes;

use std::borrow::Cow;
use std::sync::LazyLock;

use fearless_simd::{Level, dispatch};
use wide::u8x16;

use super::window::WINDOW;

/// The inside of a JSON string as it is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spelled<'t> {
    pub(crate) raw: &'t [u8],
    /// Which escapes it holds; nothing where nobody has looked yet.
    known: Option<Escapes>,
}

/// Which escapes a string holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Escapes {
    /// None: the string says what it spells.
    None,
    /// Some, but none of a character that could be written as it is and stand in a tag, so that tags are found without decoding.
    Plain,
    /// `\/`, or `\u` and the number of a printable ASCII character.
    Hiding,
}

/// How wide the vectors of this machine are.
static LEVEL: LazyLock<Level> = LazyLock::new(Level::new);

impl Escapes {
    /// The escapes that the inside of a string holds.
    fn of(raw: &[u8]) -> Self {
        dispatch!(*LEVEL, simd => escapes::of(simd, raw))
    }

    /// With the escape that the text starts with.
    pub(super) fn with(self, escape: &[u8]) -> Self {
        let hides = matches!(escape, [_, b'/', ..] | [_, b'u', b'0', b'0', b'2'..=b'7', ..]);
        if hides || self == Self::Hiding { Self::Hiding } else { Self::Plain }
    }
}

impl<'t> Spelled<'t> {
    /// The end of a line.
    pub(crate) const LINE_FEED: Spelled<'static> = Spelled::new(br"\n");

    /// A string that nobody has looked into.
    pub(crate) const fn new(raw: &'t [u8]) -> Self {
        Self { raw, known: None }
    }

    /// A string of which it is known which escapes it holds.
    pub(crate) const fn with(raw: &'t [u8], escapes: Escapes) -> Self {
        Self { raw, known: Some(escapes) }
    }

    /// Which escapes it holds.
    pub(crate) fn escapes(self) -> Escapes {
        self.known.unwrap_or_else(|| Escapes::of(self.raw))
    }

    /// It says what it spells.
    pub(crate) fn is_plain(self) -> bool {
        match self.known {
            Some(escapes) => escapes == Escapes::None,
            None => !has_backslash(self.raw),
        }
    }

    /// What the string says, in UTF-8 with three bytes for a lone surrogate (WTF-8).
    #[inline]
    pub(crate) fn decode(self) -> Cow<'t, [u8]> {
        if self.is_plain() { Cow::Borrowed(self.raw) } else { Cow::Owned(decoded(self.raw)) }
    }
}

/// A backslash is among the bytes. Most names are short, and not worth a call.
#[inline]
pub(crate) fn has_backslash(bytes: &[u8]) -> bool {
    match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) if bytes.len() <= 16 => (backslashes(*first) | backslashes(*last)) != 0,
        (None, _) => bytes.contains(&b'\\'),
        _ => memchr::memchr(b'\\', bytes).is_some(),
    }
}

/// Not zero if a backslash is among the bytes.
#[inline]
fn backslashes(bytes: [u8; 8]) -> u64 {
    let others = u64::from_ne_bytes(bytes) ^ u64::from_ne_bytes([b'\\'; 8]);
    others.wrapping_sub(u64::from_ne_bytes([1; 8])) & !others & u64::from_ne_bytes([0x80; 8])
}

/// What the inside of a JSON string says, in WTF-8.
pub(crate) fn decoded(raw: &[u8]) -> Vec<u8> {
    // Windows are appended whole, and so the last one may need more.
    let mut out = Vec::with_capacity(raw.len() + WINDOW);
    decode_into(raw, &mut out);
    out
}

/// Appends what the inside of a JSON string says, in WTF-8.
pub(crate) fn decode_into(raw: &[u8], out: &mut Vec<u8>) {
    let mut rest = raw;
    // A whole window is appended, and cut where an escape begins: that is one instruction, and a call for each piece would be many.
    while let Some(window) = rest.first_chunk::<WINDOW>() {
        let mask = u8x16::new(*window).simd_eq(u8x16::splat(b'\\')).to_bitmask();
        let plain = WINDOW.min(mask.trailing_zeros() as usize);
        let length = out.len() + plain;
        out.extend_from_slice(window);
        out.truncate(length);
        rest = if mask == 0 { &rest[WINDOW..] } else { decode_escape(&rest[plain..], out) };
    }
    while let [first, behind @ ..] = rest {
        rest = if *first == b'\\' {
            decode_escape(rest, out)
        } else {
            out.push(*first);
            behind
        };
    }
}

/// Appends what the escape says that the text starts with, and gives what stands behind it.
fn decode_escape<'t>(escape: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
    let [_, kind, rest @ ..] = escape else { return &[] };
    out.push(match kind {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'b' => 0x08,
        b'f' => 0x0c,
        b'u' => return decode_number(rest, out),
        other => *other,
    });
    rest
}

/// Appends the character whose number stands behind `\u`. Two that are a surrogate pair are one character.
fn decode_number<'t>(digits: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
    let Some((unit, rest)) = code_unit(digits) else { return &[] };
    if (0xd800..0xdc00).contains(&unit)
        && let [b'\\', b'u', low @ ..] = rest
        && let Some((low @ 0xdc00..0xe000, rest)) = code_unit(low)
    {
        push_code_point(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), out);
        return rest;
    }
    push_code_point(unit, out);
    rest
}

fn code_unit(digits: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = digits.split_first_chunk::<4>()?;
    let unit = digits.iter().try_fold(0, |unit, &digit| Some(unit << 4 | char::from(digit).to_digit(16)?))?;
    Some((unit, rest))
}

fn push_code_point(number: u32, out: &mut Vec<u8>) {
    match char::from_u32(number) {
        Some(character) => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        // A surrogate, in the bytes that UTF-8's pattern gives.
        None => out.extend([0xe0 | number >> 12, 0x80 | number >> 6 & 0x3f, 0x80 | number & 0x3f].map(low_byte)),
    }
}

fn low_byte(number: u32) -> u8 {
    number.to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded() {
        assert_eq!(decoded(br#"a\n\t\r\b\f\"\\\/z"#), b"a\n\t\r\x08\x0c\"\\/z");
        assert_eq!(decoded(br"\u00e9\u20AC\ud83d\ude00"), "é€😀".as_bytes());
        assert_eq!(decoded(br"\ud83dx\ude00\ud83d\ud83d\ude00"), b"\xed\xa0\xbdx\xed\xb8\x80\xed\xa0\xbd\xf0\x9f\x98\x80");
    }
}
