//! Files that are rewritten again and again lose no line: each that ever came in is in its file, among the rejects or among the excluded
//! records, or was blank.

use std::collections::BTreeMap;
use std::env;
use std::fs::OpenOptions;
use std::io::Write;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::harness::sums::{blank_lines, lines};
use crate::harness::{Ended, provfilter};

const FILES: [&str; 2] = ["a.jsonl", "b.jsonl"];
const REJECTS: &str = "rejects.jsonl";
const EXCLUDED: &str = "excluded.jsonl";

const ARGS: [&str; 12] = [
    "-q",
    "-i",
    "--exclude",
    "low=.score < 3",
    "--rejects",
    REJECTS,
    "--excluded-to",
    EXCLUDED,
    "--report",
    "json=report.json",
    "a.jsonl",
    "b.jsonl",
];

/// Each run starts the program twice, so that there are few unless more are asked for.
fn few_cases() -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let cases = if env::var_os("PROPTEST_CASES").is_some() { config.cases } else { 24 };
    ProptestConfig { cases, ..config }
}

/// Lines of which each place gets some. `ID` stands for the number of the line among all lines.
const LINES: [&str; 12] = [
    r#"{"id":ID,"score":5}"#,
    r#" {"score":1.0e1, "id":ID} "#,
    r#"{"id":ID,"score":4,"provenance":{"source":"curated"}}"#,
    r#"{"id":ID,"score":1}"#,
    r#"{"id":ID,"score":2,"provenance":{"excluded":true,"exclusion_reason":"old"}}"#,
    r#"{"id":ID,"score":"#,
    r#"{"id":ID,"score":5,"provenance":ID}"#,
    r#"{"id":ID,"score":NaN}"#,
    "[ID]",
    "",
    "  \t",
    "\r",
];

/// Two files, and what is added to each of them later. Their last lines may lack the line feed.
fn texts() -> impl Strategy<Value = [String; 4]> {
    let text = || (vec(select(&LINES[..]), 0..12), any::<bool>());
    [text(), text(), text(), text()].prop_map(|texts| {
        let mut number = 0;
        texts.map(|(kinds, ends_in_line_feed)| {
            let mut numbered = |kind: &str| {
                number += 1;
                kind.replace("ID", &number.to_string())
            };
            let end = ends_in_line_feed.then(String::new);
            let lines: Vec<_> = kinds.into_iter().map(&mut numbered).chain(end).collect();
            lines.join("\n")
        })
    })
}

/// The numbers in the lines of a file, and how often each is there.
fn numbers(content: &[u8]) -> BTreeMap<String, usize> {
    let text = String::from_utf8_lossy(content);
    let mut numbers = BTreeMap::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let number = line.split_once("\"id\":").map_or(line, |(_, rest)| rest);
        let number = number.trim_start_matches('[').split(|character: char| !character.is_ascii_digit()).next();
        *numbers.entry(number.unwrap_or_default().to_owned()).or_default() += 1;
    }
    numbers
}

/// Adds to a file in the folder of a run.
fn append(ended: &Ended, name: &str, content: &str) {
    let file = OpenOptions::new().append(true).open(ended.path(name));
    file.and_then(|mut file| file.write_all(content.as_bytes())).expect("a file can be added to");
}

/// The content of the side files.
fn side_files(ended: &Ended) -> [Vec<u8>; 2] {
    [REJECTS, EXCLUDED].map(|name| ended.files()[name].clone())
}

proptest! {
    #![proptest_config(few_cases())]

    /// Lines come in, the files are rewritten, more lines come in, and the files are rewritten again.
    #[test]
    fn two_rewrites_in_a_row_account_for_each_line(texts in texts(), threads in select(&["1", "2"][..])) {
        let args = [&ARGS[..], &["--threads", threads]].concat();
        let ended = provfilter(&args).file(FILES[0], &texts[0]).file(FILES[1], &texts[1]).ends();
        ended.tells("").report("report.json");
        let before = side_files(&ended);
        append(&ended, FILES[0], &texts[2]);
        append(&ended, FILES[1], &texts[3]);
        provfilter(&args).working_in(ended.path(".").to_str().expect("the path is text")).ends().tells("");
        ended.report("report.json");

        let after = side_files(&ended);
        prop_assert!(after.iter().zip(&before).all(|(after, before)| after.starts_with(before)), "side files grow\n{}", ended);
        let left = [FILES.map(|name| ended.files()[name].clone()), after].concat().concat();
        let came_in: u64 = texts.iter().map(|text| lines(text.as_bytes())).sum();
        let blank: u64 = texts.iter().map(|text| blank_lines(text.as_bytes())).sum();
        prop_assert_eq!(lines(&left) + blank, came_in, "no line is lost\n{}", ended);
        prop_assert_eq!(numbers(&left), numbers(texts.join("\n").as_bytes()), "each line is there once\n{}", ended);
    }
}
