//! What the screen `duplicate` remembers of a run, and how workers ask it while they work on different parts of the input.
//!
//! The order of the input decides which of equal records is the first. A worker asks while earlier batches are still worked on, so that
//! what it hears is final only where a record was seen. When the earlier batches are done, the batch is settled: what it takes for new is
//! remembered, unless an earlier batch had the same, which only working on it anew can mend.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::duplicates::{DuplicateKey, Fingerprint, Seen};
use crate::screen::Look;

/// The contents of a run's records, as far as batches are settled.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) key: DuplicateKey,
    seen: Mutex<Seen>,
}

impl Memory {
    /// Makes it ready for a batch of records.
    pub(super) fn begin(&self) -> Recall<'_> {
        Recall { memory: self, latest: None, accepted: HashSet::default() }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Nothing of what is done with it panics halfway.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a batch of records knows of the records before.
pub(super) struct Recall<'s> {
    memory: &'s Memory,
    /// The record that was asked about last and is new.
    latest: Option<Fingerprint>,
    /// The records of the batch that are new and have passed all stages.
    accepted: HashSet<Fingerprint, BuildHasherDefault<First>>,
}

impl Recall<'_> {
    /// A record with the same content is known: of the batch, or of one that is settled.
    pub(super) fn is_duplicate(&mut self, record: &Look<'_>) -> bool {
        self.latest = Fingerprint::of(record, &self.memory.key);
        let is_known = self.latest.is_some_and(|own| self.accepted.contains(&own) || self.memory.seen().contains(own));
        if is_known {
            self.latest = None;
        }
        is_known
    }

    /// The next record is about to be looked at.
    pub(super) fn next(&mut self) {
        self.latest = None;
    }

    /// The record that was looked at last has passed all stages.
    pub(super) fn accept(&mut self) {
        self.accepted.extend(self.latest.take());
    }

    /// None of the records that the batch takes for new was in a batch that is settled by now.
    pub(super) fn stands(&self) -> bool {
        let seen = self.memory.seen();
        !self.accepted.iter().any(|&own| seen.contains(own))
    }

    /// After the last record, and when all earlier batches are settled: remembers the records of the batch.
    pub(super) fn settle(&mut self) {
        let mut seen = self.memory.seen();
        for own in self.accepted.drain() {
            seen.insert(own);
        }
    }
}

/// Takes the first bytes of a fingerprint for its hash, which they are.
#[derive(Default)]
struct First(u64);

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

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(recall: &mut Recall<'_>, record: &str) -> bool {
        recall.next();
        let is_duplicate = recall.is_duplicate(&Look::at(record.as_bytes()));
        recall.accept();
        is_duplicate
    }

    #[test]
    fn of_equal_records_the_first_of_the_input_stays() {
        let memory = Memory::default();
        let (mut first, mut second) = (memory.begin(), memory.begin());
        assert!(!ask(&mut second, r#"{"a":1}"#), "the first batch has not come to it yet");
        assert!(!ask(&mut first, r#"{"a":1.0}"#));
        assert!(ask(&mut first, r#"{"a":1}"#));
        assert!(first.stands());
        first.settle();
        assert!(!second.stands());
        let mut second = memory.begin();
        assert!(ask(&mut second, r#"{"a":1}"#));
        assert!(second.stands());
    }

    #[test]
    fn a_record_that_is_not_accepted_is_not_remembered() {
        let memory = Memory::default();
        let mut recall = memory.begin();
        assert!(!recall.is_duplicate(&Look::at(b"{}")));
        recall.next();
        // A record that comes excluded is accepted without a question.
        recall.accept();
        assert!(!ask(&mut recall, "{}"));
        assert!(ask(&mut recall, "{}"));
    }
}
