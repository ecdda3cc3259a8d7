//! The dashboard: a box with bars and shares at a given width, with straight borders whatever the names.

use anstyle::AnsiColor;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::numbers::percent;
use super::{Charset, Coloring, Report, Style, numbers};
use crate::error::Ending;
use crate::escape::Escaped;
use crate::summary::NameCounts;

/// The columns of a count. One that needs more takes them from its share.
const COUNT: usize = 15;
/// The columns behind the bar: a count of any length, and its share.
const NUMBERS: usize = 26;
/// The columns of a name, which holds that of every field, a blank before them, and one behind.
const SHORTEST_NAME: usize = 20;

/// How many names of a table are shown.
const MOST_NAMES: usize = 15;

const PLAIN: anstyle::Style = anstyle::Style::new();
const BOLD: anstyle::Style = anstyle::Style::new().bold();
const NEUTRAL: anstyle::Style = AnsiColor::Cyan.on_default();
const GOOD: anstyle::Style = AnsiColor::Green.on_default();
const WARNING: anstyle::Style = AnsiColor::Yellow.on_default();
const BAD: anstyle::Style = AnsiColor::Red.on_default();

pub(super) fn render(report: &Report, style: &Style) -> String {
    let mut drawing = Drawing::new(style);
    draw(&mut drawing, report);
    drawing.text
}

fn draw(drawing: &mut Drawing, report: &Report) {
    let summary = &report.summary;
    let total = summary.total;
    drawing.border(Border::Top);
    drawing.title(title(report.ending));
    drawing.border(Border::Between);
    drawing.count("Total pairs", total);
    drawing.share("Approved", summary.approved, total, GOOD);
    drawing.share("Excluded", summary.excluded, total, WARNING);
    drawing.share("Coverage", summary.covered, total, NEUTRAL);
    drawing.share("Complete", summary.complete, total, NEUTRAL);
    if summary.missing_provenance > 0 {
        drawing.share("Arrived without", summary.missing_provenance, total, WARNING);
    }
    drawing.names("By source", &summary.by_source, total);
    drawing.names("By model", &summary.by_model, total);
    if !summary.by_reason.is_empty() {
        drawing.names("By reason", &summary.by_reason, summary.excluded);
    }
    if summary.missing_fields.iter().next().is_some() {
        drawing.border(Border::Between);
        drawing.heading("Missing fields");
        for (field, count) in summary.missing_fields.iter() {
            drawing.share(&format!("  {}", field.name()), count, total, WARNING);
        }
    }
    if summary.by_error.iter().next().is_some() {
        drawing.border(Border::Between);
        drawing.heading("Faults");
        for (code, count) in summary.by_error.iter() {
            drawing.share(&format!("  {code}"), count, summary.lines, BAD);
        }
    }
    drawing.border(Border::Bottom);
}

fn title(ending: Option<Ending>) -> &'static str {
    match ending {
        Some(Ending::Finished) => "Training Provenance Dashboard",
        Some(Ending::Interrupted) => "Training Provenance Dashboard (interrupted)",
        Some(Ending::Stopped) => "Training Provenance Dashboard (stopped at a faulty line)",
        Some(Ending::Failed) => "Training Provenance Dashboard (failed)",
        None => "Training Provenance Dashboard (so far)",
    }
}

/// Where a horizontal border is.
enum Border {
    Top,
    Between,
    Bottom,
}

struct Drawing {
    text: String,
    charset: Charset,
    coloring: Coloring,
    /// The columns between the borders and the blanks beside them.
    inner: usize,
    /// The columns of a name.
    name: usize,
    /// The columns of a bar.
    bar: usize,
}

impl Drawing {
    fn new(style: &Style) -> Self {
        let inner = style.width.clamp(*Style::WIDTHS.start(), *Style::WIDTHS.end()) - 4;
        let name = ((inner - NUMBERS) * 13 / 25).max(SHORTEST_NAME);
        let bar = inner - NUMBERS - name;
        Self { text: String::new(), charset: style.charset, coloring: style.coloring, inner, name, bar }
    }

    fn border(&mut self, border: Border) {
        let (left, middle, right) = match (self.charset, border) {
            (Charset::Ascii, _) => ("+", "-", "+"),
            (Charset::Unicode, Border::Top) => ("╔", "═", "╗"),
            (Charset::Unicode, Border::Between) => ("╠", "═", "╣"),
            (Charset::Unicode, Border::Bottom) => ("╚", "═", "╝"),
        };
        self.text.extend([left, &middle.repeat(self.inner + 2), right, "\n"]);
    }

