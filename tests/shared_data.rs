//! Real records from outside of the repository, where they lie beside it: none is lost, and no byte but the inserted ones differs.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::{Ended, left_out, provfilter};

const FILES: [&str; 4] = ["hermes_trajectories.jsonl", "seed_tasks.jsonl", "user_oriented_instructions.jsonl", "wiki_hop.jsonl"];

const ARGS: [&str; 8] = ["--source", "curated", "--model", "m", "--session-id", "s", "--report", "json=report.json"];

/// What a record without provenance gets.
const INSERTED: &str = concat!(
    r#","provenance":{"source":"curated","model":"m","source_session_id":"s","#,
    r#""timestamp":"2026-03-30T14:22:31Z","approved":true}"#
);

/// The files that are there, with their content.
fn contents() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if !folder.is_dir() {
        left_out(format_args!("{} is not there", folder.display()));
        return Vec::new();
    }
    let content = |path: &PathBuf| fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    FILES.iter().map(|name| folder.join(name)).map(|path| (path.clone(), content(&path))).collect()
}

fn annotate(content: &str) -> Ended {
    let ended = provfilter(&ARGS).given(content).ends();
    ended.with_status(0);
    ended
}

#[test]
fn every_record_comes_out_and_without_the_inserted_bytes_it_is_the_one_that_went_in() {
    for (path, content) in contents() {
        let ended = annotate(&content);
        let out = String::from_utf8(ended.stdout).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let restored: Vec<_> = out.split_terminator('\n').map(|line| line.split_once(INSERTED)).collect();
        assert_eq!(restored.len(), content.split_terminator('\n').count(), "{}", path.display());
        for (number, (line, restored)) in content.split_terminator('\n').zip(restored).enumerate() {
            let (before, behind) = restored.unwrap_or_else(|| panic!("{}:{}: nothing inserted", path.display(), number + 1));
            assert!([before, behind].concat() == line, "{}:{}: other bytes differ", path.display(), number + 1);
            assert_eq!(behind, "}", "{}:{}: the member is the last one", path.display(), number + 1);
        }
    }
}

#[test]
fn a_second_pass_changes_nothing() {
    for (path, content) in contents() {
        let once = annotate(&content).stdout;
        let twice = annotate(std::str::from_utf8(&once).expect("records are text"));
        assert!(twice.stdout == once, "{}", path.display());
        let report = twice.report("report.json");
        assert_eq!(report["unchanged"], report["total"], "{}", path.display());
    }
}

#[test]
fn the_counts_of_the_report_add_up() {
    for (path, content) in contents() {
        // Faults, blank lines and exclusions among the records, so that each count has something to count.
        let spoiled = format!("{content}\n[]\n\n{{\"a\":\n");
        let args = ["--exclude", "long=tostring | length > 3000", "--excluded-to", "excluded.jsonl", "-q"];
        let ended = provfilter(&[&ARGS[..], &args].concat()).given(spoiled.as_str()).ends();
        ended.with_status(1);
        let report = ended.report("report.json");
        let count = |name: &str| report[name].as_u64().unwrap_or_else(|| panic!("{name} is a count"));
        assert_eq!(count("lines"), spoiled.lines().count() as u64, "{}", path.display());
        assert_eq!(count("lines"), count("total") + count("blank_lines") + count("rejected") + count("passed"));
        assert_eq!(count("total"), count("written") + count("routed") + count("dropped"));
        assert_eq!(count("total"), content.lines().count() as u64);
        assert_eq!((count("rejected"), count("excluded")), (2, count("routed")));
        assert_eq!((count("bytes_in"), count("bytes_out")), (spoiled.len() as u64, ended.stdout.len() as u64));
    }
}
