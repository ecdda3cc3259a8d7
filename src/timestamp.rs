//! The clock and ISO 8601. The only room that knows `chrono`.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::format::{Parsed, StrftimeItems, parse};
use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Timelike, Utc};

/// A point in time, with the number of sub-second digits that it was given with.
///
/// Ordered by time. Shown in UTC, as `2026-03-30T14:22:31Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    time: DateTime<Utc>,
    /// 0 to 9.
    digits: u8,
}

impl Timestamp {
    /// The time that is `seconds` after the start of 1970 in UTC, if it is one that a calendar of four-digit years has.
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        let time = DateTime::from_timestamp(seconds, 0)?;
        is_writable(time).then_some(Self { time, digits: 0 })
    }

    /// Reads ISO 8601: a calendar date, alone or with a time of day, in the extended format (`2026-03-30T14:22:31.5+02:00`) or the
    /// basic one (`20260330T142231Z`). What RFC 3339 takes is taken, a blank for the `T` too. No offset means UTC.
    #[must_use]
    pub fn parse_iso(text: &str) -> Option<Self> {
        let time = parse_rfc3339(text).or_else(|| parse_with_offset(text)).or_else(|| parse_without_offset(text))?;
        is_writable(time).then_some(Self { time, digits: count_digits(text) })
    }
}

/// The usual case, which is also the fast one.
fn parse_rfc3339(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

fn parse_with_offset(text: &str) -> Option<DateTime<Utc>> {
    const FORMATS: [&str; 4] = ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z", "%Y%m%dT%H%M%S%.f%#z", "%Y%m%dT%H%M%#z"];
    FORMATS.iter().find_map(|format| read(text, format)?.to_datetime().ok()).map(|time| time.to_utc())
}

fn parse_without_offset(text: &str) -> Option<DateTime<Utc>> {
    const TIMES: [&str; 5] =
        ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y%m%dT%H%M%S%.f", "%Y%m%dT%H%M"];
    const DATES: [&str; 2] = ["%Y-%m-%d", "%Y%m%d"];
    let time = TIMES.iter().find_map(|format| read(text, format)?.to_naive_datetime_with_offset(0).ok());
    let date = || DATES.iter().find_map(|format| read(text, format)?.to_naive_date().ok()).map(midnight);
    time.or_else(date).map(|time| time.and_utc())
}

fn midnight(date: NaiveDate) -> NaiveDateTime {
    date.and_time(chrono::NaiveTime::MIN)
}

/// Reads what `format` says, where the text has the digits that ISO 8601 wants and no blanks that it does not.
fn read(text: &str, format: &str) -> Option<Parsed> {
    let shape_fits = shape(text).is_some_and(|shape| shape == self::shape(&sample(format)).unwrap_or_default());
    let mut parsed = Parsed::new();
    (shape_fits && parse(&mut parsed, text, StrftimeItems::new(format)).is_ok()).then_some(parsed)
}

/// A text that the format stands for, up to the seconds.
fn sample(format: &str) -> String {
    [("%Y", "0000"), ("%m", "00"), ("%d", "00"), ("%H", "00"), ("%M", "00"), ("%S", "00"), ("%.f", ""), ("%#z", "")]
        .iter()
        .fold(format.to_owned(), |text, (item, digits)| text.replace(item, digits))
}

/// The date and time of day with each digit as `0`, without fraction and offset.
///
/// `chrono` reads numbers of fewer digits and skips blanks, which ISO 8601 does not allow.
fn shape(text: &str) -> Option<String> {
    let day = if text.as_bytes().get(4) == Some(&b'-') { 10 } else { 8 };
    let time = text.get(day..)?;
    let end = time.find(['.', ',', 'Z', 'z', '+', '-']).map_or(text.len(), |end| day + end);
    Some(text[..end].chars().map(|character| if character.is_ascii_digit() { '0' } else { character }).collect())
}

/// The digits after the decimal point.
fn count_digits(text: &str) -> u8 {
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    let digits = fraction.bytes().take(9).take_while(u8::is_ascii_digit).count();
    u8::try_from(digits).unwrap_or(9)
}

/// RFC 3339 has years of four digits.
fn is_writable(time: DateTime<Utc>) -> bool {
    (0..=9999).contains(&chrono::Datelike::year(&time))
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.time.with_nanosecond(self.time.nanosecond() / 1_000_000_000 * 1_000_000_000).unwrap_or(self.time);
        let text = whole.to_rfc3339_opts(SecondsFormat::Secs, true);
        if self.digits == 0 {
            return formatter.write_str(&text);
        }
        let nanoseconds = format!("{:09}", self.time.nanosecond() % 1_000_000_000);
        let fraction = &nanoseconds[..usize::from(self.digits)];
        write!(formatter, "{}.{fraction}Z", text.trim_end_matches('Z'))
    }
}

/// Where the time comes from.
#[derive(Debug, Clone, Copy, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// Always the same time, for output that can be made again.
    Fixed(Timestamp),
}

impl Clock {
    /// The time now, in whole seconds.
    #[must_use]
    pub fn now(self) -> Timestamp {
        match self {
            Self::Fixed(time) => time,
            Self::System => {
                let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
                let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
                Timestamp::from_unix_seconds(seconds).unwrap_or(Timestamp { time: DateTime::UNIX_EPOCH, digits: 0 })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        Timestamp::parse_iso(text).map(|time| time.to_string())
    }

    #[test]
    fn writes_utc_with_the_digits_that_came_in() {
        for (text, expected) in [
            ("2026-03-30T14:22:31Z", "2026-03-30T14:22:31Z"),
            ("2026-03-30T14:22:31.456789", "2026-03-30T14:22:31.456789Z"),
            ("2026-03-30T14:22:31.50Z", "2026-03-30T14:22:31.50Z"),
            ("2025-12-01T10:00:00.5+02:00", "2025-12-01T08:00:00.5Z"),
            ("2025-12-01T10:00:00+0200", "2025-12-01T08:00:00Z"),
            ("2025-12-01T10:00:00-05", "2025-12-01T15:00:00Z"),
            ("2025-12-01 10:00:00", "2025-12-01T10:00:00Z"),
            ("2025-12-01T10:00", "2025-12-01T10:00:00Z"),
            ("2025-12-01", "2025-12-01T00:00:00Z"),
            ("20260330T142231Z", "2026-03-30T14:22:31Z"),
            ("20260330", "2026-03-30T00:00:00Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:60Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "yesterday",
            "2026-02-30",
            "2026-13-01T00:00:00Z",
            "2026-3-30",
            "2026-03-30T4:22:31Z",
            "30.03.2026",
            "2026-03-30T",
            "2026-03-30T14:22:31Zulu",
            " 2026-03-30",
            "2026-03-30T25:00:00Z",
            "1774880551",
            "2026-03-30T14:22:31+99:00",
            "日本語日本語",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn is_ordered_by_time_and_not_by_spelling() {
        let earlier = Timestamp::parse_iso("2025-12-01T10:00:00+02:00");
        assert!(earlier < Timestamp::parse_iso("2025-12-01T09:00:00Z"));
    }

    #[test]
    fn a_fixed_clock_stands_still() {
        let time = Timestamp::from_unix_seconds(1_774_880_551).expect("a time of this century");
        assert_eq!(Clock::Fixed(time).now().to_string(), "2026-03-30T14:22:31Z");
    }
}
