//! Bytes looked at many at once: where those are that end something, or begin an escape.

use wide::u8x16;

/// How many bytes are looked at in one step.
pub(super) const WINDOW: usize = 16;
/// How many bytes of a string are looked at in one step.
pub(super) const TEXT_WINDOW: usize = 64;

/// The first byte from `at` on that is special: in a window as `marks` marks them, and one by one as `is` says.
#[inline]
pub(super) fn position(bytes: &[u8], mut at: usize, marks: impl Fn(u8x16) -> u8x16, is: impl Fn(u8) -> bool) -> Option<usize> {
    while let Some(window) = bytes.get(at..).and_then(<[u8]>::first_chunk::<WINDOW>) {
        let mask = marks(u8x16::new(*window)).to_bitmask();
        if mask != 0 {
            return Some(at + mask.trailing_zeros() as usize);
        }
        at += WINDOW;
    }
    let rest = bytes.get(at..)?;
    rest.iter().position(|&byte| is(byte)).map(|offset| at + offset)
}

/// Marks quotes and backslashes.
pub(super) fn special(window: u8x16) -> u8x16 {
    window.simd_eq(u8x16::splat(b'"')) | window.simd_eq(u8x16::splat(b'\\'))
}

/// One bit for each byte of a window of text.
pub(super) struct Marks {
    pub(super) quotes: u64,
    backslashes: u64,
    /// `u` and `/`, which tell that an escape may hide something.
    pub(super) telling: u64,
}

impl Marks {
    #[inline]
    pub(super) fn of(window: &[u8; TEXT_WINDOW]) -> Self {
        let (quarters, _) = window.as_chunks::<WINDOW>();
        let mut marks = Self { quotes: 0, backslashes: 0, telling: 0 };
        for (at, quarter) in quarters.iter().enumerate() {
            let quarter = u8x16::new(*quarter);
            let is = |byte: u8| quarter.simd_eq(u8x16::splat(byte));
            let bits = |marked: u8x16| u64::from(marked.to_bitmask()) << (WINDOW * at);
            marks.quotes |= bits(is(b'"'));
            marks.backslashes |= bits(is(b'\\'));
            marks.telling |= bits(is(b'u') | is(b'/'));
        }
        marks
    }

    /// The bytes that stand behind a backslash which is not behind one itself. `is_first` says so of the first byte, and then of the first
    /// one of the next window.
    #[inline]
    pub(super) fn escaped(&self, is_first: &mut bool) -> u64 {
        const EVEN: u64 = 0x5555_5555_5555_5555;
        if self.backslashes == 0 {
            return u64::from(std::mem::take(is_first));
        }
        // Runs of backslashes that start at an odd byte, added to themselves, carry into the byte behind the run, which shows whether the
        // run is of even or odd length (Langdale and Lemire, Parsing Gigabytes of JSON per Second, 3.1.1).
        let backslashes = self.backslashes & !u64::from(*is_first);
        let behind = backslashes << 1 | u64::from(*is_first);
        let odd_starts = backslashes & !EVEN & !behind;
        let (carried, overflows) = odd_starts.overflowing_add(backslashes);
        *is_first = overflows;
        (EVEN ^ carried << 1) & behind
    }
}

/// Marks quotes and brackets. Curly brackets are the square ones with one more bit.
pub(super) fn structural(window: u8x16) -> u8x16 {
    let bracket = window | u8x16::splat(0x20);
    window.simd_eq(u8x16::splat(b'"')) | bracket.simd_eq(u8x16::splat(b'{')) | bracket.simd_eq(u8x16::splat(b'}'))
}

pub(super) fn is_structural(byte: u8) -> bool {
    matches!(byte, b'"' | b'{' | b'}' | b'[' | b']')
}
