//! Cases as data: each row of `cases/*.toml` is one run of the program, with all that it must print, leave and return.
//!
//! A row has a `name`, which is a claim, and may have `args` (words, or a list of arguments), `env`, `given` (standard input) and `files`
//! (their content before). What comes back must be exactly its `stdout`, `stderr` and `status`, each empty or 0 where it is left
//! out, and the files in its folder must be those of `leaves` and the unchanged ones of `files`. With `report`, the JSON report that
//! the run leaves in `report.json` must have these members with these values, and may have more. A table may have `args` that
//! stand before those of each of its rows.
//!
//! Whatever a row expects, no line may be lost: the sums of the report come out, each file has as many lines as the report says,
//! and lines in are lines out and rejected, excluded and blank ones.
//!
//! In all texts `\xNN` is one byte, so that what is no text can be written down; a text may also be a list of texts and of
//! `{ text = "[", times = 512 }`, which are joined.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::harness::sums::{blank_lines, faults, lines, wrong_sums};
use crate::harness::{Ended, differs, provfilter};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    args: Args,
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    args: Args,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    given: Text,
    #[serde(default)]
    files: BTreeMap<String, Text>,
    #[serde(default)]
    stdout: Text,
    #[serde(default)]
    stderr: Text,
    #[serde(default)]
    status: i32,
    #[serde(default)]
    leaves: BTreeMap<String, Text>,
    report: Option<BTreeMap<String, serde_json::Value>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Args {
    Words(String),
    List(Vec<String>),
}

impl Default for Args {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

impl Args {
    fn list(&self) -> Vec<&str> {
        match self {
            Self::Words(words) => words.split_whitespace().collect(),
            Self::List(list) => list.iter().map(String::as_str).collect(),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Whole(String),
    Pieces(Vec<Piece>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Piece {
    Once(String),
    Repeated(Repeated),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Repeated {
    text: String,
    times: usize,
}

impl Default for Text {
    fn default() -> Self {
        Self::Whole(String::new())
    }
}

impl Text {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Whole(text) => bytes(text),
            Self::Pieces(pieces) => pieces.iter().flat_map(Piece::bytes).collect(),
        }
    }
}

impl Piece {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Once(text) => bytes(text),
            Self::Repeated(Repeated { text, times }) => bytes(text).repeat(*times),
        }
    }
}

/// The bytes that a text says, with `\xNN` for one of them.
fn bytes(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let byte = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or_else(|| panic!("two hex digits stand behind \\x; a backslash before an x is \\x5c: {text}")));
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    bytes
}

impl Table {
    /// Reads a table that has rows, each with a name of its own.
    fn parse(toml: &str) -> Result<Self, String> {
        let table: Self = toml::from_str(toml).map_err(|why| why.to_string())?;
        let mut names = BTreeSet::new();
        match table.case.iter().find(|case| !names.insert(&case.name)) {
            Some(twice) => Err(format!("two rows are named `{}`", twice.name)),
            None if table.case.is_empty() => Err("the table has no rows".to_owned()),
            None => Ok(table),
        }
    }

    /// What is wrong, row by row.
    fn failures(&self) -> Vec<String> {
        self.case.iter().filter_map(|case| case.failure(&self.args)).collect()
    }
}

impl Case {
    fn run(&self, args: &Args) -> Ended {
        let run = provfilter(&[args.list(), self.args.list()].concat()).given(self.given.bytes());
        let run = self.env.iter().fold(run, |run, (name, value)| run.env(name, value));
        self.files.iter().fold(run, |run, (name, content)| run.file(name, content.bytes())).ends()
    }

    fn failure(&self, args: &Args) -> Option<String> {
        let ended = self.run(args);
        let differences: Vec<_> = [
            ended.status_differs(self.status),
            differs("standard output", &self.stdout.bytes(), &ended.stdout),
            differs("standard error", &self.stderr.bytes(), &ended.stderr),
        ]
        .into_iter()
        .flatten()
        .chain(self.wrong_files(&ended))
        .chain(self.wrong_counts(&ended))
        .chain(self.lost_lines(args, &ended))
        .collect();
        (!differences.is_empty()).then(|| format!("== {}\n{}\n{ended}", self.name, differences.join("\n")))
    }

