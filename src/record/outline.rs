//! Where things stand in a record's line: what an edit of its provenance and a look at wanted members need to know.

use std::ops::Range;

use super::lookup::{Noted, Wanted};
use super::{plain, scan};
use crate::fault::Fault;

/// The positions, in bytes from the start of the line, that an edit needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outline {
    /// The value of the top-level member `provenance`, where there is one.
    pub(super) provenance: Option<Range<usize>>,
    /// The record's closing brace.
    pub(super) close: usize,
    /// The record has no members.
    pub(super) is_empty: bool,
    /// How deep the record nests; 1 for an object of plain values.
    pub(super) depth: usize,
    /// Where the members that are wanted stand, in their order.
    pub(super) noted: Noted,
}

impl Outline {
    /// Outlines a line, which must be valid UTF-8.
    ///
    /// # Errors
    ///
    /// The line is not JSON, not an object, or has more than one member `provenance`.
    pub(super) fn of(line: &str, wanted: &Wanted) -> Result<Self, Fault> {
        match scan::outline(line.as_bytes(), wanted) {
            Some((outline, length)) if length == line.len() => Ok(outline),
            _ => plain::outline(line, wanted),
        }
    }

    /// Outlines the first of several lines of valid UTF-8, and gives its length without the line feed.
    ///
    /// Nothing where the line has a fault, or is spelled in a way that takes longer to tell: [`Outline::of`] tells.
    pub(super) fn of_first(lines: &str, wanted: &Wanted) -> Option<(Self, usize)> {
        scan::outline(lines.as_bytes(), wanted)
    }
}
