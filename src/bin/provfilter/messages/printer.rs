//! The thread that alone writes to standard error while a run works: messages, progress and reports, in their order. A standard error
//! that takes nothing, or that nobody reads, neither stops the run nor makes it wait.

use std::fmt::Display;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use provfilter::Error;
use provfilter::report::Report;
use tokio::sync::oneshot;

use super::diagnostics;
use super::hints;
use super::progress::Meter;
use super::reports::Reports;
use crate::command_line::When;
use crate::exit::Exit;

/// Takes what is to be printed on standard error while the program works. Clones print to the same place.
#[derive(Clone)]
pub(crate) struct Printer {
    messages: Sender<Message>,
    waiting: Arc<Mutex<Option<Waiting>>>,
}

/// What is to be printed.
enum Message {
    Line(String),
    /// The report that waits.
    Report,
}

/// The report that waits to be written. One that comes meanwhile takes its place.
struct Waiting {
    report: Report,
    readers: Readers,
}

/// Who gets a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    All,
    /// All but those of standard error, where an error says more.
    OfFiles,
}

/// The thread that prints, for whoever waits for its end.
pub(crate) struct PrinterThread {
    ended: oneshot::Receiver<Exit>,
    owes_reports: Arc<AtomicBool>,
}

impl Printer {
    /// Starts a thread that prints, draws progress, and writes reports when it is given one. The thread ends with the last clone.
    pub(crate) fn start(reports: Reports, color: When, meter: Option<Meter>) -> io::Result<(Self, PrinterThread)> {
        let (sender, messages) = channel();
        let (done, ended) = oneshot::channel();
        let waiting = Arc::default();
        let owes_reports = Arc::new(AtomicBool::new(!reports.named().is_empty()));
        let screen = Screen { reports, color, meter, waiting: Arc::clone(&waiting), owes_reports: Arc::clone(&owes_reports) };
        let print = move || {
            // Nobody waits any more where a second signal has ended the program.
            let _ = done.send(screen.print_all(&messages));
        };
        thread::Builder::new().name("printer".to_owned()).spawn(print)?;
        Ok((Self { messages: sender, waiting }, PrinterThread { ended, owes_reports }))
    }

    /// Prints a line, or several.
    pub(crate) fn line(&self, text: impl Display) {
        self.send(Message::Line(text.to_string()));
    }

    /// Prints an error of the library.
    pub(crate) fn error(&self, error: &Error) {
        let hint = hints::of_error(error).map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        self.line(format_args!("provfilter: {error}{hint}"));
    }

    /// Prints a run's errors and gives the status that they lead to. Inputs that failed were told at once, and a closed output is
    /// no reason for a message.
    pub(crate) fn errors(&self, errors: &[Error]) -> Exit {
        let is_news =
            |error: &&Error| !matches!(error, Error::Read { .. } | Error::Compressed { .. }) && !error.is_closed_output();
        errors.iter().filter(is_news).for_each(|error| self.error(error));
        errors.iter().map(Exit::of_error).fold(Exit::Success, Exit::max)
    }

    /// Writes the reports that were asked for. Where an earlier one still waits, because nobody reads, this one takes its place.
    pub(crate) fn report(&self, report: Report, readers: Readers) {
        let earlier = lock(&self.waiting).replace(Waiting { report, readers });
        if earlier.is_none() {
            self.send(Message::Report);
        }
    }

    fn send(&self, message: Message) {
        // The thread outlives all clones.
        let _ = self.messages.send(message);
    }
}

impl PrinterThread {
    /// Waits until all is printed, and says whether all reports were written.
    pub(crate) async fn all(&mut self) -> Exit {
        (&mut self.ended).await.unwrap_or(Exit::Failure)
    }

    /// What to say where nobody reads: reports that were to go elsewhere than to standard error are missed.
    pub(crate) fn so_far(&self) -> Exit {
        if self.owes_reports.load(Ordering::Acquire) { Exit::Failure } else { Exit::Success }
    }
}

/// The thread that prints: while the program works, nobody else writes to standard error.
struct Screen {
    reports: Reports,
    color: When,
    meter: Option<Meter>,
    waiting: Arc<Mutex<Option<Waiting>>>,
    owes_reports: Arc<AtomicBool>,
}

/// When progress is drawn first.
const FIRST_DRAWING: Duration = Duration::from_millis(100);

impl Screen {
    fn print_all(&self, messages: &Receiver<Message>) -> Exit {
        let mut exit = Exit::Success;
        let mut drawing_due = Instant::now() + FIRST_DRAWING;
        loop {
            match self.next(messages, drawing_due) {
                Ok(Message::Line(text)) => self.aside(|| diagnostics::print(&text, self.color)),
                Ok(Message::Report) => exit = exit.max(self.report()),
                Err(RecvTimeoutError::Timeout) => {
                    if let Some(meter) = &self.meter {
                        meter.draw();
                        drawing_due = Instant::now() + meter.period();
                    }
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

    /// Writes the report that waits: to standard error last, where perhaps nobody reads.
    fn report(&self) -> Exit {
        let Some(Waiting { report, readers }) = lock(&self.waiting).take() else {
            return Exit::Success;
        };
        if report.ending.is_some() {
            self.meter.iter().for_each(Meter::clear);
        }
        let exit = self.aside(|| self.reports.write_elsewhere(&report));
        if report.ending.is_some() {
            self.owes_reports.store(false, Ordering::Release);
        }
        if readers == Readers::All {
            self.aside(|| self.reports.print(&report));
        }
        exit
    }

    /// Prints while the progress is out of the way.
    fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.meter {
            Some(meter) => meter.suspend(print),
            None => print(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
