//! The walker over the provenance of most records: a few plain values under names that this program knows.

use super::Walker;
use super::nesting::Bracket;
use crate::place::Place;
use crate::provenance::{Field, KnownMembers};

impl Walker<'_> {
    /// Reads the value of `provenance`, and gives in `known` where the values of its members stand if they are all known ones, each
    /// there once, with a plain value.
    #[inline(never)]
    pub(super) fn provenance(&mut self, first: u8, known: &mut Option<KnownMembers>) -> Option<()> {
        let start = self.at;
        if first == b'{' {
            *known = self.known_members();
        }
        if known.is_some() {
            self.nesting.push(Bracket::Brace);
            self.nesting.pop();
            return Some(());
        }
        self.at = start;
        self.value(first)
    }

    fn known_members(&mut self) -> Option<KnownMembers> {
        let mut known = [Place::NONE; Field::ALL.len()];
        self.at += 1;
        loop {
            let field = known_field(self.name()?)?;
            let first = self.token();
            let from = self.at;
            match first {
                b'"' => self.string()?,
                _ => self.scalar(first)?,
            }
            let place = self.place_from(from)?;
            if std::mem::replace(&mut known[field.index()], place) != Place::NONE {
                return None;
            }
            let behind = self.token();
            self.at += 1;
            match behind {
                b',' => {}
                b'}' => return Some(known),
                _ => return None,
            }
        }
    }
}

/// The field of a name as it is usually spelled.
fn known_field(name: &[u8]) -> Option<Field> {
    Some(match name {
        b"source" => Field::Source,
        b"model" => Field::Model,
        b"source_session_id" => Field::SourceSessionId,
        b"timestamp" => Field::Timestamp,
        b"approved" => Field::Approved,
        b"excluded" => Field::Excluded,
        b"exclusion_reason" => Field::ExclusionReason,
        _ => return None,
    })
}
