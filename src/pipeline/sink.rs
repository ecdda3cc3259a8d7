//! Where blocks go, in their order: the outputs, the sum of the counts, and the observer.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::control::Control;
use super::document::Document;
use super::source::Chunk;
use super::work::{Kept, Placed, Processed};
use super::written::{Bytes, LARGEST_KEPT, Written};
use super::{Buffering, Observer, Outcome, UNTIMED};
use crate::codec::{Block, Part};
use crate::digest::Hasher;
use crate::error::{Ending, Error};
use crate::fault::{Fault, LocatedFault};
use crate::stage::Exclusion;
use crate::summary::{ExclusionExample, FAULTS_KEPT, Summary};

/// Where lines are written.
#[derive(Debug)]
pub struct Outputs<W> {
    /// Where records go.
    pub records: Output<W>,
    /// Where excluded records go with [`Excluded::Route`](super::Excluded::Route).
    pub excluded: Option<Output<W>>,
    /// Where rejected lines go, byte for byte, each with a line feed at its end.
    pub rejects: Option<Output<W>>,
    /// Where the provenance of each record goes: line N belongs to line N of `records`. `{}` stands for none.
    pub sidecar: Option<Output<W>>,
    /// Where faults go: each [`LocatedFault`] as a JSON object on a line of its own.
    pub errors: Option<Output<W>>,
}

impl<W> Outputs<W> {
    /// All records to one writer.
    pub fn to(writer: W) -> Self {
        Self { records: Output::new("-", writer), excluded: None, rejects: None, sidecar: None, errors: None }
    }

    /// What has to be kept of a block for these outputs.
    pub(super) fn kept(&self) -> Kept {
        Kept { faults: if self.errors.is_some() { usize::MAX } else { FAULTS_KEPT }, sidecar: self.sidecar.is_some() }
    }

    fn iter_mut(&mut self) -> impl Iterator<Item = &mut Output<W>> {
        let Self { records, excluded, rejects, sidecar, errors } = self;
        std::iter::once(records).chain([excluded, rejects, sidecar, errors].into_iter().flatten())
    }
}

/// A named writer.
#[derive(Debug)]
pub struct Output<W> {
    /// What errors call it.
    pub name: Arc<str>,
    /// Takes the bytes.
    pub writer: W,
    /// Takes what is written, if its digest is wanted.
    hasher: Option<Hasher>,
    /// It took no more.
    has_failed: bool,
}

impl<W> Output<W> {
    /// An output of this name.
    pub fn new(name: impl Into<Arc<str>>, writer: W) -> Self {
        Self { name: name.into(), writer, hasher: None, has_failed: false }
    }

    /// Hashes what is written, for [`Output::sha256`].
    #[must_use]
    pub fn hashed(self) -> Self {
        Self { hasher: Some(Hasher::default()), ..self }
    }

    /// The SHA-256 of all bytes written, in hexadecimal digits (FIPS 180-4). `None` without [`Output::hashed`], or if not everything could
    /// be written.
    #[must_use]
    pub fn sha256(&self) -> Option<String> {
        self.hasher.as_ref().filter(|_| !self.has_failed).map(|hasher| hasher.clone().finish())
    }
}

impl<W: AsyncWrite + Unpin> Output<W> {
    /// Writes bytes of which some are parts of the block.
    async fn write_pieces(&mut self, bytes: &Bytes, block: &[u8], buffering: Buffering) -> Result<(), Error> {
        for piece in bytes.pieces(block) {
            self.write(piece, buffering).await?;
        }
        Ok(())
    }

    async fn write(&mut self, bytes: &[u8], buffering: Buffering) -> Result<(), Error> {
        if bytes.is_empty() {
            return Ok(());
        }
        let written = match buffering {
            Buffering::Block => write(&mut self.writer, bytes).await,
            Buffering::Line => self.write_lines(bytes).await,
        };
        self.hasher.iter_mut().for_each(|hasher| hasher.update(bytes));
        written.map_err(|source| self.failed(source))
    }

