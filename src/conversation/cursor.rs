//! A position in JSON that is known to be valid, moved over one value after the other.
//!
//! Nothing here recurses, so depth costs no stack, and nothing is checked: text that was never validated may be misread, but is read to its
//! end without a panic.

use wide::u8x16;

use crate::index::Ends;

use super::spelled::{Escapes, Spelled};
use super::window::{Marks, TEXT_WINDOW, WINDOW, is_structural, position, special, structural};

/// A JSON value as it is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'t> {
    /// A string.
    String(Spelled<'t>),
    /// An object, with its braces.
    Object(&'t [u8]),
    /// An array, with its brackets.
    Array(&'t [u8]),
    /// A number, `true`, `false` or `null`.
    Other(&'t [u8]),
}

impl<'t> Value<'t> {
    /// Reads the first value of the text.
    pub(crate) fn of(text: &'t [u8]) -> Self {
        Cursor::new(text).value()
    }

    pub(crate) fn is_null(self) -> bool {
        self == Self::Other(b"null")
    }

    pub(crate) fn string(self) -> Option<Spelled<'t>> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    pub(crate) fn object(self) -> Option<&'t [u8]> {
        if let Self::Object(text) = self { Some(text) } else { None }
    }

    pub(crate) fn array(self) -> Option<&'t [u8]> {
        if let Self::Array(text) = self { Some(text) } else { None }
    }

    /// How the value is spelled, a string without its quotes.
    pub(crate) fn spelling(self) -> &'t [u8] {
        match self {
            Self::String(text) => text.raw,
            Self::Object(text) | Self::Array(text) | Self::Other(text) => text,
        }
    }
}

/// A text of valid JSON, and where its strings end, where that is known already.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Indexed<'t> {
    pub(crate) bytes: &'t [u8],
    pub(crate) ends: Option<Ends<'t>>,
}

impl<'t> Indexed<'t> {
    /// A text of which nothing is known.
    pub(crate) fn new(bytes: &'t [u8]) -> Self {
        Self { bytes, ends: None }
    }

    /// A part of the text.
    pub(crate) fn part(self, part: &'t [u8]) -> Self {
        let start = part.as_ptr().addr() - self.bytes.as_ptr().addr();
        Self { bytes: part, ends: self.ends.map(|ends| ends.from(start)) }
    }
}

/// A position in valid JSON.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'t> {
    bytes: &'t [u8],
    ends: Option<Ends<'t>>,
    at: usize,
}

impl<'t> Cursor<'t> {
    /// Stands at the first value of the text.
    pub(crate) fn new(bytes: &'t [u8]) -> Self {
        Self::at(Indexed::new(bytes))
    }

    /// Stands behind the opening bracket of an object or array.
    pub(crate) fn inside(container: &'t [u8]) -> Self {
        Self::within(Indexed::new(container))
    }

    /// Stands at the first value of the text.
    pub(crate) fn at(Indexed { bytes, ends }: Indexed<'t>) -> Self {
        let mut cursor = Self { bytes, ends, at: 0 };
        cursor.skip_blanks();
        cursor
    }

    /// Stands behind the opening bracket of an object or array.
    pub(crate) fn within(container: Indexed<'t>) -> Self {
        let mut cursor = Self::at(container);
        cursor.at += 1;
        cursor
    }

