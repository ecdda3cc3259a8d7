//! `tool-calls`: tool calls and results that do not parse or do not match.

use std::borrow::Cow;
use std::collections::HashSet;

use super::secret::shown;
use super::{Look, Rule};
use crate::conversation::call::{Call, Form, is_array};
use crate::conversation::cursor::{Cursor, Value};
use crate::conversation::exchange::{Exchange, Made};
use crate::conversation::spelled::Spelled;
use crate::conversation::top::member;

pub(super) const RULE: Rule = Rule {
    name: "tool-calls",
    excludes: "whose tool calls and results cannot be parsed or do not match",
    source: "marin; agent-data-protocol schema/trajectory.py; hermes-agent batch_runner.py",
    find,
};

fn find(record: &Look<'_>) -> Option<String> {
    record.conversation()?;
    let exchange = record.exchange();
    let wrong = wrong_call(exchange, record);
    let left_open = exchange.calls.iter().find_map(|made| made.left_open_by.map(|by| (by, made)));
    // Results of a turn are taken before its calls, so that at one turn a stray one comes first and a wrong call last.
    let stray = exchange.stray.map(|turn| (turn, format!("turn {}: a result without an open call", turn + 1)));
    let left_open = left_open.map(|(by, made)| (by, format!("turn {}: {} has no result", made.turn + 1, described(&made.call))));
    let wrong = wrong.map(|(made, what)| (made.turn, format!("turn {}: {} {what}", made.turn + 1, described(&made.call))));
    [stray, left_open, wrong].into_iter().flatten().min_by_key(|(turn, _)| *turn).map(|(_, found)| found)
}

/// The first call that something is wrong with, whatever its result is.
fn wrong_call<'e, 't>(exchange: &'e Exchange<'t>, record: &Look<'t>) -> Option<(&'e Made<'t>, &'static str)> {
    if exchange.calls.is_empty() {
        return None;
    }
    let listed = record.top().tools.map(names).unwrap_or_default();
    let mut ids = HashSet::new();
    exchange.calls.iter().find_map(|made| {
        let Call { id, name, arguments, form } = &made.call;
        let what = match (form, name) {
            (Form::Broken, _) => "is not JSON",
            (_, None) => "has no name",
            _ if arguments.is_none() => "has arguments that are not a JSON object",
            _ if id.as_ref().is_some_and(|id| !ids.insert(id)) => "reuses the id of an earlier call",
            (_, Some(name)) if !listed.is_empty() && !listed.contains(&**name) => "names a tool that the record does not list",
            _ => return None,
        };
        Some((made, what))
    })
}

/// A call, by its id or else by its name.
fn described(call: &Call<'_>) -> String {
    match (&call.id, &call.name) {
        (Some(id), _) => format!("call `{}`", shown(id)),
        (None, Some(name)) => format!("a call of `{}`", shown(name)),
        (None, None) => "a call".to_owned(),
    }
}

/// The names of the tools that a record lists, in an array or in a string that holds one.
fn names(tools: Value<'_>) -> HashSet<Cow<'_, [u8]>> {
    match tools {
        Value::Array(array) => names_in(array),
        Value::String(text) => {
            let text = text.decode();
            let names = if is_array(&text) { names_in(&text) } else { HashSet::new() };
            names.into_iter().map(|name| Cow::Owned(name.into_owned())).collect()
        }
        Value::Object(_) | Value::Other(_) => HashSet::new(),
    }
}

fn names_in(array: &[u8]) -> HashSet<Cow<'_, [u8]>> {
    let (mut cursor, mut names) = (Cursor::inside(array), HashSet::new());
    while cursor.next_element() {
        if let Value::Object(tool) = cursor.value() {
            let described = member(tool, "function").and_then(Value::object).unwrap_or(tool);
            let name = member(described, "name").and_then(Value::string).map(Spelled::decode);
            names.extend(name.filter(|name| !name.is_empty()));
        }
    }
    names
}

#[cfg(test)]
mod tests;
