//! What a rule says of a record.

/// What a rule says of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Its first result is false or null, or it has none.
    Passes,
    /// Its first result is true.
    Matches,
    /// Its first result is something else, which counts as true.
    MatchesOddly,
}

impl Answer {
    /// What a screen says that turns the record down or does not.
    pub(super) fn of_screen(turns_down: bool) -> Self {
        if turns_down { Self::Matches } else { Self::Passes }
    }
}
