//! Exit statuses, and which of them wins.

use std::process::ExitCode;

use provfilter::{Ending, Error};

/// How the program ends. Ordered from the best to the worst, which wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Every line was accounted for and everything was written.
    Success,
    /// There were more faults than are tolerated.
    Faults,
    /// The reader of our output went away.
    ClosedOutput,
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
    pub(crate) fn status(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Faults => 1,
            Self::Failure => 2,
            Self::Interrupted => 128 + 2,
            Self::ClosedOutput => 128 + 13,
            Self::Terminated => 128 + 15,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.status())
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
