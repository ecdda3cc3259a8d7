//! What is done to each record: the `Stage` trait, and the chain that runs one stage after the other.
//!
//! A stage does no I/O and reads no clock. It is shared by all workers, and makes itself ready for each batch of lines: what it
//! needs for the batch is put together once, not for each record.

mod annotate;
mod backfill;
mod exclude;
mod fill;
mod uniform;
mod validate;

pub use annotate::Annotate;
pub use backfill::Backfill;
pub use exclude::Exclude;
pub use fill::Values;
pub use uniform::Uniform;
pub use validate::Validate;

use crate::fault::Fault;
use crate::record::{Record, Wanted};
use crate::summary::Summary;
use crate::timestamp::Timestamp;

/// What the lines of a batch have in common.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'b> {
    /// The time at which the batch is worked on, in whole seconds.
    pub now: Timestamp,
    /// The name of the file that the lines are from; `-` for standard input.
    pub file: &'b str,
}

/// What a stage looks at in a record besides its provenance, so that it is noted while the record is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Members of the record.
    pub members: Wanted,
    /// The number of the line in its file.
    pub line_numbers: bool,
}

/// One step over a record.
///
/// ```
/// use provfilter::{Batch, Effect, Field, Json, Stage, Step};
///
/// /// Approves nothing by itself.
/// struct AwaitReview;
///
/// impl Stage for AwaitReview {
///     fn begin<'s>(&'s self, _: &Batch<'_>) -> Box<dyn Step + 's> {
///         Box::new(|record: &mut provfilter::Record<'_>| {
///             if record.provenance().is_missing(Field::Approved) {
///                 record.set(Field::Approved, Json::FALSE);
///             }
///             Ok(Effect::None)
///         })
///     }
/// }
/// ```
pub trait Stage: Send + Sync {
    /// Makes ready for a batch of lines. The step is called with each record of the batch in turn.
    fn begin<'s>(&'s self, batch: &Batch<'_>) -> Box<dyn Step + 's>;

    /// What the stage looks at in records besides their provenance.
    fn needs(&self) -> Needs {
        Needs::default()
    }
}

/// A stage made ready for a batch of lines. Closures over a record are steps.
pub trait Step {
    /// Takes the step.
    ///
    /// # Errors
    ///
    /// The fault that the step finds in the record, which ends its way through the chain and counts it as faulty.
    fn apply(&mut self, record: &mut Record<'_>) -> Result<Effect, Fault>;

    /// After the last record of the batch, adds to the summary what the stage alone has counted.
    fn count(&self, summary: &mut Summary) {
        let _ = summary;
    }
}

impl<F: FnMut(&mut Record<'_>) -> Result<Effect, Fault>> Step for F {
    fn apply(&mut self, record: &mut Record<'_>) -> Result<Effect, Fault> {
        self(record)
    }
}

/// What a step did, as far as it is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Nothing that has a count of its own.
    None,
    /// The record was annotated.
    Annotated,
    /// The record was backfilled.
    Backfilled,
    /// The record is faulty, but goes on and out.
    Invalid(Fault),
}

/// The stages of a run, in their order.
#[derive(Default)]
pub struct Chain {
    stages: Vec<Box<dyn Stage>>,
    needs: Needs,
}

impl Chain {
    /// A chain without stages: records pass through unchanged.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a stage behind the others.
    #[must_use]
    pub fn with(mut self, stage: impl Stage + 'static) -> Self {
        let Needs { members, line_numbers } = stage.needs();
        self.needs.members.add_all(&members);
        self.needs.line_numbers |= line_numbers;
        self.stages.push(Box::new(stage));
        self
    }

    /// What its stages look at in records besides their provenance.
    #[must_use]
    pub fn needs(&self) -> &Needs {
        &self.needs
    }

    /// Makes all stages ready for a batch of lines.
    #[must_use]
    pub fn begin(&self, batch: &Batch<'_>) -> Steps<'_> {
        Steps(self.stages.iter().map(|stage| stage.begin(batch)).collect())
    }
}

/// A chain made ready for a batch of lines.
pub struct Steps<'s>(Vec<Box<dyn Step + 's>>);

impl Steps<'_> {
    /// Takes one step after the other, and hands what each did to `on_effect`.
    ///
    /// # Errors
    ///
    /// The first fault that a step finds. The record may be half way through, and is not to be written.
    pub fn apply(&mut self, record: &mut Record<'_>, mut on_effect: impl FnMut(Effect)) -> Result<(), Fault> {
        for step in &mut self.0 {
            on_effect(step.apply(record)?);
        }
        Ok(())
    }

    /// After the last record of the batch, adds what the stages alone have counted.
    pub fn count(&self, summary: &mut Summary) {
        self.0.iter().for_each(|step| step.count(summary));
    }
}
