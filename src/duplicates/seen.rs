//! The fingerprints that were seen.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use super::Fingerprint;

/// How many sets there are. One grows at a time, so that growing needs little memory beside the sets.
const SHARDS: usize = 256;

/// The fingerprints of the records that were seen so far.
///
/// It takes 20 to 39 bytes for each, whatever they are.
///
/// ```
/// use provfilter::duplicates::{DuplicateKey, Fingerprint, Seen};
/// use provfilter::screen::Look;
///
/// let mut seen = Seen::default();
/// let mut insert = |record: &[u8]| seen.insert(Fingerprint::of(&Look::at(record), &DuplicateKey::content()).expect("content"));
/// assert!(insert(br#"{"a": 1, "b": 2}"#));
/// assert!(!insert(br#"{"b": 2.0, "a": 1}"#));
/// ```
#[derive(Debug)]
pub struct Seen {
    shards: Vec<Fingerprints>,
}

/// A set of fingerprints.
pub(crate) type Fingerprints = HashSet<Fingerprint, BuildHasherDefault<First>>;

/// Takes the first bytes of a fingerprint for its hash, which they are.
#[derive(Debug, Default)]
pub(crate) struct First(u64);

impl Hasher for First {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Default for Seen {
    fn default() -> Self {
        Self { shards: std::iter::repeat_with(Fingerprints::default).take(SHARDS).collect() }
    }
}

impl Seen {
    /// Remembers a fingerprint. True if it was not seen before.
    pub fn insert(&mut self, fingerprint: Fingerprint) -> bool {
        self.shards[shard(fingerprint)].insert(fingerprint)
    }

    /// The fingerprint was seen before.
    #[must_use]
    pub fn contains(&self, fingerprint: Fingerprint) -> bool {
        self.shards[shard(fingerprint)].contains(&fingerprint)
    }

    /// How many different fingerprints were seen.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards.iter().map(HashSet::len).sum()
    }

    /// None was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The number of a fingerprint's set: its last byte, which the place in the set does not depend on.
fn shard(fingerprint: Fingerprint) -> usize {
    let [.., last] = fingerprint.0;
    usize::from(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fingerprint as a hash gives it.
    fn fingerprint(number: u64) -> Fingerprint {
        let mixed = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).rotate_left(57);
        Fingerprint(mixed.wrapping_mul(0xda94_2042_e4dd_58b5_2d35_8dc1_3ef1_7b4f).to_le_bytes())
    }

    #[test]
    fn each_fingerprint_is_new_once() {
        let mut seen = Seen::default();
        assert!(seen.is_empty());
        for number in 1..=100_000 {
            assert!(seen.insert(fingerprint(number)));
        }
        for number in 1..=100_000 {
            assert!(!seen.insert(fingerprint(number)));
        }
        assert_eq!(seen.len(), 100_000);
    }

    #[test]
    fn a_record_takes_forty_bytes_at_most() {
        let mut seen = Seen::default();
        for number in 1..=500_000 {
            seen.insert(fingerprint(number));
            if number % 50_000 == 0 {
                // A set keeps one place in eight free, and a byte for each place beside its fingerprint.
                let places: usize = seen.shards.iter().map(|shard| (shard.capacity() * 8).div_ceil(7)).sum();
                assert!(places * (size_of::<Fingerprint>() + 1) <= seen.len() * 40, "{number}");
            }
        }
    }
}
