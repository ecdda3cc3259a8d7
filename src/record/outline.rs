//! Where things are in a record's line: what it takes to edit its provenance and to look up wanted members.

use std::ops::Deref;

use super::lookup::Wanted;
use crate::fault::{Code, Fault};
use crate::index::Ends;
use crate::json::{self, Json};
use crate::member::MemberPath;
use crate::place::Place;
use crate::provenance::{KnownMembers, Provenance, ProvenanceError};

/// What there is to know of a record's line. Its memory is used again for the next line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outline {
    /// The value of the provenance, where there is one. While a line is read, that of the top-level member that is or holds it.
    pub(super) provenance: Option<Place>,
    /// How many of the provenance's parents are there.
    pub(super) parents: usize,
    /// The members of the provenance, if it is an object of nothing but known ones with plain values and the walk has told so.
    pub(super) known: Option<KnownMembers>,
    /// The position of the brace before which provenance is added, the record's or that of the innermost parent that is there, in bytes
    /// from the start of the line.
    pub(super) close: u32,
    /// The object that ends with that brace has no members.
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
        self.parents = 0;
        self.known = None;
        self.close = 0;
        self.is_empty = false;
        self.depth = 0;
        self.noted.clear();
        self.noted.resize(wanted.len(), Place::NONE);
    }

    /// Goes on from the top-level member that holds the provenance to the provenance itself.
    ///
    /// # Errors
    ///
    /// A parent is not an object, or a member on the way appears more than once.
    pub(super) fn descend(&mut self, line: &str, path: &MemberPath) -> Result<(), Fault> {
        for name in path.within() {
            let Some(parent) = self.provenance.take() else {
                return Ok(());
            };
            self.parents += 1;
            let object = &line[parent.range()];
            if !object.starts_with('{') {
                let message = format!("`{}` is not an object: it cannot hold the provenance", path.parents(self.parents));
                return Err(Fault::new(Code::MemberNotObject, message));
            }
            self.close = parent.end - 1;
            self.is_empty = true;
            for (own_name, value) in json::members(object) {
                self.is_empty = false;
                if Json::borrowed(own_name).is_text(name) {
                    let start = value.as_ptr().addr() - line.as_ptr().addr();
                    let place = Place::new(start..start + value.len());
                    if self.provenance.replace(place).is_some() {
                        let message = format!("duplicate member: `{}` appears more than once", path.parents(self.parents + 1));
                        return Err(Fault::new(Code::DuplicateMember, message));
                    }
                }
            }
        }
        Ok(())
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
    Shared {
        outline: &'a Outline,
        /// Where the strings of the line end.
        ends: Ends<'a>,
    },
    Own(Box<Outline>),
}

impl<'a> Outlined<'a> {
    /// Where the strings of the line end, while the index of its block is there.
    pub(super) fn ends(&self) -> Option<Ends<'a>> {
        match self {
            Self::Shared { ends, .. } => Some(*ends),
            Self::Own(_) => None,
        }
    }
}

impl Deref for Outlined<'_> {
    type Target = Outline;

    #[inline]
    fn deref(&self) -> &Outline {
        match self {
            Self::Shared { outline, .. } => outline,
            Self::Own(outline) => outline,
        }
    }
}
