//! Each row of `cases/*.toml` as a test of its own. `mod.rs` beside this file says how rows are written, run and rewritten.

#[allow(dead_code, reason = "rows use a part of it, and the integration tests all of it")]
#[path = "../harness/mod.rs"]
mod harness;
#[path = "mod.rs"]
mod rows;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

use rows::{Row, Table};

fn main() -> ExitCode {
    let blesses = env::var_os("BLESS").is_some_and(|value| !value.is_empty() && value != "0");
    let trials = tables().into_iter().flat_map(|(name, path)| {
        let toml = fs::read_to_string(&path).expect("a table can be read");
        let table = Table::parse(&toml).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        table.rows.into_iter().map(move |row| {
            let path = path.clone();
            Trial::test(format!("{name}::{}", row.name), move || try_row(&row, blesses.then_some(&*path)))
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

/// The files of `cases/`, each with the name of its table.
fn tables() -> BTreeMap<String, PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let entries = fs::read_dir(folder).expect("there are tables");
    let paths = entries.map(|entry| entry.expect("the tables can be listed").path());
    paths.map(|path| (path.file_stem().expect("a table has a name").to_string_lossy().into_owned(), path)).collect()
}

/// Runs a row, and rewrites it in this file if it differs.
fn try_row(row: &Row, rewritten_in: Option<&Path>) -> Result<(), Failed> {
    let ended = row.run();
    let failure = row.failure(&ended);
    let failure = match rewritten_in {
        Some(path) if failure.is_some() => rows::bless::bless(path, row, &ended),
        _ => failure,
    };
    failure.map_or(Ok(()), |failure| Err(failure.into()))
}
