//! The array and the merge for Slurm, with stand-ins for `sbatch` and `srun` in `slurm/`: a node that fails, a task that fails, and one
//! that is cancelled.

use std::process::Command;

use super::shards::{at_a_fixed_time, records, whole};
use super::{Printed, Recipe};
use crate::harness::output_of;

/// Three shards, with a bad line in the second.
fn recipe() -> Recipe {
    let recipe = Recipe::of("slurm");
    recipe.file("in/a.jsonl", records(0, 300));
    recipe.file("in/b.jsonl", records(300, 300) + "no record\n");
    recipe.file("in/deeper/c.jsonl", records(600, 200));
    recipe
}

/// A command of the shell with the stand-ins on its path.
fn with_slurm(command: &str) -> String {
    let stand_ins = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hosts/slurm");
    at_a_fixed_time(&format!("export PATH='{stand_ins}':$PATH STAND_IN_SPOOL=$PWD/spool; {command}"))
}

fn slurm(recipe: &Recipe, command: &str) -> Printed {
    recipe.runs(&with_slurm(command))
}

/// The whole is the same as that of a single run.
#[track_caller]
fn is_whole(recipe: &Recipe) {
    let whole = whole(recipe, "in/a.jsonl in/b.jsonl in/deeper/c.jsonl");
    assert_eq!(recipe.runs("cat out/records/{1,2,3}.jsonl").output, whole.records);
    assert_eq!(recipe.runs("cat out/rejects/{1,2,3}.jsonl").output, whole.rejects);
    whole.is_counted_by(&recipe.read("out/report.json"));
    assert_eq!(recipe.runs("ls out/records").output, "1.jsonl\n2.jsonl\n3.jsonl\n");
}

#[test]
fn slurm_tasks_have_what_a_single_run_has() {
    let recipe = recipe();
    assert_eq!(slurm(&recipe, "./submit.sh in out").output, "Submitted batch job 2\n");
    is_whole(&recipe);
    assert!(recipe.read("out/logs/1_2.log").contains("in/b.jsonl:301: not JSON"), "{}", recipe.read("out/logs/1_2.log"));
    assert!(recipe.read("out/logs/merge-2.log").contains("Total pairs:    800"), "{}", recipe.read("out/logs/merge-2.log"));
    assert!(recipe.read("out/report.md").contains("800"));
}

#[test]
fn slurm_tasks_whose_node_fails_run_again_and_count_once() {
    let recipe = recipe();
    slurm(&recipe, "STAND_IN_LOSES=3 ./submit.sh in out");
    assert_eq!(recipe.runs("sort spool/srun.log | uniq -c | tr -s ' '").output, " 1 1\n 1 2\n 2 3\n");
    is_whole(&recipe);
}

#[test]
fn slurm_tasks_that_fail_are_named_by_the_merge_whatever_they_left_before() {
    let recipe = recipe();
    let good = recipe.read("in/a.jsonl");
    slurm(&recipe, "./submit.sh in out");
    recipe.file("in/a.jsonl", good.clone() + &"no record\n".repeat(20));
    slurm(&recipe, "rm out/report.*; cd out; sbatch --array=1,3 ../array.sbatch \"$PWD\"; sbatch ../merge.sbatch \"$PWD\"");
    let told = recipe.read("out/logs/merge-4.log");
    assert!(told.contains("run again with: sbatch --array=1 array.sbatch"), "{told}");
    assert_eq!(
        recipe.runs("cat spool/[34].state; ls out").output,
        "failed\nfailed\nlogs\nrecords\nrejects\nreports\nshards.txt\n"
    );

    recipe.file("in/a.jsonl", good);
    slurm(&recipe, "cd out; sbatch --array=1 ../array.sbatch \"$PWD\"; sbatch ../merge.sbatch \"$PWD\"");
    is_whole(&recipe);
}

#[test]
fn slurm_tasks_that_are_cancelled_are_named_by_the_merge() {
    let recipe = recipe();
    let lines = recipe.read("in/a.jsonl");
    // A shard that goes on for as long as the task does.
    let feed = "rm in/a.jsonl; mkfifo in/a.jsonl; { cat half; exec sleep 60; } > in/a.jsonl & trap \"kill $!\" EXIT";
    recipe.file("half", &lines[..lines.len() / 2]);
    slurm(&recipe, &format!("{feed}; STAND_IN_CANCELS=1 ./submit.sh in out"));
    assert!(recipe.read("out/reports/1.json").contains(r#""ending":"interrupted""#), "{}", recipe.read("out/reports/1.json"));
    assert!(recipe.read("out/logs/merge-2.log").contains("--array=1 "), "{}", recipe.read("out/logs/merge-2.log"));

    recipe.runs("rm in/a.jsonl");
    recipe.file("in/a.jsonl", lines);
    slurm(&recipe, "cd out; sbatch --array=1 ../array.sbatch \"$PWD\"; sbatch ../merge.sbatch \"$PWD\"");
    is_whole(&recipe);
}

#[test]
fn slurm_runs_do_not_mix_in_a_folder() {
    let recipe = recipe();
    slurm(&recipe, "./submit.sh in out");
    let mut again: Command = recipe.shell(&with_slurm("./submit.sh in out"));
    let output = output_of(&mut again).expect("there is a shell");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    is_whole(&recipe);
}

#[test]
fn slurm_merges_nothing_without_a_finished_report_of_each_task() {
    let recipe = recipe();
    slurm(&recipe, "./submit.sh in out");
    slurm(&recipe, "cd out; rm reports/2.json; sed -i s/finished/stopped/2 reports/3.json; sbatch ../merge.sbatch \"$PWD\"");
    assert_eq!(recipe.read("spool/3.state"), "failed\n");
    let told = recipe.read("out/logs/merge-3.log");
    assert!(told.contains("run again with: sbatch --array=2,3 array.sbatch"), "{told}");
}
