//! `--help`: the manual as text for a terminal.

use std::fmt::Write;

use anstyle::Style;
use clap::Command;

use super::block::{Block, Section};
use super::manual::{about, manual};
use super::markup::{Face, fit, lines, plain, words};

const HEADING: Style = Style::new().bold().underline();
const CODE: Style = Style::new().bold();

/// How far texts stand in from the left, and how far what is said of a flag does.
const INDENT: usize = 2;
const FLAG_INDENT: usize = 8;

/// The heading of a group or a section.
pub(super) fn heading(title: &str) -> String {
    format!("{HEADING}{title}:{HEADING:#}")
}

/// Part of a text in its face.
pub(super) fn set(face: Face, part: &str) -> String {
    if face == Face::Code { format!("{CODE}{part}{CODE:#}") } else { part.to_owned() }
}

/// Everything there is to tell, in lines of this width.
pub(super) fn render(command: &Command, width: usize) -> String {
    let mut page = format!("{}.\n\n{} provfilter [OPTIONS] [FILE]...\n", about(command), heading("Usage"));
    for section in manual(command) {
        section_into(&mut page, &section, width);
    }
    page
}

fn section_into(page: &mut String, section: &Section, width: usize) {
    // What comes first needs no heading, and the groups of flags have their own.
    let (is_first, has_groups) = (section.title == "Description", section.title == "Options");
    if !(is_first || has_groups) {
        let _ = writeln!(page, "\n{}", heading(section.title));
    }
    let indent = if is_first { 0 } else { INDENT };
    let terms = section.blocks.iter().filter_map(|block| match block {
        Block::Row { term, .. } => Some(plain(term).chars().count()),
        _ => None,
    });
    let layout = Layout { indent, column: INDENT + terms.max().unwrap_or_default() + 2, width };
    let mut before = if is_first || has_groups { None } else { Some(Kind::Heading) };
    for block in &section.blocks {
        let kind = Kind::of(block);
        if !matches!((before, kind), (Some(Kind::Heading), _) | (Some(Kind::Row), Kind::Row)) {
            page.push('\n');
        }
        block_into(page, block, layout);
        before = Some(kind);
    }
}

/// What matters of a block for the line between it and the next.
#[derive(Clone, Copy)]
enum Kind {
    Heading,
    Row,
    Other,
}

impl Kind {
    fn of(block: &Block) -> Self {
        match block {
            Block::Group(_) => Self::Heading,
            Block::Row { .. } => Self::Row,
            _ => Self::Other,
        }
    }
}

/// Where the texts of a section stand.
#[derive(Clone, Copy)]
struct Layout {
    indent: usize,
    /// Where the second column of a table starts.
    column: usize,
    width: usize,
}

fn block_into(page: &mut String, block: &Block, layout: Layout) {
    match block {
        Block::Text(text) => text_into(page, text, layout.indent, layout.width),
        Block::Group(title) => {
            let _ = writeln!(page, "{}", heading(title));
        }
        Block::Flag { term, text } => {
            text_into(page, term, INDENT, layout.width);
            text_into(page, text, FLAG_INDENT, layout.width);
        }
        Block::Row { term, text } => {
            let term_width = layout.column - 2 - INDENT;
            let gap = term_width.saturating_sub(plain(term).chars().count());
            let term: String = words(term, set).into_iter().map(|word| word.text).collect::<Vec<_>>().join(" ");
            let text = indented(text, layout.column, layout.width);
            let _ = writeln!(page, "{:INDENT$}{term}{:gap$}  {}", "", "", text.trim_start());
        }
        Block::Example { what, command } => {
            text_into(page, what, layout.indent, layout.width);
            for line in fit(command, layout.width - layout.indent - 2).lines() {
                let _ = writeln!(page, "{:1$}{line}", "", layout.indent + 2);
            }
        }
    }
}

fn text_into(page: &mut String, text: &str, indent: usize, width: usize) {
    let _ = writeln!(page, "{}", indented(text, indent, width));
}

fn indented(text: &str, indent: usize, width: usize) -> String {
    let lines = lines(&words(text, set), width.saturating_sub(indent));
    lines.iter().map(|line| format!("{:indent$}{line}", "")).collect::<Vec<_>>().join("\n")
}
