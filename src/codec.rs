//! Bytes to blocks of whole lines. Knows line feeds, and nothing of what is between them.

use std::io;

use bytes::BytesMut;
use tokio_util::codec::Decoder;

/// Cuts input into blocks of whole lines.
///
/// A block ends at the last line feed that has arrived: a slow stream comes out line by line, a fast one in big pieces. No
/// content is an error. A line longer than the limit comes in pieces, so that no more of it is held than the limit and one read.
///
/// ```
/// use bytes::BytesMut;
/// use provfilter::codec::{Block, BlockCodec};
/// use tokio_util::codec::Decoder;
///
/// let mut codec = BlockCodec::new(1 << 20);
/// let mut input = BytesMut::from(&b"one\ntwo\nthr"[..]);
/// assert_eq!(codec.decode(&mut input)?, Some(Block::Lines("one\ntwo\n".into())));
/// assert_eq!(codec.decode(&mut input)?, None);
/// assert_eq!(codec.decode_eof(&mut input)?, Some(Block::Lines("thr".into())));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct BlockCodec {
    /// The longest line, without its line feed, that is held.
    max_line_bytes: usize,
    /// So many bytes at the start of the input hold no line feed.
    searched: usize,
    /// The input goes on in the middle of a line that is too long.
    is_within_long_line: bool,
}

/// What the codec cuts off the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Whole lines with their line feeds, which only the last line of an input may lack.
    Lines(BytesMut),
    /// A piece of a line that is too long.
    LongLine {
        /// The bytes; of the last piece with the line feed if the line has one, and perhaps none where the input ends.
        bytes: BytesMut,
        /// Where in the line the piece stands.
        part: Part,
    },
}

/// Where in a line a piece of it stands. A line in pieces has a first and a last one, and any number between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The piece starts the line, and does not end it.
    First,
    /// The piece neither starts nor ends the line.
    Middle,
    /// The piece ends the line.
    Last,
}

impl BlockCodec {
    /// A codec that holds lines of at most this many bytes, not counting their line feeds.
    #[must_use]
    pub fn new(max_line_bytes: usize) -> Self {
        Self { max_line_bytes, searched: 0, is_within_long_line: false }
    }

    /// Ends an input that broke off, where [`Decoder::decode_eof`] ends one that is whole. Drops the unfinished line at its end, unless
    /// pieces of that line have been handed out already; then it gives the last piece.
    ///
    /// # Errors
    ///
    /// None.
    pub fn decode_broken_off(&mut self, input: &mut BytesMut) -> Result<Option<Block>, io::Error> {
        if !self.is_within_long_line {
            let lines = memchr::memrchr(b'\n', input).map_or(0, |last| last + 1);
            input.truncate(lines);
            self.searched = 0;
        }
        self.decode_eof(input)
    }

    /// Within a line that is too long: cuts off what there is of it.
    fn decode_long_line(&mut self, input: &mut BytesMut) -> Option<Block> {
        let (length, part) = match memchr::memchr(b'\n', input) {
            Some(at) => (at + 1, Part::Last),
            None => (input.len(), Part::Middle),
        };
        self.is_within_long_line = part != Part::Last;
        (length > 0).then(|| Block::LongLine { bytes: input.split_to(length), part })
    }
}

impl Decoder for BlockCodec {
    type Item = Block;
    type Error = io::Error;

    fn decode(&mut self, input: &mut BytesMut) -> Result<Option<Block>, io::Error> {
        if self.is_within_long_line {
            return Ok(self.decode_long_line(input));
        }
        if let Some(last) = memchr::memrchr(b'\n', &input[self.searched..]) {
            let lines = input.split_to(self.searched + last + 1);
            self.searched = 0;
            return Ok(Some(Block::Lines(lines)));
        }
        if input.len() > self.max_line_bytes {
            self.searched = 0;
            self.is_within_long_line = true;
            return Ok(Some(Block::LongLine { bytes: input.split(), part: Part::First }));
        }
        self.searched = input.len();
        Ok(None)
    }

