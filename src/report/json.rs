//! The JSON report: one object on one line, every count an integer, so that reports of shards add up. Reading it back is here, too.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Report, RunRecord, SCHEMA_VERSION};
use crate::error::Ending;
use crate::fault::{Code, LocatedFault};
use crate::provenance::Field;
use crate::summary::{CodeCounts, Content, ContentRow, FieldCounts, NameCounts, Summary, TimeCounts, ValueCounts};
use crate::timestamp::Timestamp;

type Table = BTreeMap<String, u64>;

/// Why a JSON report cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// They are not a JSON object.
    #[error("not a provfilter JSON report: {0}")]
    NotJson(#[from] serde_json::Error),
    /// A member is missing.
    #[error("not a provfilter JSON report: `{member}` is missing")]
    Missing {
        /// The member's name.
        member: &'static str,
    },
    /// A member has an invalid value.
    #[error("not a provfilter JSON report: `{member}`: {why}")]
    Member {
        /// The member's name.
        member: &'static str,
        /// What is wrong with its value.
        why: String,
    },
    /// A member is unknown.
    #[error("not a provfilter JSON report: unknown member `{member}`")]
    Unknown {
        /// The member's name.
        member: String,
    },
    /// A newer version made the report, which may count things that this one does not know.
    #[error("its schema version {version} is newer than {SCHEMA_VERSION}: use a newer provfilter")]
    Newer {
        /// The report's schema version.
        version: u64,
    },
    /// Its counts do not add up, so something was changed or lost.
    #[error("its counts do not add up: {0}")]
    Sums(&'static str),
}

pub(super) fn render(report: &Report) -> String {
    let mut text = serde_json::to_string(report).expect("numbers, strings and names are JSON");
    text.push('\n');
    text
}

/// In the order of the members. `schema/report.schema.json` says what each means.
impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { summary, run_id, runs, started_at, finished_at, ending, run } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema_version", &SCHEMA_VERSION)?;
        map.serialize_entry("tool", &json!({ "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") }))?;
        map.serialize_entry("run_id", run_id)?;
        if !runs.is_empty() {
            map.serialize_entry("runs", runs)?;
        }
        map.serialize_entry("started_at", &started_at.to_string())?;
        map.serialize_entry("finished_at", &finished_at.to_string())?;
        map.serialize_entry("ending", &ending.map(Ending::as_str))?;
        map.serialize_entry("stages", &run.stages)?;
        map.serialize_entry("rules", &run.rules)?;
        map.serialize_entry("inputs", &run.inputs)?;
        map.serialize_entry("output", &run.output)?;
        for counter in Summary::COUNTERS {
            map.serialize_entry(counter.name, &(counter.get)(summary))?;
        }
        map.serialize_entry("first_timestamp", &summary.first_timestamp.map(|time| time.to_string()))?;
        map.serialize_entry("last_timestamp", &summary.last_timestamp.map(|time| time.to_string()))?;
        map.serialize_entry("by_source", &summary.by_source.to_map())?;
        map.serialize_entry("by_model", &summary.by_model.to_map())?;
        map.serialize_entry("by_reason", &summary.by_reason.to_map())?;
        map.serialize_entry("by_month", &summary.by_month.to_map())?;
        map.serialize_entry("content", &content(&summary.content))?;
        map.serialize_entry("exclusion_examples", &summary.exclusion_examples)?;
        map.serialize_entry("by_error", &table(summary.by_error.iter().map(|(code, count)| (code.as_str(), count))))?;
        map.serialize_entry("missing_fields", &table(summary.missing_fields.iter().map(|(field, count)| (field.name(), count))))?;
        let TimeCounts { read, assumed, stamped, unreadable } = summary.times;
        map.serialize_entry("times", &json!({ "read": read, "assumed": assumed, "stamped": stamped, "unreadable": unreadable }))?;
        map.serialize_entry("values", &values(&summary.values))?;
        map.serialize_entry("coverage", &summary.coverage())?;
        map.serialize_entry("errors", &summary.faults)?;
        map.end()
    }
}

fn table<'t>(counts: impl Iterator<Item = (&'t str, u64)>) -> BTreeMap<&'t str, u64> {
    counts.collect()
}

/// For each member, how many records took which of its alternatives.
fn values(values: &ValueCounts) -> BTreeMap<&str, BTreeMap<&str, u64>> {
    let mut members: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for (member, alternative, count) in values.iter() {
        members.entry(member).or_default().insert(alternative, count);
    }
    members
}

