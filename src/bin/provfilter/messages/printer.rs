//! The thread that alone writes to standard error while a run works: messages, progress and reports, in their order. A standard error
//! that takes nothing, or that nobody reads, neither stops the run nor makes it wait.

use std::fmt::Display;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use provfilter::report::Report;
use provfilter::{Error, Escaped};
use tokio::sync::oneshot;

use super::progress::Meter;
use super::{diagnostics, reports};
use crate::command_line::Reporting;
use crate::exit::Exit;

/// How many characters of a message, and of a file's name, are shown.
pub(super) const LONGEST_MESSAGE: usize = 300;

/// What is to be told.
enum Message {
    Line(String),
    Report(Box<Report>),
}

/// Takes what is to be printed on standard error while the program works. Clones print to the same place.
#[derive(Clone)]
pub(crate) struct Printer(Sender<Message>);

impl Printer {
    /// Starts a thread that prints, draws progress, and writes reports when it is given one.
    ///
    /// The thread ends with the last clone, and says then whether all reports were written.
    pub(crate) fn start(reporting: Reporting, meter: Option<Meter>) -> io::Result<(Self, oneshot::Receiver<Exit>)> {
        let (sender, messages) = channel();
        let (done, told) = oneshot::channel();
        let screen = Screen { reporting, meter };
        let print = move || {
            // Nobody waits any more where a second signal has ended the program.
            let _ = done.send(screen.print_all(&messages));
        };
        thread::Builder::new().name("printer".to_owned()).spawn(print)?;
        Ok((Self(sender), told))
    }

    /// Prints a line, or several.
    pub(crate) fn line(&self, text: impl Display) {
        self.send(Message::Line(text.to_string()));
    }

    /// Prints an error of the library.
    pub(crate) fn error(&self, error: &Error) {
        self.line(format_args!("provfilter: {}", Escaped::new(&error.to_string(), LONGEST_MESSAGE)));
    }

    /// Prints a run's errors and gives the status that they lead to. Inputs that failed were told at once, and a closed output is
    /// no reason for a message.
    pub(crate) fn errors(&self, errors: &[Error]) -> Exit {
        let is_news = |error: &&Error| !matches!(error, Error::Read { .. }) && !error.is_closed_output();
        errors.iter().filter(is_news).for_each(|error| self.error(error));
        errors.iter().map(Exit::of_error).fold(Exit::Success, Exit::max)
    }

    /// Writes the reports that were asked for.
    pub(crate) fn report(&self, report: Report) {
        self.send(Message::Report(Box::new(report)));
    }

    fn send(&self, message: Message) {
        // The thread outlives all clones.
        let _ = self.0.send(message);
    }
}

/// The thread that prints: while the program works, nobody else writes to standard error.
struct Screen {
    reporting: Reporting,
    meter: Option<Meter>,
}

/// How often progress is drawn.
const BETWEEN_DRAWINGS: Duration = Duration::from_millis(100);

impl Screen {
    fn print_all(&self, messages: &Receiver<Message>) -> Exit {
        let mut exit = Exit::Success;
        let mut drawing_due = Instant::now() + BETWEEN_DRAWINGS;
        loop {
            match self.next(messages, drawing_due) {
                Ok(Message::Line(text)) => self.aside(|| diagnostics::print(&text, self.reporting.color)),
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
