//! Looking up a value in a record's text: which top-level members are noted while the record is outlined, and the way on from there.

use std::ops::Range;

use smallvec::SmallVec;

use super::json::Json;
use super::scan::Scanner;
use crate::pointer::Token;

/// The names of top-level members that will be looked up. Where they stand is noted in the pass that outlines a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted(Vec<Box<str>>);

impl Wanted {
    /// No member.
    pub(super) const NONE: &'static Self = &Self(Vec::new());

    /// Adds a name.
    pub fn add(&mut self, name: &str) {
        if self.position(name.as_bytes()).is_none() {
            self.0.push(name.into());
        }
    }

    /// Adds the names of others.
    pub(crate) fn add_all(&mut self, others: &Self) {
        others.0.iter().for_each(|name| self.add(name));
    }

    pub(super) fn position(&self, name: &[u8]) -> Option<usize> {
        self.0.iter().position(|wanted| wanted.as_bytes() == name)
    }
}

/// Where wanted members were found: the position of the name in [`Wanted`], and the place of the value in the line.
pub(super) type Noted = SmallVec<[(usize, Range<usize>); 6]>;

/// Follows a path from a value, which is valid JSON. Of members with the same name the last one counts, as in jq and Python.
pub(super) fn follow<'t>(value: &'t str, path: &[Token]) -> Option<&'t str> {
    path.iter().try_fold(value, |value, token| match (value.as_bytes().first()?, token.position) {
        (b'{', _) => member(value, &token.name),
        (b'[', Some(position)) => element(value, position),
        _ => None,
    })
}

fn member<'t>(object: &'t str, name: &str) -> Option<&'t str> {
    members(object).filter(|(own_name, _)| Json::borrowed(own_name).is_text(name)).last().map(|(_, value)| value)
}

/// The members of an object, which is valid JSON: each name as a JSON string, and its value.
pub(super) fn members(object: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut scanner = Scanner::behind_bracket(object);
    std::iter::from_fn(move || {
        if scanner.peek()? == b'}' {
            return None;
        }
        let name = scanner.take_string()?;
        scanner.colon()?;
        let value = scanner.take_value()?;
        scanner.next_element();
        Some((&object[name], &object[value]))
    })
}

fn element(array: &str, position: usize) -> Option<&str> {
    let mut scanner = Scanner::behind_bracket(array);
    for _ in 0..position {
        scanner.take_value()?;
        scanner.next_element();
    }
    scanner.take_value().map(|value| &array[value])
}
