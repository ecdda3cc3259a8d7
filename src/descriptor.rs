//! Files, pipes and terminals as async readers and writers that block: without an extra thread or copy, and without non-blocking mode,
//! which other programs of the pipe would share.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll};

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How large pipes are made, where the system lets us: then the programs at both ends wait for each other less often.
const PIPE_BYTES: usize = 1 << 20;

/// A file descriptor that is read and written with blocking calls.
///
/// It is for [`pipeline::run`](crate::pipeline::run), whose workers are threads that may block. Elsewhere it would hold up other tasks of
/// the runtime. Calls interrupted by a signal are repeated, and a descriptor in non-blocking mode is waited for.
#[derive(Debug)]
pub struct Descriptor(OwnedFd);

impl Descriptor {
    /// Takes over a descriptor. If it is a pipe, enlarges it as far as the system allows.
    #[must_use]
    pub fn new(descriptor: impl Into<OwnedFd>) -> Self {
        let descriptor = descriptor.into();
        enlarge_pipe(&descriptor);
        Self(descriptor)
    }

    /// A duplicate of a descriptor, such as that of standard input or output.
    ///
    /// # Errors
    ///
    /// The descriptor is closed, or the process has too many.
    pub fn duplicate(descriptor: impl AsFd) -> io::Result<Self> {
        Ok(Self::new(rustix::io::fcntl_dupfd_cloexec(descriptor, 3)?))
    }

    fn wait(&self, events: PollFlags) -> io::Result<()> {
        let mut polled = [PollFd::new(&self.0, events)];
        rustix::event::poll(&mut polled, None)?;
        Ok(())
    }
}

/// Makes the pipe larger if the descriptor is one, and leaves one alone that is as large already. Where that is not allowed, it costs
/// speed and nothing else.
#[cfg(target_os = "linux")]
fn enlarge_pipe(descriptor: &OwnedFd) {
    if rustix::pipe::fcntl_getpipe_size(descriptor).is_ok_and(|size| size < PIPE_BYTES) {
        let _ = rustix::pipe::fcntl_setpipe_size(descriptor, PIPE_BYTES);
    }
}

#[cfg(not(target_os = "linux"))]
fn enlarge_pipe(_: &OwnedFd) {}

/// Makes a call until neither a signal nor non-blocking mode is in its way.
fn retry<T>(mut call: impl FnMut() -> Result<T, Errno>, wait: impl Fn() -> io::Result<()>) -> io::Result<T> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => match wait() {
                Err(why) if why.kind() != io::ErrorKind::Interrupted => return Err(why),
                _ => {}
            },
            other => return other.map_err(io::Error::from),
        }
    }
}

impl AsyncRead for Descriptor {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let room = buffer.initialize_unfilled();
        let count = retry(|| rustix::io::read(&self.0, &mut *room), || self.wait(PollFlags::IN));
        Poll::Ready(count.map(|count| buffer.advance(count)))
    }
}

impl AsyncWrite for Descriptor {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(retry(|| rustix::io::write(&self.0, bytes), || self.wait(PollFlags::OUT)))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{Descriptor, PIPE_BYTES};

    #[test]
    fn makes_a_small_pipe_larger_and_no_pipe_smaller() {
        for (before, after) in [(1 << 16, PIPE_BYTES), (PIPE_BYTES, PIPE_BYTES), (2 * PIPE_BYTES, 2 * PIPE_BYTES)] {
            let (reader, _writer) = std::io::pipe().expect("there are pipes");
            if rustix::pipe::fcntl_setpipe_size(&reader, before).is_err() {
                // Only a privileged user may go beyond `/proc/sys/fs/pipe-max-size`.
                continue;
            }
            let descriptor = Descriptor::new(reader);
            assert_eq!(rustix::pipe::fcntl_getpipe_size(&descriptor.0), Ok(after));
        }
    }
}
