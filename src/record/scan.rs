//! The fast way to a record's outline: one validating pass over the bytes, a vector at a time.
//!
//! The pass is as strict as RFC 8259 and needs no stack for nesting. It only ever says "this is a record, and here is its
//! outline" or nothing: whoever gets nothing asks the `plain` way, which is the authority and knows the reason. So this
//! room holds no messages, and may give up on what is rare (a top-level name spelled with escapes, say).
//!
//! What makes it fast: strings and arrays of numbers are checked 64 bytes at once, with bit masks of where quotes, backslashes
//! and control characters stand, or digits, commas, spaces, dots and signs. A number costs a byte-wise scanner a
//! mispredicted branch or two.

mod nesting;
mod numbers;

use std::ops::Range;

use wide::u8x16;

use super::lookup::{Noted, Wanted};
use super::outline::Outline;
use nesting::{Bracket, Nesting};
use numbers::numbers;

/// Outlines the record on the first line of the bytes, and gives the length of that line without its line feed.
///
/// The bytes must be valid UTF-8. Gives nothing where the line is no JSON object, or has provenance that is ambiguous. That the
/// scanner finds the end of the line by itself saves the search for it, and lets it look ahead 64 bytes there too.
pub(super) fn outline(bytes: &[u8], wanted: &Wanted) -> Option<(Outline, usize)> {
    let mut scanner = Scanner { bytes, at: 0, nesting: Nesting::default() };
    let outline = scanner.record(wanted)?;
    Some((outline, scanner.at))
}

/// A position in the bytes, moved over one JSON token after the other.
struct Scanner<'a> {
    bytes: &'a [u8],
    /// Everything before this position has been read and found good.
    at: usize,
    /// The open brackets around `at`, without the record's own brace.
    nesting: Nesting,
}

impl<'a> Scanner<'a> {
    /// Reads a value, and gives its place.
    fn take_value(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        self.value()?;
        Some(start..self.at)
    }

    fn record(&mut self, wanted: &Wanted) -> Option<Outline> {
        self.skip_blanks();
        self.expect(b'{')?;
        self.skip_blanks();
        let mut found = Found::default();
        let is_empty = self.peek() == Some(b'}');
        if !is_empty {
            self.members(wanted, &mut found)?;
        }
        let close = self.at;
        self.expect(b'}')?;
        self.skip_blanks();
        let ends_line = matches!(self.peek(), None | Some(b'\n'));
        let Found { provenance, noted } = found;
        ends_line.then_some(Outline { provenance, close, is_empty, depth: self.nesting.deepest + 1, noted })
    }

