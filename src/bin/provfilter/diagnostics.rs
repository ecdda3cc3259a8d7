//! What is told on standard error besides reports. A standard error that takes nothing is no reason to stop.

use std::fmt::Display;
use std::io::{self, Write};

use provfilter::pipeline::Observer;
use provfilter::{Error, Escaped, LocatedFault};
use tokio::sync::mpsc::UnboundedSender;

use crate::exit::Exit;
use crate::plan::{UsageError, Verbosity};

/// How many faults are told as they come.
const FAULTS_TOLD: u64 = 10;

/// How many characters of a fault's message, and of a file's name, are shown.
const LONGEST_MESSAGE: usize = 300;

/// Prints a line, or several, if standard error takes them.
pub(crate) fn print(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Tells what the library found wrong as a whole.
pub(crate) fn error(error: &Error) {
    print(format_args!("provfilter: {}", Escaped::new(&error.to_string(), LONGEST_MESSAGE)));
}

/// Tells what is wrong with the command line, and what to do about it.
pub(crate) fn usage(error: &UsageError) {
    print(format_args!("provfilter: {error}"));
    if let Some(hint) = error.hint() {
        print(format_args!("hint: {hint}"));
    }
}

/// Prints what clap answers: help and version to standard output, what is wrong to standard error.
pub(crate) fn answer(answer: &clap::Error) -> Exit {
    if !answer.use_stderr() {
        return if answer.print().is_ok() { Exit::Success } else { Exit::Failure };
    }
    let text = answer.to_string();
    print(format_args!("provfilter: {}", text.strip_prefix("error: ").unwrap_or(&text).trim_end()));
    Exit::Failure
}

/// Tells the first faults, through a channel: a standard error that nobody reads must not hold up the records.
pub(crate) struct FirstFaults {
    messages: UnboundedSender<String>,
    verbosity: Verbosity,
    faults: u64,
}

impl FirstFaults {
    pub(crate) fn new(messages: UnboundedSender<String>, verbosity: Verbosity) -> Self {
        Self { messages, verbosity, faults: 0 }
    }

    fn tell(&self, message: String) {
        // Nobody listens any more only when the run is over.
        let _ = self.messages.send(message);
    }
}

impl Observer for FirstFaults {
    fn on_fault(&mut self, fault: &LocatedFault) {
        self.faults += 1;
        if self.verbosity == Verbosity::Quiet || self.faults > FAULTS_TOLD + 1 {
            return;
        }
        if self.faults == FAULTS_TOLD + 1 {
            return self.tell("provfilter: there are more faults; from here on they are only counted".to_owned());
        }
        let LocatedFault { file, line, fault, .. } = fault;
        let (file, message) = (Escaped::new(file, LONGEST_MESSAGE), Escaped::new(&fault.message, LONGEST_MESSAGE));
        self.tell(format!("provfilter: {file}:{line}: {message}"));
    }

    fn on_failed_input(&mut self, error: &Error) {
        self.tell(format!("provfilter: {}", Escaped::new(&error.to_string(), LONGEST_MESSAGE)));
    }
}
