//! What a worker does with a block: each line goes through the chain and becomes bytes to write.

use std::ops::ControlFlow;

use super::source::Chunk;
use super::written::{Bytes, Written};
use super::{Excluded, OnFault, Options, Provenance, Records};
use crate::codec::{Block, Part};
use crate::fault::{Code, Fault};
use crate::provenance::Field;
use crate::record::{Lines, Reader, Record};
use crate::stage::{Chain, Exclusion, Settled, Steps, Verdicts};
use crate::summary::{ExclusionExamples, Summary, Tally};
use crate::timestamp::{Timestamp, Zone};
use crate::value::Batch;

/// Works on blocks, with memory that is used again for each.
pub(super) struct Worker<'c> {
    chain: &'c Chain,
    options: &'c Options,
    /// How many faults of a block are kept as they were found.
    faults_kept: usize,
    reader: Reader,
    written: Written,
}

/// What of a block is kept for outputs that not every run has.
#[derive(Clone, Copy)]
pub(super) struct Kept {
    /// How many faults are kept as they were found.
    pub(super) faults: usize,
    /// Whether provenance is written by itself too.
    pub(super) sidecar: bool,
}

/// What has become of a block, as far as can be told before the blocks ahead of it are done.
pub(super) struct Draft<'c> {
    /// The chain at work on the lines of the block; nothing for pieces of a long line.
    steps: Option<Steps<'c>>,
    count: Count,
    stopped_after: Option<usize>,
    /// The time at which it was worked on.
    now: Timestamp,
}

/// What has become of a block.
pub(super) struct Processed<'w> {
    pub(super) written: &'w Written,
    pub(super) summary: Summary,
    /// The first faults, in the order of their lines.
    pub(super) faults: Vec<Placed<Fault>>,
    /// The first exclusions of each reason, in the order of their lines.
    pub(super) exclusions: Vec<Placed<Exclusion>>,
    /// How many of the records that are written have no time before the first that has one.
    pub(super) untimed: u64,
    /// For a run that ends here, how many of the block's bytes it took: those up to the end of the faulty line.
    pub(super) stopped_after: Option<usize>,
}

/// Something that was found, and its place in the block.
pub(super) struct Placed<T> {
    /// The lines of the block before its own.
    pub(super) line: u64,
    /// The bytes of the block before its line.
    pub(super) offset: u64,
    pub(super) found: T,
}

impl<'c> Worker<'c> {
    pub(super) fn new(chain: &'c Chain, options: &'c Options, kept: Kept) -> Self {
        let written = Written { sidecar: kept.sidecar.then(Bytes::default), ..Written::default() };
        Self { chain, options, faults_kept: kept.faults, reader: Reader::new(options.vectors), written }
    }

