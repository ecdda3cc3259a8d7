//! Who watches a run line by line.

use std::sync::Arc;

use super::document::Document;
use crate::error::Error;
use crate::fault::LocatedFault;

/// The number of records without a timestamp at the start of the output that [`Observer::on_untimed`] is told of.
pub const UNTIMED: u64 = 10_000;

/// Is told what happens in a run, in the order of the lines.
pub trait Observer: Send {
    /// A line has a fault.
    fn on_fault(&mut self, fault: &LocatedFault) {
        let _ = fault;
    }

    /// An input does not hold one record per line, by the look of its first line.
    fn on_document(&mut self, file: &Arc<str>, document: Document) {
        let _ = (file, document);
    }

    /// The first [`UNTIMED`] records that were written have no timestamp. Readers that sample rows find no type for it.
    fn on_untimed(&mut self) {}

    /// An input could not be opened or read to its end. The run goes on with the next one.
    fn on_failed_input(&mut self, error: &Error) {
        let _ = error;
    }
}

/// Takes no notice.
impl Observer for () {}
