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
        add_name(&mut summary.by_source, provenance.get(Field::Source), count);
        add_name(&mut summary.by_model, provenance.get(Field::Model), count);
        if is_excluded {
            add_name(&mut summary.by_reason, provenance.get(Field::ExclusionReason), count);
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
            *timestamp = read_time(value, self.zone);
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

/// Counts under what a string says, or as `unknown` where there is none.
fn add_name(names: &mut NameCounts, value: Option<&Json<'_>>, count: u64) {
    let text = value.filter(|value| !value.is_missing()).and_then(Json::as_text);
    names.add(text.as_deref().unwrap_or("unknown"), count);
}
