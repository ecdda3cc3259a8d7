//! The workflow for GitHub Actions, its steps run by a stand-in for the runner (`github_actions/runner.py`) in a repository with a pull
//! request.

use std::fs;

use super::{Recipe, has};
use crate::harness::output_of;

/// What a checked pull request came to.
struct Checked {
    passes: bool,
    told: String,
    summary: String,
    comment: String,
}

fn has_python() -> bool {
    has("Python with PyYAML, git or jq", "python3 -c 'import yaml' && git --version && jq --version")
}

fn good(id: usize) -> String {
    let provenance =
        r#""source":"curated","model":"m","source_session_id":"s","timestamp":"2026-03-30T14:22:31Z","approved":true"#;
    format!(
        r#"{{"messages":[{{"role":"user","content":"{id}?"}},{{"role":"assistant","content":"{id}"}}],"provenance":{{{provenance}}}}}"#
    ) + "\n"
}

/// A record that a screen for chats turns down.
fn unanswered() -> String {
    good(0).replace(r#",{"role":"assistant","content":"0"}"#, "")
}

/// Runs the workflow for a pull request that adds these files, or deletes one if there are none, and comes from this repository.
fn check(from: &str, files: &[(&str, String)]) -> Checked {
    let recipe = Recipe::of("github-actions");
    recipe.file("bin/pipx", "#!/bin/sh\n[ \"$*\" = 'install provfilter' ]\n");
    recipe.file("bin/gh", "#!/bin/sh\nset -e\n[ \"$GH_TOKEN\" = token ]\necho \"$@\" > gh.log\ncat >> gh.log\n");
    recipe.file("old.jsonl", "no record, but not changed either\n").file("summary", "");
    recipe.runs("chmod +x bin/*; git init -q; git config user.name A; git config user.email a@example.org; git add .; git commit -qm base");
    let base = recipe.runs("git rev-parse HEAD").output;
    for (name, content) in files {
        recipe.file(name, content);
    }
    if files.is_empty() {
        recipe.runs("git rm -q old.jsonl");
    }
    recipe.runs("git add . && git commit -qm head");

    let event = format!(
        r#"{{"pull_request":{{"number":7,"base":{{"sha":"{}"}},"head":{{"repo":{{"full_name":"{from}"}}}}}}}}"#,
        base.trim_end()
    );
    let runner = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hosts/github_actions/runner.py");
    let command = format!(
        "export PATH=$PWD/bin:$PATH SUMMARY=$PWD/summary\n\
         git diff --name-only -z HEAD~ | xargs -0 python3 '{runner}' provenance.yml '{event}' 2>&1"
    );
    let output = output_of(&mut recipe.shell(&command)).expect("there is a shell");
    Checked {
        passes: output.status.success(),
        told: String::from_utf8_lossy(&output.stdout).into_owned(),
        summary: recipe.read("summary"),
        comment: fs::read_to_string(recipe.path("gh.log")).unwrap_or_default(),
    }
}

#[test]
fn the_workflow_passes_good_records_and_comments() {
    if !has_python() {
        return;
    }
    let files = [("a.jsonl", (0..10).map(good).collect()), ("a folder/b.jsonl", good(11)), ("notes.txt", "no record".to_owned())];
    let checked = check("them/data", &files);
    assert!(checked.passes, "{}", checked.told);
    assert!(checked.summary.contains("| total | 11 |"), "{}", checked.summary);
    let (arguments, body) = checked.comment.split_once('\n').expect("there is a comment");
    assert_eq!(arguments, "pr comment 7 --edit-last --create-if-none --body-file -");
    assert_eq!(body, checked.summary);
    assert!(!checked.told.contains("::error"), "{}", checked.told);
}

#[test]
fn the_workflow_fails_bad_records_and_shows_where_they_are() {
    if !has_python() {
        return;
    }
    let invalid = good(1).replace("curated", "100%\u{7f}, sure");
    let checked = check("them/data", &[("a,b.jsonl", good(0) + &invalid + "no record\n")]);
    assert!(!checked.passes, "{}", checked.told);
    assert!(checked.told.contains("Check the records: failure"), "{}", checked.told);
    assert!(checked.told.contains("::error file=a%2Cb.jsonl,line=2::unknown source: 100%25"), "{}", checked.told);
    assert!(checked.told.contains("::error file=a%2Cb.jsonl,line=3::not JSON"), "{}", checked.told);
    assert!(checked.summary.contains("not_json"), "{}", checked.summary);
    assert!(checked.comment.ends_with(&checked.summary), "{}", checked.comment);
}

#[test]
fn the_workflow_fails_where_too_many_records_are_excluded() {
    if !has_python() {
        return;
    }
    let few = check("them/data", &[("a.jsonl", (0..20).map(good).collect::<String>() + &unanswered())]);
    assert!(few.passes, "{}", few.told);
    let many = check("them/data", &[("a.jsonl", (0..10).map(good).collect::<String>() + &unanswered())]);
    assert!(!many.passes, "{}", many.told);
    assert!(many.told.contains("Check the records: failure"), "{}", many.told);
    assert!(many.summary.contains("no-answer"), "{}", many.summary);
}

#[test]
fn the_workflow_comments_on_no_fork() {
    if !has_python() {
        return;
    }
    let checked = check("you/data", &[("a.jsonl", good(0))]);
    assert!(checked.passes, "{}", checked.told);
    assert!(checked.told.contains("Comment with the report: skipped"), "{}", checked.told);
    assert_eq!(checked.comment, "");
    assert!(checked.summary.contains("| total | 1 |"), "{}", checked.summary);
}

#[test]
fn the_workflow_runs_for_changed_json_lines_alone() {
    if !has_python() {
        return;
    }
    let checked = check("them/data", &[("notes.txt", "no record".to_owned())]);
    assert_eq!(checked.told, "not started\n");
    let checked = check("them/data", &[("data/a.jsonl.zst", "no zstd".to_owned())]);
    assert!(!checked.passes && checked.told.contains("a.jsonl.zst"), "{}", checked.told);
}

#[test]
fn the_workflow_has_nothing_to_say_of_files_that_are_deleted() {
    if !has_python() {
        return;
    }
    let checked = check("them/data", &[]);
    assert!(checked.passes && checked.told.contains("Check the records: success"), "{}", checked.told);
    assert_eq!((checked.summary, checked.comment), (String::new(), String::new()));
}

#[test]
fn the_workflow_is_one_of_github_actions() {
    if !has("the schema of workflows", "check-jsonschema --version") {
        return;
    }
    Recipe::of("github-actions").runs("check-jsonschema --builtin-schema vendor.github-workflows provenance.yml");
}

#[test]
fn the_scripts_of_the_workflow_are_clean() {
    if !has("ShellCheck", "shellcheck --version") || !has_python() {
        return;
    }
    let steps = "import json, yaml; [job] = yaml.safe_load(open('provenance.yml'))['jobs'].values()\n\
                 for step in job['steps']: print('{', step.get('run', 'true'), '}', sep='\\n')";
    let recipe = Recipe::of("github-actions");
    recipe.file("steps.py", steps).runs("python3 steps.py | shellcheck --shell=bash -");
}
