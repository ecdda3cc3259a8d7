//! What a rule did in a run, counted for notes about rules that probably do not do what they should.

use std::ops::AddAssign;

/// How often a rule ran, and with what result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleCount {
    /// Records on which the rule ran: those that no earlier rule had excluded.
    pub ran: u64,
    /// Records that it matched.
    pub matched: u64,
    /// Records on which it failed.
    pub failed: u64,
    /// Records for which the first result was neither a boolean nor null. All of them are among `matched`.
    pub not_boolean: u64,
}

impl RuleCount {
    /// Whether the rule ran and matched every record.
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
