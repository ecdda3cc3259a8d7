//! The flags, as they are given: names, groups and help. What they mean together is worked out in `plan`.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Parser, ValueEnum};
use provfilter::report::Format;
use provfilter::{Layout, Summary, Zone};

/// Make every training pair in a stream of JSON lines carry where it comes from.
///
/// Reads records from the FILEs or standard input, fills and checks their `provenance` member as the flags say, writes them to
/// standard output with every other byte unchanged, and reports on standard error when the stream closes. Without a flag from
/// Annotate, Exclude or Validate, records pass through unchanged and are counted.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own; `plan` turns them into enums")]
#[command(version = VERSION, max_term_width = 100, after_help = after_help())]
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

    /// When pairs were captured: ISO 8601, or seconds or milliseconds since 1970 [default: {now}]
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true, help_heading = "Annotate")]
    pub(crate) timestamp: Vec<String>,

    /// Read times that carry no zone in this one: utc, local, or an offset such as +02:00
    #[arg(long, value_name = "TZ", default_value = "utc", allow_hyphen_values = true, help_heading = "Annotate")]
    pub(crate) assume_tz: Zone,

    /// Take values from where records of a known layout have them; see below
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Layout::ALL.map(|layout| layout.name)), help_heading = "Annotate")]
    pub(crate) layout: Option<String>,

    /// Fill only records that lack a source or a model; --source and --session-id default to backfill
    #[arg(long, help_heading = "Annotate")]
    pub(crate) backfill: bool,

    /// Write all seven provenance members, absent ones with "" or false, so that every row has one shape
    #[arg(long, help_heading = "Annotate")]
    pub(crate) all_fields: bool,

    /// Exclude records for which the jq FILTER is true; repeatable, the first match names the reason
    #[arg(long, value_name = "REASON=FILTER", help_heading = "Exclude")]
    pub(crate) exclude: Vec<String>,

    /// Leave excluded records out of the output
    #[arg(long, help_heading = "Exclude", conflicts_with = "excluded_to")]
    pub(crate) drop_excluded: bool,

    /// Write excluded records to FILE instead of to the output
    #[arg(long, value_name = "FILE", conflicts_with = "no_output", help_heading = "Exclude")]
    pub(crate) excluded_to: Option<PathBuf>,

    /// Check the provenance of each record that goes out; invalid ones are faults, but still go out
    #[arg(long, help_heading = "Validate")]
    pub(crate) validate: bool,

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

    /// Tolerate so many faults, or such a share of the lines, before the exit status is 1
    #[arg(long, value_name = "N|P%", default_value = "0", help_heading = "Faults")]
    pub(crate) max_errors: Tolerance,

    /// Read these files, one after the other; - is standard input [default: -]
    #[arg(value_name = "FILE", help_heading = "Input")]
    pub(crate) files: Vec<PathBuf>,

    /// Reject lines that are longer, in bytes or with a suffix KiB, MiB or GiB
    #[arg(long, value_name = "SIZE", default_value = "64MiB", help_heading = "Input")]
    pub(crate) max_line_bytes: Size,

    /// Rewrite each FILE, whole or not at all; with =SUFFIX, keep the old one as FILE+SUFFIX
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

    /// Write each record by itself, not in blocks
    #[arg(long, help_heading = "Output")]
    pub(crate) line_buffered: bool,

    /// Work on so many blocks of lines at once [default: the number of cores]
    #[arg(long, value_name = "N", help_heading = "Output")]
    pub(crate) threads: Option<Threads>,

    /// Report as text, json, dashboard, markdown, prometheus or none, to PATH or standard error; repeatable [default: text]
    #[arg(long, value_name = "FORMAT[=PATH]", help_heading = "Reports")]
    pub(crate) report: Vec<ReportTo>,

    /// Report while running too, so often: 30s, 5m, 1h
    #[arg(long, value_name = "DURATION", help_heading = "Reports")]
    pub(crate) report_every: Option<Period>,

    /// Take the FILEs for JSON reports of earlier runs: add them up and report
    #[arg(
        long,
        conflicts_with_all = [
            "source", "model", "session_id", "timestamp", "assume_tz", "layout", "backfill", "all_fields", "exclude", "drop_excluded",
            "excluded_to", "validate", "allow_source", "on_error", "rejects", "errors", "max_errors", "max_line_bytes", "in_place",
            "no_output", "line_buffered", "threads", "report_every", "progress"
        ],
        help_heading = "Reports"
    )]
    pub(crate) merge: bool,

    /// Draw the dashboard with ASCII characters only
    #[arg(long, help_heading = "Reports")]
    pub(crate) ascii: bool,

    /// Show how far the run has come on standard error
    #[arg(long, value_name = "WHEN", value_enum, default_value = "auto", help_heading = "Reports")]
    pub(crate) progress: When,

    /// Colour diagnostics; the variable `NO_COLOR` is honoured
    #[arg(long, value_name = "WHEN", value_enum, default_value = "auto", help_heading = "Reports")]
    pub(crate) color: When,

    /// Print a man page or a completion script, and do nothing else
    #[arg(long, value_name = "KIND", value_enum, exclusive = true, help_heading = "Other")]
    pub(crate) generate: Option<Kind>,

    /// Print no report and no diagnostics but fatal ones
    #[arg(short, long, help_heading = "Reports")]
    pub(crate) quiet: bool,
}

