//! What the system, other processes and time allow: few descriptors, small files, no devices, many writers, nobody who reads.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::harness::{Ended, left_out, provfilter, provfilter_by, shell_can};

#[test]
fn too_few_descriptors_are_an_error() {
    for most in 3..16 {
        for args in [&["-q", "--rejects", "rejects", "a.jsonl"][..], &["-q", "-i.bak", "a.jsonl"]] {
            let script = format!("ulimit -n {most}; exec \"$0\" \"$@\"");
            let ended = provfilter_by(&script, args).file("a.jsonl", "{}\n").ends();
            match ended.status {
                Some(0) => ended.tells(""),
                // The dynamic linker needs one too.
                Some(127) if most == 3 => continue,
                _ => ended.mentions("provfilter: ").mentions("too many open files").with_status(2),
            };
            assert!(!String::from_utf8_lossy(&ended.stderr).contains("panicked"), "{ended}");
            ended.leaves("a.jsonl", "{}\n");
        }
    }
}

#[test]
fn a_limit_for_the_size_of_files_is_an_error_and_leaves_nothing_behind() {
    let input = "{}\n".repeat(10_000);
    let script = "ulimit -f 8; exec \"$0\" \"$@\"";
    let ended = provfilter_by(script, &["-q", "-i", "a.jsonl"]).file("a.jsonl", &input).ends();
    ended.mentions("provfilter: a.jsonl: cannot write: file too large\n").with_status(2).leaves("a.jsonl", &input);
    assert_eq!(fs::read_dir(ended.path(".")).expect("the folder is there").count(), 1, "{ended}");
    let ended = provfilter_by("ulimit -f 8; exec \"$0\" \"$@\" >out", &["-q"]).given(input).ends();
    ended.tells("provfilter: standard output: cannot write: file too large\n").with_status(2);
    let ended = provfilter_by("ulimit -f 0; exec \"$0\" \"$@\"", &["-q", "-n", "--report", "json=r"]).given("{}\n").ends();
    ended.tells("provfilter: r: cannot write: file too large\n").with_status(2);
    assert!(ended.files().is_empty(), "{ended}");
}

/// Runs the program in a folder with nothing but itself, its libraries and `a.jsonl`; nothing where that is not allowed.
fn in_empty_root(redirection: &str, args: &str) -> Option<Ended> {
    if !shell_can("chroot / true && ldd /bin/sh") {
        left_out("there is no chroot, or it may not be called");
        return None;
    }
    let script = format!(
        "for library in $(ldd \"$0\" | grep -o '/[^ ]*'); do mkdir -p root$(dirname $library); cp $library root$library; done; \
         cp \"$0\" root/provfilter; cp a.jsonl root; chroot root /provfilter {args} {redirection}; status=$?; cp root/* . 2>/dev/null; exit $status"
    );
    Some(
        provfilter_by(&script, &[]).env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin").file("a.jsonl", "{}\n[]\n").given("{}\n").ends(),
    )
}

#[test]
fn it_runs_without_devices_and_without_proc() {
    for (args, status, output) in [
        ("-q a.jsonl", 1, "{}\n"),
        ("-q", 0, "{}\n"),
        ("-q -n a.jsonl", 1, ""),
        ("-q -i.bak --rejects rejects a.jsonl", 1, ""),
        ("-q --report json=report a.jsonl", 1, "{}\n"),
    ] {
        let Some(ended) = in_empty_root("", args) else {
            return;
        };
        ended.prints(output).tells("").with_status(status);
        if args.contains("-i") {
            ended.leaves("a.jsonl", "{}\n").leaves("rejects", "[]\n").leaves("a.jsonl.bak", "{}\n[]\n");
        }
    }
}

#[test]
fn many_writers_of_one_report_do_not_disturb_each_other() {
    let script = "for round in 1 2 3 4 5 6 7 8; do for writer in 1 2 3 4 5 6 7 8 9 10 11 12; do \
                  echo '{}' | \"$0\" \"$@\" & done; wait; done";
    let ended = provfilter_by(script, &["-q", "-n", "--threads", "1", "--report", "json=r"]).ends();
    ended.tells("").with_status(0);
    assert_eq!(ended.report("r")["total"], 1);
    assert_eq!(fs::read_dir(ended.path(".")).expect("the folder is there").count(), 1, "{ended}");
}

/// The most memory that a process has held, in KiB.
fn most_memory(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux counts memory");
    line.trim().trim_end_matches(" kB").parse().expect("it is a number")
}

#[test]
fn reports_that_nobody_reads_take_each_others_place() {
    let (_reader, mut errors) = io::pipe().expect("there are pipes");
    let full = rustix::pipe::fcntl_getpipe_size(&errors).expect("a pipe has a size");
    errors.write_all(&vec![b'.'; full]).expect("a pipe takes as much as its size");
    let mut running = provfilter(&["--report", "json"]).errors_to(errors).starts();
    let names = (0..10_000).fold(String::new(), |names, number| {
        names + &format!("{{\"provenance\":{{\"model\":\"{number:0>200}\",\"source\":\"curated\"}}}}\n")
    });
    running.write(names);
    for _ in 0..10_000 {
        running.line();
    }
    for _ in 0..400 {
        running.signal(Signal::USR1);
        // It hears signals in their turn, so that a line that comes back says that those before were heard.
        running.write("{}\n").line();
    }
    let memory = most_memory(running.id());
    assert!(memory < 150_000, "{memory} KiB");
    let started = Instant::now();
    let ended = running.ends();
    assert!(started.elapsed() > Duration::from_secs(9), "the last report is waited for");
    ended.with_status(0);
}

#[test]
fn a_last_report_that_nobody_takes_is_waited_for_ten_seconds() {
    let started = Instant::now();
    let ended = provfilter_by("mkfifo pipe; exec \"$0\" \"$@\"", &["-q", "--report", "json=pipe"]).given("{}\n").ends();
    ended.prints("{}\n").with_status(2);
    assert!((9..60).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}

#[test]
fn where_nothing_could_be_read_the_error_stands_alone() {
    let ended = provfilter(&["missing.jsonl"]).ends();
    ended.tells("provfilter: missing.jsonl: cannot read: no such file or directory\n").with_status(2);
    let ended = provfilter(&["--report", "json=r", "missing.jsonl"]).ends();
    ended.tells("provfilter: missing.jsonl: cannot read: no such file or directory\n").with_status(2);
    assert_eq!(ended.report("r")["lines"], 0, "an older report must not be taken for this one");
}
