//! The flags, as they are given: names, groups and a line of help for each. What they mean together is worked out in `plan`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser;
use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser};
use provfilter::layout::Layout;
use provfilter::member::MemberPath;
use provfilter::pointer::{Pointer, PointerError};
use provfilter::timestamp::Zone;

use super::help;
use super::values::{Kind, Member, OnError, Period, ReportTo, RuleSource, Size, Threads, Tolerance, When};

/// Make every training pair in a stream of JSON lines carry where it comes from.
///
/// Reads records from the FILEs or standard input, fills and checks their `provenance` member as the flags say, writes them to
/// standard output with every other byte unchanged, and reports on standard error when the stream closes. Without a flag from
/// Annotate, Exclude or Validate, records pass through unchanged and are counted.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own; `plan` turns them into enums")]
#[command(version = help::VERSION, max_term_width = 100, after_help = help::after_flags())]
pub(crate) struct Cli {
    /// Where pairs come from: trajectory, curated, backfill, or a name given with --allow-source
    #[arg(long, value_name = "VALUE", help_heading = "Annotate")]
    pub(crate) source: Vec<String>,

    /// The model that produced the assistant turns
    #[arg(long, value_name = "VALUE", help_heading = "Annotate")]
    pub(crate) model: Vec<String>,

    /// The session that pairs come from
    #[arg(long, value_name = "VALUE", help_heading = "Annotate")]
    pub(crate) session_id: Vec<String>,

