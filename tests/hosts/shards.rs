//! Records for hosts that work on shards, and what must be the same however a run is cut: records, rejected lines and counts.

use std::fmt::Write;

use serde_json::Value;

use super::Recipe;
use crate::harness::EPOCH;

/// What the recipes have each of their runs do.
const FLAGS: &str = "--layout hermes --model unknown";

/// Records of the layout hermes, numbered from `first`: some name their model or their time, and some neither.
pub(super) fn records(first: usize, count: usize) -> String {
    let mut records = String::new();
    for id in first..first + count {
        let model = if id.is_multiple_of(3) { "" } else { r#","model":"hermes4:14b""# };
        let time = if id.is_multiple_of(7) { "" } else { r#","timestamp":"2026-03-30T14:22:31.5""# };
        let text = "word ".repeat(id % 50);
        writeln!(records, r#"{{"id":"s-{id}","conversations":[{{"from":"gpt","value":"{text}"}}]{model}{time},"score":1.10}}"#)
            .expect("memory takes any text");
    }
    records
}

/// What a single run over all files has.
pub(super) struct Whole {
    pub(super) records: String,
    pub(super) rejects: String,
    counts: Value,
}

/// Runs the program once over these files of the recipe's folder.
pub(super) fn whole(recipe: &Recipe, files: &str) -> Whole {
    let run = format!("provfilter -q {FLAGS} --max-errors 100% --rejects whole.rejects --report json=whole.json {files}");
    let records = recipe.runs(&at_a_fixed_time(&run)).output;
    Whole { records, rejects: recipe.read("whole.rejects"), counts: counts(&recipe.read("whole.json")) }
}

impl Whole {
    /// A merged report counts what the single run counts.
    #[track_caller]
    pub(super) fn is_counted_by(&self, report: &str) {
        assert_eq!(counts(report), self.counts);
    }
}

/// The command, with the time of all runs set.
pub(super) fn at_a_fixed_time(command: &str) -> String {
    format!("export SOURCE_DATE_EPOCH={EPOCH}; {command}")
}

/// A report without what differs from run to run, and without places, which shards count from their own first line.
fn counts(report: &str) -> Value {
    let mut report: Value = serde_json::from_str(report).expect("the report is JSON");
    let members = report.as_object_mut().expect("the report is an object");
    for differs in ["run_id", "runs", "started_at", "finished_at", "inputs", "errors", "exclusion_examples"] {
        members.remove(differs);
    }
    report
}
