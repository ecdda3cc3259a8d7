//! The flags: names, groups and help. What they mean together is worked out in `plan`.
//!
//! The first paragraph above a flag is the half line that `-h` has for it. The rest is what `--help`, the man page and `docs/flags.md` say,
//! with code between backticks.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, StringValueParser};
use clap::{ArgAction, Parser, ValueHint};
use provfilter::layout::Layout;
use provfilter::member::MemberPath;
use provfilter::pointer::{Pointer, PointerError};
use provfilter::timestamp::Zone;

use super::suggestions::{reports, screens, sources, suggesting, zones};
use super::values::{Kind, Member, OnError, Period, ReportTo, RuleSource, Size, Threads, Tolerance, When};

/// The version, and that of the JSON report.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (report schema 1)");

/// Make every record in a stream of JSON lines carry its provenance
///
/// Reads records, one JSON object per line, from the FILEs or standard input, fills in and checks their `provenance` as the flags say,
/// writes them to standard output, and reports on standard error when the input ends. Never touches a byte outside `provenance`.
///
/// Flags choose the stages, which always run in this order: annotate or backfill, exclude, validate. Without any, records pass through
/// unchanged and are counted.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own; `plan` turns them into enums")]
#[command(version = VERSION, disable_help_flag = true, disable_version_flag = true)]
pub(crate) struct Cli {
    /// fill the source
    ///
    /// Where records come from: `trajectory`, `curated`, `backfill`, or a name allowed with `--allow-source`. Repeat it to give alternatives.
    #[arg(long, value_name = "VALUE", value_parser = suggesting(StringValueParser::new(), sources), hide_possible_values = true, help_heading = "Annotate")]
    pub(crate) source: Vec<String>,

    /// fill the model
    ///
    /// The model that produced the assistant turns. Repeat it to give alternatives.
    #[arg(long, value_name = "VALUE", value_hint = ValueHint::Other, help_heading = "Annotate")]
    pub(crate) model: Vec<String>,

    /// fill the session id
    ///
    /// The session that records come from. Repeat it to give alternatives.
    #[arg(long, value_name = "VALUE", value_hint = ValueHint::Other, help_heading = "Annotate")]
    pub(crate) session_id: Vec<String>,

    /// fill the time
    ///
    /// When records were captured: ISO 8601, or a number of seconds, milliseconds, microseconds or nanoseconds since 1970. Repeat it to
    /// give alternatives. Default: `{now}`.
    #[arg(long, value_name = "VALUE", value_hint = ValueHint::Other, allow_hyphen_values = true, help_heading = "Annotate")]
    pub(crate) timestamp: Vec<String>,

    /// fill any member
    ///
    /// Fill in one more member of the provenance where it is missing, whether standard or your own. `approved` and `excluded` take `true` or
    /// `false`. Repeatable.
    #[arg(long, value_name = "NAME=VALUE", value_hint = ValueHint::Other, help_heading = "Annotate")]
    pub(crate) set: Vec<Member>,

