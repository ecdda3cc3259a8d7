//! What is counted in a run. Summaries of blocks add up to that of a run, and summaries of shards to that of the whole. No formatting.

mod content;
mod examples;
mod names;
mod tally;
mod values;

use std::ops::AddAssign;

pub use content::{Content, ContentRow};
pub use examples::{ExclusionExample, ExclusionExamples};
pub use names::NameCounts;
pub(crate) use tally::Tally;
pub use values::{TimeCounts, ValueCounts};

use crate::fault::{Code, LocatedFault};
use crate::provenance::Field;
use crate::timestamp::Timestamp;

/// How many faults a summary keeps in full. Further ones are only counted.
pub const FAULTS_KEPT: usize = 100;

/// One row of the table of counters.
pub(crate) struct Counter {
    /// What the summary and the JSON report call it.
    pub(crate) name: &'static str,
    /// What Prometheus calls it, behind the program's name.
    pub(crate) metric: &'static str,
    /// What it counts, for Prometheus.
    pub(crate) help: &'static str,
    pub(crate) get: fn(&Summary) -> u64,
    pub(crate) get_mut: fn(&mut Summary) -> &mut u64,
}

/// Makes the summary from one table, whose rows are a counter's name, its metric, and what that counts.
macro_rules! summary {
    (
        $(#[$attribute:meta])*
        pub struct Summary {
            counters {
                $($(#[$doc:meta])* $counter:ident: $metric:literal, $help:literal;)*
            }
            $($(#[$other_doc:meta])* pub $other:ident: $type:ty,)*
        }
    ) => {
        $(#[$attribute])*
        pub struct Summary {
            $($(#[$doc])* pub $counter: u64,)*
            $($(#[$other_doc])* pub $other: $type,)*
        }

        impl Summary {
            /// All counters, in the order in which reports list them.
            pub(crate) const COUNTERS: &'static [Counter] = &[$(Counter {
                name: stringify!($counter),
                metric: $metric,
                help: $help,
                get: |summary| summary.$counter,
                get_mut: |summary| &mut summary.$counter,
            }),*];
        }
    };
}

summary! {
/// The counts of a run.
///
/// Adding an empty summary changes nothing, and a sum does not depend on how its parts are grouped. [`Summary::faults`] are in the order in
/// which the parts were added.
///
/// ```
/// use provfilter::summary::Summary;
///
/// let (first, second) = (Summary { total: 2, ..Summary::default() }, Summary { total: 3, ..Summary::default() });
/// let mut sum = first;
/// sum += second;
/// assert_eq!(sum.total, 5);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    counters {
        /// Lines read. Always `total + blank_lines + rejected + passed`.
        lines: "lines_total", "Lines read.";
        /// Blank lines, which are dropped unless faulty lines are passed through.
        blank_lines: "blank_lines_total", "Blank lines.";
        /// Records read. Always `written + routed + dropped`.
        total: "records_total", "Records read.";
        /// Faulty lines that were left out.
        rejected: "rejected_lines_total", "Faulty lines left out.";
        /// Faulty lines that were written unchanged.
        passed: "passed_lines_total", "Faulty lines passed through unchanged.";
        /// Records that went to the output.
        written: "written_records_total", "Records written to the output.";
        /// Excluded records written to an output of their own.
        routed: "routed_records_total", "Excluded records written to a file of their own.";
        /// Records written nowhere.
        dropped: "dropped_records_total", "Records left out of the output.";
        /// Approved records, after all stages.
        approved: "approved_records_total", "Approved records.";
        /// Excluded records, after all stages.
        excluded: "excluded_records_total", "Excluded records.";
        /// Records that arrived without provenance, or with one that was null or empty.
        missing_provenance: "missing_provenance_records_total", "Records that arrived without provenance.";
        /// Records that the annotate stage changed.
        annotated: "annotated_records_total", "Records changed by annotating.";
        /// Records that the backfill stage changed.
        backfilled: "backfilled_records_total", "Records changed by backfilling.";
        /// Records that are the same, byte for byte, as they came.
        unchanged: "unchanged_records_total", "Records left unchanged, byte for byte.";
        /// Records with all required fields, after all stages.
        complete: "complete_records_total", "Records with all required fields.";
        /// Records that are approved, excluded, or both, each counted once.
        covered: "covered_records_total", "Records approved or excluded, each counted once.";
        /// Records with invalid provenance, if that was checked.
        invalid: "invalid_records_total", "Records with invalid provenance.";
        /// Bytes read.
        bytes_in: "read_bytes_total", "Bytes read.";
        /// Bytes written to the output.
        bytes_out: "written_bytes_total", "Bytes written to the output.";
    }
    /// The earliest capture time of a record.
    pub first_timestamp: Option<Timestamp>,
    /// The latest capture time of a record.
    pub last_timestamp: Option<Timestamp>,
    /// Records by source; `unknown` for none.
    pub by_source: NameCounts,
    /// Records by model; `unknown` for none.
    pub by_model: NameCounts,
    /// Excluded records by reason.
    pub by_reason: NameCounts,
    /// Records by month of capture in UTC, such as `2026-03`.
    pub by_month: NameCounts,
    /// Records and bytes by source and model.
    pub content: Content,
    /// The first records that each rule of the run excluded.
    pub exclusion_examples: ExclusionExamples,
    /// Faults by code.
    pub by_error: CodeCounts,
    /// Records that lack a required field, by field.
    pub missing_fields: FieldCounts,
    /// Where the times that were filled in came from.
    pub times: TimeCounts,
    /// How many records took which of a field's values.
    pub values: ValueCounts,
    /// The first faults, [`FAULTS_KEPT`] at most.
    pub faults: Vec<LocatedFault>,
}
}

impl Summary {
    /// The share of records that are approved or excluded, from 0 to 1; `None` without records.
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
        for counter in Self::COUNTERS {
            *(counter.get_mut)(self) += (counter.get)(&other);
        }
        self.first_timestamp = [self.first_timestamp, other.first_timestamp].into_iter().flatten().min();
        self.last_timestamp = self.last_timestamp.max(other.last_timestamp);
        self.by_source += other.by_source;
        self.by_model += other.by_model;
        self.by_reason += other.by_reason;
        self.by_month += other.by_month;
        self.content += other.content;
        self.exclusion_examples += other.exclusion_examples;
        self.by_error += other.by_error;
        self.missing_fields += other.missing_fields;
        self.times += other.times;
        self.values += other.values;
        let room = FAULTS_KEPT.saturating_sub(self.faults.len());
        self.faults.extend(other.faults.into_iter().take(room));
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
