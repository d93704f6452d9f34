//! A small chart that can be worked out by hand, and pages read as text.

use chartroom_tests::{Browser, Practice};
use serde_json::{Value, json};

pub fn subject(id: &str) -> Value {
    json!({"reference": format!("Patient/{id}")})
}

pub fn coded(system: &str, code: &str) -> Value {
    json!({"coding": [{"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code}]})
}

pub async fn patient(practice: &Practice, id: &str, family: &str, born: &str) {
    practice
        .put(json!({"resourceType": "Patient", "id": id, "name": [{"family": family, "given": ["Pat"]}], "birthDate": born,
            "gender": "female"}))
        .await;
}

pub fn potassium(id: &str, patient: &str, when: &str, value: &str) -> Value {
    let number: Value = serde_json::from_str(value).expect("number");
    json!({"resourceType": "Observation", "id": id, "status": "final", "subject": subject(patient),
        "category": [coded("observation-category", "laboratory")],
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}], "text": "Potassium"}, "effectiveDateTime": when,
        "valueQuantity": {"value": number, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L"},
        "referenceRange": [{"low": {"value": 3.5, "unit": "mmol/L"}, "high": {"value": 5.1, "unit": "mmol/L"}}]})
}

/// A small chart whose page can be worked out by hand.
pub async fn chart(practice: &Practice) {
    patient(practice, "p", "Larsen", "1979-12-23").await;
    practice
        .put(json!({"resourceType": "Condition", "id": "asthma", "subject": subject("p"), "code": {"text": "Asthma"},
            "clinicalStatus": coded("condition-clinical", "active"), "onsetDateTime": "2019-03"}))
        .await;
    practice
        .put(json!({"resourceType": "Condition", "id": "sprain", "subject": subject("p"), "code": {"text": "Sprain of wrist"},
            "clinicalStatus": coded("condition-clinical", "resolved"), "onsetDateTime": "2016-01-07", "abatementDateTime": "2016-01-28"}))
        .await;
    for (id, status, name) in [("on", "active", "Hydralazine 25 MG"), ("off", "stopped", "Prednisone 10 MG")] {
        practice
            .put(json!({"resourceType": "MedicationRequest", "id": id, "status": status, "intent": "order", "subject": subject("p"),
                "medicationCodeableConcept": {"text": name}, "authoredOn": "2026-01-06", "dosageInstruction": [{
                    "doseAndRate": [{"doseQuantity": {"value": 0.50, "unit": "mg"}}],
                    "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}}]}))
            .await;
    }
    practice
        .put(json!({"resourceType": "AllergyIntolerance", "id": "pen", "patient": subject("p"), "code": {"text": "Penicillin"},
            "clinicalStatus": coded("allergyintolerance-clinical", "active"),
            "reaction": [{"manifestation": [{"text": "Anaphylaxis"}], "severity": "severe"}]}))
        .await;
    practice.put(potassium("k1", "p", "2026-01-06T15:00:00Z", "4.0")).await;
    practice.put(potassium("k2", "p", "2026-02-06T15:00:00Z", "5.60")).await;
}

pub async fn page(browser: &Browser, path: &str) -> String {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{path}");
    answer.text()
}

/// The part of a page between two of its texts.
pub fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let rest = page.split_once(from).unwrap_or_else(|| panic!("{from} is not on the page")).1;
    rest.split_once(to).map_or(rest, |(part, _)| part)
}
