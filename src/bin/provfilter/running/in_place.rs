//! Rewrites files in place: each through a run of its own into a new file beside it, which takes its place if all went well.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use provfilter::compressed::Compression;
use provfilter::pipeline::{self, Control, Input, OnFault, Outcome, Output, Outputs};
use provfilter::summary::Summary;
use provfilter::{Descriptor, Ending, Error, Escaped};
use tokio_util::either::Either;

use crate::command_line::{Digests, Plan};
use crate::exit::{Conclusion, Exit};
use crate::files::{Replacement, SideOutputs, Version, Writer, open_regular};
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
            if ending != Ending::Finished {
                all.ending = ending;
            }
            if let Ending::Interrupted | Ending::Stopped = ending {
                break;
            }
        }
        all
    }

    async fn rewrite(&self, path: &Path) -> Conclusion {
        let name: Arc<str> = path.to_string_lossy().into();
        let Rewrite { input, outputs, replacement, version } = match self.open(path, &name) {
            Ok(rewrite) => rewrite,
            Err(error) => return self.fail(&error),
        };
        let before = self.control.summary();
        let (chain, options) = (Arc::clone(&self.plan.chain), self.plan.options.clone());
        let inputs = std::iter::once(Ok(input));
        let outcome = pipeline::run_under(self.control.clone(), inputs, outputs, chain, options, self.observer.clone()).await;

        let exit = self.printer.errors(&outcome.errors);
        if let Some(Reason { why, exit: least }) = self.reason_to_leave(&outcome, &before, &replacement, version) {
            self.control.take_back_written(&before);
            self.printer.line(format_args!("provfilter: {}: left unchanged: {why}", Escaped::path(&name, LONGEST_NAME)));
            return Conclusion { exit: exit.max(least), ending: outcome.ending };
        }
        match self.put_in_place(replacement, &name, &before) {
            Ok(()) => Conclusion { exit, ending: outcome.ending },
            Err(error) => self.fail(&error),
        }
    }

    /// Takes the last steps, none of which may come before those ahead of it: what was taken out of the file is on the disk before the
    /// file is replaced.
    fn put_in_place(&self, replacement: Replacement, name: &Arc<str>, before: &Summary) -> Result<(), Error> {
        let failed = |source| Error::Write { output: Arc::clone(name), source };
        let kept = || self.keep_as.map_or(Ok(()), |suffix| replacement.keep_old(suffix)).map_err(failed);
        let ready = self.sides.sync().and_then(|()| kept());
        let placed = ready.and_then(|()| replacement.put_in_place().map_err(failed));
        if placed.is_err() {
            self.control.take_back_written(before);
        }
        placed?.sync().map_err(failed)
    }

    fn open(&self, path: &Path, name: &Arc<str>) -> Result<Rewrite, Error> {
        let unreadable = |source| Error::Read { file: Arc::clone(name), source };
        let failed = |source| Error::Write { output: Arc::clone(name), source };
        let file = open_regular(path).map_err(unreadable)?;
        if let Some(format) = Compression::of_name(path) {
            return Err(Error::Compressed { file: Arc::clone(name), format });
        }
        let version = Version::of(&file.metadata().map_err(unreadable)?);
        let replacement = Replacement::of(path).map_err(failed)?;
        let new = replacement.file().try_clone().map_err(failed)?;
        let outputs = self.sides.with(Output::new(Arc::clone(name), Either::Left(Descriptor::new(new))))?;
        let input = Input::new(Arc::clone(name), Descriptor::new(file));
        let input = if self.plan.digests == Digests::Take { input.hashed() } else { input };
        Ok(Rewrite { input, outputs, replacement, version })
    }

    /// Why a file is not replaced: something would be lost.
    fn reason_to_leave(
        &self,
        outcome: &Outcome<Writer>,
        before: &Summary,
        replacement: &Replacement,
        version: Version,
    ) -> Option<Reason> {
        match outcome.ending {
            Ending::Interrupted => return Some(Reason::fault("the run was interrupted")),
            Ending::Stopped => return Some(Reason::fault("it has a faulty line")),
            Ending::Finished | Ending::Failed => {}
        }
        if !outcome.errors.is_empty() {
            return Some(Reason::fault("it could not be read or written completely"));
        }
        let rejected = outcome.summary.rejected - before.rejected;
        if rejected > 0 && !self.sides.keep_rejects() && self.plan.options.on_fault == OnFault::Reject {
            let lines = if rejected == 1 { "line" } else { "lines" };
            return Some(Reason::fault(format!(
                "{rejected} faulty {lines} would be lost\nhint: keep faulty lines with --rejects FILE, or in the file itself with --on-error pass"
            )));
        }
        match fs::metadata(replacement.path()) {
            Ok(now) if Version::of(&now) == version => None,
            Ok(_) => Some(Reason::failure("it was changed or replaced during the run\nhint: run provfilter again")),
            Err(_) => Some(Reason::failure("it was moved or removed during the run")),
        }
    }

    fn fail(&self, error: &Error) -> Conclusion {
        self.printer.error(error);
        Conclusion { exit: Exit::Failure, ending: Ending::Failed }
    }
}

/// How many characters of a file's name are shown.
const LONGEST_NAME: usize = 200;

/// Why a file is left as it was, and the status that it leads to at least.
struct Reason {
    why: String,
    exit: Exit,
}

impl Reason {
    /// Something in the run's input or from outside, which has a status of its own as well.
    fn fault(why: impl Into<String>) -> Self {
        Self { why: why.into(), exit: Exit::Faults }
    }

    /// The file cannot be written.
    fn failure(why: impl Into<String>) -> Self {
        Self { why: why.into(), exit: Exit::Failure }
    }
}

/// A file with what it takes to rewrite it.
struct Rewrite {
    input: Input<Descriptor>,
    outputs: Outputs<Writer>,
    replacement: Replacement,
    /// The file as it was when it was opened.
    version: Version,
}
