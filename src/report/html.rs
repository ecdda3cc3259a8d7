//! The page: one file that opens without a network and runs no script. Charts are inline SVG, with the numbers in tables beside them.
//!
//! `maud` escapes everything between its tags, so a name is always text. The page follows the HTML Standard
//! (<https://html.spec.whatwg.org/>).

mod charts;
mod faults;
mod run;

use std::fmt::Write;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::numbers::{counted, grouped, percent};
use super::{Report, Style, Topic, shortfall};
use crate::error::Ending;
use crate::escape::Escaped;
use crate::provenance::Field;
use crate::summary::{NameCounts, Summary};
use crate::timestamp::Timestamp;
use charts::{Bars, Part};

const CSS: &str = include_str!("html/page.css");

/// Forbids everything but the style within the page: scripts, requests, frames and forms (Content Security Policy Level 3).
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// How many rows of a table are shown, but for faults. The rest is one row.
const MOST_ROWS: usize = 50;

/// How many characters of a name, a message or a value are shown.
const LONGEST_TEXT: usize = 300;

pub(super) fn render(report: &Report, style: &Style) -> String {
    let title = format!("Provenance of {}", counted(report.summary.total, "record", "records"));
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="generator" content=(concat!("provfilter ", env!("CARGO_PKG_VERSION")));
                title { (title) }
                style { (PreEscaped(CSS)) }
            }
            body {
                (top(report, &title))
                main {
                    (overview(report))
                    (months(&report.summary))
                    (tables(&report.summary, style))
                    (content(&report.summary))
                    (examples(&report.summary))
                    (faults::section(&report.summary))
                    (run::section(report))
                }
                footer {
                    p { "Made by provfilter " (env!("CARGO_PKG_VERSION")) ". This page needs no network and runs no script." }
                }
            }
        }
    };
    page.into_string() + "\n"
}

/// Text from the input, isolated from the direction of what is around it.
fn text(text: &str) -> Markup {
    let mut shown = String::new();
    for character in Escaped::new(text, LONGEST_TEXT).to_string().chars() {
        if is_noncharacter(character) {
            write!(shown, "\\u{{{:x}}}", u32::from(character)).expect("a string takes all that is written to it");
        } else {
            shown.push(character);
        }
    }
    html! { bdi { (shown) } }
}

fn moment(time: Timestamp) -> Markup {
    html! { time { (time) } }
}

/// A code point that is no character, and that HTML forbids (<https://infra.spec.whatwg.org/#noncharacter>).
fn is_noncharacter(character: char) -> bool {
    matches!(character, '\u{fdd0}'..='\u{fdef}') || u32::from(character) & 0xfffe == 0xfffe
}

fn top(report: &Report, title: &str) -> Markup {
    let (class, what) = match report.ending {
        None => ("warn", "Still running: only the records so far are counted."),
        Some(ending) => match shortfall(ending) {
            None => ("good", "Finished"),
            Some(why) if ending == Ending::Failed => ("bad", why),
            Some(why) => ("warn", why),
        },
    };
    html! {
        header {
            h1 { (title) }
            p { span class={ "ending " (class) } { (what) } }
            p.note {
                @if !report.runs.is_empty() { "The sum of " (counted(report.runs.len() as u64, "run", "runs")) ". " }
                "From " (moment(report.started_at)) " to " (moment(report.finished_at)) "."
            }
        }
    }
}

/// What a person wants to see first.
fn overview(report: &Report) -> Markup {
    let summary = &report.summary;
    let faults = summary.fault_count();
    let both = (summary.approved + summary.excluded).saturating_sub(summary.covered);
    let parts = [
        Part { class: "fill-good", name: "approved", count: summary.approved.saturating_sub(both) },
        Part { class: "fill-warn", name: "excluded", count: summary.excluded },
        Part { class: "track", name: "neither", count: summary.total.saturating_sub(summary.covered) },
    ];
    html! {
        section aria-labelledby="overview" {
            h2 id="overview" { "At a glance" }
            ul.figures {
                (figure("Records", "", &grouped(summary.total), &counted(summary.bytes_out, "byte written", "bytes written")))
                (figure("Approved", "", &grouped(summary.approved), &percent(summary.approved, summary.total)))
                (figure("Excluded", "", &grouped(summary.excluded), &percent(summary.excluded, summary.total)))
                (figure("Coverage", "", &percent(summary.covered, summary.total), "approved or excluded"))
                (figure("Complete", "", &percent(summary.complete, summary.total), "have all required fields"))
                (figure("Faults", if faults > 0 { "bad" } else { "good" }, &grouped(faults), &format!("in {}", counted(summary.lines, "line", "lines"))))
            }
            @if summary.total > 0 { (charts::whole("Approved and excluded records", &parts, summary.total)) }
            @if summary.missing_provenance > 0 {
                p { (counted(summary.missing_provenance, "record", "records")) " arrived without provenance." }
            }
        }
    }
}

fn figure(name: &str, class: &str, figure: &str, beside: &str) -> Markup {
    html! { li { span { (name) } " " strong class=[(!class.is_empty()).then_some(class)] { (figure) } " " (beside) } }
}

