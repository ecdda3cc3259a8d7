//! The fingerprints that were seen: a hash table of nothing but them.

use super::Fingerprint;

/// How many tables there are. One grows at a time, so that growing needs little memory beside the tables.
const SHARDS: usize = 256;
/// How many places a table starts with.
const FIRST_PLACES: usize = 16;

/// The fingerprints of the records that were seen so far.
///
/// It takes 18 to 37 bytes for each, whatever they are, and about 70 KiB at least.
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
    shards: Vec<Shard>,
}

/// A table in which a fingerprint stands at the first free place from the one on that its bits name.
#[derive(Debug)]
struct Shard {
    /// A power of two of them, of which one in eight is free at least. Zero is a free place.
    places: Vec<u128>,
    taken: usize,
}

impl Default for Seen {
    fn default() -> Self {
        let shard = || Shard { places: vec![0; FIRST_PLACES], taken: 0 };
        Self { shards: std::iter::repeat_with(shard).take(SHARDS).collect() }
    }
}

impl Seen {
    /// Remembers a fingerprint. True if it was not seen before.
    pub fn insert(&mut self, fingerprint: Fingerprint) -> bool {
        let (shard, bits) = address(fingerprint);
        self.shards[shard].insert(bits)
    }

    /// The fingerprint was seen before.
    #[must_use]
    pub fn contains(&self, fingerprint: Fingerprint) -> bool {
        let (shard, bits) = address(fingerprint);
        let places = &self.shards[shard].places;
        places[place_of(places, bits)] == bits
    }

    /// How many different fingerprints were seen.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.taken).sum()
    }

    /// None was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Shard {
    fn insert(&mut self, fingerprint: u128) -> bool {
        let place = place_of(&self.places, fingerprint);
        if self.places[place] == fingerprint {
            return false;
        }
        self.places[place] = fingerprint;
        self.taken += 1;
        if self.taken * 8 > self.places.len() * 7 {
            self.grow();
        }
        true
    }

    fn grow(&mut self) {
        let mut places = vec![0; self.places.len() * 2];
        for &fingerprint in self.places.iter().filter(|&&fingerprint| fingerprint != 0) {
            let place = place_of(&places, fingerprint);
            places[place] = fingerprint;
        }
        self.places = places;
    }
}

/// The number of a fingerprint's shard, and its bits there.
fn address(fingerprint: Fingerprint) -> (usize, u128) {
    // A free place is told by its zero, so the one fingerprint that is zero shares its place with another.
    let bits = u128::from_le_bytes(fingerprint.0).max(1);
    let [shard, ..] = bits.to_be_bytes();
    (usize::from(shard), bits)
}

/// Where a fingerprint stands, or is to stand.
fn place_of(places: &[u128], fingerprint: u128) -> usize {
    let last = places.len() - 1;
    // The lowest bits, which the number of a shard is not taken from. A table of as many places as they name is too large for any memory.
    let low = u32::try_from(fingerprint & u128::from(u32::MAX)).expect("32 bits");
    let mut place = low as usize & last;
    while places[place] != 0 && places[place] != fingerprint {
        place = (place + 1) & last;
    }
    place
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

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
    fn zero_is_a_fingerprint_too() {
        let mut seen = Seen::default();
        assert!(seen.insert(Fingerprint([0; 16])));
        assert!(!seen.insert(Fingerprint([0; 16])));
    }

    #[test]
    fn a_record_takes_forty_bytes_at_most() {
        let mut seen = Seen::default();
        for number in 1..=500_000 {
            seen.insert(fingerprint(number));
            if number % 50_000 == 0 {
                let places: usize = seen.shards.iter().map(|shard| shard.places.len()).sum();
                assert!(places * size_of::<u128>() <= seen.len() * 40, "{number}");
            }
        }
    }

    proptest! {
        #[test]
        fn says_what_a_set_says(fingerprints in proptest::collection::vec(0_u8..40, 0..200)) {
            let (mut seen, mut set) = (Seen::default(), HashSet::new());
            for number in fingerprints {
                // All in one table and near each other.
                let fingerprint = Fingerprint(u128::from(number / 4).to_le_bytes());
                let is_known = set.contains(&u128::from(number / 4).max(1));
                prop_assert_eq!(seen.contains(fingerprint), is_known);
                prop_assert_eq!(seen.insert(fingerprint), set.insert(u128::from(number / 4).max(1)));
            }
        }
    }
}
