//! How text from the input is shown to people: nothing in it steers their terminal, and it is cut at a length.

use std::fmt::{self, Display, Write};

/// Text made safe to print, and cut after a number of characters.
///
/// Control characters (C0, DEL, C1) and the characters that change the direction of text (Unicode's `Bidi_Control`) are
/// written as escapes; text that is cut ends in `…`.
///
/// ```
/// use provfilter::Escaped;
///
/// assert_eq!(Escaped::new("red \u{1b}[31m", 80).to_string(), r"red \u{1b}[31m");
/// assert_eq!(Escaped::new("abcdef", 4).to_string(), "abc…");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Escaped<'a> {
    text: &'a str,
    limit: usize,
}

impl<'a> Escaped<'a> {
    /// Shows at most `limit` characters of `text`.
    #[must_use]
    pub fn new(text: &'a str, limit: usize) -> Self {
        Self { text, limit }
    }
}

impl Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_cut = self.text.chars().nth(self.limit).is_some();
        let shown = if is_cut { self.limit.saturating_sub(1) } else { self.limit };
        for character in self.text.chars().take(shown) {
            match character {
                '\n' => formatter.write_str("\\n")?,
                '\r' => formatter.write_str("\\r")?,
                '\t' => formatter.write_str("\\t")?,
                _ if steers(character) => write!(formatter, "\\u{{{:x}}}", u32::from(character))?,
                _ => formatter.write_char(character)?,
            }
        }
        if is_cut { formatter.write_char('…') } else { Ok(()) }
    }
}

/// The character does something to a terminal or to the text around it, instead of showing itself.
fn steers(character: char) -> bool {
    let is_bidi_control = matches!(character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    character.is_control() || is_bidi_control || matches!(character, '\u{2028}' | '\u{2029}')
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
    fn leaves_text_of_any_script_alone() {
        assert_eq!(Escaped::new("größer 日本語 🚀", 80).to_string(), "größer 日本語 🚀");
    }

    #[test]
    fn cuts_only_what_is_too_long() {
        assert_eq!(Escaped::new("abcd", 4).to_string(), "abcd");
        assert_eq!(Escaped::new("äöüßx", 4).to_string(), "äöü…");
    }
}
