//! How a pipeline runs: what becomes of records, exclusions and faulty lines, and on how much of the machine.

use std::num::NonZeroUsize;

use crate::record::Vectors;
use crate::timestamp::{Clock, Zone};

/// What becomes of the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Records {
    /// They are written.
    #[default]
    Write,
    /// They are only counted.
    Count,
}

/// What becomes of the provenance of records that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Provenance {
    /// It is written with them.
    #[default]
    Keep,
    /// It is left out.
    Strip,
}

/// What becomes of the records that are excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Excluded {
    /// They go to the output with the others.
    #[default]
    Keep,
    /// They go to [`Outputs::excluded`](super::Outputs::excluded).
    Route,
    /// They go nowhere.
    Drop,
}

/// What is done about a faulty line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFault {
    /// It is left out of the records, and goes to [`Outputs::rejects`](super::Outputs::rejects).
    #[default]
    Reject,
    /// It goes to the records as it came, and blank lines do too, so that there is a line out for each line in.
    Pass,
    /// The run ends there. What came before the line is written, and the line itself is rejected.
    Stop,
}

/// How much is written at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Buffering {
    /// All that is ready.
    #[default]
    Block,
    /// One record.
    Line,
}

/// How a pipeline runs.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many blocks are worked on at once, each by a thread of its own.
    pub threads: NonZeroUsize,
    /// What becomes of the records.
    pub records: Records,
    /// What becomes of the provenance of records that are written. It is in [`Outputs::sidecar`](super::Outputs::sidecar) either way.
    pub provenance: Provenance,
    /// What becomes of the records that are excluded.
    pub excluded: Excluded,
    /// What is done about a faulty line.
    pub on_fault: OnFault,
    /// How much is written at once.
    pub buffering: Buffering,
    /// The longest line, in bytes without its line feed, that is taken for a record.
    pub max_line_bytes: usize,
    /// Where the time comes from.
    pub clock: Clock,
    /// How wide the vectors may be that lines are read with. The result is the same; narrower ones are for tests and measurements.
    pub vectors: Vectors,
    /// The zone of capture times that carry none, for the summary.
    pub zone: Zone,
}

impl Default for Options {
    /// A thread for each core, all records to the output, lines of 64 MiB at most.
    fn default() -> Self {
        Self {
            threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            records: Records::default(),
            provenance: Provenance::default(),
            excluded: Excluded::default(),
            on_fault: OnFault::default(),
            buffering: Buffering::default(),
            max_line_bytes: 64 << 20,
            clock: Clock::default(),
            vectors: Vectors::default(),
            zone: Zone::default(),
        }
    }
}
