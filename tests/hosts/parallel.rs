//! GNU parallel, `split --filter` and `xargs` give what a single run gives, and what the README says does not work does not.

use super::shards::{at_a_fixed_time, records, whole};
use super::{Printed, Recipe, has};
use crate::harness::output_of;

/// Records of about 300 kB with some bad lines, the last without its line feed.
fn input() -> String {
    let mut input = String::new();
    for part in 0..10 {
        input += &records(part * 200, 200);
        input += "no record\n";
    }
    input + "not this one either"
}

fn has_parallel() -> bool {
    has("GNU parallel", "parallel --version | grep -q '^GNU parallel'")
}

/// Runs a command that is to end with the status 1, which says that lines were rejected.
fn rejects(recipe: &Recipe, command: &str) -> Printed {
    let output = output_of(&mut recipe.shell(&at_a_fixed_time(command))).expect("there is a shell");
    assert_eq!(output.status.code(), Some(1), "{command}\n{output:?}");
    Printed {
        output: String::from_utf8(output.stdout).expect("the output is text"),
        errors: String::from_utf8(output.stderr).expect("the errors are text"),
    }
}

/// What is in the folder `out` is what a single run over these files has.
#[track_caller]
fn is_whole(recipe: &Recipe, records: &str, files: &str) {
    let whole = whole(recipe, files);
    assert!(recipe.runs(records).output == whole.records, "the records differ");
    assert_eq!(recipe.read("out/rejects.jsonl"), whole.rejects);
    whole.is_counted_by(&recipe.read("out/report.json"));
}

/// How many runs a report adds up.
fn runs(recipe: &Recipe) -> usize {
    let report: serde_json::Value = serde_json::from_str(&recipe.read("out/report.json")).expect("the report is JSON");
    report["runs"].as_array().expect("the report is merged").len()
}

#[test]
fn parallel_over_a_file_has_what_a_single_run_has() {
    if !has_parallel() {
        return;
    }
    let recipe = Recipe::of("parallel");
    recipe.file("in.jsonl", input());
    let told = rejects(&recipe, "BLOCK=8k ./pipepart.sh in.jsonl out").errors;
    assert!(told.contains("Total pairs:    2000"), "{told}");
    is_whole(&recipe, "cat out/records.jsonl", "in.jsonl");
    assert!(runs(&recipe) > 20, "there are {} blocks", runs(&recipe));
}

#[test]
fn parallel_over_a_stream_has_what_a_single_run_has() {
    if !has_parallel() {
        return;
    }
    let recipe = Recipe::of("parallel");
    recipe.file("in.jsonl", input());
    rejects(&recipe, "cat in.jsonl | BLOCK=8k ./pipe.sh out");
    is_whole(&recipe, "cat out/records.jsonl", "in.jsonl");
    assert!(runs(&recipe) > 20, "there are {} blocks", runs(&recipe));
}

#[test]
fn parallel_fails_where_a_block_is_lost() {
    if !has_parallel() {
        return;
    }
    let recipe = Recipe::of("parallel");
    recipe.file("in.jsonl", records(0, 1000));
    let killed =
        format!("#!/bin/sh\n[ \"$PARALLEL_SEQ\" = 5 ] && kill -KILL $$\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_provfilter"));
    recipe.file("bin/provfilter", killed).runs("chmod +x bin/provfilter");
    for command in ["./pipepart.sh in.jsonl out", "./pipe.sh out < in.jsonl"] {
        let output = output_of(&mut recipe.shell(&format!("BLOCK=8k PATH=$PWD/bin:$PATH {command}"))).expect("there is a shell");
        assert!(!output.status.success(), "{output:?}");
        assert!(!recipe.path("out/report.json").exists());
    }
}

#[test]
fn split_has_what_a_single_run_has() {
    let recipe = Recipe::of("parallel");
    recipe.file("in.jsonl", input());
    rejects(&recipe, "LINES_EACH=150 ./split.sh out < in.jsonl");
    is_whole(&recipe, "cat out/records/*.jsonl", "in.jsonl");
    assert_eq!(recipe.runs("ls out/records | tail -n 1").output, "000013.jsonl\n");
}

#[test]
fn xargs_has_what_a_single_run_has() {
    let recipe = Recipe::of("parallel");
    recipe.file("in/a.jsonl", records(0, 300));
    recipe.file("in/b {c}/d 'e'.jsonl", records(300, 300) + "no record\n");
    recipe.file("in/f.jsonl", "");
    rejects(&recipe, "./xargs.sh in out");
    is_whole(&recipe, "cat out/records/{*/*,*}.jsonl", "in/{*/*,*}.jsonl");
    assert_eq!(runs(&recipe), 3);
}

