//! What can be wrong with a command line, and what to do about it.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use provfilter::Escaped;
use provfilter::compressed::Compression;
use provfilter::rule::{RuleError, RulesError};
use provfilter::value::ValueError;

use super::nearest::nearest_screen;
use super::report_path::PathError;

/// What is wrong with a command line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UsageError {
    #[error("no input: standard input is a terminal, and no FILE is given")]
    TerminalInput,
    #[error("--in-place needs a FILE to rewrite")]
    NothingToRewrite,
    #[error("--in-place cannot rewrite standard input")]
    RewriteStandardInput,
    #[error("--in-place={}: a suffix cannot contain `/`: the old file stays in its folder", shown(.suffix))]
    SuffixWithSlash { suffix: OsString },
    #[error("--in-place: {} is taken for a FILE, and does not exist", shown(.suffix))]
    SuffixApart { suffix: OsString },
    #[error("{flag} -: standard output already carries the records")]
    AmongRecords { flag: &'static str },
    #[error("{first} - and {second} -: only one of the two can go to standard output")]
    StandardOutputTwice { first: &'static str, second: &'static str },
    #[error("--model is missing: a model is needed to annotate or backfill")]
    MissingModel,
    #[error("--source is missing: a source is needed to annotate")]
    MissingSource,
    #[error("{}{}: {}", Escaped::new(.flag, SHOWN), given(.text), Escaped::new(&.why.to_string(), SHOWN))]
    Value { flag: String, text: String, why: ValueError },
    #[error("{flag}{}: not a boolean", Escaped::new(.text, SHOWN))]
    NotBoolean { flag: String, text: String },
    #[error("{flag}{}: not a time: expected ISO 8601, or a Unix timestamp", Escaped::new(.text, SHOWN))]
    Timestamp { flag: String, text: String },
    #[error("{flag}{}: unknown source", Escaped::new(.name, SHOWN))]
    UnknownSource { flag: String, name: String, nearest: Option<String>, allowed: Vec<String> },
    #[error("--allow-source: the name must not be empty")]
    EmptySource,
    #[error("--exclude {}: {why}", given(.text))]
    Rule { text: String, why: RuleError },
    #[error("{0}")]
    RuleInFile(RulesError),
    #[error("--rules {}: {why}", shown(.path.as_os_str()))]
    RulesFile { path: PathBuf, why: String },
    #[error("--duplicate-key has no effect without the screen `duplicate`")]
    KeyWithoutDuplicate,
    #[error("{flag} {}: it would hold plain text, not {format}", shown(.path.as_os_str()))]
    CompressedOutput { flag: &'static str, path: PathBuf, format: Compression },
    #[error("--report path {}: {}", Escaped::new(.text, SHOWN), Escaped::new(&.why.to_string(), SHOWN))]
    ReportPath { text: String, why: PathError },
    #[error("--report in-toto needs the digest of the output")]
    MissingDigests,
    #[error("--report in-toto describes one output, and cannot be used with {flag}")]
    NoOneOutput { flag: &'static str },
    #[error("SOURCE_DATE_EPOCH={}: not a number of seconds since 1970", Escaped::new(.text, SHOWN))]
    Epoch { text: String },
}

impl UsageError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::TerminalInput => Some("pipe records in, or name a file; see provfilter -h for examples".to_owned()),
            Self::RewriteStandardInput => Some("leave out --in-place to write to standard output".to_owned()),
            Self::NothingToRewrite => Some("name the files, as in -i.bak data.jsonl".to_owned()),
            Self::SuffixApart { suffix } => {
                Some(format!("to keep the old files under a suffix, write it without a space: -i{}", shown(suffix)))
            }
            Self::AmongRecords { flag: "--sidecar" } => Some("name a file, or add --in-place".to_owned()),
            Self::AmongRecords { .. } => Some("name a file, or add --no-output or --in-place".to_owned()),
            Self::MissingModel => Some("name the model that wrote the answers, as in --model hermes4:14b".to_owned()),
            Self::MissingSource => Some("add --source trajectory, --source curated or --source backfill".to_owned()),
            Self::NotBoolean { .. } => {
                Some("use true, false, or a place in the record that holds one, such as {/approved}".to_owned())
            }
            Self::MissingDigests => Some("add --digests".to_owned()),
            Self::CompressedOutput { format, .. } => {
                Some(format!("drop `.{}` from the name, and compress the file afterwards", format.extension()))
            }
            Self::Timestamp { .. } => {
                Some("write it as 2026-03-30T14:22:31Z, or leave out the flag to use the time of the run".to_owned())
            }
            Self::UnknownSource { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            Self::UnknownSource { name, allowed, .. } => {
                Some(format!("allowed sources are {}; allow another with --allow-source {name}", allowed.join(", ")))
            }
            Self::Rule { why, .. } | Self::RuleInFile(RulesError { why, .. }) => hint_at_rule(why),
            Self::KeyWithoutDuplicate => Some("add --exclude duplicate".to_owned()),
            _ => None,
        }
    }
}

fn hint_at_rule(why: &RuleError) -> Option<String> {
    match (why, nearest_screen(why)) {
        (_, Some(nearest)) => Some(format!("did you mean `{nearest}`?")),
        (RuleError::UnknownScreen { .. }, None) => Some("list the screens with --list-screens".to_owned()),
        _ => None,
    }
}

/// How many characters of what was given are shown.
const SHOWN: usize = 200;

/// A value as it was given, or quotes in the place of an empty one.
fn given(text: &str) -> Escaped<'_> {
    Escaped::new(if text.is_empty() { "''" } else { text }, SHOWN)
}

fn shown(text: &OsStr) -> String {
    Escaped::new(&text.to_string_lossy(), SHOWN).to_string()
}
