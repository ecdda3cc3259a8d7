//! Reads the records of a block of lines: the fast way if that is conclusive, otherwise the plain way. Reuses its memory.

use super::lookup::Wanted;
use super::outline::{Outline, Outlined};
use super::walk::walk;
use super::{Provenance, Record, explain, plain};
use crate::fault::Fault;
use crate::index::{Ends, Index, Vectors};

/// The longest block, in bytes, for whose index memory is kept.
const LARGEST_KEPT: usize = 4 << 20;

/// What records are read with.
#[derive(Debug)]
pub(crate) struct Reader {
    index: Index,
    outline: Outline,
}

impl Reader {
    pub(crate) fn new(vectors: Vectors) -> Self {
        Self { index: Index::new(vectors), outline: Outline::default() }
    }

    /// Gives back the memory that a block with a line of extraordinary length has taken.
    pub(crate) fn shrink(&mut self) {
        self.index.shrink_to(LARGEST_KEPT);
    }

    /// Makes ready to read the lines of a block.
    pub(crate) fn begin<'r>(&'r mut self, block: &'r [u8], wanted: &'r Wanted) -> Lines<'r> {
        // One pass over the block is faster than one over each line, and nearly all blocks pass.
        let text = simdutf8::basic::from_utf8(block).ok();
        if text.is_some() {
            self.index.read(block);
        }
        Lines { reader: self, block, text, wanted }
    }

    /// Reads a line by itself, and gives its text.
    ///
    /// # Errors
    ///
    /// As for [`Record::parse`], but for its provenance.
    pub(super) fn outline<'l>(&mut self, line: &'l [u8], wanted: &Wanted) -> Result<&'l str, Fault> {
        let text = simdutf8::compat::from_utf8(line).map_err(|why| explain::not_utf8(line, why.valid_up_to()))?;
        self.index.read(line);
        match walk(&self.index, line, 0, wanted, &mut self.outline) {
            Some(length) if length == line.len() => {}
            _ => plain::outline(text, wanted, &mut self.outline)?,
        }
        Ok(text)
    }

    /// The outline of the line that was read last.
    pub(super) fn into_outline(self) -> Outline {
        self.outline
    }

    /// The record of the line that was outlined last, and starts at this position of what was indexed last.
    #[inline]
    fn record<'r>(&'r mut self, line: &'r str, start: usize, wanted: &'r Wanted) -> Result<Record<'r>, Fault> {
        if !wanted.provenance().within().is_empty() {
            self.outline.descend(line, wanted.provenance())?;
        }
        let outline = &self.outline;
        let provenance = match &outline.known {
            Some(known) => Provenance::known(line, known),
            None => outline.provenance_of(line)?,
        };
        let outline = Outlined::Shared { outline, ends: Ends::new(&self.index, start) };
        Ok(Record { line, number: None, outline, wanted, provenance })
    }
}

/// The lines of a block.
pub(crate) struct Lines<'r> {
    reader: &'r mut Reader,
    block: &'r [u8],
    /// The block, if all of it is UTF-8. Then it is indexed.
    text: Option<&'r str>,
    wanted: &'r Wanted,
}

impl<'r> Lines<'r> {
    /// Reads the line that starts at `start` as a record, and finds its end on the way.
    ///
    /// Nothing where that is not quickly done: find where the line ends, and [`Lines::record`] takes it all the same or says why not.
    #[inline]
    pub(crate) fn record_at(&mut self, start: usize) -> Option<Record<'_>> {
        let text = self.text?;
        let length = walk(&self.reader.index, self.block, start, self.wanted, &mut self.reader.outline)?;
        self.reader.record(text.get(start..start + length)?, start, self.wanted).ok()
    }

    /// The line that starts at `start`, without its line feed.
    pub(crate) fn line_at(&self, start: usize) -> &'r [u8] {
        let rest = &self.block[start..];
        &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())]
    }

    /// Reads the line of `length` bytes that starts at `start`, and that [`Lines::record_at`] has not read.
    ///
    /// # Errors
    ///
    /// As for [`Record::parse`].
    pub(crate) fn record(&mut self, start: usize, length: usize) -> Result<Record<'_>, Fault> {
        let (line, start) = match self.text {
            Some(text) => {
                let line = &text[start..start + length];
                plain::outline(line, self.wanted, &mut self.reader.outline)?;
                (line, start)
            }
            None => (self.reader.outline(&self.block[start..start + length], self.wanted)?, 0),
        };
        self.reader.record(line, start, self.wanted)
    }
}
