//! What a filter says of a record.

/// What a filter says of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Its first result is false or null, or it has none.
    Passes,
    /// Its first result is true.
    Matches,
    /// Its first result is something else, which counts as true.
    MatchesOddly,
}
