//! Flags into the objects of a run: everything that can be wrong with a command line is found here, before any input is read.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use provfilter::compressed::Compression;
use provfilter::member::MemberPath;
use provfilter::pipeline::{Buffering, Excluded, OnFault, Options, Provenance, Records};
use provfilter::provenance::Field;
use provfilter::report::{Charset, Format, StageRecord, Style, Topic};
use provfilter::rule::{RuleCounts, Rules};
use provfilter::stage::Chain;
use provfilter::timestamp::{Clock, Timestamp};

use super::flags::Cli;
use super::report_path::Names;
use super::usage::UsageError;
use super::values::{OnError, ReportTo, Tolerance, When};
use super::{fill, rules, stages};
use crate::run_id;

/// What is to be done.
pub(crate) struct Plan {
    pub(crate) run_id: String,
    pub(crate) chain: Arc<Chain>,
    /// Where the provenance stands.
    pub(crate) member: MemberPath,
    pub(crate) options: Options,
    /// In their order; `-` is standard input.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) target: Target,
    /// What becomes of what side files held before.
    pub(crate) side_files: SideFiles,
    pub(crate) excluded_to: Option<PathBuf>,
    pub(crate) rejects: Option<PathBuf>,
    pub(crate) errors: Option<PathBuf>,
    pub(crate) sidecar: Option<PathBuf>,
    pub(crate) tolerance: Tolerance,
    /// How many exclusions are tolerated, if not any number.
    pub(crate) excluded_tolerance: Option<Tolerance>,
    /// What each rule does, where there are rules.
    pub(crate) rule_counts: Option<RuleCounts>,
    pub(crate) reporting: Reporting,
    pub(crate) digests: Digests,
    pub(crate) report_every: Option<Duration>,
    pub(crate) progress: When,
    pub(crate) verbosity: Verbosity,
    /// What is told before the run starts: it is right as far as the command line goes, and perhaps not meant.
    pub(crate) notes: Vec<String>,
    /// Typed readers will look at the first records.
    pub(crate) for_typed_readers: bool,
}

/// Reports of earlier runs that are to be added up.
pub(crate) struct Merge {
    /// The id of the sum.
    pub(crate) run_id: String,
    /// In their order; `-` is standard input.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) reporting: Reporting,
    pub(crate) verbosity: Verbosity,
}

/// What is reported, and how.
#[derive(Debug, Clone)]
pub(crate) struct Reporting {
    pub(crate) reports: Vec<ReportTo>,
    pub(crate) charset: Charset,
    pub(crate) color: When,
}

/// Where records go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    StandardOutput,
    /// Into the files that they come from.
    InPlace {
        /// What is added to the names under which the old files are kept.
        keep_as: Option<OsString>,
    },
}

/// What becomes of what side files held before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SideFiles {
    /// They are emptied.
    Empty,
    /// They are added to.
    Append,
}

/// Whether inputs and the output are hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Digests {
    Omit,
    Take,
}

/// How much is told on standard error, besides reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verbosity {
    /// The first faults.
    Normal,
    /// What ends the run.
    Quiet,
}

impl Verbosity {
    fn of(quiet: bool) -> Self {
        if quiet { Self::Quiet } else { Self::Normal }
    }
}

impl Plan {
    pub(crate) fn new(cli: Cli) -> Result<Self, UsageError> {
        let clock = clock(std::env::var_os("SOURCE_DATE_EPOCH").as_deref())?;
        let rules = rules::rules(&cli)?;
        let rule_counts = rules.as_ref().map(Rules::counts);
        let (chain, notes) = (stages::chain(&cli, rules)?, fill::notes(&cli));
        let run_id = run_id::new();
        let reporting = Reporting::new(&cli, &run_id)?;
        check_names(&cli, &reporting)?;
        reporting.check_statement(&cli)?;
        let options = options(&cli, clock);
        let target = target(cli.in_place, &cli.files)?;
        let files = files(cli.files)?;
        // Where files are rewritten, side files hold the only copy of their lines.
        let keeps_side_files = cli.append || target != Target::StandardOutput;
        let plan = Self {
            run_id,
            chain: Arc::new(chain),
            member: cli.member,
            options,
            files,
            target,
            side_files: if keeps_side_files { SideFiles::Append } else { SideFiles::Empty },
            excluded_to: cli.excluded_to,
            rejects: cli.rejects,
            errors: cli.errors,
            sidecar: cli.sidecar,
            tolerance: cli.max_errors,
            excluded_tolerance: cli.max_excluded,
            rule_counts,
            reporting,
            digests: if cli.digests { Digests::Take } else { Digests::Omit },
            report_every: cli.report_every.map(|period| period.0),
            progress: if cli.quiet { When::Never } else { cli.progress },
            verbosity: Verbosity::of(cli.quiet),
            notes: if cli.quiet { Vec::new() } else { notes },
            for_typed_readers: cli.all_fields,
        };
        plan.check_standard_output()?;
        Ok(plan)
    }

