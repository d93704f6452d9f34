//! Times as forms send them, in the practice's zone.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

/// A day (`2026-11-22`) and a time of day (`14:05`) in a zone; of a time that the clocks skip, the one after.
#[must_use]
pub fn of(day: &str, time: &str, zone: &TimeZone) -> Option<Timestamp> {
    let day: Date = day.trim().parse().ok()?;
    let time: Time = time.trim().parse().ok()?;
    (1880..=2200).contains(&day.year()).then_some(())?;
    Some(day.to_datetime(time).to_zoned(zone.clone()).ok()?.timestamp())
}

/// The same of one field (`2026-11-22T14:05`, as browsers send `datetime-local`).
#[must_use]
pub fn local(written: &str, zone: &TimeZone) -> Option<Timestamp> {
    let (day, time) = written.trim().split_once('T')?;
    of(day, time, zone)
}

/// A moment as such a field shows it.
#[must_use]
pub fn written(at: Timestamp, zone: &TimeZone) -> (String, String) {
    let local = at.to_zoned(zone.clone());
    (local.date().to_string(), local.strftime("%H:%M").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_and_a_time_are_of_the_practice() {
        let zone = TimeZone::get("America/Chicago").expect("zone");
        let at = of("2026-07-01", "14:05", &zone).expect("a time");
        assert_eq!(at.to_string(), "2026-07-01T19:05:00Z");
        assert_eq!(local("2026-07-01T14:05", &zone), Some(at));
        assert_eq!(written(at, &zone), ("2026-07-01".to_owned(), "14:05".to_owned()));
        for (day, time) in
            [("", ""), ("2026-07-01", ""), ("2026-02-30", "10:00"), ("2026-07-01", "25:00"), ("0026-07-01", "10:00")]
        {
            assert_eq!(of(day, time, &zone), None, "{day} {time}");
        }
    }
}
