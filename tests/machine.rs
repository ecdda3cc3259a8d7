//! Descriptors and disks as they come: closed, full, shared, tiny, the same twice, or not there.
#![cfg(target_os = "linux")]

use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixStream;
use std::thread;

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use crate::harness::{Ended, left_out, provfilter, provfilter_by, provfilter_with, shell_can};

const NO_SPACE: &str = "cannot write: no space left on device\n";

/// Records of this number, each on its line.
fn records(number: usize) -> String {
    (0..number).fold(String::new(), |records, id| records + &format!("{{\"id\":{id}}}\n"))
}

mod full {
    use super::{Ended, NO_SPACE, fs, left_out, provfilter, provfilter_by, records, shell_can};

    #[test]
    fn a_full_device_for_side_outputs_is_an_error_and_the_records_are_there() {
        for flag in ["--rejects", "--errors"] {
            let ended = provfilter(&["--report", "none", "-q", flag, "/dev/full"]).given("{\"id\":1}\n[]\n").ends();
            ended.prints("{\"id\":1}\n").tells(format!("provfilter: /dev/full: {NO_SPACE}")).with_status(2);
        }
    }

    #[test]
    fn a_full_device_that_gets_nothing_is_no_error() {
        for flag in ["--rejects", "--errors", "--excluded-to"] {
            let ended = provfilter(&["-q", flag, "/dev/full"]).given("{\"id\":1}\n").ends();
            ended.prints("{\"id\":1}\n").tells("").with_status(0);
        }
    }

    #[test]
    fn every_full_output_is_told() {
        let args = ["-q", "--rejects", "/dev/full", "--report", "json=/dev/full"];
        let ended = provfilter_by("exec \"$0\" \"$@\" >/dev/full", &args).given("{\"id\":1}\n[]\n").ends();
        let told =
            format!("provfilter: standard output: {NO_SPACE}provfilter: /dev/full: {NO_SPACE}provfilter: /dev/full: {NO_SPACE}");
        ended.tells(told).with_status(2);
    }

    /// Runs the program with files that take 512 bytes and no more.
    const LIMITED: &str = "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"";

    #[test]
    fn the_very_last_write_of_all_may_fail() {
        let room = "{\"a\":1}\n".repeat(64);
        for args in [&["-q"][..], &["-q", "--line-buffered"], &["-q", "--threads", "3"]] {
            let run = provfilter_by(&format!("{LIMITED} >out.jsonl"), args);
            run.given(&*room).ends().leaves("out.jsonl", &room).with_status(0).tells("");
            let run = provfilter_by(&format!("{LIMITED} >out.jsonl"), args);
            let ended = run.given(room.clone() + "{}").ends();
            ended.tells("provfilter: standard output: cannot write: file too large\n").with_status(2);
            ended.leaves("out.jsonl", &room);
        }
    }

    #[test]
    fn the_very_last_write_to_a_side_output_may_fail() {
        for (flag, line, most) in [("--rejects", "[3456]\n", 73), ("--errors", "[]\n", 3)] {
            let args = ["-q", "--max-errors", "100%", flag, "side.jsonl"];
            provfilter_by(LIMITED, &args).given(line.repeat(most)).ends().with_status(0).tells("");
            let ended = provfilter_by(LIMITED, &args).given(line.repeat(most + 1)).ends();
            ended.tells("provfilter: side.jsonl: cannot write: file too large\n").with_status(2);
            assert_eq!(ended.files()["side.jsonl"].len(), 512, "{ended}");
        }
    }

    #[test]
    fn a_report_that_does_not_fit_leaves_the_older_one() {
        let run = provfilter_by(LIMITED, &["--report", "json=report.json"]).file("report.json", "older").given("{}\n");
        let ended = run.ends();
        ended.prints("{}\n").tells("provfilter: report.json: cannot write: file too large\n").with_status(2);
        assert_eq!(ended.files().into_keys().collect::<Vec<_>>(), ["report.json"], "{ended}");
        ended.leaves("report.json", "older");
    }

