//! Man page and completion scripts, made from the flags.

mod bash;

use clap::{Arg, ArgAction, Command, CommandFactory};
use clap_complete::Shell;

use super::flags::Cli;
use super::help;
use super::values::Kind;

/// The text of a man page or a completion script.
pub(crate) fn generate(kind: Kind) -> String {
    let command = Cli::command();
    match kind {
        Kind::Man => help::man_page(command),
        Kind::Bash => bash::completions(command),
        Kind::Zsh => completions(Shell::Zsh, command),
        Kind::Fish => completions(Shell::Fish, command),
        Kind::PowerShell => completions(Shell::PowerShell, command),
    }
}

/// Completions with a sentence for each flag.
fn completions(shell: Shell, command: Command) -> String {
    let command = command.mut_args(|arg| {
        let sentence = help::first_sentence(&arg);
        arg.help(sentence)
    });
    // The word behind `-i` is a file, never the suffix.
    let mut command = command.mut_arg("in_place", |arg| {
        let help = arg.get_help().cloned().unwrap_or_default();
        Arg::new("in_place").short('i').long("in-place").action(ArgAction::SetTrue).help(help)
    });
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, env!("CARGO_PKG_NAME"), &mut script);
    // With two colons, zsh offers no flags behind the first FILE.
    String::from_utf8(script).expect("scripts are text").replace("'*::files ", "'*:files ")
}
