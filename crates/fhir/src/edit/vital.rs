//! Measurements of a visit as Observations: values as measured in UCUM units, why something was not measured, and what was computed.

use super::parts::set;
use crate::{Id, Key, Kind, PatientId};
use serde_json::{Value, json};

/// A LOINC code with its display.
pub type Loinc = (&'static str, &'static str);

/// Where and by whom something was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken<'a> {
    /// The chart.
    pub patient: &'a PatientId,
    /// The visit.
    pub visit: &'a Key,
    /// When, an instant.
    pub at: &'a str,
    /// When it is recorded, an instant.
    pub recorded: &'a str,
    /// The practitioner's reference, where the account is one's, and the name.
    pub by: (Option<String>, &'a str),
}

/// An amount as measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// The number as typed, digits with a point.
    pub number: String,
    /// The unit's words.
    pub unit: &'static str,
    /// The unit in UCUM.
    pub ucum: &'static str,
}

impl Amount {
    /// A Quantity.
    #[must_use]
    pub fn quantity(&self) -> Value {
        let number = serde_json::from_str::<Value>(&self.number).ok().filter(Value::is_number).unwrap_or_default();
        json!({ "value": number, "unit": self.unit, "system": "http://unitsofmeasure.org", "code": self.ucum })
    }
}

/// Why there is no value (R4 data-absent-reason).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// The patient declined.
    Refused,
    /// It could not be obtained.
    Unable,
}

impl Absent {
    fn concept(self) -> Value {
        let (code, display, text) = match self {
            Self::Refused => ("asked-declined", "Asked But Declined", "Refused"),
            Self::Unable => ("not-performed", "Not Performed", "Unable to obtain"),
        };
        let system = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
        json!({ "coding": [{ "system": system, "code": code, "display": display }], "text": text })
    }
}

impl Taken<'_> {
    /// An Observation without a value. `category` is of R4 observation-category.
    #[must_use]
    pub fn observation(&self, id: &Id, category: Loinc, codes: &[Loinc], words: &str) -> Value {
        let system = "http://terminology.hl7.org/CodeSystem/observation-category";
        let mut performer = json!({ "display": self.by.1 });
        if let Some(reference) = &self.by.0 {
            set(&mut performer, "reference", json!(reference));
        }
        json!({
            "resourceType": Kind::OBSERVATION.name(), "id": id.as_str(), "status": "final",
            "category": [{ "coding": [{ "system": system, "code": category.0, "display": category.1 }] }],
            "code": concept(codes, words),
            "subject": { "reference": self.patient.key().to_string() },
            "encounter": { "reference": self.visit.to_string() },
            "effectiveDateTime": self.at, "issued": self.recorded, "performer": [performer],
        })
    }

    /// A vital sign with its value, or why there is none.
    #[must_use]
    pub fn vital(&self, id: &Id, codes: &[Loinc], words: &str, value: Result<&Amount, (Absent, &str)>) -> Value {
        let mut body = self.observation(id, VITAL_SIGNS, codes, words);
        match value {
            Ok(amount) => set(&mut body, "valueQuantity", amount.quantity()),
            Err((absent, why)) => {
                set(&mut body, "dataAbsentReason", absent.concept());
                note(&mut body, why);
            }
        }
        body
    }

    /// A blood pressure: the panel with its two components (FHIR R4 "Blood Pressure" profile).
    #[must_use]
    pub fn blood_pressure(&self, id: &Id, systolic: &Amount, diastolic: &Amount) -> Value {
        let mut body = self.observation(id, VITAL_SIGNS, &[BLOOD_PRESSURE], "Blood pressure");
        let parts = [(SYSTOLIC, "Systolic", systolic), (DIASTOLIC, "Diastolic", diastolic)];
        let part = |(code, words, amount): (Loinc, &str, &Amount)| json!({ "code": concept(&[code], words), "valueQuantity": amount.quantity() });
        set(&mut body, "component", parts.map(part).to_vec().into());
        body
    }

    /// What the program computed from other measurements: said so, and from which.
    #[must_use]
    pub fn computed(&self, id: &Id, code: Loinc, words: &str, amount: &Amount, how: &str, from: &[&Id]) -> Value {
        let mut body = self.vital(id, &[code], words, Ok(amount));
        set(&mut body, "performer", json!([{ "display": "Computed by Chartroom" }]));
        method(&mut body, &format!("{COMPUTED}{how}"));
        let from = from.iter().map(|id| json!({ "reference": format!("{}/{id}", Kind::OBSERVATION.name()) }));
        set(&mut body, "derivedFrom", from.collect());
        body
    }
}

