//! The text report: the lines that the Python module printed, and then whatever else is worth one.

use std::fmt::{self, Write};

use super::{Report, Style, Topic, shortfall};
use crate::escape::Escaped;
use crate::summary::{NameCounts, Summary, TimeCounts};

/// How many characters of a name are shown.
const LONGEST_NAME: usize = 60;

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
        for (field, count) in summary.missing_fields.iter() {
            let advice = (style.advice)(Topic::MissingField(field)).map(|flag| format!("  (fill with {flag})"));
            writeln!(text, "    {:20} {count}{}", field.name(), advice.unwrap_or_default())?;
        }
    }
    if summary.invalid > 0 {
        writeln!(text, "  Invalid provenance: {}", summary.invalid)?;
    }
    if summary.rejected > 0 {
        writeln!(text, "  Rejected lines: {}", summary.rejected)?;
    }
    if summary.by_error.iter().next().is_some() {
        writeln!(text, "  Faults:")?;
        for (code, count) in summary.by_error.iter() {
            writeln!(text, "    {:20} {count}", code.as_str())?;
        }
    }
    Ok(())
}

/// Which values were taken from the records themselves.
fn write_values(text: &mut String, summary: &Summary) -> fmt::Result {
    let from_records = |alternative: &str| alternative.contains("{/");
    if summary.values.iter().any(|(_, alternative, _)| from_records(alternative)) {
        writeln!(text, "  Values taken:")?;
        for (member, alternative, count) in summary.values.iter() {
            let (member, alternative) = (Escaped::new(member, LONGEST_NAME).to_string(), Escaped::new(alternative, LONGEST_NAME));
            writeln!(text, "    {member:20} {count}  from {alternative}")?;
        }
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
        writeln!(text, "  Times that cannot be read: {unreadable}  (left out)")?;
    }
    Ok(())
}

fn write_names(text: &mut String, title: &str, names: &NameCounts) -> fmt::Result {
    writeln!(text, "  {title}:")?;
    for (name, count) in names.to_map() {
        writeln!(text, "    {:20} {count}", Escaped::new(name, LONGEST_NAME).to_string())?;
    }
    Ok(())
}
