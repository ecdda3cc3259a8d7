//! `-h`: one screen of 80 columns and 40 lines, with half a line for each flag.

use std::fmt::Write;

use clap::{Arg, Command};

use super::manual::{about, groups, term};
use super::markup::{parts, plain};
use super::page::{heading, set};
use super::sections::EXAMPLES;

/// How many examples there is room for.
const SHOWN_EXAMPLES: usize = 5;

/// A flag, and what there is to say of it in half a line.
struct Cell {
    term: String,
    phrase: String,
}

impl Cell {
    fn new(arg: &Arg) -> Self {
        let phrase = arg.get_help().map(ToString::to_string).unwrap_or_default();
        Self { term: term(arg), phrase }
    }

    fn term_width(&self) -> usize {
        plain(&self.term).chars().count()
    }

    /// As wide as its column has it.
    fn render(&self, term_width: usize, phrase_width: usize) -> String {
        let term: String = parts(&self.term).map(|(face, part)| set(face, part)).collect();
        let gap = term_width - self.term_width();
        format!("{term}{:gap$}  {:phrase_width$}", "", self.phrase)
    }
}

/// The flags of a group, in two columns.
struct Columns<'c> {
    heading: &'c str,
    columns: [Vec<Cell>; 2],
}

impl<'c> Columns<'c> {
    fn new(heading: &'c str, args: &[&Arg]) -> Self {
        let cells = |args: &[&Arg]| args.iter().map(|arg| Cell::new(arg)).collect();
        let (left, right) = args.split_at(args.len().div_ceil(2));
        Self { heading, columns: [cells(left), cells(right)] }
    }

    /// How wide the terms of each column are.
    fn term_widths(&self) -> [usize; 2] {
        self.columns.each_ref().map(|cells| cells.iter().map(Cell::term_width).max().unwrap_or_default())
    }

    /// How wide the left column is, with the blanks behind its terms.
    fn left_width(&self) -> usize {
        let phrases = self.columns[0].iter().map(|cell| cell.phrase.chars().count());
        self.term_widths()[0] + 2 + phrases.max().unwrap_or_default()
    }

    fn render(&self, left_width: usize) -> String {
        let [left, right] = &self.columns;
        let [left_terms, right_terms] = self.term_widths();
        let mut lines = format!("{}\n", heading(self.heading));
        for (position, cell) in left.iter().enumerate() {
            let left = cell.render(left_terms, left_width - left_terms - 2);
            let right = right.get(position).map(|cell| cell.render(right_terms, 0)).unwrap_or_default();
            let _ = writeln!(lines, "{}", format!("  {left}  {right}").trim_end());
        }
        lines
    }
}

/// What the program does, examples, and every flag.
pub(super) fn render(command: &Command) -> String {
    let groups = groups(command).into_iter().map(|(heading, mut args)| {
        args.retain(|arg| !arg.is_positional());
        Columns::new(heading, &args)
    });
    let groups: Vec<_> = groups.filter(|group| !group.columns[0].is_empty()).collect();
    let left_width = groups.iter().map(Columns::left_width).max().unwrap_or_default();
    let flags: String = groups.iter().map(|group| group.render(left_width)).collect();
    let examples: Vec<_> = EXAMPLES.iter().take(SHOWN_EXAMPLES).map(|(_, command)| format!("  {command}")).collect();
    let usage = format!("{} provfilter [OPTIONS] [FILE]...", heading("Usage"));
    let examples = format!("{}\n{}", heading("Examples"), examples.join("\n"));
    format!("{}.\n{usage}  (--help explains everything)\n\n{examples}\n\n{flags}", about(command))
}
