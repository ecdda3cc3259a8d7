//! Counts by names that come from the input: bounded in number and in length, whatever the input holds.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::AddAssign;

/// A count for each name, cut at 256 bytes.
///
/// A run keeps 100,000 names, those first in byte order, so that tables add up to the same in any order. Reports show the 10,000 most
/// frequent. The rest adds up under `other`, and so does a name that is `other` itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameCounts {
    counts: BTreeMap<Box<str>, u64>,
    /// The counts of names that had no room.
    other: u64,
}

impl NameCounts {
    /// How many names are kept.
    pub const KEPT: usize = 100_000;
    /// How many names are reported.
    pub const REPORTED: usize = 10_000;
    /// How many bytes of a name are kept.
    pub const LONGEST: usize = 256;
    /// What the rest is counted under.
    pub const OTHER: &'static str = "other";

    /// Adds to the count of a name.
    pub fn add(&mut self, name: &str, count: u64) {
        if name == Self::OTHER {
            self.other += count;
            return;
        }
        let name = &name[..name.floor_char_boundary(Self::LONGEST)];
        if let Some(own) = self.counts.get_mut(name) {
            *own += count;
            return;
        }
        self.counts.insert(name.into(), count);
        if self.counts.len() > Self::KEPT {
            self.other += self.counts.pop_last().map_or(0, |(_, count)| count);
        }
    }

    /// The most frequent names with their counts, in the order of their bytes, with the rest under `other`.
    #[must_use]
    pub fn to_map(&self) -> BTreeMap<&str, u64> {
        self.largest().into_iter().collect()
    }

    /// The most frequent names with their counts, the largest first; the rest comes last, as `other`.
    #[must_use]
    pub fn largest(&self) -> Vec<(&str, u64)> {
        let mut names: Vec<_> = self.counts.iter().map(|(name, &count)| (&**name, count)).collect();
        names.sort_by_key(|&(name, count)| (Reverse(count), name));
        let rest: u64 = names.iter().skip(Self::REPORTED).map(|(_, count)| count).sum();
        names.truncate(Self::REPORTED);
        let other = self.other + rest;
        names.extend((other > 0).then_some((Self::OTHER, other)));
        names
    }

    /// The sum of all counts.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.values().sum::<u64>() + self.other
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty() && self.other == 0
    }
}

impl AddAssign for NameCounts {
    fn add_assign(&mut self, rest: Self) {
        let Self { counts, other } = rest;
        self.other += other;
        for (name, count) in counts {
            self.add(&name, count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::NameCounts;

    fn table(names: impl Iterator<Item = usize>) -> NameCounts {
        let mut table = NameCounts::default();
        names.for_each(|name| table.add(&format!("{name:06}"), 1));
        table
    }

    #[test]
    fn reports_the_most_frequent_names_and_adds_up_the_rest() {
        let mut table = table(0..NameCounts::REPORTED + 5);
        table.add("zeta", 50_000);
        let map = table.to_map();
        assert_eq!(map.len(), NameCounts::REPORTED + 1);
        assert_eq!((map["zeta"], map[NameCounts::OTHER]), (50_000, 6));
        assert_eq!(table.total(), NameCounts::REPORTED as u64 + 5 + 50_000);
    }

    #[test]
    fn keeps_a_bounded_number_of_names() {
        let table = table(0..NameCounts::KEPT + 5);
        assert_eq!(table.counts.len(), NameCounts::KEPT);
        assert_eq!(table.total(), NameCounts::KEPT as u64 + 5);
    }

    #[test]
    fn the_sum_of_full_tables_is_the_same_in_any_order() {
        let parts = [table(0..90_000), table(80_000..150_000), table((0..120_000).rev())];
        let sum = |order: [usize; 3]| {
            order.iter().fold(NameCounts::default(), |mut sum, &part| {
                sum += parts[part].clone();
                sum
            })
        };
        assert_eq!(sum([0, 1, 2]), sum([2, 1, 0]));
        assert_eq!(sum([0, 1, 2]), sum([1, 2, 0]));
    }

    #[test]
    fn cuts_a_long_name_between_characters() {
        let mut table = NameCounts::default();
        table.add(&"é".repeat(200), 1);
        table.add(&format!("a{}", "é".repeat(200)), 1);
        let lengths: Vec<_> = table.to_map().keys().map(|name| name.len()).collect();
        assert_eq!(lengths, [255, 256]);
    }
}
