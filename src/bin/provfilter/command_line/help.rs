//! The documentation of the program: `-h` on one screen, `--help`, the man page and the table of flags in `docs/`. All are made from the
//! flags and from `sections`, so that nothing is said in two places. None of it is made before somebody asks.

mod block;
mod manual;
mod markup;
mod page;
mod roff;
mod screen;
mod sections;
#[cfg(test)]
mod table;

use std::io::{self, IsTerminal};

use clap::Command;
use rustix::termios::tcgetwinsize;

pub(super) use manual::first_sentence;

/// The command that answers `-h` and `--help`.
pub(super) fn answering(mut command: Command) -> Command {
    command.build();
    let (short, long) = (screen::render(&command), page::render(&command, width()));
    command.help_template("{before-help}").before_help(short).before_long_help(long)
}

/// The man page.
pub(super) fn man_page(mut command: Command) -> String {
    command.build();
    roff::render(&command)
}

/// How wide `--help` is: as the terminal, or as `COLUMNS` says, as long as it reads well.
fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
    let of_terminal = || io::stdout().is_terminal().then(|| tcgetwinsize(io::stdout()).ok()).flatten();
    let width = columns.or_else(|| of_terminal().map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0));
    width.unwrap_or(80).clamp(60, 100)
}
