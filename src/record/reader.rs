//! Reads the records of a block of lines: by the fast way where that tells, else by the plain one. Its memory is used again.

use std::borrow::Cow;

use super::index::{Index, Vectors};
use super::lookup::Wanted;
use super::outline::{Noted, Outline};
use super::walk::{Walked, walk};
use super::{Provenance, Record, explain, plain};
use crate::fault::Fault;
use crate::place::Place;

/// The longest block, in bytes, for whose index memory is kept.
const LARGEST_KEPT: usize = 4 << 20;

/// What records are read with.
#[derive(Debug)]
pub(crate) struct Reader {
    index: Index,
    noted: Noted,
}

impl Reader {
    pub(crate) fn new(vectors: Vectors) -> Self {
        Self { index: Index::new(vectors), noted: Noted::default() }
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

    /// Reads a line by itself.
    ///
    /// # Errors
    ///
    /// As for [`Record::parse`].
    pub(super) fn line<'l>(&mut self, line: &'l [u8], wanted: &Wanted) -> Result<Read<'l>, Fault> {
        let text = simdutf8::compat::from_utf8(line).map_err(|why| explain::not_utf8(line, why.valid_up_to()))?;
        self.index.read(line);
        match walk(&self.index, line, 0, wanted, &mut self.noted) {
            Some(walked) if walked.length == line.len() => Read::walked(text, walked),
            _ => self.plainly(text, wanted),
        }
    }

    /// Reads a line that the walk does not take.
    fn plainly<'l>(&mut self, line: &'l str, wanted: &Wanted) -> Result<Read<'l>, Fault> {
        let outline = plain::outline(line, wanted, &mut self.noted)?;
        let provenance = provenance(line, &outline)?;
        Ok(Read { line, outline, provenance })
    }

    /// Where the wanted members of the line stand that was read last.
    pub(super) fn noted(&self) -> &[Place] {
        self.noted.places()
    }
}

/// What there is to a record but for its wanted members.
pub(super) struct Read<'l> {
    line: &'l str,
    outline: Outline,
    provenance: Provenance<'l>,
}

impl<'l> Read<'l> {
    #[inline]
    fn walked(line: &'l str, walked: Walked) -> Result<Self, Fault> {
        let provenance = match walked.known {
            Some(known) => Provenance::known(line, known),
            None => provenance(line, &walked.outline)?,
        };
        Ok(Self { line, outline: walked.outline, provenance })
    }

    #[inline]
    pub(super) fn record(self, wanted: &'l Wanted, noted: Cow<'l, [Place]>) -> Record<'l> {
        let Self { line, outline, provenance } = self;
        Record { line, number: None, outline, wanted, noted, provenance }
    }
}

fn provenance<'l>(line: &'l str, outline: &Outline) -> Result<Provenance<'l>, Fault> {
    match outline.provenance {
        Some(place) => Ok(Provenance::parse(&line[place.range()])?),
        None => Ok(Provenance::absent()),
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
        let walked = walk(&self.reader.index, self.block, start, self.wanted, &mut self.reader.noted)?;
        let line = text.get(start..start + walked.length)?;
        let read = Read::walked(line, walked).ok()?;
        Some(read.record(self.wanted, Cow::Borrowed(self.reader.noted())))
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
        let read = match self.text {
            Some(text) => self.reader.plainly(&text[start..start + length], self.wanted)?,
            None => self.reader.line(&self.block[start..start + length], self.wanted)?,
        };
        Ok(read.record(self.wanted, Cow::Borrowed(self.reader.noted())))
    }
}
