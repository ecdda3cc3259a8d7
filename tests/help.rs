//! The help: `-h` fits on a screen, `--help` says everything, and the examples of both do what they are shown for.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use provfilter::fault::Code;
use provfilter::layout::Layout;
use provfilter::report::Format;
use provfilter::screen::Screen;

use crate::harness::{output_of, provfilter};

/// What the program prints for `-h` or `--help`, in this many columns.
fn help(flag: &str, columns: &str) -> String {
    let ended = provfilter(&[flag]).env("COLUMNS", columns).ends();
    ended.with_status(0).tells("");
    String::from_utf8(ended.stdout).expect("the help is text")
}

/// The long flags that `--help` lists, without their hyphens.
pub(crate) fn flags() -> BTreeSet<String> {
    let help = help("--help", "80");
    let terms = help.lines().filter(|line| line.starts_with("  -"));
    let flags: BTreeSet<_> = terms.flat_map(names).collect();
    assert!(flags.len() > 40 && flags.contains("in-place") && flags.contains("help"), "{flags:?}");
    flags
}

/// The long flags in a line.
fn names(line: &str) -> impl Iterator<Item = String> {
    let words = line.split(|character: char| !(character.is_ascii_lowercase() || character == '-'));
    words.filter_map(|word| word.strip_prefix("--")).filter(|name| !name.is_empty()).map(String::from)
}

/// The lines below a heading, up to an empty line or the next heading.
fn below<'h>(help: &'h str, heading: &str) -> Vec<&'h str> {
    let lines = help.lines().skip_while(|line| *line != heading).skip(1);
    lines.take_while(|line| line.starts_with(' ')).collect()
}

#[test]
fn the_short_help_fits_on_a_screen_of_any_width() {
    let screen = help("-h", "80");
    assert!(screen.lines().count() <= 40, "{screen}");
    assert!(screen.lines().all(|line| line.chars().count() <= 80 && !line.ends_with(' ')), "{screen}");
    assert!(
        screen.starts_with("Make every record in a stream of JSON lines carry its provenance.\nUsage: provfilter "),
        "{screen}"
    );
    for columns in ["20", "40", "200"] {
        assert_eq!(help("-h", columns), screen);
    }
}

#[test]
fn the_short_help_has_half_a_line_for_every_flag() {
    let screen = help("-h", "80");
    let (_, below_examples) = screen.split_once("\n\nAnnotate:\n").expect("flags follow the examples");
    let named: BTreeSet<_> = below_examples.lines().filter(|line| line.starts_with("  ")).flat_map(names).collect();
    assert_eq!(named, flags());
    let halves = below_examples.lines().filter(|line| line.starts_with("  ")).map(|line| line.matches("  ").count());
    assert!(halves.clone().all(|count| count >= 2) && halves.count() >= named.len().div_ceil(2), "{screen}");
}

#[test]
fn the_long_help_explains_every_name() {
    let help = help("--help", "80");
    let names = [
        Code::ALL.map(Code::as_str).to_vec(),
        Layout::ALL.map(|layout| layout.name).to_vec(),
        Format::ALL.map(Format::name).to_vec(),
        Screen::ALL.map(Screen::name).to_vec(),
    ];
    for name in names.concat() {
        assert!(help.lines().any(|line| line.starts_with(&format!("  {name}  "))), "{name}\n{help}");
    }
    for Layout { source, model, session_id, timestamp, .. } in Layout::ALL {
        let flags = [("source", source), ("model", model), ("session-id", session_id), ("timestamp", timestamp)];
        for (flag, value) in flags.into_iter().flat_map(|(flag, values)| values.iter().map(move |value| (flag, value))) {
            assert!(help.contains(&format!("--{flag} '{value}'")), "--{flag} '{value}'\n{help}");
        }
    }
}

#[test]
fn the_long_help_is_as_wide_as_the_terminal() {
    for (columns, width) in [("60", 60), ("80", 80), ("100", 100), ("1000", 100)] {
        let help = help("--help", columns);
        let widest = help.lines().map(|line| line.chars().count()).max();
        assert!(widest.is_some_and(|widest| widest <= width.max(76) && widest > width - 8), "{widest:?} for {columns}\n{help}");
        assert!(help.lines().all(|line| !line.ends_with(' ')), "{help}");
    }
}

#[test]
fn help_wins_over_what_stands_behind_it() {
    let screen = help("-h", "80");
    provfilter(&["-qh", "--no-such-flag"]).ends().prints(screen).with_status(0);
    provfilter(&["--no-such-flag", "-h"]).ends().prints("").with_status(2);
    let everything = help("--help", "80");
    provfilter(&["--help", "-h"]).ends().prints(everything).with_status(0);
}

#[test]
fn the_examples_do_what_they_are_shown_for() {
    let screen = help("-h", "80");
    let short = below(&screen, "Examples:");
    assert_eq!(short.len(), 5, "{short:?}");
    let everything = help("--help", "100");
    let (_, examples) = everything.split_once("\nExamples:\n").expect("there are examples");
    let commands: Vec<_> = examples.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    assert!(short.iter().all(|command| commands.contains(&command.trim_start())), "{commands:?}");

    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let record = r#"{"id":"s-1","model":"m","timestamp":"2026-03-30T14:22:31Z","score":0.9,"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Ho"}]}"#;
    let unanswered =
        r#"{"id":"s-2","model":"m","timestamp":"2026-03-30T14:22:31Z","score":0.1,"messages":[{"role":"user","content":"Hi"}]}"#;
    fs::write(folder.path().join("raw.jsonl"), format!("{record}\n{unanswered}\n")).expect("a file can be written");
    run("provfilter -n --report json=shard-1.json raw.jsonl", folder.path());
    for command in commands {
        run(command, folder.path());
    }
    let lines = |name: &str| fs::read_to_string(folder.path().join(name)).expect(name).lines().count();
    // The last example that writes `out.jsonl` has marked a record, which is left out of what is trained on.
    assert_eq!([lines("bad.jsonl"), lines("out.jsonl"), lines("train.jsonl")], [1, 2, 1]);
    for written in ["out.jsonl.bak", "report.html", "card.md", "all.html"] {
        assert!(lines(written) > 0, "{written}");
    }
}

/// Runs a command as somebody would type it, with provfilter on the path.
fn run(command: &str, folder: &Path) {
    let program = Path::new(env!("CARGO_BIN_EXE_provfilter")).parent().expect("the program is in a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(folder).env("PATH", path).stdin(Stdio::null());
    let output = output_of(&mut shell).expect("there is a shell");
    assert!(output.status.success(), "{command}\n{}", String::from_utf8_lossy(&output.stderr));
}
