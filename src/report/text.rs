//! The text report: the lines that the Python module printed, then everything else worth a line.

use std::fmt::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::{Report, Style, Topic, shortfall};
use crate::escape::Escaped;
use crate::summary::{NameCounts, Summary, TimeCounts};

/// How many characters of a name are shown.
const LONGEST_NAME: usize = 60;

/// The columns of names, as the Python module has them; a table with a longer name has wider ones.
const NAME: usize = 20;

/// How many rows of a table are shown. The rest is one row.
const MOST_ROWS: usize = 20;

pub(super) fn render(report: &Report, style: &Style) -> String {
    let mut text = String::new();
    write_report(&mut text, report, style).expect("a string takes all that is written to it");
    text
}

fn write_report(text: &mut String, report: &Report, style: &Style) -> fmt::Result {
    let summary = &report.summary;
    writeln!(text, "Provenance Report")?;
    writeln!(text, "{}", "=".repeat(40))?;
    match report.ending {
        None => writeln!(text, "  So far:")?,
        Some(ending) => shortfall(ending).map_or(Ok(()), |why| writeln!(text, "  {why}"))?,
    }
    writeln!(text, "  Total pairs:    {}", summary.total)?;
    writeln!(text, "  Approved:       {}", summary.approved)?;
    writeln!(text, "  Excluded:       {}", summary.excluded)?;
    writeln!(text)?;
    write_names(text, "By source", &summary.by_source)?;
    write_names(text, "By model", &summary.by_model)?;
    if !summary.by_reason.is_empty() {
        write_names(text, "By reason", &summary.by_reason)?;
    }
    write_rest(text, summary, style)
}

/// What the Python module did not tell, where there is something to tell.
fn write_rest(text: &mut String, summary: &Summary, style: &Style) -> fmt::Result {
    if summary.missing_provenance > 0 {
        writeln!(text, "  Arrived without provenance: {}", summary.missing_provenance)?;
    }
    write_values(text, summary)?;
    write_times(text, summary.times, style)?;
    if summary.missing_fields.iter().next().is_some() {
        writeln!(text, "  Missing fields:")?;
        let rows = summary.missing_fields.iter().map(|(field, count)| {
            let advice = (style.advice)(Topic::MissingField(field)).map(|flag| format!("  (fill with {flag})"));
            Row { name: field.name().to_owned(), count, note: advice.unwrap_or_default() }
        });
        write_rows(text, rows.collect())?;
    }
    if summary.invalid > 0 {
        writeln!(text, "  Invalid provenance: {}", summary.invalid)?;
    }
    if summary.rejected > 0 {
        writeln!(text, "  Rejected lines: {}", summary.rejected)?;
    }
    if summary.by_error.iter().next().is_some() {
        writeln!(text, "  Faults:")?;
        let rows = summary.by_error.iter().map(|(code, count)| Row { name: code.to_string(), count, note: String::new() });
        write_rows(text, rows.collect())?;
    }
    Ok(())
}

/// Which values were taken from the records themselves.
fn write_values(text: &mut String, summary: &Summary) -> fmt::Result {
    let from_records = |alternative: &str| alternative.contains("{/");
    if summary.values.iter().any(|(_, alternative, _)| from_records(alternative)) {
        writeln!(text, "  Filled in:")?;
        let row = |(member, alternative, count)| Row {
            name: Escaped::new(member, LONGEST_NAME).to_string(),
            count,
            note: format!("  from {}", Escaped::new(alternative, LONGEST_NAME)),
        };
        write_rows(text, summary.values.iter().map(row).collect())?;
    }
    Ok(())
}

/// How the times of records were read, where there is something to know.
fn write_times(text: &mut String, times: TimeCounts, style: &Style) -> fmt::Result {
    let TimeCounts { assumed, unreadable, .. } = times;
    if assumed > 0 {
        let advice = (style.advice)(Topic::AssumedZone).map(|flag| format!("  (read as {flag} says)"));
        writeln!(text, "  Times without a zone: {assumed}{}", advice.unwrap_or_default())?;
    }
    if unreadable > 0 {
        writeln!(text, "  Unreadable times: {unreadable}  (left out)")?;
    }
    Ok(())
}

/// The most frequent names, in the order of their bytes.
fn write_names(text: &mut String, title: &str, names: &NameCounts) -> fmt::Result {
    writeln!(text, "  {title}:")?;
    let mut names = names.largest();
    let shown = names.len().min(MOST_ROWS);
    names[..shown].sort_unstable();
    let row = |(name, count): (&str, u64)| Row { name: Escaped::new(name, LONGEST_NAME).to_string(), count, note: String::new() };
    write_rows(text, names.into_iter().map(row).collect())
}

/// A row of a table.
struct Row {
    name: String,
    count: u64,
    /// What follows the count.
    note: String,
}

/// Writes a table, with the counts below each other.
fn write_rows(text: &mut String, mut rows: Vec<Row>) -> fmt::Result {
    let rest = rows.split_off(rows.len().min(MOST_ROWS));
    if !rest.is_empty() {
        let name = format!("and {} more", rest.len());
        rows.push(Row { name, count: rest.iter().map(|row| row.count).sum(), note: String::new() });
    }
    let width = rows.iter().map(|row| row.name.width()).fold(NAME, usize::max);
    for Row { name, count, note } in rows {
        let blanks = " ".repeat(width - name.width());
        writeln!(text, "    {name}{blanks} {count}{note}")?;
    }
    Ok(())
}
