//! Runs a plan: opens what it names, sends the inputs through the pipeline, and turns the outcome into reports and an exit status.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use provfilter::pipeline::{self, Input, Outcome, Output, Outputs};
use provfilter::report::{Ending, Report};
use provfilter::{Descriptor, Error};
use tokio::sync::mpsc;

use crate::diagnostics::{self, FirstFaults};
use crate::exit::Exit;
use crate::plan::Plan;
use crate::reports;

pub(crate) fn run(plan: Plan) -> Exit {
    let clock = plan.options.clock;
    let started_at = clock.now();
    let outputs = match outputs(plan.excluded_to.as_deref()) {
        Ok(outputs) => outputs,
        Err(error) => return fail(&error),
    };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else {
        diagnostics::print("provfilter: cannot start: the system gives no threads");
        return Exit::Failure;
    };

    let (messages, mut told) = mpsc::unbounded_channel();
    let observer = FirstFaults::new(messages, plan.verbosity);
    let inputs = plan.files.into_iter().map(|path| open(&path));
    let filter = pipeline::run(inputs, outputs, plan.chain, plan.options, observer);
    let print = async {
        while let Some(message) = told.recv().await {
            diagnostics::print(message);
        }
    };
    let (outcome, ()) = runtime.block_on(async { futures::future::join(filter, print).await });
    // A worker may still wait for input that nobody needs any more.
    runtime.shutdown_background();

    let report = Report { summary: &outcome.summary, started_at, finished_at: clock.now(), ending: Ending::Finished };
    let reported = reports::write(&plan.reports, &report);
    exit(&outcome).max(reported)
}

fn fail(error: &Error) -> Exit {
    diagnostics::error(error);
    Exit::Failure
}

/// The status that a run's outcome gives. Failed inputs were told when they failed, and a closed output is not told at all.
fn exit(outcome: &Outcome) -> Exit {
    let faults = if outcome.summary.fault_count() > 0 { Exit::Faults } else { Exit::Success };
    outcome.errors.iter().map(exit_of_error).fold(faults, Exit::max)
}

fn exit_of_error(error: &Error) -> Exit {
    if error.is_closed_output() {
        return Exit::ClosedOutput;
    }
    if !matches!(error, Error::Read { .. }) {
        diagnostics::error(error);
    }
    Exit::Failure
}

/// Opens a file, or standard input for `-`.
fn open(path: &Path) -> Result<Input<Descriptor>, Error> {
    let name: Arc<str> = path.to_string_lossy().into();
    let descriptor = match path.as_os_str().to_str() {
        Some("-") => Descriptor::duplicate(io::stdin()),
        _ => File::open(path).map(Descriptor::new),
    };
    match descriptor {
        Ok(descriptor) => Ok(Input::new(name, descriptor)),
        Err(source) => Err(Error::Read { file: name, source }),
    }
}

fn outputs(excluded_to: Option<&Path>) -> Result<Outputs<Descriptor>, Error> {
    let failed = |output: Arc<str>| move |source| Error::Write { output, source };
    let standard_output = Descriptor::duplicate(io::stdout()).map_err(failed("standard output".into()))?;
    let create = |path: &Path| {
        let name: Arc<str> = path.to_string_lossy().into();
        let file = File::create(path).map_err(failed(Arc::clone(&name)))?;
        Ok(Output::new(name, Descriptor::new(file)))
    };
    Ok(Outputs { records: Output::new("standard output", standard_output), excluded: excluded_to.map(create).transpose()? })
}
