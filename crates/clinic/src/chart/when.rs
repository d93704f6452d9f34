//! Dates as a chart shows them: `12-Mar-2024`, 24-hour clock, the practice's zone; a partial date stays partial.

use fhir::Element;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// How a chart is read: the practice's zone and its today.
#[derive(Debug, Clone)]
pub struct Clock {
    /// The practice's time zone.
    pub zone: TimeZone,
    /// Today there.
    pub today: Date,
}

impl Clock {
    /// The clock of a request.
    #[must_use]
    pub fn at(now: Timestamp, zone: TimeZone) -> Self {
        let today = now.to_zoned(zone.clone()).date();
        Self { zone, today }
    }
}

/// A moment as a chart shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// `12-Mar-2024`, `Mar-2024` or `2024`.
    pub date: String,
    /// `14:05`, when a time was written.
    pub time: Option<String>,
    /// For `<time datetime>`: as written.
    pub iso: String,
    /// Where it begins, to sort by: a date without a time begins at midnight UTC, as the record orders it (R4 leaves its zone open).
    pub at: Timestamp,
    /// The day in the practice, when the day is known.
    pub day: Option<Date>,
}

impl When {
    /// Reads a FHIR date, dateTime or instant; `None` when it is none.
    #[must_use]
    pub fn read(written: &str, clock: &Clock) -> Option<Self> {
        let written = written.trim();
        if let Some((_, time)) = written.split_once('T') {
            let stamp: Timestamp = written.parse().ok()?;
            let local = stamp.to_zoned(clock.zone.clone());
            let shown = (!time.is_empty()).then(|| format!("{:02}:{:02}", local.hour(), local.minute()));
            return Some(Self {
                date: day_text(local.date()),
                time: shown,
                iso: written.to_owned(),
                at: stamp,
                day: Some(local.date()),
            });
        }
        let mut parts = written.splitn(3, '-');
        let year: i16 = parts.next().filter(|y| y.len() == 4)?.parse().ok()?;
        let month: Option<i8> = parts.next().map(str::parse).transpose().ok()?;
        let day: Option<i8> = parts.next().map(str::parse).transpose().ok()?;
        let first = Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).ok()?;
        let date = match (month, day) {
            (Some(_), Some(_)) => day_text(first),
            (Some(month), None) => format!("{}-{year:04}", month_name(month)),
            (None, _) => format!("{year:04}"),
        };
        let at = first.to_zoned(TimeZone::UTC).ok()?.timestamp();
        Some(Self { date, time: None, iso: written.to_owned(), at, day: day.is_some().then_some(first) })
    }

    /// A moment the server recorded.
    #[must_use]
    pub fn of(stamp: Timestamp, clock: &Clock) -> Self {
        let local = stamp.to_zoned(clock.zone.clone());
        Self {
            date: day_text(local.date()),
            time: Some(format!("{:02}:{:02}", local.hour(), local.minute())),
            iso: stamp.to_string(),
            at: stamp,
            day: Some(local.date()),
        }
    }

    /// The date at a path of an element.
    #[must_use]
    pub fn get(element: Element<'_>, path: &str, clock: &Clock) -> Option<Self> {
        Self::read(element.text(path)?, clock)
    }

    /// The start of a choice such as `effective[x]`: a dateTime, an instant, or a period's start (else its end).
    #[must_use]
    pub fn choice(element: Element<'_>, name: &str, clock: &Clock) -> Option<Self> {
        match element.choice(name)? {
            ("DateTime" | "Date" | "Instant", value) => Self::read(value.as_text()?, clock),
            ("Period", period) => Self::get(period, "start", clock).or_else(|| Self::get(period, "end", clock)),
            _ => None,
        }
    }

    /// Date and time in one text.
    #[must_use]
    pub fn full(&self) -> String {
        match &self.time {
            Some(time) => format!("{} {time}", self.date),
            None => self.date.clone(),
        }
    }

    /// The last day it may mean: of a month or a year, its last.
    #[must_use]
    pub fn last_day(&self) -> Option<Date> {
        self.day.or_else(|| {
            let mut parts = self.iso.splitn(2, '-');
            let year: i16 = parts.next()?.parse().ok()?;
            let month: i8 = parts.next().map_or(Some(12), |month| month.parse().ok())?;
            Some(Date::new(year, month, 1).ok()?.last_of_month())
        })
    }

    /// The calendar year shown.
    #[must_use]
    pub fn year(&self) -> &str {
        self.date.get(self.date.len().saturating_sub(4)..).unwrap_or_default()
    }
}

/// `12-Mar-2024`.
#[must_use]
pub fn day_text(date: Date) -> String {
    format!("{:02}-{}-{:04}", date.day(), month_name(date.month()), date.year())
}

/// The end of a day in the practice: the last moment that `?as-of=DATE` includes.
#[must_use]
pub fn end_of_day(date: Date, zone: &TimeZone) -> Option<Timestamp> {
    let next = date.checked_add(1.day()).ok()?.to_zoned(zone.clone()).ok()?.timestamp();
    next.checked_sub(1.microsecond()).ok()
}

