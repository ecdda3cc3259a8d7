//! The page's section on faults: how many there are of each kind, and the first of them.

use maud::{Markup, html};

use super::super::numbers::{counted, grouped};
use super::charts::Bars;
use super::{place, text};
use crate::summary::Summary;

pub(super) fn section(summary: &Summary) -> Markup {
    let rows: Vec<_> = summary.by_error.iter().map(|(code, count)| (html! { code { (code) } }, count)).collect();
    html! {
        section aria-labelledby="faults" {
            h2 id="faults" { "Faults" }
            @if rows.is_empty() {
                p { "None." }
            } @else {
                p.note { "Shares are of " (counted(summary.lines, "line", "lines")) "." }
                (Bars::new("Fault", "Lines", summary.lines, rows).table())
                @if !summary.faults.is_empty() { (first(summary)) }
            }
        }
    }
}

fn first(summary: &Summary) -> Markup {
    let shown = summary.faults.len() as u64;
    html! {
        h3 { "The first " (grouped(shown)) " of " (grouped(summary.fault_count().max(shown))) }
        table {
            thead { tr { th scope="col" { "Where" } th scope="col" { "What is wrong" } } }
            tbody {
                @for located in &summary.faults {
                    tr {
                        th scope="row" { (place(&located.file, located.line)) }
                        td { code { (located.fault.code) } ": " (text(&located.fault.message)) }
                    }
                }
            }
        }
    }
}
