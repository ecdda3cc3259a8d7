//! What a block becomes: bytes of its own and, between them, parts of the block that are too long to copy.

use std::ops::Range;

/// Parts of a block that are as long as this are written from where they stand. Shorter ones are cheaper to copy than to write by themselves.
const LONG: usize = 256 << 10;

/// A buffer that a block with a line of extraordinary length has left larger than this is not kept.
pub(super) const LARGEST_KEPT: usize = 4 << 20;

/// The bytes that a block is turned into, by where they go.
#[derive(Default)]
pub(super) struct Written {
    pub(super) records: Bytes,
    pub(super) excluded: Bytes,
    pub(super) rejects: Bytes,
    /// The provenance of each record, if somebody wants it.
    pub(super) sidecar: Option<Bytes>,
}

impl Written {
    /// Makes ready for another block.
    pub(super) fn clear(&mut self) {
        let Self { records, excluded, rejects, sidecar } = self;
        [records, excluded, rejects].into_iter().chain(sidecar).for_each(Bytes::clear);
    }
}

/// Bytes for one output.
#[derive(Debug, Default)]
pub(super) struct Bytes {
    own: Vec<u8>,
    /// Long parts of the block, each with the number of own bytes before it.
    borrowed: Vec<(usize, Range<usize>)>,
    /// How long the borrowed parts are, all together.
    borrowed_length: usize,
}

impl Bytes {
    /// Appends a part of the block, which stands behind its first `start` bytes.
    #[inline]
    pub(super) fn push_part(&mut self, start: usize, part: &[u8]) {
        if part.len() < LONG {
            self.own.extend_from_slice(part);
        } else {
            self.borrowed_length += part.len();
            self.borrowed.push((self.own.len(), start..start + part.len()));
        }
    }

    /// Where bytes are appended that are not part of the block.
    #[inline]
    pub(super) fn own_mut(&mut self) -> &mut Vec<u8> {
        &mut self.own
    }

    pub(super) fn push_line_feed(&mut self) {
        self.own.push(b'\n');
    }

    pub(super) fn len(&self) -> usize {
        self.own.len() + self.borrowed_length
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes, in pieces; `block` is the one whose parts were taken.
    pub(super) fn pieces<'b>(&'b self, block: &'b [u8]) -> impl Iterator<Item = &'b [u8]> {
        let starts = std::iter::once(0).chain(self.borrowed.iter().map(|(before, _)| *before));
        let ends = self.borrowed.iter().map(|(before, _)| *before).chain([self.own.len()]);
        let own = starts.zip(ends).map(|(start, end)| &self.own[start..end]);
        let parts = self.borrowed.iter().map(|(_, part)| &block[part.clone()]).chain([&[][..]]);
        own.zip(parts).flat_map(|(own, part)| [own, part]).filter(|piece| !piece.is_empty())
    }

    fn clear(&mut self) {
        self.own.clear();
        self.own.shrink_to(LARGEST_KEPT);
        self.borrowed.clear();
        self.borrowed_length = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_parts_stay_where_they_are() {
        let block = [vec![b'a'; LONG], b"bb".to_vec(), vec![b'c'; LONG + 1]].concat();
        let mut bytes = Bytes::default();
        bytes.push_part(0, &block[..LONG]);
        bytes.own_mut().extend_from_slice(b"x");
        bytes.push_part(LONG, &block[LONG..LONG + 2]);
        bytes.push_part(LONG + 2, &block[LONG + 2..]);
        bytes.push_line_feed();
        let pieces: Vec<_> = bytes.pieces(&block).map(|piece| (piece[0], piece.len())).collect();
        assert_eq!(pieces, [(b'a', LONG), (b'x', 3), (b'c', LONG + 1), (b'\n', 1)]);
        assert_eq!(bytes.len(), block.len() + 2);
        bytes.clear();
        assert!(bytes.is_empty() && bytes.pieces(&block).next().is_none());
    }
}
