//! Sections of fixed questions: each answer an Observation of the day it was told, the newest counting. A form shows what was answered
//! last; only what is answered otherwise is recorded, beside what was said before.

use super::form::{HistoryForm, Wrong};
use crate::chart::row::{Row, is_error};
use crate::error::FieldError;
use fhir::Element;
use fhir::edit::history::Answer;
use serde_json::{Value, json};

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Way {
    /// One of a list: slug, SNOMED CT code, words, and the LOINC answer code that means the same.
    Choice(&'static [(&'static str, &'static str, &'static str, &'static str)]),
    /// In words.
    Words,
    /// A count up to a highest.
    Count(u32),
    /// An amount with its unit, in words and in UCUM.
    Amount(&'static str, &'static str),
}

/// A question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Question {
    /// Its field.
    pub slug: &'static str,
    /// Code system, code and display; none where no sure code is known.
    pub code: Option<(&'static str, &'static str, &'static str)>,
    /// Other codes that ask the same.
    pub also: &'static [&'static str],
    /// In words.
    pub words: &'static str,
    /// How it is answered.
    pub way: Way,
}

const SNOMED: &str = "http://snomed.info/sct";

impl Question {
    /// Whether an Observation answers it.
    #[must_use]
    pub fn is_of(&self, root: Element<'_>) -> bool {
        match self.code {
            Some((_, code, _)) => {
                root.has_code("code", code) || self.also.iter().any(|code| root.has_code("code", code))
            }
            None => root.each("code.coding").is_empty() && root.words("code").as_deref() == Some(self.words),
        }
    }

    /// An answer as the form shows it; empty where it cannot.
    fn read(&self, root: Element<'_>) -> String {
        let said = match self.way {
            Way::Choice(list) => {
                let means = |(_, snomed, _, loinc): &&(&str, &str, &str, &str)| {
                    root.has_code("valueCodeableConcept", snomed) || root.has_code("valueCodeableConcept", loinc)
                };
                list.iter().find(means).map(|(slug, ..)| (*slug).to_owned())
            }
            Way::Words => root.words("valueCodeableConcept").or_else(|| root.text("valueString").map(str::to_owned)),
            Way::Count(_) | Way::Amount(..) => {
                root.number("valueInteger").or_else(|| root.number("valueQuantity.value")).map(str::to_owned)
            }
        };
        said.unwrap_or_default()
    }

    fn answer(&self, typed: &str) -> Answer<'static> {
        let value = match self.way {
            Way::Choice(list) => {
                let found = list.iter().find(|(slug, ..)| *slug == typed);
                let (snomed, words) = found.map_or(("", ""), |(_, snomed, words, _)| (*snomed, *words));
                let coding = json!([{ "system": SNOMED, "code": snomed, "display": words }]);
                ("valueCodeableConcept", json!({ "coding": coding, "text": words }))
            }
            Way::Words => ("valueCodeableConcept", json!({ "text": typed })),
            Way::Count(_) => ("valueInteger", number(typed)),
            Way::Amount(unit, ucum) => {
                let amount = json!({ "value": number(typed), "unit": unit, "system": "http://unitsofmeasure.org", "code": ucum });
                ("valueQuantity", amount)
            }
        };
        Answer { code: self.code, words: self.words, value }
    }
}

/// A number as it was typed.
fn number(typed: &str) -> Value {
    serde_json::from_str::<Value>(typed).ok().filter(Value::is_number).unwrap_or_default()
}

/// What was answered last to each question; rows are newest first.
#[must_use]
pub fn shown(questions: &[Question], rows: &[&Row]) -> HistoryForm {
    let counts = |row: &&&Row| !is_error(row.root()) && row.root().text("status") != Some("cancelled");
    let newest = |question: &Question| rows.iter().filter(counts).find(|row| question.is_of(row.root()));
    HistoryForm::showing(questions.iter().filter_map(|it| Some((it.slug, it.read(newest(it)?.root())))))
}

/// What is answered otherwise than before.
///
/// # Errors
/// Every field to mend. `wrong` has what was found already.
pub(super) fn changed(
    questions: &[Question],
    form: &HistoryForm,
    before: &HistoryForm,
    mut wrong: Wrong,
) -> Result<Vec<Answer<'static>>, Vec<FieldError>> {
    let mut answers = Vec::new();
    for question in questions {
        let (typed, was) = (form.get(question.slug), before.get(question.slug));
        if typed == was {
            continue;
        }
        if typed.is_empty() {
            let problem =
                "an answer is not taken away here: open it on the history page and mark it as entered in error";
            wrong.say(question.slug, &format!("{}: {problem}", question.words));
        } else {
            answers.push(question.answer(typed));
        }
    }
    if let (true, true, Some(first)) = (answers.is_empty(), wrong.0.is_empty(), questions.first()) {
        wrong.say(first.slug, "Nothing was changed: “Reviewed, no change” on the history page says so");
    }
    wrong.unless(answers)
}
