//! What somebody looks for in the trail.

use crate::error::FieldError;
use crate::{Error, Result};
use fhir::PatientId;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use store::audit::{AuditQuery, Outcome};
use uuid::Uuid;

/// Entries on a page.
pub const PER_PAGE: u32 = 50;
/// Entries in an export, at most.
pub const MOST_EXPORTED: u32 = 10_000;

/// The search as it is typed; all of it may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditForm {
    /// Name, record number, birth date: as in the search box.
    pub patient: String,
    /// A patient chosen among several: their id.
    pub patient_id: String,
    /// Account or token id.
    pub user: String,
    /// Action slug.
    pub action: String,
    /// Outcome slug.
    pub outcome: String,
    /// First day, `YYYY-MM-DD`.
    pub from: String,
    /// Last day, `YYYY-MM-DD`.
    pub until: String,
    /// Sequence the page before ended at.
    pub before: String,
}

impl AuditForm {
    /// The query, in the practice's zone; the patient's words are left to the search box.
    ///
    /// # Errors
    /// [`Error::Fields`].
    pub fn query(&self, zone: &TimeZone, count: u32) -> Result<AuditQuery> {
        let mut problems = Vec::new();
        let mut wrong = |field, problem: &str| problems.push(FieldError { field, problem: problem.to_owned() });
        let patient = optional(&self.patient_id, |text| PatientId::parse(text).ok());
        let actor = optional(&self.user, |text| Uuid::parse_str(text).ok());
        let outcome = optional(&self.outcome, Outcome::parse);
        let before = optional(&self.before, |text| text.parse::<u64>().ok());
        let since = optional(&self.from, |text| day(text, zone, 0));
        let until = optional(&self.until, |text| day(text, zone, 1));
        if patient.is_err() || actor.is_err() || outcome.is_err() || before.is_err() {
            wrong("patient", "Patient, user or page: choose anew");
        }
        if since.is_err() {
            wrong("from", "From: write the day as year-month-day, for example 2026-05-04");
        }
        if until.is_err() {
            wrong("until", "Until: write the day as year-month-day, for example 2026-05-04");
        }
        if let (Ok(Some(since)), Ok(Some(until))) = (since, until)
            && since >= until
        {
            wrong("from", "From: it is later than Until, so nothing could be found; exchange them");
        }
        if !problems.is_empty() {
            return Err(Error::Fields(problems));
        }
        let (Ok(patient), Ok(actor), Ok(outcome), Ok(before), Ok(since), Ok(until)) =
            (patient, actor, outcome, before, since, until)
        else {
            return Err(Error::Fields(problems));
        };
        let action = Some(self.action.trim().to_owned()).filter(|action| !action.is_empty());
        Ok(AuditQuery { patient, actor, action, outcome, since, until, before, count })
    }

    /// What was asked, for the search's own audit entry: never the words typed for a patient.
    #[must_use]
    pub fn summary(&self) -> String {
        let parts = [
            ("user", &self.user),
            ("action", &self.action),
            ("outcome", &self.outcome),
            ("from", &self.from),
            ("until", &self.until),
        ];
        let said = parts.iter().filter(|(_, value)| !value.trim().is_empty());
        let said: Vec<String> = said.map(|(name, value)| format!("{name} {}", value.trim())).collect();
        said.join(", ")
    }
}

/// Nothing for an empty field, an error for one that does not parse.
fn optional<T>(text: &str, parse: impl FnOnce(&str) -> Option<T>) -> std::result::Result<Option<T>, ()> {
    match text.trim() {
        "" => Ok(None),
        text => parse(text).map(Some).ok_or(()),
    }
}

/// The start of a day, or of a later one.
fn day(text: &str, zone: &TimeZone, later: i64) -> Option<Timestamp> {
    let date: Date = text.parse().ok()?;
    let date = date.checked_add(later.days()).ok()?;
    date.to_zoned(zone.clone()).ok().map(|start| start.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_whole_days_of_the_practice() {
        let zone = TimeZone::get("America/Chicago").expect("zone");
        let form = AuditForm { from: "2026-03-08".to_owned(), until: "2026-03-08".to_owned(), ..AuditForm::default() };
        let query = form.query(&zone, 50).expect("query");
        assert_eq!(query.since.expect("since").to_string(), "2026-03-08T06:00:00Z");
        assert_eq!(
            query.until.expect("until").to_string(),
            "2026-03-09T05:00:00Z",
            "the day the clocks change has 23 hours"
        );
    }

    #[test]
    fn a_span_that_ends_before_it_begins_is_refused() {
        let form = AuditForm { from: "2026-03-09".to_owned(), until: "2026-03-08".to_owned(), ..AuditForm::default() };
        let Err(Error::Fields(problems)) = form.query(&TimeZone::UTC, 50) else { panic!("refused") };
        assert_eq!(problems.iter().map(|problem| problem.field).collect::<Vec<_>>(), ["from"]);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let form = AuditForm { from: "4/5/26".to_owned(), user: "me".to_owned(), ..AuditForm::default() };
        let Err(Error::Fields(problems)) = form.query(&TimeZone::UTC, 50) else { panic!("refused") };
        assert_eq!(problems.iter().map(|problem| problem.field).collect::<Vec<_>>(), ["patient", "from"]);
    }
}
