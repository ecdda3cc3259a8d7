//! The real program while the system fails its calls, one by one: strace makes them fail.
#![cfg(target_os = "linux")]

use std::fs;

use crate::harness::{Ended, left_out, provfilter_by, shell_can};

/// Records of about 900 KB, which take several reads and writes.
fn records() -> String {
    (0..9000).fold(String::new(), |records, id| records + &format!("{{\"id\":{id},\"text\":\"{}\"}}\n", "x".repeat(80)))
}

/// Files of a run, by their names.
type Files<'a> = &'a [(&'a str, &'a str)];

/// Runs the program with one worker, while the calls that `injection` names fail, on `path` alone if one is given; nothing where
/// strace may not be used.
fn run_with(injection: &str, path: Option<&str>, redirection: &str, args: &[&str], files: Files<'_>) -> Option<Ended> {
    if !shell_can("strace -f --quiet=all -o /dev/null -e trace=read -e inject=read:error=EIO:when=9999 true") {
        left_out("there is no strace, or it may not trace");
        return None;
    }
    let call = injection.split(':').next().unwrap_or_default();
    // As it is written in calls, and as it is where a descriptor leads.
    let path = path.map_or(String::new(), |path| format!("-P {path} -P \"$PWD/{path}\""));
    let strace = format!("strace -f --quiet=all -o /dev/null {path} -e trace={call} -e inject={injection}");
    let run = provfilter_by(&format!("exec {strace} \"$0\" \"$@\" {redirection}"), &[&["-q", "--threads", "1"], args].concat());
    Some(files.iter().fold(run, |run, (name, content)| run.file(name, content)).ends())
}

/// Expects the beginning of the records, in whole lines, and not all of them.
#[track_caller]
fn is_beginning(ended: &Ended, out: &[u8]) {
    let records = records();
    assert!(out.len() < records.len() && records.as_bytes().starts_with(out), "{} bytes\n{ended}", out.len());
}

#[test]
fn a_read_that_fails_is_told_and_what_was_read_goes_out() {
    for number in 1..4 {
        let injection = format!("read:error=EIO:when={number}");
        for (redirection, args, name) in [("", &["in.jsonl", "b.jsonl"][..], "in.jsonl"), ("<in.jsonl", &["-", "b.jsonl"], "-")] {
            let files = [("in.jsonl", &*records()), ("b.jsonl", "{\"b\":1}\n")];
            let Some(ended) = run_with(&injection, Some("in.jsonl"), redirection, args, &files) else {
                return;
            };
            ended.with_status(2).mentions(&format!("provfilter: {name}: cannot read: input/output error\n"));
            let out = ended.stdout.strip_suffix(b"{\"b\":1}\n").expect("the other file is read");
            is_beginning(&ended, out);
        }
    }
}

#[test]
fn a_write_that_fails_is_told_and_what_was_written_is_there() {
    for (error, why) in [("ENOSPC", "no space left on device"), ("EIO", "input/output error"), ("EDQUOT", "disk quota exceeded")]
    {
        for number in 1..4 {
            let injection = format!("write:error={error}:when={number}");
            let files = [("in.jsonl", &*records())];
            let Some(ended) = run_with(&injection, Some("out.jsonl"), ">out.jsonl", &["in.jsonl"], &files) else {
                return;
            };
            ended.with_status(2).tells(format!("provfilter: standard output: cannot write: {why}\n"));
            is_beginning(&ended, &ended.files()["out.jsonl"]);
        }
    }
}

#[test]
fn a_write_to_a_side_output_that_fails_is_told_with_its_name() {
    for flag in ["--rejects", "--errors"] {
        let files = [("in.jsonl", "{\"a\":1}\n[]\n")];
        let Some(ended) = run_with("write:error=EIO", Some("side"), "", &[flag, "side", "in.jsonl"], &files) else {
            return;
        };
        ended.prints("{\"a\":1}\n").tells("provfilter: side: cannot write: input/output error\n").with_status(2);
        ended.leaves("side", "");
    }
}

#[test]
fn calls_that_a_signal_interrupts_or_that_would_block_are_made_again() {
    for error in ["EINTR", "EAGAIN"] {
        for when in ["1", "2", "1..3", "3+2"] {
            let files = [("in.jsonl", &*records())];
            let injection = format!("read:error={error}:when={when}");
            let Some(ended) = run_with(&injection, Some("in.jsonl"), "", &["in.jsonl"], &files) else {
                return;
            };
            ended.prints(records()).tells("").with_status(0);
            let injection = format!("write:error={error}:when={when}");
            let Some(ended) = run_with(&injection, Some("out.jsonl"), ">out.jsonl", &["in.jsonl"], &files) else {
                return;
            };
            ended.leaves("out.jsonl", records()).tells("").with_status(0);
        }
    }
}

