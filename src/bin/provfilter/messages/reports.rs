//! Writes reports to where they were asked for.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use provfilter::Error;
use provfilter::report::{Format, Report, Style};
use rustix::fs::OFlags;
use rustix::io::Errno;

use super::{diagnostics, terminal};
use crate::command_line::{Reporting, When};
use crate::exit::Exit;
use crate::files::{Destination, Named, Replacement};

/// The reports that were asked for, and where they go.
pub(crate) struct Reports {
    on_standard_error: Vec<Format>,
    elsewhere: Vec<(Format, Named)>,
    /// How reports look that do not go to standard error.
    style: Style,
    /// How reports look that do.
    style_on_standard_error: Style,
    color: When,
}

impl Reports {
    /// Takes hold of the descriptors that reports go to. To be called before the program opens descriptors of its own.
    pub(crate) fn of(reporting: &Reporting) -> Result<Self, Error> {
        let (mut on_standard_error, mut elsewhere) = (Vec::new(), Vec::new());
        for report in &reporting.reports {
            match (report.format, &report.path) {
                (Some(format), Some(path)) => elsewhere.push((format, Named::of(path)?)),
                (Some(format), None) => on_standard_error.push(format),
                (None, _) => {}
            }
        }
        Ok(Self {
            on_standard_error,
            elsewhere,
            style: reporting.style(),
            style_on_standard_error: terminal::style(reporting),
            color: reporting.color,
        })
    }

    /// Where reports go that do not go to standard error.
    pub(crate) fn named(&self) -> Vec<Named> {
        self.elsewhere.iter().map(|(_, named)| named.clone()).collect()
    }

    /// Writes those reports that do not go to standard error.
    pub(super) fn write_elsewhere(&self, report: &Report) -> Exit {
        let mut exit = Exit::Success;
        for (format, named) in &self.elsewhere {
            let text = report.render(*format, &self.style);
            if let Err(source) = write_to(&named.destination, text.as_bytes(), Patience::of(report)) {
                let error = named.failed(source);
                // Whoever read the reports has gone away, and needs no message.
                let status = if error.is_closed_output() { Exit::ClosedOutput } else { diagnostics::failure(error, self.color) };
                exit = exit.max(status);
            }
        }
        exit
    }

    /// Writes each report where it was asked for.
    pub(crate) fn write(&self, report: &Report) -> Exit {
        self.print(report);
        self.write_elsewhere(report)
    }

    /// Prints those reports that go to standard error, if it takes them.
    pub(super) fn print(&self, report: &Report) {
        for format in &self.on_standard_error {
            let _ = io::stderr().lock().write_all(report.render(*format, &self.style_on_standard_error).as_bytes());
        }
    }
}

/// Whether a named pipe is waited for that nobody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// This is the last report.
    Waits,
    /// Another one will come.
    Leaves,
}

impl Patience {
    fn of(report: &Report) -> Self {
        if report.ending.is_some() { Self::Waits } else { Self::Leaves }
    }
}

/// Replaces a file whole: readers see the old content or the new. What is no regular file, a pipe say, is written to, and so is a
/// descriptor that others write to as well.
fn write_to(destination: &Destination, content: &[u8], patience: Patience) -> io::Result<()> {
    match destination {
        Destination::Descriptor(file) => (&**file).write_all(content),
        Destination::Path(path) if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) => {
            let file = open_as_it_stands(path, patience)?;
            file.map_or(Ok(()), |mut file| file.write_all(content))
        }
        Destination::Path(path) => {
            let replacement = Replacement::of(path)?;
            replacement.file().write_all(content)?;
            replacement.rename()
        }
    }
}

/// Opens a pipe or a device; nothing where it would have to be waited for, and is not.
fn open_as_it_stands(path: &Path, patience: Patience) -> io::Result<Option<File>> {
    if patience == Patience::Waits {
        return File::options().write(true).open(path).map(Some);
    }
    let opened = File::options().write(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path);
    let file = match opened {
        Err(why) if why.raw_os_error() == Some(Errno::NXIO.raw_os_error()) => return Ok(None),
        opened => opened?,
    };
    // Opened by us alone, so that the mode is shared with nobody.
    rustix::fs::fcntl_setfl(&file, rustix::fs::fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    Ok(Some(file))
}
