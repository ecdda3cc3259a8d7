//! syslog-ng: records go to the program as a destination.

use std::fs;

use rustix::process::Signal;

use super::daemon::{Daemon, until};
use super::logged::{check_faults_and_sums, is_faulty, lines, log, parsed, record, send};
use super::{Recipe, has};

/// A recipe whose daemon reads messages from the socket `log`, and writes to the folder `var`.
fn recipe() -> Recipe {
    let recipe = Recipe::of("syslog-ng");
    fs::create_dir_all(recipe.path("var")).expect("a folder can be made");
    recipe.moves("pairs.conf", "/usr/local/libexec", recipe.root()).moves("pairs.conf", "/var/lib/syslog-ng", recipe.root());
    recipe.moves("write-pairs", "/var/log/provfilter", recipe.path("var"));
    recipe.moves("write-pairs", "/usr/bin/provfilter", env!("CARGO_BIN_EXE_provfilter"));
    let version = recipe.runs("syslog-ng --version | sed -n 's/^Installer-Version: \\([0-9]*\\.[0-9]*\\).*/\\1/p'").output;
    let whole = format!(
        "@version: {version}\n\
         source s_src {{ unix-dgram(\"{0}/log\"); }};\n\
         @include \"{0}/pairs.conf\"\n\
         destination d_others {{ file(\"{0}/others\"); }};\n\
         log {{ source(s_src); filter {{ not filter(f_pairs) }}; destination(d_others); }};\n",
        recipe.root().display()
    );
    recipe.file("syslog-ng.conf", whole);
    recipe
}

/// syslog-ng, when it listens.
fn syslog_ng(recipe: &Recipe) -> Daemon {
    let _ = fs::remove_file(recipe.path("log"));
    let files = "--cfgfile \"$PWD/syslog-ng.conf\" --persist-file \"$PWD/persist\" --control \"$PWD/ctl\" --pidfile \"$PWD/pid\"";
    let mut daemon = Daemon::starts(recipe, "syslog-ng", &format!("exec syslog-ng --foreground --no-caps {files}"));
    daemon.until("it listens", || log(recipe).is_some());
    daemon
}

/// Waits until as many runs of the program have ended, each of which leaves a report.
fn wait_for_reports(recipe: &Recipe, count: usize) {
    until("all runs have reported", || {
        let files = fs::read_dir(recipe.path("var")).expect("the folder can be listed");
        files.filter(|file| file.as_ref().is_ok_and(|file| file.file_name().to_string_lossy().starts_with("report-"))).count()
            == count
    });
}

#[test]
fn records_that_syslog_ng_has_taken_in_are_written_after_a_restart() {
    if !has("syslog-ng", "PATH=$PATH:/usr/sbin; syslog-ng --version && pgrep -V") {
        return;
    }
    let recipe = recipe();
    let mut first = syslog_ng(&recipe);
    send(&recipe, "pairs", [record(0)]);
    first.until("the first record is written", || lines(&recipe, "pairs.jsonl").len() == 1);
    let held = first.holds("provfilter");
    send(&recipe, "pairs", (1..3000).map(record));
    send(&recipe, "last", ["all are in"]);
    first.until("it has read all messages", || recipe.path("others").exists() && recipe.read("others").contains("all are in"));
    assert_eq!(first.ended_by(Signal::TERM), 0);
    assert_eq!(lines(&recipe, "pairs.jsonl").len(), 1, "the pipe is full, and the rest on the disk");
    drop(held);
    wait_for_reports(&recipe, 1);

    let mut second = syslog_ng(&recipe);
    send(&recipe, "pairs", [record(3000)]);
    second.until("all records are written", || lines(&recipe, "pairs.jsonl").len() == 2971);
    assert_eq!(second.ended_by(Signal::TERM), 0);
    wait_for_reports(&recipe, 2);

    let written = lines(&recipe, "pairs.jsonl");
    for (n, line) in (0..=3000).filter(|&n| !is_faulty(n)).zip(&written) {
        assert!(line.starts_with(record(n).trim_end_matches('}')), "{n}: {line}");
        assert_eq!(parsed(line)["provenance"]["source_session_id"], format!("s{n}"), "{line}");
    }
    check_faults_and_sums(&recipe);
}