    fn wrong_files(&self, ended: &Ended) -> Vec<String> {
        let mut left = ended.files();
        if self.report.is_some() {
            left.remove("report.json");
        }
        let mut expected: BTreeMap<_, _> = self.files.iter().map(|(name, content)| (name, content.bytes())).collect();
        expected.extend(self.leaves.iter().map(|(name, content)| (name, content.bytes())));
        let wrong = |(name, content): (&String, Vec<u8>)| match left.remove(name) {
            Some(got) => differs(name, &content, &got),
            None => Some(format!("{name} is not there")),
        };
        let mut wrong: Vec<_> = expected.into_iter().filter_map(wrong).collect();
        wrong.extend(left.keys().map(|name| format!("{name} is there, but is not told of")));
        wrong
    }

    fn wrong_counts(&self, ended: &Ended) -> Vec<String> {
        let Some(expected) = &self.report else {
            return Vec::new();
        };
        let report = ended.report_as_it_is("report.json");
        let wrong = expected.iter().filter(|(name, value)| report.get(name) != Some(value));
        let wrong = wrong.map(|(name, value)| format!("{name} of the report is {:?}, not {value}", report.get(name)));
        wrong.chain(wrong_sums(&report)).collect()
    }

    /// Lines that are neither where they should be nor counted.
    fn lost_lines(&self, args: &Args, ended: &Ended) -> Vec<String> {
        let args = [args.list(), self.args.list()].concat();
        let places = Places::of(&args, ended);
        let report = self.report.is_some().then(|| ended.report_as_it_is("report.json"));
        let counted = report.map_or(Vec::new(), |report| places.differ_from(&report));
        // Otherwise lines may go nowhere or come from elsewhere, and blank ones may be too long.
        let is_all_there = self.status < 2
            && self.files.is_empty()
            && places.rejects.is_some() | args.contains(&"pass")
            && !args.iter().any(|arg| ["-n", "-i", "stop", "--drop-excluded", "--max-line-bytes"].contains(arg));
        let lost = is_all_there.then(|| places.differ_from_input(&self.given.bytes())).flatten();
        counted.into_iter().chain(lost).collect()
    }
}

/// How many lines a run has put where.
struct Places {
    /// Nothing where the records go into the files that they come from.
    output: Option<u64>,
    excluded: Option<u64>,
    rejects: Option<u64>,
    errors: Option<u64>,
    on_fault: OnFault,
}

#[derive(PartialEq)]
enum OnFault {
    LeaveOut,
    Pass,
}

impl Places {
    fn of(args: &[&str], ended: &Ended) -> Self {
        let files = ended.files();
        let file = |flag| {
            let position = args.iter().position(|arg| *arg == flag)?;
            files.get(*args.get(position + 1)?).map(|content| lines(content))
        };
        let is_in_place = args.iter().any(|arg| *arg == "-i" || arg.starts_with("-i=") || arg.starts_with("--in-place"));
        Self {
            output: (!is_in_place).then(|| lines(&ended.stdout)),
            excluded: file("--excluded-to"),
            rejects: file("--rejects"),
            errors: file("--errors"),
            on_fault: if args.contains(&"pass") && !args.contains(&"-n") { OnFault::Pass } else { OnFault::LeaveOut },
        }
    }

    fn differ_from(&self, report: &serde_json::Value) -> Vec<String> {
        let count = |name: &str| report[name].as_u64().unwrap_or_default();
        let blank_lines = if self.on_fault == OnFault::Pass { count("blank_lines") } else { 0 };
        let places = [
            ("standard output", self.output, count("written") + count("passed") + blank_lines),
            ("--excluded-to", self.excluded, count("routed")),
            ("--rejects", self.rejects, count("rejected")),
            ("--errors", self.errors, faults(report)),
        ];
        let wrong = places.into_iter().filter_map(|(name, lines, counted)| Some((name, lines?, counted)));
        let wrong = wrong.filter(|(_, lines, counted)| lines != counted);
        wrong.map(|(name, lines, counted)| format!("{name} has {lines} lines, but {counted} are counted")).collect()
    }

