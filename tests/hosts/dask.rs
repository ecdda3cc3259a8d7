//! Dask: a folder of shards, with a worker that is killed on the way.

use std::fmt::Write;

use super::tasks::{put_killer, same_counts, was_killed};
use super::{Recipe, has};

fn shard(number: usize) -> String {
    let mut lines = String::new();
    for id in 0..100 {
        writeln!(lines, "{{\"id\": {number}.{id:03}0, \"model\": \"m-{}\", \"score\": 0.{}}}\r", id % 2, id % 7)
            .expect("a string takes text");
    }
    lines + if number == 2 { "{\"id\": NaN}" } else { "" }
}

#[test]
fn shards_on_dask_give_what_a_single_run_gives_though_a_worker_is_killed() {
    if !has("Dask", "python3 -c 'import dask.bag, dask.distributed'") {
        return;
    }
    let recipe = Recipe::of("dask");
    // The worker first: what it had done would be done again, and hide a task that passed for done.
    put_killer(&recipe, "shard-5", "shard-0");
    for number in 0..6 {
        recipe.file(&format!("in/shard-{number}.jsonl"), shard(number));
    }
    let flags = "--source trajectory --model '{/model}' --exclude 'low=.score < 0.2'";
    let printed = recipe.runs(&format!(
        "export SOURCE_DATE_EPOCH=1774880551
        PATH=\"$PWD/bin:$PATH\" python3 provenance_dask.py in out {flags}
        test $? -eq 1 || exit 3
        cat out/*.jsonl > together.jsonl && cat out/rejects/* > together.rejects
        provfilter {flags} --rejects single.rejects --report json=single.json \"$PWD\"/in/*.jsonl > single.jsonl
        cmp single.jsonl together.jsonl && cmp single.rejects together.rejects"
    ));
    same_counts(&recipe, "single.json", "out/report.json");
    assert!(was_killed(&recipe, "shard-5") && was_killed(&recipe, "shard-0"));
    assert!(printed.output.contains("('m-0', 300)") && printed.output.contains("('m-1', 300)"), "{}", printed.output);
}
