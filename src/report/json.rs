//! The JSON report: one object on one line, every count an integer, so that reports of shards can be added up. It is read here too.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Report, SCHEMA_VERSION};
use crate::error::Ending;
use crate::fault::{Code, LocatedFault};
use crate::provenance::Field;
use crate::summary::{CodeCounts, FieldCounts, Names, Summary, Taken, Times};
use crate::timestamp::Timestamp;

type Table = BTreeMap<String, u64>;

/// The report as an object, in the order of its members. `schema/report.schema.json` says what each means.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema_version: u64,
    tool: Tool,
    started_at: String,
    finished_at: String,
    interrupted: bool,
    lines: u64,
    blank_lines: u64,
    total: u64,
    rejected: u64,
    passed: u64,
    written: u64,
    routed: u64,
    dropped: u64,
    approved: u64,
    excluded: u64,
    missing_provenance: u64,
    annotated: u64,
    backfilled: u64,
    unchanged: u64,
    complete: u64,
    covered: u64,
    invalid: u64,
    bytes_in: u64,
    bytes_out: u64,
    first_timestamp: Option<String>,
    last_timestamp: Option<String>,
    by_source: Table,
    by_model: Table,
    by_reason: Table,
    by_error: Table,
    missing_fields: Table,
    times: TimesObject,
    values: BTreeMap<String, Table>,
    coverage: Option<f64>,
    errors: Vec<LocatedFault>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tool {
    name: String,
    version: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TimesObject {
    read: u64,
    assumed: u64,
    stamped: u64,
    unreadable: u64,
}

/// Why bytes are no report that can be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// They are no JSON report.
    #[error("not a JSON report of provfilter: {0}")]
    Shape(#[from] serde_json::Error),
    /// A member of the report has a value that it cannot have.
    #[error("not a JSON report of provfilter: unexpected `{value}` in {member}")]
    Value {
        /// The member.
        member: &'static str,
        /// Its value, as text.
        value: String,
    },
    /// The report was made by a newer version, and may count what this one does not know.
    #[error("its schema version {version} is newer than {SCHEMA_VERSION}: read it with a newer provfilter")]
    Newer {
        /// The report's schema version.
        version: u64,
    },
}

pub(super) fn render(report: &Report) -> String {
    let mut text = serde_json::to_string(&document(report)).expect("numbers, strings and names are JSON");
    text.push('\n');
    text
}

pub(super) fn read(json: &[u8]) -> Result<Report, ReadError> {
    #[derive(Deserialize)]
    struct Version {
        schema_version: u64,
    }
    let Version { schema_version: version } = serde_json::from_slice(json)?;
    if version > SCHEMA_VERSION {
        return Err(ReadError::Newer { version });
    }
    report(serde_json::from_slice(json)?)
}

fn document(report: &Report) -> Document {
    let Report { summary, started_at, finished_at, ending } = report;
    Document {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        started_at: started_at.to_string(),
        finished_at: finished_at.to_string(),
        interrupted: *ending == Some(Ending::Interrupted),
        lines: summary.lines,
        blank_lines: summary.blank_lines,
        total: summary.total,
        rejected: summary.rejected,
        passed: summary.passed,
        written: summary.written,
        routed: summary.routed,
        dropped: summary.dropped,
        approved: summary.approved,
        excluded: summary.excluded,
        missing_provenance: summary.missing_provenance,
        annotated: summary.annotated,
        backfilled: summary.backfilled,
        unchanged: summary.unchanged,
        complete: summary.complete,
        covered: summary.covered,
        invalid: summary.invalid,
        bytes_in: summary.bytes_in,
        bytes_out: summary.bytes_out,
        first_timestamp: summary.first_timestamp.map(|time| time.to_string()),
        last_timestamp: summary.last_timestamp.map(|time| time.to_string()),
        by_source: table(&summary.by_source),
        by_model: table(&summary.by_model),
        by_reason: table(&summary.by_reason),
        by_error: summary.by_error.iter().map(|(code, count)| (code.to_string(), count)).collect(),
        missing_fields: summary.missing_fields.iter().map(|(field, count)| (field.name().to_owned(), count)).collect(),
        times: times(summary.times),
        values: values(&summary.taken),
        coverage: summary.coverage(),
        errors: summary.faults.clone(),
    }
}

fn table(names: &Names) -> Table {
    names.to_map().into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

fn times(times: Times) -> TimesObject {
    let Times { read, assumed, stamped, unreadable } = times;
    TimesObject { read, assumed, stamped, unreadable }
}

/// For each field, how many records took which of its alternatives.
fn values(taken: &Taken) -> BTreeMap<String, Table> {
    let mut fields: BTreeMap<String, Table> = BTreeMap::new();
    for (field, alternative, count) in taken.iter() {
        fields.entry(field.name().to_owned()).or_default().insert(alternative.to_owned(), count);
    }
    fields
}

/// The largest count that all programs read exactly from JSON (RFC 8259, section 6); and so many reports as there are add up without
/// overflow.
const MOST: u64 = 1 << 53;

/// Refuses counts that are larger than any run makes them.
fn check_counts(document: &Document) -> Result<(), ReadError> {
    let Document { lines, total, approved, excluded, covered, missing_provenance, annotated, backfilled, unchanged, .. } =
        document;
    let Document { blank_lines, rejected, passed, written, routed, dropped, complete, invalid, bytes_in, bytes_out, .. } =
        document;
    let Document { by_source, by_model, by_reason, by_error, missing_fields, times, values, .. } = document;
    let TimesObject { read, assumed, stamped, unreadable } = times;
    let own = [
        lines,
        total,
        approved,
        excluded,
        covered,
        missing_provenance,
        annotated,
        backfilled,
        unchanged,
        blank_lines,
        rejected,
        passed,
        written,
        routed,
        dropped,
        complete,
        invalid,
        bytes_in,
        bytes_out,
        read,
        assumed,
        stamped,
        unreadable,
    ];
    let tables = [by_source, by_model, by_reason, by_error, missing_fields].into_iter().chain(values.values());
    match own.into_iter().chain(tables.flat_map(Table::values)).find(|count| **count > MOST) {
        Some(count) => Err(ReadError::Value { member: "a count", value: count.to_string() }),
        None => Ok(()),
    }
}

/// The report that a document says. Its coverage follows from the counts.
fn report(document: Document) -> Result<Report, ReadError> {
    check_counts(&document)?;
    let time = |member, text: &str| Timestamp::parse_iso(text).ok_or_else(|| ReadError::Value { member, value: text.to_owned() });
    let optional_time = |member, text: Option<String>| text.map(|text| time(member, &text)).transpose();
    if document.tool.name != env!("CARGO_PKG_NAME") {
        return Err(ReadError::Value { member: "`tool`", value: document.tool.name });
    }
    let summary = Summary {
        lines: document.lines,
        blank_lines: document.blank_lines,
        total: document.total,
        rejected: document.rejected,
        passed: document.passed,
        written: document.written,
        routed: document.routed,
        dropped: document.dropped,
        approved: document.approved,
        excluded: document.excluded,
        covered: document.covered,
        missing_provenance: document.missing_provenance,
        annotated: document.annotated,
        backfilled: document.backfilled,
        unchanged: document.unchanged,
        complete: document.complete,
        invalid: document.invalid,
        bytes_in: document.bytes_in,
        bytes_out: document.bytes_out,
        first_timestamp: optional_time("`first_timestamp`", document.first_timestamp)?,
        last_timestamp: optional_time("`last_timestamp`", document.last_timestamp)?,
        by_source: read_table(&document.by_source),
        by_model: read_table(&document.by_model),
        by_reason: read_table(&document.by_reason),
        by_error: read_codes(document.by_error)?,
        missing_fields: read_fields(document.missing_fields)?,
        times: read_times(&document.times),
        taken: read_values(document.values)?,
        faults: document.errors,
    };
    Ok(Report {
        summary,
        started_at: time("`started_at`", &document.started_at)?,
        finished_at: time("`finished_at`", &document.finished_at)?,
        ending: Some(if document.interrupted { Ending::Interrupted } else { Ending::Finished }),
    })
}

fn read_table(table: &Table) -> Names {
    let mut names = Names::default();
    for (name, count) in table {
        names.add(name, *count);
    }
    names
}

fn read_codes(table: Table) -> Result<CodeCounts, ReadError> {
    let mut counts = CodeCounts::default();
    for (name, count) in table {
        counts.add(Code::of_name(&name).ok_or(ReadError::Value { member: "`by_error`", value: name })?, count);
    }
    Ok(counts)
}

fn read_fields(table: Table) -> Result<FieldCounts, ReadError> {
    let mut counts = FieldCounts::default();
    for (name, count) in table {
        counts.add(read_field("`missing_fields`", name)?, count);
    }
    Ok(counts)
}

fn read_field(member: &'static str, name: String) -> Result<Field, ReadError> {
    Field::of_name(&name).ok_or(ReadError::Value { member, value: name })
}

fn read_times(times: &TimesObject) -> Times {
    let &TimesObject { read, assumed, stamped, unreadable } = times;
    Times { read, assumed, stamped, unreadable }
}

fn read_values(fields: BTreeMap<String, Table>) -> Result<Taken, ReadError> {
    let mut taken = Taken::default();
    for (name, alternatives) in fields {
        let field = read_field("`values`", name)?;
        for (alternative, count) in alternatives {
            taken.add(field, &alternative, count);
        }
    }
    Ok(taken)
}
