//! The terminal behind standard error: its size, and the style of reports there.

use std::io::{self, IsTerminal};

use provfilter::report::{Coloring, Style};
use rustix::termios::tcgetwinsize;

use super::color::Color;
use crate::command_line::Reporting;

/// The rows and columns of the terminal behind standard error; those that terminals had once (VT100) where it does not tell.
pub(super) fn size() -> (u16, u16) {
    let size = tcgetwinsize(io::stderr()).ok().filter(|size| size.ws_row > 0 && size.ws_col > 0);
    size.map_or((24, 80), |size| (size.ws_row, size.ws_col))
}

/// How reports on standard error look: as wide as the terminal, or as `COLUMNS` says, and in colour where that is wanted.
pub(super) fn style(reporting: &Reporting) -> Style {
    let mut style = reporting.style();
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
    let width = columns.or_else(|| io::stderr().is_terminal().then(|| usize::from(size().1)));
    style.width = width.unwrap_or(style.width).clamp(*Style::WIDTHS.start(), *Style::WIDTHS.end());
    style.coloring = match Color::new(reporting.color) {
        Color::Ansi => Coloring::Ansi,
        Color::Plain => Coloring::Plain,
    };
    style
}
