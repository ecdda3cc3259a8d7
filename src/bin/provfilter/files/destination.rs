//! What a path for output names: an open descriptor at its position, or a file that is still to be opened.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use provfilter::Error;

use super::replace::folder;
use super::stdio;

/// Where something is written to, and what messages call it.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) name: Arc<str>,
    pub(crate) destination: Destination,
}

impl Named {
    /// What a path names, as [`Destination::of`] has it.
    pub(crate) fn of(path: &Path) -> Result<Self, Error> {
        let name: Arc<str> = if path.as_os_str() == "-" { "standard output".into() } else { path.to_string_lossy().into() };
        match Destination::of(path) {
            Ok(destination) => Ok(Self { name, destination }),
            Err(source) => Err(Error::Write { output: name, source }),
        }
    }

    /// What could not be written, and why.
    pub(crate) fn failed(&self, source: io::Error) -> Error {
        Error::Write { output: Arc::clone(&self.name), source }
    }
}

/// Where something is written to.
#[derive(Debug, Clone)]
pub(crate) enum Destination {
    /// A duplicate of a descriptor that was open when the program started. Others may write to it too: it is neither emptied nor replaced.
    Descriptor(Arc<File>),
    /// A file, a named pipe or a device, by its name.
    Path(PathBuf),
}

impl Destination {
    /// Standard output for `-`, and whatever descriptor a path leads to: `/dev/stderr`, `/dev/fd/3`, or a symbolic link to such a path.
    /// To be called before the program opens descriptors of its own, which might take the number.
    fn of(path: &Path) -> io::Result<Self> {
        if path.as_os_str() == "-" {
            return stdio::output().map(Arc::new).map(Self::Descriptor);
        }
        match descriptor_number(path) {
            Some(number) => duplicate(number, path).map(Arc::new).map(Self::Descriptor),
            None => Ok(Self::Path(path.to_owned())),
        }
    }
}

/// How many symbolic links are followed; more are a circle (POSIX, `SYMLOOP_MAX`).
const MOST_LINKS: usize = 40;

/// The descriptor of this process that a path leads to.
fn descriptor_number(path: &Path) -> Option<i32> {
    let own = fs::canonicalize("/dev/fd").or_else(|_| fs::canonicalize("/proc/self/fd")).ok()?;
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let inside = fs::canonicalize(folder(&path)).ok()?;
        let name = path.file_name()?;
        if inside == own {
            return name.to_str()?.parse().ok();
        }
        let link = fs::read_link(inside.join(name)).ok()?;
        path = inside.join(link);
    }
    None
}

/// Opens the descriptor of this number anew, at the place where it stands.
fn duplicate(number: i32, path: &Path) -> io::Result<File> {
    match number {
        1 => return stdio::output(),
        2 => return Ok(File::from(rustix::io::fcntl_dupfd_cloexec(io::stderr(), 3)?)),
        _ => {}
    }
    // A file that is opened by its name has a place of its own, at its start; only its end is sure to hold nothing yet.
    same_descriptor(number).or_else(|_| File::options().append(true).open(path))
}

/// The kernel duplicates a descriptor by its number for whoever may look into the process (Linux 5.6).
#[cfg(target_os = "linux")]
fn same_descriptor(number: i32) -> io::Result<File> {
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};

    let process = pidfd_open(getpid(), PidfdFlags::empty())?;
    Ok(File::from(pidfd_getfd(process, number, PidfdGetfdFlags::empty())?))
}

#[cfg(not(target_os = "linux"))]
fn same_descriptor(_: i32) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}
