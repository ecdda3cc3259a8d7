//! Takes reports to where they were asked for.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use provfilter::report::{Format, Report};
use provfilter::{Ending, Error, Summary, Timestamp};

use crate::cli::ReportTo;
use crate::diagnostics;
use crate::exit::Exit;
use crate::replace::Replacement;

/// What there is to report at a time.
pub(crate) struct Account {
    pub(crate) summary: Summary,
    pub(crate) started_at: Timestamp,
    pub(crate) finished_at: Timestamp,
    pub(crate) ending: Option<Ending>,
}

/// Writes each report where it was asked for.
pub(crate) fn write(reports: &[ReportTo], account: &Account) -> Exit {
    let Account { summary, started_at, finished_at, ending } = account;
    let report = Report { summary, started_at: *started_at, finished_at: *finished_at, ending: *ending };
    let mut exit = Exit::Success;
    for ReportTo { format, path } in reports {
        let Some(text) = format.map(|format: Format| report.render(format)) else {
            continue;
        };
        let Some(path) = path else {
            let _ = io::stderr().lock().write_all(text.as_bytes());
            continue;
        };
        if let Err(source) = replace(path, text.as_bytes()) {
            diagnostics::error(&Error::Write { output: path.to_string_lossy().into(), source });
            exit = Exit::Failure;
        }
    }
    exit
}

/// Replaces a file whole: readers see the old content or the new. What is no regular file, a pipe say, is written to.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return File::options().write(true).open(path)?.write_all(content);
    }
    let replacement = Replacement::of(path)?;
    replacement.file().write_all(content)?;
    replacement.put_in_place()
}
