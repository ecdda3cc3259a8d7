//! What can be wrong with one line. A fault is a value that travels with the line; what can end a run is in `error`.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::escape::Escaped;
use crate::provenance::{Problem, ProblemKind, ProvenanceError};

/// What kind of fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Code {
    /// The line is not UTF-8.
    NotUtf8,
    /// The line is not JSON (RFC 8259).
    NotJson,
    /// The line is JSON, but not an object.
    NotObject,
    /// `provenance`, or a member in it, appears more than once.
    DuplicateMember,
    /// `provenance` is neither an object nor null.
    ProvenanceNotObject,
    /// A parent of the provenance is not an object.
    MemberNotObject,
    /// The line is longer than the limit.
    LineTooLong,
    /// The record nests deeper than the parser of an exclude filter takes.
    TooDeep,
    /// A value for source or model that the record does not give.
    UnresolvedValue,
    /// A value for source that is not an allowed source.
    UnknownSource,
    /// An exclude filter failed on the record.
    RuleFailed,
    /// The provenance of the outgoing record is not valid; the record still goes out.
    InvalidProvenance,
}

impl Code {
    /// All codes, in the order of their declaration.
    pub const ALL: [Self; 12] = [
        Self::NotUtf8,
        Self::NotJson,
        Self::NotObject,
        Self::DuplicateMember,
        Self::ProvenanceNotObject,
        Self::MemberNotObject,
        Self::LineTooLong,
        Self::TooDeep,
        Self::UnresolvedValue,
        Self::UnknownSource,
        Self::RuleFailed,
        Self::InvalidProvenance,
    ];

    /// The code of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == name)
    }

    /// The name of the code in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotUtf8 => "not_utf8",
            Self::NotJson => "not_json",
            Self::NotObject => "not_object",
            Self::DuplicateMember => "duplicate_member",
            Self::ProvenanceNotObject => "provenance_not_object",
            Self::MemberNotObject => "member_not_object",
            Self::LineTooLong => "line_too_long",
            Self::TooDeep => "too_deep",
            Self::UnresolvedValue => "unresolved_value",
            Self::UnknownSource => "unknown_source",
            Self::RuleFailed => "rule_failed",
            Self::InvalidProvenance => "invalid_provenance",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The kind of fault.
    pub code: Code,
    /// What is wrong, for people. May hold text from the input: escape it before it meets a terminal.
    pub message: String,
    /// What `validate` found, for a fault with the code [`Code::InvalidProvenance`].
    pub problems: Vec<ProblemKind>,
}

impl std::error::Error for Fault {}

impl From<ProvenanceError> for Fault {
    fn from(error: ProvenanceError) -> Self {
        match error {
            ProvenanceError::NotObject => Self::new(Code::ProvenanceNotObject, error.to_string()),
            ProvenanceError::DuplicateMember { name } => {
                let name = Escaped::new(&name, 80).to_string();
                Self::new(Code::DuplicateMember, ProvenanceError::DuplicateMember { name }.to_string())
            }
        }
    }
}

impl Fault {
    /// A fault of the kind `code`.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), problems: Vec::new() }
    }

    /// The fault of a record whose provenance has these problems.
    #[must_use]
    pub fn invalid(problems: &[Problem]) -> Self {
        let message = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        Self { code: Code::InvalidProvenance, message, problems: problems.iter().map(Problem::kind).collect() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// A fault and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Object", try_from = "Object")]
pub struct LocatedFault {
    /// The input's name; `-` for standard input.
    pub file: Arc<str>,
    /// The number of the line in its file, counted from 1.
    pub line: u64,
    /// The bytes in the file before the line.
    pub byte_offset: u64,
    /// What is wrong.
    pub fault: Fault,
}

/// A located fault in JSON: an object of `file`, `line`, `byte_offset`, `code` and `message`, and for invalid provenance the codes of
/// its `problems`.
#[derive(Serialize, Deserialize)]
struct Object {
    file: String,
    line: u64,
    byte_offset: u64,
    code: String,
    message: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    problems: Vec<String>,
}

impl From<LocatedFault> for Object {
    fn from(located: LocatedFault) -> Self {
        let LocatedFault { file, line, byte_offset, fault: Fault { code, message, problems } } = located;
        let problems = problems.into_iter().map(|kind| kind.as_str().to_owned()).collect();
        Self { file: file.to_string(), line, byte_offset, code: code.to_string(), message, problems }
    }
}

impl TryFrom<Object> for LocatedFault {
    type Error = String;

    fn try_from(object: Object) -> Result<Self, String> {
        let Object { file, line, byte_offset, code, message, problems } = object;
        let code = Code::of_name(&code).ok_or_else(|| format!("unknown fault code `{code}`"))?;
        let problem = |name: &String| ProblemKind::of_name(name).ok_or_else(|| format!("unknown problem code `{name}`"));
        let problems = problems.iter().map(problem).collect::<Result<_, _>>()?;
        Ok(Self { file: file.into(), line, byte_offset, fault: Fault { code, message, problems } })
    }
}
