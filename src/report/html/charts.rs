//! Charts as inline SVG. Bars in a table are hidden from screen readers, which read the numbers beside them; a chart without a
//! table says what it shows in its title.

use maud::{Markup, html};

use super::super::numbers::{counted, grouped, percent, thousandths};

/// The height of a chart of columns, in its own units; a bar is a thousand units wide.
const HEIGHT: u64 = 1000;

/// The longest span that is drawn with a gap for each month that has no records.
const LONGEST_SPAN: usize = 120;

/// A table of counts with a bar for each.
pub(super) struct Bars {
    column: &'static str,
    unit: &'static str,
    total: u64,
    /// What is counted, and how often.
    pub(super) rows: Vec<(Markup, u64)>,
}

impl Bars {
    /// A table whose counts are shares of a total.
    pub(super) fn new(column: &'static str, unit: &'static str, total: u64, rows: Vec<(Markup, u64)>) -> Self {
        Self { column, unit, total, rows }
    }

    pub(super) fn table(&self) -> Markup {
        html! {
            table {
                thead {
                    tr {
                        th scope="col" { (self.column) }
                        th.number scope="col" { (self.unit) }
                        th.share scope="col" { "Share" }
                    }
                }
                tbody {
                    @for (label, count) in &self.rows {
                        tr {
                            th scope="row" { (label) }
                            td.number { (grouped(*count)) }
                            td.share { span { (percent(*count, self.total)) } (bar(*count, self.total)) }
                        }
                    }
                }
            }
        }
    }
}

fn bar(count: u64, total: u64) -> Markup {
    html! {
        svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect.track width="1000" height="10" {}
            rect.fill width=(visible(count, thousandths(count, total))) height="10" {}
        }
    }
}

/// A length that is seen where there is anything at all.
fn visible(count: u64, length: u64) -> u64 {
    if count > 0 { length.max(4) } else { length }
}

/// A part of a whole.
pub(super) struct Part {
    /// The class of its colour.
    pub(super) class: &'static str,
    pub(super) name: &'static str,
    pub(super) count: u64,
}

/// One bar that is divided into parts, with its key.
pub(super) fn whole(title: &str, parts: &[Part], total: u64) -> Markup {
    let described: Vec<_> = parts.iter().map(|part| format!("{} {}", percent(part.count, total), part.name)).collect();
    let widths = parts.iter().map(|part| thousandths(part.count, total));
    let starts = widths.clone().scan(0, |end, width| {
        *end += width;
        Some(*end - width)
    });
    html! {
        svg.whole viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-labelledby="whole" {
            title id="whole" { (title) ": " (described.join(", ")) }
            @for ((part, start), width) in parts.iter().zip(starts).zip(widths) {
                rect class=(part.class) x=(start) width=(width) height="10" {}
            }
        }
        ul.key aria-hidden="true" {
            @for (part, described) in parts.iter().zip(&described) {
                li { svg viewBox="0 0 10 10" { rect class=(part.class) width="10" height="10" {} } (described) }
            }
        }
    }
}

/// A column for each month, with its first and last below.
pub(super) fn columns(title: &str, months: &[(&str, u64)]) -> Markup {
    let most = months.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let (places, slots) = places(months);
    let ends = months.first().zip(months.last());
    html! {
        svg.columns viewBox={ "0 0 " (slots * 10) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-labelledby="columns" {
            title id="columns" { (title) ": " (counted(months.len() as u64, "month", "months")) ", at most " (grouped(most)) " in one" }
            @for ((_, count), place) in months.iter().zip(places) {
                @let height = visible(*count, thousandths(*count, most) * HEIGHT / 1000);
                rect.fill x=(place * 10 + 1) y=(HEIGHT - height) width="8" height=(height) {}
            }
        }
        @if let Some(((first, _), (last, _))) = ends {
            div.axis aria-hidden="true" {
                span { (super::text(first)) }
                @if months.len() > 1 { span { (super::text(last)) } }
            }
        }
    }
}

/// Where each month stands, and how many places there are. Months without records leave a gap, unless what was counted are not months.
fn places(months: &[(&str, u64)]) -> (Vec<usize>, usize) {
    let numbers: Option<Vec<usize>> = months.iter().map(|(month, _)| month_number(month)).collect();
    if let Some(numbers) = numbers
        && let (Some(first), Some(last)) = (numbers.first(), numbers.last())
        && last - first < LONGEST_SPAN
    {
        return (numbers.iter().map(|number| number - first).collect(), last - first + 1);
    }
    ((0..months.len()).collect(), months.len())
}

/// The months from the year 0 to a month such as `2026-03`.
fn month_number(month: &str) -> Option<usize> {
    let (year, month) = month.split_once('-')?;
    let is_number = |digits: &str, length| digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
    let month: usize = month.parse().ok().filter(|number| is_number(month, 2) && (1..=12).contains(number))?;
    (is_number(year, 4)).then(|| year.parse::<usize>().ok().map(|year| year * 12 + month - 1))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_without_records_leave_a_gap() {
        assert_eq!(places(&[("2025-11", 1), ("2026-02", 2)]), (vec![0, 3], 4));
    }

    #[test]
    fn what_is_not_a_month_stands_beside_its_neighbour() {
        assert_eq!(places(&[("2025-11", 1), ("2026-13", 2)]), (vec![0, 1], 2));
        assert_eq!(places(&[("1970-01", 1), ("2026-01", 2), ("other", 3)]), (vec![0, 1, 2], 3));
        assert_eq!(places(&[("0001-01", 1), ("9999-12", 2)]), (vec![0, 1], 2));
    }

    #[test]
    fn whatever_was_counted_is_seen() {
        assert_eq!(visible(1, thousandths(1, 1_000_000)), 4);
        assert_eq!(visible(0, 0), 0);
    }
}
