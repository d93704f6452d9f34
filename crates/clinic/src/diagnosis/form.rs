//! The form of a diagnosis, checked field by field.

use crate::error::FieldError;
use fhir::edit::condition::{Course, is_over};
use jiff::civil::Date;
use reference::icd10cm::{Entry, Icd10cm};

/// Longest note, in characters.
const LONGEST: usize = 4000;

/// Clinical statuses: code and words.
pub const STATUSES: [(&str, &str); 6] = [
    ("active", "Active"),
    ("recurrence", "Recurrence"),
    ("relapse", "Relapse"),
    ("remission", "In remission"),
    ("inactive", "Inactive"),
    ("resolved", "Resolved"),
];

/// Verification statuses: code and words.
pub const CERTAINTIES: [(&str, &str); 3] =
    [("confirmed", "Confirmed"), ("provisional", "Provisional"), ("differential", "Differential")];

/// As [`CERTAINTIES`], of one that is there: it may come from elsewhere unconfirmed, and turn out to be none.
pub const JUDGEMENTS: [(&str, &str); 5] = [
    CERTAINTIES[0],
    CERTAINTIES[1],
    CERTAINTIES[2],
    ("unconfirmed", "Unconfirmed"),
    ("refuted", "Refuted: it is none"),
];

/// Severities in SNOMED CT (FHIR's value set condition-severity).
pub const SEVERITIES: [(&str, &str); 3] = [("255604002", "Mild"), ("6736007", "Moderate"), ("24484000", "Severe")];

/// The form as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiagnosisForm {
    /// ICD-10-CM code; a problem that is there keeps its own.
    pub code: String,
    /// A clinical status.
    pub status: String,
    /// A verification status.
    pub certainty: String,
    /// A severity's code, or empty.
    pub severity: String,
    /// When it began: `2019`, `2019-03` or `2019-03-07`; may be empty.
    pub onset: String,
    /// When it ended, likewise.
    pub ended: String,
    /// A remark; may be empty.
    pub note: String,
    /// Whether it stands on the problem list too.
    pub on_list: bool,
}

/// A form that may be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked<'a> {
    /// How sure.
    pub certainty: &'static str,
    /// Its course.
    pub course: Course<'a>,
    /// The remark, without white space around it.
    pub note: &'a str,
}

impl DiagnosisForm {
    /// The code's entry.
    ///
    /// # Errors
    /// Names a code that is none of this edition.
    pub fn entry<'c>(&self, codes: &'c Icd10cm) -> Result<Entry<'c>, FieldError> {
        let typed = self.code.trim();
        codes.get(typed).ok_or_else(|| {
            let problem = if typed.is_empty() {
                "Diagnosis: search for one and choose it".to_owned()
            } else {
                format!("Diagnosis: {typed} is no code of ICD-10-CM {}", codes.edition().name)
            };
            FieldError { field: "q", problem }
        })
    }
}

/// Checks all but the code. `born` is the birth date as recorded, which may be a year, a month or empty.
///
/// # Errors
/// Every field to mend, in the order of the form.
pub fn check<'a>(form: &'a DiagnosisForm, born: &str, today: Date) -> Result<Checked<'a>, Vec<FieldError>> {
    checked(form, &CERTAINTIES, born, today)
}

/// As [`check`], of one that is there. `unsaid`: that it does not say how sure it is, which may stay so.
///
/// # Errors
/// As [`check`].
pub fn check_change<'a>(
    form: &'a DiagnosisForm,
    unsaid: bool,
    born: &str,
    today: Date,
) -> Result<Checked<'a>, Vec<FieldError>> {
    let judgements: Vec<_> = JUDGEMENTS.into_iter().chain(unsaid.then_some(("", ""))).collect();
    checked(form, &judgements, born, today)
}

