//! Spark: a folder of shards and a `DataFrame`, each with tasks that are killed on the way.

use std::fmt::Write;
use std::fs;

use super::tasks::{put_killer, same_counts, was_killed};
use super::{Recipe, has};

const SHARDS: usize = 200;

/// Runs a job on two cores with three retries, without web pages, and with a compiler and a collector that suit short runs. Parquet comes
/// in gzip, because the library for snappy, the default, does not load where there is musl besides glibc, and with times that others read.
const SUBMIT: &str = r#"export PATH="$PWD/bin:$PATH" SPARK_LOCAL_IP=127.0.0.1 SOURCE_DATE_EPOCH=1774880551
submit() {
    spark-submit --master 'local[2,4]' --conf spark.ui.enabled=false --driver-java-options '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' \
        --conf spark.sql.parquet.compression.codec=gzip --conf spark.sql.parquet.outputTimestampType=TIMESTAMP_MICROS \
        --conf spark.sql.files.openCostInBytes=100MB "$@"
}
"#;

/// Rows of values that JSON, or a reader of it, would change, in files of two row groups.
const NASTY: &str = r#"
import datetime, decimal, math, os
import pyarrow as pa, pyarrow.parquet as pq
utc = datetime.timezone.utc
rows = [
    {"id.of row": 9007199254740993, "double": math.nan, "decimal": decimal.Decimal("1.100000000000000000"), "binary": b"\x00\xff\x80",
     "timestamp": datetime.datetime(2026, 3, 30, 14, 22, 31, 123456, utc), "local": datetime.datetime(1, 1, 1, 0, 0, 0, 1),
     "struct": {"a": None, "list": [1, None]}, "text": 'q"\\ \n\r\t \u2028 é 👋 \x00 {}', "map": [("k", None)], "date": datetime.date(1, 1, 1)},
    {"double": math.inf},
    {"id.of row": -9223372036854775808, "double": -0.0, "decimal": decimal.Decimal("99999999999999999999.999999999999999999"), "binary": b"",
     "timestamp": datetime.datetime(1582, 10, 4, tzinfo=utc), "struct": {"a": "NaN", "list": []}, "text": "", "map": [], "date": datetime.date(9999, 12, 31)},
]
types = [("id.of row", pa.int64()), ("double", pa.float64()), ("decimal", pa.decimal128(38, 18)), ("binary", pa.binary()),
    ("timestamp", pa.timestamp("us", "UTC")), ("local", pa.timestamp("us")), ("struct", pa.struct([("a", pa.string()), ("list", pa.list_(pa.int32()))])),
    ("text", pa.string()), ("map", pa.map_(pa.string(), pa.string())), ("date", pa.date32())]
os.mkdir("in")
for part in range(4):
    pq.write_table(pa.Table.from_pylist(rows * 400, pa.schema(types)), f"in/part-{part}.parquet", compression="gzip")
"#;

/// Compares what went in with what came out, by how Python spells it, and the provenance with what the rows say.
const SAME_VALUES: &str = r#"
import pyarrow.parquet as pq
before, after = pq.read_table("in"), pq.read_table("out")
provenance, after = after["provenance"].to_pylist(), after.drop_columns("provenance")
assert after.column_names == before.column_names, after.column_names
rows = after.to_pylist()
assert sorted(map(repr, rows)) == sorted(map(repr, before.to_pylist())), "a value differs"
for row, own in zip(rows, provenance):
    if row["double"] == float("inf"):
        assert own is None, own
        continue
    assert own.pop("source_session_id") == str(row["id.of row"]), (own, row)
    assert own.pop("timestamp") == row["timestamp"].strftime("%Y-%m-%dT%H:%M:%S.%fZ"), (own, row)
    excluded = row["text"] == ""
    said = {"approved": not excluded, "excluded": excluded or None, "exclusion_reason": "empty" if excluded else None}
    assert own == {"source": "curated", "model": "m", **said}, own
"#;

/// A job of somebody's own, which counts its rows twice.
const OWN_JOB: &str = r#"
import sys
from pyspark.sql import SparkSession
from provenance_frame import with_provenance
rows = SparkSession.builder.getOrCreate().read.parquet("in")
flags = ["--source", "curated", "--model", "{/text}", "--model", "m"]
frame = with_provenance(rows, flags, sys.argv[1], columns=["text"])
assert frame.count() == frame.count() == rows.count() == 4800
assert frame.where("provenance.source = 'curated'").count() == 4800
frame.limit(1).collect()
"#;

