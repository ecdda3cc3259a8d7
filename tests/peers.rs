//! Other people's programs read our reports: Prometheus' own parser, validators of JSON Schema and of attestations, and jq. A test says so when one is not
//! there; `.ci/run` installs them.

use std::io::Write;
use std::process::{Command, Stdio};

use provfilter::report::{Format, Style};
use serde_json::{Value, json};

use crate::harness::{Ended, has_module, left_out, provfilter, shell_can, start};
use crate::reports::full_report;

const SCHEMA: &str = include_str!("../schema/report.schema.json");

/// Records of which each is counted somewhere else, and lines that are none.
const LINES: &str = r#"{"provenance":{"source":"curated","model":"a\"b\\c\nd","source_session_id":"s","timestamp":"2026-01-01T00:00:00.5Z","approved":true}}
{"provenance":{"source":"trajectory","model":"通义千问 {x=\"y\"}, 1 # 2","excluded":true,"exclusion_reason":"no\ttab"}}
{"provenance":{"source":"","model":"\u0000\u001b[31m\r\u2028\u202e\\n"},"meta":{"at":"2026-01-01T00:00:00"}}
{"provenance":null,"model":" "}
{"a":NaN}
[1]

{"provenance":1}
"#;

/// What goes in, and the flags of runs whose reports have something in each of their members.
const RUNS: [(&str, &[&str]); 6] = [
    ("", &[]),
    (LINES, &[]),
    (LINES, &["--validate", "--on-error", "pass"]),
    (LINES, &["--source", "trajectory", "--model", "{/model}", "--model", "m", "--timestamp", "{/meta/at}", "--drop-excluded"]),
    (LINES, &["--backfill", "--model", "m", "--exclude", "first=.meta", "--excluded-to", "excluded.jsonl"]),
    (LINES, &["-n", "--validate", "--on-error", "stop"]),
];

fn reports(format: &str) -> impl Iterator<Item = (Ended, String)> {
    RUNS.into_iter().map(move |(input, args)| {
        let report = format!("{format}=report");
        let ended =
            provfilter(&[&["-q", "--report", "json=report.json", "--report", &report], args].concat()).given(input).ends();
        let text = ended.files().remove("report").unwrap_or_else(|| panic!("there is no report\n{ended}"));
        (ended, String::from_utf8(text).expect("reports are text"))
    })
}

/// What a program prints that is given this to read; nothing if it is not content.
fn answer(command: &[&str], input: &str) -> Option<String> {
    let (program, args) = command.split_first().expect("a command names a program");
    let mut child = Command::new(program);
    let mut child = start(child.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit())).ok()?;
    // One that ends without reading shows in its status.
    let _ = child.stdin.take().expect("its standard input is a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("a child can be waited for");
    output.status.success().then(|| String::from_utf8(output.stdout).expect("it prints text"))
}

fn has_jq() -> bool {
    let is_there = shell_can("jq --version");
    if !is_there {
        left_out("a reader of reports, for want of jq");
    }
    is_there
}

/// Prints all samples as a list of name, labels and value.
const READ_METRICS: &str = "
import json, sys
from prometheus_client.parser import text_string_to_metric_families
text = sys.stdin.buffer.read().decode()
families = list(text_string_to_metric_families(text))
assert all(family.type in ('counter', 'gauge') and family.documentation for family in families), families
print(json.dumps([[sample.name, sample.labels, sample.value] for family in families for sample in family.samples]))
";

/// The value of a metric.
fn sample(samples: &Value, name: &str, labels: &Value) -> Option<f64> {
    let wanted = |sample: &&Value| sample[0] == format!("provfilter_{name}") && sample[1] == *labels;
    let mut found = samples.as_array().expect("samples are a list").iter().filter(wanted);
    let sample = found.next()?;
    assert!(found.next().is_none(), "{name} {labels} is there once");
    sample[2].as_f64()
}

