//! Flags into the objects of a run: everything that can be wrong with a command line is found here, before any input is read.

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use provfilter::pipeline::{Buffering, Excluded, OnFault, Options, Records};
use provfilter::rule::{Rule, RuleError};
use provfilter::stage::{Annotate, Backfill, Exclude, Uniform, Validate, Values};
use provfilter::{Alternatives, Batch, Chain, Clock, Layout, Sources, Timestamp, Value, ValueError, Zone};

use crate::cli::{Cli, OnError, ReportTo, Tolerance, When};
use crate::color::Color;
use provfilter::report::{Charset, Format};

/// What is to be done.
pub(crate) struct Plan {
    pub(crate) chain: Arc<Chain>,
    pub(crate) options: Options,
    /// In their order; `-` is standard input.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) target: Target,
    pub(crate) excluded_to: Option<PathBuf>,
    pub(crate) rejects: Option<PathBuf>,
    pub(crate) errors: Option<PathBuf>,
    pub(crate) tolerance: Tolerance,
    pub(crate) reporting: Reporting,
    pub(crate) report_every: Option<Duration>,
    pub(crate) progress: When,
    pub(crate) verbosity: Verbosity,
}

/// Reports of earlier runs that are to be added up.
pub(crate) struct Merge {
    /// In their order; `-` is standard input.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) reporting: Reporting,
}

/// What is reported, and how.
#[derive(Debug, Clone)]
pub(crate) struct Reporting {
    pub(crate) reports: Vec<ReportTo>,
    pub(crate) charset: Charset,
    pub(crate) color: Color,
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

/// How much is told on standard error, besides reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verbosity {
    /// The first faults.
    Normal,
    /// What ends the run.
    Quiet,
}

/// What is wrong with a command line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UsageError {
    #[error("standard input is a terminal and no FILE is given")]
    TerminalInput,
    #[error("--in-place needs the files to rewrite: no FILE is given")]
    NothingToRewrite,
    #[error("--in-place cannot rewrite standard input")]
    RewriteStandardInput,
    #[error("--in-place={}: a suffix has no `/`: the old file stays in its folder", .suffix.display())]
    SuffixWithSlash { suffix: OsString },
    #[error("annotating needs a model: --model is missing")]
    MissingModel,
    #[error("annotating needs a source: --source is missing")]
    MissingSource,
    #[error("{flag} {text}: {why}")]
    Value { flag: &'static str, text: String, why: ValueError },
    #[error("--timestamp {text}: not a time: neither ISO 8601 nor a number of seconds since 1970")]
    Timestamp { text: String },
    #[error("--source {name}: not an allowed source")]
    UnknownSource { name: String, nearest: Option<String>, allowed: Vec<String> },
    #[error("--allow-source: the name must not be empty")]
    EmptySource,
    #[error("--exclude {text}: {why}")]
    Rule { text: String, why: RuleError },
    #[error("SOURCE_DATE_EPOCH is `{text}`: not a number of seconds since 1970")]
    Epoch { text: String },
}

impl UsageError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::TerminalInput => Some("pipe records in, or name a file: cat raw.jsonl | provfilter --help".to_owned()),
            Self::NothingToRewrite => Some("a suffix stands behind `=`: --in-place=.bak data.jsonl".to_owned()),
            Self::MissingModel => Some("say --model hermes4:14b, with the model that wrote the pairs".to_owned()),
            Self::MissingSource => Some("say --source trajectory, curated or backfill".to_owned()),
            Self::Timestamp { .. } => {
                Some("write it as 2026-03-30T14:22:31Z, or leave the flag out for the time of the run".to_owned())
            }
            Self::UnknownSource { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            Self::UnknownSource { name, allowed, .. } => {
                Some(format!("allowed are {}; allow another with --allow-source {name}", allowed.join(", ")))
            }
            _ => None,
        }
    }
}

impl Plan {
    pub(crate) fn new(cli: Cli) -> Result<Self, UsageError> {
        let clock = clock(std::env::var_os("SOURCE_DATE_EPOCH").as_deref())?;
        let chain = Arc::new(chain(&cli)?);
        let reporting = Reporting::new(&cli);
        let target = target(cli.in_place, &cli.files)?;
        let files = files(cli.files)?;
        let options = Options {
            records: if cli.no_output { Records::Count } else { Records::Write },
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
            threads: cli.threads.map_or(Options::default().threads, |threads| threads.0),
        };
        Ok(Self {
            chain,
            options,
            files,
            target,
            excluded_to: cli.excluded_to,
            rejects: cli.rejects,
            errors: cli.errors,
            tolerance: cli.max_errors,
            reporting,
            report_every: cli.report_every.map(|period| period.0),
            progress: if cli.quiet { When::Never } else { cli.progress },
            verbosity: if cli.quiet { Verbosity::Quiet } else { Verbosity::Normal },
        })
    }
}

impl Merge {
    pub(crate) fn new(cli: Cli) -> Result<Self, UsageError> {
        let reporting = Reporting::new(&cli);
        Ok(Self { files: files(cli.files)?, reporting })
    }
}