    /// Works on a block, while the blocks ahead of it may not be done.
    pub(super) fn draft(&mut self, chunk: &Chunk) -> Draft<'c> {
        self.draft_at(self.options.clock.now(), chunk)
    }

    /// Makes what is final of a draft, when all blocks ahead are done.
    pub(super) fn settle(&mut self, chunk: &Chunk, mut draft: Draft<'c>) -> Processed<'_> {
        // Nothing of the drafts of the blocks ahead is open, so that the second one stands.
        while draft.settle() == Settled::Anew {
            draft = self.draft_at(draft.now, chunk);
        }
        let Draft { steps, mut count, stopped_after, .. } = draft;
        if let Some(steps) = steps {
            steps.count(count.tally.summary());
        }
        let Count { tally, faults, exclusions, untimed, .. } = count;
        Processed { written: &self.written, summary: tally.finish(), faults, exclusions, untimed, stopped_after }
    }

    fn draft_at(&mut self, now: Timestamp, chunk: &Chunk) -> Draft<'c> {
        self.written.clear();
        let mut count = Count::new(self.options.zone, self.faults_kept, chunk.lines_before);
        let (steps, stopped_after) = match &chunk.block {
            Block::Lines(bytes) => {
                let mut steps = self.chain.begin(&Batch { now, file: &chunk.file });
                let stopped_after = self.each_line(bytes, &mut steps, &mut count);
                (Some(steps), stopped_after)
            }
            Block::LongLine { bytes, part } => (None, self.long_line(bytes, *part, &mut count)),
        };
        Draft { steps, count, stopped_after, now }
    }

    fn each_line(&mut self, bytes: &[u8], steps: &mut Steps<'_>, count: &mut Count) -> Option<usize> {
        let mut reader = std::mem::replace(&mut self.reader, Reader::new(self.options.vectors));
        let mut lines = reader.begin(bytes, &self.chain.needs().members);
        let (mut start, mut stopped_after) = (0, None);
        while start < bytes.len() && stopped_after.is_none() {
            let (length, flow) = self.next_line(&mut lines, start, steps, count);
            count.tally.summary().lines += 1;
            start = bytes.len().min(start + length + 1);
            stopped_after = flow.is_break().then_some(start);
        }
        reader.shrink();
        self.reader = reader;
        stopped_after
    }

    /// Works on the line that starts at `start`, and gives its length without its line feed.
    fn next_line(
        &mut self,
        lines: &mut Lines<'_>,
        start: usize,
        steps: &mut Steps<'_>,
        count: &mut Count,
    ) -> (usize, ControlFlow<()>) {
        let most = self.options.max_line_bytes;
        if let Some(mut record) = lines.record_at(start)
            && record.line().len() <= most
        {
            let line = record.line();
            let done = self.record(start, &mut record, steps, count);
            return (line.len(), self.end(start, line, done, count));
        }
        let line = lines.line_at(start);
        if line.len() <= most && is_blank(line) {
            return (line.len(), self.blank(start, line, count));
        }
        let done = if line.len() > most {
            Err(self.line_too_long())
        } else {
            lines.record(start, line.len()).and_then(|mut record| self.record(start, &mut record, steps, count))
        };
        (line.len(), self.end(start, line, done, count))
    }

    /// Turns down the line if it has a fault.
    fn end(&mut self, start: usize, line: &[u8], done: Result<(), Fault>, count: &mut Count) -> ControlFlow<()> {
        done.map_or_else(|fault| self.turn_down(start, line, fault, count), ControlFlow::Continue)
    }

    /// Works on a piece of a line that is too long. Gives the number of bytes taken if the run is to stop there.
    fn long_line(&mut self, bytes: &[u8], part: Part, count: &mut Count) -> Option<usize> {
        let fault = (part == Part::First).then(|| self.line_too_long());
        let (out, counter) = self.faulty_lines(count);
        out.push_part(0, bytes);
        if part == Part::Last && !bytes.ends_with(b"\n") {
            out.push_line_feed();
        }
        if let Some(fault) = fault {
            *counter += 1;
            count.add_fault(0, fault);
            count.tally.summary().lines += 1;
            if self.passes_faulty_lines() {
                self.pass_sidecar();
            }
        }
        (part == Part::Last && self.options.on_fault == OnFault::Stop).then_some(bytes.len())
    }

    /// Takes a record through the chain to where it goes.
    fn record(&mut self, start: usize, record: &mut Record<'_>, steps: &mut Steps<'_>, count: &mut Count) -> Result<(), Fault> {
        if self.chain.needs().line_numbers {
            record.set_number(count.lines_before + count.tally.summary().lines + 1);
        }
        let arrived_without = record.provenance().is_empty();
        let Verdicts { excluded, invalid } = steps.apply(record)?;
        let leaves = self.options.excluded != Excluded::Drop || !record.provenance().is_set(Field::Excluded);
        if let Some(fault) = invalid
            && leaves
        {
            if self.options.on_fault == OnFault::Stop {
                return Err(fault);
            }
            count.tally.summary().invalid += 1;
            count.add_fault(start, fault);
        }

        steps.accept();
        if let Some(exclusion) = excluded {
            count.add_example(start, exclusion);
        }
        count.tally.count(record);
        count.tally.summary().missing_provenance += u64::from(arrived_without);
        self.emit(start, record, count);
        Ok(())
    }

    fn emit(&mut self, start: usize, record: &Record<'_>, count: &mut Count) {
        let is_excluded = || record.provenance().is_set(Field::Excluded);
        let is_written = self.options.records == Records::Write && (self.options.excluded == Excluded::Keep || !is_excluded());
        if is_written {
            count.look_for_time(record);
        }
        if let Some(sidecar) = self.written.sidecar.as_mut().filter(|_| is_written) {
            record.write_provenance_to(sidecar.own_mut());
            sidecar.push_line_feed();
        }
        let summary = count.tally.summary();
        let (out, counter) = match (self.options.excluded, self.options.records) {
            (Excluded::Route, _) if is_excluded() => (Some(&mut self.written.excluded), &mut summary.routed),
            (Excluded::Drop, _) if is_excluded() => (None, &mut summary.dropped),
            (_, Records::Write) => (Some(&mut self.written.records), &mut summary.written),
            (_, Records::Count) => (None, &mut summary.dropped),
        };
        *counter += 1;
        if let Some(out) = out {
            let is_stripped = self.options.provenance == Provenance::Strip;
            let (before, after) = if is_stripped { record.stripped() } else { record.kept() };
            out.push_part(start, before);
            if !is_stripped {
                record.write_between(out.own_mut());
            }
            out.push_part(start + record.line().len() - after.len(), after);
            out.push_line_feed();
        }
    }

    /// Drops a blank line, unless there is to be a line out for each line in.
    fn blank(&mut self, start: usize, line: &[u8], count: &mut Count) -> ControlFlow<()> {
        count.tally.summary().blank_lines += 1;
        if let (OnFault::Pass, Records::Write) = (self.options.on_fault, self.options.records) {
            push_line(&mut self.written.records, start, line);
            self.pass_sidecar();
        }
        ControlFlow::Continue(())
    }

    /// Does with a faulty line what is asked for. Breaks if the run is to stop there.
    fn turn_down(&mut self, start: usize, line: &[u8], fault: Fault, count: &mut Count) -> ControlFlow<()> {
        count.add_fault(start, fault);
        let (out, counter) = self.faulty_lines(count);
        *counter += 1;
        push_line(out, start, line);
        if self.passes_faulty_lines() {
            self.pass_sidecar();
        }
        match self.options.on_fault {
            OnFault::Reject | OnFault::Pass => ControlFlow::Continue(()),
            OnFault::Stop => ControlFlow::Break(()),
        }
    }

    /// Gives a line that goes out as it came its line of the sidecar.
    fn pass_sidecar(&mut self) {
        if let Some(sidecar) = &mut self.written.sidecar {
            sidecar.own_mut().extend_from_slice(b"{}\n");
        }
    }

    fn passes_faulty_lines(&self) -> bool {
        (self.options.on_fault, self.options.records) == (OnFault::Pass, Records::Write)
    }

    /// Where faulty lines go, and what counts them.
    fn faulty_lines<'s>(&'s mut self, count: &'s mut Count) -> (&'s mut Bytes, &'s mut u64) {
        let summary = count.tally.summary();
        if self.passes_faulty_lines() {
            (&mut self.written.records, &mut summary.passed)
        } else {
            (&mut self.written.rejects, &mut summary.rejected)
        }
    }

    fn line_too_long(&self) -> Fault {
        Fault::new(Code::LineTooLong, format!("line too long: more than {} bytes", self.options.max_line_bytes))
    }
}

