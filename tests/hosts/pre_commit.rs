//! The hooks of `.pre-commit-hooks.yaml`, by pre-commit itself in a repository of its own, as the configuration that users copy has them.

use std::fs;
use std::path::Path;

use super::{Recipe, has};
use crate::harness::output_of;

const GOOD: &str = r#"{"provenance":{"source":"synthetic","model":"m","source_session_id":"s","timestamp":"2026-03-30T14:22:31Z","approved":true,"license":"MIT"}}"#;
const WITHOUT_LICENSE: &str = r#"{"provenance":{"source":"curated","model":"m","source_session_id":"s","timestamp":"2026-03-30T14:22:31Z","approved":true}}"#;

/// Puts the program where Cargo would after building it.
const CARGO: &str = r#"#!/bin/sh
set -e
[ "$1" = --version ] && exit
[ "$1 $2 $3" = "install --bins --root" ] && [ "$5 $6" = "--path ." ] && grep -q '^name = "provfilter"$' Cargo.toml
mkdir -p "$4/bin" && ln -s "$PROVFILTER" "$4/bin/provfilter"
"#;

/// A file of the project itself.
fn project(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
}

fn has_pre_commit() -> bool {
    has("pre-commit", "pre-commit --version && git --version")
}

/// A repository with the configuration that users copy, and the project's hooks where the configuration says.
fn recipe() -> Recipe {
    let recipe = Recipe::of("pre-commit");
    recipe.file("home/hooks/.pre-commit-hooks.yaml", project(".pre-commit-hooks.yaml"));
    recipe.file("home/hooks/Cargo.toml", project("Cargo.toml"));
    recipe.file("home/bin/cargo", CARGO);
    recipe.file(".gitignore", "home\n");
    let config = recipe.read(".pre-commit-config.yaml");
    let value =
        |name: &str| config.split_once(name).and_then(|(_, rest)| rest.lines().next()).expect("the configuration has it").trim();
    let (address, version) = (value("repo:"), value("rev:"));
    recipe.file(
        "home/.gitconfig",
        format!(
            "[user]\nname = A\nemail = a@example.org\n[url \"{}\"]\ninsteadOf = {address}\n",
            recipe.path("home/hooks").display()
        ),
    );
    runs(
        &recipe,
        &format!("chmod +x home/bin/cargo; cd home/hooks; git init -q; git add .; git commit -q -m hooks; git tag {version}"),
    );
    runs(&recipe, "git init -q && pre-commit install");
    recipe
}

/// The command, with nothing of the machine's configuration.
fn isolated(recipe: &Recipe, command: &str) -> String {
    let program = env!("CARGO_BIN_EXE_provfilter");
    let home = recipe.path("home").display().to_string();
    format!(
        "export HOME='{home}' XDG_CONFIG_HOME='{home}' PRE_COMMIT_HOME='{home}/cache' PATH='{home}/bin':$PATH PROVFILTER='{program}' \
         GIT_CONFIG_NOSYSTEM=1; unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE; {command}"
    )
}

fn runs(recipe: &Recipe, command: &str) -> String {
    let printed = recipe.runs(&isolated(recipe, command));
    printed.output + &printed.errors
}

/// What a commit that is refused says.
fn refused(recipe: &Recipe) -> String {
    let output = output_of(&mut recipe.shell(&isolated(recipe, "git add . && git commit -m refused"))).expect("there is a shell");
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    told
}

#[test]
fn pre_commit_stops_a_commit_with_bad_records_and_names_them() {
    if !has_pre_commit() {
        return;
    }
    let recipe = recipe();
    recipe.file("data/good.jsonl", format!("{GOOD}\n")).file("notes.txt", "no record\n");
    let told = runs(&recipe, "git add . && git commit -m good");
    assert!(told.contains("validate the provenance of JSON lines") && told.contains("Passed"), "{told}");
    assert!(runs(&recipe, "find home/cache -path '*/bin/provfilter'").contains("rustenv"));

    recipe.file("data/bad one.jsonl", format!("{GOOD}\n{WITHOUT_LICENSE}\n{{\"a\":\n"));
    recipe.file("data/other.ndjson", b"\xff\x00\n");
    let told = refused(&recipe);
    assert!(told.contains("data/bad one.jsonl:2: provenance missing field: license"), "{told}");
    assert!(told.contains("data/bad one.jsonl:3: not JSON"), "{told}");
    assert!(told.contains("data/other.ndjson:1: not UTF-8"), "{told}");

    recipe.file("data/bad one.jsonl", GOOD).file("data/other.ndjson", GOOD);
    runs(&recipe, "git add . && git commit -m mended");
}

#[test]
fn pre_commit_checks_compressed_files() {
    if !has_pre_commit() {
        return;
    }
    let recipe = recipe();
    recipe.file("data.jsonl", "{}\n");
    runs(&recipe, "gzip data.jsonl");
    let told = refused(&recipe);
    assert!(told.contains("data.jsonl.gz:1: missing provenance metadata"), "{told}");
}

#[test]
fn pre_commit_runs_the_program_on_the_path() {
    if !has_pre_commit() {
        return;
    }
    let recipe = recipe();
    let config = recipe.read(".pre-commit-config.yaml").replace("provfilter-validate", "provfilter-validate-system");
    recipe.file(".pre-commit-config.yaml", config).file("data.jsonl", format!("{GOOD}\n"));
    runs(&recipe, "git add . && git commit -m good");
    recipe.file("data.jsonl", format!("{GOOD}\n{WITHOUT_LICENSE}\n"));
    let told = refused(&recipe);
    assert!(told.contains("data.jsonl:2: provenance missing field: license"), "{told}");
    assert_eq!(runs(&recipe, "find home/cache -path '*/bin/provfilter'"), "");
}

#[test]
fn pre_commit_finds_no_fault_in_its_files() {
    if !has_pre_commit() {
        return;
    }
    let recipe = Recipe::of("pre-commit");
    recipe.file("hooks.yaml", project(".pre-commit-hooks.yaml"));
    let told =
        recipe.runs("pre-commit validate-manifest hooks.yaml 2>&1 && pre-commit validate-config .pre-commit-config.yaml 2>&1");
    assert_eq!(told.output, "", "these are only warned of");
}
