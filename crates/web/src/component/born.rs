//! Birth dates and ages as lists and banners show them: `23-Dec-1979 (46 y)`.

use jiff::civil::Date;
use jiff::{Unit, civil};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A FHIR date of any precision, as people read it: `23-Dec-1979`, `Dec-1979`, `1979`; what is no date is shown as written.
#[must_use]
pub fn date(written: &str) -> String {
    let is = |part: &str, digits: usize| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = written.split_once('T').map_or(written, |(date, _)| date).split('-').collect();
    let named = |month: &str| month.parse::<usize>().ok().and_then(|m| MONTHS.get(m.checked_sub(1)?));
    match parts.as_slice() {
        [year, month, day] if is(year, 4) && is(month, 2) && is(day, 2) => {
            named(month).map_or_else(|| written.to_owned(), |month| format!("{day}-{month}-{year}"))
        }
        [year, month] if is(year, 4) && is(month, 2) => {
            named(month).map_or_else(|| written.to_owned(), |month| format!("{month}-{year}"))
        }
        _ => written.to_owned(),
    }
}

/// An age in the unit clinicians use: days to 4 weeks, weeks to 3 months, months to 2 years, then years; `None` when it cannot be known.
#[must_use]
pub fn age(birth_date: &str, on: Date) -> Option<String> {
    let born: Date = match birth_date.len() {
        4 => {
            let year: i16 = birth_date.parse().ok()?;
            return (on.year() >= year).then(|| format!("about {} y", on.year() - year));
        }
        7 => format!("{birth_date}-15").parse().ok()?,
        _ => birth_date.parse().ok()?,
    };
    let total = |unit: Unit| on.since((unit, born)).ok();
    let days = total(Unit::Day)?.get_days();
    let months = total(Unit::Month)?.get_months();
    let years = total(Unit::Year)?.get_years();
    match (days, months, years) {
        (days, ..) if days < 0 => None,
        (days, ..) if days < 28 => Some(format!("{days} d")),
        (days, months, _) if months < 3 => Some(format!("{} wk", days / 7)),
        (_, months, years) if years < 2 => Some(format!("{months} mo")),
        (_, _, years) => Some(format!("{years} y")),
    }
}

/// Birth date and age together, or `not recorded`.
#[must_use]
pub fn born(birth_date: &str, today: civil::Date) -> String {
    match (birth_date.is_empty(), age(birth_date, today)) {
        (true, _) => "not recorded".to_owned(),
        (false, Some(age)) => format!("{}\u{a0}({})", date(birth_date), age.replace(' ', "\u{a0}")),
        (false, None) => date(birth_date),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str, birth_date: &str) -> Option<String> {
        age(birth_date, text.parse().expect("date"))
    }

    #[test]
    fn ages_are_in_the_unit_clinicians_use() {
        for (birth_date, expected) in [
            ("2026-11-22", "0 d"),
            ("2026-10-26", "27 d"),
            ("2026-10-01", "7 wk"),
            ("2026-06-22", "5 mo"),
            ("2024-11-23", "23 mo"),
            ("2024-11-22", "2 y"),
            ("1962-11-23", "63 y"),
            ("1962", "about 64 y"),
            ("1962-05", "64 y"),
        ] {
            assert_eq!(on("2026-11-22", birth_date).as_deref(), Some(expected), "{birth_date}");
        }
        assert_eq!(on("2026-11-22", "2027-01-01"), None);
        assert_eq!(on("2026-11-22", "soon"), None);
    }

    #[test]
    fn partial_dates_keep_their_precision() {
        assert_eq!(
            (date("1962-05-04"), date("1962-05"), date("1962")),
            ("04-May-1962".into(), "May-1962".into(), "1962".into())
        );
        for typed in ["nonsense-99", "13-04-1962", "4-May-62", "5/4/1962", "1962-13-01", "é-é-é"] {
            assert_eq!(date(typed), typed);
        }
        assert_eq!(born("", "2026-11-22".parse().expect("date")), "not recorded");
    }
}
