//! The command line of provfilter: flags into a pipeline, its outcome into reports and an exit status.

mod command_line;
mod exit;
mod files;
mod messages;
mod run_id;
mod running;

use std::process::ExitCode;

use command_line::{Cli, Merge, Plan};
use exit::Exit;
use messages::diagnostics;

/// With the allocator of musl, filters take up to twice as long.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    running::fail_at_file_size_limit();
    let exit = match command_line::parse(std::env::args_os()) {
        Ok(cli) => execute(cli),
        Err(answer) => diagnostics::answer(answer),
    };
    exit.end()
}

fn execute(cli: Cli) -> Exit {
    let color = cli.color;
    if cli.list_screens {
        return diagnostics::generated(&command_line::list_screens());
    }
    let done = match (cli.generate, cli.merge) {
        (Some(kind), _) => return diagnostics::generated(&command_line::generate(kind)),
        (None, true) => Merge::new(cli).map(|plan| running::merge(&plan)),
        (None, false) => Plan::new(cli).map(running::run),
    };
    done.unwrap_or_else(|error| diagnostics::usage(&error, color))
}
