//! Man page and completion scripts, made from the flags.

use std::io;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use super::flags::Cli;
use super::values::Kind;

/// The text of a man page or a completion script.
pub(crate) fn generate(kind: Kind) -> io::Result<Vec<u8>> {
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
