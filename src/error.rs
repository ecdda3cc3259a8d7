//! What can end a run, or spoil it as a whole. What is wrong with one line is a `fault`.

use std::io;
use std::sync::Arc;

use crate::compressed::Compression;
use crate::escape::Escaped;

/// How many characters of a name are shown, so that the cause behind it is not pushed away.
const LONGEST_NAME: usize = 200;

/// How a run ended, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// It came to the end of the last input.
    Finished,
    /// It was interrupted, for example by a signal.
    Interrupted,
    /// It stopped at a faulty line, as asked for by [`OnFault::Stop`](crate::pipeline::OnFault::Stop).
    Stopped,
    /// An input could not be read to its end, an output could not be written, or a worker died.
    Failed,
}

impl Ending {
    /// All endings.
    pub const ALL: [Self; 4] = [Self::Finished, Self::Interrupted, Self::Stopped, Self::Failed];

    /// The ending as the JSON report spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Interrupted => "interrupted",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }

    /// The ending with this name, or `None` if there is none.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ending| ending.as_str() == name)
    }
}

/// Something that could not be read or written. Displayed, its name is escaped and cut in the middle.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An input could not be opened or read to its end.
    #[error("{}: cannot read: {}", name(file), Self::cause_in_words(source))]
    Read {
        /// The input's name; `-` for standard input.
        file: Arc<str>,
        /// The cause.
        source: io::Error,
    },
    /// An input is compressed and was not decompressed. None of it was processed.
    #[error("{}: cannot read: compressed with {format}", name(file))]
    Compressed {
        /// The input's name; `-` for standard input.
        file: Arc<str>,
        /// Its format, by its magic number or its name.
        format: Compression,
    },
    /// An output could not be written.
    #[error("{}: cannot write: {}", name(output), Self::cause_in_words(source))]
    Write {
        /// The output's name.
        output: Arc<str>,
        /// The cause.
        source: io::Error,
    },
    /// The system provided no thread, or a worker panicked, which is a defect of a stage or of this crate.
    #[error("a worker thread could not start, or died")]
    Worker,
}

impl Error {
    /// Whether the reader of an output went away (`EPIPE`), which deserves no message.
    #[must_use]
    pub fn is_closed_output(&self) -> bool {
        matches!(self, Self::Write { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }

    /// A cause in lower case, without the error number of the operating system.
    #[must_use]
    pub fn cause_in_words(error: &io::Error) -> String {
        let text = error.to_string();
        match text.split_once(" (os error") {
            Some((words, _)) => words.to_lowercase(),
            None => text,
        }
    }
}

/// A name as people are shown it.
fn name(name: &str) -> Escaped<'_> {
    Escaped::path(name, LONGEST_NAME)
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::Error;

    #[test]
    fn a_name_neither_steers_the_terminal_nor_hides_the_cause() {
        let source = || io::Error::other("it is gone");
        let error = Error::Read { file: "a\u{1b}[2J\nb".into(), source: source() };
        assert_eq!(error.to_string(), r"a\u{1b}[2J\nb: cannot read: it is gone");
        let error = Error::Write { output: "/x".repeat(5000).into(), source: source() };
        let text = error.to_string();
        assert!(text.ends_with("/x: cannot write: it is gone") && text.chars().count() < 250, "{text}");
    }
}