    /// Records go to standard output.
    pub(crate) fn writes_standard_output(&self) -> bool {
        self.target == Target::StandardOutput && self.options.records == Records::Write
    }

    /// Refuses `-` for what would stand among records there, or among something else.
    fn check_standard_output(&self) -> Result<(), UsageError> {
        let sides = [
            ("--excluded-to", &self.excluded_to),
            ("--rejects", &self.rejects),
            ("--sidecar", &self.sidecar),
            ("--errors", &self.errors),
        ];
        let sides = sides.into_iter().filter_map(|(flag, path)| Some((flag, path.as_deref()?)));
        let named = sides.chain(self.reporting.paths().map(|path| ("--report", path)));
        let mut flags = named.filter(|(_, path)| path.as_os_str() == "-").map(|(flag, _)| flag);
        let Some(first) = flags.next() else {
            return Ok(());
        };
        if self.writes_standard_output() {
            return Err(UsageError::AmongRecords { flag: first });
        }
        flags.next().map_or(Ok(()), |second| Err(UsageError::StandardOutputTwice { first, second }))
    }
}

impl Plan {
    /// What happens to records that are written besides the stages, where that is not the usual.
    pub(crate) fn describe_writing(&self) -> Option<StageRecord> {
        let member = (self.member != *MemberPath::provenance()).then(|| ("member".to_owned(), vec![self.member.to_string()]));
        let is_stripped = self.options.provenance == Provenance::Strip;
        let stripped = is_stripped.then(|| ("provenance".to_owned(), vec!["left out".to_owned()]));
        let values: BTreeMap<_, _> = member.into_iter().chain(stripped).collect();
        (!values.is_empty()).then(|| StageRecord { name: "write".to_owned(), values })
    }
}

impl Merge {
    pub(crate) fn new(cli: Cli) -> Result<Self, UsageError> {
        let run_id = run_id::new();
        let reporting = Reporting::new(&cli, &run_id)?;
        check_names(&cli, &reporting)?;
        if reporting.paths().filter(|path| path.as_os_str() == "-").count() > 1 {
            return Err(UsageError::StandardOutputTwice { first: "--report", second: "--report" });
        }
        Ok(Self { run_id, files: files(cli.files)?, reporting, verbosity: Verbosity::of(cli.quiet) })
    }
}

/// How the pipeline runs.
fn options(cli: &Cli, clock: Clock) -> Options {
    Options {
        records: if cli.no_output { Records::Count } else { Records::Write },
        provenance: if cli.strip { Provenance::Strip } else { Provenance::Keep },
        excluded: match (&cli.excluded_to, cli.drop_excluded) {
            (Some(_), _) => Excluded::Route,
            (None, true) => Excluded::Drop,
            (None, false) => Excluded::Keep,
        },
        on_fault: match cli.on_error {
            OnError::Reject => OnFault::Reject,
            OnError::Pass => OnFault::Pass,
            OnError::Stop => OnFault::Stop,
        },
        buffering: if cli.line_buffered { Buffering::Line } else { Buffering::Block },
        max_line_bytes: cli.max_line_bytes.0,
        clock,
        zone: cli.assume_tz,
        threads: cli.threads.map_or(Options::default().threads, |threads| threads.0),
        ..Options::default()
    }
}

/// The flag that does something about what a report says.
fn advice(topic: Topic) -> Option<&'static str> {
    match topic {
        Topic::MissingField(Field::Source) => Some("--source"),
        Topic::MissingField(Field::Model) => Some("--model"),
        Topic::MissingField(Field::SourceSessionId) => Some("--session-id"),
        Topic::MissingField(Field::Timestamp) => Some("--timestamp"),
        Topic::MissingField(Field::Approved) => Some("--source and --model"),
        Topic::MissingField(Field::Excluded | Field::ExclusionReason) => Some("--all-fields"),
        Topic::AssumedZone => Some("--assume-tz"),
        _ => None,
    }
}

impl Reporting {
    /// How reports for people look.
    pub(crate) fn style(&self) -> Style {
        let mut style = Style::default();
        (style.charset, style.advice) = (self.charset, advice);
        style
    }

    fn new(cli: &Cli, run_id: &str) -> Result<Self, UsageError> {
        let charset = if locale_is_ascii() { Charset::Ascii } else { Charset::Unicode };
        let names = Names { run_id, variable: |name| std::env::var_os(name) };
        let reports = reports(cli.report.clone(), cli.quiet).into_iter().map(|report| resolved(report, &names));
        Ok(Self { reports: reports.collect::<Result<_, _>>()?, charset, color: cli.color })
    }

