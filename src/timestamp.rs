//! The clock, and times as records have them. The only module that uses `chrono`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::format::{Parsed, StrftimeItems, parse};
use chrono::{
    DateTime, Datelike, Days, FixedOffset, Local, NaiveDate, NaiveDateTime, Offset, SecondsFormat, TimeZone, Timelike, Utc,
};

/// A point in time, with as many sub-second digits as it was given with, 9 at most.
///
/// Ordered by time, then by digits. Displayed in UTC as RFC 3339, such as `2026-03-30T14:22:31Z`.
///
/// ```
/// use provfilter::timestamp::{Notation, Timestamp, Zone};
///
/// let time = Timestamp::parse_iso("2026-03-30T16:22:31.50+02:00").expect("ISO 8601");
/// assert_eq!(time.to_string(), "2026-03-30T14:22:31.50Z");
/// let (milliseconds, _) = Timestamp::read("1774880551500", Notation::Number, Zone::UTC).expect("a time");
/// assert_eq!(milliseconds.to_string(), "2026-03-30T14:22:31.500Z");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    time: DateTime<Utc>,
    /// 0 to 9.
    digits: u8,
}

impl Timestamp {
    /// The time this many seconds after 1970-01-01T00:00:00Z, or `None` if its year does not have four digits.
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        let time = DateTime::from_timestamp(seconds, 0)?;
        is_writable(time).then_some(Self { time, digits: 0 })
    }

    /// The seconds since 1970-01-01T00:00:00Z, to a microsecond.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "whole microseconds of this millennium fit in a float")]
    pub fn unix_seconds(&self) -> f64 {
        self.time.timestamp_micros() as f64 / 1e6
    }

    /// The same time, displayed with this many sub-second digits, 9 at most. Further digits are cut off.
    #[must_use]
    pub fn with_digits(self, digits: u8) -> Self {
        Self { digits: digits.min(9), ..self }
    }

    /// The month, in UTC.
    #[must_use]
    pub fn month(&self) -> Month {
        Month { year: self.time.year(), month: self.time.month() }
    }

    /// Reads ISO 8601: a calendar date, alone or with a time of day, in the extended format (`2026-03-30T14:22:31.5+02:00`) or the
    /// basic one (`20260330T142231Z`). RFC 3339 is accepted, with a space for the `T` too. No offset means UTC.
    #[must_use]
    pub fn parse_iso(text: &str) -> Option<Self> {
        read_iso(text, Zone::UTC).map(|(time, _)| time)
    }

    /// Reads ISO 8601 as [`Timestamp::parse_iso`] does, where `zone` is that of a time that carries none.
    #[must_use]
    pub(crate) fn parse_iso_in(text: &str, zone: Zone) -> Option<Self> {
        read_iso(text, zone).map(|(time, _)| time)
    }

    /// Reads a time as records have it: a number since 1970, or ISO 8601, in `zone` if it has no offset. Says whether the zone was assumed.
    ///
    /// Numbers are seconds with up to 10 digits before the point, milliseconds with 11 to 13, microseconds with 14 to 16 and nanoseconds
    /// with 17 to 19. A text of 8 or 14 digits is read as a date, or a date and time, of the years 1900 to 2199 if it is one. Otherwise a
    /// text of fewer than 9 digits is not a time.
    #[must_use]
    pub fn read(text: &str, notation: Notation, zone: Zone) -> Option<(Self, Origin)> {
        let stated = |time| (time, Origin::Stated);
        let digits = digits_before_point(text);
        match (notation, digits) {
            (Notation::Number, _) => read_epoch(text).map(stated),
            (Notation::Text, None) => read_iso(text, zone),
            (Notation::Text, Some(digits)) => {
                read_digits(text, zone).or_else(|| if digits < 9 { None } else { read_epoch(text).map(stated) })
            }
        }
    }
}

/// A month of a year in UTC. Shown as `2026-03`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    year: i32,
    /// 1 to 12.
    month: u32,
}

impl fmt::Display for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}", self.year, self.month)
    }
}

/// How a time is given in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// As a number.
    Number,
    /// As a string.
    Text,
}

/// Where a time's zone comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The time came with its zone, or needs none.
    Stated,
    /// The time has no zone, and one was assumed.
    Assumed,
}

/// The zone of times that have none.
///
/// ```
/// assert!("+02:00".parse::<provfilter::timestamp::Zone>().is_ok());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Zone(Rule);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Rule {
    #[default]
    Utc,
    Local,
    Fixed(FixedOffset),
}

impl Zone {
    /// Coordinated Universal Time.
    pub const UTC: Self = Self(Rule::Utc);