    /// The byte that comes next; 0 at the end.
    pub(crate) fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// What stands between an earlier position and this one.
    pub(crate) fn since(&self, start: usize) -> &'t [u8] {
        self.bytes.get(start..self.at.min(self.bytes.len())).unwrap_or_default()
    }

    /// Steps over the opening bracket of an object or array.
    pub(crate) fn enter(&mut self) {
        self.at += 1;
    }

    /// Steps to the value of an object's next member, and gives its name; or behind the object, where there is none.
    #[inline]
    pub(crate) fn next_member(&mut self) -> Option<Spelled<'t>> {
        if !self.next_name() {
            return None;
        }
        let name = self.string();
        self.enter_value();
        Some(name)
    }

    /// Steps to the name of an object's next member; or behind the object, where there is none.
    pub(crate) fn next_name(&mut self) -> bool {
        self.skip_to_next();
        let is_there = self.peek() == b'"';
        self.at += usize::from(!is_there);
        is_there
    }

    /// Behind a member's name, steps to the value.
    pub(crate) fn enter_value(&mut self) {
        self.skip_blanks();
        self.at += 1;
        self.skip_blanks();
    }

    /// Steps to a position, and over blanks there.
    pub(crate) fn go_to(&mut self, position: usize) {
        self.at = position;
        self.skip_blanks();
    }

    /// Steps to the next element of an array; or behind the array, where there is none.
    pub(crate) fn next_element(&mut self) -> bool {
        self.skip_to_next();
        let is_there = !matches!(self.peek(), b']' | 0);
        self.at += usize::from(!is_there);
        is_there
    }

    fn skip_to_next(&mut self) {
        self.skip_blanks();
        if self.peek() == b',' {
            self.at += 1;
            self.skip_blanks();
        }
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
    }

    /// Steps over a value.
    #[inline]
    pub(crate) fn value(&mut self) -> Value<'t> {
        let start = self.at;
        match self.peek() {
            b'"' => Value::String(self.string()),
            b'{' => {
                self.skip_container();
                Value::Object(self.since(start))
            }
            b'[' => {
                self.skip_container();
                Value::Array(self.since(start))
            }
            _ => {
                self.skip_plain();
                Value::Other(self.since(start))
            }
        }
    }

    fn skip_plain(&mut self) {
        // No value is empty, so text that is no JSON has an end too.
        self.at += 1;
        while !matches!(self.peek(), b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n' | 0) {
            self.at += 1;
        }
    }

    fn skip_container(&mut self) {
        let mut depth = 0_usize;
        while let Some(at) = position(self.bytes, self.at, structural, is_structural) {
            self.at = at;
            match self.bytes[at] {
                b'"' => {
                    self.string();
                    continue;
                }
                b'{' | b'[' => depth += 1,
                _ => depth = depth.saturating_sub(1),
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
        self.at = self.bytes.len();
    }

    /// Steps over a string.
    #[inline]
    pub(crate) fn string(&mut self) -> Spelled<'t> {
        let start = self.at + 1;
        if let Some(ends) = self.ends {
            let end = ends.next(start);
            self.at = end + 1;
            return Spelled::new(&self.bytes[start..end]);
        }
        self.string_to_be_found(start)
    }

    /// As [`Cursor::string`], where nobody knows its end.
    fn string_to_be_found(&mut self, start: usize) -> Spelled<'t> {
        // Names and many values are short.
        if let Some(window) = self.bytes.get(start..).and_then(<[u8]>::first_chunk::<WINDOW>) {
            let end = start + special(u8x16::new(*window)).to_bitmask().trailing_zeros() as usize;
            if end < start + WINDOW && self.bytes[end] == b'"' {
                return self.end_string(start, end, Escapes::None);
            }
        }
        self.long_string(start)
    }

    fn long_string(&mut self, start: usize) -> Spelled<'t> {
        let (mut at, mut escapes, mut goes_on) = (start, Escapes::None, false);
        while let Some(window) = self.bytes.get(at..).and_then(<[u8]>::first_chunk::<TEXT_WINDOW>) {
            let marks = Marks::of(window);
            let behind = marks.escaped(&mut goes_on);
            let ends = marks.quotes & !behind;
            let inside = u64::MAX.checked_shr(u64::BITS - ends.trailing_zeros()).unwrap_or(0);
            if behind & inside != 0 {
                escapes = escapes.max(Escapes::Plain);
                escapes = self.escapes_at(at, behind & inside & marks.telling, escapes);
            }
            if ends != 0 {
                return self.end_string(start, at + ends.trailing_zeros() as usize, escapes);
            }
            at += TEXT_WINDOW;
        }
        if goes_on {
            escapes = escapes.with(&self.bytes[at - 1..]);
            at += 1;
        }
        self.end_of_string(start, at, escapes)
    }

    /// With the escapes whose second bytes are marked, from a position on.
    fn escapes_at(&self, at: usize, mut marked: u64, mut escapes: Escapes) -> Escapes {
        while marked != 0 && escapes != Escapes::Hiding {
            escapes = escapes.with(&self.bytes[at + marked.trailing_zeros() as usize - 1..]);
            marked &= marked - 1;
        }
        escapes
    }

    /// As [`Cursor::string`], near the end of the bytes.
    fn end_of_string(&mut self, start: usize, mut at: usize, mut escapes: Escapes) -> Spelled<'t> {
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'"' => return self.end_string(start, at, escapes),
                b'\\' => {
                    escapes = escapes.with(&self.bytes[at..]);
                    at += 2;
                }
                _ => at += 1,
            }
        }
        let end = self.bytes.len();
        self.end_string(start.min(end), end, escapes)
    }

    fn end_string(&mut self, start: usize, end: usize, escapes: Escapes) -> Spelled<'t> {
        self.at = end + 1;
        Spelled::with(&self.bytes[start..end], escapes)
    }
}

