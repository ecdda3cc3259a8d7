//! What a worker does with a block: each line through the chain, and into the bytes that are to be written.

use super::source::Chunk;
use super::{Excluded, Options, Records};
use crate::codec::{Block, Part};
use crate::fault::{Code, Fault};
use crate::provenance::Field;
use crate::record::Record;
use crate::stage::{Batch, Chain, Effect, Steps};
use crate::summary::{FAULTS_KEPT, Summary, Tally};

/// Works on blocks, with memory that is used again for each.
pub(super) struct Worker<'c> {
    chain: &'c Chain,
    options: &'c Options,
    records: Vec<u8>,
    excluded: Vec<u8>,
}

/// What has become of a block.
pub(super) struct Worked<'w> {
    /// What goes to the output.
    pub(super) records: &'w [u8],
    /// What goes to the output of excluded records.
    pub(super) excluded: &'w [u8],
    pub(super) summary: Summary,
    /// The first faults, in the order of their lines; as many as a summary keeps.
    pub(super) faults: Vec<PlacedFault>,
}

/// A fault and its place in the block.
pub(super) struct PlacedFault {
    /// The lines of the block before the fault's.
    pub(super) line: u64,
    /// The bytes of the block before the fault's line.
    pub(super) offset: u64,
    pub(super) fault: Fault,
}

impl<'c> Worker<'c> {
    pub(super) fn new(chain: &'c Chain, options: &'c Options) -> Self {
        Self { chain, options, records: Vec::new(), excluded: Vec::new() }
    }

    pub(super) fn work(&mut self, chunk: &Chunk) -> Worked<'_> {
        self.records.clear();
        self.excluded.clear();
        let mut count = Count::default();
        match &chunk.block {
            Block::Lines(bytes) => self.lines(bytes, &mut count),
            Block::LongLine { part: Part::First, .. } => {
                count.reject(0, line_too_long(self.options.max_line_bytes));
                count.tally.summary().lines += 1;
            }
            Block::LongLine { part: Part::Further, .. } => {}
        }
        let summary = count.tally.finish();
        Worked { records: &self.records, excluded: &self.excluded, summary, faults: count.faults }
    }

    fn lines(&mut self, bytes: &[u8], count: &mut Count) {
        let batch = Batch { now: self.options.clock.now() };
        let mut steps = self.chain.begin(&batch);
        // One pass over the block is faster than one over each line, and nearly all blocks pass.
        let text = simdutf8::basic::from_utf8(bytes).ok();
        let mut start = 0;
        while start < bytes.len() {
            let quick = text.and_then(|text| Record::parse_first(&text[start..]));
            let length = match &quick {
                Some(record) => record.line().len(),
                None => memchr::memchr(b'\n', &bytes[start..]).unwrap_or(bytes.len() - start),
            };
            let line = &bytes[start..start + length];
            if length > self.options.max_line_bytes {
                count.reject(start, line_too_long(self.options.max_line_bytes));
            } else if quick.is_none() && is_blank(line) {
                count.tally.summary().blank_lines += 1;
            } else {
                let record = quick.map_or_else(|| Record::parse(line), Ok);
                let done = record.and_then(|record| self.record(start, record, &mut steps, count));
                done.unwrap_or_else(|fault| count.reject(start, fault));
            }
            count.tally.summary().lines += 1;
            start += length + 1;
        }
    }

    /// Takes one record through the chain to where it goes.
    fn record(&mut self, start: usize, mut record: Record<'_>, steps: &mut Steps<'_>, count: &mut Count) -> Result<(), Fault> {
        let arrived_without = record.provenance().is_empty();
        let (mut annotated, mut backfilled, mut invalid) = (false, false, None);
        steps.apply(&mut record, |effect| match effect {
            Effect::None => {}
            Effect::Annotated => annotated = true,
            Effect::Backfilled => backfilled = true,
            Effect::Invalid(fault) => invalid = Some(fault),
        })?;

        count.tally.count(&record);
        let summary = count.tally.summary();
        summary.missing_provenance += u64::from(arrived_without);
        summary.annotated += u64::from(annotated);
        summary.backfilled += u64::from(backfilled);
        self.emit(&record, summary);
        if let Some(fault) = invalid {
            summary.invalid += 1;
            count.add_fault(start, fault);
        }
        Ok(())
    }

    fn emit(&mut self, record: &Record<'_>, summary: &mut Summary) {
        let is_excluded = || record.provenance().is_set(Field::Excluded);
        let (out, counter) = match (self.options.excluded, self.options.records) {
            (Excluded::Route, _) if is_excluded() => (Some(&mut self.excluded), &mut summary.routed),
            (Excluded::Drop, _) if is_excluded() => (None, &mut summary.dropped),
            (_, Records::Write) => (Some(&mut self.records), &mut summary.written),
            (_, Records::Count) => (None, &mut summary.dropped),
        };
        *counter += 1;
        if let Some(out) = out {
            record.write_to(out);
            out.push(b'\n');
        }
    }
}

/// What is counted while a block is worked on.
#[derive(Default)]
struct Count {
    tally: Tally,
    faults: Vec<PlacedFault>,
}

impl Count {
    /// Counts the line that starts at `start` as one that is left out.
    fn reject(&mut self, start: usize, fault: Fault) {
        self.tally.summary().rejected += 1;
        self.add_fault(start, fault);
    }

    fn add_fault(&mut self, start: usize, fault: Fault) {
        let summary = self.tally.summary();
        summary.by_error.add(fault.code, 1);
        let line = summary.lines;
        if self.faults.len() < FAULTS_KEPT {
            self.faults.push(PlacedFault { line, offset: start as u64, fault });
        }
    }
}

/// The white space that JSON allows around a record.
fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
}

fn line_too_long(max_line_bytes: usize) -> Fault {
    Fault::new(Code::LineTooLong, format!("longer than {max_line_bytes} bytes"))
}
