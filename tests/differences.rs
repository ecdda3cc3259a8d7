//! Where the program differs from the Python module whose place it takes: a test for each such thing.

use serde_json::{Value, json};

use crate::harness::{Ended, provfilter};

const ANNOTATE: [&str; 6] = ["--source", "trajectory", "--model", "m", "--session-id", "s"];

/// Runs it with the report in a file, so that what is printed is records and faults alone.
fn run(args: &[&str], input: &str) -> Ended {
    provfilter(&[&["--report", "json=report.json"], args].concat()).given(input).ends()
}

/// What the report counts.
#[track_caller]
fn assert_counts(ended: &Ended, name: &str, expected: &Value) {
    assert_eq!(&ended.report("report.json")[name], expected, "{name}\n{ended}");
}

#[test]
fn floats_big_integers_and_text_survive() {
    let line = r#"{"float": 1.10,"exponent":1E+2,"big":123456789012345678901234567890,"text":"é\u00e9\/","twice":1,"twice":2"#;
    let added = r#","provenance":{"source":"trajectory","model":"m","source_session_id":"s","timestamp":"2026-03-30T14:22:31Z","approved":true}"#;
    run(&ANNOTATE, &format!("{line}}}\n")).prints(format!("{line}{added}}}\n")).with_status(0);
}

#[test]
fn null_provenance_is_absent_and_another_type_is_a_fault_of_that_line() {
    let filled = r#"{"provenance":{"source":"trajectory","model":"m","source_session_id":"s","timestamp":"2026-03-30T14:22:31Z","approved":true}}"#;
    let ended = run(&ANNOTATE, "{\"provenance\":null}\n{\"provenance\":\"trajectory\"}\n{\"provenance\":null}\n");
    ended.prints(format!("{filled}\n{filled}\n")).with_status(1);
    ended.tells("provfilter: -:2: provenance is not an object: expected {\"source\":...} or null\n");
    assert_counts(&ended, "missing_provenance", &json!(2));
    assert_counts(&ended, "by_error", &json!({ "provenance_not_object": 1 }));
}

#[test]
fn an_empty_source_is_missing_for_annotate_and_for_backfill() {
    let line = "{\"provenance\":{\"source\":\"\",\"model\":\"x\",\"source_session_id\":\"s\"}}\n";
    let filled = |source: &str| {
        let rest = r#""model":"x","source_session_id":"s","timestamp":"2026-03-30T14:22:31Z","approved":true"#;
        format!("{{\"provenance\":{{\"source\":\"{source}\",{rest}}}}}\n")
    };
    run(&ANNOTATE, line).prints(filled("trajectory"));
    run(&["--backfill", "--model", "m"], line).prints(filled("backfill"));
}

#[test]
fn an_excluded_record_is_not_approved() {
    let ended = run(&ANNOTATE, "{\"provenance\":{\"excluded\":true,\"exclusion_reason\":\"spam\"}}\n");
    let record: Value = serde_json::from_slice(&ended.stdout).expect("a record comes out");
    assert_eq!(record["provenance"]["approved"], json!(false), "{ended}");
    assert_counts(&ended, "approved", &json!(0));
    assert_counts(&ended, "excluded", &json!(1));
}

#[test]
fn what_leaves_is_counted() {
    let excluded = run(&[&ANNOTATE[..], &["--exclude", "all=true"]].concat(), "{}\n{}\n");
    assert_counts(&excluded, "approved", &json!(0));
    assert_counts(&excluded, "excluded", &json!(2));
    let skipped = "{\"provenance\":{\"source\":\"curated\",\"model\":\"x\",\"approved\":true}}\n{}\n";
    let backfilled = run(&["--backfill", "--model", "m"], skipped);
    assert_counts(&backfilled, "total", &json!(2));
    assert_counts(&backfilled, "approved", &json!(2));
    assert_counts(&backfilled, "by_source", &json!({ "backfill": 1, "curated": 1 }));
}