/// The version, and that of the JSON report.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (report schema 1)");

fn after_help() -> String {
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
  several times is tried in order: the first that resolves wholly is taken. Flags are
  tried before the layout's.";

const EXAMPLES: &str = "\
Examples:
  cat raw.jsonl | provfilter --source trajectory --model hermes4:14b > out.jsonl
  provfilter --layout hermes trajectory_samples.jsonl > out.jsonl
  provfilter --exclude 'low-score=.score < 0.5' raw.jsonl > out.jsonl
  provfilter -n --validate out.jsonl

Exit status:
  0    every line was accounted for and everything was written
  1    there were more faults than --max-errors tolerates, or --on-error stop met one
  2    the command line is wrong, or a file could not be read or written
  130  ended by SIGINT, with what had come in finished and reported; 143 by SIGTERM
  141  the reader of the output went away";

/// What to do with a faulty line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnError {
    Reject,
    Pass,
    Stop,
}

/// When something is done that is for people at a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// If standard error is a terminal
    Auto,
    Always,
    Never,
}

/// What can be generated from the flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    Man,
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
}

/// How long it takes from one report to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period(pub(crate) Duration);

impl FromStr for Period {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let century = Duration::from_hours(24 * 36_500);
        let duration = humantime::parse_duration(text).ok().filter(|duration| !duration.is_zero() && *duration <= century);
        duration.map(Self).ok_or("expected a time with its unit, such as 30s, 5m or 1h 30m")
    }
}

/// How many faults there may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Tolerance {
    Count(u64),
    /// In percent of the lines that are not blank.
    Share(f64),
}

impl Tolerance {
    /// There are more faults than may be.
    #[expect(clippy::cast_precision_loss, reason = "a share needs no more digits than a float has")]
    pub(crate) fn is_exceeded(self, summary: &Summary) -> bool {
        let faults = summary.fault_count();
        match self {
            Self::Count(most) => faults > most,
            Self::Share(percent) => faults as f64 * 100.0 > percent * (summary.lines - summary.blank_lines) as f64,
        }
    }
}

impl FromStr for Tolerance {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let tolerance = match text.strip_suffix('%') {
            Some(percent) => percent.parse().ok().filter(|percent| (0.0..=100.0).contains(percent)).map(Self::Share),
            None => text.parse().ok().map(Self::Count),
        };
        tolerance.ok_or("expected a number of faults, such as 10, or a share of the lines, such as 0.5%")
    }
}

/// A number of workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Threads(pub(crate) NonZeroUsize);

