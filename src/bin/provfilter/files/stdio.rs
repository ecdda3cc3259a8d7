//! The standard streams, as the parent process left them.
//!
//! Before `main`, std opens `/dev/null` for reading and writing in place of a closed stream, so that no other file gets its number. Writes
//! there are lost without an error. So a stream that is `/dev/null` opened both ways counts as closed, unless another standard stream was
//! opened together with it, as daemons and programs that silence several streams of a child do. Shells open it one way only
//! (`> /dev/null`). Two cases cannot be told apart: standard output silenced alone with `/dev/null` opened both ways is taken for closed,
//! and standard output and error closed together are not noticed.

use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt};

use provfilter::Descriptor;
use rustix::fs::OFlags;

/// Standard input.
pub(crate) fn input() -> io::Result<Descriptor> {
    duplicate(io::stdin()).map(Descriptor::new)
}

/// A duplicate of standard output.
pub(crate) fn output() -> io::Result<File> {
    duplicate(io::stdout())
}

/// Standard output, and nobody else has it: who reads it sees its end when the descriptor is dropped, whatever the program
/// does then, such as to wait for someone to read its standard error.
pub(crate) fn take_output() -> io::Result<Descriptor> {
    let output = output()?;
    // What else stands in its place: something that is always there, and takes nothing.
    let (unwritable, _) = io::pipe()?;
    rustix::stdio::dup2_stdout(unwritable)?;
    Ok(Descriptor::new(output))
}

/// Prints to standard output, all of it or with an error.
pub(crate) fn print(text: &[u8]) -> io::Result<()> {
    io::Write::write_all(&mut output()?, text)
}

/// A duplicate of a stream that is open.
fn duplicate(stream: impl AsFd) -> io::Result<File> {
    // Not below 3, so that it never stands for another stream.
    let file = File::from(rustix::io::fcntl_dupfd_cloexec(stream, 3)?);
    if is_stand_in(&file) {
        return Err(io::Error::other("it is closed, or is /dev/null opened for both reading and writing"));
    }
    Ok(file)
}

/// The stream is what std opens in the place of a closed one. Where there is no `/dev/null`, std could not have opened it and would have
/// ended the program.
fn is_stand_in(file: &File) -> bool {
    let (Ok(null), Ok(own)) = (fs::metadata("/dev/null"), file.metadata()) else {
        return false;
    };
    let is_null = null.file_type().is_char_device() && own.file_type().is_char_device() && null.rdev() == own.rdev();
    let opened_both_ways = || rustix::fs::fcntl_getfl(file).is_ok_and(|flags| flags & OFlags::ACCMODE == OFlags::RDWR);
    is_null && opened_both_ways() && !is_shared(file)
}

/// Another standard stream than this one was opened together with it: it has the same flags also when they are changed.
fn is_shared(file: &File) -> bool {
    let flags_of = |stream: BorrowedFd<'_>| rustix::fs::fcntl_getfl(stream).ok();
    let Some(flags) = flags_of(file.as_fd()) else {
        return false;
    };
    let streams = [rustix::stdio::stdin(), rustix::stdio::stdout(), rustix::stdio::stderr()];
    let having = |flags: OFlags| streams.iter().filter(|stream| flags_of(**stream) == Some(flags)).count();
    let before = having(flags ^ OFlags::APPEND);
    // On `/dev/null` the flag means nothing.
    if rustix::fs::fcntl_setfl(file, flags ^ OFlags::APPEND).is_err() {
        return false;
    }
    let after = having(flags ^ OFlags::APPEND);
    let _ = rustix::fs::fcntl_setfl(file, flags);
    after > before + 1
}