    fn differ_from_input(&self, given: &[u8]) -> Option<String> {
        let given = given.strip_prefix(b"\xef\xbb\xbf").unwrap_or(given);
        let blank_lines = if self.on_fault == OnFault::Pass { 0 } else { blank_lines(given) };
        let out = [self.output, self.excluded, self.rejects].into_iter().flatten().sum::<u64>() + blank_lines;
        (out != lines(given)).then(|| format!("{} lines came in, but {out} are accounted for", lines(given)))
    }
}

#[track_caller]
fn check(toml: &str) {
    let table = Table::parse(toml).unwrap_or_else(|why| panic!("{why}"));
    let failures = table.failures();
    assert!(failures.is_empty(), "{} of {} rows fail\n\n{}", failures.len(), table.case.len(), failures.join("\n"));
}

/// A test for each table, and the list of them.
macro_rules! tables {
    ($($name:ident: $file:literal,)*) => {
        $(#[test] fn $name() { check(include_str!(concat!("cases/", $file))); })*
        const TABLES: &[&str] = &[$($file),*];
    };
}

tables! {
    bytes_stay_as_they_came: "bytes.toml",
    faulty_lines_are_named_and_left_out: "faults.toml",
    faulty_lines_go_where_they_should: "policies.toml",
    reports_say_what_left: "reports.toml",
    stages_do_what_their_flags_say: "stages.toml",
    a_wrong_command_line_is_told: "usage.toml",
    values_come_from_the_records: "values.toml",
}

#[test]
fn every_table_is_checked() {
    let folder = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")).expect("there are cases");
    let there: BTreeSet<_> = folder.map(|entry| entry.expect("the cases can be listed").file_name()).collect();
    assert_eq!(there, TABLES.iter().map(Into::into).collect());
}

#[test]
fn a_table_with_an_unknown_key_or_without_rows_is_refused() {
    for (toml, why) in [
        ("case = []", "no rows"),
        ("", "missing field `case`"),
        ("[[case]]\nname = 'a'\nstdin = 'x'", "unknown field `stdin`"),
        ("arg = ''\n[[case]]\nname = 'a'", "unknown field `arg`"),
        ("[[case]]\nargs = '-q'", "missing field `name`"),
        ("[[case]]\nname = 'a'\n[[case]]\nname = 'a'", "two rows are named `a`"),
        ("[[case]]\nname = 'a'\ngiven = [{ text = 'a', time = 2 }]", "did not match"),
    ] {
        let refused = Table::parse(toml).err().unwrap_or_else(|| panic!("{toml} is taken"));
        assert!(refused.contains(why), "{refused}");
    }
}

#[test]
fn all_rows_that_fail_are_told_with_what_differs() {
    let table = Table::parse(
        r#"
        args = "-q"
        [[case]]
        name = "wrong output"
        given = "{}\n"
        stdout = "{ }\n"
        [[case]]
        name = "right"
        given = "{}\n"
        stdout = "{}\n"
        [[case]]
        name = "wrong status, a file too many and one too few, and a wrong count"
        args = "--report json=report.json --report text=text"
        status = 3
        leaves = { more = "" }
        report = { lines = 7 }
        "#,
    );
    let failures = table.expect("the table is one").failures();
    assert_eq!(failures.len(), 2);
    assert!(
        failures[0]
            .starts_with("== wrong output\nstandard output differs at line 1\n  expected:\n    { }\\n\n  got:\n    {}\\n\n")
    );
    for told in
        ["the exit status is 0, not 3", "more is not there", "text is there", "lines of the report is Some(Number(0)), not 7"]
    {
        assert!(failures[1].contains(told), "{told}: {}", failures[1]);
    }
}

#[test]
fn texts_may_say_any_byte() {
    let text =
        Text::Pieces(vec![Piece::Once(r"\xffa\x5cx41".to_owned()), Piece::Repeated(Repeated { text: "é".to_owned(), times: 2 })]);
    assert_eq!(text.bytes(), b"\xffa\\x41\xc3\xa9\xc3\xa9");
}

#[test]
fn sums_that_do_not_come_out_are_told() {
    let right = serde_json::json!({
        "lines": 10, "total": 4, "blank_lines": 3, "rejected": 2, "passed": 1, "written": 1, "routed": 1, "dropped": 2, "by_error": { "not_json": 3 },
    });
    assert_eq!(wrong_sums(&right), None);
    for (name, sum) in [("lines", "lines"), ("passed", "lines"), ("routed", "total")] {
        let mut wrong = right.clone();
        wrong[name] = 7.into();
        assert!(wrong_sums(&wrong).is_some_and(|told| told.contains(&format!("the report has {sum} = "))), "{name}");
    }
    let places = Places { output: Some(5), excluded: Some(1), rejects: Some(0), errors: Some(4), on_fault: OnFault::Pass };
    assert_eq!(
        places.differ_from(&right),
        ["--rejects has 0 lines, but 2 are counted", "--errors has 4 lines, but 3 are counted"]
    );
    assert_eq!(places.differ_from_input(b"1\n\n3\n4\n5\n6"), None);
    assert_eq!(places.differ_from_input(b"1\n"), Some("1 lines came in, but 6 are accounted for".to_owned()));
}
