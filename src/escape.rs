//! How text from the input is shown to people: nothing in it controls their terminal or stays invisible, and it is cut to a length.

use std::fmt::{self, Display, Write};

/// Text made safe to print, and cut to a number of characters.
///
/// Control characters (C0, DEL, C1), line and paragraph separators, characters that change the direction of text (Unicode's `Bidi_Control`),
/// and invisible characters (zero-width ones, fillers, tags) are escaped; joiners only where they join nothing, unlike in emoji and in
/// scripts such as Persian. Cut text ends in `…`.
///
/// ```
/// use provfilter::Escaped;
///
/// assert_eq!(Escaped::new("red \u{1b}[31m", 80).to_string(), r"red \u{1b}[31m");
/// assert_eq!(Escaped::new("abcdef", 4).to_string(), "abc…");
/// assert_eq!(Escaped::path("/a/long/way/to/pairs.jsonl", 15).to_string(), "/a/long…s.jsonl");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Escaped<'a> {
    text: &'a str,
    limit: usize,
    cut: Cut,
}

/// Where text is cut that is too long.
#[derive(Debug, Clone, Copy)]
enum Cut {
    End,
    Middle,
}

impl<'a> Escaped<'a> {
    /// Shows at most `limit` characters of a text: its beginning.
    #[must_use]
    pub fn new(text: &'a str, limit: usize) -> Self {
        Self { text, limit, cut: Cut::End }
    }

    /// Shows at most `limit` characters of a path: its beginning and its end, which tells it from its neighbours.
    #[must_use]
    pub fn path(path: &'a str, limit: usize) -> Self {
        Self { text: path, limit, cut: Cut::Middle }
    }
}

impl Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.text.chars().nth(self.limit).is_none() {
            return write_escaped(formatter, self.text);
        }
        let shown = self.limit.saturating_sub(1);
        let behind = match self.cut {
            Cut::End => 0,
            Cut::Middle => shown / 2,
        };
        let position = |count| self.text.char_indices().nth(count).map_or(self.text.len(), |(position, _)| position);
        write_escaped(formatter, &self.text[..position(shown - behind)])?;
        formatter.write_char('…')?;
        let start = self.text.char_indices().rev().take(behind).last().map_or(self.text.len(), |(start, _)| start);
        write_escaped(formatter, &self.text[start..])
    }
}

fn write_escaped(formatter: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut before = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\n' => formatter.write_str("\\n")?,
            '\r' => formatter.write_str("\\r")?,
            '\t' => formatter.write_str("\\t")?,
            '\u{200c}' | '\u{200d}' if joins(before, characters.peek().copied()) => formatter.write_char(character)?,
            _ if character.is_control() || steers(character) || shows_nothing(character) => {
                write!(formatter, "\\u{{{:x}}}", u32::from(character))?;
            }
            _ => formatter.write_char(character)?,
        }
        before = Some(character);
    }
    Ok(())
}

/// A joiner between these characters changes how they look.
fn joins(before: Option<char>, after: Option<char>) -> bool {
    let is_joined = |character: char| !character.is_ascii() && !steers(character) && !shows_nothing(character);
    before.is_some_and(is_joined) && after.is_some_and(is_joined)
}

/// The character does something to the text around it: it changes its direction, or ends its line.
fn steers(character: char) -> bool {
    matches!(character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// The character has no width, or is a blank that looks like nothing: two names that differ in it look the same. These are Unicode's
/// `Default_Ignorable_Code_Point` and the interlinear annotation characters, but for the sixteen variation selectors, which emoji need.
fn shows_nothing(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200d}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::Escaped;

    #[test]
    fn escapes_what_steers_a_terminal() {
        let text = "a\u{1b}b\u{7f}c\u{9b}d\u{202e}e\n\t";
        assert_eq!(Escaped::new(text, 80).to_string(), r"a\u{1b}b\u{7f}c\u{9b}d\u{202e}e\n\t");
    }

    #[test]
    fn escapes_characters_that_show_nothing() {
        let text = "a\u{200b}b\u{feff}c\u{2060}d\u{e0041}e\u{ad}f\u{200d}";
        assert_eq!(Escaped::new(text, 80).to_string(), r"a\u{200b}b\u{feff}c\u{2060}d\u{e0041}e\u{ad}f\u{200d}");
    }

    #[test]
    fn leaves_text_of_any_script_alone() {
        assert_eq!(
            Escaped::new("größer 日本語 🚀 ❤\u{fe0f} 👩\u{200d}👧", 80).to_string(),
            "größer 日本語 🚀 ❤\u{fe0f} 👩\u{200d}👧"
        );
    }

    #[test]
    fn cuts_only_what_is_too_long() {
        assert_eq!(Escaped::new("abcd", 4).to_string(), "abcd");
        assert_eq!(Escaped::new("äöüßx", 4).to_string(), "äöü…");
        assert_eq!(Escaped::path("abcd", 4).to_string(), "abcd");
    }

    #[test]
    fn cuts_paths_in_the_middle() {
        for (limit, shown) in [(0, "…"), (1, "…"), (2, "ä…"), (3, "ä…g"), (4, "äb…g"), (6, "äbc…fg"), (7, "äbcdefg")]
        {
            assert_eq!(Escaped::path("äbcdefg", limit).to_string(), shown);
        }
    }
}
