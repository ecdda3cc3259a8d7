//! Whether and how diagnostics are coloured.

use std::fmt::{self, Display};
use std::io::{self, IsTerminal};

use anstyle::{AnsiColor, Style};

use crate::command_line::When;

/// Whether diagnostics are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Color {
    Plain,
    Ansi,
}

impl Color {
    /// What was asked for; `auto` is for terminals, unless `NO_COLOR` is set (<https://no-color.org>).
    pub(super) fn new(when: When) -> Self {
        let is_wanted = || io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        match when {
            When::Always => Self::Ansi,
            When::Auto if is_wanted() => Self::Ansi,
            When::Auto | When::Never => Self::Plain,
        }
    }

    /// Text with the words that start its lines set off: who speaks, and what to do.
    pub(super) fn paint(self, text: &str) -> Painted<'_> {
        Painted { text, color: self }
    }
}

pub(super) struct Painted<'t> {
    text: &'t str,
    color: Color,
}

const STYLES: [(&str, Style); 3] = [
    ("provfilter:", AnsiColor::Red.on_default().bold()),
    ("note:", AnsiColor::Yellow.on_default().bold()),
    ("hint:", AnsiColor::Cyan.on_default().bold()),
];

impl Display for Painted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.color == Color::Plain {
            return formatter.write_str(self.text);
        }
        for (position, line) in self.text.split('\n').enumerate() {
            if position > 0 {
                formatter.write_str("\n")?;
            }
            match STYLES.into_iter().find_map(|(word, style)| Some((word, style, line.strip_prefix(word)?))) {
                Some((word, style, rest)) => write!(formatter, "{style}{word}{style:#}{rest}")?,
                None => formatter.write_str(line)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Color;

    #[test]
    fn only_the_words_that_start_lines_are_coloured() {
        let text = "provfilter: a: hint: b\nhint: c";
        assert_eq!(Color::Plain.paint(text).to_string(), text);
        let painted = "\u{1b}[1m\u{1b}[31mprovfilter:\u{1b}[0m a: hint: b\n\u{1b}[1m\u{1b}[36mhint:\u{1b}[0m c";
        assert_eq!(Color::Ansi.paint(text).to_string(), painted);
    }
}
