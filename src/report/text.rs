//! The text report: the lines that the Python module printed, and then whatever else is worth one.

use std::fmt::{self, Write};

use super::{Report, flag, shortfall};
use crate::escape::Escaped;
use crate::summary::{Names, Summary, Times};

/// How many characters of a name are shown.
const LONGEST_NAME: usize = 60;

pub(super) fn render(report: &Report) -> String {
    let mut text = String::new();
    write_report(&mut text, report).expect("a string takes all that is written to it");
    text
}

fn write_report(text: &mut String, report: &Report) -> fmt::Result {
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
    write_rest(text, summary)
}

/// What the Python module did not tell, where there is something to tell.
fn write_rest(text: &mut String, summary: &Summary) -> fmt::Result {
    if summary.missing_provenance > 0 {
        writeln!(text, "  Arrived without provenance: {}", summary.missing_provenance)?;
    }
    write_taken(text, summary)?;
    if summary.missing_fields.iter().next().is_some() {
        writeln!(text, "  Missing fields:")?;
        for (field, count) in summary.missing_fields.iter() {
            writeln!(text, "    {:20} {count}  (fill with {})", field.name(), flag(field))?;
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

/// What was taken from the records themselves, and how their times were read.
fn write_taken(text: &mut String, summary: &Summary) -> fmt::Result {
    let from_records = |alternative: &str| alternative.contains("{/");
    if summary.taken.iter().any(|(_, alternative, _)| from_records(alternative)) {
        writeln!(text, "  Values taken:")?;
        for (field, alternative, count) in summary.taken.iter() {
            writeln!(text, "    {:20} {count}  from {}", field.name(), Escaped::new(alternative, LONGEST_NAME))?;
        }
    }
    let Times { assumed, unreadable, .. } = summary.times;
    if assumed > 0 {
        writeln!(text, "  Times without a zone: {assumed}  (read as --assume-tz says)")?;
    }
    if unreadable > 0 {
        writeln!(text, "  Times that cannot be read: {unreadable}  (left out)")?;
    }
    Ok(())
}

fn write_names(text: &mut String, title: &str, names: &Names) -> fmt::Result {
    writeln!(text, "  {title}:")?;
    for (name, count) in names.to_map() {
        writeln!(text, "    {:20} {count}", Escaped::new(name, LONGEST_NAME).to_string())?;
    }
    Ok(())
}