#[test]
fn an_input_that_cannot_be_opened_is_told_and_the_others_are_read() {
    let files = [("in.jsonl", "{\"a\":1}\n"), ("b.jsonl", "{\"b\":1}\n")];
    let injection = "openat:error=EMFILE";
    let Some(ended) = run_with(injection, Some("in.jsonl"), "", &["in.jsonl", "b.jsonl"], &files) else {
        return;
    };
    ended.prints("{\"b\":1}\n").tells("provfilter: in.jsonl: cannot read: too many open files\n").with_status(2);
}

const OLD: &str = "{\"a\":1}\n\n{\"a\":2}";
const NEW: &str = "{\"a\":1}\n{\"a\":2}\n";

/// Expects the file as it is given, and no other beside it.
#[track_caller]
fn leaves_only(ended: &Ended, content: &str) {
    ended.leaves("a.jsonl", content);
    assert_eq!(ended.files().len(), 1, "nothing is left beside it\n{ended}");
}

#[test]
fn a_file_is_left_as_it_was_when_its_rewriting_fails() {
    for (injection, path, told) in [
        ("read:error=EIO:when=1", Some("a.jsonl"), "a.jsonl: cannot read: input/output error"),
        ("read:error=EIO:when=2", Some("a.jsonl"), "a.jsonl: cannot read: input/output error"),
        ("fsync:error=EIO:when=1", None, "a.jsonl: cannot write: input/output error"),
        ("fsync:error=ENOSPC:when=1", None, "a.jsonl: cannot write: no space left on device"),
        ("/^rename:error=EIO", None, "a.jsonl: cannot write: input/output error"),
        ("fchmod:error=EPERM", None, "a.jsonl: cannot write: operation not permitted"),
    ] {
        let Some(ended) = run_with(injection, path, "", &["-i", "a.jsonl"], &[("a.jsonl", OLD)]) else {
            return;
        };
        ended.prints("").mentions(&format!("provfilter: {told}\n")).with_status(2);
        leaves_only(&ended, OLD);
    }
}

#[test]
fn a_folder_that_cannot_be_synced_is_told_and_the_file_is_the_new_one() {
    let Some(ended) = run_with("fsync:error=EIO:when=2", None, "", &["-i", "a.jsonl"], &[("a.jsonl", OLD)]) else {
        return;
    };
    ended.tells("provfilter: a.jsonl: cannot write: input/output error\n").with_status(2);
    leaves_only(&ended, NEW);
}

#[test]
fn a_file_system_without_locks_links_or_owners_is_enough() {
    for injection in ["flock:error=ENOLCK", "/^link:error=EPERM", "fchown:error=EPERM"] {
        let Some(ended) = run_with(injection, None, "", &["-i=.bak", "a.jsonl"], &[("a.jsonl", OLD)]) else {
            return;
        };
        ended.tells("").with_status(0).leaves("a.jsonl", NEW).leaves("a.jsonl.bak", OLD);
        assert_eq!(ended.files().len(), 2, "nothing is left beside them\n{ended}");
    }
}

#[test]
fn a_report_that_cannot_be_put_in_place_leaves_the_older_one() {
    let args = ["--report", "text=report.txt", "a.jsonl"];
    let files = [("a.jsonl", "{}\n"), ("report.txt", "older")];
    let Some(ended) = run_with("/^rename:error=EIO", None, "", &args, &files) else {
        return;
    };
    ended.prints("{}\n").tells("provfilter: report.txt: cannot write: input/output error\n").with_status(2);
    ended.leaves("report.txt", "older");
    assert_eq!(fs::read_dir(ended.path(".")).map(Iterator::count).ok(), Some(2), "nothing is left beside it");
}

#[test]
fn without_threads_to_be_had_it_says_so_and_ends() {
    let files = [("in.jsonl", "{\"a\":1}\n")];
    // Threads for signals and for what is printed, and the only worker.
    for (number, why) in
        [(1, "cannot listen for signals: "), (2, "cannot start a thread: "), (3, "a worker thread could not start, or died")]
    {
        let injection = format!("clone3:error=EAGAIN:when={number}");
        let Some(ended) = run_with(&injection, None, "", &["in.jsonl"], &files) else {
            return;
        };
        ended.prints("").mentions(&format!("provfilter: {why}")).with_status(2);
    }
}
