//! Files rewritten in place that are in the way of something: names, attributes, others that write, pipes.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{self, Write};
use std::thread;

use rustix::fs::{XattrFlags, getxattr, setxattr};

use crate::harness::{Ended, left_out, provfilter, provfilter_by};

/// Rewrites a file while somebody does something to it. Nobody reads what is rejected, so that the run waits meanwhile.
pub(crate) fn rewritten_while(meddle: impl FnOnce(&std::path::Path)) -> Ended {
    let (mut rejects, writer) = io::pipe().expect("there are pipes");
    let run = provfilter(&["-i", "--report", "none", "--rejects", "-", "--report", "json=r", "a.jsonl"]);
    let long = "[1234567890]\n".repeat(400_000);
    let mut running = run.output_to(writer).file("a.jsonl", format!("{{}}\n{long}")).starts();
    assert!(running.error_line().contains(":2: not an object: "));
    meddle(&running.path("a.jsonl"));
    let drain = thread::spawn(move || io::copy(&mut rejects, &mut io::sink()));
    let ended = running.ends_by_itself();
    drain.join().expect("nothing panics").expect("the rejects are read");
    ended
}

#[test]
fn a_file_that_is_added_to_while_it_is_rewritten_is_left_as_it_is() {
    let ended = rewritten_while(|path| {
        let mut file = fs::File::options().append(true).open(path).expect("the file is there");
        file.write_all(b"{\"added\":1}\n").expect("it can be added to");
    });
    ended.mentions("provfilter: a.jsonl: left unchanged: it was changed or replaced during the run\n").with_status(2);
    assert!(ended.files()["a.jsonl"].ends_with(b"]\n{\"added\":1}\n"), "the file is not the old one");
    assert_eq!(ended.files().len(), 2, "nothing is left beside it");
}

#[test]
fn a_file_that_is_replaced_while_it_is_rewritten_is_left_as_it_is() {
    let ended = rewritten_while(|path| {
        fs::write(path.with_extension("new"), "{\"new\":1}\n").expect("a file can be written");
        fs::rename(path.with_extension("new"), path).expect("it can be renamed");
    });
    ended.mentions(": left unchanged: it was changed or replaced during the run\n").with_status(2);
    ended.leaves("a.jsonl", "{\"new\":1}\n");
}

#[test]
fn a_file_that_is_removed_while_it_is_rewritten_stays_away() {
    let ended = rewritten_while(|path| fs::remove_file(path).expect("it can be removed"));
    ended.mentions("provfilter: a.jsonl: left unchanged: it was moved or removed during the run\n").with_status(2);
    assert_eq!(ended.files().len(), 1, "{ended}");
}

#[test]
fn a_file_left_as_it_was_counts_no_record_as_written() {
    let args = ["-q", "-i", "--report", "json=r", "a.jsonl", "b.jsonl"];
    let ended = provfilter(&args).file("a.jsonl", "{}\n{}\n[]\n").file("b.jsonl", "{}\n").ends();
    ended.mentions("provfilter: a.jsonl: left unchanged: 1 faulty line would be lost\n").with_status(1);
    let report = ended.report("r");
    for (count, expected) in [("total", 3), ("written", 1), ("dropped", 2), ("bytes_out", 3)] {
        assert_eq!(report[count], expected, "{count}\n{ended}");
    }
}

#[test]
fn extended_attributes_stay_and_access_control_lists_with_them() {
    // `user::rw-, user:65534:r--, group::r--, mask::r--, other::---`, as Linux stores it (posix_acl_xattr.h).
    let entries: [(u16, u16, u32); 5] = [(1, 6, u32::MAX), (2, 4, 65534), (4, 4, u32::MAX), (16, 4, u32::MAX), (32, 0, u32::MAX)];
    let mut list = 2_u32.to_le_bytes().to_vec();
    for (tag, permissions, id) in entries {
        list.extend([tag.to_le_bytes(), permissions.to_le_bytes()].concat());
        list.extend(id.to_le_bytes());
    }
    let attributes = [("user.origin", &b"by hand"[..]), ("user.empty", b""), ("system.posix_acl_access", &list)];
    let run = provfilter(&["-q", "-i.bak", "--source", "curated", "--model", "m", "a.jsonl"]).file("a.jsonl", "{}\n");
    let path = run.path("a.jsonl");
    if attributes.iter().any(|(name, value)| setxattr(&path, *name, value, XattrFlags::empty()).is_err()) {
        return left_out("this file system has no extended attributes");
    }
    let ended = run.ends();
    ended.tells("").with_status(0);
    for file in ["a.jsonl", "a.jsonl.bak"] {
        for (name, value) in attributes {
            let mut got = [0; 100];
            let length = getxattr(ended.path(file), name, &mut got[..]).unwrap_or_else(|why| panic!("{file}: {name}: {why}"));
            assert_eq!(&got[..length], value, "{file}: {name}");
        }
    }
}

#[test]
fn names_may_be_as_long_as_the_file_system_takes_them() {
    for name in ["x".repeat(255), "é".repeat(127), "x".repeat(237)] {
        let ended = provfilter(&["-q", "-i", &name]).file(&name, "{}").ends();
        ended.tells("").with_status(0).leaves(&name, "{}\n");
        let ended = provfilter(&["-q", "-n", "--report", &format!("json={name}")]).given("{}").ends();
        ended.tells("").with_status(0);
        assert_eq!(ended.report(&name)["total"], 1);
    }
}

#[test]
fn a_suffix_stands_directly_behind_the_flag_as_in_sed() {
    for flag in ["-i.bak", "-i=.bak", "--in-place=.bak", "-qi.bak"] {
        let ended = provfilter(&["--report", "none", flag, "a.jsonl"]).file("a.jsonl", "{}").ends();
        ended.tells("").with_status(0).leaves("a.jsonl", "{}\n").leaves("a.jsonl.bak", "{}");
    }
}

#[test]
fn a_suffix_apart_from_its_flag_rewrites_nothing() {
    let ended = provfilter(&["-i", ".bak", "a.jsonl"]).file("a.jsonl", "{}").ends();
    ended.leaves("a.jsonl", "{}").with_status(2);
    ended.tells(
        "provfilter: --in-place: .bak is taken for a FILE, and does not exist\n\
         hint: to keep the old files under a suffix, write it without a space: -i.bak\n",
    );
}

#[test]
fn named_pipes_are_refused_at_once_and_neither_read_nor_removed() {
    for args in [&["-q", "-i", "pipe"][..], &["-q", "-i", "pipe", "a.jsonl"]] {
        let run = provfilter_by("mkfifo pipe; exec \"$0\" \"$@\"", args).file("a.jsonl", "{}\n");
        run.ends().tells("provfilter: pipe: cannot read: only a regular file can be rewritten in place\n").with_status(2);
    }
    let pipe = ".a.jsonl.x1y2z3.provfilter";
    for args in [&["-q", "-i", "a.jsonl"][..], &["-q", "-n", "--report", "json=a.jsonl"]] {
        let run = provfilter_by(&format!("mkfifo {pipe}; exec \"$0\" \"$@\""), args).file("a.jsonl", "{}\n");
        let ended = run.ends();
        ended.tells("").with_status(0);
        assert!(ended.path(pipe).exists(), "{ended}");
    }
}
