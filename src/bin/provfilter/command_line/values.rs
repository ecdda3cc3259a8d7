//! The types of the values of flags, and how they are parsed.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;
use provfilter::report::Format;
use provfilter::summary::Summary;

/// What to do with a faulty line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnError {
    /// leave it out
    Reject,
    /// write it as it came
    Pass,
    /// end the run there
    Stop,
}

/// When something is done that is for people at a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// if standard error is a terminal
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
        let duration = humantime::parse_duration(text).ok().filter(|duration| *duration <= century);
        let duration = duration.ok_or("expected a duration such as 30s, 5m or 1h 30m")?;
        if duration < Duration::from_secs(1) { Err("the shortest interval is 1s") } else { Ok(Self(duration)) }
    }
}

/// How many faults there may be, or exclusions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Tolerance {
    Count(u64),
    /// In percent: of the lines that are not blank, or of the records.
    Share(f64),
}

impl Tolerance {
    /// There are more faults than may be.
    pub(crate) fn is_exceeded(self, summary: &Summary) -> bool {
        self.is_exceeded_by(summary.fault_count(), summary.lines - summary.blank_lines)
    }

    /// There are more excluded records than may be.
    pub(crate) fn is_exceeded_by_exclusions(self, summary: &Summary) -> bool {
        self.is_exceeded_by(summary.excluded, summary.total)
    }

    #[expect(clippy::cast_precision_loss, reason = "a share needs no more digits than a float has")]
    fn is_exceeded_by(self, count: u64, whole: u64) -> bool {
        match self {
            Self::Count(most) => count > most,
            Self::Share(percent) => count as f64 * 100.0 > percent * whole as f64,
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
        tolerance.ok_or("expected a number such as 10, or a percentage such as 0.5%")
    }
}

/// A member of the provenance, and what it is to be filled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// Still to be read.
    pub(crate) value: String,
}

impl FromStr for Member {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let (name, value) = text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or("expected NAME=VALUE")?;
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
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
        const UNITS: [(&str, usize); 7] = [
            ("KiB", 1 << 10),
            ("MiB", 1 << 20),
            ("GiB", 1 << 30),
            ("KB", 1_000),
            ("MB", 1_000_000),
            ("GB", 1_000_000_000),
            ("", 1),
        ];
        let (number, unit) = UNITS
            .into_iter()
            .find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, unit)))
            .ok_or("the empty suffix fits every text")?;
        let bytes = number.parse::<usize>().ok().and_then(|number| number.checked_mul(unit)).filter(|bytes| *bytes > 0);
        bytes.map(Size).ok_or_else(|| "expected a size such as 1000000, 512KiB, 64MiB or 1GB".to_owned())
    }
}

/// A report that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportTo {
    /// Nothing for `none`.
    pub(crate) format: Option<Format>,
    /// `-` is standard output. Nothing for standard error.
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
            (None, Some(_)) if name == "none" => return Err("`none` writes no report and takes no path".to_owned()),
            (None, _) => {
                return Err(
                    "expected text, json, dashboard, markdown, html, prometheus, in-toto or none, or one with a path, such as json=report.json"
                        .to_owned(),
                );
            }
            (Some(_), Some("")) => return Err("the path after `=` is empty".to_owned()),
            (Some(_), _) => {}
        }
        Ok(Self { format, path: path.map(PathBuf::from) })
    }
}

/// Where rules come from, as flags give it.
#[derive(Debug, Clone)]
pub(crate) enum RuleSource {
    /// The value of `--exclude`.
    Text(String),
    /// The value of `--rules`.
    File(PathBuf),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_binary_and_decimal_suffixes() {
        assert_eq!("12".parse(), Ok(Size(12)));
        assert_eq!("2KiB".parse(), Ok(Size(2048)));
        assert_eq!("3MiB".parse(), Ok(Size(3 << 20)));
        assert_eq!("1GiB".parse(), Ok(Size(1 << 30)));
        assert_eq!("2KB".parse(), Ok(Size(2_000)));
        assert_eq!("3MB".parse(), Ok(Size(3_000_000)));
        assert_eq!("1GB".parse(), Ok(Size(1_000_000_000)));
        for text in ["", "0", "MiB", "1.5MiB", "12 KiB", "1kb", "1M", "0KB", "-1", "99999999999GiB", "99999999999GB"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_member_is_set_behind_the_first_equals_sign() {
        let member = Member { name: "license".into(), value: "a=b".into() };
        assert_eq!("license=a=b".parse(), Ok(member));
        for text in ["", "license", "=x"] {
            assert!(text.parse::<Member>().is_err(), "{text}");
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
    fn periods_have_units() {
        assert_eq!("30s".parse(), Ok(Period(Duration::from_secs(30))));
        assert_eq!("1h 30m".parse(), Ok(Period(Duration::from_mins(90))));
        for text in ["", "30", "0s", "-1s", "1us", "999ms", "soon", "1000y"] {
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
