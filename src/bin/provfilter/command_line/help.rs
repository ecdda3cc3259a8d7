//! What `--help` says besides the flags.

use provfilter::layout::Layout;

/// The version, and that of the JSON report.
pub(super) const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (report schema 1)");

/// What follows the flags: values, layouts, examples and exit statuses.
pub(super) fn after_flags() -> String {
    let layouts = Layout::ALL.iter().map(layout_help).collect::<Vec<_>>().join("\n");
    format!("{VALUES}\n\nLayouts, and the flags that they stand for:\n{layouts}\n\n{EXAMPLES}")
}

/// A layout's name, and the flags that it stands for, one a line.
fn layout_help(layout: &Layout) -> String {
    let Layout { name, source, model, session_id, timestamp } = layout;
    let fields = [("--source", source), ("--model", model), ("--session-id", session_id), ("--timestamp", timestamp)];
    let flags = fields.into_iter().flat_map(|(flag, values)| values.iter().map(move |value| format!("{flag} '{value}'")));
    let lines: Vec<String> = flags.collect();
    format!("  {name:<11} {}", lines.join(&format!("\n{}", " ".repeat(14))))
}

const VALUES: &str = "\
Values:
  A VALUE is text with placeholders: {/json/pointer} for what stands there in the record,
  {now}, {line}, {file}, and {sha256} of the line; {{ and }} are braces. A flag given
  several times is tried in order, values that look into the record first: the first that
  fully resolves wins. A flag's values are tried before the layout's, each of their kind.";

const EXAMPLES: &str = "\
Examples:
  cat raw.jsonl | provfilter --source trajectory --model hermes4:14b > out.jsonl
  provfilter --layout hermes trajectory_samples.jsonl > out.jsonl
  provfilter --exclude 'low-score=(.score? // 0) < 0.5' raw.jsonl > out.jsonl
  provfilter --exclude chat --exclude duplicate --excluded-to bad.jsonl raw.jsonl > out.jsonl
  provfilter -n --validate out.jsonl

Exit status:
  0    every line was accounted for and everything was written
  1    there were more faults than --max-errors or exclusions than --max-excluded tolerates, or --on-error
       stop met a fault
  2    the command line is wrong, or a file could not be read or written
  130  ended by SIGINT, with what had come in finished and reported; 143 by SIGTERM, 129 by SIGHUP
  141  the reader of the output went away";

#[cfg(test)]
mod tests {
    use super::VERSION;

    #[test]
    fn the_version_names_the_schema_of_reports() {
        assert!(VERSION.ends_with(&format!(" (report schema {})", provfilter::report::SCHEMA_VERSION)));
    }
}
