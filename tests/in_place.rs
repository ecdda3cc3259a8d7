//! Files rewritten in place: whole or not at all, with their modes, links and owners, whatever happens meanwhile.
#![cfg(target_os = "linux")]

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;

use rustix::process::Signal;

use crate::harness::{Ended, Run, left_out, provfilter, provfilter_by, shell_can};

const ANNOTATE: [&str; 5] = ["-q", "--source", "curated", "--model", "m"];
const NEW: &str = "{\"a\":1,\"provenance\":{\"source\":\"curated\",\"model\":\"m\",\"timestamp\":\"2026-03-30T14:22:31Z\",\"approved\":true}}\n";
const OLD: &str = "{\"a\":1}\n";

fn annotate(args: &[&str]) -> Run {
    provfilter(&[&ANNOTATE, args].concat())
}

/// A run without the rights of the superuser, if one can be had; its folder is for all to read and write.
fn annotate_without_rights(args: &[&str]) -> Option<Run> {
    let other = "setpriv --reuid=65534 --regid=65534 --clear-groups";
    let script = if !rustix::process::geteuid().is_root() {
        "exec \"$0\" \"$@\"".to_owned()
    } else if shell_can(&format!("{other} test -x {}", env!("CARGO_BIN_EXE_provfilter"))) {
        format!("exec {other} \"$0\" \"$@\"")
    } else {
        left_out("the superuser may do everything");
        return None;
    };
    let run = provfilter_by(&script, &[&ANNOTATE, args].concat());
    set_mode(&run.path("."), 0o777);
    Some(run)
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("the mode can be set");
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("the file is there").mode() & 0o7777
}

/// Expects these files, and none beside them.
#[track_caller]
fn leaves_only(ended: &Ended, files: &[(&str, &str)]) {
    for (name, content) in files {
        ended.leaves(name, content);
    }
    assert_eq!(ended.files().len(), files.len(), "nothing is left beside them\n{ended}");
}

#[test]
fn each_file_is_rewritten_and_nothing_is_printed() {
    let ended = annotate(&["-i", "a.jsonl", "b.jsonl"]).file("a.jsonl", OLD).file("b.jsonl", OLD.repeat(2)).ends();
    ended.prints("").tells("").with_status(0);
    leaves_only(&ended, &[("a.jsonl", NEW), ("b.jsonl", &NEW.repeat(2))]);
}

#[test]
fn a_suffix_keeps_the_old_files_and_replaces_older_ones() {
    for flag in ["-i=.bak", "--in-place=.bak"] {
        let run = annotate(&[flag, "a.jsonl", "b.jsonl"]).file("a.jsonl", OLD).file("b.jsonl", OLD).file("a.jsonl.bak", "older");
        set_mode(&run.path("a.jsonl"), 0o640);
        let ended = run.ends();
        ended.prints("").tells("").with_status(0);
        leaves_only(&ended, &[("a.jsonl", NEW), ("a.jsonl.bak", OLD), ("b.jsonl", NEW), ("b.jsonl.bak", OLD)]);
        assert_eq!([mode(&ended.path("a.jsonl")), mode(&ended.path("a.jsonl.bak"))], [0o640; 2]);
    }
}

#[test]
fn rewriting_twice_is_rewriting_once() {
    let run = annotate(&["-i", "a.jsonl", "a.jsonl"]).file("a.jsonl", OLD);
    leaves_only(run.ends().with_status(0), &[("a.jsonl", NEW)]);
    let run = annotate(&["-i", "a.jsonl"]).file("a.jsonl", NEW);
    leaves_only(run.ends().with_status(0), &[("a.jsonl", NEW)]);
}

#[test]
fn a_link_stays_one_and_the_file_behind_it_is_rewritten() {
    let run = annotate(&["-i", "link.jsonl"]).file("a.jsonl", OLD);
    fs::create_dir(run.path("folder")).expect("a folder can be made");
    fs::rename(run.path("a.jsonl"), run.path("folder/a.jsonl")).expect("a file can be moved");
    symlink("folder/a.jsonl", run.path("second.jsonl")).expect("links can be made");
    symlink("second.jsonl", run.path("link.jsonl")).expect("links can be made");
    let ended = run.ends();
    ended.tells("").with_status(0);
    for name in ["link.jsonl", "second.jsonl"] {
        assert!(fs::symlink_metadata(ended.path(name)).is_ok_and(|link| link.is_symlink()), "{name}");
    }
    assert_eq!(fs::read_to_string(ended.path("folder/a.jsonl")).ok().as_deref(), Some(NEW));
    assert_eq!(fs::read_dir(ended.path("folder")).map(Iterator::count).ok(), Some(1));
}

