//! JSON strings in their shortest spelling, which is the same for all spellings of a string.
//!
//! Characters stand for themselves, in UTF-8. Only what JSON (RFC 8259) does not let stand has an escape: a quote, a backslash, control
//! characters, each with the short escape where there is one, and lone surrogates. Numbers behind `\u` have small letters.
//! So nothing but `\/` and `\u` has to be looked into, and most strings are copied as they stand.

use fearless_simd::{Simd, mask8x64, prelude::*, u8x64};

/// Appends the string whose inside starts at `at`, with its quotes, and gives the position behind the closing one.
///
/// The string is valid JSON. One that does not end is read to the end of the bytes.
#[inline(always)]
pub(super) fn push<S: Simd>(simd: S, bytes: &[u8], at: usize, out: &mut Vec<u8>) -> usize {
    out.push(b'"');
    let end = push_inside(simd, bytes, at, out);
    out.push(b'"');
    end + 1
}

/// Appends the inside of a string, and gives the position of the quote that ends it, or that of the end of the bytes.
#[inline(always)]
pub(super) fn push_inside<S: Simd>(simd: S, bytes: &[u8], start: usize, out: &mut Vec<u8>) -> usize {
    let (mut at, mut is_escaped) = (start, false);
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        // Zeros tell nothing.
        let mut padded = [0; 64];
        let (window, present) = if let Some(window) = rest.first_chunk::<64>() {
            (window, 64)
        } else {
            padded[..rest.len()].copy_from_slice(rest);
            (&padded, rest.len())
        };
        let Marks { ends, telling } = Marks::of(simd, window, &mut is_escaped);
        let (end, telling) = (ends.trailing_zeros() as usize, telling.trailing_zeros() as usize);
        let length = out.len();
        out.extend_from_slice(window);
        if telling < end {
            // The backslash is left out. It may stand at the end of the window before.
            out.truncate(length + telling - 1);
            at = push_escapes(bytes, at + telling, out);
            is_escaped = false;
            continue;
        }
        let end = end.min(present);
        out.truncate(length + end);
        at += end;
        if end < 64 {
            break;
        }
    }
    at.min(bytes.len())
}

/// What tells in 64 bytes of a string.
struct Marks {
    /// Quotes that are not escaped.
    ends: u64,
    /// The second bytes of escapes that are not the shortest, or may not be.
    telling: u64,
}

impl Marks {
    /// Looks at 64 bytes, of which the first `is_escaped` or not; says so of the byte behind them.
    #[inline(always)]
    fn of<S: Simd>(simd: S, window: &[u8; 64], is_escaped: &mut bool) -> Self {
        let text = u8x64::from_slice(simd, window);
        let backslashes = is(text, b'\\').to_bitmask();
        let quotes = is(text, b'"').to_bitmask();
        if backslashes == 0 && !*is_escaped {
            return Self { ends: quotes, telling: 0 };
        }
        let escaped = escaped(backslashes, is_escaped);
        let telling = (is(text, b'u') | is(text, b'/')).to_bitmask();
        Self { ends: quotes & !escaped, telling: telling & escaped }
    }
}

/// The bytes that a backslash stands before, which is not escaped itself. After simdjson, as for the index of a block.
#[inline(always)]
fn escaped(backslashes: u64, is_escaped: &mut bool) -> u64 {
    const ODD: u64 = 0xAAAA_AAAA_AAAA_AAAA;
    let carried = u64::from(*is_escaped);
    let first = backslashes & !carried;
    let escapes_and_ends = (first << 1 | ODD).wrapping_sub(first) ^ ODD;
    *is_escaped = (escapes_and_ends & backslashes) >> 63 != 0;
    escapes_and_ends ^ (backslashes | carried)
}

#[inline(always)]
fn is<S: Simd>(text: u8x64<S>, byte: u8) -> mask8x64<S> {
    text.simd_eq(u8x64::splat(text.simd, byte))
}

/// Appends what the escape says whose second byte, `u` or `/`, stands at a position, and so for further ones with `u` directly behind. Gives
/// the position behind them.
fn push_escapes(bytes: &[u8], mut at: usize, out: &mut Vec<u8>) -> usize {
    if bytes[at] == b'/' {
        out.push(b'/');
        return at + 1;
    }
    loop {
        let Some(unit) = code_unit(bytes, at) else { return bytes.len() };
        at += 5;
        let next = bytes.get(at..at + 2) == Some(br"\u");
        match unit {
            0xd800..0xdc00 if next => match code_unit(bytes, at + 1) {
                Some(low @ 0xdc00..0xe000) => {
                    push_character(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), out);
                    at += 6;
                }
                _ => push_character(unit, out),
            },
            _ => push_character(unit, out),
        }
        if bytes.get(at..at + 2) != Some(br"\u") {
            return at;
        }
        at += 1;
    }
}

