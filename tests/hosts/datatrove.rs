//! datatrove: a step that documents go through, with a task that is killed and runs again.

use super::tasks::{put_killer, was_killed};
use super::{Recipe, has};

/// Holds what was kept and what was excluded to the documents that went in.
const SAME_DOCUMENTS: &str = r#"
import glob, json

def read(pattern):
    return {own["id"]: own for path in glob.glob(pattern) for own in map(json.loads, open(path, "rb"))}

given, kept, excluded = read("in/*.jsonl"), read("out/kept/*.jsonl"), read("out/excluded/*.jsonl")
assert len(given) == 5001 and len(kept) == 2501 and len(excluded) == 2500, (len(given), len(kept), len(excluded))
for own in excluded.values():
    own.update(own.pop("metadata"))
    assert own.pop("filter_reason") == "odd" and own["n"] % 2, own
for id, own in (kept | excluded).items():
    provenance, _ = own.pop("provenance"), own.pop("file_path")
    if given[id]["model"] == "":
        assert provenance is None and id in kept, own
        continue
    assert provenance["model"] == given[id]["model"] and provenance["approved"] == (id in kept), provenance
    assert own == given[id], (own, given[id])
"#;

#[test]
fn documents_in_datatrove_get_their_provenance_though_a_task_is_killed() {
    if !has("datatrove", "python3 -c 'import datatrove.pipeline.filters, orjson'") {
        return;
    }
    let recipe = Recipe::of("datatrove");
    put_killer(&recipe, "report", "-");
    for file in 0..4 {
        let rows: String = (0..1250)
            .map(|at| {
                format!(
                    r#"{{"text":"\u00e9 \u2028 👋 {at}","id":"{file}-{at}","n":{},"f":1e22,"model":"m{file}"}}"#,
                    (1_u64 << 60) + at
                ) + "\n"
            })
            .collect();
        recipe.file(&format!("in/{file}.jsonl"), rows);
    }
    recipe.file("in/4.jsonl", r#"{"text":"of no model","id":"faulty","model":""}"#);
    recipe.file("same_documents.py", SAME_DOCUMENTS);
    // The first run ends where a task is killed. What the second one does counts once.
    recipe.runs(
        "run() { python3 provenance_datatrove.py in out --source curated --model '{/model}' --exclude 'odd=.n % 2 == 1'; }
        ! PATH=\"$PWD/bin:$PATH\" run && run && python3 same_documents.py",
    );
    assert!(was_killed(&recipe, "report"));
    for count in [r#""lines":5001"#, r#""approved":2500"#, r#""passed":1"#, r#""by_reason":{"odd":2500}"#] {
        assert!(recipe.read("out/report.json").contains(count), "{count}");
    }
}
