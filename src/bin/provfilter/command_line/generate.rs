//! Man page and completion scripts, made from the flags.

use clap::CommandFactory;
use clap_complete::Shell;

use super::flags::Cli;
use super::help;
use super::values::Kind;

/// The text of a man page or a completion script.
pub(crate) fn generate(kind: Kind) -> String {
    let mut command = Cli::command();
    let shell = match kind {
        Kind::Man => return help::man_page(command),
        Kind::Bash => Shell::Bash,
        Kind::Zsh => Shell::Zsh,
        Kind::Fish => Shell::Fish,
        Kind::PowerShell => Shell::PowerShell,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, env!("CARGO_PKG_NAME"), &mut script);
    String::from_utf8(script).expect("scripts are text")
}