#[test]
fn prometheus_reads_each_count_of_the_metrics() {
    if !has_module("prometheus_client.parser", "text_string_to_metric_families") {
        return;
    }
    for (ended, metrics) in reports("prometheus") {
        let report = ended.report("report.json");
        let samples =
            answer(&["python3", "-c", READ_METRICS], &metrics).unwrap_or_else(|| panic!("refused:\n{metrics}\n{ended}"));
        let samples: Value = serde_json::from_str(&samples).expect("the script prints JSON");
        let mut expected = 0;
        for (member, metric) in [
            ("lines", "lines_total"),
            ("blank_lines", "blank_lines_total"),
            ("total", "records_total"),
            ("rejected", "rejected_lines_total"),
            ("passed", "passed_lines_total"),
            ("written", "written_records_total"),
            ("routed", "routed_records_total"),
            ("dropped", "dropped_records_total"),
            ("approved", "approved_records_total"),
            ("excluded", "excluded_records_total"),
            ("covered", "covered_records_total"),
            ("complete", "complete_records_total"),
            ("invalid", "invalid_records_total"),
            ("missing_provenance", "missing_provenance_records_total"),
            ("annotated", "annotated_records_total"),
            ("backfilled", "backfilled_records_total"),
            ("unchanged", "unchanged_records_total"),
            ("bytes_in", "read_bytes_total"),
            ("bytes_out", "written_bytes_total"),
            ("coverage", "coverage_ratio"),
        ] {
            let value = sample(&samples, metric, &json!({}));
            assert_eq!(value, report[member].as_f64(), "{metric}\n{ended}");
            expected += usize::from(value.is_some());
        }
        for (member, metric, label) in [
            ("by_source", "source_records_total", "source"),
            ("by_model", "model_records_total", "model"),
            ("by_reason", "reason_records_total", "reason"),
            ("by_month", "month_records_total", "month"),
            ("by_error", "faults_total", "code"),
            ("missing_fields", "missing_fields_total", "field"),
        ] {
            for (name, count) in report[member].as_object().expect("tables are objects") {
                assert_eq!(sample(&samples, metric, &json!({ label: name })), count.as_f64(), "{metric} of {name}\n{ended}");
                expected += 1;
            }
        }
        for row in report["content"].as_array().expect("content is a list") {
            let labels = json!({ "source": row["source"], "model": row["model"] });
            for (member, metric) in [
                ("records", "content_records_total"),
                ("bytes", "content_bytes_total"),
                ("approved", "content_approved_records_total"),
                ("excluded", "content_excluded_records_total"),
            ] {
                assert_eq!(sample(&samples, metric, &labels), row[member].as_f64(), "{metric} of {row}\n{ended}");
                expected += 1;
            }
        }
        assert_eq!(sample(&samples, "info", &json!({ "version": report["tool"]["version"] })), Some(1.0));
        let times = [("start_time_seconds", true), ("end_time_seconds", true), ("interrupted", true)];
        let captured = !report["first_timestamp"].is_null();
        for (metric, is_there) in
            times.into_iter().chain([("first_capture_time_seconds", captured), ("last_capture_time_seconds", captured)])
        {
            assert_eq!(sample(&samples, metric, &json!({})).is_some(), is_there, "{metric}\n{ended}");
            expected += usize::from(is_there);
        }
        let number = samples.as_array().map(Vec::len);
        assert_eq!(number, Some(expected + 1), "there are no metrics besides these\n{metrics}");
    }
}

#[test]
fn prometheus_reads_times_to_the_fraction_of_a_second() {
    if !has_module("prometheus_client.parser", "text_string_to_metric_families") {
        return;
    }
    let (_, metrics) = reports("prometheus").nth(1).expect("there are several runs");
    let samples = answer(&["python3", "-c", READ_METRICS], &metrics).expect("the metrics are taken");
    let samples: Value = serde_json::from_str(&samples).expect("the script prints JSON");
    assert_eq!(sample(&samples, "first_capture_time_seconds", &json!({})), Some(1_767_225_600.5));
    assert_eq!(sample(&samples, "start_time_seconds", &json!({})), Some(1_774_880_551.0));
}

/// Prints what is wrong with the report, by the schema, which is the argument.
const VALIDATE: &str = "
import json, sys
from jsonschema import Draft202012Validator as Validator
schema = json.loads(sys.argv[1])
Validator.check_schema(schema)
report = json.loads(sys.stdin.buffer.read().decode())
for error in Validator(schema, format_checker=Validator.FORMAT_CHECKER).iter_errors(report):
    print(error.json_path, error.validator)
";

fn problems(report: &str) -> String {
    answer(&["python3", "-c", VALIDATE, SCHEMA], report).unwrap_or_else(|| panic!("no answer about {report}"))
}

#[test]
fn a_validator_takes_our_reports() {
    if !has_module("jsonschema", "Draft202012Validator") {
        return;
    }
    for (ended, report) in reports("json") {
        assert_eq!(problems(&report), "", "{report}\n{ended}");
    }
}

