//! What the screen `duplicate` remembers of a run, and how workers ask it while they work on different parts of the input.
//!
//! The order of the input decides which of equal records is the first. A worker asks while earlier batches are still worked on, so that
//! what it hears is final only where a record was seen. When the earlier batches are done, the batch is settled: what it takes for new is
//! remembered, unless an earlier batch had the same, which only working on it anew can mend.

use std::hash::BuildHasherDefault;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::canonical::Canonical;
use crate::duplicates::{DuplicateKey, Fingerprint, Fingerprints, Seen};
use crate::screen::Look;

/// The contents of a run's records, as far as batches are settled.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) key: DuplicateKey,
    seen: Mutex<Seen>,
    /// How many batches are settled.
    settled: AtomicU64,
}

/// About how many records a batch has, of those that are short.
const USUAL: usize = 1500;

impl Memory {
    /// Makes it ready for a batch of records.
    pub(super) fn begin(&self) -> Recall<'_> {
        let settled = self.settled.load(Ordering::Acquire);
        Recall {
            memory: self,
            settled,
            content: Canonical::new(),
            latest: None,
            accepted: Fingerprints::with_capacity_and_hasher(USUAL, BuildHasherDefault::default()),
            turned_down: Vec::new(),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Nothing of what is done with it panics halfway.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a batch of records knows of the records before.
pub(super) struct Recall<'s> {
    memory: &'s Memory,
    /// How many batches were settled when this one was begun.
    settled: u64,
    content: Canonical,
    /// The record that was asked about last and is new.
    latest: Option<Fingerprint>,
    /// The records of the batch that are new and have passed all stages.
    accepted: Fingerprints,
    /// The records of the batch that are new, but have not passed all stages. What became of them is wrong if they are not new after all.
    turned_down: Vec<Fingerprint>,
}

impl Recall<'_> {
    /// A record with the same content is known: of the batch, or of one that is settled.
    pub(super) fn is_duplicate(&mut self, record: &Look<'_>) -> bool {
        self.next();
        self.latest = Fingerprint::take(record, &self.memory.key, &mut self.content);
        let is_known = self.latest.is_some_and(|own| self.accepted.contains(&own) || self.memory.seen().contains(own));
        if is_known {
            self.latest = None;
        }
        is_known
    }

    /// The next record is about to be looked at.
    pub(super) fn next(&mut self) {
        self.turned_down.extend(self.latest.take());
    }

    /// The record that was looked at last has passed all stages.
    pub(super) fn accept(&mut self) {
        self.accepted.extend(self.latest.take());
    }

    /// None of the records that the batch takes for new was in a batch that is settled by now.
    pub(super) fn stands(&self) -> bool {
        if self.memory.settled.load(Ordering::Acquire) == self.settled {
            return true;
        }
        let seen = self.memory.seen();
        !self.accepted.iter().chain(&self.turned_down).chain(&self.latest).any(|&own| seen.contains(own))
    }

    /// After the last record, and when all earlier batches are settled: remembers the records of the batch.
    pub(super) fn settle(&mut self) {
        let mut seen = self.memory.seen();
        for own in self.accepted.drain() {
            seen.insert(own);
        }
        self.memory.settled.fetch_add(1, Ordering::Release);
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
    fn a_record_that_failed_does_not_stand_if_it_is_not_new() {
        let memory = Memory::default();
        let (mut first, mut second) = (memory.begin(), memory.begin());
        assert!(!second.is_duplicate(&Look::at(b"{}")), "then a stage finds it faulty");
        assert!(!ask(&mut first, "{}"));
        first.settle();
        assert!(!second.stands());
        second.next();
        assert!(!second.stands());
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
