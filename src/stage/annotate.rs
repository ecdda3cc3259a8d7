//! Annotate: fills in what provenance lacks, and never changes what is there.

use super::fill::{Change, Filler};
use super::{Needs, Stage, Step, Values, Verdict};
use crate::fault::Fault;
use crate::record::Record;
use crate::report::StageRecord;
use crate::summary::Summary;
use crate::value::Batch;

/// Fills what is missing in each record's provenance.
///
/// A member is missing if it is absent, null or an empty string; what is there is never changed. New members are added in the order
/// `source`, `model`, `source_session_id`, `timestamp`, `approved`; the last is true, or false if the record is excluded.
#[derive(Debug, Clone)]
pub struct Annotate {
    values: Values,
}

impl Annotate {
    /// Fills with these values.
    #[must_use]
    pub fn new(values: Values) -> Self {
        Self { values }
    }
}

impl Stage for Annotate {
    fn begin<'s>(&'s self, batch: &Batch<'_>) -> Box<dyn Step + 's> {
        Box::new(AnnotateStep { filler: Filler::new(&self.values, batch), last: Change::Nothing, annotated: 0 })
    }

    fn needs(&self) -> Needs {
        self.values.needs()
    }

    fn describe(&self) -> StageRecord {
        self.values.describe("annotate")
    }
}

struct AnnotateStep<'s> {
    filler: Filler<'s>,
    /// What was done to the record that was last applied.
    last: Change,
    annotated: u64,
}

impl Step for AnnotateStep<'_> {
    fn apply(&mut self, record: &mut Record<'_>) -> Result<Verdict, Fault> {
        self.last = self.filler.fill(record)?;
        Ok(Verdict::Sound)
    }

    fn accept(&mut self) {
        self.annotated += u64::from(self.last == Change::Filled);
        self.filler.accept();
    }

    fn count(&self, summary: &mut Summary) {
        summary.annotated += self.annotated;
        self.filler.count(summary);
    }
}