impl FromStr for Threads {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let number = text.parse().ok().filter(|number| (1..=256).contains(number)).and_then(NonZeroUsize::new);
        number.map(Self).ok_or("expected a number from 1 to 256")
    }
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) usize);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("", 1)];
        let (number, unit) = units
            .into_iter()
            .find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, unit)))
            .ok_or("the empty suffix fits every text")?;
        let bytes = number.parse::<usize>().ok().and_then(|number| number.checked_mul(unit)).filter(|bytes| *bytes > 0);
        bytes.map(Size).ok_or_else(|| "expected a number of bytes, such as 1000000, 512KiB, 64MiB or 1GiB".to_owned())
    }
}

/// A report that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportTo {
    /// Nothing for `none`.
    pub(crate) format: Option<Format>,
    /// Nothing for standard error.
    pub(crate) path: Option<PathBuf>,
}

impl FromStr for ReportTo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, path) = match text.split_once('=') {
            Some((name, path)) => (name, Some(path)),
            None => (text, None),
        };
        let format = Format::ALL.into_iter().find(|format| format.name() == name);
        match (format, path) {
            (None, None) if name == "none" => {}
            (None, Some(_)) if name == "none" => return Err("none goes nowhere and takes no path".to_owned()),
            (None, _) => {
                return Err(
                    "expected text, json, dashboard, markdown, prometheus or none, or one with a path, such as json=report.json"
                        .to_owned(),
                );
            }
            (Some(_), Some("")) => return Err("the path behind `=` is empty".to_owned()),
            (Some(_), _) => {}
        }
        Ok(Self { format, path: path.map(PathBuf::from) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_fit_together() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn sizes_have_binary_suffixes() {
        assert_eq!("12".parse(), Ok(Size(12)));
        assert_eq!("2KiB".parse(), Ok(Size(2048)));
        assert_eq!("3MiB".parse(), Ok(Size(3 << 20)));
        assert_eq!("1GiB".parse(), Ok(Size(1 << 30)));
        for text in ["", "0", "MiB", "1.5MiB", "12 KiB", "1MB", "-1", "99999999999GiB"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }

    #[test]
    fn faults_are_tolerated_by_number_or_by_share() {
        let summary = |lines, blank_lines, rejected| Summary { lines, blank_lines, rejected, ..Summary::default() };
        let tolerance = |text: &str| text.parse::<Tolerance>().expect(text);
        assert!(!tolerance("0").is_exceeded(&summary(5, 0, 0)));
        assert!(tolerance("0").is_exceeded(&summary(5, 0, 1)));
        assert!(!tolerance("2").is_exceeded(&summary(5, 0, 2)));
        assert!(!tolerance("25%").is_exceeded(&summary(5, 1, 1)));
        assert!(tolerance("24.9%").is_exceeded(&summary(5, 1, 1)));
        assert!(!tolerance("0%").is_exceeded(&summary(0, 0, 0)));
        for text in ["", "-1", "1.5", "%", "101%", "-1%", "NaN%", "few"] {
            assert!(text.parse::<Tolerance>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_version_names_the_schema_of_reports() {
        assert!(VERSION.ends_with(&format!(" (report schema {})", provfilter::report::SCHEMA_VERSION)));
    }

    #[test]
    fn periods_have_units() {
        assert_eq!("30s".parse(), Ok(Period(Duration::from_secs(30))));
        assert_eq!("1h 30m".parse(), Ok(Period(Duration::from_mins(90))));
        for text in ["", "30", "0s", "-1s", "soon", "1000y"] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }

    #[test]
    fn reports_have_a_format_and_perhaps_a_path() {
        let json = ReportTo { format: Some(Format::Json), path: Some("a=b.json".into()) };
        assert_eq!("json=a=b.json".parse(), Ok(json));
        assert_eq!("none".parse(), Ok(ReportTo { format: None, path: None }));
        for text in ["", "xml", "none=x", "json="] {
            assert!(text.parse::<ReportTo>().is_err(), "{text}");
        }
    }
}