impl Draft<'_> {
    fn settle(&mut self) -> Settled {
        self.steps.as_mut().map_or(Settled::Stands, Steps::settle)
    }
}

/// What is counted while a block is worked on.
struct Count {
    tally: Tally,
    faults: Vec<Placed<Fault>>,
    faults_kept: usize,
    exclusions: Vec<Placed<Exclusion>>,
    /// The records that are written without a time before the first that has one.
    untimed: u64,
    /// The lines of the file before the block, where some stage needs to know.
    lines_before: u64,
}

impl Count {
    fn new(zone: Zone, faults_kept: usize, lines_before: u64) -> Self {
        Self { tally: Tally::new(zone), faults: Vec::new(), faults_kept, exclusions: Vec::new(), untimed: 0, lines_before }
    }

    /// Counts a record that is to be written, if neither it nor any before it has a time.
    fn look_for_time(&mut self, record: &Record<'_>) {
        if self.untimed == self.tally.summary().written && record.provenance().is_missing(Field::Timestamp) {
            self.untimed += 1;
        }
    }

    /// Counts a fault of the line that starts at `start` and comes next.
    fn add_fault(&mut self, start: usize, fault: Fault) {
        let summary = self.tally.summary();
        summary.by_error.add(fault.code, 1);
        let line = summary.lines;
        if self.faults.len() < self.faults_kept {
            self.faults.push(Placed { line, offset: start as u64, found: fault });
        }
    }

    /// Keeps an exclusion of the record that starts at `start` and comes next, if its reason has no more examples than are kept.
    fn add_example(&mut self, start: usize, exclusion: Exclusion) {
        let of_reason = self.exclusions.iter().filter(|example| example.found.reason == exclusion.reason);
        if of_reason.count() < ExclusionExamples::KEPT {
            let line = self.tally.summary().lines;
            self.exclusions.push(Placed { line, offset: start as u64, found: exclusion });
        }
    }
}

fn push_line(out: &mut Bytes, start: usize, line: &[u8]) {
    out.push_part(start, line);
    out.push_line_feed();
}

/// The white space that JSON allows around a record.
fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
}
