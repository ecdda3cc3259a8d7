//! Counts by names that come from the input: bounded in number and in length, whatever the input holds.

use std::collections::BTreeMap;
use std::ops::AddAssign;

/// A count for each name.
///
/// A table keeps 10,000 names, each cut at 256 bytes; the rest adds up under `other`. Those that are kept are the first in the
/// order of their bytes, so that tables add up to the same in any order. A name that is `other` is counted with the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    counts: BTreeMap<Box<str>, u64>,
    /// The counts of names that had no room.
    other: u64,
}

impl Names {
    /// How many names a table keeps.
    pub const MOST: usize = 10_000;
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
        if self.counts.len() > Self::MOST {
            self.other += self.counts.pop_last().map_or(0, |(_, count)| count);
        }
    }

    /// The names with their counts, and the rest under `other`.
    #[must_use]
    pub fn to_map(&self) -> BTreeMap<&str, u64> {
        let mut map: BTreeMap<_, _> = self.counts.iter().map(|(name, &count)| (&**name, count)).collect();
        if self.other > 0 {
            map.insert(Self::OTHER, self.other);
        }
        map
    }

    /// The names with their counts, the largest first; `other` comes last.
    #[must_use]
    pub fn largest(&self) -> Vec<(&str, u64)> {
        let mut names: Vec<_> = self.counts.iter().map(|(name, &count)| (&**name, count)).collect();
        names.sort_by_key(|&(name, count)| (std::cmp::Reverse(count), name));
        names.extend((self.other > 0).then_some((Self::OTHER, self.other)));
        names
    }

    /// Nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty() && self.other == 0
    }
}

impl AddAssign for Names {
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
    use super::Names;

    fn table(names: impl Iterator<Item = usize>) -> Names {
        let mut table = Names::default();
        names.for_each(|name| table.add(&format!("{name:05}"), 1));
        table
    }

    #[test]
    fn keeps_a_bounded_number_of_names_and_adds_up_the_rest() {
        let table = table(0..Names::MOST + 5);
        let map = table.to_map();
        assert_eq!(map.len(), Names::MOST + 1);
        assert_eq!(map[Names::OTHER], 5);
    }

    #[test]
    fn the_sum_of_full_tables_is_the_same_in_any_order() {
        let parts = || [table(0..9_000), table(8_000..15_000), table((0..20_000).rev())];
        let sum = |order: [usize; 3]| {
            let parts = parts();
            order.iter().fold(Names::default(), |mut sum, &part| {
                sum += parts[part].clone();
                sum
            })
        };
        assert_eq!(sum([0, 1, 2]), sum([2, 1, 0]));
        assert_eq!(sum([0, 1, 2]), sum([1, 2, 0]));
    }

    #[test]
    fn cuts_a_long_name_between_characters() {
        let mut table = Names::default();
        table.add(&"é".repeat(200), 1);
        table.add(&format!("a{}", "é".repeat(200)), 1);
        let lengths: Vec<_> = table.to_map().keys().map(|name| name.len()).collect();
        assert_eq!(lengths, [255, 256]);
    }
}
