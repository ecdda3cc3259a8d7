//! Which top-level members will be looked up, and where they were found in the pass that outlines a record.

/// The names of top-level members that will be looked up. Where they stand is noted in the pass that outlines a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    names: Vec<Box<str>>,
    /// The length of the shortest name that matters: one of these, or `provenance`. However a name is spelled, that is not shorter.
    shortest: usize,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { names: Vec::new(), shortest: "provenance".len() }
    }
}

impl Wanted {
    /// No member.
    pub(crate) const NONE: &'static Self = &Self { names: Vec::new(), shortest: "provenance".len() };

    /// Adds a name.
    pub(crate) fn add(&mut self, name: &str) {
        if self.position(name.as_bytes()).is_none() {
            self.names.push(name.into());
            self.shortest = self.shortest.min(name.len());
        }
    }

    /// Adds the names of others.
    pub(crate) fn add_all(&mut self, others: &Self) {
        others.names.iter().for_each(|name| self.add(name));
    }

    /// How many names there are.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// The length in bytes below which no spelling of a name is that of a wanted one, or of `provenance`.
    #[inline]
    pub(super) fn shortest(&self) -> usize {
        self.shortest
    }

    #[inline]
    pub(super) fn position(&self, name: &[u8]) -> Option<usize> {
        self.names.iter().position(|wanted| wanted.as_bytes() == name)
    }
}
