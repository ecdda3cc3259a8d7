//! The brackets that are open at the position of the walker.

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bracket {
    Brace,
    Square,
}

impl Bracket {
    #[inline(always)]
    pub(super) fn closing(self) -> u8 {
        match self {
            Self::Brace => b'}',
            Self::Square => b']',
        }
    }
}

/// The open brackets, a bit each, so that a million of them take 128 KiB and no stack.
#[derive(Default)]
pub(super) struct Nesting {
    /// The innermost brackets, up to 64, the innermost in the lowest bit; set for a square bracket.
    innermost: u64,
    depth: usize,
    deepest: usize,
    /// The brackets around them, 64 a word.
    outer: Vec<u64>,
}

impl Nesting {
    #[inline(always)]
    pub(super) fn push(&mut self, bracket: Bracket) {
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.outer.push(self.innermost);
        }
        self.innermost = self.innermost << 1 | u64::from(bracket == Bracket::Square);
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
    }

    #[inline(always)]
    pub(super) fn pop(&mut self) {
        self.innermost >>= 1;
        self.depth -= 1;
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.innermost = self.outer.pop().expect("64 brackets were put there when the next one was opened");
        }
    }

    /// The innermost bracket, of which there must be one.
    #[inline(always)]
    pub(super) fn top(&self) -> Bracket {
        if self.innermost & 1 == 0 { Bracket::Brace } else { Bracket::Square }
    }

    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.depth == 0
    }

    /// The greatest depth there was.
    #[inline(always)]
    pub(super) fn deepest(&self) -> usize {
        self.deepest
    }
}