    /// The time of day in this zone. Of two in autumn the first; one that is left out in spring has the offset of the day before.
    fn to_utc(self, time: NaiveDateTime) -> Option<DateTime<Utc>> {
        match self.0 {
            Rule::Utc => Some(time.and_utc()),
            Rule::Fixed(offset) => offset.from_local_datetime(&time).single().map(|time| time.to_utc()),
            Rule::Local => {
                let offset = |time: &NaiveDateTime| Local.offset_from_local_datetime(time).earliest();
                let offset = offset(&time).or_else(|| offset(&time.checked_sub_days(Days::new(1))?))?;
                offset.fix().from_local_datetime(&time).single().map(|time| time.to_utc())
            }
        }
    }
}

impl FromStr for Zone {
    type Err = &'static str;

    /// Reads `utc`, `local`, or an offset such as `+02:00`.
    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text.to_ascii_lowercase().as_str() {
            "utc" => return Ok(Self(Rule::Utc)),
            "local" => return Ok(Self(Rule::Local)),
            _ => {}
        }
        let is_offset = matches!(text.as_bytes(), [b'+' | b'-', _, _, b':', _, _]);
        let offset = text.parse().ok().filter(|_| is_offset);
        offset.map(|offset| Self(Rule::Fixed(offset))).ok_or("expected utc, local, or an offset such as +02:00")
    }
}

/// The number of digits before the point, if the text is a decimal number without an exponent.
fn digits_before_point(text: &str) -> Option<usize> {
    let number = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(whole) && is_number(fraction)).then_some(whole.len())
}

/// Reads a date of 8 digits, or a date and a time of day of 14.
fn read_digits(text: &str, zone: Zone) -> Option<(Timestamp, Origin)> {
    let century = text.get(..2)?;
    if !matches!(century, "19" | "20" | "21") || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match text.len() {
        8 => read_iso(text, zone),
        14 => read_iso(&format!("{}T{}", &text[..8], &text[8..]), zone),
        _ => None,
    }
}

/// Reads a number of seconds, milliseconds, microseconds or nanoseconds since 1970.
fn read_epoch(text: &str) -> Option<Timestamp> {
    // How many digits of a second the unit has: none, or those of a millisecond, say.
    let unit_digits = match digits_before_point(text)? {
        ..=10 => 0,
        11..=13 => 3,
        14..=16 => 6,
        17..=19 => 9,
        _ => return None,
    };
    let (is_negative, number) = text.strip_prefix('-').map_or((false, text), |number| (true, number));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let nanoseconds: i128 = format!("{whole}{:0<width$.width$}", fraction, width = 9 - unit_digits).parse().ok()?;
    let nanoseconds = if is_negative { -nanoseconds } else { nanoseconds };
    let seconds = i64::try_from(nanoseconds.div_euclid(1_000_000_000)).ok()?;
    let rest = u32::try_from(nanoseconds.rem_euclid(1_000_000_000)).ok()?;
    let time = DateTime::from_timestamp(seconds, rest)?;
    let digits = u8::try_from(unit_digits + fraction.len()).unwrap_or(9).min(9);
    is_writable(time).then_some(Timestamp { time, digits })
}

fn read_iso(text: &str, zone: Zone) -> Option<(Timestamp, Origin)> {
    // ISO 8601 allows a comma for the decimal point.
    let text = if text.contains(',') { Cow::Owned(text.replace(',', ".")) } else { Cow::Borrowed(text) };
    let stated = |time| (time, Origin::Stated);
    let assumed = |time| Some((zone.to_utc(time)?, Origin::Assumed));
    let usual = || parse_rfc3339(&text).map(stated).or_else(|| parse_rfc3339_without_offset(&text).and_then(assumed));
    let rare = || parse_with_offset(&text).map(stated).or_else(|| parse_without_offset(&text).and_then(assumed));
    let (time, origin) = usual().or_else(rare)?;
    is_writable(time).then_some((Timestamp { time, digits: count_digits(&text) }, origin))
}

