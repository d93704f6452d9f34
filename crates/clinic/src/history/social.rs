//! The questions of the social history. Codes: smoking status and its answers as US Core 6.1; pack-years as mCODE 4 and US Core 7; alcohol and
//! occupation LOINC; housing LOINC as PRAPARE asks it. What has no sure code is words only.

use super::form::{HistoryForm, Of, Wrong};
use super::questions::{Question, Way, changed};
use crate::error::FieldError;
use fhir::edit::history::Answer;

const LOINC: &str = "http://loinc.org";
const SNOMED: &str = "http://snomed.info/sct";

/// Smoking status: slug, SNOMED CT code (the CDC value set 2.16.840.1.113883.11.20.9.38 that US Core prefers), words, LOINC answer.
#[rustfmt::skip]
pub const SMOKING: [(&str, &str, &str, &str); 8] = [
    ("never",   "266919005",       "Never smoked",                        "LA18978-9"),
    ("former",  "8517006",         "Former smoker",                       "LA15920-4"),
    ("daily",   "449868002",       "Smokes every day",                    "LA18976-3"),
    ("some",    "428041000124106", "Smokes some days",                    "LA18977-1"),
    ("light",   "428061000124105", "Light smoker",                        "LA18982-1"),
    ("heavy",   "428071000124103", "Heavy smoker",                        "LA18981-3"),
    ("smoker",  "77176002",        "Smoker, how much is not known",       "LA18979-7"),
    ("unknown", "266927001",       "Not known whether they ever smoked",  "LA18980-5"),
];

/// The questions, in the order of the form.
#[rustfmt::skip]
pub const QUESTIONS: [Question; 6] = [
    Question { slug: "smoking",    code: Some((LOINC, "72166-2", "Tobacco smoking status")), also: &[], words: "Smoking status", way: Way::Choice(&SMOKING) },
    Question { slug: "packs",      code: Some((SNOMED, "401201003", "Cigarette pack-years")), also: &["8664-5"], words: "Pack-years", way: Way::Amount("pack-years", "{pack-years}") },
    Question { slug: "alcohol",    code: Some((LOINC, "11331-6", "History of Alcohol use")), also: &[], words: "Alcohol use", way: Way::Words },
    Question { slug: "substances", code: None, also: &[], words: "Other substances", way: Way::Words },
    Question { slug: "occupation", code: Some((LOINC, "11341-5", "History of Occupation")), also: &[], words: "Occupation", way: Way::Words },
    Question { slug: "living",     code: Some((LOINC, "71802-3", "Housing status")), also: &[], words: "Living situation", way: Way::Words },
];

/// Packs a day beyond which a number is taken for a slip.
const MOST_PACKS: f64 = 5.0;

/// What is answered otherwise than before.
///
/// # Errors
/// Every field to mend.
pub fn check(form: &HistoryForm, before: &HistoryForm, of: &Of) -> Result<Vec<Answer<'static>>, Vec<FieldError>> {
    let mut wrong = Wrong::default();
    let smoking = form.get("smoking");
    if !smoking.is_empty() && SMOKING.iter().all(|(slug, ..)| *slug != smoking) {
        wrong.say("smoking", "Smoking status: choose one of the list");
    }
    if let Some(why) = packs(form, before, of) {
        wrong.say("packs", &format!("Pack-years: {why}"));
    }
    let mut folded = form.clone();
    for question in QUESTIONS.iter().filter(|question| question.way == Way::Words) {
        let words = wrong.line(form, question.slug, question.words, 300);
        // What is there already is not made anew for its white space.
        let same = words == before.get(question.slug).split_whitespace().collect::<Vec<_>>().join(" ");
        let said = if same { before.get(question.slug).to_owned() } else { words };
        folded.0.insert(question.slug.to_owned(), said);
    }
    changed(&QUESTIONS, &folded, before, wrong)
}

fn packs(form: &HistoryForm, before: &HistoryForm, of: &Of) -> Option<String> {
    let typed = form.get("packs");
    if typed.is_empty() {
        return None;
    }
    let plain = typed.len() <= 5 && typed.starts_with(|c: char| c.is_ascii_digit());
    let plain = plain && typed.ends_with(|c: char| c.is_ascii_digit()) && (typed == "0" || !typed.starts_with("00"));
    let Some(number) =
        typed.parse::<f64>().ok().filter(|_| plain && typed.chars().all(|c| c.is_ascii_digit() || c == '.'))
    else {
        return Some("write packs a day times years, as 20 or 7.5".to_owned());
    };
    let smoking = Some(form.get("smoking")).filter(|said| !said.is_empty()).unwrap_or(before.get("smoking"));
    if smoking == "never" && number > 0.0 {
        return Some("somebody who never smoked has none".to_owned());
    }
    let most = MOST_PACKS * f64::from(of.age().unwrap_or(100));
    (number > most).then(|| format!("{typed} is more than {MOST_PACKS} packs on every day of this life"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_of(fields: &[(&str, &str)], before: &[(&str, &str)]) -> Result<Vec<Answer<'static>>, Vec<&'static str>> {
        let form = |fields: &[(&str, &str)]| {
            HistoryForm::showing(fields.iter().map(|(name, value)| (*name, (*value).to_owned())))
        };
        let of = Of { born: "1986-12-23".into(), today: jiff::civil::date(2026, 11, 22) };
        check(&form(fields), &form(before), &of).map_err(|wrong| wrong.into_iter().map(|error| error.field).collect())
    }

    #[test]
    fn only_what_is_answered_otherwise_is_recorded() {
        let before = [("smoking", "former"), ("occupation", "Cook")];
        let answers =
            check_of(&[("smoking", "former"), ("occupation", "Baker"), ("packs", "7.50")], &before).expect("good");
        let words: Vec<_> = answers.iter().map(|answer| answer.words).collect();
        assert_eq!(words, ["Pack-years", "Occupation"]);
        assert_eq!(answers[0].value.1["value"].to_string(), "7.50", "as typed");
        assert_eq!(answers[1].value.1["text"], "Baker");
        assert_eq!(
            check_of(&[("smoking", "former"), ("occupation", " Cook ")], &before),
            Err(vec!["smoking"]),
            "nothing new"
        );
        assert_eq!(check_of(&[("smoking", "never"), ("occupation", "")], &before), Err(vec!["occupation"]));
    }

    #[test]
    fn pack_years_that_cannot_be_are_refused() {
        for (packs, good) in [
            ("0", true),
            ("20", true),
            ("195", true),
            ("200", false),
            ("-1", false),
            ("1e3", false),
            ("a", false),
            ("1.", false),
            ("1.2.3", false),
        ] {
            assert_eq!(check_of(&[("packs", packs)], &[]).is_ok(), good, "{packs}");
        }
        assert_eq!(check_of(&[("smoking", "never"), ("packs", "3")], &[]), Err(vec!["packs"]));
        assert_eq!(check_of(&[("smoking", "sometimes")], &[]), Err(vec!["smoking"]));
    }
}
