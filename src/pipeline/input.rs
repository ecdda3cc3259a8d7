//! What a run reads.

use std::sync::Arc;

use crate::compressed::Consumed;

/// A named stream of lines.
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

    /// Counts these bytes instead of those that the reader returns: the bytes of a compressed file.
    #[must_use]
    pub fn counted_by(self, consumed: Consumed) -> Self {
        Self { consumed: Some(consumed), ..self }
    }

    /// Hashes the input's bytes as they are read, for [`InputRecord::sha256`]. An input with [`Input::counted_by`] has the digest of
    /// [`Consumed::sha256`] instead.
    ///
    /// [`InputRecord::sha256`]: crate::report::InputRecord::sha256
    #[must_use]
    pub fn hashed(self) -> Self {
        Self { is_hashed: true, ..self }
    }
}
