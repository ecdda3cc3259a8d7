//! Elements of arrays of numbers, checked 64 bytes at once.

use wide::u8x16;

use super::mask;

/// The bytes at the start of `window` that are whole elements `number,` of an array, blanks before them included.
///
/// A mask has bit i set where byte i is of its kind. The first byte must stand where an element may start.
/// Numbers with exponents, and blanks that stand elsewhere than behind a comma, are left to the caller.
#[inline]
pub(super) fn numbers(window: &[u8; 64]) -> usize {
    let digit = mask(window, |bytes| {
        let value = bytes - u8x16::splat(b'0');
        value.min(u8x16::splat(9)).simd_eq(value)
    });
    let comma = mask(window, |bytes| bytes.simd_eq(u8x16::splat(b',')));
    let space = mask(window, |bytes| bytes.simd_eq(u8x16::splat(b' ')));
    let dot = mask(window, |bytes| bytes.simd_eq(u8x16::splat(b'.')));
    let minus = mask(window, |bytes| bytes.simd_eq(u8x16::splat(b'-')));
    let zero = mask(window, |bytes| bytes.simd_eq(u8x16::splat(b'0')));

    // Only what lies up to the last comma of the leading run of such bytes is judged.
    let other = !(digit | comma | space | dot | minus);
    let run = other & other.wrapping_neg();
    let commas_in_run = comma & run.wrapping_sub(1);
    if commas_in_run == 0 {
        return 0;
    }
    let length = 64 - commas_in_run.leading_zeros() as usize;
    let judged = u64::MAX >> (64 - length);
    let (digit, comma, space) = (digit & judged, comma & judged, space & judged);
    let (dot, minus, zero) = (dot & judged, minus & judged, zero & judged);

    let starts_element = (comma | space) << 1 | 1;
    let starts_number = (digit | minus) & starts_element;
    let starts_integer = starts_number & digit | minus << 1;
    let after_fraction = digit.wrapping_add(dot << 1) & !digit;
    let wrong = comma & !(digit << 1)
        | space & !starts_element
        | minus & !starts_number
        | (minus << 1 | dot << 1) & !digit
        | dot & !(digit << 1)
        | (starts_integer & zero) << 1 & digit
        | after_fraction & dot;
    if wrong == 0 { length } else { 0 }
}