pub(super) fn read(json: &[u8]) -> Result<Report, ReadError> {
    report(serde_json::from_slice(json)?)
}

/// Reads reports that stand one after the other.
pub(super) fn read_all(json: &[u8]) -> impl Iterator<Item = Result<Report, ReadError>> {
    serde_json::Deserializer::from_slice(json).into_iter().map(|object| report(object?))
}

fn report(object: Map<String, Value>) -> Result<Report, ReadError> {
    let mut members = Members(object);
    let version: u64 = members.take("schema_version")?;
    if version > SCHEMA_VERSION {
        return Err(ReadError::Newer { version });
    }
    members.take::<Map<String, Value>>("tool")?;
    members.take::<Option<f64>>("coverage")?;
    let report = Report {
        run_id: members.take("run_id")?,
        runs: members.take_or_default("runs")?,
        started_at: members.take_with("started_at", |text: String| time(&text))?,
        finished_at: members.take_with("finished_at", |text: String| time(&text))?,
        ending: members.take_with("ending", |name: Option<String>| name.map(|name| ending(&name)).transpose())?,
        run: RunRecord {
            stages: members.take("stages")?,
            rules: members.take("rules")?,
            inputs: members.take("inputs")?,
            output: members.take("output")?,
        },
        summary: summary(&mut members)?,
    };
    match members.0.into_iter().next() {
        Some((member, _)) => Err(ReadError::Unknown { member }),
        None => check_sums(&report.summary).map(|()| report),
    }
}

fn summary(members: &mut Members) -> Result<Summary, ReadError> {
    let mut summary = Summary {
        first_timestamp: members.take_with("first_timestamp", optional_time)?,
        last_timestamp: members.take_with("last_timestamp", optional_time)?,
        by_source: members.take_with("by_source", names)?,
        by_model: members.take_with("by_model", names)?,
        by_reason: members.take_with("by_reason", names)?,
        by_month: members.take_with("by_month", names)?,
        content: members.take_with("content", read_content)?,
        exclusion_examples: members.take("exclusion_examples")?,
        by_error: members.take_with("by_error", codes)?,
        missing_fields: members.take_with("missing_fields", fields)?,
        times: members.take_with("times", times)?,
        values: members.take_with("values", value_counts)?,
        faults: members.take::<Vec<LocatedFault>>("errors")?,
        ..Summary::default()
    };
    for counter in Summary::COUNTERS {
        *(counter.get_mut)(&mut summary) = members.take_with(counter.name, count)?;
    }
    Ok(summary)
}

/// The members of a report that have not been read yet.
struct Members(Map<String, Value>);

impl Members {
    fn take<T: DeserializeOwned>(&mut self, member: &'static str) -> Result<T, ReadError> {
        let value = self.0.remove(member).ok_or(ReadError::Missing { member })?;
        serde_json::from_value(value).map_err(|why| ReadError::Member { member, why: why.to_string() })
    }

    fn take_or_default<T: DeserializeOwned + Default>(&mut self, member: &'static str) -> Result<T, ReadError> {
        if self.0.contains_key(member) { self.take(member) } else { Ok(T::default()) }
    }

    fn take_with<T: DeserializeOwned, U>(
        &mut self,
        member: &'static str,
        read: impl FnOnce(T) -> Result<U, String>,
    ) -> Result<U, ReadError> {
        let value = self.take(member)?;
        read(value).map_err(|why| ReadError::Member { member, why })
    }
}

/// A count that no sum of two makes wrap.
fn count(count: u64) -> Result<u64, String> {
    if count > super::MOST { Err(format!("{count} is too large for a count")) } else { Ok(count) }
}

fn counts(table: Table) -> Result<Table, String> {
    let total = table.values().try_fold(0_u64, |sum, own| sum.checked_add(*own)).unwrap_or(u64::MAX);
    count(total).map(|_| table)
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_iso(text).ok_or_else(|| format!("`{text}` is not a time"))
}

fn optional_time(text: Option<String>) -> Result<Option<Timestamp>, String> {
    text.map(|text| time(&text)).transpose()
}

fn ending(name: &str) -> Result<Ending, String> {
    Ending::of_name(name).ok_or_else(|| format!("unknown ending `{name}`"))
}

fn names(table: Table) -> Result<NameCounts, String> {
    let mut names = NameCounts::default();
    for (name, count) in counts(table)? {
        names.add(&name, count);
    }
    Ok(names)
}

/// A row of the table of content.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    source: String,
    model: String,
    records: u64,
    bytes: u64,
    approved: u64,
    excluded: u64,
    first_timestamp: Option<String>,
    last_timestamp: Option<String>,
}

