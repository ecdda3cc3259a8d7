//! Reports: a summary made readable. Each format is a pure function from a report to text, in a module of its own.
//!
//! ```
//! use provfilter::Ending;
//! use provfilter::report::{Format, Report, Style};
//! use provfilter::summary::Summary;
//! use provfilter::timestamp::Timestamp;
//!
//! let [start, end] = [1_774_880_551, 1_774_880_560].map(|seconds| Timestamp::from_unix_seconds(seconds).expect("a time"));
//! let mut whole = Report::new("run-1", Summary::default(), start, end, Some(Ending::Finished)).into_merged("whole");
//! whole.merge(Report::new("run-2", Summary::default(), start, end, Some(Ending::Finished)))?;
//! assert!(whole.render(Format::Text, &Style::default()).starts_with("Provenance Report\n"));
//! # Ok::<(), provfilter::report::MergeError>(())
//! ```

mod dashboard;
mod html;
mod in_toto;
mod json;
mod markdown;
mod numbers;
mod prometheus;
mod run;
mod text;

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

pub use json::ReadError;
pub use run::{InputRecord, OutputRecord, RuleRecord, RunRecord, StageRecord};

use crate::error::Ending;
use crate::provenance::Field;
use crate::summary::Summary;
use crate::timestamp::Timestamp;

/// The version of the JSON report's schema.
pub const SCHEMA_VERSION: u64 = 1;

/// The largest count that reports have, 2^63 - 1.
const MOST: u64 = i64::MAX as u64;

/// A summary and the run that it belongs to.
///
/// Reports of shards add up to the report of the whole. Serialized, it is the JSON report, which `schema/report.schema.json` describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What was counted.
    pub summary: Summary,
    /// A unique id of the run.
    pub run_id: String,
    /// The ids of the runs in a merged report; empty for a single run.
    pub runs: BTreeSet<String>,
    /// When the run began.
    pub started_at: Timestamp,
    /// When the run ended, or the report was made.
    pub finished_at: Timestamp,
    /// How the run ended; `None` while it is going.
    pub ending: Option<Ending>,
    /// What the run was asked to do, and what it read and wrote.
    pub run: RunRecord,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Lines for people.
    Text,
    /// One JSON object with every count.
    Json,
    /// A box with bars, as wide as [`Style::width`] says.
    Dashboard,
    /// Tables for a pull request or a dataset card.
    Markdown,
    /// A page with charts that needs no script and no network.
    Html,
    /// The text exposition format of Prometheus, for the node exporter's textfile collector.
    Prometheus,
    /// An unsigned in-toto Statement v1 about the output. Without [`OutputRecord::sha256`] it has no subject, and no verifier accepts it.
    InToto,
}

/// Which characters borders and bars are drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Charset {
    /// Lines and blocks of Unicode.
    #[default]
    Unicode,
    /// Only ASCII; other characters of names are escaped.
    Ascii,
}

/// Whether colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Coloring {
    /// No colours.
    #[default]
    Plain,
    /// The 16 colours that terminals have, by ECMA-48's control sequences. Only a dashboard has any.
    Ansi,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 7] =
        [Self::Text, Self::Json, Self::Dashboard, Self::Markdown, Self::Html, Self::Prometheus, Self::InToto];

    /// The name, as `--report` takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Dashboard => "dashboard",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Prometheus => "prometheus",
            Self::InToto => "in-toto",
        }
    }
}

impl Report {
    /// The report of a single run.
    #[must_use]
    pub fn new(
        run_id: impl Into<String>,
        summary: Summary,
        started_at: Timestamp,
        finished_at: Timestamp,
        ending: Option<Ending>,
    ) -> Self {
        let mut run = RunRecord::default();
        run.output.bytes = summary.bytes_out;
        Self { summary, run_id: run_id.into(), runs: BTreeSet::new(), started_at, finished_at, ending, run }
    }

    /// The report in a format, with a line feed at the end.
    #[must_use]
    pub fn render(&self, format: Format, style: &Style) -> String {
        match format {
            Format::Text => text::render(self, style),
            Format::Json => json::render(self),
            Format::Dashboard => dashboard::render(self, style),
            Format::Markdown => markdown::render(self, style),
            Format::Html => html::render(self, style),
            Format::Prometheus => prometheus::render(self),
            Format::InToto => in_toto::render(self),
        }
    }

