//! Signals, and readers that go away: what has come in goes out, the report says so, and the status is that of the cause.
#![cfg(target_os = "linux")]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::thread;
use std::time::Instant;

use rustix::process::Signal;
use serde_json::Value;

use crate::harness::{Ended, Running, close, provfilter, provfilter_by};

const ENDINGS: [(Signal, i32); 3] = [(Signal::HUP, 129), (Signal::INT, 130), (Signal::TERM, 143)];

/// A pipe with no room left, which the program cannot make larger either, and how many bytes are in it.
fn full_pipe() -> (io::PipeReader, io::PipeWriter, usize) {
    let (reader, mut writer) = io::pipe().expect("there are pipes");
    let size = rustix::pipe::fcntl_setpipe_size(&writer, 1 << 20).expect("a pipe can be made larger");
    writer.write_all(&vec![b'.'; size]).expect("a pipe takes as much as its size");
    (reader, writer, size)
}

/// Asks for a report, and waits for it. For runs with `--report json` on standard error.
fn report_so_far(running: &mut Running) -> Value {
    running.signal(Signal::USR1);
    next_report(running)
}

fn next_report(running: &mut Running) -> Value {
    loop {
        let line = running.error_line();
        if line.starts_with("{\"schema_version\"") {
            return serde_json::from_str(&line).expect("a report is JSON");
        }
    }
}

/// Waits until the program tells of the faulty line that its input begins with, and so listens to signals.
fn wait_for_first_fault(running: &mut Running) {
    let line = running.error_line();
    assert!(line.contains(":1: not an object: "), "{line}");
}

/// Waits until a signal that was sent has been heard: as one of several at the same time any may be heard first, but none is kept
/// waiting for ever.
fn wait_until_heard(running: &mut Running) {
    for _ in 0..20 {
        report_so_far(running);
    }
}

/// The last report on standard error, as JSON.
#[track_caller]
fn last_report(ended: &Ended) -> Value {
    let told = String::from_utf8_lossy(&ended.stderr);
    let report = told.lines().last().and_then(|line| serde_json::from_str(line).ok());
    let report: Value = report.unwrap_or_else(|| panic!("the last line is no report\n{ended}"));
    assert_eq!(crate::harness::sums::wrong_sums(&report), None, "{ended}");
    report
}

#[test]
fn a_signal_ends_an_idle_run_with_all_that_came_in() {
    for (signal, status) in ENDINGS {
        for threads in ["1", "4"] {
            let mut running = provfilter(&["--report", "json", "--threads", threads]).starts();
            running.write("{\"a\":1}\n");
            assert_eq!(running.line(), "{\"a\":1}\n");
            running.write("{\"b\":2}\n");
            assert_eq!(running.line(), "{\"b\":2}\n");
            let ended = running.ended_by(signal);
            ended.with_status(status).prints("{\"a\":1}\n{\"b\":2}\n");
            let report = last_report(&ended);
            assert_eq!((&report["ending"], &report["lines"]), (&"interrupted".into(), &2.into()), "{ended}");
        }
    }
}

#[test]
fn a_signal_ends_a_run_to_which_nothing_came() {
    for (signal, status) in ENDINGS {
        let mut running = provfilter(&["--report", "json", "--report-every", "1s"]).starts();
        assert_eq!(next_report(&mut running)["lines"], 0);
        let ended = running.ended_by(signal);
        ended.with_status(status).prints("");
        assert_eq!(last_report(&ended)["ending"], "interrupted", "{ended}");
    }
}

#[test]
fn the_text_report_says_that_the_run_was_interrupted() {
    let mut running = provfilter(&[]).starts();
    running.write("{\"a\":1}\n").line();
    let ended = running.ended_by(Signal::INT);
    ended.with_status(130).mentions("Provenance Report\n").mentions("  Total pairs:    1\n");
    assert!(String::from_utf8_lossy(&ended.stderr).to_lowercase().contains("interrupted"), "{ended}");
}

#[test]
fn a_signal_leaves_a_line_alone_that_has_not_wholly_come_in() {
    let mut running = provfilter(&["--report", "json", "--rejects", "rejects.jsonl"]).starts();
    running.write("{\"a\":1}\n{\"b\"");
    assert_eq!(running.line(), "{\"a\":1}\n");
    let ended = running.ended_by(Signal::INT);
    ended.with_status(130).prints("{\"a\":1}\n").leaves("rejects.jsonl", "");
    assert_eq!(last_report(&ended)["lines"], 1, "{ended}");
}

