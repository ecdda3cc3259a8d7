//! The standard streams as they were handed over: taken out of the hands of std, which would hide that one of them is closed.

use std::fs::File;
use std::io;
use std::os::fd::BorrowedFd;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use provfilter::Descriptor;
use rustix::io::Errno;

const NOWHERE: &str = "/dev/null";

static INPUT_WAS_CLOSED: AtomicBool = AtomicBool::new(false);
static OUTPUT_WAS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Runs before `main`, and before std opens `/dev/null` in the place of a closed stream, which would take every record and say
/// that all is well.
#[expect(static_mut_refs, reason = "the macro makes one, which nobody reads")]
#[static_init::dynamic(0)]
static LOOKED: () = look_for_closed_streams();

/// Does no more than ask the system and store the answer, because little can be used before `main`.
fn look_for_closed_streams() {
    INPUT_WAS_CLOSED.store(is_closed(rustix::stdio::stdin()), Ordering::Relaxed);
    OUTPUT_WAS_CLOSED.store(is_closed(rustix::stdio::stdout()), Ordering::Relaxed);
}

fn is_closed(stream: BorrowedFd<'_>) -> bool {
    rustix::io::fcntl_getfd(stream) == Err(Errno::BADF)
}

/// Standard input.
pub(crate) fn input() -> io::Result<Descriptor> {
    if INPUT_WAS_CLOSED.load(Ordering::Relaxed) {
        return Err(Errno::BADF.into());
    }
    Descriptor::duplicate(io::stdin())
}

/// Standard output, and nobody else has it: who reads it sees its end when the descriptor is dropped, whatever the program
/// does then, such as to wait for someone to read its standard error.
///
/// If one of these paths leads to it too, `/dev/stdout` say, it stays open for whoever opens that.
pub(crate) fn take_output<'p>(mut also_written: impl Iterator<Item = &'p Path>) -> io::Result<Descriptor> {
    if OUTPUT_WAS_CLOSED.load(Ordering::Relaxed) {
        return Err(Errno::BADF.into());
    }
    let output = Descriptor::duplicate(io::stdout())?;
    let own = rustix::fs::fstat(io::stdout())?;
    let is_own = |path: &Path| rustix::fs::stat(path).is_ok_and(|other| (other.st_dev, other.st_ino) == (own.st_dev, own.st_ino));
    if !also_written.any(is_own) {
        rustix::stdio::dup2_stdout(File::options().write(true).open(NOWHERE)?)?;
    }
    Ok(output)
}

/// An output that takes everything and keeps nothing.
pub(crate) fn nowhere() -> io::Result<Descriptor> {
    File::options().write(true).open(NOWHERE).map(Descriptor::new)
}
