//! Filling what provenance lacks, with the values that flags and layouts give: what annotate and backfill have in common.

use std::rc::Rc;

use super::{Batch, Needs};
use crate::escape::Escaped;
use crate::fault::{Code, Fault};
use crate::provenance::{Field, Sources};
use crate::record::{Json, Prepared, Record};
use crate::summary::{Summary, Times};
use crate::timestamp::{Origin, Timestamp, Zone};
use crate::value::{Alternatives, Value};

/// The values to fill provenance with.
///
/// A source or a model that resolves for none of its alternatives is a fault of the record, and so is a source that is not allowed. A
/// session or a time that does not resolve, or a time that cannot be read, stays missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// For `source`.
    pub source: Alternatives,
    /// For `model`.
    pub model: Alternatives,
    /// For `source_session_id`.
    pub session_id: Alternatives,
    /// For `timestamp`. Times are read as [`Timestamp::read`] does, and written in UTC.
    pub timestamp: Alternatives,
    /// The zone of times that carry none.
    pub zone: Zone,
    /// The names that a source may have.
    pub sources: Sources,
}

impl Values {
    /// The values for a source and a model, captured now, in a session that nobody knows.
    #[must_use]
    pub fn new(source: impl Into<Alternatives>, model: impl Into<Alternatives>) -> Self {
        Self {
            source: source.into(),
            model: model.into(),
            session_id: Alternatives::default(),
            timestamp: Value::now().into(),
            zone: Zone::default(),
            sources: Sources::default(),
        }
    }

    /// What the values look at in records.
    pub(super) fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        for value in self.fields().into_iter().flat_map(|(_, alternatives)| &alternatives.0) {
            value.add_wanted(&mut needs.members);
            needs.line_numbers |= value.needs_line_numbers();
        }
        needs
    }

    /// The fields in the order in which missing ones are added.
    fn fields(&self) -> [(Field, &Alternatives); 4] {
        [
            (Field::Source, &self.source),
            (Field::Model, &self.model),
            (Field::SourceSessionId, &self.session_id),
            (Field::Timestamp, &self.timestamp),
        ]
    }
}

/// Values made ready for a batch of lines.
pub(super) struct Filler<'v> {
    values: &'v Values,
    slots: [Slot<'v>; 4],
    /// What a record without provenance gets, where that is the same for all of the batch; and how many got it.
    prepared: Option<(Rc<Prepared>, u64)>,
    times: Times,
}

/// A field, and what it may be filled with.
struct Slot<'v> {
    field: Field,
    choices: Vec<Choice<'v>>,
}

struct Choice<'v> {
    /// As it was written.
    value: &'v Value,
    filling: Filling,
    taken: u64,
}

/// What a choice is for the records of a batch.
enum Filling {
    /// The same for all of them.
    Fixed(Found<'static>),
    /// To be looked up in each.
    Each(Value),
}

/// What a value resolved to, and for a time how it was found.
#[derive(Clone)]
struct Found<'a> {
    /// Nothing for a time that cannot be read.
    json: Option<Json<'a>>,
    time: Option<TimeFound>,
}

#[derive(Clone, Copy)]
enum TimeFound {
    Read,
    Assumed,
    Stamped,
    Unreadable,
}

impl<'v> Filler<'v> {
    pub(super) fn new(values: &'v Values, batch: &Batch<'_>) -> Self {
        let slots = values.fields().map(|(field, alternatives)| Slot::new(field, alternatives, values.zone, batch));
        let prepared = prepare(&slots, &values.sources).map(|prepared| (Rc::new(prepared), 0));
        Self { values, slots, prepared, times: Times::default() }
    }

    /// Fills what the record lacks.
    pub(super) fn fill(&mut self, record: &mut Record<'_>) -> Result<Filled, Fault> {
        if record.provenance().is_empty()
            && let Some((prepared, count)) = &mut self.prepared
        {
            *count += 1;
            record.adopt(prepared);
            return Ok(Filled::Something);
        }
        let filled = self.fill_slots(record)?;
        if !record.provenance().is_missing(Field::Approved) {
            return Ok(filled);
        }
        let is_excluded = record.provenance().is_set(Field::Excluded);
        record.set(Field::Approved, if is_excluded { Json::FALSE } else { Json::TRUE });
        Ok(Filled::Something)
    }

    fn fill_slots(&mut self, record: &mut Record<'_>) -> Result<Filled, Fault> {
        let mut filled = Filled::Nothing;
        // Counted when all is filled, because a record with a fault takes nothing.
        let mut taken = [None; 4];
        for (slot, taken) in self.slots.iter().zip(&mut taken) {
            if !record.provenance().is_missing(slot.field) {
                continue;
            }
            let Some((position, found)) = slot.find(record, self.values.zone) else {
                slot.may_stay_missing()?;
                continue;
            };
            if slot.field == Field::Source {
                check_source(found.json.as_ref(), &self.values.sources)?;
            }
            *taken = Some((position, found.time));
            if let Some(json) = found.json {
                record.set(slot.field, json);
                filled = Filled::Something;
            }
        }
        for (slot, taken) in self.slots.iter_mut().zip(taken) {
            if let Some((position, time)) = taken {
                slot.choices[position].taken += 1;
                count_time(&mut self.times, time, 1);
            }
        }
        Ok(filled)
    }