    /// Refuses a statement about the output where that has no digest.
    fn check_statement(&self, cli: &Cli) -> Result<(), UsageError> {
        if !self.reports.iter().any(|report| report.format.is_some_and(|format| format.name() == "in-toto")) {
            return Ok(());
        }
        match (cli.digests, cli.no_output, &cli.in_place) {
            (_, true, _) => Err(UsageError::NoOneOutput { flag: "--no-output" }),
            (_, _, Some(_)) => Err(UsageError::NoOneOutput { flag: "--in-place" }),
            (false, ..) => Err(UsageError::MissingDigests),
            (true, ..) => Ok(()),
        }
    }

    /// Where reports go that do not go to standard error.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.reports.iter().filter_map(|report| report.path.as_deref())
    }
}

/// A report with the path that it goes to in this run.
fn resolved(report: ReportTo, names: &Names<'_>) -> Result<ReportTo, UsageError> {
    let Some(path) = &report.path else {
        return Ok(report);
    };
    let text = path.to_string_lossy();
    match names.resolve(&text) {
        Ok(path) => Ok(ReportTo { path: Some(path), ..report }),
        Err(why) => Err(UsageError::ReportPath { text: text.into_owned(), why }),
    }
}

/// Refuses outputs whose names promise compressed content.
fn check_names(cli: &Cli, reporting: &Reporting) -> Result<(), UsageError> {
    let sides = [
        ("--excluded-to", &cli.excluded_to),
        ("--rejects", &cli.rejects),
        ("--sidecar", &cli.sidecar),
        ("--errors", &cli.errors),
    ];
    let sides = sides.into_iter().filter_map(|(flag, path)| Some((flag, path.as_deref()?)));
    for (flag, path) in sides.chain(reporting.paths().map(|path| ("--report", path))) {
        if let Some(format) = Compression::of_name(path) {
            return Err(UsageError::CompressedOutput { flag, path: path.to_owned(), format });
        }
    }
    Ok(())
}

/// The locale says that text is something else than UTF-8. One that says nothing leaves it at that.
fn locale_is_ascii() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(std::env::var_os).find(|value| !value.is_empty());
    set.is_some_and(|locale| {
        let locale = locale.to_string_lossy().to_ascii_lowercase();
        !locale.contains("utf-8") && !locale.contains("utf8")
    })
}

/// The files to read, or standard input, which must be no terminal: somebody would wait there in vain.
fn files(files: Vec<PathBuf>) -> Result<Vec<PathBuf>, UsageError> {
    match files.as_slice() {
        [] if std::io::stdin().is_terminal() => Err(UsageError::TerminalInput),
        [] => Ok(vec!["-".into()]),
        _ => Ok(files),
    }
}

fn target(in_place: Option<OsString>, files: &[PathBuf]) -> Result<Target, UsageError> {
    let Some(suffix) = in_place else {
        return Ok(Target::StandardOutput);
    };
    if files.is_empty() {
        return Err(UsageError::NothingToRewrite);
    }
    if files.iter().any(|file| file.as_os_str() == "-") {
        return Err(UsageError::RewriteStandardInput);
    }
    if suffix.is_empty()
        && let [first, ..] = files
        && looks_like_suffix(first)
    {
        return Err(UsageError::SuffixApart { suffix: first.clone().into_os_string() });
    }
    if suffix.as_encoded_bytes().contains(&b'/') {
        return Err(UsageError::SuffixWithSlash { suffix });
    }
    Ok(Target::InPlace { keep_as: Some(suffix).filter(|suffix| !suffix.is_empty()) })
}

/// The first FILE is none, and is called as suffixes are: `-i .bak data.jsonl` means something else than it says.
fn looks_like_suffix(file: &Path) -> bool {
    let name = file.as_os_str().as_encoded_bytes();
    matches!(name.first(), Some(b'.' | b'~' | b'_')) && !name.contains(&b'/') && !file.exists()
}

/// The reports that were asked for; the text if none was, and if quiet only those that go to files.
fn reports(mut reports: Vec<ReportTo>, quiet: bool) -> Vec<ReportTo> {
    if reports.is_empty() {
        reports.push(ReportTo { format: Some(Format::Text), path: None });
    }
    reports.retain(|report| report.format.is_some() && !(quiet && report.path.is_none()));
    reports
}

/// The clock, which reproducible builds set (<https://reproducible-builds.org/specs/source-date-epoch/>).
fn clock(epoch: Option<&OsStr>) -> Result<Clock, UsageError> {
    let Some(epoch) = epoch else {
        return Ok(Clock::System);
    };
    let time = epoch.to_str().and_then(|text| text.parse().ok()).and_then(Timestamp::from_unix_seconds);
    time.map(Clock::Fixed).ok_or_else(|| UsageError::Epoch { text: epoch.to_string_lossy().into_owned() })
}
