//! Runs of integers in arrays, told 64 bytes at a time.

use fearless_simd::{Simd, prelude::*, u8x64};

/// How many digits an integer has at most that is spelled with its digits alone.
pub(super) const MOST_DIGITS: usize = 18;

/// The length of a run of whole elements `integer,` that the bytes start with, which are spelled as their canonical form is: without
/// blanks between them, and of so few digits that no power of ten is split off.
///
/// The bytes are of valid JSON, and start with an element of an array.
#[inline(always)]
pub(super) fn run<S: Simd>(simd: S, bytes: &[u8]) -> usize {
    let mut length = 0;
    while let Some(window) = bytes[length..].first_chunk::<64>() {
        let elements = whole_elements(simd, window);
        length += elements;
        // A window that holds fewer whole elements than there is room for has met something else.
        if elements < 64 - MOST_DIGITS - 2 {
            break;
        }
    }
    length
}

/// The bytes of the whole elements that a window starts with.
#[inline(always)]
fn whole_elements<S: Simd>(simd: S, window: &[u8; 64]) -> usize {
    let text = u8x64::from_slice(simd, window);
    let is = |byte: u8| text.simd_eq(u8x64::splat(simd, byte));
    let from_zero = text - u8x64::splat(simd, b'0');
    let digits = from_zero.min(u8x64::splat(simd, 9)).simd_eq(from_zero).to_bitmask();
    let (commas, minus, zeros) = (is(b',').to_bitmask(), is(b'-').to_bitmask(), is(b'0').to_bitmask());
    let minus_zero = minus & zeros >> 1;
    let stop = !(digits | commas | minus) | minus_zero | too_long(digits);
    let before_stop = (stop & stop.wrapping_neg()).wrapping_sub(1);
    64 - (commas & before_stop).leading_zeros() as usize
}

/// Where more digits start than [`MOST_DIGITS`].
#[inline(always)]
fn too_long(digits: u64) -> u64 {
    let two = digits & digits >> 1;
    let four = two & two >> 2;
    let eight = four & four >> 4;
    let sixteen = eight & eight >> 8;
    sixteen & two >> 16 & digits >> MOST_DIGITS
}

#[cfg(test)]
mod tests {
    use fearless_simd::dispatch;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::number::push_number;
    use super::*;
    use crate::index::levels;

    fn run_of(text: &str) -> usize {
        let mut lengths = levels().into_iter().map(|level| dispatch!(level, simd => run(simd, text.as_bytes())));
        let first = lengths.next().expect("a level");
        assert!(lengths.all(|other| other == first), "{text}");
        first
    }

    #[test]
    fn a_run_ends_before_the_first_element_that_is_spelled_otherwise() {
        for other in ["-0", "1.5", "1e3", " 1", "1 ", "1234567890123456789", "-1234567890123456789", "[1]", "\"1\"", "null"] {
            for before in 0..40 {
                let integers = "-100,7,0,123456789012345678,".repeat(before);
                let run = run_of(&format!("{integers}{other},{}", "1,".repeat(100)));
                assert!(run <= integers.len() && integers.len() - run < 64, "{other} {before} {run}");
                assert!(integers[..run].is_empty() || integers[..run].ends_with(','));
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_in_a_run_is_canonical(numbers in vec("-?(0|[1-9][0-9]{0,21})", 1..80)) {
            let text = format!("{},", numbers.join(","));
            let run = run_of(&text);
            let mut canonical = Vec::new();
            for number in text[..run].split_terminator(',') {
                push_number(number.as_bytes(), &mut canonical);
                canonical.push(b',');
            }
            prop_assert_eq!(String::from_utf8(canonical).expect("ASCII"), &text[..run]);
        }
    }
}
