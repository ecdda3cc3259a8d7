//! A record as screens look at it: what one of them has read stands ready for the others.

use std::cell::OnceCell;
use std::ops::Range;

use crate::conversation::Conversation;
use crate::conversation::exchange::Exchange;
use crate::conversation::top::Top;

/// A record that screens look at. What several of them need is read once, when the first of them asks.
#[derive(Debug)]
pub struct Look<'t> {
    record: &'t [u8],
    provenance: Option<Range<usize>>,
    read: OnceCell<Read<'t>>,
    exchange: OnceCell<Exchange<'t>>,
}

#[derive(Debug)]
struct Read<'t> {
    top: Top<'t>,
    conversation: Option<Conversation<'t>>,
}

impl<'t> Look<'t> {
    /// Looks at a record, which is known to be valid JSON and an object.
    #[must_use]
    pub fn at(record: &'t [u8]) -> Self {
        Self { record, provenance: None, read: OnceCell::new(), exchange: OnceCell::new() }
    }

    /// Looks past the record's provenance, whose value stands at this place of the record.
    #[must_use]
    pub fn past(mut self, provenance: Option<Range<usize>>) -> Self {
        self.provenance = provenance;
        self
    }

    /// The record's bytes, as they came.
    pub(crate) fn record(&self) -> &'t [u8] {
        self.record
    }

    /// Where the value of the provenance stands in the record.
    pub(crate) fn provenance(&self) -> Option<&Range<usize>> {
        self.provenance.as_ref()
    }

    /// The record's conversation, if it has one.
    #[must_use]
    pub fn conversation(&self) -> Option<&Conversation<'t>> {
        self.read().conversation.as_ref()
    }

    /// The members of the record that screens look at.
    pub(crate) fn top(&self) -> &Top<'t> {
        &self.read().top
    }

    fn read(&self) -> &Read<'t> {
        self.read.get_or_init(|| {
            let mut top = Top::read(self.record);
            let conversation = Conversation::take(&mut top);
            Read { top, conversation }
        })
    }

    /// Which results belong to which calls of the conversation.
    pub(crate) fn exchange(&self) -> &Exchange<'t> {
        self.exchange.get_or_init(|| self.conversation().map(Exchange::of).unwrap_or_default())
    }
}
