//! Flags into the objects of a run: everything that can be wrong with a command line is found here, before any input is read.

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use provfilter::pipeline::{Buffering, Excluded, OnFault, Options, Records};
use provfilter::stage::{Annotate, Backfill, Exclude, Rule, RuleError, Uniform, Validate, Values};
use provfilter::{Chain, Clock, Sources, Timestamp, Value, ValueError};

use crate::cli::{Cli, OnError, ReportTo, Tolerance};
use provfilter::report::Format;

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
    pub(crate) reports: Vec<ReportTo>,
    pub(crate) verbosity: Verbosity,
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
    #[error("--timestamp {text}: not a time in ISO 8601")]
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
        let target = target(cli.in_place, &cli.files)?;
        let mut files = cli.files;
        if files.is_empty() {
            if std::io::stdin().is_terminal() {
                return Err(UsageError::TerminalInput);
            }
            files.push("-".into());
        }
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
            reports: reports(cli.report, cli.quiet),
            verbosity: if cli.quiet { Verbosity::Quiet } else { Verbosity::Normal },
        })
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
    if let Some(values) = values(cli, &sources)? {
        chain = if cli.backfill { chain.with(Backfill::new(values)) } else { chain.with(Annotate::new(values)) };
    }
    if !cli.exclude.is_empty() {
        let rule = |text: &String| Rule::parse(text).map_err(|why| UsageError::Rule { text: rule_name(text), why });
        let rules = cli.exclude.iter().map(rule).collect::<Result<_, _>>()?;
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
fn values(cli: &Cli, sources: &Sources) -> Result<Option<Values>, UsageError> {
    let source = value("--source", &cli.source)?;
    let model = value("--model", &cli.model)?;
    let session_id = value("--session-id", &cli.session_id)?;
    let timestamp = value("--timestamp", &cli.timestamp)?;
    if !cli.backfill && [&source, &model, &session_id, &timestamp].into_iter().all(Option::is_none) {
        return Ok(None);
    }
    let default = || cli.backfill.then(|| Value::literal("backfill"));
    let source = source.or_else(default).ok_or(UsageError::MissingSource)?;
    let model = model.ok_or(UsageError::MissingModel)?;
    check_source(&source, sources)?;
    let timestamp = timestamp.unwrap_or_else(Value::now);
    Ok(Some(Values { source, model, session_id: session_id.or_else(default), timestamp: check_timestamp(timestamp)? }))
}

/// The value that a flag gives. Of several, the first is taken: each resolves for every record.
fn value(flag: &'static str, texts: &[String]) -> Result<Option<Value>, UsageError> {
    let parse = |text: &String| Value::parse(text).map_err(|why| UsageError::Value { flag, text: text.clone(), why });
    let values = texts.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    Ok(values.into_iter().next())
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

/// A time that is given is written in UTC.
fn check_timestamp(timestamp: Value) -> Result<Value, UsageError> {
    let Some(text) = timestamp.as_literal() else {
        return Ok(timestamp);
    };
    match Timestamp::parse_iso(text) {
        Some(time) => Ok(Value::literal(time.to_string())),
        None => Err(UsageError::Timestamp { text: text.to_owned() }),
    }
}