/// Hands on each bracket of valid JSON, in order.
pub(crate) fn brackets(json: &[u8], mut on_bracket: impl FnMut(u8)) {
    let mut cursor = Cursor::new(json);
    while let Some(at) = position(cursor.bytes, cursor.at, structural, is_structural) {
        cursor.at = at;
        match cursor.bytes[at] {
            b'"' => {
                cursor.string();
            }
            bracket => {
                on_bracket(bracket);
                cursor.at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::spelled::decoded;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn names(object: &str) -> Vec<(String, String)> {
        let mut cursor = Cursor::inside(object.as_bytes());
        let mut members = Vec::new();
        while let Some(name) = cursor.next_member() {
            let value = cursor.value();
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            members.push((text(&name.decode()), text(value.spelling())));
        }
        assert_eq!(cursor.position(), object.trim_end().len());
        members
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn members_are_read_whatever_the_blanks_and_the_nesting() {
        assert_eq!(names("{}"), []);
        assert_eq!(names(" { } "), []);
        let object = r#"{"a":1,"b" : [1,{"]":"}\""}] , "c\u0061":"x\\","d":{"e":[[]]},"f":-1.5e3 }"#;
        let expected = [("a", "1"), ("b", r#"[1,{"]":"}\""}]"#), ("ca", r"x\\"), ("d", r#"{"e":[[]]}"#), ("f", "-1.5e3")];
        assert_eq!(names(object), pairs(&expected));
    }

    #[test]
    fn strings_end_at_their_quote_wherever_it_stands() {
        for length in 0..140 {
            for (middle, escapes) in
                [("", Escapes::None), (r"\\", Escapes::Plain), (r#"\""#, Escapes::Plain), (r"\/", Escapes::Hiding)]
            {
                let inside = format!("{}{middle}", "x".repeat(length));
                let text = format!("\"{inside}\",\"\"");
                let mut cursor = Cursor::new(text.as_bytes());
                assert_eq!(cursor.string(), Spelled::with(inside.as_bytes(), escapes));
                assert_eq!(cursor.peek(), b',');
            }
        }
    }

    proptest! {
        #[test]
        fn strings_of_any_pieces_are_read_to_their_quote(pieces in vec(0_usize..9, 0..120)) {
            const PIECES: [&str; 9] =
                [r"\\", r#"\""#, r"\n", "u", "/", "plain text of some length", r"\u00e9", r"\ud800", r"\/"];
            let inside: String = pieces.iter().map(|at| PIECES[*at]).collect();
            let escapes = match inside.contains('\\') {
                false => Escapes::None,
                true if pieces.contains(&8) => Escapes::Hiding,
                true => Escapes::Plain,
            };
            let text = format!("\"{inside}\"{}", "\",x".repeat(pieces.len() % 40));
            prop_assert_eq!(Cursor::new(text.as_bytes()).string(), Spelled::with(inside.as_bytes(), escapes));
        }
    }

    #[test]
    fn only_printable_ascii_behind_an_escape_hides_a_tag() {
        for (raw, escapes) in [
            (r"\u003cthink>", Escapes::Hiding),
            (r"<\/think>", Escapes::Hiding),
            (r"\n\u00e9\u0022", Escapes::Hiding),
            (r"\n\u00e9\u001b\ud800", Escapes::Plain),
        ] {
            assert_eq!(Cursor::new(format!("\"{raw}\"").as_bytes()).string().escapes(), escapes, "{raw}");
        }
    }

    #[test]
    fn text_that_is_no_json_is_read_to_its_end() {
        for text in ["", "{", "[", "\"", "\"\\", "{\"a", "{\"a\":", "[1,", "]", "}", "{\"a\":\"\\u12", "{a:1}", "[[[}}}"] {
            let mut cursor = Cursor::new(text.as_bytes());
            cursor.value();
            let mut cursor = Cursor::inside(text.as_bytes());
            while cursor.next_member().is_some() {
                cursor.value();
            }
            let mut cursor = Cursor::inside(text.as_bytes());
            for _ in 0..10 {
                if !cursor.next_element() {
                    break;
                }
                cursor.value();
            }
            assert_eq!(decoded(text.as_bytes()).len().max(text.len()), text.len());
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let text = format!("{}1{}", "[{\"a\":".repeat(500_000), "}]".repeat(500_000));
        assert_eq!(Cursor::new(text.as_bytes()).value(), Value::Array(text.as_bytes()));
    }
}
