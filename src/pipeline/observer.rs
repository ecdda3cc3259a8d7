//! Who watches a run line by line.

use std::sync::Arc;

use super::document::Document;
use crate::error::Error;
use crate::fault::LocatedFault;

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

    /// An input could not be opened or read to its end. The run goes on with the next one.
    fn on_failed_input(&mut self, error: &Error) {
        let _ = error;
    }
}

/// Takes no notice.
impl Observer for () {}
