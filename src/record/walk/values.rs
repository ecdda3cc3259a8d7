//! The walker over values: strings, numbers, literals, objects and arrays.

use super::Walker;
use super::nesting::Bracket;

/// Where the elements end that are read one after the other.
enum Elements {
    /// At an element that is an object or array.
    Opened(Bracket),
    /// Behind the bracket that closes the outermost one.
    Closed,
}

impl Walker<'_> {
    /// Reads the value that starts with the byte at hand, however deep it nests, without recursion.
    #[inline(always)]
    pub(super) fn value(&mut self, first: u8) -> Option<()> {
        match first {
            b'"' => self.string(),
            b'{' => self.nested(Bracket::Brace),
            b'[' => self.nested(Bracket::Square),
            _ => self.scalar(first),
        }
    }

    /// Reads a number or a literal.
    #[inline(always)]
    pub(super) fn scalar(&mut self, first: u8) -> Option<()> {
        match first {
            b't' => self.literal(b"true"),
            b'f' => self.literal(b"false"),
            b'n' => self.literal(b"null"),
            _ => self.number(first),
        }
    }

    #[inline(always)]
    fn literal<const N: usize>(&mut self, literal: &[u8; N]) -> Option<()> {
        let found = self.bytes.get(self.at..)?.first_chunk::<N>()?;
        self.at += N;
        (found == literal).then_some(())
    }

    #[inline(always)]
    fn number(&mut self, first: u8) -> Option<()> {
        let mut byte = first;
        if byte == b'-' {
            self.at += 1;
            byte = self.byte();
        }
        if byte == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.byte() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if let b'e' | b'E' = self.byte() {
            self.at += 1;
            if let b'+' | b'-' = self.byte() {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    /// Reads one digit or more.
    #[inline(always)]
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    /// At an opening bracket, moves behind the closing one.
    fn nested(&mut self, bracket: Bracket) -> Option<()> {
        let mut opened = bracket;
        loop {
            self.at += 1;
            self.nesting.push(opened);
            // Nothing stands before the first element, so that the brackets may close here.
            let closes = self.token() == opened.closing();
            if closes && !self.close_brackets()? {
                return Some(());
            }
            match self.elements()? {
                Elements::Opened(bracket) => opened = bracket,
                Elements::Closed => return Some(()),
            }
        }
    }

    /// Reads elements and closes brackets, up to one that opens, or the one that closes the last.
    #[inline(always)]
    fn elements(&mut self) -> Option<Elements> {
        loop {
            let first = match self.nesting.top() {
                Bracket::Brace => {
                    self.name()?;
                    self.token()
                }
                Bracket::Square => self.behind_numbers(),
            };
            match first {
                b'"' => self.string()?,
                b'{' => return Some(Elements::Opened(Bracket::Brace)),
                b'[' => return Some(Elements::Opened(Bracket::Square)),
                _ => self.scalar(first)?,
            }
            if !self.close_brackets()? {
                return Some(Elements::Closed);
            }
        }
    }

    /// Behind an element, moves over the brackets that close there and the comma before the next element. False if none is left open.
    #[inline(always)]
    fn close_brackets(&mut self) -> Option<bool> {
        loop {
            let byte = self.token();
            self.at += 1;
            if byte == b',' {
                return Some(true);
            }
            if byte != self.nesting.top().closing() {
                return None;
            }
            self.nesting.pop();
            if self.nesting.is_empty() {
                return Some(false);
            }
        }
    }

    /// At an element of an array, moves over as many numbers as are plain to see, and gives the first byte of the element behind them.
    #[inline(always)]
    fn behind_numbers(&mut self) -> u8 {
        let first = self.token();
        if !matches!(first, b'0'..=b'9' | b'-') {
            return first;
        }
        self.at += self.index.skip_numbers(&self.bytes[self.at..]);
        self.token()
    }
}
