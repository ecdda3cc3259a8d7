//! Values that every filter can use besides its record, such as the turns of its conversation.
//!
//! Each is a row in a table: filters call it by its name, like a function without arguments. Its value is computed from the record as it
//! came, when a filter first asks for it, and at most once per record.

use std::cell::OnceCell;

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{Def, Term};
use jaq_json::Val;

use super::json::{self, DEEPEST};
use crate::conversation::Conversation;
use crate::screen::Look;

/// A value that is computed from a record for the filters that name it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given {
    /// The name by which filters call it.
    pub(crate) name: &'static str,
    /// Computes it from the record as it came.
    pub(crate) value: fn(&Look<'_>) -> Val,
}

/// What every filter may name: the record's conversation, whatever its layout.
pub(crate) const GIVEN: &[Given] = &[
    Given { name: "turns", value: |record| read(record.conversation().map_or_else(|| "[]".to_owned(), turns)) },
    Given { name: "prompt", value: |record| read(record.conversation().map_or_else(no_text, Conversation::prompt)) },
    Given { name: "answer", value: |record| read(record.conversation().map_or_else(no_text, Conversation::answer)) },
];

fn turns(conversation: &Conversation<'_>) -> String {
    // Around the arguments of a call are the brackets of the turns, of one, of its calls, and of one.
    conversation.turns(DEEPEST - 4)
}

fn no_text() -> String {
    "\"\"".to_owned()
}

#[expect(clippy::needless_pass_by_value, reason = "what is read is made for it")]
fn read(json: String) -> Val {
    json::value(json.as_bytes()).expect("it is JSON, and no deeper than filters take")
}

/// The native function that the names are defined by.
pub(super) const NATIVE: &str = "_given";

/// Defines the names of a table in the jq language.
pub(super) fn definitions(table: &'static [Given]) -> impl Iterator<Item = Def<&'static str>> {
    table.iter().map(|given| {
        let name = Term::Str(None, vec![StrPart::Str(given.name)]);
        Def { name: given.name, args: Vec::new(), body: Term::Call(NATIVE, vec![name]) }
    })
}

/// The given values of one record, as far as they were asked for.
pub(super) struct GivenValues<'r> {
    table: &'static [Given],
    record: Look<'r>,
    /// A value for each row, made when the first is asked for.
    values: OnceCell<Vec<OnceCell<Val>>>,
}

impl<'r> GivenValues<'r> {
    pub(super) fn of(table: &'static [Given], record: Look<'r>) -> Self {
        Self { table, record, values: OnceCell::new() }
    }

    /// The record as it came.
    pub(super) fn record(&self) -> &Look<'r> {
        &self.record
    }

    /// The value with this name; null for a name that is not in the table.
    pub(super) fn get(&self, name: &[u8]) -> Val {
        let mut rows = self.table.iter().zip(self.values.get_or_init(|| vec![OnceCell::new(); self.table.len()]));
        let row = rows.find(|(given, _)| given.name.as_bytes() == name);
        row.map_or(Val::Null, |(given, value)| value.get_or_init(|| (given.value)(&self.record)).clone())
    }
}
