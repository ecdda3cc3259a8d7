//! Reports: a summary made readable. Each format is a pure function from a report to text, in a room of its own.

mod json;
mod text;

use crate::error::Ending;
use crate::summary::Summary;
use crate::timestamp::Timestamp;

/// The version of the JSON report's schema.
pub const SCHEMA_VERSION: u64 = 1;

/// A summary, and the run that it is of.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// What was counted.
    pub summary: &'a Summary,
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
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 2] = [Self::Text, Self::Json];

    /// The format's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

impl Report<'_> {
    /// Writes the report in a format, with a line feed at the end.
    #[must_use]
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Text => text::render(self),
            Format::Json => json::render(self),
        }
    }
}
