//! Uniform: gives every row of the output the same provenance members, for readers that want one shape.

use super::{Batch, Effect, Stage, Step};
use crate::fault::Fault;
use crate::provenance::Field;
use crate::record::Record;

/// Adds each absent member with its empty value, an empty string or false, so that all seven are there.
#[derive(Debug, Clone, Copy, Default)]
pub struct Uniform;

impl Stage for Uniform {
    fn begin<'s>(&'s self, _: &Batch<'_>) -> Box<dyn Step + 's> {
        Box::new(|record: &mut Record<'_>| -> Result<Effect, Fault> {
            for field in Field::ALL {
                if record.provenance().get(field).is_none() {
                    record.set(field, field.empty_value());
                }
            }
            Ok(Effect::None)
        })
    }
}