    /// Draws a line of parts that fit, each in its colour.
    fn line(&mut self, parts: &[(&str, anstyle::Style)]) {
        let side = match self.charset {
            Charset::Ascii => "|",
            Charset::Unicode => "║",
        };
        self.text.extend([side, " "]);
        for (text, style) in parts {
            if self.coloring == Coloring::Ansi && *style != PLAIN && !text.trim().is_empty() {
                self.text.extend([&*style.to_string(), text, &format!("{style:#}")]);
            } else {
                self.text.push_str(text);
            }
        }
        // Characters of neighbours may join, so that a line is not always as wide as its parts.
        let width = parts.iter().map(|(text, _)| *text).collect::<String>().width();
        self.text.extend([&*" ".repeat(self.inner.saturating_sub(width)), " ", side, "\n"]);
    }

    fn title(&mut self, title: &str) {
        let blanks = " ".repeat((self.inner - title.width()) / 2);
        self.line(&[(&blanks, PLAIN), (title, BOLD)]);
    }

    fn heading(&mut self, heading: &str) {
        self.line(&[(heading, BOLD)]);
    }

    fn count(&mut self, name: &str, count: u64) {
        let (name_width, bar_width) = (self.name, self.bar);
        self.line(&[(&format!("{name:name_width$}{:bar_width$}{:>COUNT$}", "", grouped(count)), PLAIN)]);
    }

    /// Draws a name, a bar, a count and its share of the total.
    fn share(&mut self, name: &str, count: u64, total: u64, style: anstyle::Style) {
        let name = self.fitted(name);
        let name = format!("{name}{}", " ".repeat(self.name - name.width()));
        let bar = self.bar(count, total);
        let share = percent(count, total);
        let count = format!("{:>COUNT$}", grouped(count));
        let room = NUMBERS - count.len();
        self.line(&[(&name, PLAIN), (&bar, style), (&format!("{count}{share:>room$}"), PLAIN)]);
    }

    fn names(&mut self, title: &str, names: &NameCounts, total: u64) {
        self.border(Border::Between);
        self.heading(title);
        let names = names.largest();
        for (name, count) in names.iter().take(MOST_NAMES) {
            self.share(&format!("  {}", Escaped::new(name, 300)), *count, total, NEUTRAL);
        }
        let rest = names.get(MOST_NAMES..).unwrap_or_default();
        if !rest.is_empty() {
            let count = rest.iter().map(|(_, count)| count).sum();
            self.share(&format!("  and {} more", rest.len()), count, total, NEUTRAL);
        }
    }

    /// A name cut between characters as people see them, so that it leaves a column free before the bar.
    fn fitted(&self, name: &str) -> String {
        let (name, mark) = match self.charset {
            Charset::Unicode => (name.to_owned(), "…"),
            Charset::Ascii => (name.chars().map(as_ascii).collect(), "..."),
        };
        if name.width() < self.name {
            return name;
        }
        let room = self.name - 1 - mark.width();
        let mut cut = String::new();
        for character in name.graphemes(true) {
            if cut.width() + character.width() > room {
                break;
            }
            cut.push_str(character);
        }
        cut + mark
    }

    /// A bar that is as long as the share, in eighths of a column where there are characters for that.
    fn bar(&self, count: u64, total: u64) -> String {
        const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
        let eighths = (u128::from(count) * (self.bar as u128) * 8).checked_div(u128::from(total)).unwrap_or(0);
        let eighths = usize::try_from(eighths).unwrap_or(self.bar * 8).min(self.bar * 8);
        let bar = match self.charset {
            Charset::Unicode => "█".repeat(eighths / 8) + EIGHTHS[eighths % 8],
            Charset::Ascii => "#".repeat((eighths + 4) / 8),
        };
        let blanks = " ".repeat(self.bar - bar.chars().count());
        bar + &blanks
    }
}

fn as_ascii(character: char) -> String {
    if character.is_ascii() { character.to_string() } else { format!("\\u{{{:x}}}", u32::from(character)) }
}

/// A count with its thousands set apart, where there is room for that.
fn grouped(count: u64) -> String {
    const TOO_WIDE: u64 = 10_u64.pow(15);
    if count < TOO_WIDE { numbers::grouped(count) } else { count.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_are_straight_beside_counts_of_any_width() {
        for width in Style::WIDTHS {
            for count in (0..20).map(|digits| 10_u64.pow(digits)).chain([u64::MAX]) {
                let style = Style { charset: Charset::Ascii, width, ..Style::default() };
                let mut drawing = Drawing::new(&style);
                drawing.share("name", count, u64::MAX, PLAIN);
                assert_eq!(drawing.text.len(), width + 1, "{}", drawing.text);
            }
        }
    }

    #[test]
    fn thousands_are_set_apart_where_there_is_room() {
        assert_eq!(grouped(999_999_999_999_999), "999,999,999,999,999");
        assert_eq!(grouped(1_000_000_000_000_000), "1000000000000000");
    }

    #[test]
    fn each_title_fits_the_narrowest_box() {
        for ending in [None, Some(Ending::Finished), Some(Ending::Interrupted), Some(Ending::Stopped), Some(Ending::Failed)] {
            assert!(title(ending).len() <= Style::WIDTHS.start() - 4);
        }
    }
}
