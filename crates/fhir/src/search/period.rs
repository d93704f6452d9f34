//! Dates as FHIR writes them (a year, a month, a day, an instant) as the stretch of time they name.
//!
//! A stretch is `[from, until)` in microseconds since 1970, UTC. A date or time without a zone is read as UTC: R4 leaves it to the
//! server, and one fixed reading keeps an index true whatever the practice's zone becomes.

use jiff::civil::{Date, date};
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};

/// A stretch of time, `[from, until)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    /// First microsecond in it.
    pub from: i64,
    /// First microsecond after it.
    pub until: i64,
}

/// An open beginning.
pub const ALWAYS: i64 = i64::MIN;
/// An open end.
pub const FOREVER: i64 = i64::MAX;

impl Period {
    /// Reads `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or `YYYY-MM-DDThh:mm[:ss[.fff]][zone]`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(['T', ' ']) {
            Some((day, time)) => instant(parse_day(day)?, time),
            None => calendar(text),
        }
    }

    /// From the start of one to the end of another; either may be open.
    #[must_use]
    pub fn between(start: Option<Self>, end: Option<Self>) -> Self {
        Self { from: start.map_or(ALWAYS, |p| p.from), until: end.map_or(FOREVER, |p| p.until) }
    }

    /// Its beginning as a point in time; `None` when open.
    #[must_use]
    pub fn start(self) -> Option<Timestamp> {
        (self.from != ALWAYS).then(|| Timestamp::from_microsecond(self.from).ok()).flatten()
    }
}

fn digits(text: &str, count: usize) -> Option<i64> {
    (text.len() == count && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn number(text: &str, count: usize) -> Option<i8> {
    digits(text, count).and_then(|n| i8::try_from(n).ok())
}

fn parse_day(text: &str) -> Option<Date> {
    let (year, month, day) = (text.get(..4)?, text.get(4..7)?, text.get(7..)?);
    Date::new(
        i16::try_from(digits(year, 4)?).ok()?,
        number(month.strip_prefix('-')?, 2)?,
        number(day.strip_prefix('-')?, 2)?,
    )
    .ok()
}

fn calendar(text: &str) -> Option<Period> {
    let (first, after) = match text.len() {
        4 => {
            let year = i16::try_from(digits(text, 4)?).ok()?;
            (Date::new(year, 1, 1).ok()?, date(year, 1, 1).checked_add(1.year()).ok()?)
        }
        7 => {
            let first = parse_day(&format!("{text}-01"))?;
            (first, first.checked_add(1.month()).ok()?)
        }
        10 => {
            let first = parse_day(text)?;
            (first, first.checked_add(1.day()).ok()?)
        }
        _ => return None,
    };
    Some(Period { from: midnight(first)?, until: midnight(after)? })
}

fn midnight(day: Date) -> Option<i64> {
    Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok().map(Timestamp::as_microsecond)
}

/// The time of day with its zone. How long it lasts is how precisely it was written: a minute, a second or a part of one.
fn instant(day: Date, text: &str) -> Option<Period> {
    let zone_at = text.find(['Z', '+', '-', ' ']).unwrap_or(text.len());
    let (clock, zone) = (text.get(..zone_at)?, text.get(zone_at..)?);
    let hours = number(clock.get(..2)?, 2).filter(|h| *h < 24)?;
    let minutes = number(clock.get(2..5)?.strip_prefix(':')?, 2).filter(|m| *m < 60)?;
    let (seconds, lasts) = match clock.get(5..)?.strip_prefix(':') {
        None if clock.len() == 5 => (0, 60_000_000),
        None => return None,
        Some(rest) => seconds(rest)?,
    };
    let civil = day.at(hours, minutes, 0, 0);
    let from = Offset::UTC.to_timestamp(civil).ok()?.as_microsecond() + seconds - zone_seconds(zone)? * 1_000_000;
    Some(Period { from, until: from + lasts })
}

/// Microseconds of `ss` or `ss.f…`, and how long what was written lasts.
fn seconds(text: &str) -> Option<(i64, i64)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    // 60 is a leap second: it counts as the second after.
    let whole = digits(whole, 2).filter(|s| *s <= 60)? * 1_000_000;
    if text.contains('.') && fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let kept = fraction.get(..fraction.len().min(6))?;
    let unit = 10_i64.pow(6 - u32::try_from(kept.len()).ok()?);
    let part = if kept.is_empty() { 0 } else { kept.parse::<i64>().ok()? * unit };
    Some((whole + part, unit))
}

/// The offset from UTC in seconds. A `+` that a URL turned into a blank is read as one.
fn zone_seconds(zone: &str) -> Option<i64> {
    let (sign, rest) = match zone.as_bytes().first() {
        None => return Some(0),
        Some(b'Z') => return (zone.len() == 1).then_some(0),
        Some(b'-') => (-1, zone.get(1..)?),
        Some(_) => (1, zone.get(1..)?),
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> i64 {
        text.parse::<Timestamp>().expect("timestamp").as_microsecond()
    }

    #[test]
    fn each_precision_is_the_stretch_it_names() {
        for (written, from, until) in [
            ("2024", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
            ("2024-02", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"),
            ("2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"),
            ("2024-02-29T10:05", "2024-02-29T10:05:00Z", "2024-02-29T10:06:00Z"),
            ("2024-02-29T10:05:07Z", "2024-02-29T10:05:07Z", "2024-02-29T10:05:08Z"),
            ("2024-02-29T10:05:07.25Z", "2024-02-29T10:05:07.25Z", "2024-02-29T10:05:07.26Z"),
            ("2024-02-29T23:30:00-05:00", "2024-03-01T04:30:00Z", "2024-03-01T04:30:01Z"),
            ("2024-03-01T01:00:00+02:00", "2024-02-29T23:00:00Z", "2024-02-29T23:00:01Z"),
            ("2024-03-01T01:00:00 02:00", "2024-02-29T23:00:00Z", "2024-02-29T23:00:01Z"),
        ] {
            let expected = Period { from: micros(from), until: micros(until) };
            assert_eq!(Period::parse(written), Some(expected), "{written}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "24",
            "2024-13",
            "2023-02-29",
            "2024-1-1",
            "2024-01-01T",
            "2024-01-01T25:00",
            "2024-01-01T10:00:00.",
            "2024-01-01T10:00:00+15:00",
            "20é4",
            "2024-01-0é",
            "now",
            "2024-01-01T10:00:00ZZ",
            "99999",
        ] {
            assert_eq!(Period::parse(text), None, "{text}");
        }
    }
}
