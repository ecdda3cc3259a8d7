//! Rewrites files in place: each through a run of its own into a new file beside it, which takes its place if all went well.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use provfilter::pipeline::{self, Control, Input, OnFault, Outcome, Output, Outputs};
use provfilter::{Descriptor, Ending, Error};

use crate::command_line::Plan;
use crate::exit::{Conclusion, Exit};
use crate::files::{Replacement, SideOutputs};
use crate::messages::{FirstFaults, Printer};

/// What the files of a run have in common.
pub(crate) struct Rewriter<'p> {
    pub(crate) plan: &'p Plan,
    pub(crate) keep_as: Option<&'p OsStr>,
    pub(crate) sides: &'p SideOutputs,
    pub(crate) control: &'p Control,
    pub(crate) printer: &'p Printer,
    pub(crate) observer: FirstFaults,
}

impl Rewriter<'_> {
    /// Rewrites one file after the other. One that cannot be rewritten is told and stays as it is; the others go on.
    pub(crate) async fn rewrite_all(&self) -> Conclusion {
        let mut all = Conclusion { exit: Exit::Success, ending: Ending::Finished };
        for path in &self.plan.files {
            let Conclusion { exit, ending } = self.rewrite(path).await;
            all.exit = all.exit.max(exit);
            if let Ending::Interrupted | Ending::Stopped = ending {
                all.ending = ending;
                break;
            }
        }
        all
    }

    async fn rewrite(&self, path: &Path) -> Conclusion {
        let name: Arc<str> = path.to_string_lossy().into();
        let Rewrite { input, outputs, replacement } = match self.open(path, &name) {
            Ok(rewrite) => rewrite,
            Err(error) => return self.fail(&error),
        };
        let rejected_before = self.control.summary().rejected;
        let (chain, options) = (Arc::clone(&self.plan.chain), self.plan.options.clone());
        let inputs = std::iter::once(Ok(input));
        let outcome = pipeline::run_under(self.control.clone(), inputs, outputs, chain, options, self.observer.clone()).await;

        let rejected = outcome.summary.rejected - rejected_before;
        if let Some(why) = self.reason_to_leave(&outcome, rejected) {
            self.printer.line(format_args!("provfilter: {name}: left as it was: {why}"));
            return Conclusion { exit: self.printer.errors(&outcome.errors).max(Exit::Faults), ending: outcome.ending };
        }
        let kept = self.keep_as.map_or(Ok(()), |suffix| replacement.keep_old(suffix));
        match kept.and_then(|()| replacement.put_in_place()) {
            Ok(()) => Conclusion { exit: Exit::Success, ending: outcome.ending },
            Err(source) => self.fail(&Error::Write { output: name, source }),
        }
    }

    fn open(&self, path: &Path, name: &Arc<str>) -> Result<Rewrite, Error> {
        let failed = |source| Error::Write { output: Arc::clone(name), source };
        let file = open(path).map_err(|source| Error::Read { file: Arc::clone(name), source })?;
        let replacement = Replacement::of(path).map_err(failed)?;
        let new = replacement.file().try_clone().map_err(failed)?;
        let outputs = self.sides.with(Output::new(Arc::clone(name), Descriptor::new(new)))?;
        Ok(Rewrite { input: Input::new(Arc::clone(name), Descriptor::new(file)), outputs, replacement })
    }

    /// Why a file is not replaced: something would be lost.
    fn reason_to_leave(&self, outcome: &Outcome<Descriptor>, rejected: u64) -> Option<String> {
        match outcome.ending {
            Ending::Interrupted => return Some("the run was interrupted".to_owned()),
            Ending::Stopped => return Some("it has a faulty line".to_owned()),
            Ending::Finished | Ending::Failed => {}
        }
        if !outcome.errors.is_empty() {
            return Some("it could not be read or written to its end".to_owned());
        }
        let loses_lines = rejected > 0 && !self.sides.keep_rejects() && self.plan.options.on_fault == OnFault::Reject;
        let lines = if rejected == 1 { "line" } else { "lines" };
        loses_lines.then(|| {
            format!("{rejected} faulty {lines} would be lost\nhint: keep them with --rejects FILE, or in their place with --on-error pass")
        })
    }

    fn fail(&self, error: &Error) -> Conclusion {
        self.printer.error(error);
        Conclusion { exit: Exit::Failure, ending: Ending::Failed }
    }
}

/// A file with what it takes to rewrite it.
struct Rewrite {
    input: Input<Descriptor>,
    outputs: Outputs<Descriptor>,
    replacement: Replacement,
}

/// Opens a file that can be rewritten.
fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "only a regular file can be rewritten in place"))
}
