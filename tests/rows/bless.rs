//! Rewrites what a row expects to what came back. Comments, order, and whatever was right stay as they are.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use toml_edit::ser::ValueSerializer;
use toml_edit::{DocumentMut, Item, Table as TomlTable, TableLike, Value};

use super::text::spelled;
use super::{Row, Table};
use crate::harness::Ended;

/// Taken while a file of rows is rewritten.
static REWRITING: Mutex<()> = Mutex::new(());

/// The order in which a row's keys are written.
const KEYS: [&str; 10] = ["name", "args", "env", "given", "files", "stdout", "stderr", "status", "leaves", "report"];

/// Rewrites a row in its file. Gives what is wrong even so: lines that are lost, and files that should not be gone.
pub(crate) fn bless(path: &Path, row: &Row, ended: &Ended) -> Option<String> {
    let _rewriting = REWRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let toml = fs::read_to_string(path).expect("a table can be read");
    let toml = rewritten(&toml, row, ended);
    fs::write(path, &toml).expect("a table can be written");
    let table = Table::parse(&toml).expect("a rewritten table is one");
    table.rows.iter().find(|other| other.name == row.name).expect("a rewritten row is there").failure(ended)
}

/// The table with this row as it came out.
pub(crate) fn rewritten(toml: &str, row: &Row, ended: &Ended) -> String {
    let mut document: DocumentMut = toml.parse().expect("a table is TOML");
    let rows = document["case"].as_array_of_tables_mut().expect("a table has rows");
    let is_named = |table: &&mut TomlTable| table["name"].as_str() == Some(&row.name);
    let table = rows.iter_mut().find(is_named).expect("the row is still there");
    let keys = table.len();
    bless_streams(table, row, ended);
    bless_files(table, row, ended);
    bless_report(table, row, ended);
    if table.len() > keys {
        let rank = |key: &str| KEYS.iter().position(|known| *known == key);
        table.sort_values_by(|one, _, other, _| rank(one).cmp(&rank(other)));
    }
    document.to_string()
}

fn bless_streams(table: &mut TomlTable, row: &Row, ended: &Ended) {
    for (key, expected, got) in [("stdout", &row.stdout, &ended.stdout), ("stderr", &row.stderr, &ended.stderr)] {
        if expected.bytes() != *got {
            set(table, key, (!got.is_empty()).then(|| text(got)));
        }
    }
    // Nothing can be written down for a run that a signal ended.
    if let Some(status) = ended.status.filter(|status| *status != row.status) {
        set(table, "status", (status != 0).then(|| i64::from(status).into()));
    }
}

fn bless_files(table: &mut TomlTable, row: &Row, ended: &Ended) {
    let (left, expected) = (row.files_left(ended), row.files_expected());
    let gone = row.leaves.keys().filter(|name| !left.contains_key(*name)).map(|name| (name.as_str(), None));
    let wrong = left.iter().filter(|(name, got)| expected.get(name.as_str()) != Some(got));
    let wrong: Vec<_> = gone.chain(wrong.map(|(name, got)| (name.as_str(), Some(text(got))))).collect();
    if wrong.is_empty() {
        return;
    }
    let leaves = table.entry("leaves").or_insert_with(dotted);
    let leaves = leaves.as_table_like_mut().expect("`leaves` is a table");
    for (name, content) in wrong {
        set(leaves, name, content);
    }
    if leaves.is_empty() {
        table.remove("leaves");
    }
}

fn bless_report(table: &mut TomlTable, row: &Row, ended: &Ended) {
    let Some(expected) = &row.report else {
        return;
    };
    let got = ended.report_as_it_is("report.json");
    let report = table["report"].as_table_like_mut().expect("`report` is a table");
    for (name, _) in expected.iter().filter(|(name, value)| got.get(name) != Some(value)) {
        // TOML has no null; and a member that is not there is none, either.
        set(report, name, got.get(name).and_then(|value| value.serialize(ValueSerializer::new()).ok()));
    }
}

/// A table whose keys are written in one line with its own: `leaves.NAME = ...`.
fn dotted() -> Item {
    let mut table = TomlTable::new();
    table.set_dotted(true);
    Item::Table(table)
}

fn text(bytes: &[u8]) -> Value {
    spelled(bytes).parse().expect("a text is spelled as TOML")
}

/// Replaces a value where it stands, adds it behind the others, or takes it out.
fn set(table: &mut dyn TableLike, key: &str, value: Option<Value>) {
    match (value, table.get_mut(key)) {
        (None, _) => drop(table.remove(key)),
        (Some(mut value), Some(Item::Value(old))) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        (Some(value), _) => drop(table.insert(key, Item::Value(value))),
    }
}
