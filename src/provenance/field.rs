//! The vocabulary of provenance: its members, which of them are required, their types, and the names of sources.

use std::fmt;

use crate::json::Json;

/// A member of the provenance object that this program knows. Members of other names are the user's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Where the pair comes from, one of [`Sources`].
    Source,
    /// The model that produced the assistant turn.
    Model,
    /// The session that the pair comes from.
    SourceSessionId,
    /// When the pair was captured, ISO 8601.
    Timestamp,
    /// The pair is good to train with.
    Approved,
    /// The pair was turned down.
    Excluded,
    /// Why it was turned down.
    ExclusionReason,
}

impl Field {
    /// All fields, in the order in which missing ones are added.
    pub const ALL: [Self; 7] = [
        Self::Source,
        Self::Model,
        Self::SourceSessionId,
        Self::Timestamp,
        Self::Approved,
        Self::Excluded,
        Self::ExclusionReason,
    ];

    /// The fields that complete provenance has, in the order in which they are reported.
    pub const REQUIRED: [Self; 5] = [Self::SourceSessionId, Self::Source, Self::Model, Self::Timestamp, Self::Approved];

    /// The name of the member.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Model => "model",
            Self::SourceSessionId => "source_session_id",
            Self::Timestamp => "timestamp",
            Self::Approved => "approved",
            Self::Excluded => "excluded",
            Self::ExclusionReason => "exclusion_reason",
        }
    }

    /// The name of the member as a JSON string.
    pub(crate) fn spelling(self) -> &'static str {
        match self {
            Self::Source => "\"source\"",
            Self::Model => "\"model\"",
            Self::SourceSessionId => "\"source_session_id\"",
            Self::Timestamp => "\"timestamp\"",
            Self::Approved => "\"approved\"",
            Self::Excluded => "\"excluded\"",
            Self::ExclusionReason => "\"exclusion_reason\"",
        }
    }

    /// The field of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// The position of the field in [`Field::ALL`].
    pub(crate) fn index(self) -> usize {
        self as usize
    }

    /// The type that the field's value has.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Approved | Self::Excluded => Kind::Boolean,
            _ => Kind::String,
        }
    }

    /// The value that stands for none where every row is to have all fields: an empty string, or false.
    #[must_use]
    pub fn empty_value(self) -> Json<'static> {
        match self.kind() {
            Kind::String => Json::EMPTY,
            Kind::Boolean => Json::FALSE,
        }
    }
}

/// The type of a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A JSON string.
    String,
    /// `true` or `false`.
    Boolean,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::String => "string",
            Self::Boolean => "boolean",
        })
    }
}

/// The names that a provenance source may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources(Vec<String>);

impl Default for Sources {
    /// `trajectory`, `curated` and `backfill`.
    fn default() -> Self {
        Self(Self::ALWAYS.map(String::from).to_vec())
    }
}

impl Sources {
    /// The names that are always allowed.
    pub const ALWAYS: [&str; 3] = ["trajectory", "curated", "backfill"];

    /// Allows one more name.
    pub fn allow(&mut self, name: impl Into<String>) {
        self.0.push(name.into());
    }

    /// The name is allowed.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|allowed| allowed == name)
    }

    /// The allowed names, the usual ones first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}
