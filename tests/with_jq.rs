//! The program between two real jqs, in real pipes.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::harness::{Ended, left_out, output_of, provfilter, shell_can, start};

const ANNOTATE: [&str; 5] = ["-q", "--source", "trajectory", "--model", "hermes4:14b"];

/// The examples, as they lie in the repository.
fn examples() -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/trajectories.jsonl")).expect("the examples are there")
}

/// Says so where there is no jq to put before and behind the program.
fn has_jq() -> bool {
    let there = shell_can("jq --version");
    if !there {
        left_out("there is no jq");
    }
    there
}

/// What jq prints for an input.
fn jq(filter: &str, input: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("input.jsonl");
    fs::write(&path, input).expect("a file can be written to a temporary folder");
    let output = output_of(Command::new("jq").args(["-c", filter]).arg(path)).expect("there is a jq");
    assert!(output.status.success(), "jq {filter}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Runs `jq -c before | provfilter args | jq -c behind`, and gives what the last one prints and how the middle one ended.
fn between(before: &str, args: &[&str], behind: &str) -> (Vec<u8>, Ended) {
    let run = provfilter(args).file("input.jsonl", examples());
    let input = run.path("input.jsonl");
    let mut first = start(Command::new("jq").args(["-c", before]).arg(input).stdout(Stdio::piped())).expect("there is a jq");
    let (reader, writer) = std::io::pipe().expect("there are pipes");
    let running = run.input_from(first.stdout.take().expect("its output is a pipe")).output_to(writer).starts();
    let last = output_of(Command::new("jq").args(["-c", behind]).stdin(reader)).expect("there is a jq");
    assert!(first.wait().is_ok_and(|status| status.success()), "jq -c {before} fails");
    assert!(last.status.success(), "jq -c {behind}: {}", String::from_utf8_lossy(&last.stderr));
    (last.stdout, running.ends())
}

fn lines(text: &[u8]) -> Vec<Value> {
    let lines = text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).expect("jq prints JSON")).collect()
}

#[test]
fn takes_what_jq_prints_and_gives_what_jq_reads() {
    if !has_jq() {
        return;
    }
    let (approved, ended) = between(".", &ANNOTATE, "select(.provenance.approved)");
    ended.with_status(0).tells("");
    let turned_down = lines(&jq("select(.provenance.excluded or .provenance.approved == false)", &examples())).len();
    assert_eq!(lines(&approved).len(), lines(&examples()).len() - turned_down);
    assert!(turned_down > 0, "the examples have a record that is not approved");
    assert!(lines(&approved).iter().all(|record| record["provenance"]["approved"] == true));
}

#[test]
fn changes_nothing_that_jq_sees_but_the_provenance() {
    if !has_jq() {
        return;
    }
    let (rest, ended) = between(".", &ANNOTATE, "del(.provenance)");
    ended.with_status(0);
    assert_eq!(String::from_utf8_lossy(&rest), String::from_utf8_lossy(&jq("del(.provenance)", &examples())));
}

#[test]
fn excludes_what_jq_selects_by_the_same_filter() {
    if !has_jq() {
        return;
    }
    for filter in [".completed | not", ".conversations | length > 2", "[.conversations[].value | length] | add > 100"] {
        let rule = format!("rule={filter}");
        let (excluded, ended) =
            between("del(.provenance)", &["-q", "--exclude", &rule], "select(.provenance.excluded) | del(.provenance)");
        ended.with_status(0);
        let selected = jq(&format!("del(.provenance) | select({filter})"), &examples());
        assert_eq!(lines(&excluded), lines(&selected), "{filter}");
        assert!(!lines(&selected).is_empty(), "{filter} selects something");
    }
}

#[test]
fn a_jq_that_has_seen_enough_ends_it() {
    if !has_jq() {
        return;
    }
    let run = provfilter(&["--report", "none"]).given("{\"a\":1}\n".repeat(1_000_000));
    let (reader, writer) = std::io::pipe().expect("there are pipes");
    let running = run.output_to(writer).starts();
    let first = output_of(Command::new("jq").args(["-nc", "input"]).stdin(reader)).expect("there is a jq");
    assert_eq!(first.stdout, b"{\"a\":1}\n");
    running.ends().with_status(141).tells("");
}
