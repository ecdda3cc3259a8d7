//! What can be wrong with a command line, and what to do about it.

use std::ffi::OsString;

use provfilter::stage::RuleError;
use provfilter::value::ValueError;

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