/// How the method of what was computed begins.
pub const COMPUTED: &str = "Computed: ";
/// The category of vital signs.
pub const VITAL_SIGNS: Loinc = ("vital-signs", "Vital Signs");
/// The category of social history, where US Core 6.1 has pregnancy status.
pub const SOCIAL: Loinc = ("social-history", "Social History");
/// The panel of a blood pressure, and its parts.
pub const BLOOD_PRESSURE: Loinc = ("85354-9", "Blood pressure panel with all children optional");
const SYSTOLIC: Loinc = ("8480-6", "Systolic blood pressure");
const DIASTOLIC: Loinc = ("8462-4", "Diastolic blood pressure");

/// Where on the body; no code where none is given.
pub fn site(body: &mut Value, snomed: Option<&str>, words: &str) {
    set(body, "bodySite", snomed_concept(snomed, words));
}

/// How.
pub fn method(body: &mut Value, words: &str) {
    set(body, "method", json!({ "text": words }));
}

/// The patient's position (R4 extension observation-bodyPosition).
pub fn position(body: &mut Value, snomed: &str, words: &str) {
    let url = "http://hl7.org/fhir/StructureDefinition/observation-bodyPosition";
    set(body, "extension", json!([{ "url": url, "valueCodeableConcept": snomed_concept(Some(snomed), words) }]));
}

/// A coded answer.
pub fn answer(body: &mut Value, snomed: Option<&str>, words: &str) {
    set(body, "valueCodeableConcept", snomed_concept(snomed, words));
}

/// An amount as the value.
pub fn quantity(body: &mut Value, amount: &Amount) {
    set(body, "valueQuantity", amount.quantity());
}

/// A date as the value.
pub fn date(body: &mut Value, day: &str) {
    set(body, "valueDateTime", json!(day));
}

/// A remark, when there is one.
pub fn note(body: &mut Value, words: &str) {
    if !words.is_empty() {
        set(body, "note", json!([{ "text": words }]));
    }
}

fn snomed_concept(code: Option<&str>, words: &str) -> Value {
    match code {
        Some(code) => json!({ "coding": [{ "system": "http://snomed.info/sct", "code": code }], "text": words }),
        None => json!({ "text": words }),
    }
}

fn concept(codes: &[Loinc], words: &str) -> Value {
    let coding = |(code, display): &Loinc| json!({ "system": "http://loinc.org", "code": code, "display": display });
    json!({ "coding": codes.iter().map(coding).collect::<Vec<_>>(), "text": words })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_refused_and_computed_is_valid_and_keeps_its_number() {
        let patient = PatientId::parse("p").expect("id");
        let visit = Key::parse("Encounter/v").expect("key");
        let (at, recorded) = ("2026-11-22T15:00:00Z", "2026-11-22T15:20:00Z");
        let taken = Taken { patient: &patient, visit: &visit, at, recorded, by: (None, "Ann") };
        let id = Id::parse("o").expect("id");
        let amount = Amount { number: "82.50".into(), unit: "kg", ucum: "kg" };
        let weight = taken.vital(&id, &[("29463-7", "Body weight")], "Weight", Ok(&amount));
        assert_eq!(weight["valueQuantity"]["value"].to_string(), "82.50", "as typed");
        assert_eq!((&weight["effectiveDateTime"], &weight["issued"]), (&json!(at), &json!(recorded)));
        let mut pressure = taken.blood_pressure(&id, &amount, &amount);
        position(&mut pressure, "33586001", "Sitting");
        site(&mut pressure, Some("368209003"), "Right arm");
        let refused = taken.vital(&id, &[("29463-7", "Body weight")], "Weight", Err((Absent::Refused, "Not today")));
        let how = "weight / height squared";
        let bmi = taken.computed(&id, ("39156-5", "Body mass index"), "BMI", &amount, how, &[&id]);
        for body in [&weight, &pressure, &refused, &bmi] {
            let issues = crate::validate::validate(Kind::OBSERVATION, body);
            assert!(!issues.iter().any(crate::Issue::is_error), "{issues:?}");
        }
        assert_eq!(refused["dataAbsentReason"]["coding"][0]["code"], "asked-declined");
        assert_eq!(bmi["derivedFrom"][0]["reference"], "Observation/o");
    }
}
