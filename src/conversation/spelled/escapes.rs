//! Which escapes a string holds, told 64 bytes at a time.

use fearless_simd::{Simd, mask8x64, prelude::*, u8x64};

use super::Escapes;

/// The escapes that the inside of a string holds.
#[inline(always)]
pub(super) fn of<S: Simd>(simd: S, raw: &[u8]) -> Escapes {
    let (mut escapes, mut behind_backslash) = (Escapes::None, 0);
    let (windows, rest) = raw.as_chunks::<64>();
    for (at, window) in windows.iter().enumerate() {
        let (backslashes, telling) = marks(simd, window);
        if backslashes | behind_backslash != 0 {
            escapes = with_marked(raw, at * 64, telling & (backslashes << 1 | behind_backslash), escapes);
        }
        behind_backslash = backslashes >> 63;
    }
    let mut window = [0; 64];
    window[..rest.len()].copy_from_slice(rest);
    let (backslashes, telling) = marks(simd, &window);
    if backslashes | behind_backslash == 0 {
        return escapes;
    }
    with_marked(raw, windows.len() * 64, telling & (backslashes << 1 | behind_backslash), escapes)
}

/// The backslashes among 64 bytes, and the bytes that tell of an escape which may hide something.
#[inline(always)]
fn marks<S: Simd>(simd: S, window: &[u8; 64]) -> (u64, u64) {
    let text = u8x64::from_slice(simd, window);
    (is(text, b'\\').to_bitmask(), (is(text, b'u') | is(text, b'/')).to_bitmask())
}

#[inline(always)]
fn is<S: Simd>(text: u8x64<S>, byte: u8) -> mask8x64<S> {
    text.simd_eq(u8x64::splat(text.simd, byte))
}

/// There are escapes before or among the 64 bytes from `start` on. Looks at those whose second byte is marked.
#[inline(always)]
fn with_marked(raw: &[u8], start: usize, mut marked: u64, before: Escapes) -> Escapes {
    let mut escapes = before.max(Escapes::Plain);
    while marked != 0 && escapes != Escapes::Hiding {
        let second = start + marked.trailing_zeros() as usize;
        marked &= marked - 1;
        // Of backslashes that stand side by side, each second one is escaped.
        let backslashes = raw[..second].iter().rev().take_while(|&&byte| byte == b'\\').count();
        if backslashes % 2 == 1 {
            escapes = escapes.with(&raw[second - 1..]);
        }
    }
    escapes
}

#[cfg(test)]
mod tests {
    use fearless_simd::dispatch;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::index::levels;

    /// The same, an escape after the other.
    fn one_by_one(raw: &[u8]) -> Escapes {
        let (mut escapes, mut rest) = (Escapes::None, raw);
        while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
            escapes = escapes.with(&rest[at..]);
            rest = &rest[at + 2..];
        }
        escapes
    }

    proptest! {
        #[test]
        fn escapes_are_found_wherever_they_stand(pieces in vec(0_usize..10, 0..120)) {
            const PIECES: [&str; 10] =
                [r"\\", r#"\""#, r"\n", "u", "/", "some more text", r"\u00e9", r"\ud800", r"\\\\", r"\u0041"];
            for without in [10, 9] {
                let raw: String = pieces.iter().filter(|&&at| at < without).map(|&at| PIECES[at]).collect();
                for level in levels() {
                    let found = dispatch!(level, simd => of(simd, raw.as_bytes()));
                    prop_assert_eq!(found, one_by_one(raw.as_bytes()), "{}", &raw);
                }
            }
        }
    }
}
