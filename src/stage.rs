//! What is done to each record: the `Stage` trait, and the chain that runs one stage after the other.
//!
//! All workers share a stage. For each batch of lines it makes a [`Step`], which holds whatever can be worked out once for the batch, and
//! which counts. Only records that pass the whole chain are counted.

mod all_fields;
mod annotate;
mod backfill;
mod exclude;
mod fill;
mod rescreen;
mod validate;

pub use all_fields::AllFields;
pub use annotate::Annotate;
pub use backfill::Backfill;
pub use exclude::Exclude;
pub use fill::Values;
pub use rescreen::Rescreen;
pub use validate::Validate;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::fault::Fault;
use crate::member::MemberPath;
use crate::record::{Record, Wanted};
use crate::report::{RuleRecord, StageRecord};
use crate::summary::Summary;
use crate::value::Batch;

/// What a stage looks at in a record besides its provenance. It is found while the record is parsed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Needs {
    /// Top-level members of the record.
    pub(crate) members: Wanted,
    /// Whether it uses [`Record::number`], the number of the line in its input.
    pub line_numbers: bool,
}

impl Needs {
    /// Adds a top-level member, which makes [`Record::look_up`] in it fast.
    #[must_use]
    pub fn member(mut self, name: &str) -> Self {
        self.members.add(name);
        self
    }
}

/// A step over each record: annotating, for example, or one of your own.
///
/// A stage does no I/O and reads no clock; the time is in its [`Batch`].
///
/// ```
/// use provfilter::fault::Fault;
/// use provfilter::json::Json;
/// use provfilter::provenance::Field;
/// use provfilter::record::Record;
/// use provfilter::stage::{Stage, Step, Verdict};
/// use provfilter::value::Batch;
///
/// /// Leaves the approval of new records to a person.
/// struct AwaitReview;
///
/// impl Stage for AwaitReview {
///     fn begin<'s>(&'s self, _: &Batch<'_>) -> Box<dyn Step + 's> {
///         Box::new(|record: &mut Record<'_>| -> Result<Verdict, Fault> {
///             if record.provenance().is_missing(Field::Approved) {
///                 record.set(Field::Approved, Json::FALSE);
///             }
///             Ok(Verdict::Sound)
///         })
///     }
/// }
/// ```
pub trait Stage: Send + Sync {
    /// Makes a step for a batch of lines. It is called with each record of the batch in turn.
    fn begin<'s>(&'s self, batch: &Batch<'_>) -> Box<dyn Step + 's>;

    /// What the stage looks at in records besides their provenance. Without it [`Record::look_up`] is slower, and there is no
    /// [`Record::number`].
    fn needs(&self) -> Needs {
        Needs::default()
    }

    /// What the stage was asked to do, for the report.
    fn describe(&self) -> StageRecord {
        StageRecord { name: "custom".to_owned(), values: BTreeMap::new() }
    }

    /// The rules by which the stage excludes records, for the report.
    fn rules(&self) -> Vec<RuleRecord> {
        Vec::new()
    }
}

/// A stage at work on a batch of lines. A closure over a record is a step.
pub trait Step {
    /// Takes the step.
    ///
    /// # Errors
    ///
    /// The fault that the step finds. The record goes no further and counts as faulty.
    fn apply(&mut self, record: &mut Record<'_>) -> Result<Verdict, Fault>;

    /// The last record has passed the whole chain, so what was done to it counts. Not called if this stage or a later one found it faulty.
    fn accept(&mut self) {}

    /// After the last record of the batch, and when all batches before it in the input are settled: whether what the step made of its
    /// records is still right. Steps look at each record by itself, but for a few.
    fn stands(&self) -> bool {
        true
    }

    /// After the last record of the batch, if all that the steps made of it stands: makes what the step has learned of its records known to
    /// the batches behind it.
    fn settle(&mut self) {}

    /// Adds what was counted to the summary, after the batch is settled.
    fn count(&self, summary: &mut Summary) {
        let _ = summary;
    }
}

impl<F: FnMut(&mut Record<'_>) -> Result<Verdict, Fault>> Step for F {
    fn apply(&mut self, record: &mut Record<'_>) -> Result<Verdict, Fault> {
        self(record)
    }
}

/// Whether what the steps made of the records of a batch is right, now that all earlier ones are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It is.
    Stands,
    /// It is not: the batch is to be worked on anew, with steps of its own, before another batch is settled.
    Anew,
}

/// What a step makes of a record that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is wrong with it.
    Sound,
    /// This stage has excluded it. It is marked and goes on.
    Excluded(Exclusion),
    /// It is faulty, but is still written.
    Invalid(Fault),
}

/// Why a record was excluded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// The reason of the rule.
    pub reason: Arc<str>,
    /// What was found, in words, if the rule can tell.
    pub found: Option<String>,
}

/// What all steps make of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// The exclusion, if a stage excluded the record.
    pub excluded: Option<Exclusion>,
    /// The fault, if the record is written in spite of it.
    pub invalid: Option<Fault>,
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

    /// Keeps the provenance elsewhere than in the top-level member `provenance`.
    #[must_use]
    pub fn with_provenance_at(mut self, path: MemberPath) -> Self {
        self.needs.members.set_provenance(path);
        self
    }

    /// What its stages look at in records besides their provenance.
    #[must_use]
    pub fn needs(&self) -> &Needs {
        &self.needs
    }

    /// What the stages were asked to do.
    #[must_use]
    pub fn describe(&self) -> Vec<StageRecord> {
        self.stages.iter().map(|stage| stage.describe()).collect()
    }

    /// The rules by which the stages exclude records, in the order in which they are tried.
    #[must_use]
    pub fn rules(&self) -> Vec<RuleRecord> {
        self.stages.iter().flat_map(|stage| stage.rules()).collect()
    }

    /// Makes a step of each stage for a batch of lines.
    #[must_use]
    pub fn begin(&self, batch: &Batch<'_>) -> Steps<'_> {
        Steps(self.stages.iter().map(|stage| stage.begin(batch)).collect())
    }
}

/// A chain at work on a batch of lines.
pub struct Steps<'s>(Vec<Box<dyn Step + 's>>);

impl Steps<'_> {
    /// Takes one step after the other.
    ///
    /// # Errors
    ///
    /// The first fault that a step finds. The record may be half changed and must not be written.
    pub fn apply(&mut self, record: &mut Record<'_>) -> Result<Verdicts, Fault> {
        let mut verdicts = Verdicts::default();
        for step in &mut self.0 {
            match step.apply(record)? {
                Verdict::Sound => {}
                Verdict::Excluded(exclusion) => verdicts.excluded = Some(exclusion),
                Verdict::Invalid(fault) => verdicts.invalid = Some(fault),
            }
        }
        Ok(verdicts)
    }

    /// The record that was last applied goes out, so that what was done to it counts.
    pub fn accept(&mut self) {
        self.0.iter_mut().for_each(|step| step.accept());
    }

    /// After the last record of the batch, and when all batches before it in the input are settled: has the steps make known to the batches
    /// behind it what they have learned of its records.
    pub fn settle(&mut self) -> Settled {
        if !self.0.iter().all(|step| step.stands()) {
            return Settled::Anew;
        }
        self.0.iter_mut().for_each(|step| step.settle());
        Settled::Stands
    }

    /// After the last record of the batch, which is settled, adds what was counted to the summary.
    pub fn count(&self, summary: &mut Summary) {
        self.0.iter().for_each(|step| step.count(summary));
    }
}
