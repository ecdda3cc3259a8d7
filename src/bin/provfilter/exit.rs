//! Exit statuses, and which of them wins.

use std::process::ExitCode;

use provfilter::{Ending, Error};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::emulate_default_handler;

/// How the program ends. Ordered from the best to the worst, which wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Every line was accounted for and everything was written.
    Success,
    /// There were more faults than are tolerated.
    Faults,
    /// The reader of our output went away.
    ClosedOutput,
    /// SIGHUP ended the run.
    HungUp,
    /// SIGINT ended the run.
    Interrupted,
    /// SIGTERM ended the run.
    Terminated,
    /// A wrong command line, or something that could not be read or written.
    Failure,
}

/// How a run, or the part of it that one file is, came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Conclusion {
    pub(crate) exit: Exit,
    pub(crate) ending: Ending,
}

impl Exit {
    /// The status that something leads to that could not be read or written.
    pub(crate) fn of_error(error: &Error) -> Self {
        if error.is_closed_output() { Self::ClosedOutput } else { Self::Failure }
    }

    /// The number, as a shell gives it: 128 and the signal's for what a signal ended.
    fn status(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Faults => 1,
            Self::Failure => 2,
            Self::HungUp => 128 + 1,
            Self::Interrupted => 128 + 2,
            Self::ClosedOutput => 128 + 13,
            Self::Terminated => 128 + 15,
        }
    }

    /// The signal that ended the run.
    fn signal(self) -> Option<i32> {
        match self {
            Self::HungUp => Some(SIGHUP),
            Self::Interrupted => Some(SIGINT),
            Self::Terminated => Some(SIGTERM),
            Self::Success | Self::Faults | Self::ClosedOutput | Self::Failure => None,
        }
    }

    /// What `main` returns. A run that a signal ended does not get that far: the program dies of the signal, so that its parent, a shell in a
    /// loop say, sees that it was meant to end too (<https://www.cons.org/cracauer/sigint.html>).
    pub(crate) fn end(self) -> ExitCode {
        if let Some(signal) = self.signal() {
            // Comes back only if the signal cannot be sent; then the status has to do.
            let _ = emulate_default_handler(signal);
        }
        self.status().into()
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn the_worst_wins() {
        assert_eq!(Exit::Faults.max(Exit::Success), Exit::Faults);
        assert_eq!(Exit::ClosedOutput.max(Exit::Faults), Exit::ClosedOutput);
        assert_eq!(Exit::ClosedOutput.max(Exit::Interrupted), Exit::Interrupted);
        assert_eq!(Exit::Terminated.max(Exit::Failure), Exit::Failure);
    }
}
