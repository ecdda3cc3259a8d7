//! The shortest way to use the library: one reader, one writer, and no runtime.

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::error::Error;
use crate::pipeline::{self, Input, Options, Outputs};
use crate::stage::Chain;
use crate::summary::Summary;

/// Sends the lines of a reader through a chain into a writer. Blocks until everything is written, and returns the counts and the writer.
///
/// It runs with the default [`Options`]: on all cores, with records in the order of the input. Faulty lines are left out and counted;
/// [`Summary::faults`] holds the first of them. Call it outside of async code, because it starts a runtime of its own.
///
/// ```
/// use provfilter::stage::Chain;
///
/// let (summary, output) = provfilter::filter(&b"{}\n[]\n"[..], Vec::new(), Chain::new())?;
/// assert_eq!((summary.written, summary.rejected), (1, 1));
/// assert_eq!(output, b"{}\n");
/// # Ok::<(), provfilter::Error>(())
/// ```
///
/// # Errors
///
/// The first [`Error`]: the reader or the writer failed, or the input is compressed. Records before it may have been written.
pub fn filter<R, W>(reader: R, writer: W, chain: Chain) -> Result<(Summary, W), Error>
where
    R: Read + Unpin + Send + 'static,
    W: Write + Unpin + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(|_| Error::Worker)?;
    let (input, outputs) = (Input::new("-", Blocking(reader)), Outputs::to(Blocking(writer)));
    let run = pipeline::run([Ok(input)], outputs, Arc::new(chain), Options::default(), ());
    let mut outcome = runtime.block_on(run);
    let outputs = outcome.outputs.take();
    let summary = outcome.into_result()?;
    outputs.map(|outputs| (summary, outputs.records.writer.0)).ok_or(Error::Worker)
}

/// A reader or writer that blocks, which a worker's thread may do.
struct Blocking<T>(T);

impl<R: Read + Unpin> AsyncRead for Blocking<R> {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let room = buffer.initialize_unfilled();
        Poll::Ready(uninterrupted(|| self.0.read(room)).map(|count| buffer.advance(count)))
    }
}

impl<W: Write + Unpin> AsyncWrite for Blocking<W> {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(uninterrupted(|| self.0.write(bytes)))
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(uninterrupted(|| self.0.flush()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(context)
    }
}

/// Makes a call until no signal interrupts it.
fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_becomes_a_writer_and_a_summary() {
        let (summary, output) = filter(&b"{}\n\n[]\n{ }"[..], Vec::new(), Chain::new()).expect("memory can be read and written");
        assert_eq!((summary.written, summary.blank_lines, summary.rejected), (2, 1, 1));
        assert_eq!(output, b"{}\n{ }\n");
    }
}
