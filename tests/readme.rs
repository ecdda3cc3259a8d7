//! What the README shows is what happens: its console sessions are run.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use provfilter::rule::Rule;

use crate::harness::{EPOCH, left_out, output_of, shell_can};

const README: &str = include_str!("../README.md");
const RULES: &str = include_str!("../docs/rules.md");

/// A command of a console session, and what it prints on both streams.
struct Step {
    command: String,
    output: String,
}

/// The console sessions of a page. A session's commands share a shell, so that `$?` is the status of the one before.
fn sessions(page: &str) -> Vec<Vec<Step>> {
    let fences = page.split("```console\n").skip(1);
    fences.map(|rest| steps(rest.split("```").next().expect("split gives a first part"))).collect()
}

fn steps(session: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in session.lines() {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step { command: command.to_owned(), output: String::new() }),
            (None, Some(step)) => step.output = format!("{}{line}\n", step.output),
            (None, None) => panic!("a session starts with a command: {line}"),
        }
    }
    steps
}

/// Runs a session as a newcomer would, in a folder with the examples and with provfilter on the path.
fn run(session: &[Step]) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    for examples in ["examples/data", "examples/rules"] {
        copy(&project.join(examples), &folder.path().join(examples));
    }
    let binaries = Path::new(env!("CARGO_BIN_EXE_provfilter")).parent().expect("the program is in a folder");
    let path = format!("{}:{}", binaries.display(), std::env::var("PATH").expect("there is a path"));
    let script: Vec<_> = session.iter().map(|step| step.command.as_str()).collect();
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec 2>&1\n{}", script.join("\n"))]).current_dir(folder.path()).stdin(Stdio::null());
    shell.env("PATH", path).env("SOURCE_DATE_EPOCH", EPOCH);
    let output = output_of(&mut shell).expect("there is a shell");
    String::from_utf8(output.stdout).expect("the examples print text")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the example data is there") {
        let entry = entry.expect("the example data can be listed");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a file can be copied");
    }
}

#[test]
fn the_sessions_print_what_the_readme_shows() {
    let sessions = sessions(README);
    assert!(sessions.len() > 5, "the README has its sessions");
    hold(&sessions);
}

#[test]
fn the_sessions_print_what_the_page_on_rules_shows() {
    let sessions = sessions(RULES);
    assert!(sessions.len() > 3, "the page has its sessions");
    hold(&sessions);
}

#[test]
fn the_filters_on_the_page_on_rules_compile() {
    let table = RULES.split("| trap |\n").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("there is a table of filters");
    let rows = table.lines().skip(1).map(|row| row.replace("\\|", "\0"));
    let rules: Vec<_> = rows.map(|row| row.split('`').nth(1).expect("a filter").replace('\0', "|")).collect();
    assert_eq!(rules.len(), 10);
    for rule in rules {
        Rule::parse(&rule).expect(&rule);
    }
}

/// Holds what sessions print to what the page shows.
fn hold(sessions: &[Vec<Step>]) {
    for session in sessions {
        if session.iter().any(|step| step.command.contains("jq ")) && !shell_can("jq --version") {
            left_out(format_args!("{}, for want of jq", session[0].command));
            continue;
        }
        let expected: String = session.iter().map(|step| step.output.as_str()).collect();
        assert_eq!(run(session), expected, "{}", session[0].command);
    }
}