#[test]
fn a_validator_refuses_broken_reports() {
    if !has_module("jsonschema", "Draft202012Validator") {
        return;
    }
    let (_, report) = reports("json").nth(2).expect("there are several runs");
    let report: Value = serde_json::from_str(&report).expect("the report is JSON");
    for (pointer, value, problem) in [
        ("/schema_version", json!(2), "$.schema_version const"),
        ("/tool/name", json!("jq"), "$.tool.name const"),
        ("/started_at", json!("yesterday"), "$.started_at pattern"),
        ("/lines", json!(-1), "$.lines minimum"),
        ("/lines", json!(1.5), "$.lines type"),
        ("/total", json!("1"), "$.total type"),
        ("/first_timestamp", json!(1), "$.first_timestamp anyOf"),
        ("/by_source", json!({ "a": null }), "$.by_source.a type"),
        ("/by_error", json!({ "bad": 1 }), "$.by_error enum"),
        ("/missing_fields", json!({ "excluded": 1 }), "$.missing_fields enum"),
        ("/times", json!({}), "$.times required"),
        ("/values", json!({ "model": 1 }), "$.values.model type"),
        ("/coverage", json!(1.1), "$.coverage anyOf"),
        ("/errors/0/code", json!("bad"), "$.errors[0].code enum"),
        ("/errors/0/line", json!(0), "$.errors[0].line minimum"),
        ("/ending", json!("bad"), "$.ending enum"),
        ("/run_id", json!(""), "$.run_id minLength"),
    ] {
        let mut broken = report.clone();
        *broken.pointer_mut(pointer).unwrap_or_else(|| panic!("the report has {pointer}")) = value;
        let problems = problems(&broken.to_string());
        assert!(problems.lines().any(|line| line == problem), "{pointer}: {problems}");
    }
    let mut more = report.clone();
    more["more"] = json!(1);
    assert_eq!(problems(&more.to_string()), "$ additionalProperties\n");
    let mut less = report;
    less.as_object_mut().expect("the report is an object").remove("covered");
    assert_eq!(problems(&less.to_string()), "$ required\n");
}

/// Validates a statement, reads its predicate, which must have no member that SLSA does not know, and prints both as they were understood.
const READ_STATEMENT: &str = "
import json, sys
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1 import statement_pb2
text = sys.stdin.buffer.read().decode()
statement = json_format.Parse(text, statement_pb2.Statement())
Statement.copy_from_pb(statement).validate()
predicate = json_format.ParseDict(json_format.MessageToDict(statement.predicate), provenance_pb2.Provenance())
print(json.dumps([json_format.MessageToDict(message) for message in (statement, predicate)]))
";

#[test]
fn in_toto_takes_our_statement() {
    if !has_module("in_toto_attestation.v1.statement", "Statement") {
        return;
    }
    let report = full_report();
    let text = report.render(Format::InToto, &Style::default());
    let read = answer(&["python3", "-c", READ_STATEMENT], &text).unwrap_or_else(|| panic!("refused:\n{text}"));
    let [statement, predicate]: [Value; 2] = serde_json::from_str(&read).expect("the script prints JSON");
    assert_eq!(statement["predicateType"], "https://slsa.dev/provenance/v1");
    assert_eq!(statement["subject"], json!([{ "name": "-", "digest": { "sha256": "a".repeat(64) } }]));
    assert_eq!(predicate["buildDefinition"]["resolvedDependencies"][1]["digest"]["sha256"], "2".repeat(64));
    assert_eq!(predicate["buildDefinition"]["externalParameters"]["rules"][0]["reason"], "low-score");
    let details = &predicate["runDetails"];
    assert_eq!(details["metadata"]["invocationId"], report.run_id);
    assert_eq!(details["metadata"]["finishedOn"], "2026-03-30T14:22:35.500Z");
    let json = report.render(Format::Json, &Style::default());
    let digest = answer(&["sha256sum"], &json).expect("sha256sum is there");
    assert_eq!(details["byproducts"][0]["digest"]["sha256"].as_str(), digest.split(' ').next());
    assert_eq!(details["byproducts"][0]["annotations"]["total"], 1220.0);
}

#[test]
fn in_toto_refuses_a_statement_about_an_output_without_a_digest() {
    if !has_module("in_toto_attestation.v1.statement", "Statement") {
        return;
    }
    let mut report = full_report();
    report.run.output.sha256 = None;
    let text = report.render(Format::InToto, &Style::default());
    assert_eq!(answer(&["python3", "-c", READ_STATEMENT], &text), None);
    assert!(text.contains(r#""subject":[]"#), "{text}");
}

/// The sums that every report keeps.
const SUMS: &str = ".lines == .total + .blank_lines + .rejected + .passed \
    and .total == .written + .routed + .dropped \
    and .total == ([.by_source[]] | add // 0) and .total == ([.by_model[]] | add // 0) and .excluded == ([.by_reason[]] | add // 0)";

#[test]
fn jq_reads_the_json_report() {
    if !has_jq() {
        return;
    }
    for (ended, report) in reports("json") {
        assert_eq!(answer(&["jq", "--compact-output", SUMS], &report).as_deref(), Some("true\n"), "{report}\n{ended}");
    }
    let (_, report) = reports("json").nth(1).expect("there are several runs");
    let model = answer(&["jq", "--raw-output", ".by_model | keys[] | select(startswith(\"a\"))"], &report);
    assert_eq!(model.as_deref(), Some("a\"b\\c\nd\n"));
}
