//! What is told on standard error: faults, errors and reports, in their order. A standard error that takes nothing, or that nobody
//! reads, is no reason to stop or to wait: what is told goes to a thread of its own.

use std::fmt::Display;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use provfilter::pipeline::Observer;
use provfilter::report::Report;
use provfilter::{Error, Escaped, LocatedFault};
use tokio::sync::oneshot;

use crate::cli::When;
use crate::color::Color;
use crate::exit::Exit;
use crate::plan::{Reporting, UsageError, Verbosity};
use crate::progress::Meter;
use crate::reports;

/// How many faults are told as they come.
const FAULTS_TOLD: u64 = 10;

/// How many characters of a fault's message, and of a file's name, are shown.
const LONGEST_MESSAGE: usize = 300;

/// Prints a line, or several, if standard error takes them.
pub(crate) fn print(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Tells why the program cannot do what it is asked for.
pub(crate) fn failure(why: impl Display, color: Color) -> Exit {
    print(color.paint(&format!("provfilter: {why}")));
    Exit::Failure
}

/// Tells what is wrong with the command line, and what to do about it.
pub(crate) fn usage(error: &UsageError, color: Color) {
    let hint = error.hint().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    print(color.paint(&format!("provfilter: {error}{hint}")));
}

/// Prints what clap answers: help and version to standard output, what is wrong to standard error.
pub(crate) fn answer(answer: &clap::Error) -> Exit {
    if !answer.use_stderr() {
        return if answer.print().is_ok() { Exit::Success } else { Exit::Failure };
    }
    let text = answer.to_string();
    // Which colours are asked for is not known where the flags are wrong.
    failure(text.strip_prefix("error: ").unwrap_or(&text).trim_end(), Color::new(When::Auto))
}

/// What is to be told.
enum Message {
    Line(String),
    Report(Box<Report>),
}

/// Takes what is to be told while the program works. Clones tell to the same place.
#[derive(Clone)]
pub(crate) struct Teller(Sender<Message>);

impl Teller {
    /// Starts a thread that tells, draws progress, and writes reports when it is given one.
    ///
    /// The thread ends with the last teller, and says then whether all reports were written.
    pub(crate) fn start(reporting: Reporting, meter: Option<Meter>) -> io::Result<(Self, oneshot::Receiver<Exit>)> {
        let (sender, messages) = channel();
        let (done, told) = oneshot::channel();
        let screen = Screen { reporting, meter };
        let tell = move || {
            // Nobody waits any more where a second signal has ended the program.
            let _ = done.send(screen.tell_all(&messages));
        };
        thread::Builder::new().name("teller".to_owned()).spawn(tell)?;
        Ok((Self(sender), told))
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
    pub(crate) fn report(&self, report: Report) {
        self.send(Message::Report(Box::new(report)));
    }

    fn send(&self, message: Message) {
        // The thread outlives all tellers.
        let _ = self.0.send(message);
    }
}

/// The thread that tells: while the program works, nobody else writes to standard error.
struct Screen {
    reporting: Reporting,
    meter: Option<Meter>,
}

/// How often progress is drawn.
const BETWEEN_DRAWINGS: Duration = Duration::from_millis(100);

impl Screen {
    fn tell_all(&self, messages: &Receiver<Message>) -> Exit {
        let mut exit = Exit::Success;
        let mut drawing_due = Instant::now() + BETWEEN_DRAWINGS;
        loop {
            match self.next(messages, drawing_due) {
                Ok(Message::Line(text)) => self.aside(|| print(self.reporting.color.paint(&text))),
                Ok(Message::Report(report)) => exit = exit.max(self.report(&report)),
                Err(RecvTimeoutError::Timeout) => {
                    self.meter.iter().for_each(Meter::draw);
                    drawing_due = Instant::now() + BETWEEN_DRAWINGS;
                }
                Err(RecvTimeoutError::Disconnected) => return exit,
            }
        }
    }

    /// Waits for the next message, with a meter only until it is to be drawn again.
    fn next(&self, messages: &Receiver<Message>, drawing_due: Instant) -> Result<Message, RecvTimeoutError> {
        match self.meter {
            Some(_) => messages.recv_timeout(drawing_due.saturating_duration_since(Instant::now())),
            None => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn report(&self, report: &Report) -> Exit {
        if report.ending.is_some() {
            self.meter.iter().for_each(Meter::clear);
        }
        self.aside(|| reports::write(&self.reporting, report))
    }

    /// Prints while the progress is out of the way.
    fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.meter {
            Some(meter) => meter.suspend(print),
            None => print(),
        }
    }
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
