//! A diagnosis or problem: a Condition, and its place among a visit's diagnoses.
//!
//! Sources: FHIR R4 Condition (its constraints con-3 to con-5) and Encounter.diagnosis; US Core 6.1 "problems and health concerns" and
//! "encounter diagnosis" for the categories.

use super::note::Signer;
use super::parts::{remove, set};
use crate::{Id, Key, Kind, PatientId};
use serde_json::{Value, json};

const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/condition-category";
const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
const VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
const ON_LIST: (&str, &str) = ("problem-list-item", "Problem List Item");
const OF_VISIT: (&str, &str) = ("encounter-diagnosis", "Encounter Diagnosis");

/// What is said of a problem and may change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Course<'a> {
    /// Clinical status, a code.
    pub status: &'a str,
    /// Severity in SNOMED CT: code and display.
    pub severity: Option<(&'a str, &'a str)>,
    /// When it began: a year, a month or a day; may be empty.
    pub onset: &'a str,
    /// When it ended; may be empty.
    pub ended: &'a str,
}

/// A remark about a problem, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark<'a> {
    /// Who.
    pub by: Signer<'a>,
    /// When, an instant.
    pub at: &'a str,
    /// What.
    pub text: &'a str,
}

/// A diagnosis about to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCondition<'a> {
    /// Its id.
    pub id: &'a Id,
    /// The chart.
    pub patient: &'a PatientId,
    /// The visit it is a diagnosis of.
    pub visit: Option<&'a Id>,
    /// Whether it stands on the problem list.
    pub on_list: bool,
    /// Code system, code and words.
    pub code: (&'a str, &'a str, &'a str),
    /// How sure: a code.
    pub certainty: &'a str,
    /// Its course.
    pub course: Course<'a>,
    /// Who records it, and what is remarked (may be empty).
    pub remark: Remark<'a>,
}

impl NewCondition<'_> {
    /// The Condition.
    #[must_use]
    pub fn body(&self) -> Value {
        let (system, code, words) = self.code;
        let mut categories = Vec::new();
        if self.visit.is_some() {
            categories.push(concept(CATEGORY, OF_VISIT));
        }
        if self.on_list || self.visit.is_none() {
            categories.push(concept(CATEGORY, ON_LIST));
        }
        let mut body = json!({
            "resourceType": Kind::CONDITION.name(), "id": self.id.as_str(),
            "verificationStatus": { "coding": [{ "system": VERIFICATION, "code": self.certainty }] },
            "category": categories,
            "code": { "coding": [{ "system": system, "code": code, "display": words }], "text": words },
            "subject": { "reference": self.patient.key().to_string() },
            "recordedDate": self.remark.at, "recorder": self.remark.by.reference(),
        });
        if let Some(visit) = self.visit {
            set(&mut body, "encounter", json!({ "reference": format!("{}/{visit}", Kind::ENCOUNTER.name()) }));
        }
        put_course(&mut body, &self.course);
        add_remark(&mut body, &self.remark);
        body
    }
}

fn concept(system: &str, (code, display): (&str, &str)) -> Value {
    json!({ "coding": [{ "system": system, "code": code, "display": display }] })
}

/// Says a course anew. An onset or end of another form (an age, a period, words) stays unless a date is given for it; what is no longer
/// ended has no end.
pub fn put_course(body: &mut Value, course: &Course<'_>) {
    set(body, "clinicalStatus", json!({ "coding": [{ "system": CLINICAL, "code": course.status }] }));
    match course.severity {
        Some((code, display)) => {
            let coding = json!([{ "system": "http://snomed.info/sct", "code": code, "display": display }]);
            set(body, "severity", json!({ "coding": coding, "text": display }));
        }
        None => remove(body, "severity"),
    }
    put_date(body, "onset", course.onset);
    if is_over(course.status) {
        put_date(body, "abatement", course.ended);
    } else {
        remove_choice(body, "abatement");
    }
}

