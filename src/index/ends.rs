//! Where strings end: the marks of an index, 64 bytes a word.

use fearless_simd::{Simd, mask8x64, prelude::*, u8x64};

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
    let (quote, backslash) = (is(text, b'"'), is(text, b'\\'));
    let control = at_most(text, 0x1f);
    // A bit apart: `b` and `r`, `f` and `n`.
    let b_or_r = is(text | u8x64::splat(simd, 0x10), b'r');
    let f_or_n = is(text | u8x64::splat(simd, 0x08), b'n');
    let simple = quote | backslash | is(text, b'/') | b_or_r | f_or_n | is(text, b't');
    // Masks are joined before they are made bits, which is what takes time.
    let (ends, simple) = ((quote | control).to_bitmask(), simple.to_bitmask());

    let escaped = escaped(backslash.to_bitmask(), carry);
    let before = std::mem::replace(&mut carry.marks, ends & !escaped);
    let others = escaped & !simple;
    if others | carry.due == 0 { before } else { before | mark_others(text, others, carry) << 63 }
}

/// Marks what is bad among escapes other than a backslash and one character: those that are none, and `\u` without four hexadecimal
/// digits. Gives a bit if the last byte before the 64 is to be marked.
///
/// The mark goes to the byte before the one that should be a digit. If that is a quote, a mark on it would pass for the end of the string.
#[inline(always)]
fn mark_others<S: Simd>(text: u8x64<S>, others: u64, carry: &mut Carry) -> u64 {
    let digit = at_most(text - u8x64::splat(text.simd, b'0'), 9);
    let letter = at_most((text | u8x64::splat(text.simd, 0x20)) - u8x64::splat(text.simd, b'a'), 5);
    let digits_follow = others & is(text, b'u').to_bitmask();
    let due = digits_follow << 1 | digits_follow << 2 | digits_follow << 3 | digits_follow << 4 | carry.due;
    carry.due = digits_follow >> 63 | digits_follow >> 62 | digits_follow >> 61 | digits_follow >> 60;
    let bad = due & !(digit | letter).to_bitmask();
    carry.marks |= others & !digits_follow | bad >> 1;
    bad & 1
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

#[inline(always)]
fn is<S: Simd>(text: u8x64<S>, byte: u8) -> mask8x64<S> {
    text.simd_eq(u8x64::splat(text.simd, byte))
}

/// Unsigned, also where the machine compares signed bytes only.
#[inline(always)]
fn at_most<S: Simd>(text: u8x64<S>, most: u8) -> mask8x64<S> {
    text.min(u8x64::splat(text.simd, most)).simd_eq(text)
}
