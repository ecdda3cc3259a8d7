//! systemd and journald: a unit that systemd accepts, and its command with a journal, without a manager to run it.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use rustix::process::Signal;

use super::daemon::Daemon;
use super::logged::parsed;
use super::{Recipe, has};
use crate::harness::shell_can;

/// Turns the export format into a journal. Debian has it beside the programs of systemd, not on the path.
const TO_JOURNAL: &str = "PATH=$PATH:/lib/systemd:/usr/lib/systemd systemd-journal-remote";

/// The time of the first entry, in microseconds since 1970.
const FIRST: u64 = 1_774_880_551_000_000;

/// The value of a line of the unit.
fn setting(recipe: &Recipe, name: &str) -> String {
    let unit = recipe.read("provfilter.service");
    let value = unit.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    value.unwrap_or_else(|| panic!("the unit has no {name}")).to_owned()
}

/// Logs numbered entries of `agent.service`, one millisecond and a microsecond apart.
fn log(recipe: &Recipe, numbers: impl IntoIterator<Item = u64>) {
    let mut entries = String::new();
    for n in numbers {
        let time = FIRST + n * 1001;
        write!(
            entries,
            "__REALTIME_TIMESTAMP={time}\n__MONOTONIC_TIMESTAMP={n}\n_BOOT_ID=0123456789abcdef0123456789abcdef\n\
             _SYSTEMD_UNIT=agent.service\nMODEL=hermes4:14b\nSESSION_ID=s{n}\nMESSAGE={n}\n\n"
        )
        .expect("a string takes all");
    }
    recipe.file("entries", entries);
    recipe.runs(&format!("{TO_JOURNAL} --output=agent.journal entries"));
}

fn written(recipe: &Recipe) -> Vec<String> {
    fs::read_to_string(recipe.path("state/pairs.jsonl")).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// The command of the unit, in its folder, with a journalctl that knows no other journal than that of the test.
fn start(recipe: &Recipe) -> Daemon {
    let command = setting(recipe, "ExecStart");
    Daemon::starts(recipe, "unit", &format!("export PATH=\"$PWD/bin:$PATH\"; cd state; exec {command}"))
}

/// Leaves of the last line what a kill in the middle of a write leaves: its start, with the cursor of the entry.
fn cut_the_last_line(recipe: &Recipe) {
    let path = recipe.path("state/pairs.jsonl");
    let written = fs::read_to_string(&path).expect("entries are written");
    let last = written.trim_end().rfind('\n').expect("several entries are written") + 1;
    let cut = last + (written.len() - last) / 2;
    assert!(written[last..cut].contains("__CURSOR"), "{}", &written[last..]);
    fs::write(&path, &written[..cut]).expect("a file can be written");
}

#[test]
fn systemd_accepts_the_unit() {
    if !has("systemd", "systemd-analyze --version") {
        return;
    }
    let recipe = Recipe::of("systemd");
    recipe.moves("provfilter.service", "/usr/local/libexec", recipe.root());
    let printed = recipe.runs("systemd-analyze verify --man=no ./provfilter.service");
    assert_eq!(printed.output + &printed.errors, "");
}

#[test]
fn entries_of_the_journal_are_written_once_each_whenever_the_unit_is_stopped() {
    if !has("journald", &format!("{TO_JOURNAL} --version && journalctl --version")) {
        return;
    }
    let recipe = Recipe::of("systemd");
    recipe.moves("provfilter.service", "/usr/local/libexec", recipe.root());
    recipe.file("state/rejects.jsonl", "older\n");
    recipe.file(
        "bin/journalctl",
        format!("#!/bin/sh\nexec /usr/bin/journalctl --file '{}' \"$@\"\n", recipe.path("agent.journal").display()),
    );
    fs::set_permissions(recipe.path("bin/journalctl"), fs::Permissions::from_mode(0o755)).expect("a file can be made executable");
    let signal = match setting(&recipe, "KillSignal").as_str() {
        "SIGTERM" => Signal::TERM,
        other => panic!("{other}"),
    };

    log(&recipe, 0..3000);
    for (stop, from) in [(signal, 0), (Signal::KILL, 1)] {
        let mut unit = start(&recipe);
        unit.until("entries are written", || written(&recipe).len() > from * 500);
        unit.all_ended_by(stop);
    }
    cut_the_last_line(&recipe);
    let mut unit = start(&recipe);
    unit.until("the journal is read to its end", || written(&recipe).len() >= 3000);
    log(&recipe, 3000..3010);
    unit.until("entries are followed", || written(&recipe).len() >= 3010);
    unit.all_ended_by(signal);

    let written = written(&recipe);
    assert_eq!(written.len(), 3010);
    for (n, line) in (0u64..).zip(&written) {
        let entry = parsed(line);
        let time = format!("2026-03-30T14:22:{:02}.{:06}Z", 31 + n * 1001 / 1_000_000, n * 1001 % 1_000_000);
        assert_eq!(entry["provenance"]["timestamp"], time, "{line}");
        assert_eq!(entry["provenance"]["source_session_id"], format!("s{n}"), "{line}");
        assert_eq!(entry["provenance"]["model"], "hermes4:14b", "{line}");
    }
    assert!(recipe.read("state/rejects.jsonl").starts_with("older\n"), "a restart empties no file");
    assert!(shell_can(&format!("ls {}/state/report-*.json", recipe.root().display())), "a run that was stopped has reported");
}
