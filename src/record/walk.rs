//! The fast way to a record's outline: one validating walk over its line, which skips strings with the index of the block.
//!
//! The walk is as strict as RFC 8259 and needs no stack for nesting. It either says "this is a record, and here is its
//! outline", or nothing; then the caller asks the `plain` way, which is the authority and knows the reason. So this
//! module has no messages, and may give up on rare things, such as a top-level name spelled with escapes.

mod nesting;
mod provenance;
mod values;

use super::lookup::Wanted;
use super::outline::Outline;
use crate::conversation::spelled::has_backslash;
use crate::index::Index;
use crate::place::Place;
use nesting::Nesting;

/// Walks over the line of the block that starts at `start`, outlines it, and gives its length without its line feed.
///
/// The block must be valid UTF-8, and `index` must be its own. Gives nothing where the line is not a JSON object, or is spelled in a
/// way that takes longer to tell. What `outline` holds then means nothing.
#[inline(always)]
pub(super) fn walk(index: &Index, block: &[u8], start: usize, wanted: &Wanted, outline: &mut Outline) -> Option<usize> {
    outline.clear(wanted);
    Walker { index, bytes: block, start, at: start, nesting: Nesting::default() }.record(wanted, outline)
}

/// A position in the block, moved over one JSON token after the other.
struct Walker<'t> {
    index: &'t Index,
    bytes: &'t [u8],
    /// Where the line starts, which places are counted from.
    start: usize,
    /// Everything of the line before this position has been read and found good.
    at: usize,
    /// The open brackets around `at`, without the record's own brace.
    nesting: Nesting,
}

impl<'t> Walker<'t> {
    #[inline(always)]
    fn record(mut self, wanted: &Wanted, outline: &mut Outline) -> Option<usize> {
        if self.token() != b'{' {
            return None;
        }
        self.at += 1;
        if self.token() == b'}' {
            outline.is_empty = true;
        } else {
            self.members(wanted, outline)?;
        }
        outline.close = self.offset(self.at)?;
        self.at += 1;
        if self.token() != b'\n' {
            return None;
        }
        outline.depth = self.nesting.deepest() + 1;
        Some(self.at - self.start)
    }

    /// Reads the record's members up to its closing brace.
    #[inline(always)]
    fn members(&mut self, wanted: &Wanted, outline: &mut Outline) -> Option<()> {
        loop {
            let name = self.name()?;
            let first = self.token();
            let from = self.at;
            if name == wanted.provenance().root().as_bytes() {
                if wanted.provenance().within().is_empty() {
                    self.provenance(first, &mut outline.known)?;
                } else {
                    self.value(first)?;
                }
                if outline.provenance.replace(self.place_from(from)?).is_some() {
                    return None;
                }
            } else {
                self.value(first)?;
            }
            if name.len() >= wanted.shortest() {
                // It may be the spelling of a name that matters.
                if has_backslash(name) {
                    return None;
                }
                if let Some(position) = wanted.position(name) {
                    outline.note(position, self.place_from(from)?);
                }
            }
            match self.token() {
                b',' => self.at += 1,
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// Reads a member's name and the colon behind it.
    #[inline(always)]
    fn name(&mut self) -> Option<&'t [u8]> {
        if self.token() != b'"' {
            return None;
        }
        let start = self.at + 1;
        self.string()?;
        let name = self.bytes.get(start..self.at - 1)?;
        if self.token() != b':' {
            return None;
        }
        self.at += 1;
        Some(name)
    }

    /// At an opening quote, moves behind the closing one.
    #[inline(always)]
    fn string(&mut self) -> Option<()> {
        let end = self.index.next_end(self.at + 1);
        self.at = end + 1;
        (self.bytes.get(end) == Some(&b'"')).then_some(())
    }

    /// Moves to the next byte that is not a blank, and gives it. Most often there is one blank or none.
    #[inline(always)]
    fn token(&mut self) -> u8 {
        let mut byte = self.byte();
        if byte == b' ' {
            self.at += 1;
            byte = self.byte();
        }
        if byte <= b' ' { self.behind_blanks() } else { byte }
    }

    #[inline(never)]
    fn behind_blanks(&mut self) -> u8 {
        while let b' ' | b'\t' | b'\r' = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    /// The byte at hand; a line feed at the end of the block.
    #[inline(always)]
    fn byte(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(b'\n')
    }

    /// The place in the line from a position up to where the walker stands; nothing where that is too far in for a place.
    #[inline(always)]
    fn place_from(&self, from: usize) -> Option<Place> {
        Some(Place { start: self.offset(from)?, end: self.offset(self.at)? })
    }

    #[inline(always)]
    fn offset(&self, position: usize) -> Option<u32> {
        u32::try_from(position - self.start).ok()
    }
}

#[cfg(test)]
mod tests;