fn checked<'a>(
    form: &'a DiagnosisForm,
    certainties: &[(&'static str, &str)],
    born: &str,
    today: Date,
) -> Result<Checked<'a>, Vec<FieldError>> {
    let mut problems = Vec::new();
    let mut wrong = |field, problem: &str| problems.push(FieldError { field, problem: problem.to_owned() });
    let status = STATUSES.iter().find(|(code, _)| *code == form.status).map(|(code, _)| *code);
    if status.is_none() {
        wrong("status", "Status: choose one of the list");
    }
    let certainty = certainties.iter().find(|(code, _)| *code == form.certainty).map(|(code, _)| *code);
    if certainty.is_none() {
        wrong("certainty", "Certainty: choose one of the list");
    }
    let severity = SEVERITIES.iter().find(|(code, _)| *code == form.severity).copied();
    if severity.is_none() && !form.severity.is_empty() {
        wrong("severity", "Severity: choose one of the list, or none");
    }
    let (onset, ended, today) = (form.onset.trim(), form.ended.trim(), today.to_string());
    for (field, label, date) in [("onset", "Began", onset), ("ended", "Ended", ended)] {
        if date.is_empty() {
            continue;
        }
        if !is_date(date) {
            wrong(field, &format!("{label}: write a year, a month or a day: 2019, 2019-03 or 2019-03-07"));
        } else if let Some(why) = outside_life(date, born, &today) {
            wrong(field, &format!("{label}: {why}"));
        }
    }
    if is_date(onset) && is_date(ended) && before(ended, onset) {
        wrong("ended", "Ended: that is before it began");
    }
    let over = status.is_some_and(is_over);
    if !ended.is_empty() && !over {
        wrong("ended", "Ended: only what is resolved, inactive or in remission has ended");
    } else if ended.is_empty() && status == Some("resolved") {
        wrong("ended", "Ended: say when it was resolved; the year is enough");
    }
    let note = form.note.trim();
    if note.chars().count() > LONGEST {
        wrong("note", &format!("Note: shorten it to {LONGEST} characters"));
    }
    match (status, certainty) {
        (Some(status), Some(certainty)) if problems.is_empty() => {
            Ok(Checked { certainty, course: Course { status, severity, onset, ended }, note })
        }
        _ => Err(problems),
    }
}

/// A year, a month or a day that there is.
pub(crate) fn is_date(text: &str) -> bool {
    let whole = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    whole.len() == 10 && whole.parse::<Date>().is_ok_and(|day| day.year() >= 1880)
}

/// Whether one date is surely before another: told by what both say.
pub(crate) fn before(one: &str, other: &str) -> bool {
    let both = one.len().min(other.len());
    one.get(..both) < other.get(..both)
}

/// Why a date cannot be one of somebody's life so far; none where it can, or what is known does not tell.
pub(crate) fn outside_life(date: &str, born: &str, today: &str) -> Option<&'static str> {
    if before(today, date) {
        return Some("it cannot be to come");
    }
    before(date, born).then_some("that is before the patient was born")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> DiagnosisForm {
        DiagnosisForm { status: "active".into(), certainty: "confirmed".into(), ..DiagnosisForm::default() }
    }

    fn wrong(form: &DiagnosisForm) -> Vec<&'static str> {
        let checked = check(form, "1979-12-23", jiff::civil::date(2026, 11, 22));
        checked.err().unwrap_or_default().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn dates_that_cannot_be_are_named() {
        let dated = |status: &str, onset: &str, ended: &str| DiagnosisForm {
            status: status.into(),
            onset: onset.into(),
            ended: ended.into(),
            ..form()
        };
        for good in [
            dated("active", "2026", ""),
            dated("active", "1979", ""),
            dated("active", "1979-12-23", ""),
            dated("active", "2026-11-22", ""),
            dated("resolved", "2019-03-07", "2019-03"),
            dated("remission", "", ""),
            dated("inactive", "", "2020"),
        ] {
            assert_eq!(wrong(&good), Vec::<&str>::new(), "{good:?}");
        }
        for (bad, fields) in [
            (dated("active", "2026-11-23", ""), vec!["onset"]),
            (dated("active", "2027", ""), vec!["onset"]),
            (dated("active", "1979-11", ""), vec!["onset"]),
            (dated("active", "2019-02-30", ""), vec!["onset"]),
            (dated("active", "last year", ""), vec!["onset"]),
            (dated("resolved", "2019-03", "2019-02-28"), vec!["ended"]),
            (dated("resolved", "2019", ""), vec!["ended"]),
            (dated("active", "2019", "2020"), vec!["ended"]),
            (dated("cured", "", ""), vec!["status"]),
        ] {
            assert_eq!(wrong(&bad), fields, "{bad:?}");
        }
        assert_eq!(wrong(&DiagnosisForm::default()), ["status", "certainty"]);
        assert_eq!(
            wrong(&DiagnosisForm { severity: "dire".into(), note: "x".repeat(4001), ..form() }),
            ["severity", "note"]
        );
    }

    #[test]
    fn a_code_that_is_none_is_named() {
        let codes = reference::icd10cm::builtin();
        let said = |code: &str| DiagnosisForm { code: code.into(), ..form() }.entry(codes).map(Entry::code);
        assert_eq!(said("e119").as_deref(), Ok("E11.9"));
        assert!(said("E11.77").expect_err("no code").problem.contains("E11.77 is no code of ICD-10-CM FY2026"));
        assert!(said("").is_err());
    }
}
