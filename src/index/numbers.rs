//! Elements of arrays of numbers, checked 64 bytes at a time.

use fearless_simd::{Simd, mask8x64, prelude::*, u8x64};

/// The length of the run of whole elements `number,` that the bytes start with.
#[inline(always)]
pub(super) fn run<S: Simd>(simd: S, bytes: &[u8]) -> usize {
    let mut carry = Carry::START;
    let mut length = 0;
    let (blocks, rest) = bytes.as_chunks::<64>();
    for (position, block) in blocks.iter().enumerate() {
        let checked = check(simd, block, &mut carry);
        length = checked.up_to_last_comma(position * 64).unwrap_or(length);
        if checked.stop != 0 {
            return length;
        }
    }
    // Zeros are no part of numbers.
    let mut block = [0; 64];
    block[..rest.len()].copy_from_slice(rest);
    check(simd, &block, &mut carry).up_to_last_comma(blocks.len() * 64).unwrap_or(length)
}

/// What the bytes before say of the next one: each set, in the lowest bit, or not.
struct Carry {
    /// An element may start: a comma stands before, and blanks at most.
    element: u64,
    digit: u64,
    /// A minus, behind which an integer part starts.
    integer: u64,
    /// A zero that starts a number, which no digit may follow.
    zero: u64,
    /// A dot, behind which a fraction starts.
    dot: u64,
    /// A digit of a fraction.
    fraction: u64,
}

impl Carry {
    const START: Self = Self { element: 1, digit: 0, integer: 0, zero: 0, dot: 0, fraction: 0 };

    /// The number before goes on with more than the digits of an integer.
    #[inline(always)]
    fn is_within_number(&self) -> u64 {
        self.integer | self.dot | self.fraction
    }
}

/// What has been found out about 64 bytes.
struct Checked {
    comma: u64,
    /// Bytes that end the run: they are no part of numbers, or show at the latest that one before them is wrong.
    stop: u64,
}

impl Checked {
    /// The bytes up to the last comma before the run stops, and the `before` of earlier blocks.
    #[inline(always)]
    fn up_to_last_comma(&self, before: usize) -> Option<usize> {
        let first_stop = self.stop & self.stop.wrapping_neg();
        let commas = self.comma & first_stop.wrapping_sub(1);
        (commas != 0).then(|| before + 64 - commas.leading_zeros() as usize)
    }
}

/// Checks the grammar of RFC 8259, section 6, without exponents, at all bytes at once. A mask has bit i set where byte i is of its kind.
#[inline(always)]
fn check<S: Simd>(simd: S, block: &[u8; 64], carry: &mut Carry) -> Checked {
    let text = u8x64::from_slice(simd, block);
    let is = |byte: u8| -> mask8x64<S> { text.simd_eq(u8x64::splat(simd, byte)) };
    let value = text - u8x64::splat(simd, b'0');
    let digit = value.min(u8x64::splat(simd, 9)).simd_eq(value).to_bitmask();
    let zero = value.simd_eq(u8x64::splat(simd, 0)).to_bitmask();
    let (comma, space) = (is(b',').to_bitmask(), is(b' ').to_bitmask());

    let others = !(digit | comma | space);
    let may_start = (comma | space) << 1 | carry.element;
    let behind_digit = digit << 1 | carry.digit;
    let wrong = comma & !behind_digit | space & !may_start;
    carry.element = (comma | space) >> 63;
    carry.digit = digit >> 63;
    // Arrays are of integers most often, or of other numbers, so that the machine guesses right.
    let (first_digit, stop) = if others | carry.is_within_number() == 0 {
        (digit & may_start, wrong)
    } else {
        let (dot, minus) = (is(b'.').to_bitmask(), is(b'-').to_bitmask());
        let (first_digit, wrong_signs) = check_signs(Signs { digit, dot, minus, may_start, behind_digit }, carry);
        (first_digit, wrong | wrong_signs | others & !(dot | minus))
    };
    let first_zero = first_digit & zero;
    let stop = stop | (first_zero << 1 | carry.zero) & digit;
    carry.zero = first_zero >> 63;
    Checked { comma, stop }
}

/// What the bytes of numbers are that have signs or fractions.
#[derive(Clone, Copy)]
struct Signs {
    digit: u64,
    dot: u64,
    minus: u64,
    may_start: u64,
    behind_digit: u64,
}

/// The first digits of integer parts, and the bytes where a minus or a dot shows to be wrong.
#[inline(always)]
fn check_signs(signs: Signs, carry: &mut Carry) -> (u64, u64) {
    let Signs { digit, dot, minus, may_start, behind_digit } = signs;
    let starts = (digit | minus) & may_start;
    let first_digit = starts & digit | minus << 1 | carry.integer;
    let (behind_fraction, fraction) = behind_fraction(digit, dot, carry);
    let wrong =
        minus & !starts | ((minus | dot) << 1 | carry.integer | carry.dot) & !digit | dot & !behind_digit | behind_fraction & dot;
    carry.integer = minus >> 63;
    carry.dot = dot >> 63;
    carry.fraction = fraction;
    (first_digit, wrong)
}

/// The bytes that end a fraction, and whether one goes on behind the last byte: the sum carries through each run of digits behind a dot.
#[inline(always)]
fn behind_fraction(digit: u64, dot: u64, carry: &Carry) -> (u64, u64) {
    let (sum, first) = digit.overflowing_add(dot << 1 | carry.dot);
    let (sum, second) = sum.overflowing_add(carry.fraction);
    (sum & !digit, u64::from(first | second))
}
