//! Runs a plan: opens what it names, sends the inputs through the pipeline while it attends to signals, and turns the outcome into
//! reports and an exit status.

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use provfilter::pipeline::{self, Control, Output, Records};
use provfilter::report::Report;
use provfilter::summary::Summary;
use provfilter::{Ending, Error, Escaped};
use tokio::sync::oneshot;
use tokio_util::either::Either;
use tokio_util::sync::CancellationToken;

use super::attend::{Abandoned, Attendant, Waited};
use super::in_place::Rewriter;
use super::signals::Signals;
use crate::command_line::{Digests, Plan, Target, Verbosity};
use crate::exit::{Conclusion, Exit};
use crate::files::{Named, NamedSides, OutputError, SideOutputs, Writer, inputs, stdio};
use crate::messages::{FirstFaults, Meter, Printer, Readers, Reports, diagnostics, notes};

pub(crate) fn run(plan: Plan) -> Exit {
    let color = plan.reporting.color;
    // First of all: what is opened later may get the number of a descriptor that somebody named and that is not open.
    let named = Reports::of(&plan.reporting).and_then(|reports| Ok((reports, NamedSides::of(&plan)?)));
    let (reports, sides) = match named {
        Ok(named) => named,
        Err(error) => return diagnostics::failure(error, color),
    };
    // No more than a clock: the ends of the pipeline block, so that nothing is polled for.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_time().build() {
        Ok(runtime) => runtime,
        Err(why) => return diagnostics::failure(format_args!("cannot start: {}", Error::cause_in_words(&why)), color),
    };
    // A worker may still wait for input that nobody needs any more, or the printer for someone to read standard error: they end with us.
    runtime.block_on(filter(Arc::new(plan), sides, reports))
}

async fn filter(plan: Arc<Plan>, sides: NamedSides, reports: Reports) -> Exit {
    let color = plan.reporting.color;
    let mut attendant = match Signals::listen(plan.report_every) {
        Ok(signals) => Attendant::new(signals),
        Err(why) => {
            return diagnostics::failure(format_args!("cannot listen for signals: {}", Error::cause_in_words(&why)), color);
        }
    };
    let clock = plan.options.clock;
    let started_at = clock.now();
    let run = Run {
        control: Control::default(),
        opening: CancellationToken::new(),
        reports: reports.named(),
        output_sha256: OnceLock::new(),
        plan,
    };
    let (printer, mut thread) = match Printer::start(reports, color, Meter::new(&run.plan, &run.control, started_at)) {
        Ok(started) => started,
        Err(why) => return diagnostics::failure(format_args!("cannot start a thread: {}", Error::cause_in_words(&why)), color),
    };
    let report = |ending| run.report(Report::new(&run.plan.run_id, run.control.summary(), started_at, clock.now(), ending));

    let worked =
        attendant.during(run.work(sides, &printer), || run.interrupt(), || printer.report(report(None), Readers::All)).await;
    let exit = match worked {
        Ok(Ok(conclusion)) => {
            printer.report(report(Some(conclusion.ending)), run.readers(conclusion));
            conclusion.exit.max(run.faults(conclusion)).max(attendant.asked())
        }
        Ok(Err(error)) => refuse(&error, &printer),
        Err(Abandoned(exit)) => return exit,
    };
    drop(printer);
    match attendant.at_last(thread.all()).await {
        Ok(Waited::Done(reported)) => exit.max(reported),
        Ok(Waited::InVain) => exit.max(thread.so_far()),
        Err(Abandoned(exit)) => exit,
    }
}

/// A run of the program that is under way.
struct Run {
    plan: Arc<Plan>,
    control: Control,
    /// Cancelled when files that are still waited for are not needed any more.
    opening: CancellationToken,
    /// Where reports go.
    reports: Vec<Named>,
    /// The digest of the output, once all of that is written.
    output_sha256: OnceLock<String>,
}

impl Run {
    /// Asks the run to end early.
    fn interrupt(&self) {
        self.opening.cancel();
        self.control.interrupt();
    }

    /// A report with what the run was asked to do.
    fn report(&self, mut report: Report) -> Report {
        (report.run.stages, report.run.rules) = (self.plan.chain.describe(), self.plan.chain.rules());
        report.run.stages.extend(self.plan.describe_writing());
        report.run.inputs = self.control.inputs();
        report.run.output.sha256 = self.output_sha256.get().cloned();
        report
    }

    /// Sends all inputs through the pipeline to where they go.
    async fn work(&self, sides: NamedSides, printer: &Printer) -> Result<Conclusion, OutputError> {
        let Some(sides) = self.open(sides).await? else {
            return Ok(Conclusion { exit: Exit::Success, ending: Ending::Interrupted });
        };
        self.plan.notes.iter().for_each(|note| printer.line(format_args!("note: {}", Escaped::new(note, LONGEST_NOTE))));
        let observer = FirstFaults::new(printer.clone(), self.plan.verbosity);
        let told = observer.clone();
        let conclusion = match &self.plan.target {
            Target::StandardOutput => self.stream(&sides, printer, observer).await,
            Target::InPlace { keep_as } => {
                let (plan, control) = (&*self.plan, &self.control);
                let rewriter = Rewriter { plan, keep_as: keep_as.as_deref(), sides: &sides, control, printer, observer };
                rewriter.rewrite_all().await
            }
        };
        told.tell_at_last(self.plan.for_typed_readers);
        self.tell_of_rules(printer);
        self.tell_of_exclusions(printer);
        Ok(conclusion)
    }

