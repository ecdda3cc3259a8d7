//! Side files: what they held before, when they are on the disk, and when they are standard output.
#![cfg(target_os = "linux")]

use rustix::process::Signal;

use crate::harness::{left_out, provfilter, provfilter_by, shell_can};

const SIDES: [&str; 7] = ["-q", "--exclude", "low=.s < 5", "--excluded-to", "excluded", "--rejects", "rejects"];
const INPUT: &str = "{\"s\":9}\n[]\n{\"s\":1}\n";
const EXCLUDED: &str = "{\"s\":1,\"provenance\":{\"excluded\":true,\"exclusion_reason\":\"low\",\"approved\":false}}\n";

#[test]
fn rewriting_twice_keeps_all_lines_of_side_files() {
    let script = "\"$0\" \"$@\"; echo '{}x' >>a.jsonl; \"$0\" \"$@\"; test $? = 1";
    let ended = provfilter_by(script, &[&SIDES[..], &["-i", "a.jsonl"]].concat()).file("a.jsonl", INPUT).ends();
    ended.tells("").with_status(0).leaves("a.jsonl", "{\"s\":9}\n");
    ended.leaves("rejects", "[]\n{}x\n").leaves("excluded", EXCLUDED);
}

#[test]
fn side_files_are_emptied_without_append_and_added_to_with_it() {
    for (flags, before) in [(&[][..], ""), (&["--append"], "older\n")] {
        let run = provfilter(&[&SIDES[..], flags].concat()).file("rejects", "older\n").file("excluded", "older\n");
        let ended = run.given(INPUT).ends();
        ended.prints("{\"s\":9}\n").tells("").with_status(1);
        ended.leaves("rejects", format!("{before}[]\n")).leaves("excluded", format!("{before}{EXCLUDED}"));
    }
}

#[test]
fn what_is_appended_starts_on_a_line_of_its_own() {
    let ended = provfilter(&["-q", "--append", "--rejects", "r"]).file("r", "cut sho").given("[]\n").ends();
    ended.tells("").with_status(1).leaves("r", "cut sho\n[]\n");
}

#[test]
fn side_files_are_on_the_disk_before_the_file_is_replaced() {
    if !shell_can("strace -f --quiet=all -o /dev/null true") {
        return left_out("there is no strace, or it may not trace");
    }
    let script = "exec strace -f -y --quiet=all -o trace -e trace=fsync,/^rename \"$0\" \"$@\"";
    let args = [&SIDES[..], &["--sidecar", "sidecar", "-i", "a.jsonl"]].concat();
    let ended = provfilter_by(script, &args).file("a.jsonl", INPUT).ends();
    ended.tells("").with_status(1).leaves("sidecar", "{}\n");
    let trace = String::from_utf8_lossy(&ended.files()["trace"]).into_owned();
    let replaced = trace.find("rename").unwrap_or_else(|| panic!("the file is renamed: {trace}"));
    for name in ["/rejects>", "/excluded>", "/sidecar>"] {
        assert!(trace[..replaced].contains(name), "{name} is synced first: {trace}");
    }
}

#[test]
fn side_files_that_cannot_be_synced_leave_the_file_as_it_was() {
    if !shell_can("strace -f --quiet=all -o /dev/null true") {
        return left_out("there is no strace, or it may not trace");
    }
    let script =
        "exec strace -f --quiet=all -o /dev/null -P \"$PWD/rejects\" -e trace=fsync -e inject=fsync:error=EIO \"$0\" \"$@\"";
    let ended = provfilter_by(script, &[&SIDES[..], &["-i", "a.jsonl"]].concat()).file("a.jsonl", INPUT).ends();
    ended.tells("provfilter: rejects: cannot write: input/output error\n").with_status(2).leaves("a.jsonl", INPUT);
}

#[test]
fn a_dash_is_standard_output_where_no_records_go() {
    let input = "{\"s\":9}\n[]\n";
    let ended = provfilter(&["-n", "-q", "--rejects", "-"]).given(input).ends();
    ended.prints("[]\n").tells("").with_status(1);
    let ended = provfilter(&["-i", "-q", "--rejects", "-", "a.jsonl"]).file("a.jsonl", input).ends();
    ended.prints("[]\n").tells("").with_status(1).leaves("a.jsonl", "{\"s\":9}\n");
    let ended = provfilter(&["-n", "-q", "--errors", "-"]).given(input).ends();
    assert!(ended.stdout.starts_with(b"{\"file\":\"-\",\"line\":2,"), "{ended}");
    let ended = provfilter(&["-n", "--report", "json=-"]).given(input).ends();
    assert!(ended.stdout.starts_with(b"{\"schema_version\":1"), "{ended}");
    assert!(ended.files().is_empty(), "{ended}");
}

#[test]
fn a_dash_is_refused_where_records_go_or_something_else_does() {
    for (args, told) in [
        (&["--rejects", "-"][..], "--rejects -: standard output already carries the records\nhint: name a file"),
        (&["--report", "json=-"], "--report -: standard output already carries the records\nhint: name a file"),
        (&["-n", "--rejects", "-", "--errors", "-"], "--rejects - and --errors -: only one of the two can go to standard output"),
        (&["--merge", "--report", "json=-", "--report", "text=-"], "--report - and --report -: only one of the two"),
    ] {
        let ended = provfilter(args).given("{}\n").ends();
        ended.prints("").mentions(&format!("provfilter: {told}")).with_status(2);
    }
}

#[test]
fn a_named_pipe_that_nobody_reads_does_not_make_the_program_deaf_to_signals() {
    for (signal, status) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let args = ["--report", "json", "--report-every", "1s", "--rejects", "pipe"];
        let mut running = provfilter_by("mkfifo pipe; exec \"$0\" \"$@\"", &args).starts();
        // It listens as soon as it reports.
        running.error_line();
        let ended = running.ended_by(signal);
        ended.mentions("\"ending\":\"interrupted\"").with_status(status);
    }
}
