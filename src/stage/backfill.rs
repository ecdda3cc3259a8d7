//! Backfill: annotates records that lack a source or a model, and leaves all others alone.

use super::fill::{Change, Filler};
use super::{Needs, Stage, Step, Values, Verdict};
use crate::fault::Fault;
use crate::provenance::Field;
use crate::record::Record;
use crate::report::StageRecord;
use crate::summary::Summary;
use crate::value::Batch;

/// Annotates records that lack a source or a model. Others pass untouched, whatever else they lack.
#[derive(Debug, Clone)]
pub struct Backfill {
    values: Values,
}

impl Backfill {
    /// Fills with these values.
    #[must_use]
    pub fn new(values: Values) -> Self {
        Self { values }
    }
}

impl Stage for Backfill {
    fn begin<'s>(&'s self, batch: &Batch<'_>) -> Box<dyn Step + 's> {
        Box::new(BackfillStep { filler: Filler::new(&self.values, batch), last: None, backfilled: 0 })
    }

    fn needs(&self) -> Needs {
        self.values.needs()
    }

    fn describe(&self) -> StageRecord {
        self.values.describe("backfill")
    }
}

struct BackfillStep<'s> {
    filler: Filler<'s>,
    /// What was done to the record that was last applied; `None` where it was left alone.
    last: Option<Change>,
    backfilled: u64,
}

impl Step for BackfillStep<'_> {
    fn apply(&mut self, record: &mut Record<'_>) -> Result<Verdict, Fault> {
        let provenance = record.provenance();
        let has_both = !provenance.is_missing(Field::Source) && !provenance.is_missing(Field::Model);
        self.last = if has_both { None } else { Some(self.filler.fill(record)?) };
        Ok(Verdict::Sound)
    }

    fn accept(&mut self) {
        if let Some(change) = self.last {
            self.backfilled += u64::from(change == Change::Filled);
            self.filler.accept();
        }
    }

    fn count(&self, summary: &mut Summary) {
        summary.backfilled += self.backfilled;
        self.filler.count(summary);
    }
}
