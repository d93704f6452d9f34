//! The form of a past illness.

use super::form::{HistoryForm, Of, Wrong, is_before};
use crate::chart::row::Row;
use crate::diagnosis::STATUSES;
use crate::error::FieldError;
use crate::visit::words::denies;
use fhir::edit::condition::is_over;
use fhir::edit::history::{self, Illness};
use serde_json::Value;

/// How sure: what is told, and what a clinician has confirmed.
pub const CERTAINTIES: [(&str, &str); 2] =
    [("unconfirmed", "Told by the patient, not confirmed"), ("confirmed", "Confirmed")];

/// A form that may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    words: String,
    status: &'static str,
    certainty: &'static str,
    onset: String,
    ended: String,
    /// A remark to add.
    pub note: String,
}

impl Checked {
    /// What it was, folded to compare.
    #[must_use]
    pub fn key(&self) -> String {
        self.words.to_lowercase()
    }

    /// Says it in a Condition.
    pub fn put(&self, body: &mut Value) {
        let Self { words, status, certainty, onset, ended, .. } = self;
        history::put_illness(body, &Illness { words, status, certainty, onset, ended });
    }
}

/// Checks it, every field at once. Only who may confirm diagnoses confirms one.
///
/// # Errors
/// Every field to mend, in the order of the form.
pub fn check(form: &HistoryForm, of: &Of, confirms: bool) -> Result<Checked, Vec<FieldError>> {
    let mut wrong = Wrong::default();
    let words = wrong.line(form, "what", "Illness", 200);
    if words.is_empty() && wrong.0.is_empty() {
        wrong.say("what", "Illness: write what it was");
    } else if denies(&words) {
        wrong.say("what", "Illness: that there is none is recorded by its own button, not as an illness");
    }
    let status = wrong.one_of(form, "status", "Now", &STATUSES);
    let onset = wrong.date(form, "onset", "Began", of).to_owned();
    let ended = wrong.date(form, "ended", "Ended", of).to_owned();
    if is_before(&ended, &onset) {
        wrong.say("ended", "Ended: that is before it began");
    } else if !ended.is_empty() && !status.is_empty() && !is_over(status) {
        wrong.say("ended", "Ended: only what is resolved, inactive or in remission has ended");
    }
    let certainty = wrong.one_of(form, "certainty", "Certainty", &CERTAINTIES);
    if certainty == "confirmed" && !confirms {
        wrong.say("certainty", "Certainty: only a clinician confirms a diagnosis");
    }
    let note = wrong.note(form);
    wrong.unless(Checked { words, status, certainty, onset, ended, note })
}

/// What the form shows of an illness that is there.
#[must_use]
pub fn shown(row: &Row) -> HistoryForm {
    let root = row.root();
    let date = |path| root.text(path).map(|text| text.get(..10).unwrap_or(text).to_owned()).unwrap_or_default();
    let code = |path| root.text(path).unwrap_or_default().to_owned();
    let certainty = if root.has_code("verificationStatus", "confirmed") { "confirmed" } else { "unconfirmed" };
    HistoryForm::showing([
        ("what", root.words("code").unwrap_or_default()),
        ("status", code("clinicalStatus.coding.code")),
        ("onset", date("onsetDateTime")),
        ("ended", date("abatementDateTime")),
        ("certainty", certainty.to_owned()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(change: &[(&str, &str)]) -> Vec<&'static str> {
        let mut form = HistoryForm::showing(
            [("what", "Pneumonia"), ("status", "resolved"), ("certainty", "unconfirmed")]
                .map(|(k, v)| (k, v.to_owned())),
        );
        form.0.extend(change.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let of = Of { born: "1979-12-23".into(), today: jiff::civil::date(2026, 11, 22) };
        check(&form, &of, false).err().unwrap_or_default().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn what_cannot_be_is_named_by_its_field() {
        let none: [&str; 0] = [];
        for good in [&[][..], &[("onset", "2001"), ("ended", "2001-03")], &[("onset", "1979")], &[("status", "active")]]
        {
            assert_eq!(wrong(good), none, "{good:?}");
        }
        for (bad, fields) in [
            (&[("what", "")][..], vec!["what"]),
            (&[("what", "None known")], vec!["what"]),
            (&[("what", "a\u{202e}b")], vec!["what"]),
            (&[("onset", "2027")], vec!["onset"]),
            (&[("onset", "1979-11")], vec!["onset"]),
            (&[("onset", "as a child")], vec!["onset"]),
            (&[("onset", "2001"), ("ended", "2000")], vec!["ended"]),
            (&[("status", "active"), ("ended", "2000")], vec!["ended"]),
            (&[("status", "cured"), ("certainty", "maybe")], vec!["status", "certainty"]),
            (&[("certainty", "confirmed")], vec!["certainty"]),
        ] {
            assert_eq!(wrong(bad), fields, "{bad:?}");
        }
    }
}
