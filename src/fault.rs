//! What can be wrong with one line.
//!
//! A fault is a value that is counted and reported. It ends no run by itself; what does is an [`Error`](crate::Error).
//!
//! ```
//! use provfilter::fault::Code;
//! use provfilter::record::Record;
//!
//! let fault = Record::parse(br#"{"score": NaN}"#).expect_err("NaN is not JSON");
//! assert_eq!(fault.code, Code::NotJson);
//! assert_eq!(fault.to_string(), "not JSON: NaN at column 11 is not a JSON number; use null");
//! ```

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::escape::Escaped;
use crate::provenance::{Problem, ProblemKind, ProvenanceError};

/// The kind of a fault. Reports call it by [`Code::as_str`].
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
    /// The line is longer than the limit of the run.
    LineTooLong,
    /// The record nests deeper than rules can read: 512 levels.
    TooDeep,
    /// No value for the source or the model resolves for the record.
    UnresolvedValue,
    /// The value for the source is not an allowed source.
    UnknownSource,
    /// An exclude filter failed on the record.
    RuleFailed,
    /// The provenance of the outgoing record is not valid; the record still goes out.
    InvalidProvenance,
}

impl Code {
    /// All codes, in the order in which they are declared.
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

    /// The code with this name, or `None` if there is none.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == name)
    }

    /// The code as reports spell it, such as `not_json`.
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
    /// What is wrong, in words. It may contain text from the input: show it with [`Escaped`].
    pub message: String,
    /// What [`Validate`](crate::stage::Validate) found. Empty unless the code is [`Code::InvalidProvenance`].
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
    /// A fault of this kind.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), problems: Vec::new() }
    }

    /// The fault of a record with these problems. Its message joins theirs with `; `.
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

/// A fault and its place. Serialized, it is a line of `--errors`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Object", try_from = "Object")]
pub struct LocatedFault {
    /// The input's name; `-` for standard input.
    pub file: Arc<str>,
    /// The number of the line in its input, counted from 1.
    pub line: u64,
    /// The offset of the line in its input, in bytes.
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