    fn decode_eof(&mut self, input: &mut BytesMut) -> Result<Option<Block>, io::Error> {
        let block = self.decode(input)?;
        if block.is_some() {
            return Ok(block);
        }
        let was_within_long_line = self.is_within_long_line;
        *self = Self::new(self.max_line_bytes);
        if was_within_long_line {
            return Ok(Some(Block::LongLine { bytes: input.split(), part: Part::Last }));
        }
        Ok((!input.is_empty()).then(|| Block::Lines(input.split())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds the pieces one after the other, and takes out what there is after each.
    fn blocks(max_line_bytes: usize, pieces: &[&[u8]]) -> Vec<Block> {
        let mut codec = BlockCodec::new(max_line_bytes);
        let mut input = BytesMut::new();
        let mut blocks = Vec::new();
        for piece in pieces {
            input.extend_from_slice(piece);
            while let Some(block) = codec.decode(&mut input).expect("no content is an error") {
                blocks.push(block);
            }
        }
        while let Some(block) = codec.decode_eof(&mut input).expect("no content is an error") {
            blocks.push(block);
        }
        blocks
    }

    fn lines(bytes: &[u8]) -> Block {
        Block::Lines(bytes.into())
    }

    fn long(part: Part, bytes: &[u8]) -> Block {
        Block::LongLine { bytes: bytes.into(), part }
    }

    #[test]
    fn cuts_at_the_last_line_feed_that_has_arrived() {
        assert_eq!(blocks(99, &[b"a\nb\nc", b"d\n"]), [lines(b"a\nb\n"), lines(b"cd\n")]);
    }

    #[test]
    fn passes_each_line_on_when_it_is_complete() {
        assert_eq!(blocks(99, &[b"a", b"\n", b"b\n"]), [lines(b"a\n"), lines(b"b\n")]);
    }

    #[test]
    fn keeps_the_last_line_without_a_line_feed() {
        assert_eq!(blocks(99, &[b"a\nb"]), [lines(b"a\n"), lines(b"b")]);
    }

    #[test]
    fn an_empty_input_has_no_blocks() {
        assert_eq!(blocks(99, &[b""]), []);
    }

    #[test]
    fn a_line_over_the_limit_comes_in_pieces() {
        let expected = [lines(b"a\n"), long(Part::First, b"bbbbb"), long(Part::Last, b"bb\n"), lines(b"c\n")];
        assert_eq!(blocks(4, &[b"a\nbbbbb", b"bb\nc\n"]), expected);
    }

    #[test]
    fn a_line_over_the_limit_may_end_with_the_input() {
        let (first, last) = (long(Part::First, b"bbbbb"), long(Part::Last, b""));
        assert_eq!(blocks(4, &[b"bbbbb", b"bb"]), [first.clone(), long(Part::Middle, b"bb"), last.clone()]);
        assert_eq!(blocks(4, &[b"bbbbb"]), [first, last]);
    }

    #[test]
    fn the_line_that_an_input_breaks_off_in_is_dropped() {
        let broken_off = |max_line_bytes, piece: &[u8], last: &[u8]| {
            let (mut codec, mut input) = (BlockCodec::new(max_line_bytes), BytesMut::from(piece));
            let mut blocks: Vec<Block> = codec.decode(&mut input).expect("no content is an error").into_iter().collect();
            input.extend_from_slice(last);
            while let Some(block) = codec.decode_broken_off(&mut input).expect("no content is an error") {
                blocks.push(block);
            }
            assert!(input.is_empty());
            assert_eq!((codec.searched, codec.is_within_long_line), (0, false));
            blocks
        };
        assert_eq!(broken_off(99, b"a\nb", b""), [lines(b"a\n")]);
        assert_eq!(broken_off(99, b"a", b"\nb"), [lines(b"a\n")]);
        assert_eq!(broken_off(99, b"a", b"b"), []);
        assert_eq!(broken_off(4, b"a", b"bbbbb"), []);
        let pieces = [long(Part::First, b"bbbbb"), long(Part::Middle, b"b"), long(Part::Last, b"")];
        assert_eq!(broken_off(4, b"bbbbb", b"b"), pieces);
        assert_eq!(broken_off(4, b"bbbbb", b"b\nc"), [long(Part::First, b"bbbbb"), long(Part::Last, b"b\n")]);
    }

    #[test]
    fn a_line_at_the_limit_is_whole() {
        assert_eq!(blocks(4, &[b"bbbb", b"\n"]), [lines(b"bbbb\n")]);
    }

    #[test]
    fn gives_the_same_bytes_wherever_the_input_is_cut() {
        let input = b"one\n\n\ntwo two two two\nthree";
        for first in 0..=input.len() {
            for second in first..=input.len() {
                let pieces = [&input[..first], &input[first..second], &input[second..]];
                let joined: Vec<u8> = blocks(8, &pieces)
                    .into_iter()
                    .flat_map(|block| match block {
                        Block::Lines(bytes) | Block::LongLine { bytes, .. } => bytes,
                    })
                    .collect();
                assert_eq!(joined, input, "cut at {first} and {second}");
            }
        }
    }

    #[test]
    fn can_be_used_for_one_input_after_the_other() {
        let mut codec = BlockCodec::new(4);
        for _ in 0..2 {
            let mut input = BytesMut::from(&b"bbbbbb"[..]);
            assert_eq!(codec.decode_eof(&mut input).ok().flatten(), Some(long(Part::First, b"bbbbbb")));
            assert_eq!(codec.decode_eof(&mut input).ok().flatten(), Some(long(Part::Last, b"")));
            assert_eq!(codec.decode_eof(&mut input).ok().flatten(), None);
        }
    }
}
