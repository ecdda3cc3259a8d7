//! What must add up in each JSON report, and between a report and the files of its run.

use serde_json::Value;

/// The sums of a report that do not come out.
pub(crate) fn wrong_sums(report: &Value) -> Option<String> {
    let count = |name: &&str| report[*name].as_u64().unwrap_or_else(|| panic!("the report has no count `{name}`"));
    let wrong: Vec<String> = SUMS
        .into_iter()
        .filter(|(sum, parts)| count(sum) != parts.iter().map(count).sum::<u64>())
        .map(|(sum, parts)| format!("the report has {sum} = {}, which is not {}", report[sum], parts.join(" + ")))
        .collect();
    (!wrong.is_empty()).then(|| wrong.join("\n"))
}

const SUMS: [(&str, &[&str]); 2] =
    [("lines", &["total", "blank_lines", "rejected", "passed"]), ("total", &["written", "routed", "dropped"])];

/// How many faults a report counts.
pub(crate) fn faults(report: &Value) -> u64 {
    let by_code = report["by_error"].as_object().expect("the report counts faults by their codes");
    by_code.values().filter_map(Value::as_u64).sum()
}

/// How many lines there are, of which the last may lack its line feed.
pub(crate) fn lines(bytes: &[u8]) -> u64 {
    bytes.split_inclusive(|&byte| byte == b'\n').count() as u64
}

/// How many lines there are of nothing but blanks.
pub(crate) fn blank_lines(bytes: &[u8]) -> u64 {
    let is_blank = |line: &&[u8]| line.iter().all(|byte| b" \t\r\n".contains(byte));
    bytes.split_inclusive(|&byte| byte == b'\n').filter(is_blank).count() as u64
}
