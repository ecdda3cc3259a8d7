//! Notes at the end of a run about rules that probably do not do what they should: otherwise a wrong rule is silent.

use provfilter::Escaped;
use provfilter::pipeline::OnFault;
use provfilter::rule::{RuleCount, RuleCounts};
use provfilter::summary::Summary;

use crate::command_line::Plan;

/// A note for each rule that turned down every record, gave something else than a boolean, or failed.
pub(crate) fn of_rules(counts: &RuleCounts, plan: &Plan) -> Vec<String> {
    counts.get().into_iter().flat_map(|(reason, count)| of_rule(reason, count, plan)).collect()
}

/// A note that `--max-excluded` was exceeded.
pub(crate) fn of_exclusions(summary: &Summary) -> String {
    format!("excluded {} of {}, more than --max-excluded allows", summary.excluded, records(summary.total))
}

fn of_rule(reason: &str, count: RuleCount, plan: &Plan) -> Vec<String> {
    let mut notes = Vec::new();
    if count.matched_all() {
        notes.push(format!("rule `{reason}` excluded every record it was tried on: {}", records(count.ran)));
    }
    if count.not_boolean > 0 {
        notes.push(format!(
            "rule `{reason}` returned something other than true, false or null for {}, which counts as a match; compare the value, as in .x != null or .x == \"\"",
            records(count.not_boolean)
        ));
    }
    if count.failed > 0 {
        notes.push(format!(
            "rule `{reason}` failed on {}, {}; guard against missing and mistyped values, as in (.x? // 0) < 0.5",
            records(count.failed),
            what_became_of_them(count.failed, plan)
        ));
    }
    notes
}

fn records(count: u64) -> String {
    if count == 1 { "1 record".to_owned() } else { format!("{count} records") }
}

fn what_became_of_them(count: u64, plan: &Plan) -> String {
    let (were, they) = if count == 1 { ("was", "it") } else { ("were", "they") };
    match (plan.options.on_fault, &plan.rejects) {
        (OnFault::Pass, _) => format!("which {were} passed through as {they} came"),
        (_, Some(path)) => format!("which {were} written to {}", Escaped::path(&path.to_string_lossy(), LONGEST_NAME)),
        (_, None) => format!("which {were} left out (--rejects FILE keeps them)"),
    }
}

/// How many characters of a file's name are shown.
const LONGEST_NAME: usize = 200;