    async fn write_lines(&mut self, bytes: &[u8]) -> io::Result<()> {
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            write(&mut self.writer, line).await?;
        }
        Ok(())
    }

    /// Ends the output, unless it has failed before.
    async fn close(&mut self) -> Result<(), Error> {
        if self.has_failed {
            return Ok(());
        }
        self.writer.shutdown().await.map_err(|source| self.failed(source))
    }

    fn failed(&mut self, source: io::Error) -> Error {
        self.has_failed = true;
        Error::Write { output: Arc::clone(&self.name), source }
    }
}

/// Writes all of the bytes, and whatever buffer the writer has with them.
async fn write(writer: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    writer.write_all(bytes).await?;
    writer.flush().await
}

/// The end of the pipeline. It goes from block to block, so that who has it knows that all earlier ones are done.
pub(super) struct Sink<W> {
    outputs: Outputs<W>,
    buffering: Buffering,
    observer: Box<dyn Observer>,
    /// Where the run's summary stands, for others to see while it goes on.
    control: Control,
    errors: Vec<Error>,
    /// The lines of the current file before the block that comes next.
    lines_before: u64,
    /// The records that were written.
    written: u64,
    /// Those of them before the first that has a time.
    untimed: u64,
    /// Where the line that is too long goes of which another piece is to come.
    unfinished: Option<FaultyLines>,
    /// Memory for the faults of a block as they are written.
    fault_lines: Vec<u8>,
}

/// Where the faulty lines of a run go.
#[derive(Clone, Copy)]
enum FaultyLines {
    Records,
    Rejects,
}

impl<W: AsyncWrite + Unpin> Sink<W> {
    pub(super) fn new(outputs: Outputs<W>, buffering: Buffering, observer: Box<dyn Observer>, control: Control) -> Self {
        Self {
            outputs,
            buffering,
            observer,
            control,
            errors: Vec::new(),
            lines_before: 0,
            written: 0,
            untimed: 0,
            unfinished: None,
            fault_lines: Vec::new(),
        }
    }

    /// Takes what has become of a block, adds it up, and writes it. Breaks where a faulty line stops the run or an output takes no more.
    pub(super) async fn take(&mut self, chunk: &Chunk, processed: Processed<'_>) -> ControlFlow<Ending> {
        let Processed { written, mut summary, faults, exclusions, untimed, stopped_after } = processed;
        if chunk.starts_file {
            self.lines_before = 0;
            if let Some(document) = Document::of_start(chunk.bytes()) {
                self.observer.on_document(&chunk.file, document);
            }
        }
        let lines = summary.lines;
        summary.bytes_in = chunk.bytes_read_up_to(stopped_after);
        summary.bytes_out = written.records.len() as u64;
        summary.faults = faults.into_iter().map(|placed| self.locate(chunk, placed)).collect();
        for Placed { line, offset, found: Exclusion { reason, found } } in exclusions {
            let (file, line) = (Arc::clone(&chunk.file), self.lines_before + line + 1);
            let example = ExclusionExample { file, line, byte_offset: chunk.offset + offset, found };
            summary.exclusion_examples.add(&reason, example);
        }
        self.lines_before += lines;
        self.tell(&summary.faults);
        self.count_untimed(summary.written, untimed);
        self.control.add_block(summary, chunk.input);
        if let Some(sha256) = &chunk.sha256 {
            self.control.end_input(chunk.input, sha256);
        }
        self.unfinished = unfinished(&chunk.block, written);
        self.write(written, chunk.bytes()).await?;
        if stopped_after.is_some() { ControlFlow::Break(Ending::Stopped) } else { ControlFlow::Continue(()) }
    }

    /// Adds the records of a block, the first of which have no time.
    fn count_untimed(&mut self, written: u64, untimed: u64) {
        if self.untimed == self.written {
            self.untimed += untimed;
            if (self.untimed - untimed..self.untimed).contains(&(UNTIMED - 1)) {
                self.observer.on_untimed();
            }
        }
        self.written += written;
    }

