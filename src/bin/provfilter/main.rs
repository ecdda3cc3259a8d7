//! The command line of provfilter: flags into a pipeline, its outcome into reports and an exit status.

mod cli;
mod diagnostics;
mod exit;
mod in_place;
mod outputs;
mod plan;
mod replace;
mod reports;
mod run;
mod signals;
mod stdio;

use std::process::ExitCode;

use clap::Parser;

use cli::Cli;
use exit::Exit;
use plan::Plan;

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => filter(cli).into(),
        Err(answer) => diagnostics::answer(&answer).into(),
    }
}

fn filter(cli: Cli) -> Exit {
    match Plan::new(cli) {
        Ok(plan) => run::run(plan),
        Err(error) => {
            diagnostics::usage(&error);
            Exit::Failure
        }
    }
}
