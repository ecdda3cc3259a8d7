//! Paths that lead to an open descriptor: what is there already stays, and what comes is written behind it.
#![cfg(target_os = "linux")]

use crate::harness::{Ended, provfilter, provfilter_by};

/// Runs with a log that others write to before and after.
#[track_caller]
fn keeps_the_log(script: &str, args: &[&str]) -> Ended {
    let ended = provfilter_by(script, args).file("a.jsonl", "{}\n[]\n").file("log", "oldest\n").ends();
    let log = String::from_utf8_lossy(&ended.files()["log"]).into_owned();
    let report = log.split_once("older\n").and_then(|(_, rest)| rest.split_once("newer\n"));
    let (report, rest) = report.unwrap_or_else(|| panic!("the log is not whole: {log}\n{ended}"));
    assert!(report.contains("\"schema_version\":1") && rest.is_empty(), "{log}\n{ended}");
    ended
}

#[test]
fn a_report_to_an_open_descriptor_leaves_what_its_file_holds() {
    for (path, descriptor) in [("/dev/stdout", 1), ("/dev/stderr", 2), ("/dev/fd/3", 3), ("/proc/self/fd/3", 3), ("link", 3)] {
        for redirection in [">log", ">>log"] {
            let script = format!(
                "ln -s /dev/fd/3 link; {{ echo older >&{descriptor}; \"$0\" \"$@\"; echo newer >&{descriptor}; }} {descriptor}{redirection}"
            );
            let report = format!("json={path}");
            let ended = keeps_the_log(&script, &["-n", "--report", &report, "a.jsonl"]);
            let log = String::from_utf8_lossy(&ended.files()["log"]).into_owned();
            assert_eq!(log.starts_with("oldest\n"), redirection == ">>log", "{ended}");
        }
    }
}

#[test]
fn a_merged_report_to_standard_output_leaves_what_its_file_holds() {
    let script = "\"$0\" -q -n --report json=r a.jsonl; { echo older; \"$0\" \"$@\"; echo newer; } >>log";
    keeps_the_log(script, &["--merge", "--report", "json=/dev/stdout", "r"]);
}

#[test]
fn a_report_may_go_to_standard_output_where_no_records_go() {
    let ended = provfilter_by("\"$0\" \"$@\" >out", &["-n", "--report", "json=/dev/stdout"]).given("{}\n").ends();
    ended.tells("").with_status(0);
    assert_eq!(ended.report("out")["dropped"], 1, "{ended}");
}

#[test]
fn rejected_lines_go_behind_what_the_file_of_a_descriptor_holds() {
    let script = "{ echo older >&3; \"$0\" \"$@\"; echo newer >&3; } 3>log";
    let ended = provfilter_by(script, &["-q", "--rejects", "/dev/fd/3"]).given("[]\n").ends();
    ended.leaves("log", "older\n[]\nnewer\n");
}

#[test]
fn a_descriptor_that_is_not_open_is_an_error_and_not_one_of_the_programs_own() {
    for path in ["/dev/fd/3", "/dev/fd/5"] {
        let ended = provfilter(&["-n", "--report", &format!("json={path}")]).given("{}\n").ends();
        ended.mentions(&format!("provfilter: {path}: cannot write: ")).with_status(2);
    }
}
