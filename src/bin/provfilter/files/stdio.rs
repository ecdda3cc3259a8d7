//! The standard streams as they were handed over.
//!
//! Before `main`, std opens `/dev/null` for reading and writing in the place of a closed stream, so that no other file takes its number. What
//! is written there is lost and all seems well. So a stream that leads to `/dev/null` in both directions counts as closed. That is
//! stricter than it might be: somebody who hands over `/dev/null` opened both ways means it, but cannot be told from somebody who closed
//! the stream. Shells open it one way only (`> /dev/null`), and are understood.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsFd;
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
        return Err(io::Error::other("it is closed, or leads to /dev/null for reading and writing alike"));
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
    is_null && rustix::fs::fcntl_getfl(file).is_ok_and(|flags| flags & OFlags::ACCMODE == OFlags::RDWR)
}