    fn locate(&self, chunk: &Chunk, placed: Placed<Fault>) -> LocatedFault {
        LocatedFault {
            file: Arc::clone(&chunk.file),
            line: self.lines_before + placed.line + 1,
            byte_offset: chunk.offset + placed.offset,
            fault: placed.found,
        }
    }

    fn tell(&mut self, faults: &[LocatedFault]) {
        self.fault_lines.clear();
        self.fault_lines.shrink_to(LARGEST_KEPT);
        for fault in faults {
            self.observer.on_fault(fault);
            if self.outputs.errors.is_some() {
                serde_json::to_writer(&mut self.fault_lines, fault).expect("numbers and strings are JSON");
                self.fault_lines.push(b'\n');
            }
        }
    }

    /// Writes to each output, also when another one fails, so that what was counted is written wherever that is possible.
    async fn write(&mut self, written: &Written, block: &[u8]) -> ControlFlow<Ending> {
        let Outputs { records, excluded, rejects, sidecar, errors } = &mut self.outputs;
        let results = [
            records.write_pieces(&written.records, block, self.buffering).await,
            write_to(excluded, &written.excluded, block, self.buffering).await,
            write_to(rejects, &written.rejects, block, self.buffering).await,
            match &written.sidecar {
                Some(bytes) => write_to(sidecar, bytes, block, self.buffering).await,
                None => Ok(()),
            },
            match errors {
                Some(errors) => errors.write(&self.fault_lines, self.buffering).await,
                None => Ok(()),
            },
        ];
        let failures = self.errors.len();
        self.errors.extend(results.into_iter().filter_map(Result::err));
        if self.errors.len() > failures { ControlFlow::Break(Ending::Failed) } else { ControlFlow::Continue(()) }
    }

    /// Takes note of an input that could not be opened or read to its end.
    pub(super) fn fail_input(&mut self, error: Error) {
        self.observer.on_failed_input(&error);
        self.errors.push(error);
    }

    /// Gives a line that is too long its line feed, where the run ends before the line does.
    async fn finish_line(&mut self) -> Result<(), Error> {
        let output = match self.unfinished.take() {
            Some(FaultyLines::Records) => {
                self.control.add(Summary { bytes_out: 1, ..Summary::default() });
                Some(&mut self.outputs.records)
            }
            Some(FaultyLines::Rejects) => self.outputs.rejects.as_mut(),
            None => None,
        };
        match output {
            Some(output) if !output.has_failed => output.write(b"\n", self.buffering).await,
            _ => Ok(()),
        }
    }

    /// Ends the outputs, so that what a writer still holds is written too, and tells how the run went.
    pub(super) async fn close(mut self, ending: Ending) -> Outcome<W> {
        let finished = self.finish_line().await;
        self.errors.extend(finished.err());
        for output in self.outputs.iter_mut() {
            self.errors.extend(output.close().await.err());
        }
        // Whoever adds up reports has to see that something is not in this one, or was counted and not written.
        let ending = if ending == Ending::Finished && !self.errors.is_empty() { Ending::Failed } else { ending };
        Outcome { summary: self.control.summary(), errors: self.errors, ending, outputs: Some(self.outputs) }
    }
}

/// Where the line goes that the block is a piece of, if it is not the last one.
fn unfinished(block: &Block, written: &Written) -> Option<FaultyLines> {
    match block {
        Block::LongLine { part: Part::First | Part::Middle, .. } if written.records.is_empty() => Some(FaultyLines::Rejects),
        Block::LongLine { part: Part::First | Part::Middle, .. } => Some(FaultyLines::Records),
        _ => None,
    }
}

async fn write_to<W: AsyncWrite + Unpin>(
    output: &mut Option<Output<W>>,
    bytes: &Bytes,
    block: &[u8],
    buffering: Buffering,
) -> Result<(), Error> {
    match output {
        Some(output) => output.write_pieces(bytes, block, buffering).await,
        None => Ok(()),
    }
}
