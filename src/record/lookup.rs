//! Which top-level members matter: the one that is the provenance or holds it, and those that will be looked up.

use std::sync::LazyLock;

use crate::member::MemberPath;

/// The names of top-level members that matter. Where they stand is noted in the pass that outlines a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Where the provenance stands.
    provenance: MemberPath,
    /// Members that will be looked up.
    names: Vec<Box<str>>,
    /// The length of the shortest name that matters. However a name is spelled, that is not shorter.
    shortest: usize,
}

impl Default for Wanted {
    fn default() -> Self {
        Self::of(MemberPath::default())
    }
}

/// Nothing but the provenance, in its usual place.
static NONE: LazyLock<Wanted> = LazyLock::new(Wanted::default);

impl Wanted {
    /// Nothing but the provenance.
    pub(crate) fn of(provenance: MemberPath) -> Self {
        let shortest = provenance.root().len();
        Self { provenance, names: Vec::new(), shortest }
    }

    /// Nothing but the provenance, in its usual place.
    pub(crate) fn none() -> &'static Self {
        &NONE
    }

    /// Where the provenance stands.
    #[inline]
    pub(crate) fn provenance(&self) -> &MemberPath {
        &self.provenance
    }

    /// Changes where the provenance stands.
    pub(crate) fn set_provenance(&mut self, provenance: MemberPath) {
        self.shortest = self.names.iter().map(|name| name.len()).chain([provenance.root().len()]).min().unwrap_or(0);
        self.provenance = provenance;
    }

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

    /// The length in bytes below which no spelling of a name is one that matters.
    #[inline]
    pub(super) fn shortest(&self) -> usize {
        self.shortest
    }

    #[inline]
    pub(super) fn position(&self, name: &[u8]) -> Option<usize> {
        self.names.iter().position(|wanted| wanted.as_bytes() == name)
    }
}