impl Reporting {
    fn new(cli: &Cli) -> Self {
        let charset = if cli.ascii || locale_is_ascii() { Charset::Ascii } else { Charset::Unicode };
        Self { reports: reports(cli.report.clone(), cli.quiet), charset, color: Color::new(cli.color) }
    }
}

impl Reporting {
    /// Where reports go that do not go to standard error.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.reports.iter().filter_map(|report| report.path.as_deref())
    }
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
    if suffix.as_encoded_bytes().contains(&b'/') {
        return Err(UsageError::SuffixWithSlash { suffix });
    }
    Ok(Target::InPlace { keep_as: Some(suffix).filter(|suffix| !suffix.is_empty()) })
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

/// The stages that the flags ask for, always in the same order.
fn chain(cli: &Cli) -> Result<Chain, UsageError> {
    let mut sources = Sources::default();
    for name in &cli.allow_source {
        if name.is_empty() {
            return Err(UsageError::EmptySource);
        }
        sources.allow(name);
    }
    let mut chain = Chain::new();
    if let Some(values) = values(cli, sources.clone())? {
        chain = if cli.backfill { chain.with(Backfill::new(values)) } else { chain.with(Annotate::new(values)) };
    }
    if !cli.exclude.is_empty() {
        let rule = |text: &String| Rule::parse(text).map_err(|why| UsageError::Rule { text: rule_name(text), why });
        let rules = cli.exclude.iter().map(rule).collect::<Result<Vec<_>, _>>()?;
        chain = chain.with(Exclude::new(rules));
    }
    if cli.all_fields {
        chain = chain.with(Uniform);
    }
    if cli.validate {
        chain = chain.with(Validate::new(sources));
    }
    Ok(chain)
}

/// What stands before the filter, which the error itself shows.
fn rule_name(text: &str) -> String {
    text.split_once('=').map_or(text, |(reason, _)| reason).to_owned()
}

/// The values to fill provenance with, if any flag asks for that.
fn values(cli: &Cli, sources: Sources) -> Result<Option<Values>, UsageError> {
    let layout = cli.layout.as_deref().and_then(Layout::of_name);
    let of_layout = |values: fn(&Layout) -> &'static [&'static str]| layout.as_ref().map(values).unwrap_or_default();
    let mut source = alternatives("--source", &cli.source, of_layout(|layout| layout.source))?;
    let model = alternatives("--model", &cli.model, of_layout(|layout| layout.model))?;
    let mut session_id = alternatives("--session-id", &cli.session_id, of_layout(|layout| layout.session_id))?;
    let mut timestamp = alternatives("--timestamp", &cli.timestamp, of_layout(|layout| layout.timestamp))?;

    let is_asked_for = [&source, &model, &session_id, &timestamp].into_iter().any(|values| !values.is_empty());
    if !cli.backfill && layout.is_none() && !is_asked_for {
        return Ok(None);
    }
    if cli.backfill {
        set_default(&mut source, || Value::literal("backfill"));
        set_default(&mut session_id, || Value::literal("backfill"));
    }
    set_default(&mut timestamp, Value::now);
    if source.is_empty() {
        return Err(UsageError::MissingSource);
    }
    if model.is_empty() {
        return Err(UsageError::MissingModel);
    }
    source.0.iter().try_for_each(|source| check_source(source, &sources))?;
    timestamp.0.iter().try_for_each(|time| check_timestamp(time, cli.assume_tz))?;
    Ok(Some(Values { source, model, session_id, timestamp, zone: cli.assume_tz, sources }))
}

/// The values that a flag gives, and behind them those of the layout.
fn alternatives(flag: &'static str, texts: &[String], of_layout: &[&str]) -> Result<Alternatives, UsageError> {
    let parse = |text: &str| Value::parse(text).map_err(|why| UsageError::Value { flag, text: text.to_owned(), why });
    texts.iter().map(String::as_str).chain(of_layout.iter().copied()).map(parse).collect::<Result<_, _>>().map(Alternatives)
}

fn set_default(alternatives: &mut Alternatives, value: impl FnOnce() -> Value) {
    if alternatives.is_empty() {
        *alternatives = value().into();
    }
}

fn check_source(source: &Value, sources: &Sources) -> Result<(), UsageError> {
    let Some(name) = source.as_literal().filter(|name| !sources.contains(name)) else {
        return Ok(());
    };
    let distance = |allowed: &&str| strsim::damerau_levenshtein(name, allowed);
    let nearest = sources.names().min_by_key(distance).filter(|nearest| distance(nearest) <= 3);
    Err(UsageError::UnknownSource {
        name: name.to_owned(),
        nearest: nearest.map(ToOwned::to_owned),
        allowed: sources.names().map(ToOwned::to_owned).collect(),
    })
}

/// A time that is the same for all records has to be one.
fn check_timestamp(timestamp: &Value, zone: Zone) -> Result<(), UsageError> {
    let sample = timestamp.in_batch(&Batch { now: Clock::System.now(), file: "-" });
    let text = timestamp.to_string();
    match sample.as_literal() {
        Some(time) if Timestamp::read(time, zone).is_none() && !text.contains("{file}") => Err(UsageError::Timestamp { text }),
        _ => Ok(()),
    }
}