#[test]
fn a_link_to_nothing_is_an_error() {
    let run = annotate(&["-i", "link.jsonl"]);
    symlink("missing.jsonl", run.path("link.jsonl")).expect("links can be made");
    run.ends().tells("provfilter: link.jsonl: cannot read: no such file or directory\n").with_status(2);
}

#[test]
fn another_name_of_the_same_file_keeps_the_old_content() {
    let run = annotate(&["-i", "a.jsonl"]).file("a.jsonl", OLD);
    fs::hard_link(run.path("a.jsonl"), run.path("hard.jsonl")).expect("links can be made");
    leaves_only(run.ends().with_status(0), &[("a.jsonl", NEW), ("hard.jsonl", OLD)]);
}

#[test]
fn the_mode_is_kept() {
    for expected in [0o600, 0o444, 0o777, 0o4755] {
        let run = annotate(&["-i", "a.jsonl"]).file("a.jsonl", OLD);
        set_mode(&run.path("a.jsonl"), expected);
        let ended = run.ends();
        leaves_only(ended.with_status(0), &[("a.jsonl", NEW)]);
        assert_eq!(mode(&ended.path("a.jsonl")), expected);
    }
}

#[test]
fn a_file_that_may_only_be_read_can_be_rewritten() {
    let Some(run) = annotate_without_rights(&["-i", "a.jsonl"]) else {
        return;
    };
    let run = run.file("a.jsonl", OLD);
    set_mode(&run.path("a.jsonl"), 0o444);
    let ended = run.ends();
    leaves_only(ended.with_status(0), &[("a.jsonl", NEW)]);
    assert_eq!(mode(&ended.path("a.jsonl")), 0o444);
}

#[test]
fn the_owner_is_kept() {
    if !rustix::process::geteuid().is_root() {
        return left_out("only the superuser can give files away");
    }
    let run = annotate(&["-i=.bak", "a.jsonl"]).file("a.jsonl", OLD);
    chown(run.path("a.jsonl"), Some(1234), Some(4321)).expect("the superuser can give files away");
    set_mode(&run.path("a.jsonl"), 0o640);
    let ended = run.ends();
    leaves_only(ended.with_status(0), &[("a.jsonl", NEW), ("a.jsonl.bak", OLD)]);
    for name in ["a.jsonl", "a.jsonl.bak"] {
        let metadata = fs::metadata(ended.path(name)).expect("the file is there");
        assert_eq!((metadata.uid(), metadata.gid(), metadata.mode() & 0o7777), (1234, 4321, 0o640), "{name}");
    }
}