#[test]
fn missing_provenance_is_counted_on_arrival() {
    let ended = run(&ANNOTATE, "{}\n{\"provenance\":null}\n{\"provenance\":{}}\n{\"provenance\":{\"note\":1}}\n");
    assert_counts(&ended, "missing_provenance", &json!(3));
}

#[test]
fn coverage_counts_each_record_once_and_is_null_for_none() {
    let both = "{\"provenance\":{\"approved\":true,\"excluded\":true}}\n";
    assert_counts(&run(&[], &both.repeat(3)), "coverage", &json!(1.0));
    assert_counts(&run(&[], &format!("{both}{{}}\n")), "coverage", &json!(0.5));
    assert_counts(&run(&[], ""), "coverage", &Value::Null);
}

#[test]
fn the_first_reason_stays() {
    let line = "{\"provenance\":{\"excluded\":true,\"exclusion_reason\":\"first\",\"approved\":false}}\n";
    let ended = run(&["--exclude", "second=true"], line);
    ended.prints(line);
    assert_counts(&ended, "by_reason", &json!({ "first": 1 }));
}

#[test]
fn a_bad_line_is_named_by_its_line_and_the_others_go_on() {
    let content = "{\"a\":1}\n{\"a\":\n{\"a\":3}\n";
    let added = r#""provenance":{"source":"backfill","model":"m","source_session_id":"backfill","timestamp":"2026-03-30T14:22:31Z","approved":true}"#;
    let run = provfilter(&["--report", "none", "--backfill", "--model", "m", "old.jsonl"]).file("old.jsonl", content);
    let ended = run.ends();
    ended.prints(format!("{{\"a\":1,{added}}}\n{{\"a\":3,{added}}}\n")).with_status(1);
    ended.tells("provfilter: old.jsonl:2: not JSON: expected a value, found the end of the line at column 6\n");
    ended.leaves("old.jsonl", content);
}

#[test]
fn nan_and_infinity_are_faults_that_name_them() {
    for name in ["NaN", "Infinity", "-Infinity"] {
        let ended = run(&[], &format!("{{\"a\":{name}}}\n"));
        ended.prints("").with_status(1);
        ended.tells(format!("provfilter: -:1: not JSON: {name} at column 6 is not a JSON number; use null\n"));
        assert_counts(&ended, "by_error", &json!({ "not_json": 1 }));
    }
}

#[test]
fn validation_asks_for_type_emptiness_vocabulary_time_and_contradiction_too() {
    let valid = json!({
        "source_session_id": "s", "source": "curated", "model": "m", "timestamp": "2026-03-30T14:22:31Z", "approved": true,
    });
    let with = |field: &str, value: Value| {
        let mut provenance = valid.clone();
        provenance[field] = value;
        provenance
    };
    let mut contradiction = with("excluded", json!(true));
    contradiction["exclusion_reason"] = json!("spam");
    for (provenance, message, code) in [
        (with("model", json!(7)), "provenance field model is not a string", "wrong_type"),
        (with("approved", json!("yes")), "provenance field approved is not a boolean", "wrong_type"),
        (with("model", json!("")), "provenance field model is empty", "empty_field"),
        (with("source", json!("web")), "unknown source: web", "unknown_source"),
        (with("timestamp", json!("noon")), "timestamp is not ISO 8601: noon", "bad_timestamp"),
        (contradiction, "pair is both approved and excluded", "contradiction"),
    ] {
        let ended = run(&["--validate"], &format!("{}\n", json!({ "provenance": provenance })));
        ended.tells(format!("provfilter: -:1: {message}\n")).with_status(1);
        assert_eq!(ended.report("report.json")["errors"][0]["problems"], json!([code]), "{ended}");
    }
    run(&["--validate"], &format!("{}\n", json!({ "provenance": valid }))).tells("").with_status(0);
}
