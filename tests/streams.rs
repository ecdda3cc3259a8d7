//! Streams that stay open, break, fill up or are not there: what a row of a table cannot say.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::thread;

use serde_json::json;

use crate::harness::{close, provfilter, provfilter_with};

/// A text report without records, but for what follows it.
const EMPTY_REPORT: &str = "\
Provenance Report
========================================
  Total pairs:    0
  Approved:       0
  Excluded:       0

  By source:
  By model:
";

/// Records of this number, each on its line.
fn records(number: usize) -> String {
    (0..number).fold(String::new(), |records, id| records + &format!("{{\"id\":{id}}}\n"))
}

#[test]
fn a_lone_line_comes_out_while_the_input_stays_open() {
    for threads in ["1", "2", "5"] {
        let mut running = provfilter(&["-q", "--threads", threads]).starts();
        for line in ["{\"a\":1}\n", "{\"b\":2}\n", "{\"c\":3}\n"] {
            running.write(line);
            assert_eq!(running.line(), line);
        }
        running.write("{\"d\":").write("4}\n{\"e\":5}");
        assert_eq!(running.line(), "{\"d\":4}\n");
        running.ends().prints("{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n{\"d\":4}\n{\"e\":5}\n").with_status(0);
    }
}

#[test]
fn a_fault_is_told_while_the_input_stays_open() {
    let (errors, writer) = io::pipe().expect("there are pipes");
    let mut running = provfilter(&["--report", "none"]).errors_to(writer).starts();
    running.write("[]\n");
    let mut told = String::new();
    BufReader::new(errors).read_line(&mut told).expect("standard error is a pipe");
    assert!(told.starts_with("provfilter: -:1: not an object"), "{told}");
    running.ends().with_status(1);
}

#[test]
fn a_closed_output_ends_it_silently_with_the_report() {
    let (reader, writer) = io::pipe().expect("there are pipes");
    close(reader);
    let run = provfilter(&["--report", "text", "--report", "json=report.json"]).given("{\"provenance\":{\"model\":\"m\"}}\n");
    let ended = run.output_to(writer).ends();
    ended.with_status(141);
    let told = String::from_utf8_lossy(&ended.stderr);
    assert!(told.starts_with("Provenance Report\n") && !told.contains("provfilter"), "only the report is told\n{ended}");
    assert_eq!(ended.report("report.json")["lines"], 1, "{ended}");
}

#[test]
fn a_reader_that_has_seen_enough_ends_an_endless_stream() {
    let (input, mut feed) = io::pipe().expect("there are pipes");
    let (output, writer) = io::pipe().expect("there are pipes");
    let running = provfilter(&["--report", "json=report.json"]).input_from(input).output_to(writer).starts();
    let feeder = thread::spawn(move || while feed.write_all(b"{\"a\":1}\n").is_ok() {});
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).expect("the output is a pipe");
    assert_eq!(line, "{\"a\":1}\n");
    let ended = running.ends();
    ended.with_status(141).tells("");
    assert!(ended.report("report.json")["lines"].as_u64() > Some(0), "{ended}");
    feeder.join().expect("the feeder ends when nobody reads");
}

#[cfg(target_os = "linux")]
mod full {
    use super::{File, provfilter, provfilter_with, records};

    fn full() -> File {
        File::options().write(true).open("/dev/full").expect("there is a full device")
    }

    #[test]
    fn a_full_output_is_an_error_also_when_one_write_alone_meets_it() {
        for number in [1, 200_000] {
            let ended = provfilter(&["--report", "none"]).given(records(number)).output_to(full()).ends();
            ended.with_status(2).tells("provfilter: standard output: cannot write: no space left on device\n");
        }
    }

    #[test]
    fn quiet_tells_of_a_full_output_all_the_same() {
        let ended = provfilter(&["-q"]).given("{}\n").output_to(full()).ends();
        ended.with_status(2).tells("provfilter: standard output: cannot write: no space left on device\n");
    }

    #[test]
    fn a_full_output_that_gets_nothing_is_no_error() {
        provfilter(&["-q"]).given("\n").output_to(full()).ends().with_status(0).tells("");
    }

    #[test]
    fn full_space_for_excluded_records_is_an_error() {
        let args = ["--report", "none", "--exclude", "some=.x == 1", "--excluded-to", "/dev/full"];
        let ended = provfilter(&args).given("{\"x\":1}\n{}\n").ends();
        ended.with_status(2).tells("provfilter: /dev/full: cannot write: no space left on device\n");
    }

    #[test]
    fn full_space_for_a_report_is_an_error_and_the_records_are_there() {
        for report in ["text=/dev/full", "json=/dev/full"] {
            let ended = provfilter(&["--report", report]).given("{}\n").ends();
            ended.prints("{}\n").with_status(2).tells("provfilter: /dev/full: cannot write: no space left on device\n");
        }
    }

