//! Where blocks go: the outputs, the sum of what was counted, and who is told of faults. Sees the blocks in their order.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::source::Chunk;
use super::work::Worked;
use super::{Buffering, Observer, Outcome};
use crate::error::Error;
use crate::fault::LocatedFault;
use crate::summary::Summary;

/// Where records are written to.
#[derive(Debug)]
pub struct Outputs<W> {
    /// Where records go.
    pub records: Output<W>,
    /// Where excluded records go with [`super::Excluded::Route`].
    pub excluded: Option<Output<W>>,
}

impl<W> Outputs<W> {
    /// All records to one writer.
    pub fn to(writer: W) -> Self {
        Self { records: Output::new("-", writer), excluded: None }
    }
}

/// A writer with a name.
#[derive(Debug)]
pub struct Output<W> {
    /// What errors call it.
    pub name: Arc<str>,
    /// Takes the bytes.
    pub writer: W,
}

impl<W> Output<W> {
    /// An output of this name.
    pub fn new(name: impl Into<Arc<str>>, writer: W) -> Self {
        Self { name: name.into(), writer }
    }
}

impl<W: AsyncWrite + Unpin> Output<W> {
    async fn write(&mut self, bytes: &[u8], buffering: Buffering) -> Result<(), Error> {
        if bytes.is_empty() {
            return Ok(());
        }
        let failed = |source: io::Error| Error::Write { output: Arc::clone(&self.name), source };
        match buffering {
            Buffering::Block => write(&mut self.writer, bytes).await.map_err(failed),
            Buffering::Line => {
                for line in bytes.split_inclusive(|&byte| byte == b'\n') {
                    write(&mut self.writer, line).await.map_err(failed)?;
                }
                Ok(())
            }
        }
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
    summary: Summary,
    errors: Vec<Error>,
    /// The lines of the current file before the block that comes next.
    lines_before: u64,
}

/// The output took no more: the run is over.
pub(super) struct OutputFailed;

impl<W: AsyncWrite + Unpin> Sink<W> {
    pub(super) fn new(outputs: Outputs<W>, buffering: Buffering, observer: Box<dyn Observer>) -> Self {
        Self { outputs, buffering, observer, summary: Summary::default(), errors: Vec::new(), lines_before: 0 }
    }

    /// Takes what has become of a block, writes it, and adds it up.
    pub(super) async fn take(&mut self, chunk: &Chunk, worked: Worked<'_>) -> Result<(), OutputFailed> {
        let Worked { records, excluded, mut summary, faults } = worked;
        if chunk.starts_file {
            self.lines_before = 0;
        }
        let lines = summary.lines;
        summary.bytes_in = chunk.bytes_read as u64;
        summary.bytes_out = records.len() as u64;
        summary.faults = faults
            .into_iter()
            .map(|placed| LocatedFault {
                file: Arc::clone(&chunk.file),
                line: self.lines_before + placed.line + 1,
                byte_offset: chunk.offset + placed.offset,
                fault: placed.fault,
            })
            .collect();
        summary.faults.iter().for_each(|fault| self.observer.on_fault(fault));
        self.lines_before += lines;
        self.summary += summary;
        self.write(records, excluded).await.map_err(|error| {
            self.errors.push(error);
            OutputFailed
        })
    }

    async fn write(&mut self, records: &[u8], excluded: &[u8]) -> Result<(), Error> {
        self.outputs.records.write(records, self.buffering).await?;
        match &mut self.outputs.excluded {
            Some(output) => output.write(excluded, self.buffering).await,
            None => Ok(()),
        }
    }

    /// Takes note of an input that could not be opened or read to its end.
    pub(super) fn fail_input(&mut self, error: Error) {
        self.observer.on_failed_input(&error);
        self.errors.push(error);
    }

    /// Ends the outputs, so that what a writer still holds is written too.
    pub(super) async fn close(&mut self) {
        let Outputs { records, excluded } = &mut self.outputs;
        for output in std::iter::once(records).chain(excluded) {
            if let Err(source) = output.writer.shutdown().await {
                self.errors.push(Error::Write { output: Arc::clone(&output.name), source });
            }
        }
    }

    pub(super) fn into_outcome(self) -> Outcome {
        Outcome { summary: self.summary, errors: self.errors }
    }
}
