//! Digests: those of `sha256sum`, however the bytes come and on however many workers, and none of what was not read or written whole.

use std::io::Write;
use std::num::NonZeroUsize;
use std::process::Command;
use std::sync::Arc;

use flate2::write::GzEncoder;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use provfilter::pipeline::{self, Control, Input, OnFault, Options, Outputs};
use provfilter::stage::{Backfill, Chain, Values};
use provfilter::value::Value;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio_test::io::Builder;

use crate::harness::{Ended, left_out, output_of, provfilter, provfilter_by, shell_can};

fn sha256(bytes: &[u8]) -> String {
    let digits: Vec<_> = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

/// What `sha256sum` says, where it is there.
fn sha256sum(bytes: &[u8]) -> Option<String> {
    if !shell_can("command -v sha256sum") {
        left_out("the digests of sha256sum, which is not there");
        return None;
    }
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("file");
    std::fs::write(&path, bytes).expect("a file can be written");
    let told = output_of(Command::new("sha256sum").arg(path)).expect("it can be started").stdout;
    Some(String::from_utf8(told).expect("it tells text")[..64].to_owned())
}

fn lines() -> impl Strategy<Value = Vec<u8>> {
    let line = select(vec![
        "{\"a\":1}",
        "{\"provenance\":{\"source\":\"curated\"}}",
        "[]",
        "",
        "{\"long\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}",
        "\r",
    ]);
    (any::<bool>(), vec(line, 0..80)).prop_map(|(mark, lines)| {
        let mark = if mark { "\u{feff}" } else { "" };
        format!("{mark}{}", lines.join("\n")).into_bytes()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn digests_are_the_same_however_the_bytes_come_and_whoever_works(
        inputs in vec((lines(), vec(any::<Index>(), 0..5)), 1..4),
        threads in 1..5_usize,
        on_fault in select(vec![OnFault::Reject, OnFault::Pass]),
        max_line_bytes in select(vec![20, 1 << 20]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime can be made");
        let values = Values::new(Value::literal("curated"), Value::literal("m"));
        let chain = Arc::new(Chain::new().with(Backfill::new(values)));
        let threads = NonZeroUsize::new(threads).expect("one at least");
        let options = Options { threads, on_fault, max_line_bytes, ..Options::default() };
        let mut outputs = Outputs::to(Vec::new());
        outputs.records = outputs.records.hashed();
        let control = Control::default();
        let readers: Vec<_> = inputs.iter().map(|(bytes, cuts)| Ok(Input::new("in", in_pieces(bytes, cuts)).hashed())).collect();
        let outcome = runtime.block_on(pipeline::run_under(control.clone(), readers, outputs, chain, options, ()));

        let digests: Vec<_> = control.inputs().into_iter().map(|input| input.sha256).collect();
        let expected: Vec<_> = inputs.iter().map(|(bytes, _)| Some(sha256(bytes))).collect();
        prop_assert_eq!(digests, expected);
        let records = outcome.outputs.expect("no worker is lost").records;
        prop_assert_eq!(records.sha256(), Some(sha256(&records.writer)));
    }
}

/// A reader that gives the bytes in pieces.
fn in_pieces(bytes: &[u8], cuts: &[Index]) -> tokio_test::io::Mock {
    let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).chain([0, bytes.len()]).collect();
    places.sort_unstable();
    let mut builder = Builder::new();
    for piece in places.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).filter(|piece| !piece.is_empty()) {
        builder.read(piece);
    }
    builder.build()
}

/// Some megabytes of records, of which each worker gets some.
fn many_lines() -> Vec<u8> {
    let records = (0..60_000_u64).map(|id| format!("{{\"id\":{id},\"noise\":{}}}\n", id.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    ["\u{feff}".to_owned()].into_iter().chain(records).collect::<String>().into_bytes()
}

const ANNOTATED: [&str; 7] = ["--digests", "--source", "curated", "--model", "m", "--report", "json=report.json"];

#[track_caller]
fn has_digests(ended: &Ended, inputs: &[&[u8]], output: &[u8]) {
    let report = ended.report("report.json");
    for (number, input) in inputs.iter().enumerate() {
        let expected = sha256sum(input).unwrap_or_else(|| sha256(input));
        assert_eq!(report["inputs"][number]["sha256"], json!(expected), "{number}");
        assert_eq!(report["inputs"][number]["bytes"], json!(input.len()), "{number}");
    }
    assert_eq!(report["output"]["sha256"], json!(sha256sum(output).unwrap_or_else(|| sha256(output))));
    assert_eq!(report["output"]["bytes"], json!(output.len()));
}

#[test]
fn the_program_says_what_sha256sum_says() {
    let lines = many_lines();
    for threads in ["1", "2", "7"] {
        let args = [&ANNOTATED[..], &["--threads", threads, "in.jsonl", "-", "empty.jsonl"]].concat();
        let ended = provfilter(&args).file("in.jsonl", &lines).file("empty.jsonl", "").given("{}\n{\"a\":1}").ends();
        ended.with_status(0);
        has_digests(&ended, &[&lines, b"{}\n{\"a\":1}", b""], &ended.stdout);
    }
}

#[test]
fn the_digest_of_a_compressed_file_is_that_of_the_file() {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&many_lines()).expect("memory takes everything");
    let mut gzip = encoder.finish().expect("memory takes everything");
    gzip.extend([0; 700]);
    let mut zstd = Vec::with_capacity(zstd_safe::compress_bound(many_lines().len()));
    zstd_safe::CCtx::create().compress2(&mut zstd, &many_lines()).expect("there is room");
    for threads in ["1", "3"] {
        let args = [&ANNOTATED[..], &["--threads", threads, "a.jsonl.gz", "b.jsonl.zst"]].concat();
        let ended = provfilter(&args).file("a.jsonl.gz", &gzip).file("b.jsonl.zst", &zstd).ends();
        has_digests(&ended, &[&gzip, &zstd], &ended.stdout);
    }
}

#[test]
fn what_was_not_read_to_its_end_has_no_digest() {
    let args = ["--digests", "--on-error", "stop", "--report", "json=report.json", "first.jsonl", "second.jsonl"];
    let ended = provfilter(&args).file("first.jsonl", "{}\n").file("second.jsonl", "{}\n[]\n{}\n").ends();
    has_digests(&ended, &[b"{}\n"], b"{}\n{}\n");
    assert_eq!(ended.report("report.json")["inputs"][1], json!({ "name": "second.jsonl", "lines": 2, "bytes": 6 }), "{ended}");

    let mut damaged = GzEncoder::new(Vec::new(), flate2::Compression::default());
    damaged.write_all(b"{}\n").expect("memory takes everything");
    let mut damaged = damaged.finish().expect("memory takes everything");
    damaged.truncate(damaged.len() - 1);
    let args = ["--digests", "--report", "json=report.json", ".", "a.gz", "b.jsonl"];
    let ended = provfilter(&args).file("a.gz", damaged).file("b.jsonl", b"\x1f\x8b\x08\0").ends();
    let report = ended.with_status(2).report("report.json");
    let digests: Vec<_> = report["inputs"].as_array().into_iter().flatten().map(|input| input.get("sha256")).collect();
    assert_eq!(digests, [None; 3], "{ended}");
}

#[test]
fn an_output_that_took_not_all_or_is_not_one_has_no_digest() {
    let full = provfilter_by("exec \"$0\" \"$@\" > /dev/full", &ANNOTATED).given("{}\n").ends();
    let none = provfilter(&[&ANNOTATED[..], &["-n"]].concat()).given("{}\n").ends();
    let several = provfilter(&[&ANNOTATED[..], &["-i", "a.jsonl"]].concat()).file("a.jsonl", "{}\n").ends();
    for ended in [&full, &none, &several] {
        assert_eq!(ended.report("report.json")["output"].get("sha256"), None, "{ended}");
    }
    for ended in [none, several] {
        let report = ended.report("report.json");
        assert_eq!(report["inputs"][0]["sha256"], json!(sha256(b"{}\n")), "{ended}");
    }
}

#[test]
fn nothing_is_hashed_unasked() {
    let ended = provfilter(&["--report", "json=report.json"]).given("{}\n").ends();
    assert!(!ended.report("report.json").to_string().contains("sha256"), "{ended}");
}

#[test]
fn a_statement_is_about_the_bytes_that_were_written() {
    let args = ["--digests", "--source", "curated", "--model", "m", "--report", "in-toto=statement.json", "in.jsonl"];
    let ended = provfilter(&args).file("in.jsonl", "{\"a\":1}\n").ends();
    let statement = ended.with_status(0).files().remove("statement.json").expect("there is a statement");
    let statement: serde_json::Value = serde_json::from_slice(&statement).expect("it is JSON");
    assert_eq!(statement["subject"][0]["digest"]["sha256"], json!(sha256(&ended.stdout)), "{ended}");
    assert!(statement.to_string().contains(&sha256(b"{\"a\":1}\n")), "{ended}");
}
