//! The terminal behind standard error, if there is one.

use std::io;

use rustix::termios::tcgetwinsize;

/// The rows and columns of the terminal behind standard error, if it tells.
pub(super) fn size() -> Option<(u16, u16)> {
    let size = tcgetwinsize(io::stderr()).ok().filter(|size| size.ws_row > 0 && size.ws_col > 0);
    size.map(|size| (size.ws_row, size.ws_col))
}

/// The size of terminals long ago, the VT100.
pub(super) const USUAL_SIZE: (u16, u16) = (24, 80);
