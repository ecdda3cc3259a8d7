//! What a run reads.

use std::sync::Arc;

use crate::compressed::Consumed;

/// A stream of lines with a name.
#[derive(Debug)]
pub struct Input<R> {
    /// What faults and errors call it; `-` for standard input.
    pub name: Arc<str>,
    /// Its bytes.
    pub reader: R,
    /// Counts the bytes of the file that they come from, if those are others.
    pub(super) consumed: Option<Consumed>,
    /// Its bytes are to be hashed.
    pub(super) is_hashed: bool,
}

impl<R> Input<R> {
    /// An input of this name.
    pub fn new(name: impl Into<Arc<str>>, reader: R) -> Self {
        Self { name: name.into(), reader, consumed: None, is_hashed: false }
    }

    /// Counts the input's bytes by this, and not by what the reader gives: the bytes of a compressed file, say.
    #[must_use]
    pub fn counted_by(self, consumed: Consumed) -> Self {
        Self { consumed: Some(consumed), ..self }
    }

    /// Has the input's bytes hashed as they are read, for [`InputRecord::sha256`]. Where bytes of a file are counted that the reader does
    /// not give, the digest is [`Consumed::sha256`], whether this is called or not.
    ///
    /// [`InputRecord::sha256`]: crate::report::InputRecord::sha256
    #[must_use]
    pub fn hashed(self) -> Self {
        Self { is_hashed: true, ..self }
    }
}
