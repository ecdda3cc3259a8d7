//! What is told on standard error: faults, errors and reports, in their order. A standard error that takes nothing, or that nobody
//! reads, is no reason to stop or to wait: what is told goes to a thread of its own.

use std::fmt::Display;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use provfilter::pipeline::Observer;
use provfilter::{Error, Escaped, LocatedFault};
use tokio::task::JoinHandle;

use crate::cli::ReportTo;
use crate::exit::Exit;
use crate::plan::{UsageError, Verbosity};
use crate::reports::{self, Account};

/// How many faults are told as they come.
const FAULTS_TOLD: u64 = 10;

/// How many characters of a fault's message, and of a file's name, are shown.
const LONGEST_MESSAGE: usize = 300;

/// Prints a line, or several, if standard error takes them.
pub(crate) fn print(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Tells an error of the library.
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

/// What is to be told.
enum Message {
    Line(String),
    Report(Box<Account>),
}

/// Takes what is to be told while the program works. Clones tell to the same place.
#[derive(Clone)]
pub(crate) struct Teller(Sender<Message>);

impl Teller {
    /// Starts a thread that tells, and writes these reports when it is given an account.
    ///
    /// The thread ends with the last teller, and says then whether all reports were written.
    pub(crate) fn start(reports: Vec<ReportTo>) -> (Self, JoinHandle<Exit>) {
        let (sender, messages) = channel();
        (Self(sender), tokio::task::spawn_blocking(move || tell_all(&messages, &reports)))
    }

    /// Tells a line, or several.
    pub(crate) fn line(&self, text: impl Display) {
        self.send(Message::Line(text.to_string()));
    }

    /// Tells an error of the library.
    pub(crate) fn error(&self, error: &Error) {
        self.line(format_args!("provfilter: {}", Escaped::new(&error.to_string(), LONGEST_MESSAGE)));
    }

    /// Writes the reports that were asked for.
    pub(crate) fn report(&self, account: Account) {
        self.send(Message::Report(Box::new(account)));
    }

    fn send(&self, message: Message) {
        // The thread outlives all tellers.
        let _ = self.0.send(message);
    }
}

fn tell_all(messages: &Receiver<Message>, reports: &[ReportTo]) -> Exit {
    let mut exit = Exit::Success;
    for message in messages {
        match message {
            Message::Line(text) => print(text),
            Message::Report(account) => exit = exit.max(reports::write(reports, &account)),
        }
    }
    exit
}

/// Tells the first faults of all runs together.
#[derive(Clone)]
pub(crate) struct FirstFaults {
    teller: Teller,
    verbosity: Verbosity,
    faults: Arc<AtomicU64>,
}

impl FirstFaults {
    pub(crate) fn new(teller: Teller, verbosity: Verbosity) -> Self {
        Self { teller, verbosity, faults: Arc::default() }
    }
}

impl Observer for FirstFaults {
    fn on_fault(&mut self, fault: &LocatedFault) {
        let faults = self.faults.fetch_add(1, Ordering::Relaxed) + 1;
        if self.verbosity == Verbosity::Quiet || faults > FAULTS_TOLD + 1 {
            return;
        }
        if faults == FAULTS_TOLD + 1 {
            return self.teller.line("provfilter: there are more faults; from here on they are only counted");
        }
        let LocatedFault { file, line, fault, .. } = fault;
        let (file, message) = (Escaped::new(file, LONGEST_MESSAGE), Escaped::new(&fault.message, LONGEST_MESSAGE));
        self.teller.line(format_args!("provfilter: {file}:{line}: {message}"));
    }

    fn on_failed_input(&mut self, error: &Error) {
        self.teller.error(error);
    }
}