#[test]
fn a_signal_is_worse_than_faults_and_better_than_what_cannot_be_read() {
    let mut running = provfilter(&["-q"]).starts();
    running.write("[]\n{\"a\":1}\n").line();
    running.ended_by(Signal::INT).with_status(130);
    let mut running = provfilter(&["-q", "missing.jsonl", "-"]).starts();
    running.write("{\"a\":1}\n").line();
    running.ended_by(Signal::TERM).with_status(2);
}

#[test]
fn side_outputs_are_whole_when_a_signal_ends_the_run() {
    let args = ["-q", "--rejects", "rejects.jsonl", "--excluded-to", "excluded.jsonl", "--report", "json=report.json"];
    let mut running = provfilter(&args).starts();
    running.write("[]\n{\"provenance\":{\"excluded\":true}}\n{\"a\":1}\n").line();
    let ended = running.ended_by(Signal::TERM);
    ended.with_status(143).tells("").leaves("rejects.jsonl", "[]\n");
    ended.leaves("excluded.jsonl", "{\"provenance\":{\"excluded\":true}}\n");
    let report = ended.report("report.json");
    assert_eq!((&report["ending"], &report["lines"]), (&"interrupted".into(), &3.into()), "{ended}");
}

#[test]
fn a_signal_in_full_flow_ends_it_behind_a_whole_line_and_none_is_lost() {
    for (signal, status) in ENDINGS {
        for threads in ["1", "4"] {
            let (input, mut feed) = io::pipe().expect("there are pipes");
            let (output, writer) = io::pipe().expect("there are pipes");
            let run = provfilter(&["--report", "json", "--threads", threads]).input_from(input).output_to(writer);
            let mut running = run.starts();
            let feeder = thread::spawn(move || (0..u64::MAX).take_while(|id| writeln!(feed, "{{\"id\":{id}}}").is_ok()).count());
            let mut lines = BufReader::new(output).lines().map(|line| line.expect("the output is text"));
            let first: Vec<_> = lines.by_ref().take(10_000).collect();
            running.signal(signal);
            let drain = thread::spawn(move || lines.collect::<Vec<_>>());
            let ended = running.ends_by_itself();
            ended.with_status(status);
            let lines = [first, drain.join().expect("nothing panics")].concat();
            let wrong = lines.iter().enumerate().find(|(id, line)| **line != format!("{{\"id\":{id}}}"));
            assert_eq!(wrong, None, "lines come out in their order, each whole");
            let report = last_report(&ended);
            assert_eq!((&report["ending"], &report["written"]), (&"interrupted".into(), &lines.len().into()));
            assert!(feeder.join().expect("nothing panics") >= lines.len());
        }
    }
}

#[test]
fn a_second_signal_ends_a_run_at_once_whose_output_is_blocked() {
    for threads in ["1", "4"] {
        let (_reader, writer, _) = full_pipe();
        let input = "[]\n".to_owned() + &"{\"id\":1}\n".repeat(400_000);
        let run = provfilter(&["--report", "json", "--threads", threads]).output_to(writer).given(input);
        let mut running = run.starts();
        wait_for_first_fault(&mut running);
        running.signal(Signal::INT);
        wait_until_heard(&mut running);
        let ended = running.ended_by(Signal::TERM);
        ended.with_status(143);
        assert!(!String::from_utf8_lossy(&ended.stderr).contains("\"interrupted\":true"), "it ends without a report");
    }
}

#[test]
fn a_signal_while_the_output_is_blocked_waits_for_what_came_in() {
    for threads in ["1", "4"] {
        let (mut reader, writer, filled) = full_pipe();
        let input = "[]\n".to_owned() + &"{\"id\":1}\n".repeat(400_000);
        let run = provfilter(&["--report", "json", "--threads", threads]).output_to(writer).given(input);
        let mut running = run.starts();
        wait_for_first_fault(&mut running);
        running.signal(Signal::INT);
        wait_until_heard(&mut running);
        let drain = thread::spawn(move || {
            let mut out = Vec::new();
            reader.read_to_end(&mut out).map(|_| out)
        });
        let ended = running.ends_by_itself();
        ended.with_status(130);
        let out = drain.join().expect("nothing panics").expect("the output is a pipe");
        let out = out[filled..].strip_suffix(b"\n").expect("a line is whole");
        assert!(out.split(|&byte| byte == b'\n').all(|line| line == b"{\"id\":1}"), "{ended}");
        let report = last_report(&ended);
        assert_eq!(report["written"], out.split(|&byte| byte == b'\n').count());
        assert!(report["lines"].as_u64() < Some(400_000), "it ends before the input does");
    }
}