    /// Reads the record's members up to its closing brace.
    fn members(&mut self, wanted: &Wanted, found: &mut Found) -> Option<()> {
        loop {
            let start = self.at;
            if self.string()? == Spelling::Escaped {
                return None;
            }
            let name = &self.bytes[start + 1..self.at - 1];
            self.colon()?;
            let value = self.take_value()?;
            if let Some(position) = wanted.position(name) {
                found.noted.push((position, value.clone()));
            }
            if name == b"provenance" && found.provenance.replace(value).is_some() {
                return None;
            }
            self.skip_blanks();
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => return Some(()),
                _ => return None,
            }
            self.skip_blanks();
        }
    }

    /// Reads one value, however deep it nests, without recursion.
    fn value(&mut self) -> Option<()> {
        loop {
            let opened = match self.peek()? {
                b'"' => self.string().map(|_| false)?,
                b'{' => self.open(Bracket::Brace)?,
                b'[' => self.open(Bracket::Square)?,
                b'-' | b'0'..=b'9' => self.number().map(|()| false)?,
                b't' => self.literal(b"true").map(|()| false)?,
                b'f' => self.literal(b"false").map(|()| false)?,
                b'n' => self.literal(b"null").map(|()| false)?,
                _ => return None,
            };
            if !opened && self.close_or_continue()? {
                return Some(());
            }
        }
    }

    /// Steps into an object or array. True if a value is to be read next, false if the brackets were empty.
    fn open(&mut self, bracket: Bracket) -> Option<bool> {
        self.at += 1;
        self.skip_blanks();
        self.nesting.push(bracket);
        if self.peek()? == bracket.closing() {
            self.at += 1;
            self.nesting.pop();
            return Some(false);
        }
        self.element()?;
        Some(true)
    }

    /// After a value: closes what ends here. True if nothing is open any more, false if a value is to be read next.
    fn close_or_continue(&mut self) -> Option<bool> {
        while let Some(bracket) = self.nesting.top() {
            self.skip_blanks();
            let byte = self.peek()?;
            self.at += 1;
            if byte == b',' {
                self.skip_blanks();
                self.element()?;
                return Some(false);
            }
            if byte != bracket.closing() {
                return None;
            }
            self.nesting.pop();
        }
        Some(true)
    }

    /// Stands before an element of the innermost bracket, and goes on to where its value starts.
    fn element(&mut self) -> Option<()> {
        match self.nesting.top()? {
            Bracket::Brace => {
                self.string()?;
                self.colon()
            }
            Bracket::Square => {
                self.skip_numbers();
                Some(())
            }
        }
    }

    fn string(&mut self) -> Option<Spelling> {
        self.expect(b'"')?;
        if self.ends_soon() {
            return Some(Spelling::Plain);
        }
        let mut spelling = Spelling::Plain;
        while let Some(window) = self.ahead::<64>() {
            let start = self.at;
            let mut specials = mask(window, special);
            while specials != 0 {
                self.at = start + specials.trailing_zeros() as usize;
                if self.string_goes_on(&mut spelling)? == Ends::Here {
                    return Some(spelling);
                }
                // An escape may reach past the window, and takes the specials that are part of it.
                let done = self.at - start;
                specials = if done < 64 { specials & u64::MAX << done } else { 0 };
            }
            self.at = self.at.max(start + 64);
        }
        self.skip_text();
        while self.string_goes_on(&mut spelling)? == Ends::NotYet {
            self.skip_text();
        }
        Some(spelling)
    }

    /// Within a string: moves behind its end if that comes within 16 bytes and before any escape, as in most names. Else moves
    /// over plain text only.
    #[inline]
    fn ends_soon(&mut self) -> bool {
        let Some(chunk) = self.ahead::<16>() else {
            return false;
        };
        let specials = special(u8x16::new(*chunk)).to_bitmask();
        self.at += specials.trailing_zeros().min(16) as usize;
        let ends = specials != 0 && self.bytes[self.at] == b'"';
        self.at += usize::from(ends);
        ends
    }

    /// Within a string, at a byte that is no plain text: reads the closing quote or an escape.
    #[inline]
    fn string_goes_on(&mut self, spelling: &mut Spelling) -> Option<Ends> {
        match self.peek()? {
            b'"' => {
                self.at += 1;
                Some(Ends::Here)
            }
            b'\\' => {
                self.escape()?;
                *spelling = Spelling::Escaped;
                Some(Ends::NotYet)
            }
            _ => None,
        }
    }

    /// Within a string: moves to the next byte that is no plain text.
    fn skip_text(&mut self) {
        let rest = &self.bytes[self.at..];
        let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
        self.at += rest.iter().position(special).unwrap_or(rest.len());
    }

    #[inline]
    fn escape(&mut self) -> Option<()> {
        match self.bytes.get(self.at + 1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 2,
            b'u' => {
                let digits = self.bytes.get(self.at + 2..self.at + 6)?;
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return None;
                }
                self.at += 6;
            }
            _ => return None,
        }
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek()? {
            b'0' => self.at += 1,
            b'1'..=b'9' => self.digits()?,
            _ => return None,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    /// Reads one digit or more.
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    /// Skips as many whole elements `number,` of an array as are plain to see, 64 bytes at a time.
    fn skip_numbers(&mut self) {
        while let Some(window) = self.ahead::<64>() {
            let length = numbers(window);
            if length == 0 {
                break;
            }
            self.at += length;
        }
        self.skip_blanks();
    }

    fn literal(&mut self, literal: &[u8]) -> Option<()> {
        let end = self.at + literal.len();
        (self.bytes.get(self.at..end)? == literal).then(|| self.at = end)
    }

    fn colon(&mut self) -> Option<()> {
        self.skip_blanks();
        self.expect(b':')?;
        self.skip_blanks();
        Some(())
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The next bytes, where there are so many.
    #[inline]
    fn ahead<const N: usize>(&self) -> Option<&'a [u8; N]> {
        self.bytes.get(self.at..)?.first_chunk()
    }

    #[inline]
    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }
}

/// What is noted on the way through a record's members.
#[derive(Default)]
struct Found {
    provenance: Option<Range<usize>>,
    noted: Noted,
}

/// How a string is spelled: as it is, or with backslash escapes.
#[derive(PartialEq, Eq)]
enum Spelling {
    Plain,
    Escaped,
}

