//! The dashboard: a box of 80 columns with bars and shares, whose borders are straight whatever names it shows.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::numbers::percent;
use super::{Charset, Report, Style};
use crate::error::Ending;
use crate::escape::Escaped;
use crate::summary::NameCounts;

/// The columns between the borders and the blanks beside them.
const INNER: usize = 76;
const NAME: usize = 26;
const BAR: usize = 24;
const COUNT: usize = 15;
/// The columns behind the bar: a count, and its share, which gives way to a count that needs more than its own.
const NUMBERS: usize = INNER - NAME - BAR;

/// How many names of a table are shown.
const MOST_NAMES: usize = 15;

pub(super) fn render(report: &Report, style: &Style) -> String {
    let mut drawing = Drawing { text: String::new(), charset: style.charset };
    draw(&mut drawing, report);
    drawing.text
}

fn draw(drawing: &mut Drawing, report: &Report) {
    let summary = &report.summary;
    let total = summary.total;
    drawing.border(Border::Top);
    drawing.title(match report.ending {
        Some(Ending::Finished) => "Training Provenance Dashboard",
        Some(Ending::Interrupted) => "Training Provenance Dashboard (interrupted)",
        Some(Ending::Stopped) => "Training Provenance Dashboard (stopped at a faulty line)",
        Some(Ending::Failed) => "Training Provenance Dashboard (ended early)",
        None => "Training Provenance Dashboard (so far)",
    });
    drawing.border(Border::Between);
    drawing.count("Total pairs", total);
    drawing.share("Approved", summary.approved, total);
    drawing.share("Excluded", summary.excluded, total);
    drawing.share("Coverage", summary.covered, total);
    drawing.share("Complete", summary.complete, total);
    if summary.missing_provenance > 0 {
        drawing.share("Arrived without", summary.missing_provenance, total);
    }
    drawing.names("By source", &summary.by_source, total);
    drawing.names("By model", &summary.by_model, total);
    if !summary.by_reason.is_empty() {
        drawing.names("By reason", &summary.by_reason, summary.excluded);
    }
    if summary.missing_fields.iter().next().is_some() {
        drawing.border(Border::Between);
        drawing.line("Missing fields");
        for (field, count) in summary.missing_fields.iter() {
            drawing.share(&format!("  {}", field.name()), count, total);
        }
    }
    if summary.by_error.iter().next().is_some() {
        drawing.border(Border::Between);
        drawing.line("Faults");
        for (code, count) in summary.by_error.iter() {
            drawing.share(&format!("  {code}"), count, summary.lines);
        }
    }
    drawing.border(Border::Bottom);
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
}

impl Drawing {
    fn border(&mut self, border: Border) {
        let (left, middle, right) = match (self.charset, border) {
            (Charset::Ascii, _) => ("+", "-", "+"),
            (Charset::Unicode, Border::Top) => ("╔", "═", "╗"),
            (Charset::Unicode, Border::Between) => ("╠", "═", "╣"),
            (Charset::Unicode, Border::Bottom) => ("╚", "═", "╝"),
        };
        self.text.extend([left, &middle.repeat(INNER + 2), right, "\n"]);
    }

    /// Draws a line of text that fits.
    fn line(&mut self, text: &str) {
        let side = match self.charset {
            Charset::Ascii => "|",
            Charset::Unicode => "║",
        };
        let blanks = " ".repeat(INNER.saturating_sub(text.width()));
        self.text.extend([side, " ", text, &blanks, " ", side, "\n"]);
    }

    fn title(&mut self, title: &str) {
        self.line(&format!("{}{title}", " ".repeat((INNER - title.width()) / 2)));
    }

    fn count(&mut self, name: &str, count: u64) {
        self.line(&format!("{name:NAME$}{:BAR$}{:>COUNT$}", "", grouped(count)));
    }

    /// Draws a name, a bar, a count and its share of the total.
    fn share(&mut self, name: &str, count: u64, total: u64) {
        let name = self.fitted(name);
        let blanks = " ".repeat(NAME - name.width());
        let bar = self.bar(count, total);
        let share = percent(count, total);
        let count = format!("{:>COUNT$}", grouped(count));
        let room = NUMBERS - count.len();
        self.line(&format!("{name}{blanks}{bar}{count}{share:>room$}"));
    }

    fn names(&mut self, title: &str, names: &NameCounts, total: u64) {
        self.border(Border::Between);
        self.line(title);
        let names = names.largest();
        for (name, count) in names.iter().take(MOST_NAMES) {
            self.share(&format!("  {}", Escaped::new(name, 300)), *count, total);
        }
        let rest = names.get(MOST_NAMES..).unwrap_or_default();
        if !rest.is_empty() {
            let count = rest.iter().map(|(_, count)| count).sum();
            self.share(&format!("  and {} more", rest.len()), count, total);
        }
    }

    /// A name cut between characters as people see them, so that it leaves a column free before the bar.
    fn fitted(&self, name: &str) -> String {
        let (name, mark) = match self.charset {
            Charset::Unicode => (name.to_owned(), "…"),
            Charset::Ascii => (name.chars().map(as_ascii).collect(), "..."),
        };
        if name.width() < NAME {
            return name;
        }
        let room = NAME - 1 - mark.width();
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
        let eighths = (u128::from(count) * (BAR as u128) * 8).checked_div(u128::from(total)).unwrap_or(0);
        let eighths = usize::try_from(eighths).unwrap_or(BAR * 8).min(BAR * 8);
        let bar = match self.charset {
            Charset::Unicode => "█".repeat(eighths / 8) + EIGHTHS[eighths % 8],
            Charset::Ascii => "#".repeat((eighths + 4) / 8),
        };
        let blanks = " ".repeat(BAR - bar.chars().count());
        bar + &blanks
    }
}

fn as_ascii(character: char) -> String {
    if character.is_ascii() { character.to_string() } else { format!("\\u{{{:x}}}", u32::from(character)) }
}

/// A count with its thousands set apart, unless it were too wide for its place then.
fn grouped(count: u64) -> String {
    const TOO_WIDE: u64 = 10_u64.pow(15);
    let digits = count.to_string();
    if count >= TOO_WIDE {
        return digits;
    }
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap_or_default()).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::{Charset, Drawing, grouped};

    #[test]
    fn borders_are_straight_beside_counts_of_any_width() {
        for count in (0..20).map(|digits| 10_u64.pow(digits)).chain([u64::MAX]) {
            let mut drawing = Drawing { text: String::new(), charset: Charset::Ascii };
            drawing.share("name", count, u64::MAX);
            assert_eq!(drawing.text.len(), 81, "{}", drawing.text);
        }
    }

    #[test]
    fn thousands_are_set_apart_where_there_is_room() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(999_999_999_999_999), "999,999,999,999,999");
        assert_eq!(grouped(1_000_000_000_000_000), "1000000000000000");
    }
}
