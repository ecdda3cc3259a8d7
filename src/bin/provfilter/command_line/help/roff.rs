//! The man page: the manual in the language of man(7).

use std::fmt::Write;

use clap::Command;

use super::block::Block;
use super::manual::{about, manual};
use super::markup::{Face, Word, fit, lines, words};

/// When what the page says last changed.
const DATE: &str = "2026-11-28";

/// How wide the lines of the source are, in bytes.
const WIDTH: usize = 78;

/// How wide examples are, in columns: with what they stand in from the left, they fit a terminal.
const EXAMPLE_WIDTH: usize = 71;

/// The source of the whole page. Lines end where they are full: stretched to the right margin and hyphenated, code is hard to read.
pub(super) fn render(command: &Command) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut about = about(command);
    about[..1].make_ascii_lowercase();
    let mut page = format!(".TH PROVFILTER 1 {DATE} \"provfilter {version}\" \"User Commands\"\n.ad l\n.nh\n.SH NAME\n");
    text_into(&mut page, &format!("provfilter - {about}"));
    page.push_str(".SH SYNOPSIS\n");
    text_into(&mut page, "`provfilter` [*OPTIONS*] [*FILE*]...");
    for section in manual(command) {
        let _ = writeln!(page, ".SH {}", section.title.to_uppercase());
        for (position, block) in section.blocks.iter().enumerate() {
            block_into(&mut page, block, position == 0);
        }
    }
    page.push_str(".SH SEE ALSO\n.BR jq (1)\n");
    page
}

fn block_into(page: &mut String, block: &Block, is_first: bool) {
    match block {
        Block::Text(text) => {
            page.push_str(if is_first { "" } else { ".PP\n" });
            text_into(page, text);
        }
        Block::Group(title) => {
            let _ = writeln!(page, ".SS {title}");
        }
        Block::Flag { term, text } | Block::Row { term, text } => {
            page.push_str(".TP\n");
            // A term is one line of the source, however long.
            let term: Vec<_> = words(term, set).into_iter().map(|word| word.text).collect();
            let _ = writeln!(page, "{}", term.join(" "));
            text_into(page, text);
        }
        Block::Example { what, command } => {
            page.push_str(if is_first { "" } else { ".PP\n" });
            text_into(page, what);
            let _ = writeln!(page, ".PP\n.RS 2\n.EX\n{}\n.EE\n.RE", escaped(&fit(command, EXAMPLE_WIDTH)));
        }
    }
}

/// Writes a text in lines that are not too long to edit, as mandoc(1) asks for.
fn text_into(page: &mut String, text: &str) {
    let words: Vec<_> = words(text, set).into_iter().map(|word| Word { width: word.text.len(), ..word }).collect();
    for line in lines(&words, WIDTH) {
        // A stop or an apostrophe there would start a request.
        let guard = if line.starts_with(['.', '\'']) { "\\&" } else { "" };
        let _ = writeln!(page, "{guard}{line}");
    }
}

fn set(face: Face, part: &str) -> String {
    let part = escaped(part);
    match face {
        Face::Plain => part,
        // Code is not broken at its blanks.
        Face::Code => format!("\\fB{}\\fR", part.replace(' ', "\\ ")),
        Face::Placeholder => format!("\\fI{part}\\fR"),
    }
}

/// Text in which each character stands for itself, and can be copied from the page (`groff_char(7)`).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\e"),
            '-' => escaped.push_str("\\-"),
            '\'' => escaped.push_str("\\(aq"),
            '^' => escaped.push_str("\\(ha"),
            '~' => escaped.push_str("\\(ti"),
            other => escaped.push(other),
        }
    }
    escaped
}