fn months(summary: &Summary) -> Markup {
    let months: Vec<(&str, u64)> = summary.by_month.to_map().into_iter().collect();
    let total = summary.by_month.total();
    let shown = &months[months.len().saturating_sub(MOST_ROWS)..];
    let earlier = &months[..months.len() - shown.len()];
    let mut bars = Bars::new("Month", "Records", total, shown.iter().map(|(month, count)| (text(month), *count)).collect());
    if !earlier.is_empty() {
        let count = earlier.iter().map(|(_, count)| count).sum();
        bars.rows.insert(0, (html! { (counted(earlier.len() as u64, "earlier month", "earlier months")) }, count));
    }
    html! {
        section aria-labelledby="months" {
            h2 id="months" { "Records by month" }
            @if months.is_empty() {
                p { "No record has a capture time." }
            } @else {
                p.note {
                    "Capture times in UTC"
                    @if let (Some(first), Some(last)) = (summary.first_timestamp, summary.last_timestamp) {
                        ", from " (moment(first)) " to " (moment(last))
                    }
                    ". "
                    @if let without @ 1.. = summary.total.saturating_sub(total) {
                        (counted(without, "record has", "records have")) " none."
                    }
                }
                div.beside { div { (charts::columns("Records by month", shown)) } (bars.table()) }
            }
        }
    }
}

/// The tables of names, and of fields, side by side where there is room.
fn tables(summary: &Summary, style: &Style) -> Markup {
    html! {
        div.pair {
            (names("sources", "Records by source", "Source", &summary.by_source, summary.total))
            (names("models", "Records by model", "Model", &summary.by_model, summary.total))
            (fields(summary, style))
            (names("reasons", "Exclusions by reason", "Reason", &summary.by_reason, summary.excluded))
        }
    }
}

fn names(id: &str, title: &str, column: &'static str, names: &NameCounts, total: u64) -> Markup {
    let largest = names.largest();
    let (shown, rest) = largest.split_at(largest.len().min(MOST_ROWS));
    let mut bars = Bars::new(column, "Records", total, shown.iter().map(|(name, count)| (text(name), *count)).collect());
    if !rest.is_empty() {
        let count = rest.iter().map(|(_, count)| count).sum();
        bars.rows.push((html! { "and " (grouped(rest.len() as u64)) " more" }, count));
    }
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (title) }
            @if largest.is_empty() { p { "None." } } @else { (bars.table()) }
        }
    }
}

fn fields(summary: &Summary, style: &Style) -> Markup {
    let missing = |field| summary.missing_fields.iter().find(|(own, _)| *own == field).map_or(0, |(_, count)| count);
    let rows = Field::REQUIRED.map(|field| {
        let label = html! {
            code { (field.name()) }
            @if let missing @ 1.. = missing(field) {
                br;
                span.note {
                    "missing in " (grouped(missing))
                    @if let Some(flag) = (style.advice)(Topic::MissingField(field)) { ", fill with " code.flag { (flag) } }
                }
            }
        };
        (label, summary.total.saturating_sub(missing(field)))
    });
    html! {
        section aria-labelledby="fields" {
            h2 id="fields" { "Completeness by field" }
            (Bars::new("Field", "Records", summary.total, rows.into()).table())
        }
    }
}

/// Which models wrote how much, from which sources, and when.
fn content(summary: &Summary) -> Markup {
    let rows = summary.content.largest();
    let (shown, rest) = rows.split_at(rows.len().min(MOST_ROWS));
    html! {
        section aria-labelledby="content" {
            h2 id="content" { "Content by source and model" }
            @if rows.is_empty() {
                p { "None." }
            } @else {
                (scrolling("Content by source and model", &html! {
                    table.wide {
                        thead {
                            tr {
                                th scope="col" { "Source" } th scope="col" { "Model" }
                                @for column in ["Records", "Bytes", "Approved", "Excluded"] { th.number scope="col" { (column) } }
                                th scope="col" { "First capture" } th scope="col" { "Last capture" }
                            }
                        }
                        tbody {
                            @for (source, model, row) in shown {
                                tr {
                                    td { (text(source)) } th scope="row" { (text(model)) }
                                    @for count in [row.records, row.bytes, row.approved, row.excluded] { td.number { (grouped(count)) } }
                                    @for time in [row.first_timestamp, row.last_timestamp] {
                                        td { @if let Some(time) = time { (moment(time)) } @else { "unknown" } }
                                    }
                                }
                            }
                        }
                    }
                }))
                @if !rest.is_empty() {
                    p.note {
                        "And " (grouped(rest.len() as u64)) " more combinations of source and model, with "
                        (counted(rest.iter().map(|(.., row)| row.records).sum(), "record", "records")) "."
                    }
                }
            }
        }
    }
}

/// The first records that each rule excluded.
fn examples(summary: &Summary) -> Markup {
    let mut reasons = summary.exclusion_examples.iter().peekable();
    if reasons.peek().is_none() {
        return Markup::default();
    }
    html! {
        section aria-labelledby="examples" {
            h2 id="examples" { "Examples of exclusions" }
            table {
                thead { tr { th scope="col" { "Reason" } th scope="col" { "Where, and what was found" } } }
                tbody {
                    @for (reason, examples) in reasons.by_ref().take(MOST_ROWS) {
                        tr {
                            th scope="row" { (text(reason)) }
                            td {
                                ul {
                                    @for example in examples {
                                        li {
                                            (place(&example.file, example.line))
                                            @if let Some(found) = &example.found { ": " (text(found)) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            @if let rest @ 1.. = reasons.count() { p.note { "And " (grouped(rest as u64)) " more reasons." } }
        }
    }
}

/// Where a line is, as compilers and editors write it.
fn place(file: &str, line: u64) -> Markup {
    html! { code { (text(file)) ":" (line) } }
}

/// A wide table, which is scrolled within itself, by the keyboard too.
fn scrolling(label: &str, table: &Markup) -> Markup {
    html! { div.scroll role="region" aria-label={ (label) ", table" } tabindex="0" { (table) } }
}

#[cfg(test)]
mod tests;
