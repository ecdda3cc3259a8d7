//! Backfill: annotates records that lack a source or a model, and leaves all others alone.

use super::fill::{Filled, Filler};
use super::{Batch, Effect, Needs, Stage, Step, Values};
use crate::fault::Fault;
use crate::provenance::Field;
use crate::record::Record;
use crate::summary::Summary;

/// Annotates the records that lack a source or a model. Any other passes untouched, whatever else it lacks.
#[derive(Debug, Clone)]
pub struct Backfill {
    values: Values,
}

impl Backfill {
    /// Backfills with these values.
    #[must_use]
    pub fn new(values: Values) -> Self {
        Self { values }
    }
}

impl Stage for Backfill {
    fn begin<'s>(&'s self, batch: &Batch<'_>) -> Box<dyn Step + 's> {
        Box::new(BackfillStep(Filler::new(&self.values, batch)))
    }

    fn needs(&self) -> Needs {
        self.values.needs()
    }
}

struct BackfillStep<'s>(Filler<'s>);

impl Step for BackfillStep<'_> {
    fn apply(&mut self, record: &mut Record<'_>) -> Result<Effect, Fault> {
        let provenance = record.provenance();
        let has_both = !provenance.is_missing(Field::Source) && !provenance.is_missing(Field::Model);
        if has_both || self.0.fill(record)? == Filled::Nothing {
            return Ok(Effect::None);
        }
        Ok(Effect::Backfilled)
    }

    fn count(&self, summary: &mut Summary) {
        self.0.count(summary);
    }
}
