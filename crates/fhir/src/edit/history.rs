//! What a chart keeps of the past: illnesses (Condition), operations (Procedure), answers to questions (Observation), and that a section
//! was gone through (List). A form changes only what it shows; what else an entry says stays.
//!
//! Sources: FHIR R4 Condition, Procedure and List (its constraint lst-1); LOINC section codes as in IPS 1.1 and C-CDA 2.1; the category
//! SNOMED CT 387713003 "Surgical procedure" of R4's value set procedure-category.

use super::condition::{is_over, put_date, remove_choice};
use super::note::Signer;
use super::parts::{remove, remove_or_set, set, set_status, set_words};
use crate::{Id, Key, Kind, PatientId};
use serde_json::{Value, json};

/// LOINC: the section of past illnesses, which marks a Condition that was written as history.
pub const PAST_ILLNESS: (&str, &str) = ("11348-0", "History of Past illness note");
/// LOINC: the section of operations, which marks a Procedure likewise.
pub const OPERATIONS: (&str, &str) = ("10167-5", "History of Surgical procedures note");
/// SNOMED CT: a surgical procedure.
pub const SURGICAL: &str = "387713003";

/// Marks the Lists that say a section was gone through, among others of the same code.
pub const REVIEWS: &str = "urn:chartroom:history-review";

const LOINC: &str = "http://loinc.org";
const SNOMED: &str = "http://snomed.info/sct";
const THO: &str = "http://terminology.hl7.org/CodeSystem";

/// Who writes what about whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Teller<'a> {
    /// The chart.
    pub patient: &'a PatientId,
    /// When, an instant.
    pub at: &'a str,
    /// Who.
    pub by: Signer<'a>,
}

/// What is said of a past illness.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Illness<'a> {
    /// What it was.
    pub words: &'a str,
    /// Clinical status, a code.
    pub status: &'a str,
    /// `unconfirmed` or `confirmed`.
    pub certainty: &'a str,
    /// When it began: a year, a month or a day; may be empty.
    pub onset: &'a str,
    /// When it ended, likewise.
    pub ended: &'a str,
}

/// What is said of an operation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operation<'a> {
    /// What was done.
    pub words: &'a str,
    /// When: a year, a month or a day; may be empty.
    pub when: &'a str,
    /// On which side, one of [`SIDES`]; may be empty.
    pub side: &'a str,
    /// Where it was done; may be empty.
    pub place: &'a str,
}

/// The sides of the body, in the words they are kept in: the part of the body stands in the operation's own words.
pub const SIDES: [&str; 3] = ["Left side", "Right side", "Both sides"];