fn spark_is_there() -> bool {
    has("Spark", "java -version && command -v spark-submit && python3 -c 'import pandas, pyarrow, pyspark'")
}

fn recipe() -> Recipe {
    let recipe = Recipe::of("spark");
    put_killer(&recipe, "shard-0050", "shard-0100|part-00001");
    recipe
}

/// The size of a shard, in bytes. The debug program is slow.
fn shard_bytes() -> usize {
    std::env::var("PROVFILTER_SHARD_BYTES").map_or(20_000, |size| size.parse().expect("a number of bytes"))
}

/// A shard with records that are spelled in ways of their own, and with lines that are none.
fn shard(number: usize) -> Vec<u8> {
    let mut lines = String::new();
    for id in 0.. {
        if lines.len() >= shard_bytes() {
            break;
        }
        let more = [r#","provenance":{"model":"older","note":1}"#, "", ""][id % 3];
        let end = ["", "\r"][id / 5 % 2];
        writeln!(lines, "{{\"id\": {number}.{id:04}0, \"score\": 0.{}, \"text\": \"\\u00e9 é \\/ \u{85}\"{more}}}{end}", id % 7)
            .expect("a string takes text");
    }
    if number.is_multiple_of(10) {
        lines.push_str("{\"id\": NaN}\r\n\n");
    }
    let mut bytes = lines.into_bytes();
    if number.is_multiple_of(20) {
        bytes.extend(b"{\"not\":\"UTF-8 \xff\"}");
    }
    bytes
}

#[test]
fn shards_on_spark_give_what_a_single_run_gives_though_tasks_are_killed() {
    if !spark_is_there() {
        return;
    }
    let recipe = recipe();
    for number in 0..SHARDS {
        recipe.file(&format!("in/shard-{number:04}.jsonl"), shard(number));
    }
    let flags = "--source trajectory --model hermes4:14b --session-id '{/id}' --exclude 'low=.score < 0.2'";
    recipe.runs(&format!(
        "{SUBMIT} submit provenance_shards.py in out {flags}
        test $? -eq 1 || exit 3
        cat out/*.jsonl > together.jsonl && cat out/_rejects/* > together.rejects
        provfilter {flags} --rejects single.rejects --report json=single.json \"$PWD\"/in/*.jsonl > single.jsonl
        cmp single.jsonl together.jsonl && cmp single.rejects together.rejects"
    ));
    same_counts(&recipe, "single.json", "out/_report.json");
    assert_eq!(recipe.read("single.json").matches("\"code\":\"not_utf8\"").count(), SHARDS / 20);
    assert!(was_killed(&recipe, "shard-0050") && was_killed(&recipe, "shard-0100"));
    let left: Vec<_> =
        fs::read_dir(recipe.path("out")).expect("there is output").map(|entry| entry.expect("a file").file_name()).collect();
    assert_eq!(left.len(), SHARDS + 3, "{left:?}");
}

#[test]
fn a_data_frame_on_spark_keeps_its_values_though_a_task_is_killed() {
    if !spark_is_there() {
        return;
    }
    let recipe = recipe();
    recipe.file("make.py", NASTY).file("same_values.py", SAME_VALUES);
    recipe.runs(&format!(
        "{SUBMIT} python3 make.py
        submit provenance_frame.py in out reports --source curated --model m --session-id '{{/id.of row}}' --timestamp '{{/timestamp}}' \\
            --exclude 'unbounded=if .double == \"Infinity\" then error else false end' --exclude 'empty=.text == \"\"'
        test $? -eq 1 && python3 same_values.py"
    ));
    assert!(was_killed(&recipe, "part-00001"));
    for count in [r#""lines":4800"#, r#""passed":1600"#, r#""total":3200"#, r#""excluded":1600"#, r#""rule_failed":1600"#] {
        assert!(recipe.read("reports/merged.json").contains(count), "{count}");
    }
}

#[test]
fn counting_a_data_frame_on_spark_twice_reports_its_rows_once() {
    if !spark_is_there() {
        return;
    }
    let recipe = recipe();
    recipe.file("make.py", NASTY).file("own_job.py", OWN_JOB);
    let printed = recipe.runs(&format!(
        "{SUBMIT} python3 make.py && mkdir reports
        submit --py-files provenance_frame.py own_job.py \"$PWD/reports\" && provfilter --merge --report json=- reports/*.json"
    ));
    assert!(printed.output.contains(r#""lines":4800,"#), "{}", printed.output);
}
