//! All fields: gives every row of the output the same provenance members, for readers that expect one shape.

use std::collections::BTreeMap;

use super::{Stage, Step, Verdict};
use crate::fault::Fault;
use crate::provenance::Field;
use crate::record::Record;
use crate::report::StageRecord;
use crate::value::Batch;

/// Adds each absent member with its empty value, an empty string or false, so that all seven are there.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct AllFields;

impl AllFields {
    /// The stage.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl Stage for AllFields {
    fn begin<'s>(&'s self, _: &Batch<'_>) -> Box<dyn Step + 's> {
        Box::new(|record: &mut Record<'_>| -> Result<Verdict, Fault> {
            for field in Field::ALL {
                if record.provenance().get(field).is_none() {
                    record.set(field, field.empty_value());
                }
            }
            Ok(Verdict::Sound)
        })
    }

    fn describe(&self) -> StageRecord {
        StageRecord { name: "all-fields".to_owned(), values: BTreeMap::new() }
    }
}
