//! Backfill: annotates records that lack a source or a model, and leaves all others alone.

use super::annotate::Filled;
use super::{Batch, Effect, Stage, Step, Values};
use crate::fault::Fault;
use crate::provenance::Field;
use crate::record::Record;

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
    fn begin<'s>(&'s self, batch: &Batch) -> Box<dyn Step + 's> {
        let filler = self.values.begin(batch);
        Box::new(move |record: &mut Record<'_>| -> Result<Effect, Fault> {
            let provenance = record.provenance();
            let has_both = !provenance.is_missing(Field::Source) && !provenance.is_missing(Field::Model);
            if has_both || filler.fill(record) == Filled::Nothing {
                return Ok(Effect::None);
            }
            Ok(Effect::Backfilled)
        })
    }
}
