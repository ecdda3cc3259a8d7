//! The report as metrics in Prometheus' text exposition format, version 0.0.4
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>), for the node exporter's textfile collector.

use std::fmt::{self, Display, Write};

use super::Report;
use crate::error::Ending;
use crate::summary::{NameCounts, Summary};

pub(super) fn render(report: &Report) -> String {
    let mut metrics = Metrics(String::new());
    write_report(&mut metrics, report).expect("a string takes all that is written to it");
    metrics.0
}

fn write_report(metrics: &mut Metrics, report: &Report) -> fmt::Result {
    let summary = &report.summary;
    metrics.family("info", "gauge", "The version that made the report.")?;
    metrics.labelled("info", "version", env!("CARGO_PKG_VERSION"), 1)?;
    metrics.gauge("start_time_seconds", "When the run began, since 1970.", report.started_at.unix_seconds())?;
    metrics.gauge(
        "end_time_seconds",
        "When the run ended or the report was made, since 1970.",
        report.finished_at.unix_seconds(),
    )?;
    let is_interrupted = u8::from(report.ending == Some(Ending::Interrupted));
    metrics.gauge("interrupted", "Whether a signal ended the run early.", is_interrupted)?;

    for counter in Summary::COUNTERS {
        metrics.family(counter.metric, "counter", counter.help)?;
        metrics.sample(counter.metric, (counter.get)(summary))?;
    }
    metrics.names("source_records_total", "Records that leave, by source.", "source", &summary.by_source)?;
    metrics.names("model_records_total", "Records that leave, by model.", "model", &summary.by_model)?;
    metrics.names("reason_records_total", "Excluded records that leave, by reason.", "reason", &summary.by_reason)?;
    metrics.family("faults_total", "counter", "Faults, by code.")?;
    for (code, count) in summary.by_error.iter() {
        metrics.labelled("faults_total", "code", code.as_str(), count)?;
    }
    metrics.family("missing_fields_total", "counter", "Records that leave without a required field, by field.")?;
    for (field, count) in summary.missing_fields.iter() {
        metrics.labelled("missing_fields_total", "field", field.name(), count)?;
    }
    if let Some(coverage) = summary.coverage() {
        metrics.gauge("coverage_ratio", "The share of records that are approved or excluded.", coverage)?;
    }
    if let (Some(first), Some(last)) = (summary.first_timestamp, summary.last_timestamp) {
        metrics.gauge("first_capture_time_seconds", "The earliest capture time, since 1970.", first.unix_seconds())?;
        metrics.gauge("last_capture_time_seconds", "The latest capture time, since 1970.", last.unix_seconds())?;
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
        let text = text.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n");
        writeln!(self.0, "provfilter_{name}{{{label}=\"{text}\"}} {value}")
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl Display) -> fmt::Result {
        self.family(name, "gauge", help)?;
        self.sample(name, value)
    }

    fn names(&mut self, name: &str, help: &str, label: &str, names: &NameCounts) -> fmt::Result {
        self.family(name, "counter", help)?;
        names.to_map().into_iter().try_for_each(|(text, count)| self.labelled(name, label, text, count))
    }
}
