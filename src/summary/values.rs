//! What filled provenance: which of a member's values, and where its time came from.

use std::collections::BTreeMap;
use std::ops::AddAssign;

/// How many records took which value, as it was given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValueCounts(BTreeMap<(Box<str>, Box<str>), u64>);

impl ValueCounts {
    /// Adds to the count of an alternative for the member of this name.
    pub fn add(&mut self, member: &str, alternative: &str, count: u64) {
        if count > 0 {
            *self.0.entry((member.into(), alternative.into())).or_default() += count;
        }
    }

    /// The members, alternatives and counts, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        self.0.iter().map(|((member, alternative), count)| (&**member, &**alternative, *count))
    }
}

impl AddAssign for ValueCounts {
    fn add_assign(&mut self, other: Self) {
        for ((member, alternative), count) in other.0 {
            *self.0.entry((member, alternative)).or_default() += count;
        }
    }
}

/// Where the times that were filled in came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TimeCounts {
    /// Read from the record, with a zone or as a number since 1970.
    pub read: u64,
    /// Read from the record, in an assumed zone because they have none.
    pub assumed: u64,
    /// The time of the run.
    pub stamped: u64,
    /// In the record but not readable as a time, and left out.
    pub unreadable: u64,
}

impl AddAssign for TimeCounts {
    fn add_assign(&mut self, other: Self) {
        let Self { read, assumed, stamped, unreadable } = other;
        self.read += read;
        self.assumed += assumed;
        self.stamped += stamped;
        self.unreadable += unreadable;
    }
}
