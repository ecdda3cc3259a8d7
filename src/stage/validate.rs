//! Validate: finds what is wrong with the provenance of a record that is written. What can be wrong is in `provenance`.

use std::collections::BTreeMap;

use super::{Stage, Step, Verdict};
use crate::fault::Fault;
use crate::provenance::{Field, Problem, Sources};
use crate::record::Record;
use crate::report::StageRecord;
use crate::value::Batch;

/// Checks each record's provenance. An invalid one is a fault, but the record is still written.
#[derive(Debug, Clone, Default)]
pub struct Validate {
    sources: Sources,
    /// Members that are required besides the usual ones.
    required: Vec<String>,
}

impl Validate {
    /// Validates with these allowed sources.
    #[must_use]
    pub fn new(sources: Sources) -> Self {
        Self { sources, required: Vec::new() }
    }

    /// Requires these members, too, to be present and not empty.
    #[must_use]
    pub fn requiring(mut self, members: impl IntoIterator<Item = String>) -> Self {
        let is_new = |member: &String| !Field::REQUIRED.iter().any(|field| field.name() == member);
        self.required.extend(members.into_iter().filter(is_new));
        self
    }
}

impl Stage for Validate {
    fn begin<'s>(&'s self, _: &Batch<'_>) -> Box<dyn Step + 's> {
        Box::new(|record: &mut Record<'_>| -> Result<Verdict, Fault> {
            let problems = Problem::find(record.provenance(), &self.sources, &self.required);
            Ok(if problems.is_empty() { Verdict::Sound } else { Verdict::Invalid(Fault::invalid(&problems)) })
        })
    }

    fn describe(&self) -> StageRecord {
        let sources = self.sources.names().map(ToOwned::to_owned).collect();
        let mut values = BTreeMap::from([("allowed_sources".to_owned(), sources)]);
        if !self.required.is_empty() {
            values.insert("required".to_owned(), self.required.clone());
        }
        StageRecord { name: "validate".to_owned(), values }
    }
}