    /// Adds what was taken to the summary.
    pub(super) fn count(&self, summary: &mut Summary) {
        let mut times = self.times;
        let prepared = self.prepared.as_ref().map_or(0, |(_, count)| *count);
        for slot in &self.slots {
            for (position, choice) in slot.choices.iter().enumerate() {
                let of_prepared = if position == 0 { prepared } else { 0 };
                summary.taken.add(slot.field, &choice.value.to_string(), choice.taken + of_prepared);
                if let Filling::Fixed(found) = &choice.filling {
                    count_time(&mut times, found.time, of_prepared);
                }
            }
        }
        summary.times += times;
    }
}

/// Whether a record's provenance was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filled {
    Something,
    Nothing,
}

impl<'v> Slot<'v> {
    fn new(field: Field, alternatives: &'v Alternatives, zone: Zone, batch: &Batch<'_>) -> Self {
        let choice = |value: &'v Value| Choice { value, filling: Filling::new(field, value, zone, batch), taken: 0 };
        Self { field, choices: alternatives.0.iter().map(choice).collect() }
    }

    /// The first choice that resolves, and what to.
    fn find<'a>(&self, record: &Record<'a>, zone: Zone) -> Option<(usize, Found<'a>)> {
        self.choices.iter().enumerate().find_map(|(position, choice)| {
            let found = match &choice.filling {
                Filling::Fixed(found) => found.clone(),
                Filling::Each(value) => Found::new(self.field, value.resolve(record)?, zone),
            };
            Some((position, found))
        })
    }

    /// The first choice resolves to this for every record of the batch.
    fn fixed(&self) -> Option<&Found<'static>> {
        match &self.choices.first()?.filling {
            Filling::Fixed(found) => Some(found),
            Filling::Each(_) => None,
        }
    }

    /// A source and a model are needed, where there is something to take them from.
    fn may_stay_missing(&self) -> Result<(), Fault> {
        if self.choices.is_empty() || !matches!(self.field, Field::Source | Field::Model) {
            return Ok(());
        }
        let tried = self.choices.iter().map(|choice| choice.value.to_string()).collect::<Vec<_>>().join(", ");
        let tried = Escaped::new(&tried, 200);
        Err(Fault::new(Code::UnresolvedValue, format!("no {}: the record has nothing for {tried}", self.field.name())))
    }
}

impl Filling {
    fn new(field: Field, value: &Value, zone: Zone, batch: &Batch<'_>) -> Self {
        let ready = value.in_batch(batch);
        match ready.as_literal() {
            Some(text) if value.is_now() => Self::Fixed(Found { json: Some(Json::text(text)), time: Some(TimeFound::Stamped) }),
            Some(text) => Self::Fixed(Found::new(field, Json::text(text), zone)),
            None => Self::Each(ready),
        }
    }
}

impl<'a> Found<'a> {
    fn new(field: Field, json: Json<'a>, zone: Zone) -> Self {
        if field != Field::Timestamp {
            return Self { json: Some(json), time: None };
        }
        let read = json.as_text().and_then(|text| Timestamp::read(&text, zone));
        let Some((time, origin)) = read else {
            return Self { json: None, time: Some(TimeFound::Unreadable) };
        };
        let found = match origin {
            Origin::Stated => TimeFound::Read,
            Origin::Assumed => TimeFound::Assumed,
        };
        Self { json: Some(Json::text(&time.to_string())), time: Some(found) }
    }
}

/// What a record without provenance gets, if that is the same for all of the batch.
fn prepare(slots: &[Slot<'_>; 4], sources: &Sources) -> Option<Prepared> {
    let filled: Vec<_> = slots.iter().filter(|slot| !slot.choices.is_empty()).collect();
    let fixed = filled.iter().map(|slot| Some((slot.field, slot.fixed()?))).collect::<Option<Vec<_>>>()?;
    let source = fixed.iter().find(|(field, _)| *field == Field::Source);
    check_source(source.and_then(|(_, found)| found.json.as_ref()), sources).ok()?;
    let members = fixed.into_iter().filter_map(|(field, found)| Some((field, found.json.clone()?)));
    Some(Prepared::new(members.chain([(Field::Approved, Json::TRUE)])))
}

fn check_source(source: Option<&Json<'_>>, sources: &Sources) -> Result<(), Fault> {
    let Some(name) = source.and_then(Json::as_text).filter(|name| !sources.contains(name)) else {
        return Ok(());
    };
    let allowed = sources.names().collect::<Vec<_>>().join(", ");
    let message = format!("`{}` is not an allowed source: allowed are {allowed}", Escaped::new(&name, 80));
    Err(Fault::new(Code::UnknownSource, message))
}

fn count_time(times: &mut Times, time: Option<TimeFound>, count: u64) {
    match time {
        Some(TimeFound::Read) => times.read += count,
        Some(TimeFound::Assumed) => times.assumed += count,
        Some(TimeFound::Stamped) => times.stamped += count,
        Some(TimeFound::Unreadable) => times.unreadable += count,
        None => {}
    }
}
