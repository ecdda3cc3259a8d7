//! The report as metrics in Prometheus' text exposition format, version 0.0.4
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>), for the node exporter's textfile collector.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write};

use super::Report;
use crate::error::Ending;
use crate::summary::{Content, ContentRow, NameCounts, Summary};

/// How many names have a series of their own; the rest adds up under `other`. Each series costs a server memory for as long as it keeps it.
const MOST_NAMES: usize = 100;

/// The name, the help and the count of a metric of a source and a model.
type ContentMetric = (&'static str, &'static str, fn(&ContentRow) -> u64);

pub(super) fn render(report: &Report) -> String {
    let mut metrics = Metrics(String::new());
    write_report(&mut metrics, report).expect("a string takes all that is written to it");
    metrics.0
}

fn write_report(metrics: &mut Metrics, report: &Report) -> fmt::Result {
    let summary = &report.summary;
    metrics.family("info", "gauge", "The version of provfilter that made the report.")?;
    metrics.labelled("info", "version", env!("CARGO_PKG_VERSION"), 1)?;
    metrics.gauge("start_time_seconds", "When the run started, as a Unix timestamp.", report.started_at.unix_seconds())?;
    metrics.gauge(
        "end_time_seconds",
        "When the run ended or the report was made, as a Unix timestamp.",
        report.finished_at.unix_seconds(),
    )?;
    let is_interrupted = u8::from(report.ending == Some(Ending::Interrupted));
    metrics.gauge("interrupted", "Whether a signal ended the run early.", is_interrupted)?;

    for counter in Summary::COUNTERS {
        metrics.family(counter.metric, "counter", counter.help)?;
        metrics.sample(counter.metric, (counter.get)(summary))?;
    }
    metrics.names("source_records_total", "Records by source.", "source", &summary.by_source)?;
    metrics.names("model_records_total", "Records by model.", "model", &summary.by_model)?;
    metrics.names("reason_records_total", "Excluded records by reason.", "reason", &summary.by_reason)?;
    metrics.names("month_records_total", "Records by month of capture, in UTC.", "month", &summary.by_month)?;
    metrics.content(&summary.content)?;
    metrics.family("faults_total", "counter", "Faults by code.")?;
    for (code, count) in summary.by_error.iter() {
        metrics.labelled("faults_total", "code", code.as_str(), count)?;
    }
    metrics.family("missing_fields_total", "counter", "Records that lack a required field, by field.")?;
    for (field, count) in summary.missing_fields.iter() {
        metrics.labelled("missing_fields_total", "field", field.name(), count)?;
    }
    if let Some(coverage) = summary.coverage() {
        metrics.gauge("coverage_ratio", "The share of records that are approved or excluded.", coverage)?;
    }
    if let (Some(first), Some(last)) = (summary.first_timestamp, summary.last_timestamp) {
        metrics.gauge("first_capture_time_seconds", "The earliest capture time, as a Unix timestamp.", first.unix_seconds())?;
        metrics.gauge("last_capture_time_seconds", "The latest capture time, as a Unix timestamp.", last.unix_seconds())?;
    }
    Ok(())
}

/// Metrics as they are written, one family after the other. All names start with `provfilter_`.
struct Metrics(String);

impl Metrics {
    fn family(&mut self, name: &str, kind: &str, help: &str) -> fmt::Result {
        writeln!(self.0, "# HELP provfilter_{name} {help}\n# TYPE provfilter_{name} {kind}")
    }

    fn sample(&mut self, name: &str, value: impl Display) -> fmt::Result {
        writeln!(self.0, "provfilter_{name} {value}")
    }

    fn labelled(&mut self, name: &str, label: &str, text: &str, value: impl Display) -> fmt::Result {
        writeln!(self.0, "provfilter_{name}{{{label}=\"{}\"}} {value}", escaped(text))
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl Display) -> fmt::Result {
        self.family(name, "gauge", help)?;
        self.sample(name, value)
    }

    fn names(&mut self, name: &str, help: &str, label: &str, names: &NameCounts) -> fmt::Result {
        self.family(name, "counter", help)?;
        bounded(names).into_iter().try_for_each(|(text, count)| self.labelled(name, label, text, count))
    }

    fn content(&mut self, content: &Content) -> fmt::Result {
        const METRICS: [ContentMetric; 4] = [
            ("content_records_total", "Records by source and model.", |row| row.records),
            ("content_bytes_total", "Bytes of records by source and model, including line feeds.", |row| row.bytes),
            ("content_approved_records_total", "Approved records by source and model.", |row| row.approved),
            ("content_excluded_records_total", "Excluded records by source and model.", |row| row.excluded),
        ];
        let rows = bounded_content(content);
        for (name, help, count) in METRICS {
            self.family(name, "counter", help)?;
            for (source, model, row) in &rows {
                let (source, model, count) = (escaped(source), escaped(model), count(row));
                writeln!(self.0, "provfilter_{name}{{source=\"{source}\",model=\"{model}\"}} {count}")?;
            }
        }
        Ok(())
    }
}

/// The most frequent names in the order of their bytes, with the rest under `other`.
fn bounded(names: &NameCounts) -> BTreeMap<&str, u64> {
    let mut table = BTreeMap::new();
    for (index, (name, count)) in names.largest().into_iter().enumerate() {
        *table.entry(if index < MOST_NAMES { name } else { NameCounts::OTHER }).or_default() += count;
    }
    table
}

/// The pairs with the most records, with the rest under `other` for both.
fn bounded_content(content: &Content) -> Vec<(&str, &str, ContentRow)> {
    let mut rows = content.largest();
    let rest = rows.split_off(rows.len().min(MOST_NAMES));
    let other = rest.iter().fold(ContentRow::default(), |mut sum, (.., row)| {
        sum += *row;
        sum
    });
    rows.extend((!rest.is_empty()).then_some((NameCounts::OTHER, NameCounts::OTHER, other)));
    rows
}

fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_hundred_have_series_and_the_rest_adds_up() {
        let (mut names, mut content) = (NameCounts::default(), Content::default());
        for number in 0..150 {
            let name = format!("{number:03}");
            names.add(&name, number + 1);
            content.add("s", &name, ContentRow { records: number + 1, ..ContentRow::default() });
        }
        names.add(NameCounts::OTHER, 7);
        content.add(NameCounts::OTHER, NameCounts::OTHER, ContentRow { records: 7, ..ContentRow::default() });
        let (table, rows) = (bounded(&names), bounded_content(&content));
        assert_eq!((table.len(), rows.len()), (101, 101));
        assert_eq!((table["149"], table[NameCounts::OTHER]), (150, 50 * 51 / 2 + 7));
        assert_eq!((rows[0].1, rows[100].0, rows[100].2.records), ("149", NameCounts::OTHER, 50 * 51 / 2 + 7));
    }
}
