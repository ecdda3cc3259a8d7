//! What filled provenance: which of a member's alternatives, and how its time was found.

use std::collections::BTreeMap;
use std::ops::AddAssign;

/// How many records took a value from which alternative, as it was written.
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

/// How times were found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TimeCounts {
    /// Read, with the zone that they carry, or since 1970.
    pub read: u64,
    /// Read, in a zone that was assumed because they carry none.
    pub assumed: u64,
    /// The time of the run.
    pub stamped: u64,
    /// Given, but not to be read as a time, and left out.
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
