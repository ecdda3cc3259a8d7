//! Numbers as people read them.

/// A share as people read it: one digit behind the point, and whole only where it is.
pub(super) fn percent(count: u64, total: u64) -> String {
    if total == 0 {
        return "n/a".to_owned();
    }
    if count == total {
        return "100%".to_owned();
    }
    // 99.96% is not 100.0%: what is missing must be seen.
    let tenths = (u128::from(count) * 2000 / u128::from(total)).div_ceil(2).min(999);
    let tenths = if count > 0 { tenths.max(1) } else { tenths };
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// A share in thousandths, rounded down, and at most the whole.
pub(super) fn thousandths(count: u64, total: u64) -> u64 {
    let share = (u128::from(count) * 1000).checked_div(u128::from(total)).unwrap_or(0);
    u64::try_from(share.min(1000)).expect("a thousand fits")
}

/// A count with its thousands set apart.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap_or_default()).collect();
    groups.join(",")
}

/// A count and what is counted, in the plural unless it is one.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_whole_or_nothing_only_where_it_is() {
        for (count, total, expected) in [
            (0, 0, "n/a"),
            (0, 5, "0.0%"),
            (1, 1_000_000, "0.1%"),
            (1, 3, "33.3%"),
            (2, 3, "66.7%"),
            (999_999, 1_000_000, "99.9%"),
            (u64::MAX, u64::MAX, "100%"),
        ] {
            assert_eq!(percent(count, total), expected);
        }
    }

    #[test]
    fn thousandths_stay_within_the_whole() {
        for (count, total, expected) in [(0, 0, 0), (1, 3, 333), (3, 3, 1000), (u64::MAX, 1, 1000), (u64::MAX, u64::MAX, 1000)] {
            assert_eq!(thousandths(count, total), expected);
        }
    }

    #[test]
    fn thousands_are_set_apart() {
        for (count, expected) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567"), (u64::MAX, "18,446,744,073,709,551,615")]
        {
            assert_eq!(grouped(count), expected);
        }
    }

    #[test]
    fn one_is_counted_in_the_singular() {
        assert_eq!(counted(1, "record", "records"), "1 record");
        assert_eq!(counted(1_000, "record", "records"), "1,000 records");
    }
}
