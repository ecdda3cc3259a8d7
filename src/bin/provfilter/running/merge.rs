//! Adds up reports of earlier runs. With one that cannot be read or added there is no sum, because it would look like the whole.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use provfilter::report::Report;
use provfilter::{Ending, Error, Escaped};

use super::run_id;
use crate::command_line::Merge;
use crate::exit::Exit;
use crate::messages::{diagnostics, reports};

pub(crate) fn merge(plan: &Merge) -> Exit {
    let mut sum: Option<Report> = None;
    let mut exit = Exit::Success;
    for path in &plan.files {
        let name = path.to_string_lossy();
        let name = Escaped::path(&name, 200);
        let added = read(path).and_then(|reports| {
            let unfinished = reports.iter().filter(|report| report.ending != Some(Ending::Finished));
            unfinished.for_each(|report| diagnostics::print(&unfinished_shard(&name, report), plan.reporting.color));
            add(&mut sum, reports)
        });
        if let Err(why) = added {
            exit = diagnostics::failure(format_args!("{name}: {why}"), plan.reporting.color);
        }
    }
    match sum {
        Some(report) if exit == Exit::Success => reports::write(&plan.reporting, &report),
        _ => exit,
    }
}

/// The reports in a file: one, or on standard input any number.
fn read(path: &Path) -> Result<Vec<Report>, String> {
    let failed = |source| Error::Read { file: "".into(), source }.to_string().trim_start_matches(": ").to_owned();
    let escaped = |why: provfilter::report::ReadError| Escaped::new(&why.to_string(), 300).to_string();
    if path.as_os_str() != "-" {
        let bytes = fs::read(path).map_err(failed)?;
        return Report::read(&bytes).map(|report| vec![report]).map_err(escaped);
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes).map_err(failed)?;
    let reports = Report::read_all(&bytes).collect::<Result<Vec<_>, _>>().map_err(escaped)?;
    if reports.is_empty() { Err("there is no report".to_owned()) } else { Ok(reports) }
}

fn add(sum: &mut Option<Report>, reports: Vec<Report>) -> Result<(), String> {
    for report in reports {
        match sum {
            Some(sum) => sum.merge(report).map_err(|why| Escaped::new(&why.to_string(), 300).to_string())?,
            None => *sum = Some(report.into_merged(run_id::new())),
        }
    }
    Ok(())
}

/// Says that a shard is not whole. Its counts are right for as far as it came.
fn unfinished_shard(name: &Escaped<'_>, report: &Report) -> String {
    let what = match report.ending {
        None => "the run was still going on",
        Some(Ending::Finished) => "the run had finished",
        Some(Ending::Interrupted) => "the run was interrupted",
        Some(Ending::Stopped) => "the run stopped at a faulty line",
        Some(Ending::Failed) => "the run failed",
    };
    format!("provfilter: {name}: {what} when this report was made")
}