    /// default zone
    ///
    /// The time zone of times that carry none: `utc`, `local`, or an offset such as `+02:00`.
    #[arg(
        long,
        value_name = "TZ",
        default_value = "utc",
        value_parser = suggesting(Zone::from_str, zones),
        hide_possible_values = true,
        allow_hyphen_values = true,
        help_heading = "Annotate"
    )]
    pub(crate) assume_tz: Zone,

    /// known layout
    ///
    /// Take values from where the records of a known tool keep them.
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Layout::ALL.map(|layout| layout.name)), help_heading = "Annotate")]
    pub(crate) layout: Option<String>,

    /// fill gaps
    ///
    /// Fill only records that lack a source or a model, and leave all others untouched. `--source` and `--session-id` default to
    /// `backfill`.
    #[arg(long, help_heading = "Annotate")]
    pub(crate) backfill: bool,

    /// all members
    ///
    /// Write all seven members in one shape, so that typed readers find one type in each column: absent ones as `""`, `false` or a `null`
    /// timestamp, times in UTC with six sub-second digits.
    #[arg(long, help_heading = "Annotate")]
    pub(crate) all_fields: bool,

    /// where it is
    ///
    /// Where records keep their provenance: a top-level member, or a JSON Pointer to a deeper one.
    #[arg(
        long,
        value_name = "NAME|/POINTER",
        default_value = "provenance",
        value_parser = member_path,
        value_hint = ValueHint::Other,
        help_heading = "Annotate"
    )]
    pub(crate) member: MemberPath,

    /// exclude by rule
    ///
    /// Exclude records that match RULE: `REASON=FILTER` in the jq language, or the name of a screen (`--list-screens`). Repeatable; the first
    /// match names the reason.
    #[arg(long, value_name = "RULE", value_parser = suggesting(StringValueParser::new(), screens), hide_possible_values = true, help_heading = "Exclude")]
    pub(crate) exclude: Vec<String>,

    /// rules from FILE
    ///
    /// Read rules from FILE, one per line as for `--exclude`, with comments and shared definitions. Repeatable.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Exclude")]
    pub(crate) rules: Vec<PathBuf>,

    /// What `exclude` and `rules` were given, in the order of the command line.
    #[arg(skip)]
    pub(crate) rule_sources: Vec<RuleSource>,

    /// what to compare
    ///
    /// For the screen `duplicate`: compare only what is at POINTER in each record. Repeatable. The screen takes 40 bytes of memory per
    /// record.
    #[arg(long, value_name = "POINTER", value_parser = Pointer::parse, value_hint = ValueHint::Other, help_heading = "Exclude")]
    pub(crate) duplicate_key: Vec<Pointer>,

    /// screen anew
    ///
    /// Forget earlier exclusions before applying the rules.
    #[arg(long, help_heading = "Exclude")]
    pub(crate) rescreen: bool,

    /// leave them out
    ///
    /// Leave excluded records out of the output.
    #[arg(long, help_heading = "Exclude", conflicts_with = "excluded_to")]
    pub(crate) drop_excluded: bool,

    /// move them there
    ///
    /// Write excluded records to FILE instead of the output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "no_output", help_heading = "Exclude")]
    pub(crate) excluded_to: Option<PathBuf>,

    /// fail if more
    ///
    /// Exit with status 1 if more than N records, or more than P% of them, are excluded. Default: no limit.
    #[arg(long, value_name = "N|P%", value_hint = ValueHint::Other, help_heading = "Exclude")]
    pub(crate) max_excluded: Option<Tolerance>,

    /// list screens
    ///
    /// List the screens, what each excludes and where its rule comes from, and exit.
    #[arg(long, exclusive = true, help_heading = "Exclude")]
    pub(crate) list_screens: bool,

    /// check provenance
    ///
    /// Check the provenance of each outgoing record. Invalid ones count as faults but are still written.
    #[arg(long, help_heading = "Validate")]
    pub(crate) validate: bool,

    /// require NAME too
    ///
    /// With `--validate`, require one more member of the provenance to be present and not empty. Repeatable.
    #[arg(
        long,
        value_name = "NAME",
        requires = "validate",
        value_parser = NonEmptyStringValueParser::new(),
        value_hint = ValueHint::Other,
        help_heading = "Validate"
    )]
    pub(crate) require: Vec<String>,

    /// accept NAME too
    ///
    /// Allow one more source name besides `trajectory`, `curated` and `backfill`. Repeatable.
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other, help_heading = "Validate")]
    pub(crate) allow_source: Vec<String>,

    /// reject, pass or stop
    ///
    /// What to do with a faulty line.
    #[arg(long, value_name = "POLICY", value_enum, default_value = "reject", help_heading = "Faulty lines")]
    pub(crate) on_error: OnError,

    /// save rejected lines
    ///
    /// Write rejected lines to FILE, byte for byte.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Faulty lines")]
    pub(crate) rejects: Option<PathBuf>,

    /// list faults as JSON
    ///
    /// Write each fault to FILE as a JSON object with its file, line, byte offset, code and message.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Faulty lines")]
    pub(crate) errors: Option<PathBuf>,

    /// fail if more
    ///
    /// Exit with status 1 if there are more than N faults, or if more than P% of the lines are faulty.
    #[arg(long, value_name = "N|P%", default_value = "0", value_hint = ValueHint::Other, help_heading = "Faulty lines")]
    pub(crate) max_errors: Tolerance,

    /// longest line
    ///
    /// Treat lines longer than SIZE as faulty: a number of bytes, or one with a suffix `KiB`, `MiB`, `GiB`, `KB`, `MB` or `GB`.
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_hint = ValueHint::Other, help_heading = "Faulty lines")]
    pub(crate) max_line_bytes: Size,

    /// add to files
    ///
    /// Append to the files named by `--excluded-to`, `--rejects`, `--errors` and `--sidecar` instead of emptying them first.
    #[arg(long, help_heading = "Faulty lines")]
    pub(crate) append: bool,

    /// the files to read
    ///
    /// Read these files, one after the other. Names that end in `.gz` or `.zst` are decompressed, and `-` is standard input.
    /// Default: standard input.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Input")]
    pub(crate) files: Vec<PathBuf>,

    /// rewrite files
    ///
    /// Rewrite each FILE; a crash leaves the old file or the new one, whole. With a suffix (`-i.bak`, `--in-place=.bak`), keep the original
    /// as FILE plus the suffix.
    #[arg(
        short = 'i',
        long,
        value_name = "SUFFIX",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        conflicts_with = "no_output",
        value_hint = ValueHint::Other,
        help_heading = "Output"
    )]
    pub(crate) in_place: Option<OsString>,

    /// only reports
    ///
    /// Write no records, only reports.
    #[arg(short = 'n', long, help_heading = "Output")]
    pub(crate) no_output: bool,

    /// drop provenance
    ///
    /// Write records without their provenance.
    #[arg(long, help_heading = "Output")]
    pub(crate) strip: bool,

    /// provenance to FILE
    ///
    /// Write the provenance of each record to FILE, one line per line of the output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "no_output", help_heading = "Output")]
    pub(crate) sidecar: Option<PathBuf>,

    /// write one by one
    ///
    /// Write records one at a time, not in blocks.
    #[arg(long, help_heading = "Output")]
    pub(crate) line_buffered: bool,

    /// at most N workers
    ///
    /// Use at most N worker threads. Default: as many as pay off, up to the number of cores.
    #[arg(long, value_name = "N", value_hint = ValueHint::Other, help_heading = "Output")]
    pub(crate) threads: Option<Threads>,

    /// choose a report
    ///
    /// Report as `text`, `json`, `dashboard`, `markdown`, `html`, `prometheus`, `in-toto` or `none`, to PATH or, without one, to standard
    /// error. In PATH, `{pid}`, `{host}`, `{run_id}` and `{env:NAME}` are replaced with what they name. Repeatable. Default: `text`.
    #[arg(
        long,
        value_name = "FORMAT[=PATH]",
        value_parser = suggesting(ReportTo::from_str, reports),
        hide_possible_values = true,
        help_heading = "Reporting"
    )]
    pub(crate) report: Vec<ReportTo>,

    /// while running
    ///
    /// Report while running, too, at this interval: `30s`, `5m` or `1h`, say; at least a second.
    #[arg(long, value_name = "DURATION", value_hint = ValueHint::Other, help_heading = "Reporting")]
    pub(crate) report_every: Option<Period>,

    /// add SHA-256 digests
    ///
    /// Add the SHA-256 digests of each input and of the output to the report.
    #[arg(long, help_heading = "Reporting")]
    pub(crate) digests: bool,

    /// add up JSON reports
    ///
    /// Read the FILEs as JSON reports of earlier runs, add them up, and report the total.
    #[arg(
        long,
        conflicts_with_all = [
            "source", "model", "session_id", "timestamp", "set", "assume_tz", "layout", "backfill", "all_fields", "member", "exclude", "rules",
            "duplicate_key", "rescreen", "max_excluded", "drop_excluded", "excluded_to", "validate", "require", "allow_source", "on_error",
            "rejects", "errors", "append", "max_errors", "max_line_bytes", "in_place", "no_output", "strip", "sidecar", "line_buffered",
            "threads", "digests", "report_every", "progress"
        ],
        help_heading = "Reporting"
    )]
    pub(crate) merge: bool,

    /// only fatal errors
    ///
    /// Print no report on standard error, and no diagnostics but fatal ones.
    #[arg(short, long, help_heading = "Messages and help")]
    pub(crate) quiet: bool,

    /// show progress
    ///
    /// When to show progress on standard error.
    #[arg(long, value_name = "WHEN", value_enum, default_value = "auto", help_heading = "Messages and help")]
    pub(crate) progress: When,

    /// use colour
    ///
    /// When to colour diagnostics and the dashboard. With `auto`, `NO_COLOR` turns colour off.
    #[arg(long, value_name = "WHEN", value_enum, default_value = "auto", help_heading = "Messages and help")]
    pub(crate) color: When,

    /// manual, completions
    ///
    /// Print the man page, or completions for a shell, and exit.
    #[arg(long, value_name = "KIND", value_enum, exclusive = true, help_heading = "Messages and help")]
    pub(crate) generate: Option<Kind>,

    /// this, or everything
    ///
    /// Print help: one screen with `-h`, everything with `--help`.
    #[arg(short, long, action = ArgAction::Help, help_heading = "Messages and help")]
    pub(crate) help: Option<bool>,

    /// print the version
    ///
    /// Print the version of the program and that of the JSON report's schema.
    #[arg(short = 'V', long, action = ArgAction::Version, help_heading = "Messages and help")]
    pub(crate) version: Option<bool>,
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
    use super::{Cli, VERSION};

    #[test]
    fn the_version_names_the_schema_of_reports() {
        assert!(VERSION.ends_with(&format!(" (report schema {})", provfilter::report::SCHEMA_VERSION)));
    }

    #[test]
    fn the_flags_fit_together() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }
}
