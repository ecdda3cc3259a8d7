//! Test cases as data: each row of `cases/*.toml` is one run of the program, with everything that it must print, leave and return.
//!
//! A row has a `name`, which is a claim, and may have `args` (words, or a list of arguments), `env`, `given` (standard input) and
//! `files` (their content before the run). What comes back must be exactly its `stdout`, `stderr` and `status`, each empty or 0 if left
//! out, and the files in its folder must be those of `leaves` and the unchanged ones of `files`. With `report`, the JSON report that the
//! run leaves in `report.json` must have these members with these values, and may have more. A table may have `args` that precede
//! those of each of its rows.
//!
//! Whatever a row expects, no line may be lost: the sums of the report add up, each file has as many lines as the report says, and
//! lines in are lines out plus rejected, excluded and blank ones.
//!
//! In all texts `\xNN` is one byte, so that bytes that are not text can be written down; a text may also be a list of texts and of
//! `{ text = "[", times = 512 }`, which are joined.
//!
//! Each row is a test named `table::name of the row`, so that `cargo test "lone surrogates stay"` runs one row and `cargo test faults::`
//! one table. With `BLESS=1` in the environment, rows that differ are rewritten to what came back.

pub(crate) mod bless;
mod check;
pub(crate) mod places;
pub(crate) mod text;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use text::Text;

/// A file of rows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    #[serde(default)]
    args: Args,
    #[serde(rename = "case")]
    pub(crate) rows: Vec<Row>,
}

/// One run of the program, and what is expected of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub(crate) name: String,
    #[serde(default)]
    args: Args,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    given: Text,
    #[serde(default)]
    files: BTreeMap<String, Text>,
    #[serde(default)]
    stdout: Text,
    #[serde(default)]
    stderr: Text,
    #[serde(default)]
    status: i32,
    #[serde(default)]
    leaves: BTreeMap<String, Text>,
    report: Option<BTreeMap<String, serde_json::Value>>,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Args {
    Words(String),
    List(Vec<String>),
}

impl Default for Args {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

impl Args {
    fn list(&self) -> Vec<String> {
        match self {
            Self::Words(words) => words.split_whitespace().map(str::to_owned).collect(),
            Self::List(list) => list.clone(),
        }
    }
}

impl Table {
    /// Reads a table, and puts its `args` before those of each row. A table has rows, each with a name of its own.
    pub(crate) fn parse(toml: &str) -> Result<Self, String> {
        let mut table: Self = toml::from_str(toml).map_err(|why| why.to_string())?;
        for row in &mut table.rows {
            row.args = Args::List([table.args.list(), row.args.list()].concat());
        }
        let mut names = BTreeSet::new();
        match table.rows.iter().find(|row| !names.insert(&row.name)) {
            Some(twice) => Err(format!("two rows are named `{}`", twice.name)),
            None if table.rows.is_empty() => Err("the table has no rows".to_owned()),
            None => Ok(table),
        }
    }
}
