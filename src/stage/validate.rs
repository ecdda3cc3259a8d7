//! Validate: finds what is wrong with the provenance of a record that goes out. What can be wrong is told in `provenance`.

use super::{Stage, Step, Verdict};
use crate::fault::Fault;
use crate::provenance::{Problem, Sources};
use crate::record::Record;
use crate::report::StageRecord;
use crate::value::Batch;

/// Checks each record's provenance. Invalid ones are faulty, but still go out.
#[derive(Debug, Clone, Default)]
pub struct Validate {
    sources: Sources,
}

impl Validate {
    /// Validates with these names for sources.
    #[must_use]
    pub fn new(sources: Sources) -> Self {
        Self { sources }
    }
}

impl Stage for Validate {
    fn begin<'s>(&'s self, _: &Batch<'_>) -> Box<dyn Step + 's> {
        Box::new(|record: &mut Record<'_>| -> Result<Verdict, Fault> {
            let problems = Problem::find(record.provenance(), &self.sources);
            Ok(if problems.is_empty() { Verdict::Sound } else { Verdict::Invalid(Fault::invalid(&problems)) })
        })
    }

    fn describe(&self) -> StageRecord {
        let sources = self.sources.names().map(ToOwned::to_owned).collect();
        StageRecord { name: "validate".to_owned(), values: [("allowed_sources".to_owned(), sources)].into() }
    }
}
