//! Counts the records of a block as they leave, without making a string for each.

use std::rc::Rc;

use super::{NameCounts, Summary};
use crate::json::Json;
use crate::provenance::{Field, Prepared, Provenance};
use crate::record::Record;
use crate::timestamp::{Notation, Timestamp, Zone};

/// A summary in the making.
///
/// Records that were given the same prepared provenance are only numbered, and counted together in the end.
#[derive(Default)]
pub(crate) struct Tally {
    summary: Summary,
    /// The zone of times that carry none.
    zone: Zone,
    prepared: Option<(Rc<Prepared>, u64)>,
    /// The timestamp that was read last, as it is spelled, because neighbours often have the same.
    last_timestamp: (String, Option<Timestamp>),
    sources: Spellings,
    models: Spellings,
}

impl Tally {
    /// An empty one, which reads times that carry no zone in this one.
    pub(crate) fn new(zone: Zone) -> Self {
        Self { zone, ..Self::default() }
    }

    /// The summary, for what is counted elsewhere.
    pub(crate) fn summary(&mut self) -> &mut Summary {
        &mut self.summary
    }

    /// Counts a record that leaves.
    pub(crate) fn count(&mut self, record: &Record<'_>) {
        self.summary.total += 1;
        self.summary.unchanged += u64::from(!record.is_changed());
        let provenance = record.provenance();
        match (provenance.prepared(), &mut self.prepared) {
            (Some(own), Some((last, count))) if Rc::ptr_eq(own, last) => *count += 1,
            (Some(own), _) => {
                let own = Rc::clone(own);
                self.count_prepared();
                self.prepared = Some((own, 1));
            }
            (None, _) => self.count_provenance(provenance, 1),
        }
    }

    /// The summary of what was counted.
    pub(crate) fn finish(mut self) -> Summary {
        self.count_prepared();
        self.sources.add_to(&mut self.summary.by_source);
        self.models.add_to(&mut self.summary.by_model);
        self.summary
    }

    fn count_prepared(&mut self) {
        if let Some((prepared, count)) = self.prepared.take() {
            self.count_provenance(&Provenance::of(prepared), count);
        }
    }

    /// Counts records that leave with this provenance.
    fn count_provenance(&mut self, provenance: &Provenance<'_>, count: u64) {
        let is_approved = provenance.is_set(Field::Approved);
        let is_excluded = provenance.is_set(Field::Excluded);
        let timestamp = self.read_timestamp(provenance);
        let summary = &mut self.summary;
        summary.approved += if is_approved { count } else { 0 };
        summary.excluded += if is_excluded { count } else { 0 };
        summary.covered += if is_approved || is_excluded { count } else { 0 };
        self.sources.count(provenance.get(Field::Source).as_ref(), count, &mut summary.by_source);
        self.models.count(provenance.get(Field::Model).as_ref(), count, &mut summary.by_model);
        if is_excluded {
            add_name(&mut summary.by_reason, provenance.get(Field::ExclusionReason).as_ref(), count);
        }
        let mut is_complete = true;
        for field in Field::REQUIRED {
            if provenance.is_missing(field) {
                summary.missing_fields.add(field, count);
                is_complete = false;
            }
        }
        summary.complete += if is_complete { count } else { 0 };
        if let Some(timestamp) = timestamp {
            summary.first_timestamp = Some(summary.first_timestamp.map_or(timestamp, |first| first.min(timestamp)));
            summary.last_timestamp = summary.last_timestamp.max(Some(timestamp));
        }
    }

    fn read_timestamp(&mut self, provenance: &Provenance<'_>) -> Option<Timestamp> {
        let value = provenance.get(Field::Timestamp)?;
        let (spelling, timestamp) = &mut self.last_timestamp;
        if spelling != value.spelling() {
            spelling.clear();
            spelling.push_str(value.spelling());
            *timestamp = read_time(&value, self.zone);
        }
        *timestamp
    }
}

/// Reads a capture time as the values for provenance are read.
fn read_time(value: &Json<'_>, zone: Zone) -> Option<Timestamp> {
    let read = match value.as_text() {
        Some(text) => Timestamp::read(&text, Notation::Text, zone),
        None => Timestamp::read(value.spelling(), Notation::Number, zone),
    };
    read.map(|(time, _)| time)
}

/// Counts of values by their spelling, for the few that come again and again. What they say is read once, in the end.
#[derive(Default)]
struct Spellings(Vec<(Box<str>, u64)>);

impl Spellings {
    /// How many spellings are kept. A search through more would take longer than reading the value.
    const MOST: usize = 8;

    /// Counts a value: by its spelling, or directly in `names` where there is no room for another one.
    fn count(&mut self, value: Option<&Json<'_>>, count: u64, names: &mut NameCounts) {
        let spelling = value.map_or("null", Json::spelling);
        if let Some((_, own)) = self.0.iter_mut().find(|(own, _)| **own == *spelling) {
            *own += count;
        } else if self.0.len() < Self::MOST {
            self.0.push((spelling.into(), count));
        } else {
            add_name(names, value, count);
        }
    }

    fn add_to(&mut self, names: &mut NameCounts) {
        for (spelling, count) in self.0.drain(..) {
            add_name(names, Some(&Json::borrowed(&spelling)), count);
        }
    }
}

/// Counts under what a string says, or as `unknown` where there is none.
fn add_name(names: &mut NameCounts, value: Option<&Json<'_>>, count: u64) {
    let text = value.filter(|value| !value.is_missing()).and_then(Json::as_text);
    names.add(text.as_deref().unwrap_or("unknown"), count);
}
