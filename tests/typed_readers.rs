//! Readers that take the types of columns from the first rows load what `--all-fields` writes, also where only the last rows of many
//! differ, and say what `json.loads` says. A test says so when a reader is not there; `.ci/run` installs them.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use crate::harness::{has_module, output_of, provfilter};

/// So many that no reader looks at all of them, nor at the last ones, for its types.
const ROWS: usize = 150_000;

/// The last rows: an exclusion, a fraction of a second, a time that does not resolve, and provenance that was there before.
const LAST: [&str; 5] = [
    r#"{"id":1,"at":1774880551.0,"score":-0.5}"#,
    r#"{"id":2,"at":1774880551.25,"score":0.5}"#,
    r#"{"id":3,"at":null,"score":0.5}"#,
    r#"{"id":4,"at":1774880551.0,"score":0.5,"provenance":{"source":"trajectory","model":"x","timestamp":"2026-03-30T16:22:31+02:00"}}"#,
    r#"{"id":5,"at":1774880551.0,"score":0.5,"provenance":{"model":"","approved":null,"source_session_id":"s-9"}}"#,
];

const ARGS: [&str; 12] = [
    "-q",
    "--source",
    "curated",
    "--model",
    "m",
    "--session-id",
    "s-{/id}",
    "--timestamp",
    "{/at}",
    "--exclude",
    "low=.score < 0",
    "--all-fields",
];

/// Reads the file that is the argument both ways, and fails where a row differs. Times are compared as what they say.
const COMPARE: &str = r#"
import datetime, json, sys

def plain(value):
    if isinstance(value, dict):
        return {name: plain(own) for name, own in value.items()}
    if isinstance(value, datetime.datetime):
        assert not value.utcoffset(), value
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value

path = sys.argv[1]
expected = [json.loads(line) for line in open(path, "rb")]
rows = [plain(row) for row in read(path)]
assert len(rows) == len(expected), len(rows)
for row, own in zip(rows, expected):
    assert row == own, (row, own)
"#;

/// A line for each of many rows that are alike, and for the last ones.
fn rows() -> String {
    let mut rows = String::new();
    for id in LAST.len()..ROWS {
        writeln!(rows, r#"{{"id":{id},"at":1774880551.0,"score":0.5}}"#).expect("a string takes text");
    }
    rows + &LAST.join("\n")
}

fn is_read_by(module: &str, name: &str, read: &str) {
    if !has_module(module, name) {
        return;
    }
    let ended = provfilter(&ARGS).given(rows()).ends();
    ended.tells("").with_status(0);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("rows.jsonl");
    fs::write(&file, &ended.stdout).expect("a file can be written");
    let mut python = Command::new("python3");
    python.args(["-c", &format!("{read}\n{COMPARE}")]).arg(&file);
    // What is cached is in the folder, and nobody is asked over the network.
    python.env("HF_HOME", folder.path()).env("HF_HUB_OFFLINE", "1");
    let output = output_of(&mut python).expect("Python is there");
    assert!(output.status.success(), "{module}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_note_says_where_readers_find_no_type_for_times() {
    let timed = "{\"provenance\":{\"timestamp\":\"2026-03-30\"}}\n";
    let note = "note: the first 10000 records have no timestamp; readers that infer types from the first rows must be told that it is a \
                string\n";
    for (untimed, flags, told) in [
        (10_000, &["--all-fields"][..], note),
        (9_999, &["--all-fields"], ""),
        (10_000, &[], ""),
        (10_000, &["--all-fields", "--quiet"], ""),
        (10_000, &["--all-fields", "--timestamp", "2026-01-01"], ""),
    ] {
        for threads in ["1", "3"] {
            let args = [&["--report", "none", "--threads", threads], flags].concat();
            let ended = provfilter(&args).given("{}\n".repeat(untimed) + timed).ends();
            ended.tells(told).with_status(0);
        }
    }
}

#[test]
fn polars_reads_what_all_fields_writes() {
    is_read_by("polars", "read_ndjson", "import polars\nread = lambda path: polars.read_ndjson(path).to_dicts()");
}

#[test]
fn polars_scans_what_all_fields_writes() {
    is_read_by("polars", "scan_ndjson", "import polars\nread = lambda path: polars.scan_ndjson(path).collect().to_dicts()");
}

#[test]
fn duckdb_reads_what_all_fields_writes() {
    let read = "
import duckdb
def read(path):
    connection = duckdb.connect()
    connection.execute(\"set timezone = 'UTC'\")
    table = connection.sql(f\"select * from read_json('{path}')\")
    return [dict(zip(table.columns, row)) for row in table.fetchall()]";
    is_read_by("duckdb", "connect", read);
}

#[test]
fn pyarrow_reads_what_all_fields_writes() {
    is_read_by("pyarrow.json", "read_json", "import pyarrow.json\nread = lambda path: pyarrow.json.read_json(path).to_pylist()");
}

#[test]
fn datasets_loads_what_all_fields_writes() {
    let read = "import datasets\nread = lambda path: datasets.load_dataset('json', data_files=path, split='train').to_list()";
    is_read_by("datasets", "load_dataset", read);
}
