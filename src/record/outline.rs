//! Where things stand in a record's line: what an edit of its provenance and a look at wanted members need to know.

use std::ops::Deref;

use super::lookup::Wanted;
use crate::place::Place;
use crate::provenance::{KnownMembers, Provenance, ProvenanceError};

/// What there is to know of a record's line. Its memory is used again for the next line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outline {
    /// The value of the top-level member `provenance`, where there is one.
    pub(super) provenance: Option<Place>,
    /// The members of the provenance, if it is an object of nothing but known ones with plain values and the walk has told so.
    pub(super) known: Option<KnownMembers>,
    /// The position of the record's closing brace, in bytes from the start of the line.
    pub(super) close: u32,
    /// The record has no members.
    pub(super) is_empty: bool,
    /// How deep the record nests; 1 for an object of plain values.
    pub(super) depth: usize,
    /// The values of wanted members, by the position of their names in [`Wanted`]; [`Place::NONE`] for those that are absent.
    noted: Vec<Place>,
}

impl Outline {
    /// Forgets the last line.
    #[inline]
    pub(super) fn clear(&mut self, wanted: &Wanted) {
        self.provenance = None;
        self.known = None;
        self.close = 0;
        self.is_empty = false;
        self.depth = 0;
        self.noted.clear();
        self.noted.resize(wanted.len(), Place::NONE);
    }

    /// Reads the provenance on the line.
    pub(super) fn provenance_of<'l>(&self, line: &'l str) -> Result<Provenance<'l>, ProvenanceError> {
        match self.provenance {
            Some(place) => Provenance::parse(&line[place.range()]),
            None => Ok(Provenance::absent()),
        }
    }

    /// Notes the place of a wanted member's value. Of members with the same name the last one counts.
    #[inline]
    pub(super) fn note(&mut self, position: usize, place: Place) {
        self.noted[position] = place;
    }

    /// The place of a wanted member's value, if the member is there.
    pub(super) fn noted(&self, position: usize) -> Option<Place> {
        self.noted.get(position).copied().filter(|place| *place != Place::NONE)
    }
}

/// The outline of a record: the reader's, which will use it again, or the record's own.
#[derive(Debug)]
pub(super) enum Outlined<'a> {
    Shared(&'a Outline),
    Own(Box<Outline>),
}

impl Deref for Outlined<'_> {
    type Target = Outline;

    #[inline]
    fn deref(&self) -> &Outline {
        match self {
            Self::Shared(outline) => outline,
            Self::Own(outline) => outline,
        }
    }
}
