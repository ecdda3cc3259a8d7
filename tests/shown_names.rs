//! Names on the terminal: nothing in them steers it or hides from it, and however long they are, the cause is there to read.
#![cfg(target_os = "linux")]

use crate::harness::{Ended, provfilter};

/// A name that clears the screen, starts a line, hides something and says something invisible.
const NAME: &str = "a\u{1b}[2J\nprovfilter: b\u{200b}c\u{e0041}";
const SHOWN: &str = r"a\u{1b}[2J\nprovfilter: b\u{200b}c\u{e0041}";

#[track_caller]
fn shows(ended: &Ended, told: &str) {
    let text = String::from_utf8_lossy(&ended.stderr);
    let raw = |character: char| (character.is_control() && character != '\n') || "\u{200b}\u{e0041}".contains(character);
    assert!(!text.contains(raw), "{ended}");
    ended.mentions(told);
}

#[test]
fn names_in_messages_neither_steer_the_terminal_nor_hide_in_it() {
    let report = format!("json={NAME}/report");
    for (args, told) in [
        (&["-q", NAME][..], format!("provfilter: {SHOWN}: cannot read: no such file or directory\n")),
        (&["-q", "-i", NAME], format!("provfilter: {SHOWN}: cannot read: no such file or directory\n")),
        (&["-q", "--merge", NAME], format!("provfilter: {SHOWN}: cannot read: no such file or directory\n")),
        (&["-q", "--rejects", &format!("{NAME}/r")], format!("provfilter: {SHOWN}/r: cannot write: no such file or directory\n")),
        (&["-q", "--report", &report], format!("provfilter: {SHOWN}/report: cannot write: no such file or directory\n")),
        (&["-q", &format!("--{NAME}")], format!("unexpected argument '--{SHOWN}' found\n")),
        (
            &["-q", "--model", &format!("{{{NAME}}}")],
            format!("provfilter: --model {{{SHOWN}}}: unknown placeholder `{{{SHOWN}}}`"),
        ),
        (&["-q", "--source", NAME, "--model", "m"], format!("provfilter: --source {SHOWN}: unknown source\nhint: ")),
        (&["-q", &format!("-i/{NAME}"), "a"], format!("provfilter: --in-place=/{SHOWN}: a suffix cannot contain `/`")),
        (&["-i", &format!(".{NAME}"), "a"], format!("provfilter: --in-place: .{SHOWN} is taken for a FILE")),
    ] {
        shows(&provfilter(args).given("{}\n").ends(), &told);
    }
    let input = |args: &[&str]| provfilter(args).file(NAME, "{}\n[]\n").ends();
    shows(&input(&["--report", "none", NAME]), &format!("provfilter: {SHOWN}:2: not an object"));
    shows(&input(&["-q", "-i", NAME]), &format!("provfilter: {SHOWN}: left unchanged: 1 faulty line would be lost\n"));
    shows(&input(&["-q", "--rejects", NAME, NAME]), &format!("provfilter: {SHOWN}: is both input and output"));
    shows(&input(&["-q", "--merge", NAME]), &format!("provfilter: {SHOWN}: "));
    shows(&input(&["-q", "--rejects", "r", "--errors", "r"]), "provfilter: r: would be written twice");
}

#[test]
fn a_long_path_does_not_hide_the_cause() {
    let path = "folder/".repeat(500) + "pairs.jsonl";
    for args in [&["-q", &path][..], &["-q", "-i", &path], &["-q", "--rejects", &path], &["-q", "--merge", &path]] {
        let ended = provfilter(args).given("{}\n").ends();
        ended.mentions("/pairs.jsonl: cannot ").mentions(": no such file or directory\n").with_status(2);
        assert!(ended.stderr.len() < 300, "{ended}");
    }
}
