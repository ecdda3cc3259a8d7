//! Man page and completion scripts, made from the flags.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::cli::{Cli, Kind, When};
use crate::color::Color;
use crate::diagnostics;
use crate::exit::Exit;

/// Prints what was asked for to standard output.
pub(crate) fn print(kind: Kind) -> Exit {
    let done = render(kind).and_then(|bytes| io::stdout().lock().write_all(&bytes));
    match done {
        Ok(()) => Exit::Success,
        Err(why) if why.kind() == io::ErrorKind::BrokenPipe => Exit::ClosedOutput,
        Err(why) => diagnostics::failure(format_args!("standard output: cannot write: {why}"), Color::new(When::Auto)),
    }
}

fn render(kind: Kind) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut command = Cli::command();
    let shell = match kind {
        Kind::Man => {
            Man::new(command).render(&mut bytes)?;
            return Ok(bytes);
        }
        Kind::Bash => Shell::Bash,
        Kind::Zsh => Shell::Zsh,
        Kind::Fish => Shell::Fish,
        Kind::PowerShell => Shell::PowerShell,
    };
    clap_complete::generate(shell, &mut command, env!("CARGO_PKG_NAME"), &mut bytes);
    Ok(bytes)
}
