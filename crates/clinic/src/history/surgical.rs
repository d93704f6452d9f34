//! The form of an operation.

use super::form::{HistoryForm, Of, Wrong};
use crate::chart::row::Row;
use crate::error::FieldError;
use crate::visit::words::denies;
use fhir::edit::history::{self, Operation, SIDES};
use serde_json::Value;

/// The sides as a form offers them.
pub const CHOICES: [(&str, &str); 4] =
    [("", "Not said"), (SIDES[0], SIDES[0]), (SIDES[1], SIDES[1]), (SIDES[2], SIDES[2])];

/// A form that may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    words: String,
    when: String,
    side: &'static str,
    place: String,
    /// A remark to add.
    pub note: String,
}

impl Checked {
    /// What was done, when and on which side, folded to compare.
    #[must_use]
    pub fn key(&self) -> (String, String, String) {
        (self.words.to_lowercase(), self.when.clone(), self.side.to_owned())
    }

    /// Says it in a Procedure.
    pub fn put(&self, body: &mut Value) {
        let Self { words, when, side, place, .. } = self;
        history::put_operation(body, &Operation { words, when, side, place });
    }
}

/// What [`Checked::key`] says of an operation that is there.
#[must_use]
pub fn key(row: &Row) -> (String, String, String) {
    let form = shown(row);
    (form.get("what").to_lowercase(), form.get("when").to_owned(), form.get("side").to_owned())
}

/// Checks it, every field at once.
///
/// # Errors
/// Every field to mend, in the order of the form.
pub fn check(form: &HistoryForm, of: &Of) -> Result<Checked, Vec<FieldError>> {
    let mut wrong = Wrong::default();
    let words = wrong.line(form, "what", "Operation", 200);
    if words.is_empty() && wrong.0.is_empty() {
        wrong.say("what", "Operation: write what was done");
    } else if denies(&words) {
        wrong.say("what", "Operation: that there is none is recorded by its own button, not as an operation");
    }
    let when = wrong.date(form, "when", "When", of).to_owned();
    let side = wrong.one_of(form, "side", "Side", &CHOICES);
    let place = wrong.line(form, "place", "Where", 200);
    let note = wrong.note(form);
    wrong.unless(Checked { words, when, side, place, note })
}

/// What the form shows of an operation that is there.
#[must_use]
pub fn shown(row: &Row) -> HistoryForm {
    let root = row.root();
    let when = root.text("performedDateTime").map(|text| text.get(..10).unwrap_or(text).to_owned());
    let sides = root.each("bodySite").into_iter().filter_map(|site| site.text("text"));
    let side = sides.filter_map(|text| SIDES.iter().find(|side| **side == text)).next();
    HistoryForm::showing([
        ("what", root.words("code").unwrap_or_default()),
        ("when", when.unwrap_or_default()),
        ("side", side.map(|side| (*side).to_owned()).unwrap_or_default()),
        ("place", root.text("location.display").unwrap_or_default().to_owned()),
    ])
}
