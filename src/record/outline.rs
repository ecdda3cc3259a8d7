//! Where things stand in a record's line: what an edit of its provenance and a look at wanted members need to know.

use super::lookup::Wanted;
use crate::place::Place;

/// What an edit needs to know of a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outline {
    /// The value of the top-level member `provenance`, where there is one.
    pub(super) provenance: Option<Place>,
    /// The position of the record's closing brace, in bytes from the start of the line.
    pub(super) close: u32,
    /// The record has no members.
    pub(super) is_empty: bool,
    /// How deep the record nests; 1 for an object of plain values.
    pub(super) depth: usize,
}

/// Where wanted members stand in a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Noted {
    /// The values, by the position of their names in [`Wanted`]; [`Place::NONE`] for those that are absent.
    places: Vec<Place>,
}

impl Noted {
    /// No place yet for any of the members.
    #[inline]
    pub(super) fn clear(&mut self, wanted: &Wanted) {
        self.places.clear();
        self.places.resize(wanted.len(), Place::NONE);
    }

    /// Notes the place of a member's value. Of members with the same name the last one counts.
    #[inline]
    pub(super) fn note(&mut self, position: usize, place: Place) {
        self.places[position] = place;
    }

    /// The places, by the position of the name in [`Wanted`].
    pub(super) fn places(&self) -> &[Place] {
        &self.places
    }
}
