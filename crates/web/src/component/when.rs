//! A moment, in the practice's zone: DD-Mmm-YYYY and a 24-hour clock.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

/// Day and time of day, never broken across lines.
#[must_use]
pub fn moment(at: Timestamp, zone: &TimeZone) -> Markup {
    let there = at.to_zoned(zone.clone());
    html! { time class="nb" datetime=(at) { (there.strftime("%d-%b-%Y %H:%M")) } }
}

/// The day alone.
#[must_use]
pub fn day(at: Timestamp, zone: &TimeZone) -> Markup {
    let there = at.to_zoned(zone.clone());
    html! { time class="nb" datetime=(there.date()) { (there.strftime("%d-%b-%Y")) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_practice_reads_its_own_clock() {
        let at = "2026-01-06T03:05:00Z".parse().expect("time");
        let zone = TimeZone::get("America/Chicago").expect("zone");
        assert!(moment(at, &zone).into_string().contains(">05-Jan-2026 21:05<"));
        assert!(day(at, &zone).into_string().contains(">05-Jan-2026<"));
    }
}