    /// Opens the side outputs; nothing if the run was interrupted meanwhile.
    async fn open(&self, sides: NamedSides) -> Result<Option<SideOutputs>, OutputError> {
        if !sides.may_wait() {
            return sides.open(&self.plan, &self.reports).map(Some);
        }
        let (plan, reports) = (Arc::clone(&self.plan), self.reports.clone());
        let opened = in_thread(move || sides.open(&plan, &reports)).map_err(|_| Error::Worker)?;
        match self.opening.run_until_cancelled(opened).await {
            Some(opened) => Ok(Some(opened.map_err(|_| Error::Worker)??)),
            None => Ok(None),
        }
    }

    /// Sends all inputs, as one stream, to standard output.
    async fn stream(&self, sides: &SideOutputs, printer: &Printer, observer: FirstFaults) -> Conclusion {
        const NAME: &str = "standard output";
        let output = match self.plan.options.records {
            Records::Write => stdio::take_output().map(Either::Left).map_err(|why| failed(NAME, why)),
            // Nothing will be written, so that a closed output does not matter.
            Records::Count => Ok(Either::Right(tokio::io::sink())),
        };
        let output = output.map(|output: Writer| self.hashed(Output::new(NAME, output)));
        let outputs = match output.and_then(|output| sides.with(output)) {
            Ok(outputs) => outputs,
            Err(error) => {
                printer.error(&error);
                return Conclusion { exit: Exit::Failure, ending: Ending::Failed };
            }
        };
        let digests = self.plan.digests;
        let inputs = self.plan.files.clone().into_iter().map(move |path: PathBuf| inputs::open(&path, digests));
        let (chain, options) = (Arc::clone(&self.plan.chain), self.plan.options.clone());
        let outcome = pipeline::run_under(self.control.clone(), inputs, outputs, chain, options, observer).await;
        if let Some(sha256) = outcome.outputs.and_then(|outputs| outputs.records.sha256()) {
            // There is one stream, and it has one end.
            let _ = self.output_sha256.set(sha256);
        }
        Conclusion { exit: printer.errors(&outcome.errors), ending: outcome.ending }
    }

    /// Tells of rules that do not do what they should.
    fn tell_of_rules(&self, printer: &Printer) {
        if let (Some(counts), Verbosity::Normal) = (&self.plan.rule_counts, self.plan.verbosity) {
            for note in notes::of_rules(counts, &self.plan) {
                printer.line(format_args!("note: {note}"));
            }
        }
    }

    /// Tells why the status is not 0, which no line on its own shows.
    fn tell_of_exclusions(&self, printer: &Printer) {
        let summary = self.control.summary();
        if self.excludes_too_many(&summary) && self.plan.verbosity == Verbosity::Normal {
            printer.line(format_args!("note: {}", notes::of_exclusions(&summary)));
        }
    }

    /// The output, hashed if its digest is wanted and something is written.
    fn hashed(&self, output: Output<Writer>) -> Output<Writer> {
        match (self.plan.digests, self.plan.options.records) {
            (Digests::Take, Records::Write) => output.hashed(),
            _ => output,
        }
    }

    /// The status that faults and exclusions lead to.
    fn faults(&self, conclusion: Conclusion) -> Exit {
        let summary = self.control.summary();
        if self.plan.tolerance.is_exceeded(&summary) || self.excludes_too_many(&summary) || conclusion.ending == Ending::Stopped {
            Exit::Faults
        } else {
            Exit::Success
        }
    }

    fn excludes_too_many(&self, summary: &Summary) -> bool {
        self.plan.excluded_tolerance.is_some_and(|most| most.is_exceeded_by_exclusions(summary))
    }

    /// Who gets the last report. A screen of zeros would hide the error where nothing could be read.
    fn readers(&self, conclusion: Conclusion) -> Readers {
        let is_empty = self.control.summary().bytes_in == 0;
        if is_empty && conclusion.exit == Exit::Failure { Readers::OfFiles } else { Readers::All }
    }
}

/// How many characters of a note are shown.
const LONGEST_NOTE: usize = 400;

fn refuse(error: &OutputError, printer: &Printer) -> Exit {
    let hint = error.hint().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    printer.line(format_args!("provfilter: {error}{hint}"));
    Exit::Failure
}

fn failed(output: &str, source: io::Error) -> Error {
    Error::Write { output: output.into(), source }
}

/// Does in a thread what may wait for somebody else.
fn in_thread<T: Send + 'static>(
    wait: impl FnOnce() -> T + Send + 'static,
) -> io::Result<impl Future<Output = Result<T, oneshot::error::RecvError>>> {
    let (done, ended) = oneshot::channel();
    std::thread::Builder::new().name("opener".to_owned()).spawn(move || done.send(wait()))?;
    Ok(ended)
}