/// How sure it is, a code; empty where it is not said.
#[must_use]
pub fn certainty(body: &Value) -> &str {
    body.pointer("/verificationStatus/coding/0/code").and_then(Value::as_str).unwrap_or_default()
}

/// Says how sure it is. Where it says so already it stays, codes and all.
pub fn put_certainty(body: &mut Value, code: &str) {
    if !code.is_empty() {
        super::parts::set_status(body, "verificationStatus", VERIFICATION, code);
    }
}

/// Says that it is resolved since a day. Everything else stays as it is said.
pub fn resolve(body: &mut Value, day: &str) {
    set(body, "clinicalStatus", json!({ "coding": [{ "system": CLINICAL, "code": "resolved" }] }));
    put_date(body, "abatement", day);
}

/// Whether a clinical status says that it ended (con-4: only such a one has an abatement).
#[must_use]
pub fn is_over(status: &str) -> bool {
    ["inactive", "remission", "resolved"].contains(&status)
}

pub(super) fn put_date(body: &mut Value, element: &str, date: &str) {
    let name = format!("{element}DateTime");
    if date.is_empty() {
        remove(body, &name);
    } else if !body
        .get(&name)
        .and_then(Value::as_str)
        .is_some_and(|said| said == date || (date.len() == 10 && said.starts_with(date)))
    {
        // A time of the same day is not cut off.
        remove_choice(body, element);
        set(body, &name, json!(date));
    }
}

pub(super) fn remove_choice(body: &mut Value, element: &str) {
    for form in ["DateTime", "Age", "Period", "Range", "String"] {
        remove(body, &format!("{element}{form}"));
    }
}

/// Adds a remark; an empty one adds nothing.
pub fn add_remark(body: &mut Value, remark: &Remark<'_>) {
    if remark.text.is_empty() {
        return;
    }
    let mut note = json!({ "time": remark.at, "text": remark.text });
    match remark.by.practitioner {
        Some(_) => set(&mut note, "authorReference", remark.by.reference()),
        None => set(&mut note, "authorString", json!(remark.by.name)),
    }
    push(body, "note", note);
}

/// Puts a diagnosis of a visit on the problem list too. Whether it was not there yet.
pub fn promote(body: &mut Value) -> bool {
    let there = body.get("category").is_some_and(|said| said.to_string().contains(&format!("\"{}\"", ON_LIST.0)));
    if !there {
        push(body, "category", concept(CATEGORY, ON_LIST));
    }
    !there
}

fn push(body: &mut Value, field: &str, item: Value) {
    match body.get_mut(field).and_then(Value::as_array_mut) {
        Some(items) => items.push(item),
        None => set(body, field, json!([item])),
    }
}

/// A visit's diagnoses, by rank; those without one come last.
#[must_use]
pub fn ranked(encounter: &Value) -> Vec<Key> {
    let items = encounter.get("diagnosis").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let rank = |item: &Value| item.get("rank").map(ToString::to_string).and_then(|text| text.parse().ok());
    let key = |item: &Value| Key::parse(item.pointer("/condition/reference")?.as_str()?);
    let mut all: Vec<(u64, Key)> =
        items.iter().filter_map(|item| Some((rank(item).unwrap_or(u64::MAX), key(item)?))).collect();
    all.sort_by_key(|(rank, _)| *rank);
    all.into_iter().map(|(_, key)| key).collect()
}

/// Adds a diagnosis to a visit, after those that are there.
pub fn add_diagnosis(encounter: &mut Value, condition: &Key) {
    let highest = encounter.get("diagnosis").and_then(Value::as_array).into_iter().flatten();
    let highest = highest.filter_map(|item| item.get("rank")?.to_string().parse::<u64>().ok()).max().unwrap_or(0);
    let rank = highest.max(ranked(encounter).len() as u64) + 1;
    push(encounter, "diagnosis", json!({ "condition": { "reference": condition.to_string() }, "rank": rank }));
}

