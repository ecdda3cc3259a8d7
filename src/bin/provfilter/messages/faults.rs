//! Which faults are told as they come: the first few of all files together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use provfilter::fault::LocatedFault;
use provfilter::pipeline::Observer;
use provfilter::{Error, Escaped};

use super::printer::{LONGEST_MESSAGE, Printer};
use crate::command_line::Verbosity;

/// How many faults are told as they come.
const FAULTS_TOLD: u64 = 10;

/// Prints the first faults of all runs together.
#[derive(Clone)]
pub(crate) struct FirstFaults {
    printer: Printer,
    verbosity: Verbosity,
    faults: Arc<AtomicU64>,
}

impl FirstFaults {
    pub(crate) fn new(printer: Printer, verbosity: Verbosity) -> Self {
        Self { printer, verbosity, faults: Arc::default() }
    }
}

impl Observer for FirstFaults {
    fn on_fault(&mut self, fault: &LocatedFault) {
        let faults = self.faults.fetch_add(1, Ordering::Relaxed) + 1;
        if self.verbosity == Verbosity::Quiet || faults > FAULTS_TOLD + 1 {
            return;
        }
        if faults == FAULTS_TOLD + 1 {
            return self.printer.line("provfilter: there are more faults; from here on they are only counted");
        }
        let LocatedFault { file, line, fault, .. } = fault;
        let (file, message) = (Escaped::new(file, LONGEST_MESSAGE), Escaped::new(&fault.message, LONGEST_MESSAGE));
        self.printer.line(format_args!("provfilter: {file}:{line}: {message}"));
    }

    fn on_failed_input(&mut self, error: &Error) {
        self.printer.error(error);
    }
}
