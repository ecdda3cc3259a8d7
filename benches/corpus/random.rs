//! Numbers that look random and are always the same: `SplitMix64` (Steele, Lea and Flood, 2014).

/// A generator of numbers. Good enough for text that no compiler and no branch predictor knows beforehand.
pub(super) struct Random {
    state: u64,
}

impl Random {
    pub(super) fn new(seed: &str) -> Self {
        Self { state: seed.bytes().fold(0, |state, byte| state << 7 ^ state >> 57 ^ u64::from(byte)) }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ self.state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number from 0 up to the bound, which is not reached.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        let scaled = ((self.next() >> 32) * u64::from(bound)) >> 32;
        u32::try_from(scaled).expect("the number is below a bound of 32 bits")
    }

    /// One of several things, which must not be empty.
    pub(super) fn pick<'a>(&mut self, things: &'a [&'a str]) -> &'a str {
        let count = u32::try_from(things.len()).expect("there are a few things");
        things[self.below(count) as usize]
    }

    /// A token's number in a vocabulary of 128,256, where common tokens have small numbers of any length.
    pub(super) fn token_id(&mut self) -> u32 {
        let bound = [300, 3_000, 30_000, 128_256][self.below(4) as usize];
        self.below(bound)
    }
}
