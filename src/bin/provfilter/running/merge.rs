//! Adds up reports of earlier runs. With one that cannot be read there is no sum, because it would look like the whole.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use provfilter::report::Report;
use provfilter::{Error, Escaped};

use crate::command_line::Merge;
use crate::exit::Exit;
use crate::messages::{diagnostics, reports};

pub(crate) fn merge(plan: &Merge) -> Exit {
    let mut sum: Option<Report> = None;
    let mut exit = Exit::Success;
    for path in &plan.files {
        match (read(path), &mut sum) {
            (Ok(report), Some(sum)) => *sum += report,
            (Ok(report), None) => sum = Some(report),
            (Err(why), _) => exit = diagnostics::failure(why, plan.reporting.color),
        }
    }
    match sum {
        Some(report) if exit == Exit::Success => reports::write(&plan.reporting, &report),
        _ => exit,
    }
}

fn read(path: &Path) -> Result<Report, String> {
    let name = path.to_string_lossy();
    let bytes = bytes(path).map_err(|source| Error::Read { file: (&*name).into(), source }.to_string())?;
    Report::read(&bytes).map_err(|why| format!("{}: {}", Escaped::new(&name, 300), Escaped::new(&why.to_string(), 300)))
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    if path.as_os_str() != "-" {
        return fs::read(path);
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}
