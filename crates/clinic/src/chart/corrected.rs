//! The corrected age of a child born before term: the age since birth less the time by which the child came before 40 weeks of gestation
//! (AAP Committee on Fetus and Newborn, "Age terminology during the perinatal period", Pediatrics 2004;114:1362–1364, which has the term
//! for children up to three years who were born preterm). It is told until 24 months, when most practices end correcting.

use super::row::Row;
use super::when::{age, day_text};
use fhir::{Kind, units};
use jiff::civil::Date;
use jiff::{ToSpan, Unit};
use store::record::Slice;

/// LOINC: gestational age, estimated; at birth.
pub const GESTATION: [&str; 2] = ["11884-4", "76516-4"];
/// Born before 37 whole weeks is preterm (the same statement).
const TERM: i64 = 37 * 7;
const FORTY_WEEKS: i64 = 40 * 7;
/// What a child born alive can have: what is outside is a slip of typing.
pub const POSSIBLE: std::ops::RangeInclusive<i64> = 20 * 7..=45 * 7;
const MONTHS: i32 = 24;

/// A corrected age.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrected {
    /// `3 mo`, or when it begins to count.
    pub age: String,
    /// `32 weeks 3 days`.
    pub at_birth: String,
}

impl Corrected {
    /// In one line: `3 mo (born at 32 weeks 3 days)`.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{} (born at {})", self.age, self.at_birth)
    }
}

/// Whether somebody born on this day is young enough for it.
#[must_use]
pub fn is_young(born: Option<Date>, today: Date) -> bool {
    let months = |born: Date| today.since((Unit::Month, born)).ok().map(|age| age.get_months());
    born.is_some_and(|born| born <= today && months(born).is_some_and(|months| months < MONTHS))
}

/// Where a chart says how long the gestation was.
#[must_use]
pub fn slice() -> Slice {
    let codes = GESTATION.map(|code| ("http://loinc.org".to_owned(), code.to_owned()));
    Slice { codes: codes.to_vec(), ..Slice::newest(Kind::OBSERVATION, 3) }
}

/// The corrected age by the newest gestational age that counts; `None` where none is recorded, at term, and from 24 months.
#[must_use]
pub fn of(born: Option<Date>, recorded: &[Row], today: Date) -> Option<Corrected> {
    let born = born.filter(|_| is_young(born, today))?;
    let counts = |row: &&Row| {
        !matches!(row.root().text("status"), Some("entered-in-error" | "cancelled"))
            && GESTATION.iter().any(|code| row.root().has_code("code", code))
    };
    let days = recorded.iter().filter(counts).find_map(days).filter(|days| POSSIBLE.contains(days) && *days < TERM)?;
    let due = born.checked_add((FORTY_WEEKS - days).days()).ok()?;
    let age = age(&due.to_string(), today).unwrap_or_else(|| format!("from {} on", day_text(due)));
    Some(Corrected { age, at_birth: spoken(days) })
}

/// The days of a gestational age; a decimal number of weeks is rounded to whole days.
fn days(row: &Row) -> Option<i64> {
    let quantity = row.root().get("valueQuantity")?;
    let days: f64 = units::convert(quantity.number("value")?, quantity.text("code")?, "d").ok()?.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "within the days of a pregnancy")]
    (0.0..1000.0).contains(&days).then(|| days.round() as i64)
}

/// `32 weeks 3 days`.
#[must_use]
pub fn spoken(days: i64) -> String {
    match (days / 7, days % 7) {
        (weeks, 0) => format!("{weeks} weeks"),
        (weeks, 1) => format!("{weeks} weeks 1 day"),
        (weeks, days) => format!("{weeks} weeks {days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use store::record::Stored;

    fn recorded(value: &str, unit: &str, status: &str) -> Row {
        let body = format!(
            r#"{{"resourceType":"Observation","status":"{status}","code":{{"coding":[{{"system":"http://loinc.org","code":"11884-4"}}]}},"valueQuantity":{{"value":{value},"code":"{unit}"}}}}"#
        );
        let stored = Stored {
            key: fhir::Key::parse("Observation/g").expect("key"),
            version: 1,
            sequence: 1,
            patient: None,
            recorded_at: jiff::Timestamp::UNIX_EPOCH,
            deleted: false,
            body: body.into_bytes().into(),
        };
        Row::read(&stored).expect("a body")
    }

    fn told(born: Date, value: &str, unit: &str, today: Date) -> Option<String> {
        of(Some(born), &[recorded(value, unit, "final")], today).map(|corrected| corrected.words())
    }

    #[test]
    fn the_weeks_before_forty_are_taken_off() {
        // Born at 32 weeks: 8 weeks (56 days) early; term is 01-Mar-2026.
        let born = date(2026, 1, 4);
        assert_eq!(told(born, "32", "wk", date(2026, 7, 1)).as_deref(), Some("4 mo (born at 32 weeks)"));
        assert_eq!(
            told(born, "32", "wk", date(2026, 2, 1)).as_deref(),
            Some("from 01-Mar-2026 on (born at 32 weeks)"),
            "before term there is none yet"
        );
        assert_eq!(
            told(born, "227", "d", date(2026, 7, 1)).as_deref(),
            Some("4 mo (born at 32 weeks 3 days)"),
            "in days"
        );
        assert_eq!(told(born, "32.43", "wk", date(2026, 7, 1)).as_deref(), Some("4 mo (born at 32 weeks 3 days)"));
    }

    #[test]
    fn at_term_from_two_years_and_by_what_does_not_count_there_is_none() {
        let born = date(2026, 1, 4);
        assert_eq!(told(born, "37", "wk", date(2026, 7, 1)), None);
        assert_eq!(told(born, "3.2", "wk", date(2026, 7, 1)), None, "a slip");
        assert!(told(born, "36.8", "wk", date(2026, 7, 1)).is_some(), "36 weeks 6 days");
        assert!(told(born, "32", "wk", date(2028, 1, 3)).is_some());
        assert_eq!(told(born, "32", "wk", date(2028, 1, 4)), None);
        assert_eq!(of(Some(born), &[recorded("32", "wk", "entered-in-error")], date(2026, 7, 1)), None);
        assert_eq!(of(None, &[recorded("32", "wk", "final")], date(2026, 7, 1)), None);
    }
}
