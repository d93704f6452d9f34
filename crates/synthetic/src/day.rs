//! Days as whole numbers, so that charts are computed with plain sums; and their FHIR text.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};

/// A calendar day, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Day(pub(crate) i32);

const EPOCH: Date = date(1970, 1, 1);

impl Day {
    pub(crate) fn of(date: Date) -> Self {
        Day((date.duration_since(EPOCH).as_hours() / 24) as i32)
    }

    pub(crate) fn date(self) -> Date {
        EPOCH.saturating_add(self.0.days())
    }

    pub(crate) fn plus(self, days: i32) -> Self {
        Day(self.0 + days)
    }

    /// Whole years from `self` to `later`, as an age is counted.
    pub(crate) fn years_to(self, later: Day) -> i32 {
        let (a, b) = (self.date(), later.date());
        let whole = i32::from(b.year()) - i32::from(a.year());
        if (b.month(), b.day()) < (a.month(), a.day()) { whole - 1 } else { whole }
    }

    /// Months (30.4375 days) from `self` to `later`, as growth tables count age.
    pub(crate) fn months_to(self, later: Day) -> f64 {
        f64::from(later.0 - self.0) / 30.4375
    }

    /// The same day, or the Monday after a weekend.
    pub(crate) fn workday(self) -> Self {
        match self.date().weekday() {
            Weekday::Saturday => self.plus(2),
            Weekday::Sunday => self.plus(1),
            _ => self,
        }
    }

    /// `YYYY-MM-DD`.
    pub(crate) fn text(self) -> String {
        let d = self.date();
        let mut text = String::with_capacity(10);
        push_digits(&mut text, i32::from(d.year()), 4);
        text.push('-');
        push_digits(&mut text, i32::from(d.month()), 2);
        text.push('-');
        push_digits(&mut text, i32::from(d.day()), 2);
        text
    }

    /// The instant `minute` minutes after midnight on this day in the practice's zone (US Eastern), with its offset.
    pub(crate) fn at(self, minute: i32) -> String {
        let mut text = self.text();
        text.push('T');
        push_digits(&mut text, minute / 60, 2);
        text.push(':');
        push_digits(&mut text, minute % 60, 2);
        text.push_str(if self.summer_time() { ":00-04:00" } else { ":00-05:00" });
        text
    }

    /// Daylight saving time in the US since 2007: second Sunday of March to first Sunday of November (Energy Policy Act of
    /// 2005, section 110). No visit is at 02:00, so the day is enough.
    fn summer_time(self) -> bool {
        let d = self.date();
        let sunday_before = i32::from(d.day()) - i32::from(d.weekday().to_sunday_zero_offset());
        match d.month() {
            4..=10 => true,
            3 => sunday_before >= 8,
            11 => sunday_before < 1,
            _ => false,
        }
    }
}

fn push_digits(text: &mut String, number: i32, width: u32) {
    for place in (0..width).rev() {
        let digit = (number / 10i32.pow(place)) % 10;
        text.push(char::from(b'0' + digit as u8));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_fhir_dates_and_times_with_the_offset_of_that_day() {
        let winter = Day::of(date(2026, 11, 22));
        assert_eq!(winter.text(), "2026-11-22");
        assert_eq!(winter.at(9 * 60 + 5), "2026-11-22T09:05:00-05:00");
        assert_eq!(Day::of(date(2026, 7, 4)).at(0), "2026-07-04T00:00:00-04:00");
        assert_eq!(Day::of(date(2026, 3, 7)).at(60), "2026-03-07T01:00:00-05:00");
        assert_eq!(Day::of(date(2026, 3, 8)).at(600), "2026-03-08T10:00:00-04:00");
        assert_eq!(Day::of(date(2026, 10, 31)).at(600), "2026-10-31T10:00:00-04:00");
        assert_eq!(Day::of(date(2026, 11, 1)).at(600), "2026-11-01T10:00:00-05:00");
    }

    #[test]
    fn ages_turn_on_the_birthday() {
        let born = Day::of(date(1962, 5, 4));
        assert_eq!(born.years_to(Day::of(date(2026, 5, 3))), 63);
        assert_eq!(born.years_to(Day::of(date(2026, 5, 4))), 64);
        assert_eq!(Day::of(date(1899, 12, 31)).text(), "1899-12-31");
    }

    #[test]
    fn weekends_move_to_monday() {
        assert_eq!(Day::of(date(2026, 11, 22)).workday().text(), "2026-11-23");
        assert_eq!(Day::of(date(2026, 11, 20)).workday().text(), "2026-11-20");
    }
}
