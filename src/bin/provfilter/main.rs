//! The command line of provfilter: flags into a pipeline, its outcome into reports and an exit status.

mod command_line;
mod exit;
mod files;
mod messages;
mod running;

use std::process::ExitCode;

use clap::Parser;

use command_line::{Cli, Merge, Plan};
use exit::Exit;
use messages::diagnostics;

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => execute(cli).into(),
        Err(answer) => diagnostics::answer(&answer).into(),
    }
}

fn execute(cli: Cli) -> Exit {
    let color = cli.color;
    let refused = match (cli.generate, cli.merge) {
        (Some(kind), _) => return diagnostics::generated(command_line::generate(kind)),
        (None, true) => Merge::new(cli).map(|plan| running::merge(&plan)),
        (None, false) => Plan::new(cli).map(running::run),
    };
    refused.unwrap_or_else(|error| diagnostics::usage(&error, color))
}
