//! The Markdown report: tables for a pull request or a dataset card.

use std::fmt::{self, Write};

use super::numbers::percent;
use super::{Report, Style, Topic, shortfall};
use crate::escape::Escaped;
use crate::summary::{ContentRow, NameCounts, Summary};

/// How many characters of a name are shown.
const LONGEST_NAME: usize = 80;

/// How many names of a table are shown.
const MOST_NAMES: usize = 50;

pub(super) fn render(report: &Report, style: &Style) -> String {
    let mut text = String::new();
    write_report(&mut text, report, style).expect("a string takes all that is written to it");
    text
}

fn write_report(text: &mut String, report: &Report, style: &Style) -> fmt::Result {
    let summary = &report.summary;
    writeln!(text, "## Provenance\n")?;
    match report.ending {
        None => writeln!(text, "So far:\n")?,
        Some(ending) => shortfall(ending).map_or(Ok(()), |why| writeln!(text, "{why}\n"))?,
    }
    writeln!(text, "| | records | share |\n| --- | ---: | ---: |")?;
    let mut row = |name: &str, count: u64| writeln!(text, "| {name} | {count} | {} |", percent(count, summary.total));
    row("total", summary.total)?;
    row("approved", summary.approved)?;
    row("excluded", summary.excluded)?;
    row("approved or excluded", summary.covered)?;
    row("with all required fields", summary.complete)?;
    row("arrived without provenance", summary.missing_provenance)?;
    if let (Some(first), Some(last)) = (summary.first_timestamp, summary.last_timestamp) {
        writeln!(text, "\nCaptured from {first} to {last}.")?;
    }
    write_names(text, "Source", &summary.by_source, summary.total)?;
    write_names(text, "Model", &summary.by_model, summary.total)?;
    write_names(text, "Reason for exclusion", &summary.by_reason, summary.excluded)?;
    if summary.missing_fields.iter().next().is_some() {
        writeln!(text, "\n| Missing field | records | fill with |\n| --- | ---: | --- |")?;
        for (field, count) in summary.missing_fields.iter() {
            let advice = (style.advice)(Topic::MissingField(field)).map(|flag| format!("`{flag}`"));
            writeln!(text, "| `{}` | {count} | {} |", field.name(), advice.unwrap_or_default())?;
        }
    }
    if summary.by_error.iter().next().is_some() {
        writeln!(text, "\n| Fault | lines |\n| --- | ---: |")?;
        for (code, count) in summary.by_error.iter() {
            writeln!(text, "| `{code}` | {count} |")?;
        }
    }
    write_content(text, summary)
}

/// What a dataset card, or a provider's summary of its training content, tells of the data: which models wrote how much of it, and when.
fn write_content(text: &mut String, summary: &Summary) -> fmt::Result {
    let rows = summary.content.largest();
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n## Training content\n")?;
    writeln!(
        text,
        "Records by source and by the model that wrote the assistant turns, as named in the records. Bytes include line feeds; times are \
         capture times in UTC. These are counts, not a claim of compliance.\n"
    )?;
    writeln!(text, "| Source | Model | records | bytes | approved | excluded | from | to |")?;
    writeln!(text, "| --- | --- | ---: | ---: | ---: | ---: | --- | --- |")?;
    let (shown, rest) = rows.split_at(rows.len().min(MOST_NAMES));
    for (source, model, row) in shown {
        write_row(text, &literal(source), &literal(model), row)?;
    }
    if !rest.is_empty() {
        let sum = rest.iter().fold(ContentRow::default(), |mut sum, (.., row)| {
            sum += *row;
            sum
        });
        write_row(text, &format!("*{} more*", rest.len()), "", &sum)?;
    }
    write_row(text, "**all**", "", &summary.content.total())?;
    write_months(text, &summary.by_month)
}

fn write_row(text: &mut String, source: &str, model: &str, row: &ContentRow) -> fmt::Result {
    let ContentRow { records, bytes, approved, excluded, first_timestamp, last_timestamp } = row;
    write!(text, "| {source} | {model} | {records} | {bytes} | {approved} | {excluded} |")?;
    for time in [first_timestamp, last_timestamp] {
        match time {
            Some(time) => write!(text, " {time} |")?,
            None => write!(text, " |")?,
        }
    }
    writeln!(text)
}

/// The last months, and those before in one row.
fn write_months(text: &mut String, months: &NameCounts) -> fmt::Result {
    let total = months.total();
    let months: Vec<_> = months.to_map().into_iter().collect();
    if months.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n| Month | records | share |\n| --- | ---: | ---: |")?;
    let (earlier, shown) = months.split_at(months.len().saturating_sub(MOST_NAMES));
    if !earlier.is_empty() {
        let count = earlier.iter().map(|(_, count)| count).sum();
        writeln!(text, "| *{} before* | {count} | {} |", earlier.len(), percent(count, total))?;
    }
    for (month, count) in shown {
        writeln!(text, "| {} | {count} | {} |", literal(month), percent(*count, total))?;
    }
    Ok(())
}

fn write_names(text: &mut String, title: &str, names: &NameCounts, total: u64) -> fmt::Result {
    if names.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n| {title} | records | share |\n| --- | ---: | ---: |")?;
    let names = names.largest();
    for (name, count) in names.iter().take(MOST_NAMES) {
        writeln!(text, "| {} | {count} | {} |", literal(name), percent(*count, total))?;
    }
    let rest = names.get(MOST_NAMES..).unwrap_or_default();
    if !rest.is_empty() {
        let count = rest.iter().map(|(_, count)| count).sum();
        writeln!(text, "| *{} more* | {count} | {} |", rest.len(), percent(count, total))?;
    }
    Ok(())
}

/// A name as Markdown that shows it, and nothing in it is markup.
fn literal(name: &str) -> String {
    let mut text = String::new();
    for character in Escaped::new(name, LONGEST_NAME).to_string().chars() {
        if matches!(character, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '$' | '#' | '!' | '@') {
            text.push('\\');
        }
        text.push(character);
    }
    text
}
