//! The vocabulary of provenance: its members, the sources there are, what is required, and what is wrong with one.

use std::borrow::Cow;
use std::fmt;

use crate::record::Json;
use crate::record::Provenance;
use crate::timestamp::Timestamp;

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
        Self(["trajectory", "curated", "backfill"].map(String::from).to_vec())
    }
}

impl Sources {
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

/// One thing that is wrong with a record's provenance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// There is none, or it is null or empty.
    MissingProvenance,
    /// A required field is absent or null.
    MissingField(Field),
    /// A required field is an empty string.
    EmptyField(Field),
    /// A field has a value of another type than its own.
    WrongType(Field),
    /// The source is not an allowed one.
    UnknownSource(String),
    /// The pair is excluded, but nothing says why.
    MissingExclusionReason,
    /// The timestamp is not ISO 8601.
    BadTimestamp(String),
    /// The pair is both approved and excluded.
    Contradiction,
}

impl Problem {
    /// The names of all problems, in the order of the variants.
    pub const CODES: [&str; 8] = [
        "missing_provenance",
        "missing_field",
        "empty_field",
        "wrong_type",
        "unknown_source",
        "missing_exclusion_reason",
        "bad_timestamp",
        "contradiction",
    ];

    /// The name of the problem in reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        let position = match self {
            Self::MissingProvenance => 0,
            Self::MissingField(_) => 1,
            Self::EmptyField(_) => 2,
            Self::WrongType(_) => 3,
            Self::UnknownSource(_) => 4,
            Self::MissingExclusionReason => 5,
            Self::BadTimestamp(_) => 6,
            Self::Contradiction => 7,
        };
        Self::CODES[position]
    }

    /// Lists what is wrong with provenance, in the order of the variants, and of [`Field::REQUIRED`] within one.
    #[must_use]
    pub fn find(provenance: &Provenance<'_>, sources: &Sources) -> Vec<Self> {
        if provenance.is_empty() {
            return vec![Self::MissingProvenance];
        }
        let present = |field: Field| provenance.get(field).filter(|value| !value.is_null());
        let is_empty = |field: Field| present(field).is_some_and(|value| value == Json::EMPTY);
        let has_wrong_type = |field: Field| present(field).is_some_and(|value| has_wrong_type(field, &value));
        let is_set = |field: Field| present(field).is_some_and(|value| value.is_truthy());
        let (source, timestamp) = (present(Field::Source), present(Field::Timestamp));

        let mut problems = Vec::new();
        problems.extend(Field::REQUIRED.into_iter().filter(|&field| present(field).is_none()).map(Self::MissingField));
        problems.extend(Field::REQUIRED.into_iter().filter(|&field| is_empty(field)).map(Self::EmptyField));
        problems.extend(IN_REPORTS.into_iter().filter(|&field| has_wrong_type(field)).map(Self::WrongType));
        if let Some(source) = text(source.as_ref()).filter(|source| !sources.contains(source)) {
            problems.push(Self::UnknownSource(cut(&source)));
        }
        if is_set(Field::Excluded) && !is_set(Field::ExclusionReason) {
            problems.push(Self::MissingExclusionReason);
        }
        if let Some(timestamp) = text(timestamp.as_ref()).filter(|text| Timestamp::parse_iso(text).is_none()) {
            problems.push(Self::BadTimestamp(cut(&timestamp)));
        }
        if is_set(Field::Approved) && is_set(Field::Excluded) {
            problems.push(Self::Contradiction);
        }
        problems
    }
}

/// What a string says that is not empty.
fn text<'v>(value: Option<&'v Json<'_>>) -> Option<Cow<'v, str>> {
    value.and_then(Json::as_text).filter(|text| !text.is_empty())
}

/// As much of a text from the input as a message needs.
fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(1000)].to_owned()
}

/// All fields, the required ones first.
const IN_REPORTS: [Field; 7] = [
    Field::SourceSessionId,
    Field::Source,
    Field::Model,
    Field::Timestamp,
    Field::Approved,
    Field::Excluded,
    Field::ExclusionReason,
];

/// The value is of another type than the field's. An empty string is a missing value of any type.
fn has_wrong_type(field: Field, value: &Json<'_>) -> bool {
    match field.kind() {
        Kind::String => !value.is_string(),
        Kind::Boolean => !value.is_boolean() && *value != Json::EMPTY,
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingProvenance => formatter.write_str("missing provenance metadata"),
            Self::MissingField(field) => write!(formatter, "provenance missing field: {}", field.name()),
            Self::EmptyField(field) => write!(formatter, "provenance field {} is empty", field.name()),
            Self::WrongType(field) => write!(formatter, "provenance field {} is not a {}", field.name(), field.kind()),
            Self::UnknownSource(source) => write!(formatter, "unknown source: {source}"),
            Self::MissingExclusionReason => formatter.write_str("excluded pair missing exclusion_reason"),
            Self::BadTimestamp(text) => write!(formatter, "timestamp is not ISO 8601: {text}"),
            Self::Contradiction => formatter.write_str("pair is both approved and excluded"),
        }
    }
}
