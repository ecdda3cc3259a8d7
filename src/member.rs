//! Where the provenance is in a record: a top-level member, or a deeper one, whose missing parents are created.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use crate::json::Json;
use crate::pointer::{Pointer, PointerError};

/// The path from a record to its provenance: the names of members, each in the object before it.
///
/// ```
/// use provfilter::member::MemberPath;
///
/// assert_eq!("meta".parse::<MemberPath>()?.to_string(), "meta");
/// assert_eq!("/extra/provenance".parse::<MemberPath>()?.to_string(), "/extra/provenance");
/// # Ok::<(), provfilter::pointer::PointerError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberPath {
    /// As it was written.
    text: String,
    names: Vec<String>,
    /// What opens the member behind so many parents that are there: `"a":{"b":`.
    openings: Vec<String>,
}

/// The usual place.
static PROVENANCE: LazyLock<MemberPath> =
    LazyLock::new(|| MemberPath::new("provenance".to_owned(), vec!["provenance".to_owned()]));

impl MemberPath {
    fn new(text: String, names: Vec<String>) -> Self {
        let quoted: Vec<_> = names.iter().map(|name| format!("{}:", Json::text(name).spelling())).collect();
        let openings = (0..names.len()).map(|parents| quoted[parents..].join("{")).collect();
        Self { text, names, openings }
    }

    /// The top-level member `provenance`.
    #[must_use]
    pub fn provenance() -> &'static Self {
        &PROVENANCE
    }

    /// The name of the top-level member that is the provenance, or that holds it.
    pub(crate) fn root(&self) -> &str {
        &self.names[0]
    }

    /// The names within the top-level member.
    pub(crate) fn within(&self) -> &[String] {
        &self.names[1..]
    }

    /// The first parents, so many of them, as a JSON Pointer.
    pub(crate) fn parents(&self, number: usize) -> String {
        let escaped = self.names[..number].iter().map(|name| name.replace('~', "~0").replace('/', "~1"));
        std::iter::once(String::new()).chain(escaped).collect::<Vec<_>>().join("/")
    }

    /// What stands before the provenance where so many of its parents are there: the names of the others and its own.
    #[inline]
    pub(crate) fn opening(&self, parents: usize) -> &str {
        &self.openings[parents]
    }

    /// What stands behind the provenance where so many of its parents are there.
    #[inline]
    pub(crate) fn closing(&self, parents: usize) -> impl Iterator<Item = u8> {
        std::iter::repeat_n(b'}', self.names.len() - 1 - parents)
    }
}

impl Default for MemberPath {
    fn default() -> Self {
        Self::provenance().clone()
    }
}

impl FromStr for MemberPath {
    type Err = PointerError;

    /// Reads the name of a top-level member, or a JSON Pointer (RFC 6901). Its tokens are always names of members, even if they are digits.
    ///
    /// # Errors
    ///
    /// The text starts with `/` but is not a JSON Pointer.
    fn from_str(text: &str) -> Result<Self, PointerError> {
        if !text.starts_with('/') {
            return Ok(Self::new(text.to_owned(), vec![text.to_owned()]));
        }
        let pointer = Pointer::parse(text)?;
        Ok(Self::new(text.to_owned(), pointer.tokens().iter().map(|token| token.name.clone()).collect()))
    }
}

impl fmt::Display for MemberPath {
    /// As it was written.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}
