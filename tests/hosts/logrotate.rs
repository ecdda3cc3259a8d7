//! logrotate: files that the program writes and reads, rotated while it runs.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use super::daemon::Daemon;
use super::{Recipe, has};

fn is_there() -> bool {
    has("logrotate", "PATH=$PATH:/usr/sbin; logrotate --version")
}

/// A recipe for the folder `var`, with an input that waits: a FIFO that the test keeps open.
fn recipe(file: &str) -> (Recipe, fs::File) {
    let recipe = Recipe::of("logrotate");
    recipe.moves(file, "/var/log/provfilter", recipe.path("var"));
    recipe.file("var/others", "");
    recipe.runs("chmod -R go-w . && mkfifo input");
    let input = OpenOptions::new().read(true).write(true).open(recipe.path("input")).expect("a FIFO can be opened");
    (recipe, input)
}

fn rotate(recipe: &Recipe, file: &str) {
    recipe.runs(&format!("PATH=\"$PWD/bin:$PATH\" logrotate --force --state \"$PWD/state\" {file}"));
}

/// Puts records and a faulty line into the input, in one write.
fn put(input: &mut fs::File, numbers: std::ops::Range<usize>) {
    let lines: String = numbers.map(|n| format!("{{\"n\":{n}}}\n")).chain(["faulty\n".to_owned()]).collect();
    input.write_all(lines.as_bytes()).expect("the FIFO takes a few lines");
}

/// The numbers of the records in a file.
fn numbers(recipe: &Recipe, name: &str) -> Vec<usize> {
    let content = fs::read_to_string(recipe.path("var").join(name)).unwrap_or_default();
    let number = |line: &str| line.strip_prefix("{\"n\":")?.split_once(',')?.0.parse().ok();
    content.lines().map(|line| number(line).unwrap_or_else(|| panic!("{name}: {line:?}"))).collect()
}

fn rejects(recipe: &Recipe, name: &str) -> String {
    fs::read_to_string(recipe.path("var").join(name)).unwrap_or_default()
}

#[test]
fn renaming_and_a_restart_lose_no_line() {
    if !is_there() {
        return;
    }
    let (recipe, mut input) = recipe("rename.conf");
    recipe.moves("rename.conf", "/var/log/agent", recipe.path("none"));
    // Restarts the program as systemd would: the new one starts when the old one has ended.
    recipe.file("service", "cd var; while :; do provfilter -q --append --rejects rejects.jsonl --source curated --model m <>../input >>pairs.jsonl & echo $! >../pid; wait $!; done");
    recipe.file(
        "bin/systemctl",
        "#!/bin/sh\ntest \"$*\" = 'try-restart provfilter.service' && old=$(cat pid) && kill -TERM \"$old\" || exit\n\
         while [ \"$(cat pid)\" = \"$old\" ]; do sleep 0.01; done\n",
    );
    fs::set_permissions(recipe.path("bin/systemctl"), fs::Permissions::from_mode(0o755)).expect("a file can be made executable");
    let mut service = Daemon::starts(&recipe, "service", "exec bash ./service");
    put(&mut input, 0..100);
    service.until("the first lines are written", || numbers(&recipe, "pairs.jsonl").len() == 100);
    rotate(&recipe, "rename.conf");
    put(&mut input, 100..200);
    let all = || [numbers(&recipe, "pairs.jsonl.1"), numbers(&recipe, "pairs.jsonl")].concat();
    service.until("all lines are written", || all().len() >= 200 && !rejects(&recipe, "rejects.jsonl").is_empty());
    assert_eq!(all(), (0..200).collect::<Vec<_>>());
    assert!(numbers(&recipe, "pairs.jsonl").contains(&199), "the new program writes to the new file");
    assert_eq!(rejects(&recipe, "rejects.jsonl.1") + &rejects(&recipe, "rejects.jsonl"), "faulty\nfaulty\n");
}

#[test]
fn cutting_off_what_was_copied_suits_files_that_are_appended_to() {
    if !is_there() {
        return;
    }
    let (recipe, mut input) = recipe("copytruncate.conf");
    let mut program = Daemon::starts(
        &recipe,
        "program",
        "cd var; exec provfilter -q --append --rejects rejects.jsonl --source curated --model m <>../input >>pairs.jsonl",
    );
    put(&mut input, 0..100);
    program.until("the first lines are written", || {
        numbers(&recipe, "pairs.jsonl").len() == 100 && !rejects(&recipe, "rejects.jsonl").is_empty()
    });
    rotate(&recipe, "copytruncate.conf");
    put(&mut input, 100..200);
    program.until("all lines are written", || {
        numbers(&recipe, "pairs.jsonl").len() == 100 && !rejects(&recipe, "rejects.jsonl").is_empty()
    });
    assert_eq!(numbers(&recipe, "pairs.jsonl.1"), (0..100).collect::<Vec<_>>());
    assert_eq!(numbers(&recipe, "pairs.jsonl"), (100..200).collect::<Vec<_>>());
    assert_eq!(
        (rejects(&recipe, "rejects.jsonl.1"), rejects(&recipe, "rejects.jsonl")),
        ("faulty\n".to_owned(), "faulty\n".to_owned())
    );
}

#[test]
fn cutting_off_leaves_a_hole_in_files_that_are_not_appended_to() {
    if !is_there() {
        return;
    }
    let (recipe, mut input) = recipe("copytruncate.conf");
    let mut program =
        Daemon::starts(&recipe, "program", "exec provfilter -q --source curated --model m <>input >var/pairs.jsonl");
    put(&mut input, 0..100);
    program.until("the first lines are written", || numbers(&recipe, "pairs.jsonl").len() == 100);
    rotate(&recipe, "copytruncate.conf");
    put(&mut input, 100..200);
    program.until("all lines are written", || recipe.read("var/pairs.jsonl").lines().count() == 100);
    assert!(recipe.read("var/pairs.jsonl").starts_with("\0\0\0"), "as the README says");
}

#[test]
fn input_that_is_renamed_is_read_on() {
    if !is_there() {
        return;
    }
    let (recipe, _input) = recipe("rename.conf");
    recipe.moves("rename.conf", "/var/log/agent", recipe.path("agent")).file("agent/raw.jsonl", "");
    recipe.runs("chmod -R go-w agent");
    let append = |numbers: std::ops::Range<usize>| {
        let mut raw = OpenOptions::new().append(true).open(recipe.path("agent/raw.jsonl")).expect("the file is there");
        put(&mut raw, numbers);
    };
    let readme = recipe.read("README.md");
    let command = readme
        .split('`')
        .find(|code| code.starts_with("tail -n"))
        .expect("the README says how")
        .replace("...", "-q --source curated --model m");
    let command = command.replace("raw.jsonl", "agent/raw.jsonl").replace(">>pairs", ">>var/written");
    let mut program = Daemon::starts(&recipe, "program", &command);
    append(0..100);
    program.until("the first lines are written", || numbers(&recipe, "written.jsonl").len() == 100);
    rotate(&recipe, "rename.conf");
    assert!(recipe.path("agent/raw.jsonl.1").exists());
    append(100..200);
    program.until("all lines are written", || numbers(&recipe, "written.jsonl").len() == 200);
    assert_eq!(numbers(&recipe, "written.jsonl"), (0..200).collect::<Vec<_>>());
}
