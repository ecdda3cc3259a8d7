//! Values that every filter may name beside its record, such as the turns of its conversation.
//!
//! A new one takes a row in a table: filters call it by its name, like a function without arguments. Its value is computed from the record
//! as it came when a filter first asks for it, and at most once for each record, whatever the number of rules.

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
    Given {
        name: "turns",
        value: |record| of_conversation(record, "[]", |conversation| conversation.turns(DEEPEST - AROUND_ARGUMENTS)),
    },
    Given { name: "prompt", value: |record| of_conversation(record, "\"\"", |conversation| conversation.prompt()) },
    Given { name: "answer", value: |record| of_conversation(record, "\"\"", |conversation| conversation.answer()) },
];

/// How many brackets there are around the arguments of a call: those of the turns, of one, of its calls, and of one.
const AROUND_ARGUMENTS: usize = 4;

/// What a conversation says as JSON, or what stands for it where the record has none.
fn of_conversation(record: &Look<'_>, none: &str, ask: impl Fn(&Conversation<'_>) -> String) -> Val {
    let text = record.conversation().map_or_else(|| none.to_owned(), ask);
    json::value(text.as_bytes()).expect("it is JSON, and no deeper than filters take")
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
