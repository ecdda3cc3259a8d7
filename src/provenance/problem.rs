//! What can be wrong with a record's provenance: found, listed in a fixed order, and put into words.

use std::borrow::Cow;
use std::fmt;

use super::{Field, Kind, Provenance, Sources};
use crate::json::Json;
use crate::timestamp::Timestamp;

/// One thing that is wrong with a record's provenance.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The provenance is absent, null or empty.
    MissingProvenance,
    /// A required field is absent or null.
    MissingField(Cow<'static, str>),
    /// A required field is an empty string.
    EmptyField(Cow<'static, str>),
    /// A field has a value of the wrong type.
    WrongType(Field),
    /// The source is not an allowed source.
    UnknownSource(String),
    /// The record is excluded without a reason.
    MissingExclusionReason,
    /// The timestamp is not ISO 8601.
    BadTimestamp(String),
    /// The record is both approved and excluded.
    Contradiction,
}

impl Problem {
    /// The kind of the problem.
    #[must_use]
    pub fn kind(&self) -> ProblemKind {
        match self {
            Self::MissingProvenance => ProblemKind::MissingProvenance,
            Self::MissingField(_) => ProblemKind::MissingField,
            Self::EmptyField(_) => ProblemKind::EmptyField,
            Self::WrongType(_) => ProblemKind::WrongType,
            Self::UnknownSource(_) => ProblemKind::UnknownSource,
            Self::MissingExclusionReason => ProblemKind::MissingExclusionReason,
            Self::BadTimestamp(_) => ProblemKind::BadTimestamp,
            Self::Contradiction => ProblemKind::Contradiction,
        }
    }

    /// Lists the problems of provenance, in the order of the variants. Within a variant, [`Field::REQUIRED`] come first, then the members
    /// named in `required`.
    #[must_use]
    pub fn find(provenance: &Provenance<'_>, sources: &Sources, required: &[String]) -> Vec<Self> {
        if provenance.is_empty() {
            return vec![Self::MissingProvenance];
        }
        let present = |field: Field| provenance.get(field).filter(|value| !value.is_null());
        let named = |name: &str| provenance.get_named(name).filter(|value| !value.is_null());
        let has_wrong_type = |field: Field| present(field).is_some_and(|value| has_wrong_type(field, &value));
        let is_set = |field: Field| present(field).is_some_and(|value| value.is_truthy());
        let (source, timestamp) = (present(Field::Source), present(Field::Timestamp));

        let mut problems = Vec::new();
        let required =
            || Field::REQUIRED.map(Field::name).into_iter().map(Cow::Borrowed).chain(required.iter().cloned().map(Cow::Owned));
        problems.extend(required().filter(|name| named(name).is_none()).map(Self::MissingField));
        problems.extend(required().filter(|name| named(name).is_some_and(|value| value == Json::EMPTY)).map(Self::EmptyField));
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

/// The kind of a [`Problem`]. Reports call it by [`ProblemKind::as_str`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// [`Problem::MissingProvenance`].
    MissingProvenance,
    /// [`Problem::MissingField`].
    MissingField,
    /// [`Problem::EmptyField`].
    EmptyField,
    /// [`Problem::WrongType`].
    WrongType,
    /// [`Problem::UnknownSource`].
    UnknownSource,
    /// [`Problem::MissingExclusionReason`].
    MissingExclusionReason,
    /// [`Problem::BadTimestamp`].
    BadTimestamp,
    /// [`Problem::Contradiction`].
    Contradiction,
}

impl ProblemKind {
    /// All kinds, in the order in which problems are listed.
    pub const ALL: [Self; 8] = [
        Self::MissingProvenance,
        Self::MissingField,
        Self::EmptyField,
        Self::WrongType,
        Self::UnknownSource,
        Self::MissingExclusionReason,
        Self::BadTimestamp,
        Self::Contradiction,
    ];

    /// The code in reports, such as `missing_field`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MissingProvenance => "missing_provenance",
            Self::MissingField => "missing_field",
            Self::EmptyField => "empty_field",
            Self::WrongType => "wrong_type",
            Self::UnknownSource => "unknown_source",
            Self::MissingExclusionReason => "missing_exclusion_reason",
            Self::BadTimestamp => "bad_timestamp",
            Self::Contradiction => "contradiction",
        }
    }

    /// The kind with this code, or `None` if there is none.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
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
            Self::MissingField(field) => write!(formatter, "provenance missing field: {field}"),
            Self::EmptyField(field) => write!(formatter, "provenance field {field} is empty"),
            Self::WrongType(field) => write!(formatter, "provenance field {} is not a {}", field.name(), field.kind()),
            Self::UnknownSource(source) => write!(formatter, "unknown source: {source}"),
            Self::MissingExclusionReason => formatter.write_str("excluded pair missing exclusion_reason"),
            Self::BadTimestamp(text) => write!(formatter, "timestamp is not ISO 8601: {text}"),
            Self::Contradiction => formatter.write_str("pair is both approved and excluded"),
        }
    }
}