#[test]
fn a_second_signal_ends_a_run_whose_report_nobody_reads() {
    let (_errors, writer, _) = full_pipe();
    let mut running = provfilter(&["--report", "json"]).errors_to(writer).starts();
    running.write("{\"a\":1}\n").close_input().closes_output();
    // The first one may come before or after the end of the work.
    running.signal(Signal::INT);
    let ended = running.ended_by(Signal::TERM);
    ended.prints("{\"a\":1}\n");
    assert!(matches!(ended.status, Some(130 | 143)), "{ended}");
}

#[test]
fn a_report_so_far_is_printed_while_the_run_is_idle_and_it_goes_on() {
    for threads in ["1", "4"] {
        let mut running = provfilter(&["--report", "json", "--threads", threads]).starts();
        for lines in 1..4 {
            running.write("{\"a\":1}\n").line();
            let report = report_so_far(&mut running);
            assert_eq!((&report["lines"], &report["ending"]), (&lines.into(), &serde_json::Value::Null));
            assert_eq!(crate::harness::sums::wrong_sums(&report), None);
        }
        running.write("{\"b\":2}\n").line();
        let ended = running.ends();
        ended.with_status(0).prints("{\"a\":1}\n{\"a\":1}\n{\"a\":1}\n{\"b\":2}\n");
        assert_eq!(last_report(&ended)["lines"], 4);
    }
}

#[test]
fn a_report_so_far_goes_to_its_path_too() {
    let args = ["--report", "json=report.json", "--report", "prometheus=metrics.prom", "--report", "json"];
    let mut running = provfilter(&args).starts();
    for lines in 1..4 {
        running.write("{\"a\":1}\n").line();
        let told = report_so_far(&mut running);
        let report = std::fs::read(running.path("report.json")).expect("there is a report");
        let report: Value = serde_json::from_slice(&report).expect("a report is whole");
        assert_eq!((&told["lines"], &report["lines"]), (&lines.into(), &lines.into()));
    }
    let ended = running.ends();
    ended.with_status(0);
    assert_eq!(ended.report("report.json")["lines"], 3);
    assert_eq!(ended.files().len(), 2, "nothing is left beside them\n{ended}");
}

#[test]
fn a_report_so_far_is_printed_while_the_output_is_blocked() {
    let (_reader, writer, _) = full_pipe();
    let input = "[]\n{\"id\":1}\n".repeat(400_000);
    let mut running = provfilter(&["--report", "json"]).output_to(writer).given(input).starts();
    wait_for_first_fault(&mut running);
    // A fault is told before it is counted.
    while report_so_far(&mut running)["rejected"] == 0 {}
}

#[test]
fn a_run_that_is_quiet_goes_on_without_a_report() {
    let mut running = provfilter(&["-q"]).starts();
    running.write("{\"a\":1}\n").line();
    running.signal(Signal::USR1).write("{\"b\":2}\n").line();
    running.ends().with_status(0).tells("").prints("{\"a\":1}\n{\"b\":2}\n");
}

#[test]
fn signals_that_were_ignored_before_stay_so() {
    let mut running = provfilter_by("trap '' INT TERM USR1; exec \"$0\" \"$@\"", &["-q"]).starts();
    running.write("{\"a\":1}\n").line();
    running.signal(Signal::INT).signal(Signal::TERM).signal(Signal::USR1).write("{\"b\":2}\n").line();
    running.ends().with_status(0).tells("").prints("{\"a\":1}\n{\"b\":2}\n");
}

