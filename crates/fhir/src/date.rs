//! FHIR dates, which may be partial: a year, a month, a day, or a moment with its zone. What was written is kept.
//!
//! ```
//! use fhir::date::FhirDate;
//! use jiff::tz::TimeZone;
//! let may = FhirDate::parse("2020-05").unwrap();
//! let (first, end) = may.range(&TimeZone::UTC);
//! assert_eq!((first.to_string(), end.to_string()), ("2020-05-01T00:00:00Z".into(), "2020-06-01T00:00:00Z".into()));
//! ```

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

/// How much of a date is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    /// `1962`
    Year,
    /// `1962-05`
    Month,
    /// `1962-05-04`
    Day,
    /// `1962-05-04T09:30:00+02:00`, to the second or finer.
    Moment,
}

/// A FHIR `date`, `dateTime` or `instant` (R4 datatypes, 2.24.0.1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FhirDate<'a> {
    written: &'a str,
    precision: Precision,
    /// The first day of what is known.
    day: Date,
    /// For moments.
    time: Option<Moment>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Moment {
    local: DateTime,
    offset: Offset,
    /// Whether parts of a second were written: then the moment is a point, else it spans its second.
    fraction: bool,
}

impl<'a> FhirDate<'a> {
    /// Reads what R4 allows: `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, or a moment with seconds and a zone. The day must exist in
    /// the calendar; the year is not 0000.
    #[must_use]
    pub fn parse(written: &'a str) -> Option<Self> {
        let (date, time) = match written.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (written, None),
        };
        let (day, precision) = calendar(date.as_bytes())?;
        let Some(time) = time else { return Some(Self { written, precision, day, time: None }) };
        if precision != Precision::Day {
            return None;
        }
        Some(Self { written, precision: Precision::Moment, day, time: Some(moment(day, time)?) })
    }

    /// The text as it stands in the record.
    #[must_use]
    pub fn written(self) -> &'a str {
        self.written
    }

    /// How much is known.
    #[must_use]
    pub fn precision(self) -> Precision {
        self.precision
    }

    /// From the first instant of what was written up to, and not including, the first one after it. Dates without a time
    /// are days in `zone`, the practice's.
    #[must_use]
    pub fn range(self, zone: &TimeZone) -> (Timestamp, Timestamp) {
        if let Some(moment) = self.time {
            let first = moment.offset.to_timestamp(moment.local).unwrap_or(Timestamp::MAX);
            let length = if moment.fraction { SignedDuration::from_nanos(1) } else { SignedDuration::from_secs(1) };
            return (first, first.checked_add(length).unwrap_or(Timestamp::MAX));
        }
        let after = match self.precision {
            Precision::Year => self.day.checked_add(1.year()),
            Precision::Month => self.day.checked_add(1.month()),
            _ => self.day.checked_add(1.day()),
        };
        (midnight(self.day, zone), after.map_or(Timestamp::MAX, |day| midnight(day, zone)))
    }

    /// The first instant of what was written: what lists sort by.
    #[must_use]
    pub fn first(self, zone: &TimeZone) -> Timestamp {
        self.range(zone).0
    }

    /// The moment, where a time was written.
    #[must_use]
    pub fn timestamp(self) -> Option<Timestamp> {
        self.time.and_then(|moment| moment.offset.to_timestamp(moment.local).ok())
    }

    /// The calendar day in `zone`, where the day is known.
    #[must_use]
    pub fn day(self, zone: &TimeZone) -> Option<Date> {
        match self.precision {
            Precision::Year | Precision::Month => None,
            Precision::Day => Some(self.day),
            Precision::Moment => self.timestamp().map(|t| zone.to_datetime(t).date()),
        }
    }

    /// The year as written.
    #[must_use]
    pub fn year(self) -> i16 {
        self.day.year()
    }

    /// The month as written, where known.
    #[must_use]
    pub fn month(self) -> Option<i8> {
        (self.precision >= Precision::Month).then(|| self.day.month())
    }

    /// The first day of what was written, as written (no zone is applied).
    #[must_use]
    pub fn first_day(self) -> Date {
        self.day
    }
}

/// Keeps dates, which are patient data, out of logs.
impl std::fmt::Debug for FhirDate<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FhirDate({:?})", self.precision)
    }
}

fn midnight(day: Date, zone: &TimeZone) -> Timestamp {
    zone.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(if day.year() > 0 { Timestamp::MAX } else { Timestamp::MIN })
}

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
fn calendar(text: &[u8]) -> Option<(Date, Precision)> {
    let year = number(text.get(..4)?)?;
    let part =
        |from: usize| (text.get(from - 1) == Some(&b'-')).then(|| text.get(from..from + 2)).flatten().and_then(number);
    let (month, day, precision) = match text.len() {
        4 => (1, 1, Precision::Year),
        7 => (part(5)?, 1, Precision::Month),
        10 => (part(5)?, part(8)?, Precision::Day),
        _ => return None,
    };
    if year == 0 {
        return None;
    }
    Some((Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?, precision))
}