    #[test]
    fn a_file_that_does_not_fit_in_place_is_left_as_it_was() {
        let run = provfilter_by(LIMITED, &["-q", "-i", "a.jsonl", "b.jsonl"]);
        let ended = run.file("a.jsonl", records(60)).file("b.jsonl", "{}").ends();
        ended.mentions("provfilter: a.jsonl: cannot write: file too large\n").with_status(2);
        ended.leaves("a.jsonl", records(60)).leaves("b.jsonl", "{}\n");
        assert_eq!(ended.files().len(), 2, "nothing is left beside them\n{ended}");
    }

    /// Runs the program with a disk of 64 KiB at `disk`, on which `a.jsonl` is.
    const SMALL_DISK: &str = "mkdir disk && mount -t tmpfs -o size=64k tmpfs disk && cp a.jsonl disk && \"$0\" \"$@\"; status=$?
        cp disk/* . && ls -A disk >list && exit $status";

    fn on_a_small_disk(args: &[&str], redirection: &str, input: &str) -> Option<Ended> {
        if !shell_can("unshare -rm true") {
            left_out("file systems of one's own are not allowed");
            return None;
        }
        let script = SMALL_DISK.replace("\"$@\"", &format!("\"$@\" {redirection}"));
        let script = format!("exec unshare -rm /bin/sh -c '{script}' \"$0\" \"$@\"");
        Some(provfilter_by(&script, args).file("a.jsonl", input).ends())
    }

    #[test]
    fn a_full_disk_is_an_error_and_what_fitted_is_there() {
        let input = records(3_500);
        let Some(ended) = on_a_small_disk(&["-q", "a.jsonl"], ">disk/out.jsonl", &input) else {
            return;
        };
        ended.tells(format!("provfilter: standard output: {NO_SPACE}")).with_status(2);
        let out = &ended.files()["out.jsonl"];
        assert!(out.len() < input.len() && input.as_bytes().starts_with(out), "{ended}");
    }

    #[test]
    fn a_full_disk_leaves_a_file_in_place_as_it_was() {
        let input = records(4_000);
        let Some(ended) = on_a_small_disk(&["-q", "-i", "disk/a.jsonl", "--report", "text=disk/report"], "", &input) else {
            return;
        };
        ended.mentions(&format!("provfilter: disk/a.jsonl: {NO_SPACE}")).with_status(2);
        ended.leaves("a.jsonl", &input).mentions("left unchanged");
        assert_eq!(fs::read_to_string(ended.path("list")).ok().as_deref(), Some("a.jsonl\nreport\n"), "{ended}");
    }
}

mod closed {
    const CLOSED: &str = "it is closed, or is /dev/null opened for both reading and writing";

    use super::{File, provfilter_with};

    #[test]
    fn a_closed_standard_input_cannot_be_read() {
        let ended = provfilter_with("<&-", &["-q"]).ends();
        ended.prints("").tells(format!("provfilter: -: cannot read: {CLOSED}\n")).with_status(2);
    }

    #[test]
    fn a_closed_standard_input_that_is_not_read_is_no_error() {
        let ended = provfilter_with("<&-", &["-q", "a.jsonl"]).file("a.jsonl", "{}\n").ends();
        ended.prints("{}\n").tells("").with_status(0);
    }

    #[test]
    fn the_other_files_are_read_when_standard_input_is_closed() {
        let ended = provfilter_with("<&-", &["-q", "a.jsonl", "-", "a.jsonl"]).file("a.jsonl", "{}\n").ends();
        ended.prints("{}\n{}\n").tells(format!("provfilter: -: cannot read: {CLOSED}\n")).with_status(2);
    }

    #[test]
    fn a_closed_standard_output_cannot_be_written() {
        for args in [&["-q"][..], &["-q", "a.jsonl"], &["-q", "--rejects", "rejects.jsonl", "a.jsonl"]] {
            let ended = provfilter_with(">&-", args).file("a.jsonl", "{}\n").given("{}\n").ends();
            ended.tells(format!("provfilter: standard output: cannot write: {CLOSED}\n")).with_status(2);
        }
    }

    #[test]
    fn a_null_device_that_a_shell_opens_is_no_closed_stream() {
        provfilter_with("</dev/null", &["-q"]).ends().tells("").with_status(0);
        provfilter_with(">/dev/null", &["-q"]).given("{}\n").ends().tells("").with_status(0);
    }

    #[test]
    fn a_null_device_that_is_opened_both_ways_counts_as_a_closed_stream() {
        // As std opens it in the place of a closed one: records would be lost, and all would seem well.
        let ended = provfilter_with("<>/dev/null", &["-q"]).ends();
        ended.tells(format!("provfilter: -: cannot read: {CLOSED}\n")).with_status(2);
        let ended = provfilter_with("1<>/dev/null", &["-q"]).given("{}\n").ends();
        ended.tells(format!("provfilter: standard output: cannot write: {CLOSED}\n")).with_status(2);
    }

    #[test]
    fn what_is_printed_to_a_standard_output_that_takes_nothing_is_an_error() {
        for flag in ["--version", "--help", "-h", "--generate=man"] {
            let ended = provfilter_with(">&-", &[flag]).ends();
            ended.tells(format!("provfilter: standard output: cannot write: {CLOSED}\n")).with_status(2);
            let ended = provfilter_with(">/dev/full", &[flag]).ends();
            ended.tells("provfilter: standard output: cannot write: no space left on device\n").with_status(2);
        }
    }

    #[test]
    fn a_closed_standard_output_is_no_error_where_nothing_is_written_to_it() {
        let ended = provfilter_with(">&-", &["-q", "-n", "--report", "json=report.json"]).given("{}\n").ends();
        ended.tells("").with_status(0);
        assert_eq!(ended.report("report.json")["dropped"], 1, "{ended}");
        let ended = provfilter_with(">&-", &["-q", "-i", "a.jsonl"]).file("a.jsonl", "{}").ends();
        ended.tells("").leaves("a.jsonl", "{}\n").with_status(0);
    }

    #[test]
    fn streams_that_somebody_silenced_together_are_as_good_as_open() {
        for silenced in ["2<>/dev/null >&2", "<>/dev/null >&0 2>&0", "<&- >&- 2>&-"] {
            provfilter_with(silenced, &["-n"]).given("{}\n").ends().with_status(0);
            provfilter_with(silenced, &[]).ends().with_status(0);
        }
        provfilter_with(">&-", &["a.jsonl"]).file("a.jsonl", "{}").ends().with_status(2);
        let ended = provfilter_with("<&- >&- 2>&-", &["-i", "a.jsonl"]).file("a.jsonl", "{}").ends();
        ended.leaves("a.jsonl", "{}\n").with_status(0);
    }

    #[test]
    fn no_side_output_takes_the_place_of_a_closed_stream() {
        let args = ["--rejects", "rejects.jsonl", "--errors", "errors.jsonl", "a.jsonl"];
        let ended = provfilter_with("<&- 2>&-", &args).file("a.jsonl", "{}\n[]\n").ends();
        ended.prints("{}\n").leaves("rejects.jsonl", "[]\n").with_status(1);
        assert_eq!(ended.files()["errors.jsonl"].split(|&byte| byte == b'\n').count(), 2, "{ended}");
    }

    #[test]
    fn streams_that_are_open_the_wrong_way_round_are_errors() {
        let file = || File::options().write(true).open("/dev/null").expect("there is a null device");
        let ended = super::provfilter(&["-q"]).input_from(file()).ends();
        ended.tells("provfilter: -: cannot read: bad file descriptor\n").with_status(2);
        let file = File::open("/dev/null").expect("there is a null device");
        let ended = super::provfilter(&["-q"]).given("{}\n").output_to(file).ends();
        ended.tells("provfilter: standard output: cannot write: bad file descriptor\n").with_status(2);
    }
}

mod inputs {
    use std::fmt::Write as _;

    use super::{Permissions, PermissionsExt, fs, io, left_out, provfilter, provfilter_by, records, shell_can};

    #[test]
    fn each_missing_file_is_told_and_the_others_are_read() {
        let ended = provfilter(&["-q", "x", "a.jsonl", "y/z", "a.jsonl/b"]).file("a.jsonl", "{}").ends();
        ended.prints("{}\n").with_status(2).tells(
            "provfilter: x: cannot read: no such file or directory\n\
             provfilter: y/z: cannot read: no such file or directory\n\
             provfilter: a.jsonl/b: cannot read: not a directory\n",
        );
    }

    #[test]
    fn a_folder_is_told_also_as_standard_input() {
        let folder = fs::File::open("/").expect("there is a root");
        provfilter(&["-q"]).input_from(folder).ends().tells("provfilter: -: cannot read: is a directory\n").with_status(2);
    }

    #[test]
    fn a_file_without_the_right_to_read_it_is_told_and_the_others_are_read() {
        let mut script = "exec \"$0\" \"$@\"".to_owned();
        if rustix::process::geteuid().is_root() {
            let other = "setpriv --reuid=65534 --regid=65534 --clear-groups";
            if !shell_can(&format!("{other} test -x {}", env!("CARGO_BIN_EXE_provfilter"))) {
                return left_out("the superuser may read all files");
            }
            script = format!("exec {other} \"$0\" \"$@\"");
        }
        let run = provfilter_by(&script, &["-q", "a.jsonl", "b.jsonl"]).file("a.jsonl", "{}").file("b.jsonl", "{}\n");
        let set = |name, mode| fs::set_permissions(run.path(name), Permissions::from_mode(mode)).expect("the mode can be set");
        set(".", 0o755);
        set("a.jsonl", 0o000);
        let ended = run.ends();
        ended.prints("{}\n").tells("provfilter: a.jsonl: cannot read: permission denied\n").with_status(2);
    }

    #[test]
    fn there_may_be_more_files_than_descriptors() {
        let names: Vec<String> = (0..600).map(|number| format!("{number}.jsonl")).collect();
        let args: Vec<&str> = ["-q"].into_iter().chain(names.iter().map(String::as_str)).collect();
        let run = provfilter_by("ulimit -n 32; exec \"$0\" \"$@\"", &args);
        let run = names.iter().enumerate().fold(run, |run, (id, name)| run.file(name, format!("{{\"id\":{id}}}")));
        run.ends().prints(records(600)).tells("").with_status(0);
    }

    #[test]
    fn more_files_than_descriptors_can_be_rewritten() {
        let names: Vec<String> = (0..100).map(|number| format!("{number}.jsonl")).collect();
        let args: Vec<&str> = ["-q", "-i"].into_iter().chain(names.iter().map(String::as_str)).collect();
        let run = provfilter_by("ulimit -n 32; exec \"$0\" \"$@\"", &args);
        let ended = names.iter().fold(run, |run, name| run.file(name, "{}")).ends();
        ended.tells("").with_status(0);
        assert!(ended.files().values().all(|content| content == b"{}\n") && ended.files().len() == 100, "{ended}");
    }

    #[test]
    fn all_faults_are_in_their_file_where_the_report_has_the_first_hundred() {
        let args = ["-q", "--errors", "errors.jsonl", "--report", "json=report.json", "--threads", "3"];
        let ended = provfilter(&args).given("1\n".repeat(50_000)).ends();
        let expected = (0..50_000).fold(String::new(), |mut faults, line| {
            let message = "not an object: expected a record such as {\\\"messages\\\":[...]}, found a number";
            let (number, offset) = (line + 1, 2 * line);
            writeln!(
                faults,
                "{{\"file\":\"-\",\"line\":{number},\"byte_offset\":{offset},\"code\":\"not_object\",\"message\":\"{message}\"}}"
            )
            .expect("a string takes all");
            faults
        });
        ended.leaves("errors.jsonl", expected).with_status(1);
        assert_eq!(ended.report("report.json")["errors"].as_array().map(Vec::len), Some(100));
    }

    #[test]
    fn standard_input_is_read_from_where_it_stands() {
        let script = "exec <a.jsonl; read -r first; exec \"$0\" \"$@\"";
        provfilter_by(script, &["-q"]).file("a.jsonl", records(3)).ends().prints("{\"id\":1}\n{\"id\":2}\n").with_status(0);
    }

    #[test]
    fn a_named_pipe_is_read_and_written() {
        let script =
            "mkfifo in side && { cat a.jsonl >in & cat side >rejects.jsonl & \"$0\" \"$@\"; status=$?; wait; exit $status; }";
        let ended = provfilter_by(script, &["-q", "in", "--rejects", "side"]).file("a.jsonl", "{}\n[]\n").ends();
        ended.prints("{}\n").leaves("rejects.jsonl", "[]\n").with_status(1);
    }

    #[test]
    fn an_input_that_is_a_pipe_may_be_given_by_its_number() {
        let (input, mut writer) = io::pipe().expect("there are pipes");
        io::Write::write_all(&mut writer, b"{}\n").expect("a pipe takes a line");
        drop(writer);
        let ended = provfilter(&["-q", "/dev/fd/0"]).input_from(input).ends();
        ended.prints("{}\n").tells("").with_status(0);
    }
}

mod same_file {
    use super::{fs, provfilter, provfilter_by, provfilter_with, symlink};

    const REFUSED: &str = ": is both input and output: it would be overwritten while it is read
hint: write to another file, or rewrite the file with --in-place\n";

    #[test]
    fn standard_output_that_is_an_input_is_refused() {
        for (redirection, args) in [
            (">>a.jsonl", &["-q", "a.jsonl"][..]),
            (">>a.jsonl", &["-q", "b.jsonl", "./a.jsonl"]),
            (">>a.jsonl", &["-q", "link.jsonl"]),
            (">>a.jsonl", &["-q", "hard.jsonl"]),
            (">>link.jsonl", &["-q", "a.jsonl"]),
            ("<a.jsonl >>a.jsonl", &["-q"]),
            ("<a.jsonl >>hard.jsonl", &["-q", "b.jsonl", "-"]),
            ("1<>a.jsonl", &["-q", "a.jsonl"]),
        ] {
            let run = provfilter_with(redirection, args).file("a.jsonl", "{}").file("b.jsonl", "[]\n");
            symlink("a.jsonl", run.path("link.jsonl")).expect("links can be made");
            fs::hard_link(run.path("a.jsonl"), run.path("hard.jsonl")).expect("links can be made");
            let ended = run.ends();
            ended.tells(format!("provfilter: standard output{REFUSED}")).with_status(2).leaves("a.jsonl", "{}");
        }
    }

    #[test]
    fn standard_output_that_the_shell_has_emptied_is_refused_all_the_same() {
        let ended = provfilter_with(">a.jsonl", &["-q", "a.jsonl"]).file("a.jsonl", "{}\n").ends();
        ended.tells(format!("provfilter: standard output{REFUSED}")).with_status(2).leaves("a.jsonl", "");
    }

    #[test]
    fn a_side_output_that_is_an_input_is_refused_under_any_name() {
        for flag in ["--rejects", "--errors", "--excluded-to"] {
            for (name, input) in
                [("link.jsonl", "a.jsonl"), ("hard.jsonl", "a.jsonl"), ("a.jsonl", "link.jsonl"), ("a.jsonl", "-")]
            {
                let run = provfilter_with("<a.jsonl", &["-q", flag, name, input]).file("a.jsonl", "{}");
                symlink("a.jsonl", run.path("link.jsonl")).expect("links can be made");
                fs::hard_link(run.path("a.jsonl"), run.path("hard.jsonl")).expect("links can be made");
                let ended = run.ends();
                ended.prints("").tells(format!("provfilter: {name}{REFUSED}")).with_status(2).leaves("a.jsonl", "{}");
            }
        }
    }

    #[test]
    fn a_report_that_is_an_input_is_refused_under_any_name() {
        for name in ["text=link.jsonl", "json=hard.jsonl"] {
            let run = provfilter(&["-q", "--report", name, "a.jsonl"]).file("a.jsonl", "{}");
            symlink("a.jsonl", run.path("link.jsonl")).expect("links can be made");
            fs::hard_link(run.path("a.jsonl"), run.path("hard.jsonl")).expect("links can be made");
            let ended = run.ends();
            ended.prints("").mentions(REFUSED).with_status(2).leaves("a.jsonl", "{}");
        }
    }

    #[test]
    fn outputs_that_are_the_same_file_are_refused() {
        for (args, told) in [
            (
                &["--rejects", "out.jsonl"][..],
                "out.jsonl: would be written twice, as the records and as --rejects\nhint: name a different file for each\n",
            ),
            (
                &["--errors", "link.jsonl"],
                "link.jsonl: would be written twice, as the records and as --errors\nhint: name a different file for each\n",
            ),
            (
                &["--report", "json=out.jsonl"],
                "out.jsonl: would be written twice, as the records and as --report\nhint: name a different file for each\n",
            ),
            (
                &["--rejects", "r", "--report", "json=r"],
                "r: would be written twice, as --report and as --rejects\nhint: name a different file for each\n",
            ),
            (
                &["--report", "json=r", "--report", "text=./r"],
                "./r: would be written twice, as --report and as --report\nhint: name a different file for each\n",
            ),
        ] {
            let args = [&["-q"], args].concat();
            let run = provfilter_by("ln -s out.jsonl link.jsonl; exec \"$0\" \"$@\" >out.jsonl", &args).given("{}\n");
            run.ends().tells(format!("provfilter: {told}")).with_status(2).leaves("out.jsonl", "");
        }
    }

    #[test]
    fn what_is_no_file_may_be_read_and_written() {
        let ended = provfilter_with("</dev/null >/dev/null", &["-q", "--rejects", "/dev/null", "/dev/null", "-"]).ends();
        ended.tells("").with_status(0);
    }

    #[test]
    fn an_output_is_appended_to_where_the_shell_says_so() {
        let ended = provfilter_with(">>out.jsonl", &["-q"]).file("out.jsonl", "older\n").given("{}\n").ends();
        ended.leaves("out.jsonl", "older\n{}\n").with_status(0);
    }
}

mod pipes {
    use super::{OFlags, OwnedFd, Read, UnixStream, Write, fcntl_getfl, fcntl_setfl, io, provfilter, records, thread};

    #[test]
    fn an_undrained_standard_error_keeps_neither_records_nor_their_end_back() {
        let (mut errors, mut writer) = io::pipe().expect("there are pipes");
        let flags = fcntl_getfl(&writer).expect("a pipe has flags");
        fcntl_setfl(&writer, flags | OFlags::NONBLOCK).expect("flags can be set");
        while writer.write(&[b'.'; 4096]).is_ok() {}
        fcntl_setfl(&writer, flags).expect("flags can be set");
        let input = "[]\n{\"a\":1}\n".repeat(20_000);
        let mut running = provfilter(&["--report", "text"]).errors_to(writer).given(input).starts();
        running.close_input().closes_output();
        let drain = thread::spawn(move || {
            let mut told = Vec::new();
            errors.read_to_end(&mut told).map(|_| told)
        });
        running.ends().prints("{\"a\":1}\n".repeat(20_000)).with_status(1);
        let told = drain.join().expect("nothing panics").expect("standard error is a pipe");
        assert!(String::from_utf8_lossy(&told).contains("Total pairs:    20000"));
    }

    /// Puts a pipe's end, as all that have it see it, into non-blocking mode. Gives its flags.
    fn unblock(end: &OwnedFd) -> OFlags {
        let flags = fcntl_getfl(end).expect("a pipe has flags") | OFlags::NONBLOCK;
        fcntl_setfl(end, flags).expect("flags can be set");
        flags
    }

    #[test]
    fn an_input_in_non_blocking_mode_is_waited_for() {
        for threads in ["1", "3"] {
            let (input, mut writer) = io::pipe().expect("there are pipes");
            let input = OwnedFd::from(input);
            let flags = unblock(&input);
            let ours = input.try_clone().expect("a descriptor can be duplicated");
            let mut running = provfilter(&["-q", "--threads", threads]).input_from(input).starts();
            for line in records(50).split_inclusive('\n') {
                writer.write_all(line.as_bytes()).expect("a pipe takes a line");
                assert_eq!(running.line(), line);
            }
            drop(writer);
            running.ends().prints(records(50)).tells("").with_status(0);
            assert_eq!(fcntl_getfl(&ours).ok(), Some(flags), "the mode is not ours to change");
        }
    }

    #[test]
    fn an_output_in_non_blocking_mode_is_waited_for() {
        for threads in ["1", "3"] {
            let (mut reader, output) = io::pipe().expect("there are pipes");
            let output = OwnedFd::from(output);
            let flags = unblock(&output);
            let ours = output.try_clone().expect("a descriptor can be duplicated");
            let input = records(400_000);
            let running = provfilter(&["-q", "--threads", threads]).given(&*input).output_to(output).starts();
            let ended = thread::spawn(move || running.ends());
            let mut out = vec![0; input.len()];
            out.chunks_mut(1000).for_each(|chunk| reader.read_exact(chunk).expect("the output goes on"));
            assert!(out == input.as_bytes(), "what comes out is what came in");
            ended.join().expect("nothing panics").tells("").with_status(0);
            assert_eq!(fcntl_getfl(&ours).ok(), Some(flags), "the mode is not ours to change");
        }
    }

    #[test]
    fn pipes_are_left_in_the_mode_in_which_they_came() {
        let (input, mut feed) = io::pipe().expect("there are pipes");
        let (_output, writer) = io::pipe().expect("there are pipes");
        let (input, writer) = (OwnedFd::from(input), OwnedFd::from(writer));
        let ours = [&input, &writer].map(|end| end.try_clone().expect("a descriptor can be duplicated"));
        let before = ours.each_ref().map(|end| fcntl_getfl(end).ok());
        let running = provfilter(&["-q"]).input_from(input).output_to(writer).starts();
        feed.write_all(b"{}\n").expect("a pipe takes a line");
        drop(feed);
        running.ends().with_status(0);
        assert_eq!(ours.each_ref().map(|end| fcntl_getfl(end).ok()), before);
    }

    #[test]
    fn bytes_may_come_one_by_one() {
        let input = "{\"größe\":\"日本\"}\r\n\n[]\n{\"b\":2}";
        for args in [&["-q", "--rejects", "rejects.jsonl"][..], &["-q", "--rejects", "rejects.jsonl", "--threads", "1"]] {
            let mut running = provfilter(args).starts();
            for byte in input.as_bytes().chunks(1) {
                running.write(byte);
            }
            let ended = running.ends();
            ended.prints("{\"größe\":\"日本\"}\r\n{\"b\":2}\n").leaves("rejects.jsonl", "[]\n").with_status(1);
        }
    }

    #[test]
    fn an_output_that_is_read_byte_by_byte_is_whole() {
        let (mut reader, writer) = io::pipe().expect("there are pipes");
        let running = provfilter(&["-q"]).given(records(2000)).output_to(writer).starts();
        let ended = thread::spawn(move || running.ends());
        let mut out = vec![0; records(2000).len()];
        out.chunks_mut(1).for_each(|byte| reader.read_exact(byte).expect("the output goes on"));
        assert_eq!(String::from_utf8(out).ok(), Some(records(2000)));
        ended.join().expect("nothing panics").with_status(0);
    }

    #[test]
    fn sockets_are_streams_too() {
        let (ours, theirs) = UnixStream::pair().expect("there are sockets");
        let running = provfilter(&["-q"]).input_from(OwnedFd::from(theirs)).starts();
        let feeder = thread::spawn(move || (&ours).write_all(records(50_000).as_bytes()));
        feeder.join().expect("nothing panics").expect("the program reads its input");
        running.ends().prints(records(50_000)).tells("").with_status(0);

        let (mut ours, theirs) = UnixStream::pair().expect("there are sockets");
        let running = provfilter(&["-q"]).given(records(50_000)).output_to(OwnedFd::from(theirs)).starts();
        let ended = thread::spawn(move || running.ends());
        let mut out = String::new();
        ours.read_to_string(&mut out).expect("a socket is read to its end");
        assert!(out == records(50_000), "what comes out is what came in");
        ended.join().expect("nothing panics").tells("").with_status(0);
    }
}