/// An answer to a question of the history.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer<'a> {
    /// Code system, code and display; none where no sure code is known.
    pub code: Option<(&'a str, &'a str, &'a str)>,
    /// The question in words.
    pub words: &'a str,
    /// The element of the value, such as `valueInteger`, and the value.
    pub value: (&'a str, Value),
}

impl Teller<'_> {
    /// A Condition that [`put_illness`] has yet to fill.
    #[must_use]
    pub fn illness(&self, id: &Id) -> Value {
        let list = json!({ "system": format!("{THO}/condition-category"), "code": "problem-list-item", "display": "Problem List Item" });
        json!({
            "resourceType": Kind::CONDITION.name(), "id": id.as_str(),
            "category": [{ "coding": [list] }, { "coding": [loinc(PAST_ILLNESS)] }],
            "subject": self.subject(), "recordedDate": self.at, "recorder": self.by.reference(),
        })
    }

    /// A Procedure that [`put_operation`] has yet to fill.
    #[must_use]
    pub fn operation(&self, id: &Id) -> Value {
        let surgical = json!({ "system": SNOMED, "code": SURGICAL, "display": "Surgical procedure" });
        json!({
            "resourceType": Kind::PROCEDURE.name(), "id": id.as_str(), "status": "completed",
            "category": { "coding": [surgical, loinc(OPERATIONS)], "text": "Surgical procedure" },
            "subject": self.subject(), "recorder": self.by.reference(),
        })
    }

    /// An answer, as of now.
    #[must_use]
    pub fn answer(&self, id: &Id, answer: &Answer<'_>) -> Value {
        let category = json!({ "system": format!("{THO}/observation-category"), "code": "social-history", "display": "Social History" });
        let mut code = json!({ "text": answer.words });
        if let Some((system, code_of, display)) = answer.code {
            set(&mut code, "coding", json!([{ "system": system, "code": code_of, "display": display }]));
        }
        let mut body = json!({
            "resourceType": Kind::OBSERVATION.name(), "id": id.as_str(), "status": "final",
            "category": [{ "coding": [category] }], "code": code, "subject": self.subject(),
            "effectiveDateTime": self.at, "issued": self.at, "performer": [self.by.reference()],
        });
        set(&mut body, answer.value.0, answer.value.1.clone());
        body
    }

    /// The List of a section that [`Self::put_review`] has yet to fill.
    #[must_use]
    pub fn list(&self, id: &Id, title: &str, code: (&str, &str)) -> Value {
        json!({
            "resourceType": Kind::LIST.name(), "id": id.as_str(), "status": "current", "mode": "snapshot",
            "identifier": [{ "system": REVIEWS, "value": code.0 }],
            "title": title, "code": { "coding": [loinc(code)], "text": title }, "subject": self.subject(),
        })
    }

    /// Says that these entries, in these versions, were gone through now; or, without any, that there are none (in these words).
    pub fn put_review(&self, list: &mut Value, entries: &[(Key, u32)], none: Option<&str>) {
        set(list, "status", json!("current"));
        set(list, "mode", json!("snapshot"));
        set(list, "date", json!(self.at));
        set(list, "source", self.by.reference());
        remove(list, "emptyReason");
        remove(list, "entry");
        let item =
            |(key, version): &(Key, u32)| json!({ "item": { "reference": format!("{key}/_history/{version}") } });
        if let Some(words) = none {
            let coding =
                json!({ "system": format!("{THO}/list-empty-reason"), "code": "nilknown", "display": "Nil Known" });
            set(list, "emptyReason", json!({ "coding": [coding], "text": words }));
        } else if !entries.is_empty() {
            set(list, "entry", entries.iter().map(item).collect());
        }
    }

    fn subject(&self) -> Value {
        json!({ "reference": self.patient.key().to_string() })
    }
}

/// A List that is no longer so.
pub fn retire(list: &mut Value) {
    set(list, "status", json!("retired"));
}

/// Says an illness anew.
pub fn put_illness(body: &mut Value, illness: &Illness<'_>) {
    // A doubt of another kind (provisional, differential) is shown as not confirmed, and stays.
    let sure =
        body.pointer("/verificationStatus/coding/0/code").and_then(Value::as_str).map(|code| code == "confirmed");
    if sure != Some(illness.certainty == "confirmed") {
        set_status(body, "verificationStatus", &format!("{THO}/condition-ver-status"), illness.certainty);
    }
    set_words(body, "code", illness.words);
    set_status(body, "clinicalStatus", &format!("{THO}/condition-clinical"), illness.status);
    put_date(body, "onset", illness.onset);
    if is_over(illness.status) {
        put_date(body, "abatement", illness.ended);
    } else {
        remove_choice(body, "abatement");
    }
}

/// Says an operation anew.
pub fn put_operation(body: &mut Value, operation: &Operation<'_>) {
    set_words(body, "code", operation.words);
    put_date(body, "performed", operation.when);
    let mut sites = body.get("bodySite").and_then(Value::as_array).cloned().unwrap_or_default();
    sites.retain(|site| !site.get("text").and_then(Value::as_str).is_some_and(|text| SIDES.contains(&text)));
    if !operation.side.is_empty() {
        sites.push(json!({ "text": operation.side }));
    }
    remove_or_set(body, "bodySite", sites.is_empty(), json!(sites));
    let place = body.pointer("/location/display").and_then(Value::as_str).unwrap_or_default();
    // A place that is referred to without words is not shown by the form, and stays.
    if place != operation.place {
        remove_or_set(body, "location", operation.place.is_empty(), json!({ "display": operation.place }));
    }
}

