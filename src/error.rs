//! What can end a run or spoil it as a whole. What is wrong with one line is a `fault`.

use std::io;
use std::sync::Arc;

/// How a run ended, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// With the last line of the last input.
    Finished,
    /// From outside, by a signal say.
    Interrupted,
    /// With a faulty line, as was asked for.
    Stopped,
    /// With an output that took no more, or a defect.
    Failed,
}

impl Ending {
    /// All endings.
    pub const ALL: [Self; 4] = [Self::Finished, Self::Interrupted, Self::Stopped, Self::Failed];

    /// What the JSON report calls it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Interrupted => "interrupted",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }

    /// The ending of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ending| ending.as_str() == name)
    }
}

/// Something that could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An input could not be opened or read to its end.
    #[error("{file}: cannot read: {}", cause(source))]
    Read {
        /// The input's name; `-` for standard input.
        file: Arc<str>,
        /// Why not.
        source: io::Error,
    },
    /// An output took no more.
    #[error("{output}: cannot write: {}", cause(source))]
    Write {
        /// The output's name.
        output: Arc<str>,
        /// Why not.
        source: io::Error,
    },
    /// The system gave no thread to work with, or a worker ended without an answer, which is a defect of a stage or of this program.
    #[error("no worker could do its work to the end")]
    Worker,
}

impl Error {
    /// The reader of an output went away, which is no reason for a message.
    #[must_use]
    pub fn is_closed_output(&self) -> bool {
        matches!(self, Self::Write { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// The cause in words alone, without the number that the operating system gives it.
fn cause(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_lowercase(),
        None => text,
    }
}