fn content(content: &Content) -> Vec<Row> {
    let row = |(source, model, row): (&str, &str, ContentRow)| Row {
        source: source.to_owned(),
        model: model.to_owned(),
        records: row.records,
        bytes: row.bytes,
        approved: row.approved,
        excluded: row.excluded,
        first_timestamp: row.first_timestamp.map(|time| time.to_string()),
        last_timestamp: row.last_timestamp.map(|time| time.to_string()),
    };
    content.largest().into_iter().map(row).collect()
}

fn read_content(rows: Vec<Row>) -> Result<Content, String> {
    let mut content = Content::default();
    for sum in [rows.iter().map(|row| u128::from(row.records)).sum(), rows.iter().map(|row| u128::from(row.bytes)).sum::<u128>()]
    {
        count(u64::try_from(sum).unwrap_or(u64::MAX))?;
    }
    for row in rows {
        let counts = ContentRow {
            records: count(row.records)?,
            bytes: count(row.bytes)?,
            approved: count(row.approved)?,
            excluded: count(row.excluded)?,
            first_timestamp: optional_time(row.first_timestamp)?,
            last_timestamp: optional_time(row.last_timestamp)?,
        };
        content.add(&row.source, &row.model, counts);
    }
    Ok(content)
}

fn codes(table: Table) -> Result<CodeCounts, String> {
    let mut codes = CodeCounts::default();
    for (name, count) in counts(table)? {
        codes.add(Code::of_name(&name).ok_or_else(|| format!("unknown fault code `{name}`"))?, count);
    }
    Ok(codes)
}

fn fields(table: Table) -> Result<FieldCounts, String> {
    let mut fields = FieldCounts::default();
    for (name, count) in counts(table)? {
        fields.add(field(&name)?, count);
    }
    Ok(fields)
}

fn field(name: &str) -> Result<Field, String> {
    Field::of_name(name).ok_or_else(|| format!("unknown field `{name}`"))
}

fn times(mut table: Table) -> Result<TimeCounts, String> {
    let mut take = |name: &str| table.remove(name).ok_or_else(|| format!("`{name}` is missing")).and_then(count);
    let times =
        TimeCounts { read: take("read")?, assumed: take("assumed")?, stamped: take("stamped")?, unreadable: take("unreadable")? };
    table.into_keys().next().map_or(Ok(times), |name| Err(format!("unknown member `{name}`")))
}

fn value_counts(members: BTreeMap<String, Table>) -> Result<ValueCounts, String> {
    let mut values = ValueCounts::default();
    for (member, alternatives) in members {
        for (alternative, count) in counts(alternatives)? {
            values.add(&member, &alternative, count);
        }
    }
    Ok(values)
}

/// Refuses counts that contradict each other: a report that was changed, or of which something was lost, must not go into a sum.
fn check_sums(summary: &Summary) -> Result<(), ReadError> {
    let sum = |counts: &[u64]| counts.iter().map(|&count| u128::from(count)).sum::<u128>();
    let &Summary { lines, blank_lines, total, rejected, passed, written, routed, dropped, invalid, excluded, .. } = summary;
    let by_error: Vec<u64> = summary.by_error.iter().map(|(_, count)| count).collect();
    let parts = [summary.approved, excluded, summary.covered, summary.complete, summary.unchanged, summary.missing_provenance];
    let equal = [
        (lines.into(), sum(&[total, blank_lines, rejected, passed]), "`lines` is not total + blank_lines + rejected + passed"),
        (total.into(), sum(&[written, routed, dropped]), "`total` is not written + routed + dropped"),
        (summary.by_source.total().into(), total.into(), "the counts of `by_source` do not add up to `total`"),
        (summary.by_model.total().into(), total.into(), "the counts of `by_model` do not add up to `total`"),
        (summary.by_reason.total().into(), excluded.into(), "the counts of `by_reason` do not add up to `excluded`"),
        (summary.content.total().records.into(), total.into(), "the records of `content` do not add up to `total`"),
        (sum(&by_error), sum(&[rejected, passed, invalid]), "the counts of `by_error` are not rejected + passed + invalid"),
    ];
    match equal.into_iter().find(|(one, other, _)| one != other) {
        Some((_, _, what)) => Err(ReadError::Sums(what)),
        None if parts.into_iter().any(|count| count > total) => Err(ReadError::Sums("a count of records exceeds `total`")),
        None => Ok(()),
    }
}
