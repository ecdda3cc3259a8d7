//! Watching a run line by line.

use std::sync::Arc;

use super::document::Document;
use crate::error::Error;
use crate::fault::LocatedFault;

/// How many records without a timestamp at the start of the output lead to [`Observer::on_untimed`].
pub const UNTIMED: u64 = 10_000;

/// Hears what happens in a run, in the order of the lines.
pub trait Observer: Send {
    /// A line has a fault.
    fn on_fault(&mut self, fault: &LocatedFault) {
        let _ = fault;
    }

    /// The first line of an input suggests that it does not hold one record per line.
    fn on_document(&mut self, file: &Arc<str>, document: Document) {
        let _ = (file, document);
    }

    /// The first [`UNTIMED`] written records have no timestamp, so readers that infer types from the first rows find none for it.
    fn on_untimed(&mut self) {}

    /// An input could not be opened, or not be read to its end. The run goes on with the next one.
    fn on_failed_input(&mut self, error: &Error) {
        let _ = error;
    }
}

/// Ignores everything.
impl Observer for () {}
