//! Single messages on standard error, and what clap and `--generate` answer on standard output. While a run prints through its
//! printer, nothing else calls these.

use std::fmt::Display;
use std::io::{self, Write};

use super::color::Color;
use crate::command_line::{UsageError, When};
use crate::exit::Exit;

/// Prints a line, or several, if standard error takes them.
pub(crate) fn print(text: &str, color: When) {
    let _ = writeln!(io::stderr().lock(), "{}", Color::new(color).paint(text));
}

/// Says why the program cannot do what it is asked for.
pub(crate) fn failure(why: impl Display, color: When) -> Exit {
    print(&format!("provfilter: {why}"), color);
    Exit::Failure
}

/// Says what is wrong with the command line, and what to do about it.
pub(crate) fn usage(error: &UsageError, color: When) -> Exit {
    failure_with_hint(error, error.hint().as_deref(), color)
}

/// Says why the program cannot do what it is asked for, and what to do about it.
pub(crate) fn failure_with_hint(why: impl Display, hint: Option<&str>, color: When) -> Exit {
    let hint = hint.map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    failure(format_args!("{why}{hint}"), color)
}

/// Prints what clap answers: help and version to standard output, what is wrong to standard error.
pub(crate) fn answer(answer: &clap::Error) -> Exit {
    if !answer.use_stderr() {
        return if answer.print().is_ok() { Exit::Success } else { Exit::Failure };
    }
    let text = answer.to_string();
    // Which colours are asked for is not known where the flags are wrong.
    failure(text.strip_prefix("error: ").unwrap_or(&text).trim_end(), When::Auto)
}

/// Prints what was generated to standard output.
pub(crate) fn generated(text: io::Result<Vec<u8>>) -> Exit {
    match text.and_then(|text| io::stdout().lock().write_all(&text)) {
        Ok(()) => Exit::Success,
        Err(why) if why.kind() == io::ErrorKind::BrokenPipe => Exit::ClosedOutput,
        Err(why) => failure(format_args!("standard output: cannot write: {why}"), When::Auto),
    }
}
