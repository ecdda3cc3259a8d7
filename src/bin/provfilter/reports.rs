//! Where reports go: to standard error, or to a file that is replaced as a whole.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use provfilter::Error;
use provfilter::report::{Format, Report};

use crate::cli::ReportTo;
use crate::diagnostics;
use crate::exit::Exit;

/// Renders the report in each format and puts it where it was asked for.
pub(crate) fn write(reports: &[ReportTo], report: &Report<'_>) -> Exit {
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
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let permissions = fs::metadata(&path).map_or(Permissions::from_mode(0o666), |metadata| metadata.permissions());
    let mut file = tempfile::Builder::new().prefix(".provfilter-").permissions(permissions).tempfile_in(folder)?;
    file.write_all(content)?;
    file.persist(&path)?;
    Ok(())
}
