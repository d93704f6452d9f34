//! What is on file is reachable in the chart, and what is over is not shown as going on.

use crate::support::{between, page};
use chartroom_tests::Practice;
use serde_json::{Value, json};
use store::Role;

async fn practice() -> Practice {
    let practice = Practice::new().await;
    practice
        .put(json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Larsen"}], "birthDate": "1979-12-23"}))
        .await;
    practice
}

#[tokio::test]
async fn every_result_with_a_value_is_in_one_of_the_views_whatever_its_category_and_date() {
    let practice = practice().await;
    let categories = [
        "laboratory",
        "vital-signs",
        "exam",
        "survey",
        "imaging",
        "procedure",
        "therapy",
        "activity",
        "social-history",
        "house-code",
        "",
    ];
    for (n, category) in categories.iter().enumerate() {
        for dated in [true, false] {
            let id = format!("o{n}-{dated}");
            let mut body = json!({"resourceType": "Observation", "id": id, "status": "final", "subject": {"reference": "Patient/p"},
                "code": {"text": format!("Test {id}")}, "valueQuantity": {"value": 7, "unit": "points"}});
            if !category.is_empty() {
                body["category"] = json!([{"coding": [{"system": "urn:x", "code": category}]}]);
            }
            if dated {
                body["effectiveDateTime"] = Value::from("2026-03-01");
            }
            practice.put(body).await;
        }
    }
    let browser = practice.signed_in(Role::Clinician).await;
    let mut all = String::new();
    for view in ["table", "vitals", "other"] {
        all += &page(&browser, &format!("/patients/p/results?show={view}")).await;
    }
    for (n, category) in categories.iter().enumerate() {
        for dated in [true, false] {
            assert!(all.contains(&format!("Test o{n}-{dated}<")), "{category} {dated}");
        }
    }
    let other = page(&browser, "/patients/p/results?show=other").await;
    assert!(!other.contains("Test o0-") && !other.contains("Test o1-"), "each in one view");
    assert!(between(&other, "Date not recorded", "</section>").contains("Test o2-false"));
}

#[tokio::test]
async fn a_medicine_whose_course_ended_is_not_among_the_active_ones() {
    let practice = practice().await;
    let subject = json!({"reference": "Patient/p"});
    let order = |id: &str, ends: &[Option<&str>]| {
        let dosage = |end: &Option<&str>| match end {
            Some(end) => json!({"text": "as told", "timing": {"repeat": {"boundsPeriod": {"end": end}}}}),
            None => json!({"text": "as told"}),
        };
        json!({"resourceType": "MedicationRequest", "id": id, "status": "active", "intent": "order", "subject": subject,
            "medicationCodeableConcept": {"text": format!("Drug {id}")}, "dosageInstruction": ends.iter().map(dosage).collect::<Vec<_>>()})
    };
    // The practice's day is 22-Nov-2026.
    for body in [
        order("ended", &[Some("2026-10-08")]),
        order("today", &[Some("2026-11-22")]),
        order("later", &[Some("2026-10-08"), Some("2026-12-01")]),
        order("open", &[Some("2026-10-08"), None]),
        json!({"resourceType": "MedicationStatement", "id": "told", "status": "active", "subject": subject,
            "medicationCodeableConcept": {"text": "Drug told"}, "effectivePeriod": {"end": "2020-02"}}),
    ] {
        practice.put(body).await;
    }
    let browser = practice.signed_in(Role::Clinician).await;
    let medicines = page(&browser, "/patients/p/medicines").await;
    let active = between(&medicines, "Active medicines", "</section>");
    for (id, taken) in [("ended", false), ("today", true), ("later", true), ("open", true), ("told", false)] {
        assert_eq!(active.contains(&format!("Drug {id}")), taken, "{id}");
    }
    let over = between(&medicines, "Course ended", "</section>");
    assert!(over.contains("Drug ended") && over.contains("Drug told"));
    let summary = page(&browser, "/patients/p").await;
    assert!(!summary.contains("Drug ended") && summary.contains("2 whose course ended"));
}
