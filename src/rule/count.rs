//! What a rule did in a run, counted for the notes that tell of rules that do not do what they should.

use std::ops::AddAssign;

/// How often a rule ran, and what came of it. Counts of parts of a run add up to the run's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleCount {
    /// Records on which the rule ran. Records that were excluded before it had its turn are not among them.
    pub ran: u64,
    /// Records that it turned down.
    pub matched: u64,
    /// Records on which it failed.
    pub failed: u64,
    /// Records for which the first result was neither a boolean nor null. All of them are among `matched`.
    pub not_boolean: u64,
}

impl RuleCount {
    /// The rule turned down every record that it ran on.
    #[must_use]
    pub fn matched_all(&self) -> bool {
        self.ran > 0 && self.matched == self.ran
    }
}

impl AddAssign for RuleCount {
    fn add_assign(&mut self, other: Self) {
        self.ran = self.ran.saturating_add(other.ran);
        self.matched = self.matched.saturating_add(other.matched);
        self.failed = self.failed.saturating_add(other.failed);
        self.not_boolean = self.not_boolean.saturating_add(other.not_boolean);
    }
}
