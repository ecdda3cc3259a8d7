//! A record as screens look at it: what one of them has read is kept for the others.

use std::cell::OnceCell;
use std::ops::Range;

use crate::conversation::cursor::Indexed;
use crate::conversation::exchange::Exchange;
use crate::conversation::top::Top;
use crate::conversation::{Conversation, Source};
use crate::record::Record;

/// A record for screens to look at. What several screens need is read once.
#[derive(Debug)]
pub struct Look<'t> {
    record: Indexed<'t>,
    provenance: Option<Range<usize>>,
    top: OnceCell<Top<'t>>,
    conversation: OnceCell<Option<Conversation<'t>>>,
    exchange: OnceCell<Exchange<'t>>,
}

impl<'t> Look<'t> {
    /// Looks at a record, which must be a valid JSON object: for anything else the result is unspecified.
    #[must_use]
    pub fn at(record: &'t [u8]) -> Self {
        Self::at_indexed(Indexed::new(record))
    }

    /// Looks at a record as it came, past its provenance.
    pub(crate) fn at_record(record: &Record<'t>) -> Self {
        Self::at_indexed(Indexed { bytes: record.line(), ends: record.ends() }).past(record.provenance_place())
    }

    fn at_indexed(record: Indexed<'t>) -> Self {
        Self { record, provenance: None, top: OnceCell::new(), conversation: OnceCell::new(), exchange: OnceCell::new() }
    }

    /// Ignores the record's provenance, whose value is at this range of bytes.
    #[must_use]
    pub fn past(mut self, provenance: Option<Range<usize>>) -> Self {
        self.provenance = provenance;
        self
    }

    /// The record's bytes, as they came.
    pub(crate) fn record(&self) -> &'t [u8] {
        self.record.bytes
    }

    /// Where the value of the provenance stands in the record.
    pub(crate) fn provenance(&self) -> Option<&Range<usize>> {
        self.provenance.as_ref()
    }

    /// The record's conversation, if it has one.
    #[must_use]
    pub fn conversation(&self) -> Option<&Conversation<'t>> {
        let read = || self.source().map(|source| Conversation::read(self.record, &source));
        self.conversation.get_or_init(read).as_ref()
    }

    /// What the record's conversation is made of, if it has one.
    pub(crate) fn source(&self) -> Option<Source<'t>> {
        Source::of(self.top())
    }

    /// The members of the record that screens look at.
    pub(crate) fn top(&self) -> &Top<'t> {
        self.top.get_or_init(|| Top::read(self.record))
    }

    /// Which results belong to which calls of the conversation.
    pub(crate) fn exchange(&self) -> &Exchange<'t> {
        self.exchange.get_or_init(|| self.conversation().map(Exchange::of).unwrap_or_default())
    }
}
