//! JSON numbers by their exact value, however many digits they and their exponents have.

use super::integers::MOST_DIGITS;

/// The longest exponent, in digits, that is added to as a machine number.
const SHORT: usize = 18;

/// Appends a number so that two numbers are spelled alike if and only if their exact values are equal.
///
/// An integer of at most [`MOST_DIGITS`] digits is spelled with its digits alone, as it nearly always comes. The form of any other number is a
/// sign, the digits from the first to the last that is not zero, and the power of ten that the last of them stands for.
/// An exponent of any length is taken as digits, so that a huge one costs no more than it is long.
pub(super) fn push_number(number: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    if is_short_integer(number) {
        return out.extend_from_slice(number);
    }
    push_any(number, out);
    make_short(out, start);
}

/// The number is spelled with a minus, if it has one, and its digits alone, of which there are not too many.
fn is_short_integer(number: &[u8]) -> bool {
    let digits = number.strip_prefix(b"-").unwrap_or(number);
    digits.len() <= MOST_DIGITS && digits.iter().all(u8::is_ascii_digit) && (digits != b"0" || digits.len() == number.len())
}

/// Spells an integer that is short enough with its digits alone, of which the general form has been appended.
fn make_short(out: &mut Vec<u8>, start: usize) {
    let form = &out[start..];
    let Some(e) = form.iter().position(|&byte| byte == b'e') else { return };
    let digits = e - 1;
    if digits == 0 {
        out.truncate(start);
        return out.push(b'0');
    }
    let zeros = std::str::from_utf8(&form[e + 1..]).ok().and_then(|exponent| exponent.parse::<usize>().ok());
    let Some(zeros) = zeros.filter(|zeros| zeros.saturating_add(digits) <= MOST_DIGITS) else { return };
    out.truncate(start + e);
    out.resize(start + e + zeros, b'0');
    if out[start] == b'+' {
        out.remove(start);
    }
}

fn push_any(number: &[u8], out: &mut Vec<u8>) {
    let (sign, unsigned) = match number {
        [b'-', rest @ ..] => (b'-', rest),
        _ => (b'+', number),
    };
    let is_exponent = |&byte: &u8| matches!(byte, b'e' | b'E');
    let (decimal, exponent) = match unsigned.iter().position(is_exponent) {
        Some(at) => (&unsigned[..at], &unsigned[at + 1..]),
        None => (unsigned, &b""[..]),
    };
    let (whole, fraction) = match decimal.iter().position(|&byte| byte == b'.') {
        Some(at) => (&decimal[..at], &decimal[at + 1..]),
        None => (decimal, &b""[..]),
    };
    let start = out.len();
    out.push(sign);
    out.extend(whole.iter().chain(fraction).skip_while(|&&digit| digit == b'0'));
    let digits = out.len();
    let last = out[start + 1..].iter().rposition(|&digit| digit != b'0');
    let Some(last) = last else {
        // Zero has neither a sign nor an exponent.
        out.truncate(start);
        return out.extend(b"+e");
    };
    out.truncate(start + 1 + last + 1);
    let zeros = digits - out.len();
    out.push(b'e');
    push_sum(exponent, count(zeros) - count(fraction.len()), out);
}

fn count(digits: usize) -> i64 {
    i64::try_from(digits).expect("memory is smaller")
}

/// Appends the sum of an exponent, given by its spelling, and a number that is small beside one of more than [`SHORT`] digits.
fn push_sum(exponent: &[u8], more: i64, out: &mut Vec<u8>) {
    let (is_negative, digits) = match exponent {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, exponent),
    };
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    let digits = &digits[zeros..];
    if digits.len() <= SHORT {
        let value = digits.iter().fold(0, |value: i64, digit| value * 10 + i64::from(digit - b'0'));
        let sum = if is_negative { more - value } else { more + value };
        return out.extend(sum.to_string().bytes());
    }
    let start = out.len() + usize::from(is_negative);
    out.extend(is_negative.then_some(b'-'));
    out.push(b'0');
    out.extend_from_slice(digits);
    // The sign is that of the exponent, so a number of the other sign is taken from its amount.
    let mut carry = if is_negative { -more } else { more };
    for digit in out[start..].iter_mut().rev() {
        if carry == 0 {
            break;
        }
        let sum = i64::from(*digit - b'0') + carry;
        *digit = b"0123456789"[usize::try_from(sum.rem_euclid(10)).expect("a digit")];
        carry = sum.div_euclid(10);
    }
    let zeros = out[start..].iter().take_while(|&&digit| digit == b'0').count();
    out.drain(start..start + zeros);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical(number: &str) -> String {
        let mut out = Vec::new();
        push_number(number.as_bytes(), &mut out);
        String::from_utf8(out).expect("ASCII")
    }

    #[test]
    fn equal_values_are_spelled_alike() {
        for row in [
            &["1", "1.0", "10e-1", "0.1e1", "1e0", "1E+00", "0.00001e5", "100e-2"][..],
            &["0", "-0", "0.0", "0e400", "-0.00E-5", "0e99999999999999999999999"],
            &["120", "1.2e2", "12e1", "120.00"],
            &["123456789012345678", "1.23456789012345678e17", "123456789012345678.0"],
            &["100000000000000000", "1e17"],
            &["1000000000000000000", "1e18", "100e16"],
            &["-120", "-1.2e2", "-12e1", "-120.00"],
            &["-123456789012345678", "-123456789012345678.0"],
            &["-1234567890123456789", "-1.234567890123456789e18"],
            &["1e400", "10e399", "0.1e401"],
            &["1e1000000000000000000", "10e999999999999999999", "0.1e1000000000000000001"],
            &["1e-1000000000000000000", "10e-1000000000000000001", "0.1e-999999999999999999"],
            &["123456789012345678901234567890", "1.2345678901234567890123456789e29"],
        ] {
            for number in row {
                assert_eq!(canonical(number), canonical(row[0]), "{number}");
            }
        }
    }

    #[test]
    fn different_values_are_spelled_differently() {
        let mut spelled: Vec<_> = [
            "0",
            "1",
            "-1",
            "10",
            "0.1",
            "11",
            "1e400",
            "2e400",
            "1e401",
            "1e-400",
            "9007199254740993",
            "9007199254740992",
            "1e99999999999999999999",
            "1e99999999999999999998",
            "1e-99999999999999999999",
            "0.30000000000000004",
            "0.3",
        ]
        .map(canonical)
        .to_vec();
        spelled.sort();
        spelled.dedup();
        assert_eq!(spelled.len(), 17);
    }

    proptest! {
        #[test]
        fn a_power_of_ten_may_stand_in_the_digits_or_in_the_exponent(digits in "[1-9][0-9]{0,30}", zeros in 0_usize..30, exponent in any::<i64>()) {
            let long = format!("{digits}{}e{exponent}", "0".repeat(zeros));
            let short = format!("{digits}e{}", i128::from(exponent) + zeros as i128);
            let fraction = format!("0.{}{digits}e{}", "0".repeat(zeros), i128::from(exponent) + (2 * zeros + digits.len()) as i128);
            prop_assert_eq!(canonical(&long), canonical(&short));
            prop_assert_eq!(canonical(&fraction), canonical(&short));
        }
    }
}