fn loinc((code, display): (&str, &str)) -> Value {
    json!({ "system": LOINC, "code": code, "display": display })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn valid(kind: Kind, body: &Value) {
        let issues = crate::validate::validate(kind, body);
        assert!(!issues.iter().any(crate::Issue::is_error), "{issues:?}");
    }

    #[test]
    fn what_is_told_is_valid() {
        let patient = PatientId::parse("p").expect("id");
        let by = Signer { practitioner: None, name: "Ann" };
        let teller = Teller { patient: &patient, at: "2026-11-22T15:00:00Z", by };
        let id = Id::parse("x").expect("id");
        let mut illness = teller.illness(&id);
        let over = Illness {
            words: "Pneumonia",
            status: "resolved",
            certainty: "unconfirmed",
            onset: "2019",
            ended: "2019-03",
        };
        put_illness(&mut illness, &over);
        valid(Kind::CONDITION, &illness);
        assert_eq!((&illness["abatementDateTime"], &illness["code"]["text"]), (&json!("2019-03"), &json!("Pneumonia")));
        put_illness(&mut illness, &Illness { status: "active", ..over.clone() });
        assert!(illness.get("abatementDateTime").is_none(), "what is still there has no end");
        illness["verificationStatus"]["coding"][0]["code"] = json!("provisional");
        put_illness(&mut illness, &Illness { status: "active", ..over });
        assert_eq!(illness["verificationStatus"]["coding"][0]["code"], "provisional", "a doubt of another kind stays");
        let mut operation = teller.operation(&id);
        put_operation(
            &mut operation,
            &Operation { words: "Hernia repair", when: "2001", side: "Left side", place: "County" },
        );
        valid(Kind::PROCEDURE, &operation);
        let code = Some((LOINC, "11996-6", "[#] Pregnancies"));
        let answer = Answer { code, words: "Pregnancies", value: ("valueInteger", json!(2)) };
        valid(Kind::OBSERVATION, &teller.answer(&id, &answer));
        let mut list = teller.list(&id, "Operations", OPERATIONS);
        teller.put_review(&mut list, &[(Key::parse("Procedure/x").expect("key"), 2)], None);
        valid(Kind::LIST, &list);
        assert_eq!(list["entry"][0]["item"]["reference"], "Procedure/x/_history/2");
        teller.put_review(&mut list, &[], Some("No operations"));
        valid(Kind::LIST, &list);
        assert!(list.get("entry").is_none());
        retire(&mut list);
        valid(Kind::LIST, &list);
    }

    #[test]
    fn what_the_form_does_not_show_stays() {
        let mut body = json!({"code": {"coding": [{"system": "s", "code": "c", "display": "Hip  replacement"}]},
            "performedPeriod": {"start": "2001"}, "bodySite": [{"text": "Hip"}, {"text": "Left side"}],
            "location": {"reference": "Location/l"}, "severity": {"text": "x"}});
        let before = body.clone();
        put_operation(&mut body, &Operation { words: "Hip replacement", side: "Left side", ..Operation::default() });
        assert_eq!(body, before);
        put_operation(
            &mut body,
            &Operation { words: "Hip revision", when: "2002", side: "Right side", place: "County" },
        );
        assert_eq!(body["bodySite"], json!([{"text": "Hip"}, {"text": "Right side"}]));
        assert_eq!((&body["code"], &body["performedDateTime"]), (&json!({"text": "Hip revision"}), &json!("2002")));
        assert!(body.get("performedPeriod").is_none());
    }
}