    /// When pairs were captured: ISO 8601, or seconds, milli-, micro- or nanoseconds since 1970 [default: {now}]
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true, help_heading = "Annotate")]
    pub(crate) timestamp: Vec<String>,

    /// Fill one more member of the provenance where it is missing, of the seven or of your own; repeatable
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Annotate")]
    pub(crate) set: Vec<Member>,

    /// Read times that carry no zone in this one: utc, local, or an offset such as +02:00
    #[arg(long, value_name = "TZ", default_value = "utc", allow_hyphen_values = true, help_heading = "Annotate")]
    pub(crate) assume_tz: Zone,

    /// Take values from where records of a known layout have them; see below
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Layout::ALL.map(|layout| layout.name)), help_heading = "Annotate")]
    pub(crate) layout: Option<String>,

    /// Fill only records that lack a source or a model; --source and --session-id default to backfill
    #[arg(long, help_heading = "Annotate")]
    pub(crate) backfill: bool,

    /// Write all seven provenance members in one shape: absent ones as "", false or a null timestamp, times with six digits
    #[arg(long, help_heading = "Annotate")]
    pub(crate) all_fields: bool,

    /// Where the provenance stands: a top-level member, or a JSON Pointer to one deeper
    #[arg(long, value_name = "NAME|/POINTER", default_value = "provenance", value_parser = member_path, help_heading = "Annotate")]
    pub(crate) member: MemberPath,

    /// Exclude records for which RULE holds: REASON=FILTER in the jq language, or the name of a screen; repeatable, the first match names
    /// the reason
    #[arg(long, value_name = "RULE", help_heading = "Exclude")]
    pub(crate) exclude: Vec<String>,

    /// Take rules from FILE, one a line as for --exclude, with comments and shared definitions; repeatable
    #[arg(long, value_name = "FILE", help_heading = "Exclude")]
    pub(crate) rules: Vec<PathBuf>,

    /// What `exclude` and `rules` were given, in the order of the command line.
    #[arg(skip)]
    pub(crate) rule_sources: Vec<RuleSource>,

    /// Have the screen duplicate, which takes 40 bytes of memory a record, compare just what stands at POINTER; repeatable
    #[arg(long, value_name = "POINTER", value_parser = Pointer::parse, help_heading = "Exclude")]
    pub(crate) duplicate_key: Vec<Pointer>,

    /// Forget earlier exclusions before the rules are applied
    #[arg(long, help_heading = "Exclude")]
    pub(crate) rescreen: bool,

    /// Tolerate so many exclusions, or such a share of the records, before the exit status is 1 [default: any number]
    #[arg(long, value_name = "N|P%", help_heading = "Exclude")]
    pub(crate) max_excluded: Option<Tolerance>,

    /// Print the screens, what each turns down and where its rule comes from, and do nothing else
    #[arg(long, exclusive = true, help_heading = "Exclude")]
    pub(crate) list_screens: bool,

    /// Leave excluded records out of the output
    #[arg(long, help_heading = "Exclude", conflicts_with = "excluded_to")]
    pub(crate) drop_excluded: bool,

    /// Write excluded records to FILE instead of to the output
    #[arg(long, value_name = "FILE", conflicts_with = "no_output", help_heading = "Exclude")]
    pub(crate) excluded_to: Option<PathBuf>,

    /// Check the provenance of each record that goes out; invalid ones are faults, but still go out
    #[arg(long, help_heading = "Validate")]
    pub(crate) validate: bool,

    /// For --validate: one more member of the provenance that must be there and not empty; repeatable
    #[arg(long, value_name = "NAME", requires = "validate", value_parser = NonEmptyStringValueParser::new(), help_heading = "Validate")]
    pub(crate) require: Vec<String>,

    /// Allow one more name for sources; repeatable
    #[arg(long, value_name = "NAME", help_heading = "Validate")]
    pub(crate) allow_source: Vec<String>,

    /// What to do with a faulty line: leave it out, write it out as it came, or stop there
    #[arg(long, value_name = "POLICY", value_enum, default_value = "reject", help_heading = "Faults")]
    pub(crate) on_error: OnError,

    /// Write lines that are left out for a fault to FILE, byte for byte
    #[arg(long, value_name = "FILE", help_heading = "Faults")]
    pub(crate) rejects: Option<PathBuf>,

    /// Write each fault to FILE, as a JSON object with its file, line, byte offset, code and message
    #[arg(long, value_name = "FILE", help_heading = "Faults")]
    pub(crate) errors: Option<PathBuf>,

    /// Append to the files that excluded records, rejected lines, faults and the sidecar go to, instead of emptying them first
    #[arg(long, help_heading = "Faults")]
    pub(crate) append: bool,

    /// Tolerate so many faults, or such a share of the lines, before the exit status is 1
    #[arg(long, value_name = "N|P%", default_value = "0", help_heading = "Faults")]
    pub(crate) max_errors: Tolerance,

    /// Read these files, one after the other, .gz and .zst decompressed; - is standard input [default: -]
    #[arg(value_name = "FILE", help_heading = "Input")]
    pub(crate) files: Vec<PathBuf>,

    /// Reject lines that are longer, in bytes or with a suffix KiB, MiB, GiB, KB, MB or GB
    #[arg(long, value_name = "SIZE", default_value = "64MiB", help_heading = "Input")]
    pub(crate) max_line_bytes: Size,

    /// Rewrite each FILE, whole or not at all; with a suffix (-i.bak, --in-place=.bak), keep the old one as FILE+SUFFIX
    #[arg(
        short = 'i',
        long,
        value_name = "SUFFIX",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        conflicts_with = "no_output",
        help_heading = "Output"
    )]
    pub(crate) in_place: Option<OsString>,

    /// Write no records, only the report
    #[arg(short = 'n', long, help_heading = "Output")]
    pub(crate) no_output: bool,

    /// Write records without their provenance
    #[arg(long, help_heading = "Output")]
    pub(crate) strip: bool,

    /// Write the provenance of each record to FILE, a line for each line of the output
    #[arg(long, value_name = "FILE", conflicts_with = "no_output", help_heading = "Output")]
    pub(crate) sidecar: Option<PathBuf>,

    /// Write each record by itself, not in blocks
    #[arg(long, help_heading = "Output")]
    pub(crate) line_buffered: bool,

    /// Use at most N workers [default: as many as pay, up to the number of cores]
    #[arg(long, value_name = "N", help_heading = "Output")]
    pub(crate) threads: Option<Threads>,

    /// Report as text, json, dashboard, markdown, html, prometheus, in-toto or none, to PATH, - (standard output) or standard error; `{pid}`, `{host}`, `{run_id}` and `{env:NAME}` in PATH stand for what they say; repeatable [default: text]
    #[arg(long, value_name = "FORMAT[=PATH]", help_heading = "Reports")]
    pub(crate) report: Vec<ReportTo>,

    /// Report while running too, so often: 30s, 5m, 1h; once a second at most
    #[arg(long, value_name = "DURATION", help_heading = "Reports")]
    pub(crate) report_every: Option<Period>,

    /// Report the SHA-256 of each input and of the output
    #[arg(long, help_heading = "Reports")]
    pub(crate) digests: bool,

    /// Take the FILEs for JSON reports of earlier runs: add them up and report
    #[arg(
        long,
        conflicts_with_all = [
            "source", "model", "session_id", "timestamp", "set", "assume_tz", "layout", "backfill", "all_fields", "member", "exclude", "rules",
            "duplicate_key", "rescreen", "max_excluded", "drop_excluded", "excluded_to", "validate", "require", "allow_source", "on_error",
            "rejects", "errors", "append", "max_errors", "max_line_bytes", "in_place", "no_output", "strip", "sidecar", "line_buffered",
            "threads", "digests", "report_every", "progress"
        ],
        help_heading = "Reports"
    )]
    pub(crate) merge: bool,

    /// Show how far the run has come on standard error
    #[arg(long, value_name = "WHEN", value_enum, default_value = "auto", help_heading = "Reports")]
    pub(crate) progress: When,

    /// Colour diagnostics and the dashboard; the variable `NO_COLOR` is honoured
    #[arg(long, value_name = "WHEN", value_enum, default_value = "auto", help_heading = "Reports")]
    pub(crate) color: When,

    /// Print a man page or a completion script, and do nothing else
    #[arg(long, value_name = "KIND", value_enum, exclusive = true, help_heading = "Other")]
    pub(crate) generate: Option<Kind>,

    /// Print no report and no diagnostics but fatal ones
    #[arg(short, long, help_heading = "Reports")]
    pub(crate) quiet: bool,
}

/// A place for the provenance. An empty name is more likely a variable that is not set.
fn member_path(text: &str) -> Result<MemberPath, String> {
    if text.is_empty() {
        return Err("the name must not be empty".to_owned());
    }
    text.parse().map_err(|why: PointerError| why.to_string())
}

#[cfg(test)]
mod tests {
    use super::Cli;

    #[test]
    fn the_flags_fit_together() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }
}