/// `hh:mm:ss[.fff](Z|±hh:mm)`.
fn moment(day: Date, text: &str) -> Option<Moment> {
    let zone_at = text.find(['Z', '+', '-'])?;
    let (clock, zone) = text.split_at_checked(zone_at)?;
    let (hour, minute, second, nanos, fraction) = clock_parts(clock)?;
    // A leap second is shown as the second before it: no calendar here knows them.
    let local = day.at(hour, minute, second.min(59), nanos);
    Some(Moment { local, offset: offset(zone.as_bytes())?, fraction })
}

/// Reads `hh:mm:ss[.fff]`: hour, minute, second (60 allowed), nanoseconds, whether a fraction was written.
pub(crate) fn clock_parts(text: &str) -> Option<(i8, i8, i8, i32, bool)> {
    let bytes = text.as_bytes();
    let two = |from: usize| bytes.get(from..from + 2).and_then(number).and_then(|n| i8::try_from(n).ok());
    let (hour, minute, second) = (two(0)?, two(3)?, two(6)?);
    let separated = bytes.get(2) == Some(&b':') && bytes.get(5) == Some(&b':');
    if !separated || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let fraction = bytes.get(8..)?;
    if fraction.is_empty() {
        return Some((hour, minute, second, 0, false));
    }
    let digits = fraction.strip_prefix(b".")?;
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let nanos = (0..9).fold(0, |n, i| n * 10 + digits.get(i).map_or(0, |d| i32::from(d - b'0')));
    Some((hour, minute, second, nanos, true))
}

/// `Z` or up to `±14:00`.
fn offset(text: &[u8]) -> Option<Offset> {
    if text == b"Z" {
        return Some(Offset::UTC);
    }
    let sign = match text.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = (number(text.get(1..3)?)?, number(text.get(4..6)?)?);
    if text.len() != 6 || text.get(3) != Some(&b':') || minutes > 59 || hours * 60 + minutes > 14 * 60 {
        return None;
    }
    Offset::from_seconds(sign * 60 * i32::from(hours * 60 + minutes)).ok()
}

/// Up to four digits.
fn number(digits: &[u8]) -> Option<i16> {
    digits.iter().try_fold(0i16, |n, d| d.is_ascii_digit().then(|| n * 10 + i16::from(d - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str, zone: &str) -> (String, String) {
        let zone = TimeZone::get(zone).unwrap();
        let (first, end) = FhirDate::parse(text).unwrap().range(&zone);
        (first.to_string(), end.to_string())
    }

    #[test]
    fn partial_dates_are_ranges_in_the_practice_zone() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(range("1962", "UTC"), pair("1962-01-01T00:00:00Z", "1963-01-01T00:00:00Z"));
        assert_eq!(range("2024-02", "America/New_York"), pair("2024-02-01T05:00:00Z", "2024-03-01T05:00:00Z"));
        // The day clocks go forward has 23 hours.
        assert_eq!(range("2024-03-10", "America/New_York"), pair("2024-03-10T05:00:00Z", "2024-03-11T04:00:00Z"));
        assert_eq!(range("2024-03-10T09:30:00+02:00", "UTC"), pair("2024-03-10T07:30:00Z", "2024-03-10T07:30:01Z"));
        assert_eq!(range("2015-06-30T23:59:60Z", "UTC"), pair("2015-06-30T23:59:59Z", "2015-07-01T00:00:00Z"));
        assert!(FhirDate::parse("9999-12-31").unwrap().range(&TimeZone::UTC).1 > Timestamp::from_second(0).unwrap());
    }

    #[test]
    fn the_day_of_a_moment_is_the_practice_day() {
        let late = FhirDate::parse("2024-03-10T23:30:00.5-05:00").unwrap();
        assert_eq!(late.day(&TimeZone::UTC).unwrap().to_string(), "2024-03-11");
        assert_eq!(FhirDate::parse("2024-03").unwrap().day(&TimeZone::UTC), None);
    }

    #[test]
    fn what_r4_does_not_allow_is_not_a_date() {
        for bad in [
            "",
            "62",
            "1962-5-4",
            "1962-13",
            "2023-02-29",
            "1900-02-29",
            "0000",
            "1962-05-04T10:00Z",
            "1962-05-04T10:00:00",
            "1962-05T10:00:00Z",
            "1962-05-04T24:00:00Z",
            "1962-05-04T10:00:00.Z",
            "1962-05-04T10:00:00+14:01",
            "1962-05-04T10:00:00+1:00",
            "1962-05-04 ",
            "19620504",
            "1962-05-04T10:00:61Z",
            "é962",
            "1962-05-0é",
            "1962-05-04T10:00:00+é0:00",
        ] {
            assert!(FhirDate::parse(bad).is_none(), "{bad:?}");
        }
    }
}
