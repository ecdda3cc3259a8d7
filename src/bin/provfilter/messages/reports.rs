//! Takes reports to where they were asked for.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use provfilter::Error;
use provfilter::report::{Format, Report};

use super::diagnostics;
use crate::command_line::{ReportTo, Reporting};
use crate::exit::Exit;
use crate::files::Replacement;

/// Writes each report where it was asked for.
pub(crate) fn write(reporting: &Reporting, report: &Report) -> Exit {
    let mut exit = Exit::Success;
    for ReportTo { format, path } in &reporting.reports {
        let Some(text) = format.map(|format: Format| report.render(format, &reporting.style())) else {
            continue;
        };
        let Some(path) = path else {
            let _ = io::stderr().lock().write_all(text.as_bytes());
            continue;
        };
        if let Err(source) = replace(path, text.as_bytes()) {
            exit = diagnostics::failure(Error::Write { output: path.to_string_lossy().into(), source }, reporting.color);
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
    replacement.rename()
}
