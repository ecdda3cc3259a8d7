//! Exit statuses, and which of them wins.

use std::process::ExitCode;

/// How the program ends. Ordered from the best to the worst, which wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Every line was accounted for and everything was written.
    Success,
    /// There were more faults than are tolerated.
    Faults,
    /// The reader of our output went away.
    ClosedOutput,
    /// A wrong command line, or something that could not be read or written.
    Failure,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Faults => 1,
            Exit::Failure => 2,
            // As a shell reports a program that SIGPIPE (13) ended: 128 + 13.
            Exit::ClosedOutput => 141,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn the_worst_wins() {
        assert_eq!(Exit::Faults.max(Exit::Success), Exit::Faults);
        assert_eq!(Exit::ClosedOutput.max(Exit::Faults), Exit::ClosedOutput);
        assert_eq!(Exit::ClosedOutput.max(Exit::Failure), Exit::Failure);
    }
}
