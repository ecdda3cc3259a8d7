//! Single messages on standard error, and the answers of clap and `--generate` on standard output. While a run prints through its
//! printer, nothing else calls these.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use clap::builder::StyledStr;
use clap::error::ContextValue;
use provfilter::{Error, Escaped};

use super::color::Color;
use crate::command_line::{UsageError, When};
use crate::exit::Exit;
use crate::files::stdio;

/// How many characters of what somebody gave are shown.
const SHOWN: usize = 400;

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
    let hint = hint.map(|hint| format!("\nhint: {}", Escaped::new(hint, SHOWN))).unwrap_or_default();
    failure(format_args!("{why}{hint}"), color)
}

/// Prints what clap answers: help and version to standard output, what is wrong to standard error.
pub(crate) fn answer(mut answer: clap::Error) -> Exit {
    if !answer.use_stderr() {
        let text = answer.render();
        let text = if io::stdout().is_terminal() { text.ansi().to_string() } else { text.to_string() };
        return generated(&text);
    }
    escape_arguments(&mut answer);
    let text = answer.to_string();
    // Which colours are asked for is not known where the flags are wrong.
    failure(text.strip_prefix("error: ").unwrap_or(&text).trim_end(), When::Auto)
}

/// Escapes the arguments that clap shows as they were given.
fn escape_arguments(answer: &mut clap::Error) {
    let escaped = |text: &String| Escaped::new(text, SHOWN).to_string();
    let styled = |text: &StyledStr| StyledStr::from(escaped(&text.to_string()));
    let shown: Vec<_> = answer.context().map(|(kind, value)| (kind, value.clone())).collect();
    for (kind, value) in shown {
        let value = match &value {
            ContextValue::String(text) => ContextValue::String(escaped(text)),
            ContextValue::Strings(texts) => ContextValue::Strings(texts.iter().map(escaped).collect()),
            ContextValue::StyledStrs(texts) => ContextValue::StyledStrs(texts.iter().map(styled).collect()),
            // How the program is used has several lines, and nothing that was given.
            _ => continue,
        };
        answer.insert(kind, value);
    }
}

/// Prints what was asked for instead of a run to standard output.
pub(crate) fn generated(text: &str) -> Exit {
    let Err(source) = stdio::print(text.as_bytes()) else {
        return Exit::Success;
    };
    let error = Error::Write { output: "standard output".into(), source };
    if error.is_closed_output() { Exit::ClosedOutput } else { failure(error, When::Auto) }
}