    /// Reads a JSON report.
    ///
    /// # Errors
    ///
    /// The bytes are not a JSON report, its schema is newer than [`SCHEMA_VERSION`], or its counts do not add up.
    pub fn read(json: &[u8]) -> Result<Self, ReadError> {
        json::read(json)
    }

    /// Reads JSON reports that follow each other. An error is the last item.
    pub fn read_all(json: &[u8]) -> impl Iterator<Item = Result<Self, ReadError>> {
        json::read_all(json)
    }

    /// A merged report of this one alone, to which others can be added, with an id of its own.
    #[must_use]
    pub fn into_merged(self, run_id: impl Into<String>) -> Self {
        let runs = if self.runs.is_empty() { BTreeSet::from([self.run_id]) } else { self.runs };
        Self { run_id: run_id.into(), runs, ..self }
    }

    /// The inputs of the other report that this one counts too, by their digests: a shard that was processed twice.
    pub fn inputs_in_common<'o>(&self, other: &'o Self) -> impl Iterator<Item = &'o InputRecord> {
        self.run.inputs_in_common(&other.run)
    }

    /// Adds the report of another shard. The sum lasts from the first start to the last end, and has the worst ending; `None` if a shard is
    /// still going.
    ///
    /// # Errors
    ///
    /// A run is in both, or a sum exceeds 2^63 - 1. The report may then contain part of the other one.
    pub fn merge(&mut self, other: Self) -> Result<(), MergeError> {
        let other = other.into_merged("");
        if let Some(run_id) = other.runs.iter().find(|run_id| self.runs.contains(*run_id)) {
            return Err(MergeError::SameRun { run_id: run_id.clone() });
        }
        self.runs.extend(other.runs);
        self.run.merge(other.run);
        self.summary += other.summary;
        self.started_at = self.started_at.min(other.started_at);
        self.finished_at = self.finished_at.max(other.finished_at);
        self.ending = match [self.ending, other.ending] {
            [Some(own), Some(other)] => Some(own.max(other)),
            [Some(ending @ Ending::Failed), None] | [None, Some(ending @ Ending::Failed)] => Some(ending),
            _ => None,
        };
        // Each addend was at most 2^63 - 1, so that a sum of two has not wrapped yet.
        match Summary::COUNTERS.iter().find(|counter| (counter.get)(&self.summary) > MOST) {
            Some(counter) => Err(MergeError::TooLarge { counter: counter.name }),
            None => Ok(()),
        }
    }
}

/// Why reports cannot be merged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// A run would count twice.
    #[error("run {run_id} is counted twice")]
    SameRun {
        /// Its id.
        run_id: String,
    },
    /// A sum exceeds 2^63 - 1.
    #[error("`{counter}` adds up to more than {MOST}")]
    TooLarge {
        /// The name of the count.
        counter: &'static str,
    },
}

/// How reports for people look.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Style {
    /// Which characters borders and bars are drawn with.
    pub charset: Charset,
    /// Whether colours are used.
    pub coloring: Coloring,
    /// The width of a dashboard in columns, clamped to [`Style::WIDTHS`].
    pub width: usize,
    /// What to do about a topic, in a few words such as the name of a flag; `None` for nothing.
    pub advice: fn(Topic) -> Option<&'static str>,
}

impl Default for Style {
    /// Unicode, no colours, 80 columns, and no advice.
    fn default() -> Self {
        Self { charset: Charset::default(), coloring: Coloring::default(), width: 80, advice: |_| None }
    }
}

impl Style {
    /// The widths that a dashboard can have, in columns.
    pub const WIDTHS: RangeInclusive<usize> = 60..=120;
}

/// Something that a reader of a report may want to act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Topic {
    /// Records lack this field.
    MissingField(Field),
    /// Times had no zone, and one was assumed.
    AssumedZone,
}

/// Why a report of a run that ended so may be of less than its whole input.
fn shortfall(ending: Ending) -> Option<&'static str> {
    match ending {
        Ending::Finished => None,
        Ending::Interrupted => Some("Interrupted: only the records up to that point are counted."),
        Ending::Stopped => Some("Stopped at a faulty line: only the records before it are counted."),
        Ending::Failed => Some("Failed: an input could not be read to its end, or an output could not be written."),
    }
}
