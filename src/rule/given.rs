//! Values that every filter may name beside its record, such as the turns of its conversation.
//!
//! A new one takes a row in a table: filters call it by its name, like a function without arguments. Its value is computed from the line
//! of the record when a filter first asks for it, and at most once for each record, whatever the number of rules.

use std::cell::OnceCell;

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{Def, Term};
use jaq_json::Val;

/// A value that is computed from a record for the filters that name it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given {
    /// The name by which filters call it.
    pub(crate) name: &'static str,
    /// Computes it from the record's line, which is a JSON object.
    pub(crate) value: fn(&[u8]) -> Val,
}

/// What every filter may name. What filters see of a record's conversation belongs here.
pub(crate) const GIVEN: &[Given] = &[];

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
    line: &'r [u8],
    /// A value for each row, made when the first is asked for.
    values: OnceCell<Vec<OnceCell<Val>>>,
}

impl<'r> GivenValues<'r> {
    pub(super) fn of(table: &'static [Given], line: &'r [u8]) -> Self {
        Self { table, line, values: OnceCell::new() }
    }

    /// The value with this name; null for a name that is not in the table.
    pub(super) fn get(&self, name: &[u8]) -> Val {
        let mut rows = self.table.iter().zip(self.values.get_or_init(|| vec![OnceCell::new(); self.table.len()]));
        let row = rows.find(|(given, _)| given.name.as_bytes() == name);
        row.map_or(Val::Null, |(given, value)| value.get_or_init(|| (given.value)(self.line)).clone())
    }
}
