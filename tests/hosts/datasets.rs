//! Hugging Face datasets: shards that are filtered and loaded, and shards that are filtered while a dataset reads.

use std::fmt::Write;

use super::tasks::same_counts;
use super::{Recipe, has};

/// Reads a stream in part, then twice to its end, and holds its rows to those of the files.
const OWN_JOB: &str = r#"
import json, os, sys
from provenance_datasets import load_filtered, load_streaming

shards, flags = ["in/0.jsonl", "in/1.jsonl", "in/2.jsonl"], sys.argv[1:]
os.makedirs("part/reports"), os.makedirs("out/reports")
stream = load_streaming(shards, "part", flags)
assert len(list(stream.take(3))) == 3
assert os.listdir("part/reports") == [], os.listdir("part/reports")
rows, again = list(stream), list(stream)
assert rows == again
assert sorted(os.listdir("part/reports")) == ["0.jsonl.json", "1.jsonl.json", "2.jsonl.json"], os.listdir("part/reports")

dataset = load_filtered(shards, "out", flags)
assert list(dataset) == rows == [json.loads(line) for shard in shards for line in open(shard.replace("in", "out"))]
assert sorted(dataset.features["provenance"]) == sorted(rows[0]["provenance"]) and len(rows[0]["provenance"]) == 7
"#;

#[test]
fn hugging_face_datasets_load_what_was_filtered_and_filter_while_they_read() {
    if !has("Hugging Face datasets", "python3 -c 'import datasets'") {
        return;
    }
    let recipe = Recipe::of("datasets");
    for number in 0..3 {
        // The first file has no session at all.
        let session = |id| if number == 0 { String::new() } else { format!("{number}-{id}") };
        let mut rows = String::new();
        for id in 0..500 {
            writeln!(rows, "{{\"id\":{id},\"session\":\"{}\",\"score\":{}.5}}", session(id), id % 3)
                .expect("a string takes text");
        }
        recipe.file(&format!("in/{number}.jsonl"), if number == 1 { rows + "{\"id\":" } else { rows });
    }
    recipe.file("own_job.py", OWN_JOB);
    let flags = "--source curated --model m --session-id '{/session}' --exclude 'low=.score < 1'";
    let printed = recipe.runs(&format!(
        "export SOURCE_DATE_EPOCH=1774880551 HF_HOME=\"$PWD/home\" HF_HUB_OFFLINE=1
        python3 provenance_datasets.py in written {flags} && python3 own_job.py {flags} || exit 3
        provfilter {flags} --all-fields --report json=single.json in/*.jsonl > /dev/null
        provfilter --merge --report json=out/merged.json out/reports/*.json && provfilter --merge --report json=part/merged.json part/reports/*.json"
    ));
    same_counts(&recipe, "single.json", "out/merged.json");
    same_counts(&recipe, "single.json", "part/merged.json");
    assert!(printed.errors.contains("in/1.jsonl:501: not JSON"), "{}", printed.errors);
    assert!(printed.output.contains("1500 rows in files, 1500 streamed"), "{}", printed.output);
}
