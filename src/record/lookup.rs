//! Which top-level members will be looked up, and where they were found in the pass that outlines a record.

use std::ops::Range;

use smallvec::SmallVec;

/// The names of top-level members that will be looked up. Where they stand is noted in the pass that outlines a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wanted(Vec<Box<str>>);

impl Wanted {
    /// No member.
    pub(crate) const NONE: &'static Self = &Self(Vec::new());

    /// Adds a name.
    pub(crate) fn add(&mut self, name: &str) {
        if self.position(name.as_bytes()).is_none() {
            self.0.push(name.into());
        }
    }

    /// Adds the names of others.
    pub(crate) fn add_all(&mut self, others: &Self) {
        others.0.iter().for_each(|name| self.add(name));
    }

    pub(super) fn position(&self, name: &[u8]) -> Option<usize> {
        self.0.iter().position(|wanted| wanted.as_bytes() == name)
    }
}

/// Where wanted members were found: the position of the name in [`Wanted`], and the place of the value in the line.
pub(super) type Noted = SmallVec<[(usize, Range<usize>); 6]>;
