//! The sheet a patient takes home: what to take and what not, what was found, and nothing that is for the chart alone.

use crate::printing::{read, visited};
use crate::support::{coded, potassium, subject};
use chartroom_tests::Practice;
use serde_json::{Value, json};
use store::Role;

async fn sheet(practice: &Practice, visit: &str) -> Option<String> {
    read(&practice.signed_in(Role::Nurse).await.get(&format!("/visits/{visit}/paper")).await)
}

fn order(id: &str, name: &str, status: &str, more: &Value) -> Value {
    let mut order = json!({"resourceType": "MedicationRequest", "id": id, "status": status, "intent": "order", "subject": subject("p"),
        "medicationCodeableConcept": {"text": name}});
    order.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    order
}

#[tokio::test]
async fn it_says_what_must_not_be_taken_what_was_stopped_and_why() {
    let practice = visited().await;
    let of_visit = json!({"encounter": {"reference": "Encounter/v"}});
    practice
        .put(order(
            "not",
            "Ibuprofen 400 MG",
            "active",
            &json!({"doNotPerform": true, "reasonCode": [{"text": "Kidney disease"}]}),
        ))
        .await;
    practice
        .put(order(
            "again",
            "Codeine 30 MG",
            "stopped",
            &json!({"doNotPerform": true, "encounter": {"reference": "Encounter/v"}}),
        ))
        .await;
    practice.put(order("done", "Naproxen 250 MG", "completed", &of_visit)).await;
    practice.put(order("changed", "Hydralazine 25 MG", "stopped", &of_visit)).await;
    practice.put(order("held", "Ramipril 5 MG", "on-hold", &json!({"statusReason": {"text": "Low pressure"}}))).await;
    let stopped = json!({"statusReason": {"text": "Nausea"}});
    practice.put(order("since", "Digoxin 0.125 MG", "active", &json!({}))).await;
    let client = practice.client("system/*.cruds").await;
    let now = order("since", "Digoxin 0.125 MG", "stopped", &stopped);
    let answer = client.json("PUT", "/fhir/MedicationRequest/since", &now, &[("if-match", "W/\"1\"")]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    practice
        .put(json!({"resourceType": "MedicationStatement", "id": "oil", "status": "active", "subject": subject("p"),
            "medicationCodeableConcept": {"text": "Fish oil"}}))
        .await;
    practice
        .put(json!({"resourceType": "AllergyIntolerance", "id": "nka", "patient": subject("p"), "code": {"text": "No known allergies"},
            "clinicalStatus": coded("allergyintolerance-clinical", "active")}))
        .await;
    let Some(text) = sheet(&practice, "v").await else { return };
    let text = text.to_lowercase();
    for words in [
        "do not take: ibuprofen 400 mg (kidney disease).",
        "digoxin 0.125 mg (nausea)",
        "naproxen 250 mg (completed)",
        "on hold, do not take until told: ramipril 5 mg (low pressure).",
        "fish oil (as you told us)",
        "the record also says: none known. one of the two is wrong.",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    let stopped = text.split("stopped: ").nth(1).expect("what was stopped");
    let stopped = stopped.split("on hold").next().unwrap_or_default();
    assert!(!stopped.contains("hydralazine"), "it is taken under another order: {stopped}");
    for words in ["prednisone", "codeine"] {
        assert!(!text.contains(words), "{words}: stopped long before, or never to be given: {text}");
    }
}

#[tokio::test]
async fn it_tells_what_was_measured_and_found_and_not_what_was_told() {
    let practice = visited().await;
    let observed = |id: &str, category: &str, words: &str, more: Value| {
        let mut observed = json!({"resourceType": "Observation", "id": id, "status": "final", "subject": subject("p"),
            "encounter": {"reference": "Encounter/v"}, "category": [coded("observation-category", category)],
            "code": {"text": words}, "effectiveDateTime": "2026-02-06T15:00:00Z"});
        observed.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        observed
    };
    let words = |text: &str| json!({"valueCodeableConcept": {"text": text}});
    practice.put(observed("pregnant", "social-history", "Pregnancy status", words("Pregnant"))).await;
    practice.put(observed("mood", "survey", "PHQ-9 total", words("Severe"))).await;
    practice.put(observed("chest", "exam", "Chest", words("Clear"))).await;
    practice
        .put(observed(
            "bmi",
            "vital-signs",
            "Body mass index",
            json!({"method": {"text": "Computed: weight ÷ height²"},
            "valueQuantity": {"value": 22.9, "unit": "kg/m²"}}),
        ))
        .await;
    let mut later = potassium("k4", "p", "2026-02-06T16:30:00Z", "5.80");
    later["encounter"] = json!({"reference": "Encounter/v"});
    later["status"] = json!("preliminary");
    practice.put(later).await;
    for (id, status, words) in [("done", "completed", "Ear irrigation"), ("not", "not-done", "Lumbar puncture")] {
        practice
            .put(json!({"resourceType": "Procedure", "id": id, "status": status, "subject": subject("p"), "code": {"text": words},
                "encounter": {"reference": "Encounter/v"}}))
            .await;
    }
    let Some(text) = sheet(&practice, "v").await else { return };
    for words in [
        "22.9 kg/m², computed",
        "Chest Clear",
        "5.80 mmol/L, high, preliminary",
        "Done in this visit Ear irrigation Not done, or not finished Lumbar puncture: Not done",
    ] {
        assert!(text.replace("• ", "").contains(words), "{words} in {text}");
    }
    assert_eq!(text.matches("Potassium, 06-Feb-2026 ").count(), 2, "each reading with its time: {text}");
    for words in ["Pregnan", "PHQ", "Status:"] {
        assert!(!text.contains(words), "{words} in {text}");
    }
}

#[tokio::test]
async fn a_visit_that_is_to_come_or_did_not_take_place_says_so() {
    let practice = visited().await;
    for (id, status, words) in [("next", "planned", "Status: Planned"), ("off", "cancelled", "Status: Cancelled")] {
        practice
            .put(json!({"resourceType": "Encounter", "id": id, "status": status, "subject": subject("p"), "class": {"code": "AMB"}}))
            .await;
        let Some(text) = sheet(&practice, id).await else { return };
        assert!(text.contains(words), "{text}");
    }
}
