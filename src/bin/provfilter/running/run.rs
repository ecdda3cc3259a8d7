//! Runs a plan: opens what it names, sends the inputs through the pipeline while signals are attended to, and turns the outcome into
//! reports and an exit status.

use std::fs::File;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;

use provfilter::pipeline::{self, Control, Input, Output, Records};
use provfilter::report::Report;
use provfilter::{Descriptor, Ending, Error};

use super::in_place::Rewriter;
use super::run_id;
use super::signals::{Request, Signals};
use crate::command_line::{Plan, Target};
use crate::exit::{Conclusion, Exit};
use crate::files::{OutputError, SideOutputs, stdio};
use crate::messages::{FirstFaults, Meter, Printer, diagnostics};

pub(crate) fn run(plan: Plan) -> Exit {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(why) => return diagnostics::failure(format_args!("cannot start: {why}"), plan.reporting.color),
    };
    // A worker may still wait for input that nobody needs any more, or the printer's thread for someone to read standard error: they end with us.
    runtime.block_on(filter(plan))
}

async fn filter(plan: Plan) -> Exit {
    let sides = match SideOutputs::open(&plan) {
        Ok(sides) => sides,
        Err(error) => return refuse(&error, &plan),
    };
    let mut signals = match Signals::listen(plan.report_every) {
        Ok(signals) => signals,
        Err(why) => return diagnostics::failure(format_args!("cannot listen to signals: {why}"), plan.reporting.color),
    };
    let clock = plan.options.clock;
    let started_at = clock.now();
    let control = Control::default();
    let (printer, told) = match Printer::start(plan.reporting.clone(), Meter::new(&plan, &control)) {
        Ok(started) => started,
        Err(why) => return diagnostics::failure(format_args!("cannot start a thread: {why}"), plan.reporting.color),
    };
    let run_id = run_id::new();
    let report = |ending| {
        let mut report = Report::new(&run_id, control.summary(), started_at, clock.now(), ending);
        (report.run.stages, report.run.rules) = (plan.chain.describe(), plan.chain.rules());
        report.run.inputs = control.inputs();
        printer.report(report);
    };

    let work = work(&plan, &sides, &control, &printer);
    let attended = attend(work, &mut signals, || control.interrupt(), || report(None)).await;
    let (worked, asked) = match attended {
        Attended::Done(worked, asked) => (worked, asked),
        Attended::Ended(exit) => return exit,
    };
    report(Some(worked.ending));
    let exceeded = plan.tolerance.is_exceeded(&control.summary());
    let faults = if exceeded || worked.ending == Ending::Stopped { Exit::Faults } else { Exit::Success };
    drop(printer);
    tokio::select! {
        reported = told => worked.exit.max(faults).max(asked).max(reported.unwrap_or(Exit::Failure)),
        exit = end(&mut signals) => exit,
    }
}

fn refuse(error: &OutputError, plan: &Plan) -> Exit {
    diagnostics::failure_with_hint(error, error.hint(), plan.reporting.color)
}

/// Sends all inputs through the pipeline to where they go.
async fn work(plan: &Plan, sides: &SideOutputs, control: &Control, printer: &Printer) -> Conclusion {
    let observer = FirstFaults::new(printer.clone(), plan.verbosity);
    match &plan.target {
        Target::StandardOutput => stream(plan, sides, control, printer, observer).await,
        Target::InPlace { keep_as } => {
            let rewriter = Rewriter { plan, keep_as: keep_as.as_deref(), sides, control, printer, observer };
            rewriter.rewrite_all().await
        }
    }
}

/// Sends all inputs, as one stream, to standard output.
async fn stream(plan: &Plan, sides: &SideOutputs, control: &Control, printer: &Printer, observer: FirstFaults) -> Conclusion {
    const NAME: &str = "standard output";
    let output = match plan.options.records {
        Records::Write => stdio::take_output(plan.reporting.paths()),
        // Nothing will be written, so that a closed output does not matter, and a report may go there.
        Records::Count => stdio::nowhere(),
    };
    let output = output.map_err(|source| Error::Write { output: NAME.into(), source });
    let outputs = match output.and_then(|output| sides.with(Output::new(NAME, output))) {
        Ok(outputs) => outputs,
        Err(error) => {
            printer.error(&error);
            return Conclusion { exit: Exit::Failure, ending: Ending::Failed };
        }
    };
    let inputs = plan.files.clone().into_iter().map(|path: PathBuf| open(&path));
    let (chain, options) = (Arc::clone(&plan.chain), plan.options.clone());
    let outcome = pipeline::run_under(control.clone(), inputs, outputs, chain, options, observer).await;
    Conclusion { exit: printer.errors(&outcome.errors), ending: outcome.ending }
}

/// Opens a file, or standard input for `-`.
fn open(path: &Path) -> Result<Input<Descriptor>, Error> {
    let name: Arc<str> = path.to_string_lossy().into();
    let descriptor = if path.as_os_str() == "-" { stdio::input() } else { File::open(path).map(Descriptor::new) };
    match descriptor {
        Ok(descriptor) => Ok(Input::new(name, descriptor)),
        Err(source) => Err(Error::Read { file: name, source }),
    }
}

/// What came of work during which signals were attended to.
enum Attended<T> {
    /// It is done, and perhaps was asked to end early.
    Done(T, Exit),
    /// It was asked to end a second time, and was left as it stood.
    Ended(Exit),
}

/// Does the work while signals are attended to: the first that asks for the end interrupts the work, a second one abandons it.
async fn attend<T>(work: impl Future<Output = T>, signals: &mut Signals, interrupt: impl Fn(), report: impl Fn()) -> Attended<T> {
    let mut work = pin!(work);
    let mut asked = Exit::Success;
    loop {
        let request = tokio::select! {
            done = &mut work => return Attended::Done(done, asked),
            request = signals.next() => request,
        };
        match request {
            Request::Report => report(),
            Request::End(exit) if asked == Exit::Success => {
                asked = exit;
                interrupt();
            }
            Request::End(exit) => return Attended::Ended(exit),
        }
    }
}

/// Waits for a signal that asks for the end.
async fn end(signals: &mut Signals) -> Exit {
    loop {
        if let Request::End(exit) = signals.next().await {
            return exit;
        }
    }
}
