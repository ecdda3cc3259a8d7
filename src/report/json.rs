//! The JSON report: one object on one line, every count an integer, so that reports of shards can be added up.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Report, SCHEMA_VERSION};
use crate::error::Ending;
use crate::fault::LocatedFault;
use crate::summary::{self, Summary};

/// The report as an object, in the order of its members.
#[derive(Serialize)]
struct Object<'a> {
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
    by_source: BTreeMap<&'a str, u64>,
    by_model: BTreeMap<&'a str, u64>,
    by_reason: BTreeMap<&'a str, u64>,
    by_error: Map<String, Value>,
    missing_fields: Map<String, Value>,
    times: Times,
    values: Map<String, Value>,
    coverage: Option<f64>,
    errors: &'a [LocatedFault],
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Times {
    read: u64,
    assumed: u64,
    stamped: u64,
    unreadable: u64,
}

impl From<summary::Times> for Times {
    fn from(times: summary::Times) -> Self {
        let summary::Times { read, assumed, stamped, unreadable } = times;
        Self { read, assumed, stamped, unreadable }
    }
}

/// For each field, how many records took which of its alternatives.
fn values(summary: &Summary) -> Map<String, Value> {
    let mut fields: Map<String, Value> = Map::new();
    for (field, alternative, count) in summary.taken.iter() {
        fields.entry(field.name()).or_insert_with(|| Map::new().into())[alternative] = count.into();
    }
    fields
}

pub(super) fn render(report: &Report<'_>) -> String {
    let summary = report.summary;
    let object = Object {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        started_at: report.started_at.to_string(),
        finished_at: report.finished_at.to_string(),
        interrupted: report.ending == Some(Ending::Interrupted),
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
        by_source: summary.by_source.to_map(),
        by_model: summary.by_model.to_map(),
        by_reason: summary.by_reason.to_map(),
        by_error: summary.by_error.iter().map(|(code, count)| (code.to_string(), count.into())).collect(),
        missing_fields: summary.missing_fields.iter().map(|(field, count)| (field.name().to_owned(), count.into())).collect(),
        times: Times::from(summary.times),
        values: values(summary),
        coverage: summary.coverage(),
        errors: &summary.faults,
    };
    let mut text = serde_json::to_string(&object).expect("numbers, strings and names are JSON");
    text.push('\n');
    text
}
