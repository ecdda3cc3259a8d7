//! Looking up a value in a record's text: which top-level members are noted while the record is outlined, and the way on from there.

use super::cursor::Cursor;
use super::json::Json;
use crate::pointer::Token;

/// The names of top-level members that will be looked up. Where they stand is noted in the pass that outlines a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    names: Vec<Box<str>>,
    /// The length of the shortest name that matters: one of these, or `provenance`. However a name is spelled, that is not shorter.
    shortest: usize,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { names: Vec::new(), shortest: "provenance".len() }
    }
}

impl Wanted {
    /// No member.
    pub(super) const NONE: &'static Self = &Self { names: Vec::new(), shortest: "provenance".len() };

    /// Adds a name.
    pub fn add(&mut self, name: &str) {
        if self.position(name.as_bytes()).is_none() {
            self.names.push(name.into());
            self.shortest = self.shortest.min(name.len());
        }
    }

    /// Adds the names of others.
    pub(crate) fn add_all(&mut self, others: &Self) {
        others.names.iter().for_each(|name| self.add(name));
    }

    /// How many names there are.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// The length in bytes below which no spelling of a name is that of a wanted one, or of `provenance`.
    #[inline]
    pub(super) fn shortest(&self) -> usize {
        self.shortest
    }

    #[inline]
    pub(super) fn position(&self, name: &[u8]) -> Option<usize> {
        self.names.iter().position(|wanted| wanted.as_bytes() == name)
    }
}

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
    let mut cursor = Cursor::behind_bracket(object);
    std::iter::from_fn(move || {
        let name = cursor.take_element()?;
        Some((name, cursor.take_element()?))
    })
}

fn element(array: &str, position: usize) -> Option<&str> {
    let mut cursor = Cursor::behind_bracket(array);
    std::iter::from_fn(|| cursor.take_element()).nth(position)
}
