//! Prints the first few faults as they are found, and at the end of a run what they have in common.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use provfilter::fault::LocatedFault;
use provfilter::pipeline::{Document, Observer, UNTIMED};
use provfilter::{Error, Escaped};

use super::hints;
use super::printer::Printer;
use crate::command_line::Verbosity;

/// How many characters of a fault's message are shown, and of a file's name.
const LONGEST_MESSAGE: usize = 300;
const LONGEST_NAME: usize = 200;

/// How many faults are told as they come.
const FAULTS_TOLD: u64 = 10;

/// Prints the first faults of all runs together.
#[derive(Clone)]
pub(crate) struct FirstFaults {
    printer: Printer,
    verbosity: Verbosity,
    faults: Arc<AtomicU64>,
    /// The first input that does not hold one record per line.
    document: Arc<OnceLock<(Arc<str>, Document)>>,
    /// The records have no time where a reader would look for its type.
    is_untimed: Arc<AtomicBool>,
}

impl FirstFaults {
    pub(crate) fn new(printer: Printer, verbosity: Verbosity) -> Self {
        Self { printer, verbosity, faults: Arc::default(), document: Arc::default(), is_untimed: Arc::default() }
    }

    /// Says at the end what typed readers will stumble over, if there is `all_fields` for them, and how to make lines of an input that
    /// does not hold one record per line.
    pub(crate) fn tell_at_last(&self, all_fields: bool) {
        if self.verbosity == Verbosity::Quiet {
            return;
        }
        if all_fields && self.is_untimed.load(Ordering::Relaxed) {
            self.printer.line(format_args!(
                "note: the first {UNTIMED} records have no timestamp; readers that infer types from the first rows must be told that \
                 it is a string"
            ));
        }
        if let Some((file, document)) = self.document.get() {
            self.printer.line(format_args!("hint: {}", hints::of_document(file, *document)));
        }
    }
}

impl Observer for FirstFaults {
    fn on_fault(&mut self, fault: &LocatedFault) {
        let faults = self.faults.fetch_add(1, Ordering::Relaxed) + 1;
        if self.verbosity == Verbosity::Quiet || faults > FAULTS_TOLD + 1 {
            return;
        }
        if faults == FAULTS_TOLD + 1 {
            return self.printer.line("provfilter: further faults are counted, but not shown; --errors FILE lists them all");
        }
        let LocatedFault { file, line, fault, .. } = fault;
        let (file, message) = (Escaped::path(file, LONGEST_NAME), Escaped::new(&fault.message, LONGEST_MESSAGE));
        self.printer.line(format_args!("provfilter: {file}:{line}: {message}"));
    }

    fn on_document(&mut self, file: &Arc<str>, document: Document) {
        self.document.get_or_init(|| (Arc::clone(file), document));
    }

    fn on_untimed(&mut self) {
        self.is_untimed.store(true, Ordering::Relaxed);
    }

    fn on_failed_input(&mut self, error: &Error) {
        self.printer.error(error);
    }
}
