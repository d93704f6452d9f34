//! The questions of the obstetric history: LOINC codes as IPS 1.1 "Pregnancies Summary" has them, and 11996-6 and 11977-6.

use super::form::{HistoryForm, Wrong};
use super::questions::{Question, Way, changed};
use crate::error::FieldError;
use fhir::edit::history::Answer;
use fhir::{Element, Kind};
use store::record::Slice;

const LOINC: &str = "http://loinc.org";
/// More than ever were.
const MOST: u32 = 40;

/// The questions, in the order of the form.
#[rustfmt::skip]
pub const QUESTIONS: [Question; 6] = [
    Question { slug: "gravida",   code: Some((LOINC, "11996-6", "[#] Pregnancies")),         also: &[], words: "Pregnancies (gravida)",          way: Way::Count(MOST) },
    Question { slug: "para",      code: Some((LOINC, "11977-6", "[#] Parity")),              also: &[], words: "Births (para)",                  way: Way::Count(MOST) },
    Question { slug: "term",      code: Some((LOINC, "11639-2", "[#] Births.term")),         also: &[], words: "Term births",                    way: Way::Count(MOST) },
    Question { slug: "preterm",   code: Some((LOINC, "11637-6", "[#] Births.preterm")),      also: &[], words: "Preterm births",                 way: Way::Count(MOST) },
    Question { slug: "abortions", code: Some((LOINC, "11612-9", "[#] Abortions")),           also: &[], words: "Abortions and miscarriages",     way: Way::Count(MOST) },
    Question { slug: "living",    code: Some((LOINC, "11638-4", "[#] Births.still living")), also: &[], words: "Living children",                way: Way::Count(MOST) },
];

/// What rooming asks: it stands beside the answers.
const ROOMING: [&str; 3] = ["8665-2", "82810-3", "63895-7"];

/// The newest answers to each question.
#[must_use]
pub fn slice() -> Slice {
    let codes = QUESTIONS.iter().filter_map(|it| it.code).map(|(system, code, _)| (system.to_owned(), code.to_owned()));
    Slice { codes: codes.collect(), ..Slice::newest(Kind::OBSERVATION, 3) }
}

/// Whether an Observation answers one of the questions.
#[must_use]
pub fn is_answer(root: Element<'_>) -> bool {
    QUESTIONS.iter().any(|question| question.is_of(root))
}

/// Whether it belongs to the section.
#[must_use]
pub fn is_one(root: Element<'_>) -> bool {
    is_answer(root) || ROOMING.iter().any(|code| root.has_code("code", code))
}

/// What is answered otherwise than before. Each pregnancy ends once, in a birth or not; twins are one birth (ACOG, reVITALize 2014).
///
/// # Errors
/// Every field to mend.
pub fn check(form: &HistoryForm, before: &HistoryForm) -> Result<Vec<Answer<'static>>, Vec<FieldError>> {
    let mut wrong = Wrong::default();
    let mut count = |slug, label| wrong.number(form, slug, label, MOST);
    let gravida = count("gravida", "Pregnancies");
    let para = count("para", "Births");
    let (term, preterm) = (count("term", "Term births"), count("preterm", "Preterm births"));
    let (abortions, _) = (count("abortions", "Abortions"), count("living", "Living children"));
    let births = term.unwrap_or(0) + preterm.unwrap_or(0);
    if let Some(gravida) = gravida {
        if para.is_some_and(|para| para > gravida) {
            wrong.say("para", "Births: there cannot be more than pregnancies (gravida)");
        } else if para.unwrap_or(births) + abortions.unwrap_or(0) > gravida {
            wrong.say("abortions", "Abortions: with the births they are more than the pregnancies (gravida)");
        }
    }
    if para.is_some_and(|para| births > para) {
        wrong.say("term", "Term births: with the preterm ones they are more than all births (para)");
    }
    let plain = |slug: &str| form.get(slug).parse::<u32>().map(|number| number.to_string()).unwrap_or_default();
    let typed = HistoryForm::showing(QUESTIONS.map(|question| (question.slug, plain(question.slug))));
    changed(&QUESTIONS, &typed, before, wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(counts: [&str; 6]) -> Vec<&'static str> {
        let form = HistoryForm::showing(
            QUESTIONS.iter().zip(counts).map(|(question, count)| (question.slug, count.to_owned())),
        );
        check(&form, &HistoryForm::default()).err().unwrap_or_default().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn counts_that_do_not_fit_are_named() {
        let none: [&str; 0] = [];
        assert_eq!(wrong(["3", "2", "1", "1", "1", "3"]), none, "twins are one birth");
        assert_eq!(wrong(["0", "", "", "", "", ""]), none);
        assert_eq!(wrong(["1", "2", "", "", "", ""]), ["para"]);
        assert_eq!(wrong(["2", "2", "", "", "1", ""]), ["abortions"]);
        assert_eq!(wrong(["2", "", "2", "", "1", ""]), ["abortions"]);
        assert_eq!(wrong(["3", "1", "1", "1", "", ""]), ["term"]);
        assert_eq!(wrong(["-1", "x", "", "", "41", ""]), ["gravida", "para", "abortions"]);
        assert_eq!(wrong(["", "", "", "", "", ""]), ["gravida"], "nothing was said");
    }
}
