//! Annotate: fills what provenance lacks, and never changes what is there.

use super::fill::{Filled, Filler};
use super::{Batch, Effect, Needs, Stage, Step, Values};
use crate::fault::Fault;
use crate::record::Record;
use crate::summary::Summary;

/// Fills what is missing in each record's provenance.
///
/// Missing is what is absent, null or an empty string. New members come in the order `source`, `model`, `source_session_id`,
/// `timestamp`, `approved`; the last is true, or false for a record that is excluded.
#[derive(Debug, Clone)]
pub struct Annotate {
    values: Values,
}

impl Annotate {
    /// Annotates with these values.
    #[must_use]
    pub fn new(values: Values) -> Self {
        Self { values }
    }
}

impl Stage for Annotate {
    fn begin<'s>(&'s self, batch: &Batch<'_>) -> Box<dyn Step + 's> {
        Box::new(AnnotateStep(Filler::new(&self.values, batch)))
    }

    fn needs(&self) -> Needs {
        self.values.needs()
    }
}

struct AnnotateStep<'s>(Filler<'s>);

impl Step for AnnotateStep<'_> {
    fn apply(&mut self, record: &mut Record<'_>) -> Result<Effect, Fault> {
        match self.0.fill(record)? {
            Filled::Something => Ok(Effect::Annotated),
            Filled::Nothing => Ok(Effect::None),
        }
    }

    fn count(&self, summary: &mut Summary) {
        self.0.count(summary);
    }
}