    #[test]
    fn a_full_standard_error_keeps_no_record_back() {
        let ended = provfilter(&[]).given("{}\n[]\n{\"a\":1}\n").errors_to(full()).ends();
        ended.prints("{}\n{\"a\":1}\n").with_status(1);
    }

    #[test]
    fn help_that_cannot_be_written_is_an_error() {
        provfilter_with(">/dev/full", &["--help"]).ends().with_status(2);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_undrained_standard_error_keeps_no_record_back() {
    let (mut errors, mut writer) = io::pipe().expect("there are pipes");
    let capacity = rustix::pipe::fcntl_getpipe_size(&writer).expect("a pipe has a size");
    writer.write_all(&vec![b'.'; capacity]).expect("a pipe takes as much as its size");
    let mut running = provfilter(&["--report", "text", "--threads", "2"]).errors_to(writer).starts();
    for _ in 0..20 {
        running.write("[]\n{\"a\":1}\n");
        assert_eq!(running.line(), "{\"a\":1}\n");
    }
    let drain = thread::spawn(move || {
        let mut told = Vec::new();
        errors.read_to_end(&mut told).map(|_| told)
    });
    running.ends().with_status(1);
    let told = drain.join().expect("nothing panics").expect("standard error is a pipe");
    let told = String::from_utf8_lossy(&told[capacity..]);
    assert!(told.starts_with("provfilter: -:1: ") && told.contains("Provenance Report"), "{told}");
}

#[test]
fn a_closed_standard_error_neither_ends_nor_spoils_anything() {
    let args = ["--exclude", "low=.s < 5", "--excluded-to", "excluded.jsonl", "--report", "text", "--report", "json=report.json"];
    let ended = provfilter_with("2>&-", &args).given("{\"s\":9}\n[]\n{\"s\":1}\n").ends();
    ended.prints("{\"s\":9}\n").with_status(1);
    let excluded = "{\"s\":1,\"provenance\":{\"excluded\":true,\"exclusion_reason\":\"low\",\"approved\":false}}\n";
    ended.leaves("excluded.jsonl", excluded);
    assert_eq!(ended.report("report.json")["rejected"], 1, "{ended}");
}

#[test]
fn a_reader_of_standard_error_that_went_away_ends_nothing() {
    let (reader, writer) = io::pipe().expect("there are pipes");
    close(reader);
    provfilter(&[]).given("[]\n{\"a\":1}\n").errors_to(writer).ends().prints("{\"a\":1}\n").with_status(1);
}

#[test]
fn a_wrong_command_line_is_told_before_any_input_is_read() {
    for args in [
        &["--sorce", "trajectory"][..],
        &["--source", "trajectroy", "--model", "m"],
        &["--source", "trajectory"],
        &["--exclude", "x=nope"],
        &["--source", "curated", "--model", "{later}"],
        &["--report", "xml"],
        &["--excluded-to", "none/excluded.jsonl"],
    ] {
        let (input, mut writer) = io::pipe().expect("there are pipes");
        writer.write_all(b"{\"a\":1}\n").expect("a pipe takes a line");
        let mut rest = input.try_clone().expect("a descriptor can be duplicated");
        // The writer stays open: a program that read its input would wait for the end.
        let ended = provfilter(args).input_from(input).ends();
        ended.with_status(2).prints("").mentions("provfilter: ");
        drop(writer);
        let mut left = String::new();
        rest.read_to_string(&mut left).expect("the pipe is ours to read");
        assert_eq!(left, "{\"a\":1}\n", "{args:?}");
    }
}

#[test]
fn help_and_version_go_to_standard_output_without_reading_input() {
    let (input, _writer) = io::pipe().expect("there are pipes");
    let version = format!("provfilter {} (report schema {})\n", env!("CARGO_PKG_VERSION"), provfilter::report::SCHEMA_VERSION);
    provfilter(&["--version"]).input_from(input).ends().prints(version).tells("").with_status(0);
    let (input, _writer) = io::pipe().expect("there are pipes");
    let help = provfilter(&["--help"]).input_from(input).ends();
    help.tells("").with_status(0);
    assert!(String::from_utf8_lossy(&help.stdout).contains("--source VALUE"), "{help}");
}

#[test]
fn faults_have_the_line_and_the_offset_in_their_own_file() {
    let run = provfilter(&["-n", "--report", "json=report.json", "a.jsonl", "-", "b.jsonl"]);
    let run = run.file("a.jsonl", "{}\n[1]\n").file("b.jsonl", "{\"é\":1}\n\n[3]").given("{}\n{}\n[2]\n");
    let ended = run.ends();
    ended.with_status(1);
    let report = ended.report("report.json");
    let errors = report["errors"].as_array().expect("the report has errors");
    let places: Vec<_> = errors.iter().map(|error| json!([error["file"], error["line"], error["byte_offset"]])).collect();
    assert_eq!(places, [json!(["a.jsonl", 2, 3]), json!(["-", 3, 6]), json!(["b.jsonl", 3, 10])]);
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_the_others_are_read() {
    let args = ["--report", "json=report.json", "a.jsonl", "missing.jsonl", ".", "b.jsonl"];
    let ended = provfilter(&args).file("a.jsonl", "{\"a\":1}").file("b.jsonl", "{\"b\":1}\n[]\n").ends();
    ended.prints("{\"a\":1}\n{\"b\":1}\n").with_status(2);
    ended.tells(
        "provfilter: missing.jsonl: cannot read: no such file or directory\n\
         provfilter: .: cannot read: is a directory\n\
         provfilter: b.jsonl:2: not an object: expected a record such as {\"messages\":[...]}, found an array\n",
    );
    assert_eq!(ended.report("report.json")["lines"], 3, "{ended}");
}

#[test]
fn ten_faults_are_told_and_the_others_only_counted() {
    let told = |number: usize| {
        let fault = "not an object: expected a record such as {\"messages\":[...]}, found a number";
        (1..=number).fold(String::new(), |told, line| told + &format!("provfilter: -:{line}: {fault}\n"))
    };
    let args = ["--report", "json=report.json", "--threads", "3"];
    provfilter(&args).given("1\n".repeat(10)).ends().tells(told(10)).with_status(1);
    let ended = provfilter(&args).given("1\n".repeat(5000)).ends();
    ended
        .tells(told(10) + "provfilter: further faults are counted, but not shown; --errors FILE lists them all\n")
        .with_status(1);
    let report = ended.report("report.json");
    assert_eq!(report["rejected"], 5000);
    assert_eq!(report["errors"].as_array().map(Vec::len), Some(100));
}

#[test]
fn an_empty_environment_in_the_root_folder_is_enough() {
    let args = ["--report", "text", "--source", "curated", "--model", "m", "--exclude", "never=false"];
    let ended = provfilter(&args).without_environment().working_in("/").given("{\"größe\":1.10}\n").ends();
    ended.with_status(0).mentions("  Total pairs:    1\n");
    let line = String::from_utf8_lossy(&ended.stdout);
    let before = "{\"größe\":1.10,\"provenance\":{\"source\":\"curated\",\"model\":\"m\",\"timestamp\":\"";
    let time = line.strip_prefix(before).and_then(|rest| rest.strip_suffix("\",\"approved\":true}}\n"));
    let shape: Option<String> = time.map(|time| time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect());
    assert_eq!(shape.as_deref(), Some("0000-00-00T00:00:00Z"), "{ended}");
}

#[test]
fn other_variables_of_the_environment_count_for_nothing() {
    let run = provfilter(&["--exclude", "x=.a"]).given("{}\n\n").env("LANG", "de_DE.UTF-8").env("LC_ALL", "tr_TR");
    let run = run.env("COLUMNS", "20").env("RUST_LOG", "trace").env("PROVFILTER_SOURCE", "curated").env("TZ", "Asia/Tokyo");
    let ended = run.ends();
    let plain = provfilter(&["--exclude", "x=.a"]).given("{}\n\n").ends();
    ended.prints(&plain.stdout).tells(&plain.stderr).with_status(0);
}

#[test]
fn a_report_replaces_the_file_whole() {
    let run = provfilter(&["--report", "text=report.txt"]).file("report.txt", "older\n".repeat(100));
    let (path, kept) = (run.path("report.txt"), run.path("kept.txt"));
    fs::hard_link(&path, &kept).expect("a file can have two names");
    let ended = run.ends();
    ended.with_status(0).tells("").leaves("report.txt", EMPTY_REPORT);
    // Written over in place, the file would have changed under its other name too.
    ended.leaves("kept.txt", "older\n".repeat(100));
    assert_eq!(ended.files().into_keys().collect::<Vec<_>>(), ["kept.txt", "report.txt"], "nothing is left beside it");
}

#[test]
fn a_report_to_a_link_replaces_the_file_behind_it() {
    let run = provfilter(&["--report", "text=link.txt"]).file("report.txt", "older\n");
    std::os::unix::fs::symlink("report.txt", run.path("link.txt")).expect("links can be made");
    let ended = run.ends();
    ended.with_status(0).leaves("report.txt", EMPTY_REPORT);
    assert!(fs::symlink_metadata(ended.path("link.txt")).is_ok_and(|link| link.is_symlink()), "{ended}");
}

#[test]
fn a_json_report_on_standard_error_is_one_line() {
    let ended = provfilter(&["--report", "json"]).given("{\"a\":1}\n").ends();
    ended.prints("{\"a\":1}\n").with_status(0);
    let report: serde_json::Value = serde_json::from_slice(&ended.stderr).expect("standard error is JSON");
    assert_eq!(ended.stderr.split_inclusive(|&byte| byte == b'\n').count(), 1, "{ended}");
    assert_eq!(report["schema_version"], 1);
    assert_eq!(report["tool"], json!({ "name": "provfilter", "version": env!("CARGO_PKG_VERSION") }));
    assert_eq!([&report["started_at"], &report["finished_at"]], ["2026-03-30T14:22:31Z"; 2]);
    assert_eq!(report["ending"], "finished");
}
