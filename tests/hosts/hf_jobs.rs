//! The scripts for Hugging Face Jobs, submitted by the real `hf` to a stand-in for the Hub (`hf_jobs/hub.py`), which runs the jobs.

use std::process::Output;

use super::shards::{at_a_fixed_time, records, whole};
use super::{Recipe, has};
use crate::harness::output_of;

fn has_hf() -> bool {
    has("hf", "hf jobs wait --help && hf jobs run --help | grep -e --attempts")
}

/// Three shards in a bucket, with a bad line in the second.
fn recipe() -> Recipe {
    let recipe = Recipe::of("hf-jobs");
    recipe.file("hub/me/data/raw/a.jsonl", records(0, 300));
    recipe.file("hub/me/data/raw/b.jsonl", records(300, 300) + "no record\n");
    recipe.file("hub/me/data/raw/deeper/c d.jsonl", records(600, 200));
    recipe.file("shards.txt", "raw/a.jsonl\nraw/b.jsonl\nraw/deeper/c d.jsonl\n");
    recipe
}

fn submit(recipe: &Recipe, settings: &str, tasks: &str) -> Output {
    let hub = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hosts/hf_jobs/hub.py");
    let command = format!("{settings} python3 '{hub}' hub ./submit.sh me/data shards.txt {tasks}");
    output_of(&mut recipe.shell(&at_a_fixed_time(&command))).expect("there is a shell")
}

/// The whole is the same as that of a single run.
#[track_caller]
fn is_whole(recipe: &Recipe) {
    let whole = whole(recipe, "hub/me/data/raw/{a,b,*/c?d}.jsonl");
    assert_eq!(recipe.runs("cat hub/me/data/records/{1,2,3}.jsonl").output, whole.records);
    assert_eq!(recipe.runs("cat hub/me/data/rejects/{1,2,3}.jsonl").output, whole.rejects);
    whole.is_counted_by(&recipe.read("hub/me/data/report.json"));
}

#[test]
fn hf_jobs_have_what_a_single_run_has_and_those_that_are_lost_count_once() {
    if !has_hf() {
        return;
    }
    let recipe = recipe();
    let output = submit(&recipe, "LOSES=2", "");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{output:?}");
    assert!(told.contains("job2: 2 COMPLETED 2") && told.contains("job4: merge COMPLETED 1"), "{told}");
    is_whole(&recipe);
    assert!(recipe.read("hub/me/data/report.md").contains("| total | 800 |"));
}

#[test]
fn hf_jobs_that_have_not_finished_are_named_by_the_merge_whatever_they_left_before() {
    if !has_hf() {
        return;
    }
    let recipe = recipe();
    let good = recipe.read("hub/me/data/raw/a.jsonl");
    recipe.file("hub/me/data/raw/a.jsonl", good.clone() + &"no record\n".repeat(20));
    recipe.file("hub/me/data/reports/1.json", r#"{"ending":"finished"}"#);
    recipe.file("hub/me/data/reports/3.json", r#"{"ending":"interrupted"}"#);
    let output = submit(&recipe, "", "1 2");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("job1: 1 ERROR 2") && told.contains("job2: 2 COMPLETED 1"), "{told}");
    assert!(told.contains("run again with: submit.sh BUCKET SHARDS 1 3\n"), "{told}");
    assert!(!recipe.path("hub/me/data/report.json").exists());

    recipe.file("hub/me/data/raw/a.jsonl", good);
    let output = submit(&recipe, "", "1 3");
    assert!(output.status.success(), "{output:?}");
    is_whole(&recipe);
}