#[test]
fn a_folder_that_may_only_be_read_keeps_its_files() {
    let Some(run) = annotate_without_rights(&["-i", "a.jsonl"]) else {
        return;
    };
    let run = run.file("a.jsonl", OLD);
    set_mode(&run.path("."), 0o555);
    let ended = run.ends();
    ended.tells("provfilter: a.jsonl: cannot write: permission denied\n").with_status(2);
    leaves_only(&ended, &[("a.jsonl", OLD)]);
    set_mode(&ended.path("."), 0o755);
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_the_others_are_rewritten() {
    let Some(run) = annotate_without_rights(&["-i", "a.jsonl", "missing.jsonl", ".", "b.jsonl"]) else {
        return;
    };
    let run = run.file("a.jsonl", OLD).file("b.jsonl", OLD);
    set_mode(&run.path("a.jsonl"), 0o200);
    let ended = run.ends();
    ended.with_status(2).tells(
        "provfilter: a.jsonl: cannot read: permission denied\n\
         provfilter: missing.jsonl: cannot read: no such file or directory\n\
         provfilter: .: cannot read: only a regular file can be rewritten in place\n",
    );
    set_mode(&ended.path("a.jsonl"), 0o600);
    leaves_only(&ended, &[("a.jsonl", OLD), ("b.jsonl", NEW)]);
}

#[test]
fn an_empty_file_stays_empty() {
    let ended = annotate(&["-i", "a.jsonl"]).file("a.jsonl", "").ends();
    leaves_only(ended.with_status(0), &[("a.jsonl", "")]);
}

#[test]
fn the_last_line_gets_its_line_feed_and_blank_ones_go() {
    let ended = annotate(&["-i", "a.jsonl"]).file("a.jsonl", "\u{feff}\n{\"a\":1}\n\n{\"a\":1}").ends();
    leaves_only(ended.with_status(0), &[("a.jsonl", &NEW.repeat(2))]);
}

#[test]
fn a_fault_keeps_its_file_and_the_others_are_rewritten() {
    let args = ["-i=.bak", "a.jsonl", "b.jsonl", "c.jsonl"];
    let ended = annotate(&args).file("a.jsonl", OLD).file("b.jsonl", "{\"a\":1}\n[]\n").file("c.jsonl", OLD).ends();
    ended.with_status(1).tells(
        "provfilter: b.jsonl: left unchanged: 1 faulty line would be lost\n\
         hint: keep faulty lines with --rejects FILE, or in the file itself with --on-error pass\n",
    );
    let kept = [("a.jsonl.bak", OLD), ("c.jsonl.bak", OLD)];
    leaves_only(&ended, &[&[("a.jsonl", NEW), ("b.jsonl", "{\"a\":1}\n[]\n"), ("c.jsonl", NEW)][..], &kept].concat());
}

#[test]
fn tolerated_faults_keep_their_file_all_the_same() {
    let ended = annotate(&["-i", "--max-errors", "100%", "a.jsonl"]).file("a.jsonl", "[]\n").ends();
    ended.with_status(1).mentions("left unchanged");
    leaves_only(&ended, &[("a.jsonl", "[]\n")]);
}

#[test]
fn rejected_lines_of_all_files_are_kept_together() {
    let args = ["-i", "--rejects", "r", "--errors", "e", "--report", "json=report.json", "a.jsonl", "b.jsonl"];
    let ended = annotate(&args).file("a.jsonl", "[1]\n{\"a\":1}\n").file("b.jsonl", "{\"a\":1}\n[2]").ends();
    ended.with_status(1).tells("").leaves("a.jsonl", NEW).leaves("b.jsonl", NEW).leaves("r", "[1]\n[2]\n");
    let places: Vec<serde_json::Value> = ended.files()["e"]
        .split_inclusive(|&byte| byte == b'\n')
        .map(|line| serde_json::from_slice(line).expect("each fault is an object"))
        .collect();
    let places: Vec<_> = places.iter().map(|fault| (&fault["file"], &fault["line"], &fault["byte_offset"])).collect();
    assert_eq!(places, [(&"a.jsonl".into(), &1.into(), &0.into()), (&"b.jsonl".into(), &2.into(), &8.into())]);
    let report = ended.report("report.json");
    assert_eq!([&report["lines"], &report["written"], &report["rejected"]], [4, 2, 2], "{ended}");
}

#[test]
fn faulty_lines_pass_in_their_place() {
    let ended = annotate(&["-i", "--on-error", "pass", "a.jsonl"]).file("a.jsonl", "[1]\n\n{\"a\":1}\n[2]").ends();
    leaves_only(ended.with_status(1), &[("a.jsonl", &format!("[1]\n\n{NEW}[2]\n"))]);
}

#[test]
fn a_stop_leaves_its_file_and_those_after_it() {
    let run = annotate(&["-i", "--on-error", "stop", "--rejects", "r", "a.jsonl", "b.jsonl", "c.jsonl"]);
    let ended = run.file("a.jsonl", OLD).file("b.jsonl", "{\"a\":1}\n[]\n").file("c.jsonl", OLD).ends();
    ended.with_status(1).tells("provfilter: b.jsonl: left unchanged: it has a faulty line\n");
    leaves_only(&ended, &[("a.jsonl", NEW), ("b.jsonl", "{\"a\":1}\n[]\n"), ("c.jsonl", OLD), ("r", "[]\n")]);
}

#[test]
fn excluded_records_leave_their_files_for_their_own() {
    let args = ["-q", "-i", "--exclude", "low=.a < 5", "--excluded-to", "x", "a.jsonl", "b.jsonl"];
    let ended = provfilter(&args).file("a.jsonl", "{\"a\":1}\n{\"a\":9}\n").file("b.jsonl", "{\"a\":2}\n").ends();
    let excluded = "\"provenance\":{\"excluded\":true,\"exclusion_reason\":\"low\",\"approved\":false}";
    let excluded = format!("{{\"a\":1,{excluded}}}\n{{\"a\":2,{excluded}}}\n");
    leaves_only(ended.with_status(0), &[("a.jsonl", "{\"a\":9}\n"), ("b.jsonl", ""), ("x", &excluded)]);
}

#[test]
fn what_a_killed_run_has_left_is_removed_and_what_is_in_use_is_not() {
    let run = annotate(&["-i", "a.jsonl"]).file("a.jsonl", OLD).file(".a.jsonl.AbC123.provfilter", "left over");
    let others = [".a.jsonl.xyz789.provfilter", ".b.jsonl.AbC123.provfilter", ".a.jsonl.AbC12.provfilter", ".a.jsonl.AbC123.bak"];
    let run = others.into_iter().fold(run, |run, name| run.file(name, name));
    let in_use = File::open(run.path(others[0])).expect("the file is there");
    in_use.lock().expect("a file can be locked");
    let ended = run.ends();
    let others = others.map(|name| (name, name));
    leaves_only(ended.with_status(0), &[&[("a.jsonl", NEW)][..], &others].concat());
}

/// Kills rewrites of a file of so many bytes when more and more of the new one is written, some of them as it takes its place.
fn kill_rewrites(bytes: usize, kills: usize) {
    let text = "x".repeat(1000);
    let [old, new] = [OLD, NEW].map(|line| line.replacen('1', &format!("\"{text}\""), 1).repeat(bytes / 1010));
    let mut seen = [0, 0];
    for kill in 0..kills {
        let run = annotate(&["-i", "a.jsonl"]).file("a.jsonl", &old);
        let folder = run.path(".");
        let written = (new.len() as u64 * kill as u64) / (kills as u64 * 2 / 3);
        let mut running = run.starts();
        while !running.has_ended() && !has_written(&folder, written.min(new.len() as u64)) {}
        running.signal(Signal::KILL);
        let ended = running.ends_by_itself();
        let is = fs::read(ended.path("a.jsonl")).expect("the file is there");
        assert!(is == old.as_bytes() || is == new.as_bytes(), "kill {kill}: the file has {} bytes", is.len());
        seen[usize::from(is == new.as_bytes())] += 1;
        assert!(ended.files().len() <= 2, "kill {kill}: more than one file is left beside it");
        again(&ended, &new);
    }
    assert!(seen[0] > 0, "no kill came before the end");
}

/// Expects that another run of the program in the same folder rewrites the file, and leaves nothing beside it.
fn again(ended: &Ended, new: &str) {
    let path = ended.path("a.jsonl");
    let run = annotate(&["-i", path.to_str().expect("temporary folders have plain names")]);
    run.ends().with_status(0).tells("");
    let is = fs::read(&path).expect("the file is there");
    assert!(is == new.as_bytes() && ended.files().len() == 1, "the run after a kill does its work");
}

/// A file beside the one that is rewritten has so many bytes.
fn has_written(folder: &Path, bytes: u64) -> bool {
    let entries = fs::read_dir(folder).expect("the folder can be listed").flatten();
    entries.filter(|entry| entry.file_name() != "a.jsonl").any(|entry| entry.metadata().is_ok_and(|file| file.len() >= bytes))
}

#[test]
fn a_killed_rewrite_leaves_the_old_file_or_the_new_one_whole() {
    kill_rewrites(3_000_000, 30);
}

#[test]
#[ignore = "takes minutes: rewrites 100 MB a hundred times"]
fn a_killed_rewrite_of_a_large_file_leaves_the_old_one_or_the_new_one_whole() {
    kill_rewrites(100_000_000, 100);
}
