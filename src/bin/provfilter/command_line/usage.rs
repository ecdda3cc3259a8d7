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
    #[error("standard input is a terminal and no FILE is given")]
    TerminalInput,
    #[error("--in-place needs the files to rewrite: no FILE is given")]
    NothingToRewrite,
    #[error("--in-place cannot rewrite standard input")]
    RewriteStandardInput,
    #[error("--in-place={}: a suffix has no `/`: the old file stays in its folder", shown(.suffix))]
    SuffixWithSlash { suffix: OsString },
    #[error("--in-place takes {} for a FILE, and there is none", shown(.suffix))]
    SuffixApart { suffix: OsString },
    #[error("{flag} -: records go to standard output, and nothing else does")]
    AmongRecords { flag: &'static str },
    #[error("{first} - and {second} -: only one of them can go to standard output")]
    StandardOutputTwice { first: &'static str, second: &'static str },
    #[error("annotating needs a model: --model is missing")]
    MissingModel,
    #[error("annotating needs a source: --source is missing")]
    MissingSource,
    #[error("{}{}: {}", Escaped::new(.flag, SHOWN), Escaped::new(.text, SHOWN), Escaped::new(&.why.to_string(), SHOWN))]
    Value { flag: String, text: String, why: ValueError },
    #[error("{flag}{}: not a boolean", Escaped::new(.text, SHOWN))]
    NotBoolean { flag: String, text: String },
    #[error("{flag}{}: not a time: neither ISO 8601 nor a number of seconds since 1970", Escaped::new(.text, SHOWN))]
    Timestamp { flag: String, text: String },
    #[error("{flag}{}: not an allowed source", Escaped::new(.name, SHOWN))]
    UnknownSource { flag: String, name: String, nearest: Option<String>, allowed: Vec<String> },
    #[error("--allow-source: the name must not be empty")]
    EmptySource,
    #[error("--exclude {}: {why}", Escaped::new(.text, SHOWN))]
    Rule { text: String, why: RuleError },
    #[error("{0}")]
    RuleInFile(RulesError),
    #[error("--rules {}: {why}", shown(.path.as_os_str()))]
    RulesFile { path: PathBuf, why: String },
    #[error("--duplicate-key: the screen `duplicate` is not among the rules")]
    KeyWithoutDuplicate,
    #[error("{flag}: {} would hold plain text, not {format}", shown(.path.as_os_str()))]
    CompressedOutput { flag: &'static str, path: PathBuf, format: Compression },
    #[error("--report to {}: {}", Escaped::new(.text, SHOWN), Escaped::new(&.why.to_string(), SHOWN))]
    ReportPath { text: String, why: PathError },
    #[error("--report in-toto names the output by its digest: --digests is missing")]
    MissingDigests,
    #[error("--report in-toto is about one output, and with {flag} there is none")]
    NoOneOutput { flag: &'static str },
    #[error("SOURCE_DATE_EPOCH is `{}`: not a number of seconds since 1970", Escaped::new(.text, SHOWN))]
    Epoch { text: String },
}

impl UsageError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::TerminalInput => Some("pipe records in, or name a file: cat raw.jsonl | provfilter --help".to_owned()),
            Self::NothingToRewrite => Some("name them, and a suffix directly behind the flag: -i.bak data.jsonl".to_owned()),
            Self::SuffixApart { suffix } => Some(format!("a suffix stands directly behind the flag: -i{}", shown(suffix))),
            Self::AmongRecords { flag: "--sidecar" } => Some("rewrite the files (--in-place)".to_owned()),
            Self::AmongRecords { .. } => Some("write no records (--no-output), or rewrite the files (--in-place)".to_owned()),
            Self::MissingModel => Some("say --model hermes4:14b, with the model that wrote the pairs".to_owned()),
            Self::MissingSource => Some("say --source trajectory, curated or backfill".to_owned()),
            Self::NotBoolean { .. } => Some("say true or false, or a place in the record where one of them stands".to_owned()),
            Self::MissingDigests => Some("add --digests".to_owned()),
            Self::CompressedOutput { format, .. } => {
                Some(format!("leave `.{}` out of its name, and compress it afterwards", format.extension()))
            }
            Self::Timestamp { .. } => {
                Some("write it as 2026-03-30T14:22:31Z, or leave the flag out for the time of the run".to_owned())
            }
            Self::UnknownSource { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            Self::UnknownSource { name, allowed, .. } => {
                Some(format!("allowed are {}; allow another with --allow-source {name}", allowed.join(", ")))
            }
            Self::Rule { why, .. } | Self::RuleInFile(RulesError { why, .. }) => hint_at_rule(why),
            Self::KeyWithoutDuplicate => Some("say --exclude duplicate".to_owned()),
            _ => None,
        }
    }
}

fn hint_at_rule(why: &RuleError) -> Option<String> {
    match (why, nearest_screen(why)) {
        (_, Some(nearest)) => Some(format!("did you mean `{nearest}`?")),
        (RuleError::UnknownScreen { .. }, None) => Some("see them with --list-screens".to_owned()),
        _ => None,
    }
}

/// How many characters of what was given are shown.
const SHOWN: usize = 200;

fn shown(text: &OsStr) -> String {
    Escaped::new(&text.to_string_lossy(), SHOWN).to_string()
}