/// The number behind the `u` at a position.
fn code_unit(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at + 1..)?.first_chunk::<4>()?;
    let unit = u32::from_be_bytes(digits.map(|digit| DIGITS[usize::from(digit)]));
    // Four bits in each of four bytes.
    let pairs = unit | unit >> 4;
    Some(pairs & 0xff | pairs >> 8 & 0xff00)
}

/// The value of each hexadecimal digit. Other bytes do not stand behind `u` in JSON.
const DIGITS: [u8; 256] = {
    let mut digits = [0; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value as usize] as usize] = value;
        digits[b"0123456789ABCDEF"[value as usize] as usize] = value;
        value += 1;
    }
    digits
};

/// Appends a character in its shortest spelling.
fn push_character(number: u32, out: &mut Vec<u8>) {
    match char::from_u32(number) {
        Some('"') => out.extend(br#"\""#),
        Some('\\') => out.extend(br"\\"),
        Some('\u{8}') => out.extend(br"\b"),
        Some('\t') => out.extend(br"\t"),
        Some('\n') => out.extend(br"\n"),
        Some('\u{c}') => out.extend(br"\f"),
        Some('\r') => out.extend(br"\r"),
        None | Some('\0'..=' ') if number != 0x20 => {
            let digit = |shift: u32| b"0123456789abcdef"[(number >> shift & 0xf) as usize];
            out.extend([b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
        }
        Some(character) => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        None => unreachable!("no character has the number of a blank"),
    }
}

#[cfg(test)]
mod tests {
    use fearless_simd::dispatch;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::conversation::spelled::decoded;
    use crate::index::levels;

    /// What a string is spelled as, with what stands behind it, at each level of the machine.
    fn shortest(inside: &str, behind: &str) -> String {
        let text = format!("\"{inside}\"{behind}");
        let mut all = levels().into_iter().map(|level| {
            let mut out = Vec::new();
            let end = dispatch!(level, simd => push(simd, text.as_bytes(), 1, &mut out));
            assert_eq!(end, inside.len() + 2, "{text}");
            out
        });
        let first = all.next().expect("a level");
        assert!(all.all(|other| other == first), "{text}");
        String::from_utf8(first).expect("UTF-8")
    }

    #[test]
    fn each_character_has_one_spelling() {
        for (inside, expected) in [
            ("", ""),
            (r"a\/b", "a/b"),
            (r"\u0061\u00e9\u20AC\ud83d\ude00\uD83D\uDE00", "aé€😀😀"),
            (r#"\"\\\b\f\n\r\t"#, r#"\"\\\b\f\n\r\t"#),
            (r"\u0022\u005c\u005C\u0008\u000c\u000A\u000d\u0009\u002f", r#"\"\\\\\b\f\n\r\t/"#),
            (r"\u0000\u001F\u0020\u007f", "\\u0000\\u001f \u{7f}"),
            (r"\uD800\ud83d\ud83d\ude00\uDE00x", r"\ud800\ud83d😀\ude00x"),
            (r"\\u0061\\/\\\u0061\\\\/", r"\\u0061\\/\\a\\\\/"),
        ] {
            for before in 0..70 {
                let before = "x".repeat(before);
                for behind in ["", &",\"\\/\"".repeat(30)] {
                    assert_eq!(shortest(&format!("{before}{inside}"), behind), format!("\"{before}{expected}\""));
                }
            }
        }
    }

    proptest! {
        #[test]
        fn strings_are_spelled_alike_if_and_only_if_they_say_the_same(
            one in vec(0_usize..14, 0..40), other in vec(0_usize..14, 0..40), behind in 0_usize..100
        ) {
            const PIECES: [&str; 14] = [
                r"\\", r#"\""#, r"\n", "u", "/", "plain text", r"\u00e9", "é", r"\ud83d", r"\ude00", r"\/", r"\u000a", r"\u005C", "😀",
            ];
            let [one, other] = [one, other].map(|pieces| pieces.iter().map(|at| PIECES[*at]).collect::<String>());
            let behind = ",\"x".repeat(behind);
            let [spelled, other_spelled] = [&one, &other].map(|inside| shortest(inside, &behind));
            prop_assert_eq!(spelled == other_spelled, decoded(one.as_bytes()) == decoded(other.as_bytes()));
            // The shortest spelling is a spelling, and its own.
            let inside = &spelled[1..spelled.len() - 1];
            prop_assert_eq!(decoded(inside.as_bytes()), decoded(one.as_bytes()));
            prop_assert_eq!(&shortest(inside, ""), &spelled);
        }
    }

    #[test]
    fn text_that_is_no_json_is_read_to_its_end() {
        for text in ["", "a", "\\", r"\u", r"\u12", r"\ud800\u", r"\ud800\u12", "\\u00e\""] {
            let mut out = Vec::new();
            for level in levels() {
                assert!(dispatch!(level, simd => push(simd, text.as_bytes(), 0, &mut out)) <= text.len() + 1, "{text}");
            }
        }
    }
}
