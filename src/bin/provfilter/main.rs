//! The command line of provfilter: flags into a pipeline, its outcome into reports and an exit status.

mod cli;
mod color;
mod diagnostics;
mod exit;
mod generate;
mod in_place;
mod merge;
mod outputs;
mod plan;
mod progress;
mod replace;
mod reports;
mod run;
mod signals;
mod stdio;

use std::process::ExitCode;

use clap::Parser;

use cli::Cli;
use color::Color;
use exit::Exit;
use plan::{Merge, Plan, UsageError};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => return diagnostics::answer(&answer).into(),
    };
    let color = Color::new(cli.color);
    let refuse = |error: UsageError| {
        diagnostics::usage(&error, color);
        Exit::Failure
    };
    let exit = match (cli.generate, cli.merge) {
        (Some(kind), _) => generate::print(kind),
        (None, true) => Merge::new(cli).map_or_else(refuse, |plan| merge::merge(&plan)),
        (None, false) => Plan::new(cli).map_or_else(refuse, run::run),
    };
    exit.into()
}
