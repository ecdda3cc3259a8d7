//! How a run works: what happens to records, exclusions and faulty lines, and how much of the machine it uses.

use std::num::NonZeroUsize;

use crate::record::Vectors;
use crate::timestamp::{Clock, Zone};

/// What happens to records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Records {
    /// They are written.
    #[default]
    Write,
    /// They are only counted.
    Count,
}

/// What happens to the provenance of written records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Provenance {
    /// It is written with them.
    #[default]
    Keep,
    /// It is left out.
    Strip,
}

/// What happens to excluded records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Excluded {
    /// They go to the output with the others.
    #[default]
    Keep,
    /// They go to [`Outputs::excluded`](super::Outputs::excluded).
    Route,
    /// They are left out.
    Drop,
}

/// What happens to a faulty line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFault {
    /// The line is left out of the output, and goes to [`Outputs::rejects`](super::Outputs::rejects).
    #[default]
    Reject,
    /// The line is written as it came, and so are blank lines: one line out for each line in.
    Pass,
    /// The run ends at the line. What came before it is written; the line itself is rejected.
    Stop,
}

/// How much is passed to the writer at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Buffering {
    /// Everything that is ready: fastest.
    #[default]
    Block,
    /// One record: other writers to the same file cannot split it.
    Line,
}

/// How a run works.
#[derive(Debug, Clone)]
pub struct Options {
    /// The most blocks to work on at once, each in a thread of its own.
    pub threads: NonZeroUsize,
    /// What happens to records.
    pub records: Records,
    /// What happens to the provenance of written records. It goes to [`Outputs::sidecar`](super::Outputs::sidecar) either way.
    pub provenance: Provenance,
    /// What happens to excluded records.
    pub excluded: Excluded,
    /// What happens to a faulty line.
    pub on_fault: OnFault,
    /// How much is passed to the writer at once.
    pub buffering: Buffering,
    /// The longest line that is read as a record, in bytes without its line feed. A longer one is a fault,
    /// [`Code::LineTooLong`](crate::fault::Code::LineTooLong).
    pub max_line_bytes: usize,
    /// Where the time comes from.
    pub clock: Clock,
    /// How wide vectors may be. The result is the same; narrower ones are for tests and measurements.
    pub vectors: Vectors,
    /// The zone of capture times that have none, for the summary.
    pub zone: Zone,
}

impl Default for Options {
    /// Up to a thread for each core, all records written, faulty lines rejected, and lines of 64 MiB at most.
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
