//! What the written records consist of: which models wrote how much, from which sources, and when.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::AddAssign;

use super::NameCounts;
use crate::timestamp::Timestamp;

/// A row for each combination of source and model.
///
/// Bounded as [`NameCounts`] is: a run keeps 100,000 rows, those first in byte order, and reports show the 10,000 with the most records. The
/// rest is one row, with `other` for both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    rows: BTreeMap<(Box<str>, Box<str>), ContentRow>,
    other: ContentRow,
}

/// The records of a source that a model wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ContentRow {
    /// How many there are.
    pub records: u64,
    /// Their bytes as they are written, including line feeds.
    pub bytes: u64,
    /// Those that are approved.
    pub approved: u64,
    /// Those that are excluded.
    pub excluded: u64,
    /// The earliest capture time among them.
    pub first_timestamp: Option<Timestamp>,
    /// The latest capture time among them.
    pub last_timestamp: Option<Timestamp>,
}

impl Content {
    /// Adds to the row of a source and a model.
    pub fn add(&mut self, source: &str, model: &str, row: ContentRow) {
        if source == NameCounts::OTHER && model == NameCounts::OTHER {
            self.other += row;
            return;
        }
        let cut = |name: &str| Box::from(&name[..name.floor_char_boundary(NameCounts::LONGEST)]);
        *self.rows.entry((cut(source), cut(model))).or_default() += row;
        if self.rows.len() > NameCounts::KEPT {
            self.other += self.rows.pop_last().map(|(_, row)| row).unwrap_or_default();
        }
    }

    /// The source, the model and the counts of each row that is reported, those with the most records first and the rest last.
    #[must_use]
    pub fn largest(&self) -> Vec<(&str, &str, ContentRow)> {
        let mut rows: Vec<_> = self.rows.iter().map(|((source, model), row)| (&**source, &**model, *row)).collect();
        rows.sort_by_key(|&(source, model, row)| (Reverse(row.records), source, model));
        let mut other = self.other;
        rows.drain(rows.len().min(NameCounts::REPORTED)..).for_each(|(_, _, row)| other += row);
        rows.extend((other.records > 0).then_some((NameCounts::OTHER, NameCounts::OTHER, other)));
        rows
    }

    /// The sum of all rows.
    #[must_use]
    pub fn total(&self) -> ContentRow {
        self.rows.values().fold(self.other, |mut sum, row| {
            sum += *row;
            sum
        })
    }
}

impl AddAssign for Content {
    fn add_assign(&mut self, rest: Self) {
        self.other += rest.other;
        for ((source, model), row) in rest.rows {
            self.add(&source, &model, row);
        }
    }
}

impl AddAssign for ContentRow {
    fn add_assign(&mut self, rest: Self) {
        let Self { records, bytes, approved, excluded, first_timestamp, last_timestamp } = rest;
        self.records += records;
        self.bytes += bytes;
        self.approved += approved;
        self.excluded += excluded;
        self.first_timestamp = [self.first_timestamp, first_timestamp].into_iter().flatten().min();
        self.last_timestamp = self.last_timestamp.max(last_timestamp);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(records: u64) -> ContentRow {
        ContentRow { records, bytes: 10 * records, ..ContentRow::default() }
    }

    #[test]
    fn rows_add_up_and_the_largest_come_first() {
        let mut content = Content::default();
        content.add("curated", "a", row(1));
        content.add("trajectory", "a", row(5));
        let mut more = Content::default();
        more.add("curated", "a", row(2));
        more.add("other", "other", row(9));
        content += more;
        let expected = [("trajectory", "a", row(5)), ("curated", "a", row(3)), ("other", "other", row(9))];
        assert_eq!(content.largest(), expected);
        assert_eq!(content.total(), row(17));
    }

    #[test]
    fn no_record_is_lost_where_there_are_too_many_pairs() {
        let mut content = Content::default();
        for number in 0..NameCounts::KEPT + 7 {
            content.add("s", &format!("{number:07}"), row(1));
        }
        assert_eq!(content.rows.len(), NameCounts::KEPT);
        assert_eq!(content.largest().len(), NameCounts::REPORTED + 1);
        assert_eq!(content.total(), row(NameCounts::KEPT as u64 + 7));
    }
}