/// Ranks a visit's diagnoses in this order. Whether the order names each of them once; nothing is changed otherwise.
pub fn put_ranks(encounter: &mut Value, order: &[Key]) -> bool {
    let (mut there, mut named) = (ranked(encounter), order.to_vec());
    there.sort();
    named.sort();
    if there != named {
        return false;
    }
    for item in encounter.get_mut("diagnosis").and_then(Value::as_array_mut).into_iter().flatten() {
        let key = item.pointer("/condition/reference").and_then(Value::as_str).and_then(Key::parse);
        if let Some(place) = order.iter().position(|it| Some(it) == key.as_ref()) {
            set(item, "rank", json!(place + 1));
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> Id {
        Id::parse(text).expect("id")
    }

    fn key(text: &str) -> Key {
        Key::new(Kind::CONDITION, id(text))
    }

    fn body(visit: Option<&Id>, on_list: bool, course: Course<'_>) -> Value {
        let patient = PatientId::parse("p").expect("id");
        let remark =
            Remark { by: Signer { practitioner: None, name: "Dr Okafor" }, at: "2026-01-02T10:00:00Z", text: "Wheeze" };
        let code = ("http://hl7.org/fhir/sid/icd-10-cm", "J45.20", "Mild intermittent asthma, uncomplicated");
        let certainty = "confirmed";
        NewCondition { id: &id("c"), patient: &patient, visit, on_list, code, certainty, course, remark }.body()
    }

    #[test]
    fn it_is_valid_and_says_where_it_stands() {
        let visit = id("v");
        let course = Course { status: "active", onset: "2019-03", ..Course::default() };
        let both = body(Some(&visit), true, course.clone());
        let ended =
            Course { status: "resolved", ended: "2026", severity: Some(("255604002", "Mild")), ..course.clone() };
        for body in [&both, &body(None, false, ended)] {
            let issues = crate::validate::validate(Kind::CONDITION, body);
            assert!(!issues.iter().any(crate::Issue::is_error), "{issues:?}");
        }
        let categories = |body: &Value| body["category"].as_array().expect("an array").len();
        assert_eq!((categories(&both), categories(&body(None, false, course.clone()))), (2, 1));
        assert_eq!(both["encounter"]["reference"], "Encounter/v");
        let mut visit_only = body(Some(&visit), false, course);
        assert!(promote(&mut visit_only) && !promote(&mut visit_only));
        assert_eq!(visit_only["category"], both["category"]);
    }

    #[test]
    fn a_recurrence_has_no_end_and_an_age_at_onset_is_kept() {
        let mut said = json!({ "onsetAge": { "value": 40 }, "abatementDateTime": "2020" });
        put_course(&mut said, &Course { status: "recurrence", ..Course::default() });
        assert_eq!(said["onsetAge"]["value"], 40);
        assert_eq!(said.get("abatementDateTime"), None);
        let mut timed = json!({ "onsetDateTime": "2019-03-07T10:00:00Z" });
        put_course(&mut timed, &Course { status: "active", onset: "2019-03-07", ..Course::default() });
        assert_eq!(timed["onsetDateTime"], "2019-03-07T10:00:00Z");
        let mut over = said.clone();
        resolve(&mut over, "2026-11-25");
        assert_eq!((&over["onsetAge"], &over["abatementDateTime"]), (&said["onsetAge"], &json!("2026-11-25")));
        assert_eq!(over["clinicalStatus"]["coding"][0]["code"], "resolved");
        put_course(&mut said, &Course { status: "active", onset: "2019", ..Course::default() });
        assert_eq!((said.get("onsetAge"), &said["onsetDateTime"]), (None, &json!("2019")));
    }

    #[test]
    fn ranks_follow_one_another_and_an_order_names_each_once() {
        let mut visit = json!({});
        for name in ["a", "b"] {
            add_diagnosis(&mut visit, &key(name));
        }
        assert_eq!(visit["diagnosis"][1]["rank"], 2);
        assert!(!put_ranks(&mut visit, &[key("a")]) && !put_ranks(&mut visit, &[key("a"), key("a")]));
        assert!(put_ranks(&mut visit, &[key("b"), key("a")]));
        assert_eq!(ranked(&visit), [key("b"), key("a")]);
    }
}
