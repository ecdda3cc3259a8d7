//! What is counted in a run. Summaries add up: of blocks to a run's, of shards to the whole's. No formatting.

mod names;
mod taken;
mod tally;

use std::ops::AddAssign;

pub use names::Names;
pub use taken::{Taken, Times};
pub(crate) use tally::Tally;

use crate::fault::{Code, LocatedFault};
use crate::provenance::Field;
use crate::timestamp::Timestamp;

/// How many faults a summary keeps as they were found. The others are only counted.
pub const FAULTS_KEPT: usize = 100;

/// The counts of a run.
///
/// An empty summary changes nothing when it is added, and the sum is the same however the parts are put together, but for the
/// order of [`Summary::faults`], which are those of the left side first.
///
/// ```
/// use provfilter::Summary;
///
/// let (first, second) = (Summary { total: 2, ..Summary::default() }, Summary { total: 3, ..Summary::default() });
/// let mut sum = first;
/// sum += second;
/// assert_eq!(sum.total, 5);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Lines taken in. Always `total + blank_lines + rejected + passed`.
    pub lines: u64,
    /// Lines of nothing but blanks, which are dropped.
    pub blank_lines: u64,
    /// Records taken in. Always `written + routed + dropped`.
    pub total: u64,
    /// Faulty lines that were left out.
    pub rejected: u64,
    /// Faulty lines that were written as they came.
    pub passed: u64,
    /// Records that went to the output.
    pub written: u64,
    /// Excluded records that went to an output of their own.
    pub routed: u64,
    /// Records that went nowhere.
    pub dropped: u64,
    /// Records that leave approved.
    pub approved: u64,
    /// Records that leave excluded.
    pub excluded: u64,
    /// Records that leave approved, excluded, or both.
    pub covered: u64,
    /// Records that arrived without provenance, or with one that was null or empty.
    pub missing_provenance: u64,
    /// Records that the annotate stage changed.
    pub annotated: u64,
    /// Records that the backfill stage changed.
    pub backfilled: u64,
    /// Records that leave with the bytes they came with.
    pub unchanged: u64,
    /// Records that leave with all required fields.
    pub complete: u64,
    /// Records that leave with invalid provenance, as far as that was checked.
    pub invalid: u64,
    /// Bytes read.
    pub bytes_in: u64,
    /// Bytes written to the output.
    pub bytes_out: u64,
    /// The earliest capture time among the records that leave.
    pub first_timestamp: Option<Timestamp>,
    /// The latest capture time among the records that leave.
    pub last_timestamp: Option<Timestamp>,
    /// Records that leave, by source.
    pub by_source: Names,
    /// Records that leave, by model.
    pub by_model: Names,
    /// Excluded records that leave, by the reason.
    pub by_reason: Names,
    /// Faults by their code.
    pub by_error: CodeCounts,
    /// Records that leave without a required field, by that field.
    pub missing_fields: FieldCounts,
    /// How the times were found that the annotate and backfill stages filled in.
    pub times: Times,
    /// How many records took a value for a field from which of its alternatives.
    pub taken: Taken,
    /// The first faults, [`FAULTS_KEPT`] at most.
    pub faults: Vec<LocatedFault>,
}

impl Summary {
    /// The share of records that are approved or excluded, each counted once; none where there are no records.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share needs no more digits than a float has")]
    pub fn coverage(&self) -> Option<f64> {
        (self.total > 0).then(|| self.covered as f64 / self.total as f64)
    }

    /// The number of faults found: lines left out or passed on as they came, and invalid records.
    #[must_use]
    pub fn fault_count(&self) -> u64 {
        self.rejected + self.passed + self.invalid
    }
}

impl AddAssign for Summary {
    fn add_assign(&mut self, other: Self) {
        // Without `..`, so that the compiler asks for each new field.
        let Self {
            lines,
            blank_lines,
            total,
            rejected,
            passed,
            written,
            routed,
            dropped,
            approved,
            excluded,
            covered,
            missing_provenance,
            annotated,
            backfilled,
            unchanged,
            complete,
            invalid,
            bytes_in,
            bytes_out,
            first_timestamp,
            last_timestamp,
            by_source,
            by_model,
            by_reason,
            by_error,
            missing_fields,
            times,
            taken,
            faults,
        } = other;
        self.lines += lines;
        self.blank_lines += blank_lines;
        self.total += total;
        self.rejected += rejected;
        self.passed += passed;
        self.written += written;
        self.routed += routed;
        self.dropped += dropped;
        self.approved += approved;
        self.excluded += excluded;
        self.covered += covered;
        self.missing_provenance += missing_provenance;
        self.annotated += annotated;
        self.backfilled += backfilled;
        self.unchanged += unchanged;
        self.complete += complete;
        self.invalid += invalid;
        self.bytes_in += bytes_in;
        self.bytes_out += bytes_out;
        self.first_timestamp = [self.first_timestamp, first_timestamp].into_iter().flatten().min();
        self.last_timestamp = self.last_timestamp.max(last_timestamp);
        self.by_source += by_source;
        self.by_model += by_model;
        self.by_reason += by_reason;
        self.by_error += by_error;
        self.missing_fields += missing_fields;
        self.times += times;
        self.taken += taken;
        let room = FAULTS_KEPT.saturating_sub(self.faults.len());
        self.faults.extend(faults.into_iter().take(room));
    }
}

/// A count for each of a few keys that are known beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts<K, const N: usize> {
    counts: [u64; N],
    keys: std::marker::PhantomData<K>,
}

/// Counts by fault.
pub type CodeCounts = Counts<Code, { Code::ALL.len() }>;

/// Counts by field.
pub type FieldCounts = Counts<Field, { Field::ALL.len() }>;

impl<K, const N: usize> Default for Counts<K, N> {
    fn default() -> Self {
        Self { counts: [0; N], keys: std::marker::PhantomData }
    }
}

impl<K, const N: usize> AddAssign for Counts<K, N> {
    fn add_assign(&mut self, other: Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
    }
}

impl CodeCounts {
    /// Adds to the count of a code.
    pub fn add(&mut self, code: Code, count: u64) {
        self.counts[code as usize] += count;
    }

    /// The codes that were counted, in their order, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (Code, u64)> {
        Code::ALL.into_iter().zip(self.counts).filter(|(_, count)| *count > 0)
    }
}

impl FieldCounts {
    /// Adds to the count of a field.
    pub fn add(&mut self, field: Field, count: u64) {
        self.counts[field.index()] += count;
    }

    /// The required fields that were counted, in the order of [`Field::REQUIRED`], with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (Field, u64)> {
        Field::REQUIRED.into_iter().map(|field| (field, self.counts[field.index()])).filter(|(_, count)| *count > 0)
    }
}
