//! The Markdown report: tables for a pull request or a dataset card.

use std::fmt::{self, Write};

use super::numbers::percent;
use super::{Report, Style, Topic, shortfall};
use crate::escape::Escaped;
use crate::summary::NameCounts;

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
    writeln!(text, "| | pairs | share |\n| --- | ---: | ---: |")?;
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
        writeln!(text, "\n| Missing field | pairs | filled by |\n| --- | ---: | --- |")?;
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
    Ok(())
}

fn write_names(text: &mut String, title: &str, names: &NameCounts, total: u64) -> fmt::Result {
    if names.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n| {title} | pairs | share |\n| --- | ---: | ---: |")?;
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
