//! An index of a block of lines, made once before its lines are read: a bit for each byte where a string ends or cannot go on.
//!
//! The bit is set at a quote that is not escaped, at a control character, and within an escape that JSON (RFC 8259) does not have.
//! None of that depends on what is inside a string and what is not, so it is found without branches, 64 bytes at a time, in vectors
//! as wide as the machine has. Whoever stands at the start of a string finds its end at the next bit, if a quote is there; if
//! anything else is there, the string is not JSON. Bits outside of strings mean nothing.

#[expect(clippy::inline_always, reason = "vector code has the machine's instructions only where it is inlined into a dispatch")]
mod ends;
#[expect(clippy::inline_always, reason = "as for `ends`")]
mod numbers;

use fearless_simd::{Level, dispatch};

/// How wide the vectors may be that lines are read with. All give the same answers; narrower ones are for tests and measurements.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Vectors {
    /// As wide as the machine has.
    #[default]
    Widest,
    /// At most 256 bits: without AVX-512.
    AtMost256Bits,
    /// At most 128 bits: what every machine of its kind has.
    AtMost128Bits,
}

impl Vectors {
    /// From the widest down to the narrowest.
    pub const ALL: [Self; 3] = [Self::Widest, Self::AtMost256Bits, Self::AtMost128Bits];

    fn level(self) -> Level {
        match self {
            Self::Widest => Level::new(),
            Self::AtMost256Bits => at_most_256_bits(),
            Self::AtMost128Bits => Level::baseline(),
        }
    }
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn at_most_256_bits() -> Level {
    let widest = Level::new();
    widest.as_avx2().map_or(widest, fearless_simd::Simd::level)
}

#[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
fn at_most_256_bits() -> Level {
    Level::new()
}

/// The index of a block. Its memory is used again for the next one.
#[derive(Debug)]
pub(crate) struct Index {
    level: Level,
    /// A bit for each byte, 64 a word, the first byte's lowest; before them a word that stands for nothing. Behind the last byte
    /// there is always a bit, so that every search ends, and a word more, because searches take two at once.
    words: Vec<u64>,
}

impl Index {
    /// An index of nothing yet.
    pub(crate) fn new(vectors: Vectors) -> Self {
        Self::at_level(vectors.level())
    }

    pub(crate) fn at_level(level: Level) -> Self {
        Self { level, words: Vec::new() }
    }

    /// Indexes a block, which must be the one that the index is asked about until the next call.
    pub(crate) fn read(&mut self, bytes: &[u8]) {
        let count = bytes.len() / 64 + 2;
        // What an earlier block has left is written over, or stands behind a bit that ends every search.
        if self.words.len() <= count {
            self.words.resize(count + 1, 0);
        }
        let (level, words) = (self.level, &mut self.words[..count]);
        dispatch!(level, simd => ends::mark(simd, bytes, words));
    }

    /// Gives back memory, if there is more than blocks of so many bytes need.
    pub(crate) fn shrink_to(&mut self, bytes: usize) {
        let count = bytes / 64 + 3;
        self.words.truncate(count);
        self.words.shrink_to(count);
    }

    /// The first place from `at` on where a string ends or cannot go on. `at` must be no greater than the length of the block, and so
    /// is the place.
    #[inline(always)]
    pub(crate) fn next_end(&self, at: usize) -> usize {
        let mut place = at / 64 + 1;
        // Two words at once, because which of the two a short string ends in is not to be guessed.
        let mut words = self.two_words(place) & (u128::from(u64::MAX) << 64 | u128::from(u64::MAX << (at % 64)));
        while words == 0 {
            place += 2;
            words = self.two_words(place);
        }
        (place - 1) * 64 + words.trailing_zeros() as usize
    }

    #[inline(always)]
    fn two_words(&self, place: usize) -> u128 {
        u128::from(self.words[place]) | u128::from(self.words[place + 1]) << 64
    }

    /// The length of the run of whole elements `number,` that the bytes start with, blanks before numbers included. The first byte
    /// must stand where an element may start.
    ///
    /// Numbers with exponents, and blanks that stand elsewhere than behind a comma, end the run.
    #[inline(always)]
    pub(crate) fn skip_numbers(&self, bytes: &[u8]) -> usize {
        let level = self.level;
        dispatch!(level, simd => numbers::run(simd, bytes))
    }
}

/// Where the strings of a text end that stands in an indexed block, and is valid JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends<'i> {
    index: &'i Index,
    /// Where the text starts in the block.
    start: usize,
}

impl<'i> Ends<'i> {
    /// Of the text that starts at this position of the block that was indexed last.
    #[inline]
    pub(crate) fn new(index: &'i Index, start: usize) -> Self {
        Self { index, start }
    }

    /// Of the text that starts at this position of the text.
    pub(crate) fn from(self, position: usize) -> Self {
        Self { start: self.start + position, ..self }
    }

    /// The position of the closing quote of the string whose inside starts at this position of the text.
    #[inline]
    pub(crate) fn next(self, inside: usize) -> usize {
        self.index.next_end(self.start + inside) - self.start
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::levels;
