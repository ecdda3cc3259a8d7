//! Counts the records of a block as they are written, without allocating a string for each.

use std::borrow::Cow;
use std::rc::Rc;

use super::{ContentRow, Summary};
use crate::json::Json;
use crate::provenance::{Field, Prepared, Provenance};
use crate::record::Record;
use crate::timestamp::{Month, Notation, Timestamp, Zone};

/// A summary in the making.
///
/// Records that were given the same prepared provenance are only numbered, and counted together in the end.
#[derive(Default)]
pub(crate) struct Tally {
    summary: Summary,
    /// The zone of times that carry none.
    zone: Zone,
    prepared: Option<PreparedCount>,
    /// The timestamp that was read last, as it is spelled, because neighbours often have the same.
    last_timestamp: (String, Option<Timestamp>),
    pairs: Pairs,
    /// The month that was counted last, and how often.
    month: Option<(Month, u64)>,
}

/// Records that were given the same prepared provenance.
struct PreparedCount {
    provenance: Rc<Prepared>,
    records: u64,
    bytes: u64,
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
        let bytes = record.written_len() as u64 + 1;
        let provenance = record.provenance();
        match (provenance.prepared(), &mut self.prepared) {
            (Some(own), Some(last)) if Rc::ptr_eq(own, &last.provenance) => {
                last.records += 1;
                last.bytes += bytes;
            }
            (Some(own), _) => {
                let own = Rc::clone(own);
                self.count_prepared();
                self.prepared = Some(PreparedCount { provenance: own, records: 1, bytes });
            }
            (None, _) => self.count_provenance(provenance, 1, bytes),
        }
    }

    /// The summary of what was counted.
    pub(crate) fn finish(mut self) -> Summary {
        self.count_prepared();
        self.pairs.add_to(&mut self.summary);
        self.flush_month();
        self.summary
    }

    fn count_prepared(&mut self) {
        if let Some(PreparedCount { provenance, records, bytes }) = self.prepared.take() {
            self.count_provenance(&Provenance::of(provenance), records, bytes);
        }
    }

    /// Counts records that leave with this provenance, and with so many bytes together.
    fn count_provenance(&mut self, provenance: &Provenance<'_>, records: u64, bytes: u64) {
        let is_approved = provenance.is_set(Field::Approved);
        let is_excluded = provenance.is_set(Field::Excluded);
        let timestamp = self.read_timestamp(provenance);
        if let Some(timestamp) = timestamp {
            self.count_month(timestamp.month(), records);
        }
        let row = ContentRow {
            records,
            bytes,
            approved: if is_approved { records } else { 0 },
            excluded: if is_excluded { records } else { 0 },
            first_timestamp: timestamp,
            last_timestamp: timestamp,
        };
        let summary = &mut self.summary;
        self.pairs.count(provenance, row, summary);
        summary.covered += if is_approved || is_excluded { records } else { 0 };
        if is_excluded {
            summary.by_reason.add(&name(provenance.get(Field::ExclusionReason)), records);
        }
        let mut is_complete = true;
        for field in Field::REQUIRED {
            if provenance.is_missing(field) {
                summary.missing_fields.add(field, records);
                is_complete = false;
            }
        }
        summary.complete += if is_complete { records } else { 0 };
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

    fn count_month(&mut self, month: Month, records: u64) {
        match &mut self.month {
            Some((last, count)) if *last == month => *count += records,
            _ => {
                self.flush_month();
                self.month = Some((month, records));
            }
        }
    }

    fn flush_month(&mut self) {
        if let Some((month, count)) = self.month.take() {
            self.summary.by_month.add(&month.to_string(), count);
        }
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

/// Counts by source and model as they are spelled, for the few pairs that come again and again. What they say is read once, in the end.
#[derive(Default)]
struct Pairs(Vec<(Box<str>, Box<str>, ContentRow)>);

impl Pairs {
    /// How many pairs are kept. A search through more would take longer than reading the values.
    const MOST: usize = 8;

    /// Counts a pair: here, or directly in the summary where there is no room for another one.
    fn count(&mut self, provenance: &Provenance<'_>, row: ContentRow, summary: &mut Summary) {
        let (source, model) = (provenance.get(Field::Source), provenance.get(Field::Model));
        let [source, model] = [&source, &model].map(|value| value.as_ref().map_or("null", Json::spelling));
        if let Some((.., own)) =
            self.0.iter_mut().find(|(own_source, own_model, _)| **own_source == *source && **own_model == *model)
        {
            *own += row;
        } else if self.0.len() < Self::MOST {
            self.0.push((source.into(), model.into(), row));
        } else {
            add_row(summary, source, model, row);
        }
    }

    fn add_to(&mut self, summary: &mut Summary) {
        for (source, model, row) in self.0.drain(..) {
            add_row(summary, &source, &model, row);
        }
    }
}

/// Adds the row of a source and a model, as they are spelled, to all that is counted by them.
fn add_row(summary: &mut Summary, source: &str, model: &str, row: ContentRow) {
    let [source, model] = [source, model].map(|spelling| name(Some(Json::borrowed(spelling))));
    summary.approved += row.approved;
    summary.excluded += row.excluded;
    summary.first_timestamp = [summary.first_timestamp, row.first_timestamp].into_iter().flatten().min();
    summary.last_timestamp = summary.last_timestamp.max(row.last_timestamp);
    summary.by_source.add(&source, row.records);
    summary.by_model.add(&model, row.records);
    summary.content.add(&source, &model, row);
}

/// What a string says; `unknown` where there is none.
fn name(value: Option<Json<'_>>) -> String {
    let text = value.filter(|value| !value.is_missing()).and_then(|value| value.as_text().map(Cow::into_owned));
    text.unwrap_or_else(|| "unknown".to_owned())
}