#[test]
fn xargs_fails_where_a_file_is_lost() {
    let recipe = Recipe::of("parallel");
    recipe.file("in/a.jsonl", records(0, 300));
    recipe.file("in/b.jsonl", b"\x1f\x8b\x08 which is gzip");
    let output = output_of(&mut recipe.shell("./xargs.sh in out")).expect("there is a shell");
    assert!(!output.status.success(), "{output:?}");
    assert_eq!(recipe.runs("ls out/records").output, "a.jsonl\nb.jsonl.part\n");
    assert!(!recipe.path("out/report.json").exists());
}

/// The command of the README's list of what does not work that has this in it, without its comment.
fn wrong(recipe: &Recipe, part: &str) -> String {
    let readme = recipe.read("README.md");
    let mut commands =
        readme.split("```").nth(1).expect("the README has a list").lines().filter_map(|line| line.split_once(" # "));
    commands.find(|(command, _)| command.contains(part)).unwrap_or_else(|| panic!("no command has {part}: {readme}")).0.to_owned()
}

/// How many sessions several records have.
fn repeated_sessions(recipe: &Recipe, command: &str) -> usize {
    let printed = recipe.runs(command).output;
    let mut sessions: Vec<&str> =
        printed.lines().map(|line| line.split_once(r#""source_session_id":""#).expect("each record has a session").1).collect();
    let all = sessions.len();
    sessions.sort_unstable();
    sessions.dedup();
    all - sessions.len()
}

#[test]
fn line_numbers_restart_in_each_block() {
    if !has_parallel() {
        return;
    }
    let recipe = Recipe::of("parallel");
    recipe.file("in.jsonl", records(0, 1000));
    let wrong = wrong(&recipe, "{line}");
    assert!(repeated_sessions(&recipe, &wrong) > 0);
    assert_eq!(repeated_sessions(&recipe, "provfilter -q --session-id '{line}' in.jsonl"), 0);
    assert_eq!(repeated_sessions(&recipe, &wrong.replace("{line}", "{sha256}")), 0);
}

#[test]
fn duplicates_in_other_blocks_are_not_seen() {
    if !has_parallel() {
        return;
    }
    let recipe = Recipe::of("parallel");
    let numbers: String = (0..2000).map(|number| [r#"{"number":"#, &number.to_string(), "}\n"].concat()).collect();
    recipe.file("in.jsonl", numbers.repeat(2));
    let excluded = |command: &str| recipe.runs(command).output.matches(r#""exclusion_reason":"duplicate""#).count();
    assert_eq!(excluded("provfilter -q --exclude duplicate in.jsonl"), 2000);
    assert_eq!(excluded(&wrong(&recipe, "--exclude duplicate")), 0);
}

#[test]
fn split_ends_at_the_first_filter_that_fails() {
    let recipe = Recipe::of("parallel");
    recipe.file("in.jsonl", records(0, 150) + "no record\n" + &records(151, 200));
    let wrong = wrong(&recipe, "--lines=100");
    let output = output_of(&mut recipe.shell(&wrong)).expect("there is a shell");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 199);
    assert_eq!(recipe.runs(&wrong.replace("-q", "-q --max-errors 100%")).output.lines().count(), 350);
}

#[test]
fn split_by_bytes_cuts_long_lines() {
    let recipe = Recipe::of("parallel");
    let long = format!("{{\"text\":\"{}\"}}\n", "long ".repeat(5000));
    recipe.file("in.jsonl", records(0, 10) + &long + &records(10, 10));
    let wrong = wrong(&recipe, "--line-bytes");
    let output = output_of(&mut recipe.shell(&wrong)).expect("there is a shell");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(recipe.runs(&wrong.replace("--line-bytes=16k", "--lines=5")).output, recipe.read("in.jsonl"));
}

#[test]
fn split_that_deals_lines_out_loses_their_order() {
    let recipe = Recipe::of("parallel");
    recipe.file("in.jsonl", records(0, 1000));
    let wrong = recipe.runs(&wrong(&recipe, "r/4")).output;
    assert_ne!(wrong, recipe.read("in.jsonl"));
    assert_eq!(sorted(&wrong), sorted(&recipe.read("in.jsonl")));
}

fn sorted(lines: &str) -> Vec<&str> {
    let mut lines: Vec<_> = lines.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn xargs_into_one_pipe_mixes_lines() {
    let recipe = Recipe::of("parallel");
    for part in 0..4 {
        let line = format!("{{\"text\":\"{}\"}}\n", part.to_string().repeat(300_000));
        recipe.file(&format!("in/{part}.jsonl"), line.repeat(20));
    }
    let whole = recipe.runs("cat in/*").output;
    // Longer than a pipe holds, so that lines are mixed nearly always.
    let wrong = wrong(&recipe, "xargs");
    let mixed = (0..20).any(|_| sorted(&recipe.runs(&wrong).output) != sorted(&whole));
    assert!(mixed, "all lines came out whole");
    assert_eq!(sorted(&recipe.runs(&wrong.replace("-P 4", "-P 1")).output), sorted(&whole));
}