fn parse_rfc3339(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

/// What RFC 3339 takes but for the offset, as Python's `isoformat` writes it. Reading it so is ten times as fast as by a format.
fn parse_rfc3339_without_offset(text: &str) -> Option<NaiveDateTime> {
    let lacks_offset = text.get(19..).is_some_and(|rest| rest.bytes().all(|byte| byte == b'.' || byte.is_ascii_digit()));
    let stated = lacks_offset.then(|| format!("{text}Z"))?;
    DateTime::parse_from_rfc3339(&stated).ok().map(|time| time.naive_utc())
}

fn parse_with_offset(text: &str) -> Option<DateTime<Utc>> {
    const FORMATS: [&str; 4] = ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z", "%Y%m%dT%H%M%S%.f%#z", "%Y%m%dT%H%M%#z"];
    FORMATS.iter().find_map(|format| read(text, format)?.to_datetime().ok()).map(|time| time.to_utc())
}

fn parse_without_offset(text: &str) -> Option<NaiveDateTime> {
    const TIMES: [&str; 5] =
        ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y%m%dT%H%M%S%.f", "%Y%m%dT%H%M"];
    const DATES: [&str; 2] = ["%Y-%m-%d", "%Y%m%d"];
    let time = TIMES.iter().find_map(|format| read(text, format)?.to_naive_datetime_with_offset(0).ok());
    let date = || DATES.iter().find_map(|format| read(text, format)?.to_naive_date().ok()).map(midnight);
    time.or_else(date)
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
    (0..=9999).contains(&time.year())
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
    /// Always the same time, for reproducible output.
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
            ("2026-03-30T14:22:31,25Z", "2026-03-30T14:22:31.25Z"),
            ("2026-03-30T14:22:31.123456789123Z", "2026-03-30T14:22:31.123456789Z"),
            ("2024-02-29", "2024-02-29T00:00:00Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
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
            "2026-03-30T24:00:00Z",
            "2026-03-30T14:60:00Z",
            "2025-02-29",
            "10000-01-01T00:00:00Z",
            "-0001-01-01T00:00:00Z",
            "2026-03-30T14:22:31.",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    fn read_in_utc(text: &str, notation: Notation) -> Option<String> {
        Timestamp::read(text, notation, Zone::UTC).map(|(time, _)| time.to_string())
    }

    #[test]
    fn numbers_since_1970_are_times_in_the_unit_that_their_digits_tell() {
        for (text, expected) in [
            ("0", "1970-01-01T00:00:00Z"),
            ("1774880551", "2026-03-30T14:22:31Z"),
            ("1741166123.4", "2025-03-05T09:15:23.4Z"),
            ("1741166123.40", "2025-03-05T09:15:23.40Z"),
            ("1774880551456", "2026-03-30T14:22:31.456Z"),
            ("1774880551456.5", "2026-03-30T14:22:31.4565Z"),
            ("1774880551456789", "2026-03-30T14:22:31.456789Z"),
            ("1774880551456789.5", "2026-03-30T14:22:31.4567895Z"),
            ("1774880551456789012", "2026-03-30T14:22:31.456789012Z"),
            ("1774880551.1234567891", "2026-03-30T14:22:31.123456789Z"),
            ("9999999999", "2286-11-20T17:46:39Z"),
            ("10000000000", "1970-04-26T17:46:40.000Z"),
            ("-1", "1969-12-31T23:59:59Z"),
            ("-1.5", "1969-12-31T23:59:58.5Z"),
            ("20260330", "1970-08-23T11:52:10Z"),
        ] {
            assert_eq!(read_in_utc(text, Notation::Number).as_deref(), Some(expected), "{text}");
        }
        for text in ["1e9", "1.", ".5", "-", "1.5.2", "+1", " 1", "99999999999999999999", "2026-03-30"] {
            assert_eq!(read_in_utc(text, Notation::Number), None, "{text}");
        }
    }

    #[test]
    fn a_text_of_digits_is_a_date_or_a_number_since_1970_or_no_time() {
        for (text, expected) in [
            ("20260330", Some("2026-03-30T00:00:00Z")),
            ("20260330142231", Some("2026-03-30T14:22:31Z")),
            ("19000101", Some("1900-01-01T00:00:00Z")),
            ("21991231235959", Some("2199-12-31T23:59:59Z")),
            ("22000101", None),
            ("20261330", None),
            ("20261330142231", Some("1970-08-23T12:08:50.142231Z")),
            ("1774880551", Some("2026-03-30T14:22:31Z")),
            ("177488055", Some("1975-08-17T06:14:15Z")),
            ("1774880551456", Some("2026-03-30T14:22:31.456Z")),
            ("1741166123.4", Some("2025-03-05T09:15:23.4Z")),
            ("0", None),
            ("2026", None),
            ("202603", None),
            ("12345678", None),
            ("-1", None),
            ("1e9", None),
        ] {
            assert_eq!(read_in_utc(text, Notation::Text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_time_without_a_zone_is_read_in_the_assumed_one() {
        let read = |text: &str, zone: &str| {
            let (time, origin) = Timestamp::read(text, Notation::Text, zone.parse().expect(zone)).expect(text);
            (time.to_string(), origin)
        };
        let text = "2026-03-30T14:22:31.456789";
        assert_eq!(read(text, "utc"), ("2026-03-30T14:22:31.456789Z".to_owned(), Origin::Assumed));
        assert_eq!(read(text, "+02:00"), ("2026-03-30T12:22:31.456789Z".to_owned(), Origin::Assumed));
        assert_eq!(read(text, "-05:30"), ("2026-03-30T19:52:31.456789Z".to_owned(), Origin::Assumed));
        assert_eq!(read("2026-03-30T14:22:31+01:00", "+02:00"), ("2026-03-30T13:22:31Z".to_owned(), Origin::Stated));
        assert_eq!(read("2026-03-30", "+02:00"), ("2026-03-29T22:00:00Z".to_owned(), Origin::Assumed));
        assert!(Timestamp::read(text, Notation::Text, "local".parse().expect("a zone")).is_some());
        for zone in ["", "Europe/Berlin", "2", "+2", "+02", "+0200", "+24:00", "+02:60", "02:00"] {
            assert!(zone.parse::<Zone>().is_err(), "{zone}");
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
