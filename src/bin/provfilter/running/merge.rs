//! Adds up reports of earlier runs. If one cannot be read or added there is no sum, because it would pass for the whole.

use std::collections::HashMap;
use std::fmt::{self, Display, Formatter};
use std::fs;
use std::io::{self, Read};
use std::path::Path;

use provfilter::report::{MergeError, Report};
use provfilter::{Ending, Error, Escaped};

use crate::command_line::{Merge, Verbosity};
use crate::exit::Exit;
use crate::files::check_reports;
use crate::messages::{Reports, diagnostics};

pub(crate) fn merge(plan: &Merge) -> Exit {
    let color = plan.reporting.color;
    let reports = match Reports::of(&plan.reporting) {
        Ok(reports) => reports,
        Err(error) => return diagnostics::failure(error, color),
    };
    if let Err(error) = check_reports(&reports.named()) {
        return diagnostics::failure(error, color);
    }
    let tell = |message: &dyn Display| match plan.verbosity {
        Verbosity::Normal => diagnostics::print(&format!("provfilter: {message}"), color),
        Verbosity::Quiet => {}
    };
    let mut sum = Sum::default();
    let mut exit = Exit::Success;
    for (shard, report) in plan.files.iter().flat_map(|path| shards(path)) {
        let told = report.and_then(|report| {
            let unfinished = unfinished(&report);
            sum.add(&shard, report, &plan.run_id).map(|twice| (unfinished, twice))
        });
        match told {
            Ok((unfinished, twice)) => {
                if let Some(what) = unfinished {
                    tell(&format_args!("{shard}: partial report: {what}"));
                }
                if let Some(twice) = twice {
                    tell(&format_args!("{shard}: {twice}"));
                }
            }
            Err(why) => exit = diagnostics::failure(format_args!("{shard}: {why}"), color),
        }
    }
    match sum.total {
        Some(report) if exit == Exit::Success => reports.write(&report),
        _ => exit,
    }
}

/// Where a report comes from.
#[derive(Debug, Clone)]
struct Shard {
    file: String,
    /// Its number in the file, from 1, if there are several.
    position: Option<usize>,
}

impl Display for Shard {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let name = Escaped::path(&self.file, 200);
        match self.position {
            Some(position) => write!(formatter, "{name}: report {position}"),
            None => write!(formatter, "{name}"),
        }
    }
}

/// The reports of a file, as far as they can be read.
fn shards(path: &Path) -> Vec<(Shard, Result<Report, String>)> {
    let file = path.to_string_lossy().into_owned();
    let reports = read(path).unwrap_or_else(|why| vec![Err(why)]);
    let are_several = reports.len() > 1;
    let shard = |index| Shard { file: file.clone(), position: are_several.then_some(index + 1) };
    reports.into_iter().enumerate().map(|(index, report)| (shard(index), report)).collect()
}

/// The reports in a file: one, or on standard input any number.
fn read(path: &Path) -> Result<Vec<Result<Report, String>>, String> {
    let failed = |source| Error::Read { file: "".into(), source }.to_string().trim_start_matches(": ").to_owned();
    let escaped = |why: provfilter::report::ReadError| Escaped::new(&why.to_string(), 300).to_string();
    if path.as_os_str() != "-" {
        let bytes = fs::read(path).map_err(failed)?;
        return Ok(vec![Report::read(&bytes).map_err(escaped)]);
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes).map_err(failed)?;
    let reports: Vec<_> = Report::read_all(&bytes).map(|report| report.map_err(escaped)).collect();
    if reports.is_empty() { Err("no report found".to_owned()) } else { Ok(reports) }
}

/// The sum so far, and which shard brought what.
#[derive(Default)]
struct Sum {
    total: Option<Report>,
    /// By their ids.
    runs: HashMap<String, Shard>,
    /// By their digests.
    inputs: HashMap<String, Shard>,
}

impl Sum {
    /// Adds a report. Tells if it counts an input that was counted before.
    fn add(&mut self, shard: &Shard, report: Report, run_id: &str) -> Result<Option<Twice>, String> {
        let own = if report.runs.is_empty() { vec![report.run_id.clone()] } else { report.runs.iter().cloned().collect() };
        // An input without content adds nothing.
        let inputs = report.run.inputs.iter().filter(|input| input.bytes > 0);
        let inputs: Vec<_> = inputs.filter_map(|input| Some((input.sha256.clone()?, input.name.clone()))).collect();
        match &mut self.total {
            Some(total) => total.merge(report).map_err(|why| self.refusal(&why))?,
            None => self.total = Some(report.into_merged(run_id)),
        }
        let twice = self.twice(&inputs);
        self.runs.extend(own.into_iter().map(|run| (run, shard.clone())));
        for (digest, _) in inputs {
            self.inputs.entry(digest).or_insert_with(|| shard.clone());
        }
        Ok(twice)
    }

    /// Why a report is not added, and which other one is in its way.
    fn refusal(&self, why: &MergeError) -> String {
        let message = Escaped::new(&why.to_string(), 300).to_string();
        match why {
            MergeError::SameRun { run_id } => match self.runs.get(run_id) {
                Some(other) => format!("{message}: {other} has it too"),
                None => message,
            },
            _ => message,
        }
    }

    /// The inputs that were counted before, given by digest and name.
    fn twice(&self, inputs: &[(String, String)]) -> Option<Twice> {
        let mut found = inputs.iter().filter_map(|(digest, name)| Some((name, self.inputs.get(digest)?)));
        let (input, shard) = found.next()?;
        Some(Twice { input: input.clone(), shard: shard.clone(), more: found.count() })
    }
}

/// Inputs that are counted twice, as their digests tell.
struct Twice {
    /// The first of them.
    input: String,
    /// The shard that has it too.
    shard: Shard,
    /// How many others there are.
    more: usize,
}

impl Display for Twice {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "input {} is counted twice: {} has it too", Escaped::path(&self.input, 200), self.shard)?;
        match self.more {
            0 => {}
            1 => formatter.write_str(", and so is 1 other input")?,
            more => write!(formatter, ", and so are {more} other inputs")?,
        }
        formatter.write_str("\nhint: if a task ran twice, leave out the report of its earlier run")
    }
}

/// What became of a run whose shard is not whole. Its counts are right for as far as it came.
fn unfinished(report: &Report) -> Option<&'static str> {
    match report.ending {
        None => Some("the run was still going"),
        Some(Ending::Finished) => None,
        Some(Ending::Interrupted) => Some("the run was interrupted"),
        Some(Ending::Stopped) => Some("the run stopped at a faulty line"),
        Some(Ending::Failed) => Some("the run failed"),
    }
}
