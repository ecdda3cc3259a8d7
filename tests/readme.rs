//! What the pages show is what happens: the console sessions of README.md and of every page in `docs/` are run, and their tables are
//! those of the program.
//!
//! A session is a block of the language `console`, whose lines that start with `$ ` are commands, and whose other lines are what these
//! print on both streams. With `BLESS=1` in the environment, sessions that differ are rewritten to what came back.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use provfilter::fault::Code;
use provfilter::layout::Layout;
use provfilter::provenance::ProblemKind;
use provfilter::rule::Rule;
use serde_json::Value;

use crate::harness::{EPOCH, left_out, output_of, provfilter, shell_can};

const GUIDE: &str = include_str!("../docs/guide.md");
const REPORTS: &str = include_str!("../docs/reports.md");
const RULES: &str = include_str!("../docs/rules.md");
const SCHEMA: &str = include_str!("../schema/report.schema.json");
const TRAJECTORIES: &str = include_str!("../examples/data/trajectories.jsonl");

const FENCE: &str = "```console\n";

/// What the shell prints behind each command's output.
const END_OF_STEP: &str = "\u{1}\n";

/// README.md and the pages in `docs/`.
fn pages() -> Vec<PathBuf> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(project.join("docs")).expect("the folder of pages is there");
    let paths = docs.map(|entry| entry.expect("the folder of pages can be listed").path());
    let mut pages: Vec<_> = paths.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect();
    pages.push(project.join("README.md"));
    pages.sort();
    pages
}

/// The commands of a session, which share a shell, so that `$?` is the status of the one before.
fn commands(session: &str) -> Vec<&str> {
    assert!(session.starts_with("$ "), "a session starts with a command: {session}");
    session.lines().filter_map(|line| line.strip_prefix("$ ")).collect()
}

/// Runs a session as a newcomer would, in a folder with the examples and with provfilter on the path: what each command prints.
fn run(commands: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    for examples in ["examples/data", "examples/rules"] {
        copy(&project.join(examples), &folder.path().join(examples));
    }
    let binaries = Path::new(env!("CARGO_BIN_EXE_provfilter")).parent().expect("the program is in a folder");
    let path = format!("{}:{}", binaries.display(), std::env::var("PATH").expect("there is a path"));
    let mut script = "exec 2>&1\n".to_owned();
    for command in commands {
        writeln!(script, "{command}\nstatus=$?; printf '\\001\\n'; (exit $status)").expect("a string takes all");
    }
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).current_dir(folder.path()).stdin(Stdio::null());
    shell.env("PATH", path).env("SOURCE_DATE_EPOCH", EPOCH);
    let output = output_of(&mut shell).expect("there is a shell");
    let printed = String::from_utf8(output.stdout).expect("the examples print text");
    let whole_lines = |output: &str| format!("{output}{}", if output.is_empty() || output.ends_with('\n') { "" } else { "\n" });
    let outputs: Vec<_> = printed.split_terminator(END_OF_STEP).map(whole_lines).collect();
    assert_eq!(outputs.len(), commands.len(), "each command of a session comes to its end:\n{script}\n{printed}");
    outputs
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the examples are there") {
        let entry = entry.expect("the examples can be listed");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a file can be copied");
    }
}

/// The session with what its commands print now.
fn rerun(session: &str) -> String {
    let commands = commands(session);
    if commands.iter().any(|command| command.contains("jq ")) && !shell_can("jq --version") {
        left_out(format_args!("{}, for want of jq", commands[0]));
        return session.to_owned();
    }
    let mut rerun = String::new();
    for (command, output) in commands.iter().zip(run(&commands)) {
        write!(rerun, "$ {command}\n{output}").expect("a string takes all");
    }
    rerun
}

/// The page with what its sessions print now, and how many there are.
fn rerun_page(page: &str) -> (String, usize) {
    let mut parts = page.split(FENCE);
    let mut rerun_page = parts.next().unwrap_or_default().to_owned();
    let mut count = 0;
    for part in parts {
        let (session, rest) = part.split_once("```").expect("a session ends");
        write!(rerun_page, "{FENCE}{}```{rest}", rerun(session)).expect("a string takes all");
        count += 1;
    }
    (rerun_page, count)
}

#[test]
fn the_sessions_of_every_page_print_what_it_shows() {
    let mut differing = String::new();
    for path in pages() {
        let page = fs::read_to_string(&path).expect("a page can be read");
        let (rerun, count) = rerun_page(&page);
        let name = path.file_name().expect("a page has a name").to_string_lossy();
        assert!(count > 0 || !["README.md", "guide.md", "reports.md", "rules.md"].contains(&&*name), "{name} has sessions");
        if rerun == page {
            continue;
        }
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, &rerun).expect("a page can be written");
        } else {
            let (shown, printed) = page.lines().zip(rerun.lines()).find(|(shown, printed)| shown != printed).unwrap_or_default();
            writeln!(differing, "{name}\n  shows:  {shown}\n  printed: {printed}").expect("a string takes all");
        }
    }
    assert!(differing.is_empty(), "{differing}");
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

#[test]
fn the_table_of_layouts_in_the_guide_is_that_of_the_library() {
    for Layout { name, source, model, session_id, timestamp } in Layout::ALL {
        let cells = [source, model, session_id, timestamp].map(|values| match values {
            [] => "none".to_owned(),
            _ => values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", "),
        });
        let row = format!("| `{name}` | {} |", cells.join(" | "));
        assert!(GUIDE.lines().any(|line| line == row), "{row}");
    }
}

#[test]
fn the_guide_explains_every_code_of_faults_and_of_problems() {
    let faults = Code::ALL.map(Code::as_str);
    let problems = ProblemKind::ALL.map(ProblemKind::as_str);
    for code in faults.iter().chain(&problems) {
        assert!(has_row(GUIDE, code), "{code}");
    }
}

#[test]
fn the_page_on_reports_explains_every_member_of_the_json_report() {
    let schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    for member in schema["properties"].as_object().expect("the schema lists members").keys() {
        assert!(has_row(REPORTS, member), "{member}");
    }
    let mut members = Vec::new();
    members_within(&schema, &mut members);
    for member in members {
        assert!(REPORTS.contains(&format!("`{member}`")), "{member}");
    }
}

/// The names of all members that a schema describes, at any depth.
fn members_within(schema: &Value, members: &mut Vec<String>) {
    if let Some(properties) = schema["properties"].as_object() {
        members.extend(properties.keys().cloned());
    }
    let within: Box<dyn Iterator<Item = &Value>> = match schema {
        Value::Object(object) => Box::new(object.values()),
        Value::Array(array) => Box::new(array.iter()),
        _ => return,
    };
    within.for_each(|schema| members_within(schema, members));
}

#[test]
fn the_page_on_reports_explains_every_metric() {
    let ended = provfilter(&["-n", "-q", "--report", "prometheus=-"]).given(TRAJECTORIES).ends();
    let metrics = String::from_utf8(ended.stdout).expect("metrics are text");
    let families: Vec<_> = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert!(families.len() > 30, "{metrics}");
    for family in families {
        assert!(has_row(REPORTS, family), "{family}");
    }
}

/// A page has a row of a table whose first cell has this name as code.
fn has_row(page: &str, name: &str) -> bool {
    let first_cells = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    first_cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).any(|code| code == name)
}