/// What has been read of a string ends it, or not.
#[derive(PartialEq, Eq)]
enum Ends {
    Here,
    NotYet,
}

/// Marks the bytes that are no plain text of a string: quotes, backslashes and control characters.
#[inline]
fn special(text: u8x16) -> u8x16 {
    text.simd_eq(u8x16::splat(b'"')) | text.simd_eq(u8x16::splat(b'\\')) | text.min(u8x16::splat(0x1f)).simd_eq(text)
}

/// One bit for each byte of the window that `kind` marks.
#[inline]
fn mask(window: &[u8; 64], kind: impl Fn(u8x16) -> u8x16) -> u64 {
    let (quarters, _) = window.as_chunks::<16>();
    quarters.iter().rev().fold(0, |mask, quarter| mask << 16 | u64::from(kind(u8x16::new(*quarter)).to_bitmask()))
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use super::{Wanted, outline};

    /// Holds the scanner to the plain way on a line with `text` at every offset from the borders of its windows.
    fn agrees_wherever_it_stands(text: &str) {
        let mut wanted = Wanted::default();
        for name in ["v", "nn", "provenance", "absent"] {
            wanted.add(name);
        }
        for offset in 0..=130 {
            for line in [
                format!("{{\"{}\":{text}}}", "n".repeat(offset)),
                format!("{{\"s\":\"{}\",\"v\":{text},\"provenance\":null}}", "é".repeat(offset)),
                format!("{{\"v\":[{}{text},5],\"w\":{{\"x\":{text}}}}}", "7,".repeat(offset)),
            ] {
                let plain = plain::outline(&line, &wanted).ok();
                let scanned = outline(line.as_bytes(), &wanted).map(|(outline, length)| {
                    assert_eq!(length, line.len());
                    outline
                });
                assert_eq!(scanned, plain, "{line}");
                let behind = format!("{line}\n\"}}]0,1,2,3");
                assert_eq!(outline(behind.as_bytes(), &wanted).map(|(_, length)| length), plain.map(|_| line.len()), "{behind}");
            }
        }
    }

    #[test]
    fn agrees_with_the_plain_way_on_strings() {
        for text in [r#""""#, r#""a\"b""#, r#""\\""#, r#""\\\"""#, r#""\u00e9\ud800\/""#, r#""日本語🚀""#, "\"\u{7f}\""] {
            agrees_wherever_it_stands(text);
        }
        for text in [r#"""#, r#""\""#, r#""\x""#, r#""\u12g4""#, r#""\u12""#, "\"a\tb\"", "\"a\u{0}\"", "'a'"] {
            agrees_wherever_it_stands(text);
        }
    }

    #[test]
    fn agrees_with_the_plain_way_on_numbers() {
        for text in ["0", "-0", "-1.50", "10", "1e5", "1E+05", "0.0e-0", "123456789012345678901234567890", "1 , 2", "1 ,\t-3.5 "]
        {
            agrees_wherever_it_stands(text);
        }
        for text in
            ["", "-", "+1", "01", "-01", "1.", ".5", "1.2.3", "1e", "1e+", "1 2", "1,,2", ",1", "1,", "--1", "1-2", "0x1", "1.-2"]
        {
            agrees_wherever_it_stands(text);
        }
    }

    #[test]
    fn agrees_with_the_plain_way_on_the_rest() {
        for text in
            ["true", "false", "null", "[]", "{}", "[ ]", "{ }", "[[],{}]", r#"{"a":{"b":[{}]}}"#, r#"[ 1 , "a" , [ 2 ] ]"#]
        {
            agrees_wherever_it_stands(text);
        }
        for text in
            ["nul", "True", "truee", "NaN", "[1", "]", "[1}", "{1:2}", r#"{"a"}"#, r#"{"a":}"#, r#"{"a":1,}"#, "[1,]", "/**/1"]
        {
            agrees_wherever_it_stands(text);
        }
    }

    #[test]
    fn follows_brackets_deeper_than_a_word_has_bits() {
        for depth in [63, 64, 65, 127, 128, 129, 100_000] {
            let line = format!("{{\"a\":{}1{}}}", "[{\"b\":".repeat(depth / 2), "}]".repeat(depth / 2));
            assert_eq!(outline(line.as_bytes(), Wanted::NONE).map(|(outline, _)| outline.depth), Some(depth / 2 * 2 + 1));
            let wrong = line.replacen("}]", "]}", 1);
            assert_eq!(outline(wrong.as_bytes(), Wanted::NONE), None);
        }
    }
}