#[test]
fn a_rewrite_that_is_interrupted_leaves_the_file_and_those_after_it() {
    for (signal, status) in ENDINGS {
        // Nobody reads what is rejected, so that the second file cannot be finished.
        let (mut rejects, writer, _) = full_pipe();
        let long = "[1234567890]\n".repeat(400_000);
        let args = ["-i", "--rejects", "/dev/stdout", "--report", "json", "a.jsonl", "b.jsonl", "c.jsonl"];
        let run = provfilter(&args).output_to(writer).file("a.jsonl", "{}").file("b.jsonl", &long).file("c.jsonl", "{}");
        let mut running = run.starts();
        wait_for_first_fault(&mut running);
        running.signal(signal);
        wait_until_heard(&mut running);
        let drain = thread::spawn(move || io::copy(&mut rejects, &mut io::sink()));
        let ended = running.ends_by_itself();
        ended.with_status(status).mentions("provfilter: b.jsonl: left unchanged: the run was interrupted\n");
        ended.leaves("a.jsonl", "{}\n").leaves("b.jsonl", &long).leaves("c.jsonl", "{}");
        assert_eq!(ended.files().len(), 3, "nothing is left beside them\n{ended}");
        assert_eq!(last_report(&ended)["ending"], "interrupted", "{ended}");
        drain.join().expect("nothing panics").expect("the rejects are read");
    }
}

#[test]
fn a_reader_that_went_away_ends_the_run_though_the_input_is_idle() {
    for threads in ["1", "4"] {
        let (output, writer) = io::pipe().expect("there are pipes");
        let args = ["--report", "json", "--rejects", "rejects.jsonl", "--threads", threads];
        let mut running = provfilter(&args).output_to(writer).starts();
        running.write("{\"a\":1}\n");
        let mut output = BufReader::new(output);
        let mut line = String::new();
        output.read_line(&mut line).expect("the output is a pipe");
        assert_eq!(line, "{\"a\":1}\n");
        close(output);
        running.write("{\"b\":2}\n[]\n");
        let ended = running.ends_by_itself();
        ended.with_status(141);
        let report = last_report(&ended);
        assert_eq!(report["ending"], "failed", "{ended}");
        let told = String::from_utf8_lossy(&ended.stderr);
        assert!(told.lines().all(|line| line.starts_with('{') || line.contains(": not an object: ")), "{ended}");
    }
}

#[test]
fn a_reader_of_rejected_lines_that_went_away_ends_the_run_too() {
    let (output, writer) = io::pipe().expect("there are pipes");
    close(output);
    let run = provfilter(&["-n", "-q", "--rejects", "/dev/stdout"]).output_to(writer);
    run.given("{}\n[]\n").ends().with_status(141).tells("");
}

#[test]
fn a_run_that_a_signal_ends_dies_of_it_as_its_parent_sees_it() {
    for (signal, status) in ENDINGS {
        let mut running = provfilter(&["-q"]).starts();
        running.write("{\"a\":1}\n").line();
        let ended = running.ended_by(signal);
        ended.prints("{\"a\":1}\n").tells("").with_status(status);
        assert_eq!(ended.signal, Some(signal.as_raw()), "{ended}");
    }
}

/// A filter that goes on for ever with the record `{"s":1}`.
const ENDLESS: [&str; 2] = ["--exclude", "x=if .s then last(repeat(1)) else false end"];

#[test]
fn a_run_that_does_not_come_to_its_end_is_ended_ten_seconds_after_a_signal() {
    let started = Instant::now();
    let args = [&ENDLESS[..], &["--report", "json", "--report-every", "1s"]].concat();
    let mut running = provfilter(&args).starts();
    running.write("{}\n").line();
    running.write("{\"s\":1}\n");
    next_report(&mut running);
    let ended = running.ended_by(Signal::TERM);
    ended.prints("{}\n").with_status(143);
    assert_eq!(ended.signal, Some(15), "{ended}");
    assert!((10..60).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}

#[test]
fn a_second_signal_ends_a_run_at_once() {
    let args = [&ENDLESS[..], &["--report", "json", "-i", "a.jsonl"]].concat();
    let mut running = provfilter(&args).file("a.jsonl", "[]\n".repeat(400_000) + "{\"s\":1}\n").starts();
    wait_for_first_fault(&mut running);
    running.signal(Signal::HUP);
    wait_until_heard(&mut running);
    let ended = running.ended_by(Signal::INT);
    ended.with_status(130);
    assert_eq!(ended.files().len(), 1, "nothing is left beside the file\n{ended}");
}

#[test]
fn a_hangup_that_is_ignored_stays_ignored() {
    let mut running = provfilter_by("trap '' HUP; exec \"$0\" \"$@\"", &["-q"]).starts();
    running.write("{\"a\":1}\n").line();
    running.signal(Signal::HUP).write("{\"b\":2}\n").line();
    running.ends().with_status(0).tells("").prints("{\"a\":1}\n{\"b\":2}\n");
}
