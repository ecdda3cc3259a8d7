//! Where strings end: the marks of an index, 64 bytes a word.

use fearless_simd::{Simd, prelude::*, u8x64};

/// Every second bit, from the second on.
const ODD: u64 = 0xAAAA_AAAA_AAAA_AAAA;

/// What a word's bytes leave to be done in the next one's.
#[derive(Default)]
struct Carry {
    /// Set if the next byte is escaped.
    escaped: u64,
    /// The bytes, the lowest bit for the next one, that must be hexadecimal digits.
    due: u64,
    /// The marks of the last word, which the next byte may add to.
    marks: u64,
}

/// Marks the bytes in `words`: one word that stands for nothing, then one for each 64 bytes or part of them; the last one, which
/// may have no bytes at all, has its bits behind the bytes set.
#[inline(always)]
pub(super) fn mark<S: Simd>(simd: S, bytes: &[u8], words: &mut [u64]) {
    let (blocks, rest) = bytes.as_chunks::<64>();
    let mut carry = Carry::default();
    for (block, word) in blocks.iter().zip(&mut *words) {
        *word = mark_block(simd, block, &mut carry);
    }
    // Zeros are control characters, which end strings.
    let mut block = [0; 64];
    block[..rest.len()].copy_from_slice(rest);
    words[blocks.len()] = mark_block(simd, &block, &mut carry);
    words[blocks.len() + 1] = carry.marks;
}

/// Marks 64 bytes, and gives the complete marks of the 64 bytes before.
#[inline(always)]
fn mark_block<S: Simd>(simd: S, block: &[u8; 64], carry: &mut Carry) -> u64 {
    let text = u8x64::from_slice(simd, block);
    let is = |byte: u8| text.simd_eq(u8x64::splat(simd, byte));
    let (quote, backslash, u) = (is(b'"'), is(b'\\'), is(b'u'));
    let control = text.min(u8x64::splat(simd, 0x1f)).simd_eq(text);
    let b_or_f = (text | u8x64::splat(simd, 4)).simd_eq(u8x64::splat(simd, b'f'));
    let t_or_u = (text | u8x64::splat(simd, 1)).simd_eq(u8x64::splat(simd, b'u'));
    let may_be_escaped = (quote | backslash | is(b'/') | b_or_f | is(b'n') | is(b'r') | t_or_u).to_bitmask();
    let digit = at_most(text - u8x64::splat(simd, b'0'), u8x64::splat(simd, 9));
    let letter = at_most((text | u8x64::splat(simd, 0x20)) - u8x64::splat(simd, b'a'), u8x64::splat(simd, 5));
    let ends = (quote | control).to_bitmask();
    let hexadecimal = (digit | letter).to_bitmask();

    let escaped = escaped(backslash.to_bitmask(), carry);
    let digits_follow = escaped & u.to_bitmask();
    let due = digits_follow << 1 | digits_follow << 2 | digits_follow << 3 | digits_follow << 4 | carry.due;
    carry.due = digits_follow >> 63 | digits_follow >> 62 | digits_follow >> 61 | digits_follow >> 60;
    // The mark goes to the byte before, which is a digit or the `u`. A quote with a mark would pass for the end of the string.
    let bad = due & !hexadecimal;
    let finished = carry.marks | bad << 63;
    carry.marks = ends & !escaped | escaped & !may_be_escaped | bad >> 1;
    finished
}

/// The bytes that a backslash stands before, which is not escaped itself. After simdjson, whose subtraction carries through each
/// run of backslashes at once.
#[inline(always)]
fn escaped(backslash: u64, carry: &mut Carry) -> u64 {
    let first = backslash & !carry.escaped;
    let escapes_and_ends = (first << 1 | ODD).wrapping_sub(first) ^ ODD;
    let escaped = escapes_and_ends ^ (backslash | carry.escaped);
    carry.escaped = (escapes_and_ends & backslash) >> 63;
    escaped
}

/// Unsigned, also where the machine compares signed bytes only.
#[inline(always)]
fn at_most<S: Simd>(bytes: u8x64<S>, most: u8x64<S>) -> fearless_simd::mask8x64<S> {
    bytes.min(most).simd_eq(bytes)
}