/// The day of a FHIR date of any precision as a chart shows it; what is no date is shown as written.
#[must_use]
pub fn date_text(written: &str) -> String {
    let day = written.split_once('T').map_or(written, |(day, _)| day);
    When::read(day, &Clock { zone: TimeZone::UTC, today: Date::ZERO })
        .map_or_else(|| written.to_owned(), |when| when.date)
}

/// An age as clinicians say it: days to 4 weeks, weeks to 3 months, months to 2 years, then years. Of a birth date without its day it is
/// only `about` so. `None` when the birth date is after `on` or no date.
#[must_use]
pub fn age(birth: &str, on: Date) -> Option<String> {
    let mut parts = birth.splitn(3, '-');
    let year: i16 = parts.next()?.parse().ok()?;
    let month: Option<i8> = parts.next().and_then(|m| m.parse().ok());
    let day: Option<i8> = parts.next().and_then(|d| d.get(..2)).and_then(|d| d.parse().ok());
    let since = |month: i8| (i32::from(on.year()) - i32::from(year)) * 12 + i32::from(on.month()) - i32::from(month);
    let day = match (month, day) {
        (Some(_), Some(day)) => day,
        (None, _) if birth.len() > 4 => return None,
        (Some(month), None) if since(month) < 24 => {
            return (since(month) >= 0).then(|| format!("about {} mo", since(month)));
        }
        (Some(month), None) => return Some(format!("about {} y", since(month) / 12)),
        (None, _) => match since(on.month()) / 12 {
            0 => return Some("under 1 y".to_owned()),
            years => return (years > 0).then(|| format!("about {years} y")),
        },
    };
    let month = month?;
    let birth = Date::new(year, month, day).ok()?;
    let days = on.since(birth).ok()?.get_days();
    if birth > on {
        return None;
    }
    let months = since(month) - i32::from(on.day() < birth.day());
    Some(match (days, months) {
        (0..28, _) => format!("{days} d"),
        (_, 0..3) => format!("{} wk", days / 7),
        (_, 3..24) => format!("{months} mo"),
        _ => format!("{} y", months / 12),
    })
}

fn month_name(month: i8) -> &'static str {
    const NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    usize::try_from(month - 1).ok().and_then(|index| NAMES.get(index)).copied().unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn clock() -> Clock {
        Clock { zone: TimeZone::get("America/Chicago").expect("zone"), today: date(2026, 11, 22) }
    }

    #[test]
    fn dates_show_what_was_written_in_the_practice_zone() {
        let show = |text: &str| When::read(text, &clock()).map(|when| when.full());
        assert_eq!(show("2024-03-12").as_deref(), Some("12-Mar-2024"));
        assert_eq!(show("2024-03").as_deref(), Some("Mar-2024"));
        assert_eq!(show("2024").as_deref(), Some("2024"));
        // Midnight UTC is the evening before in Chicago (daylight time, five hours behind).
        assert_eq!(show("2024-03-12T00:30:00Z").as_deref(), Some("11-Mar-2024 19:30"));
        assert_eq!(show("2024-03-12T08:05:00.123-05:00").as_deref(), Some("12-Mar-2024 08:05"));
        for bad in ["", "yesterday", "2024-13-01", "2024-02-30", "12-03-2024"] {
            assert_eq!(show(bad), None, "{bad}");
        }
    }

    #[test]
    fn ages_are_days_weeks_months_then_years() {
        let on = date(2026, 11, 22);
        let cases = [
            ("2026-11-22", "0 d"),
            ("2026-10-26", "27 d"),
            ("2026-10-25", "4 wk"),
            ("2026-08-23", "13 wk"),
            ("2026-08-22", "3 mo"),
            ("2024-11-23", "23 mo"),
            ("2024-11-22", "2 y"),
            ("1979-12-23", "46 y"),
            // Without its day, or its month, an age is only about so.
            ("1979", "about 47 y"),
            ("1979-11", "about 47 y"),
            ("1979-12", "about 46 y"),
            ("2026-08", "about 3 mo"),
            ("2024-12", "about 23 mo"),
            ("2026", "under 1 y"),
        ];
        for (birth, expected) in cases {
            assert_eq!(age(birth, on).as_deref(), Some(expected), "{birth}");
        }
        for bad in ["2027-01-01", "2027-01", "2027", "soon", "", "1979-", "1979-x"] {
            assert_eq!(age(bad, on), None, "{bad}");
        }
    }

    #[test]
    fn a_day_is_shown_as_precisely_as_it_was_written() {
        for (written, shown) in [
            ("1962-05-04", "04-May-1962"),
            ("1962-05", "May-1962"),
            ("1962", "1962"),
            ("2024-03-12T23:30:00-05:00", "12-Mar-2024"),
            ("13-04-1962", "13-04-1962"),
            ("5/4/1962", "5/4/1962"),
            ("1962-13-01", "1962-13-01"),
            ("é-é-é", "é-é-é"),
        ] {
            assert_eq!(date_text(written), shown);
        }
    }

    #[test]
    fn a_day_ends_where_the_next_begins_in_the_practice() {
        let zone = TimeZone::get("America/Chicago").expect("zone");
        let end = end_of_day(date(2024, 3, 12), &zone).expect("end");
        assert_eq!(end.to_string(), "2024-03-13T04:59:59.999999Z");
    }
}
