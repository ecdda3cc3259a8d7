//! The page's section on the run: what it was asked to do, and what it read and wrote.

use maud::{Markup, html};

use super::super::numbers::{counted, grouped};
use super::super::{Report, RunRecord};
use super::{MOST_ROWS, moment, scrolling, text};
use crate::error::Ending;
use crate::summary::Summary;

pub(super) fn section(report: &Report) -> Markup {
    let run = &report.run;
    html! {
        section aria-labelledby="run" {
            h2 id="run" { "The run" }
            (facts(report))
            @if !run.stages.is_empty() { (stages(run)) }
            @if !run.rules.is_empty() { (rules(run)) }
            @if !run.inputs.is_empty() { (inputs(run)) }
            (counts(&report.summary))
            @if !report.runs.is_empty() { (runs(report)) }
        }
    }
}

fn facts(report: &Report) -> Markup {
    let output = &report.run.output;
    html! {
        dl.facts {
            dt { "Run" } dd { code { (text(&report.run_id)) } }
            dt { "Began" } dd { (moment(report.started_at)) }
            dt { @if report.ending.is_some() { "Ended" } @else { "Reported" } } dd { (moment(report.finished_at)) }
            dt { "Ending" } dd { (report.ending.map_or("still running", Ending::as_str)) }
            dt { "Tool" } dd { "provfilter " (env!("CARGO_PKG_VERSION")) }
            dt { "Output" }
            dd {
                @if let Some(name) = &output.name { code { (text(name)) } ", " }
                (counted(output.bytes, "byte", "bytes"))
                @if let Some(digest) = &output.sha256 { br; "SHA-256 " code { (text(digest)) } }
            }
        }
    }
}

fn stages(run: &RunRecord) -> Markup {
    html! {
        h3 { "Stages" }
        table {
            thead { tr { th scope="col" { "Stage" } th scope="col" { "Values, in the order they are tried" } } }
            tbody {
                @for stage in run.stages.iter().take(MOST_ROWS) {
                    tr {
                        th scope="row" { (text(&stage.name)) }
                        td {
                            @for (index, (setting, values)) in stage.values.iter().take(MOST_ROWS).enumerate() {
                                @if index > 0 { br; }
                                (text(setting)) ": "
                                @for (index, value) in values.iter().take(MOST_ROWS).enumerate() {
                                    @if index > 0 { ", " }
                                    code { (text(value)) }
                                }
                            }
                        }
                    }
                }
            }
        }
        (more(run.stages.len(), "stages"))
    }
}

fn rules(run: &RunRecord) -> Markup {
    html! {
        h3 { "Rules" }
        table {
            thead { tr { th scope="col" { "Reason" } th scope="col" { "Screen, or filter in the jq language" } } }
            tbody {
                @for rule in run.rules.iter().take(MOST_ROWS) {
                    tr {
                        th scope="row" { (text(&rule.reason)) }
                        td {
                            @if let Some(screen) = &rule.screen { "screen " code { (text(screen)) } }
                            @if let Some(filter) = &rule.filter { code { (text(filter)) } }
                        }
                    }
                }
            }
        }
        (more(run.rules.len(), "rules"))
    }
}

fn inputs(run: &RunRecord) -> Markup {
    let has_digests = run.inputs.iter().any(|input| input.sha256.is_some());
    let table = html! {
        table class=[has_digests.then_some("wide")] {
            thead {
                tr {
                    th scope="col" { "Input" } th.number scope="col" { "Lines" } th.number scope="col" { "Bytes" }
                    @if has_digests { th scope="col" { "SHA-256" } }
                }
            }
            tbody {
                @for input in run.inputs.iter().take(MOST_ROWS) {
                    tr {
                        th scope="row" { code { (text(&input.name)) } }
                        td.number { (grouped(input.lines)) } td.number { (grouped(input.bytes)) }
                        @if has_digests { td { @if let Some(digest) = &input.sha256 { code { (text(digest)) } } } }
                    }
                }
            }
        }
    };
    html! {
        h3 { "Inputs" }
        (scrolling("Inputs", &table))
        (more(run.inputs.len(), "inputs"))
    }
}

/// Where each line went: the counts add up to those above them.
fn counts(summary: &Summary) -> Markup {
    html! {
        h3 { "All counts" }
        table {
            thead { tr { th scope="col" { "Count" } th.number scope="col" { "Number" } } }
            tbody {
                @for counter in Summary::COUNTERS {
                    tr { th scope="row" { (counter.help.trim_end_matches('.')) } td.number { (grouped((counter.get)(summary))) } }
                }
            }
        }
    }
}

fn runs(report: &Report) -> Markup {
    html! {
        h3 { "Runs added up" }
        ul { @for run_id in report.runs.iter().take(MOST_ROWS) { li { code { (text(run_id)) } } } }
        (more(report.runs.len(), "runs"))
    }
}

/// A line for what a list leaves out.
fn more(length: usize, many: &str) -> Markup {
    let rest = length.saturating_sub(MOST_ROWS) as u64;
    html! { @if rest > 0 { p.note { "And " (grouped(rest)) " more " (many) "." } } }
}
