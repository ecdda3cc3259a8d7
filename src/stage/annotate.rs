//! Annotate: fills what provenance lacks, and never changes what is there.

use std::rc::Rc;

use super::{Batch, Effect, Stage, Step};
use crate::fault::Fault;
use crate::provenance::Field;
use crate::record::{Json, Prepared, Record};
use crate::value::Value;

/// The values to fill provenance with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// For `source`.
    pub source: Value,
    /// For `model`.
    pub model: Value,
    /// For `source_session_id`, which stays missing without one.
    pub session_id: Option<Value>,
    /// For `timestamp`.
    pub timestamp: Value,
}

impl Values {
    /// The values for a source and a model, captured now, in a session that nobody knows.
    #[must_use]
    pub fn new(source: Value, model: Value) -> Self {
        Self { source, model, session_id: None, timestamp: Value::now() }
    }

    pub(super) fn begin(&self, batch: &Batch) -> Filler {
        let fields = [
            (Field::Source, Some(&self.source)),
            (Field::Model, Some(&self.model)),
            (Field::SourceSessionId, self.session_id.as_ref()),
            (Field::Timestamp, Some(&self.timestamp)),
        ];
        let resolved = |(field, value): (Field, Option<&Value>)| Some((field, Json::text(&value?.resolve(batch))));
        let values: Vec<_> = fields.into_iter().filter_map(resolved).collect();
        let approved = [(Field::Approved, Json::TRUE)];
        let prepared = Prepared::new(values.iter().cloned().chain(approved));
        Filler { values, prepared: Rc::new(prepared) }
    }
}

/// The values made ready for a batch of lines.
pub(super) struct Filler {
    values: Vec<(Field, Json<'static>)>,
    /// What a record without provenance gets.
    prepared: Rc<Prepared>,
}

impl Filler {
    pub(super) fn fill(&self, record: &mut Record<'_>) -> Filled {
        if record.provenance().is_empty() {
            record.adopt(&self.prepared);
            return Filled::Something;
        }
        let mut filled = Filled::Nothing;
        for (field, value) in &self.values {
            if record.provenance().is_missing(*field) {
                record.set(*field, value.clone());
                filled = Filled::Something;
            }
        }
        if record.provenance().is_missing(Field::Approved) {
            let is_excluded = record.provenance().is_set(Field::Excluded);
            record.set(Field::Approved, if is_excluded { Json::FALSE } else { Json::TRUE });
            filled = Filled::Something;
        }
        filled
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filled {
    Something,
    Nothing,
}

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
    fn begin<'s>(&'s self, batch: &Batch) -> Box<dyn Step + 's> {
        let filler = self.values.begin(batch);
        Box::new(move |record: &mut Record<'_>| -> Result<Effect, Fault> {
            match filler.fill(record) {
                Filled::Something => Ok(Effect::Annotated),
                Filled::Nothing => Ok(Effect::None),
            }
        })
    }
}
