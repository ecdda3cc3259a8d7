//! The vocabulary of provenance: its members, which of them are required, their types, and the names of sources.

use std::fmt;

use crate::json::Json;

/// A field: a member of the provenance object with a meaning of its own. Members with other names belong to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// `source`: where the record comes from, one of [`Sources`].
    Source,
    /// `model`: the model that wrote the assistant turn.
    Model,
    /// `source_session_id`: the session that the record comes from.
    SourceSessionId,
    /// `timestamp`: when the record was captured, in ISO 8601.
    Timestamp,
    /// `approved`: whether the record may be trained on.
    Approved,
    /// `excluded`: whether a rule excluded the record.
    Excluded,
    /// `exclusion_reason`: the reason of the rule that excluded it.
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

    /// The required fields, in the order in which they are reported.
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

    /// The field with this name, or `None` if there is none.
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

    /// The value that [`AllFields`](crate::stage::AllFields) writes for an absent field: an empty string, or false.
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

    /// Allows another name.
    pub fn allow(&mut self, name: impl Into<String>) {
        self.0.push(name.into());
    }

    /// Whether the name is allowed.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|allowed| allowed == name)
    }

    /// The allowed names: [`Sources::ALWAYS`], then those that were added.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}
