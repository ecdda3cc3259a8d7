//! Reports: a summary made readable. Each format is a pure function from a report to text, in a room of its own.

mod dashboard;
mod json;
mod markdown;
mod prometheus;
mod text;

use std::ops::AddAssign;

pub use json::ReadError;

use crate::error::Ending;
use crate::provenance::Field;
use crate::summary::Summary;
use crate::timestamp::Timestamp;

/// The version of the JSON report's schema.
pub const SCHEMA_VERSION: u64 = 1;

/// A summary, and the run that it is of.
///
/// Reports of shards add up to the report of the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What was counted.
    pub summary: Summary,
    /// When the run began.
    pub started_at: Timestamp,
    /// When the run ended, or the report was made.
    pub finished_at: Timestamp,
    /// How the run ended; nothing while it goes on.
    pub ending: Option<Ending>,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Lines for people.
    Text,
    /// One JSON object with every count.
    Json,
    /// A box with bars, 80 columns wide.
    Dashboard,
    /// Tables for a pull request or a dataset card.
    Markdown,
    /// The text exposition format of Prometheus, for the node exporter's textfile collector.
    Prometheus,
}

/// Which characters borders and bars are drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Charset {
    /// Lines and blocks of Unicode.
    #[default]
    Unicode,
    /// Nothing but ASCII; other characters of names are written as escapes.
    Ascii,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 5] = [Self::Text, Self::Json, Self::Dashboard, Self::Markdown, Self::Prometheus];

    /// The format's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Dashboard => "dashboard",
            Self::Markdown => "markdown",
            Self::Prometheus => "prometheus",
        }
    }
}

impl Report {
    /// Writes the report in a format, with a line feed at the end.
    #[must_use]
    pub fn render(&self, format: Format, charset: Charset) -> String {
        match format {
            Format::Text => text::render(self),
            Format::Json => json::render(self),
            Format::Dashboard => dashboard::render(self, charset),
            Format::Markdown => markdown::render(self),
            Format::Prometheus => prometheus::render(self),
        }
    }

    /// Reads a report that was written as JSON.
    ///
    /// # Errors
    ///
    /// The bytes are no such report, or one of a newer schema.
    pub fn read(json: &[u8]) -> Result<Self, ReadError> {
        json::read(json)
    }
}

impl AddAssign for Report {
    /// Adds the report of another shard. The run as a whole lasted from the first start to the last end, and was interrupted if
    /// a part was.
    fn add_assign(&mut self, other: Self) {
        let Self { summary, started_at, finished_at, ending } = other;
        self.summary += summary;
        self.started_at = self.started_at.min(started_at);
        self.finished_at = self.finished_at.max(finished_at);
        self.ending = [self.ending, ending].into_iter().flatten().find(|ending| *ending == Ending::Interrupted).or(self.ending);
    }
}

/// The flag that would fill a field.
fn flag(field: Field) -> &'static str {
    match field {
        Field::Source => "--source",
        Field::Model => "--model",
        Field::SourceSessionId => "--session-id",
        Field::Timestamp => "--timestamp",
        Field::Approved => "--source and --model",
        Field::Excluded | Field::ExclusionReason => "--all-fields",
    }
}

/// Why a report of a run that ended so may be of less than its whole input.
fn shortfall(ending: Ending) -> Option<&'static str> {
    match ending {
        Ending::Finished => None,
        Ending::Interrupted => Some("Interrupted: these are the records up to then."),
        Ending::Stopped => Some("Stopped at a faulty line: these are the records before it."),
        Ending::Failed => Some("Ended early: an output took no more."),
    }
}

/// A share as people read it: one digit behind the point, and whole only where it is.
fn percent(count: u64, total: u64) -> String {
    if total == 0 {
        return "n/a".to_owned();
    }
    if count == total {
        return "100%".to_owned();
    }
    // 99.96% is not 100.0%: what is missing must be seen.
    let tenths = (u128::from(count) * 2000 / u128::from(total)).div_ceil(2).min(999);
    let tenths = if count > 0 { tenths.max(1) } else { tenths };
    format!("{}.{}%", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_share_is_whole_or_nothing_only_where_it_is() {
        for (count, total, expected) in [
            (0, 0, "n/a"),
            (0, 5, "0.0%"),
            (1, 1_000_000, "0.1%"),
            (1, 3, "33.3%"),
            (2, 3, "66.7%"),
            (999_999, 1_000_000, "99.9%"),
            (u64::MAX, u64::MAX, "100%"),
        ] {
            assert_eq!(percent(count, total), expected);
        }
    }
}
