//! Nothing that was recorded is left out of its section, counted wrong, or shown as what it is not.

use crate::support::{between, coded, page, patient, potassium, subject};
use chartroom_tests::Practice;
use serde_json::{Value, json};
use store::Role;

fn observed(id: &str, category: Option<&str>, when: Option<&str>) -> Value {
    let mut body = json!({"resourceType": "Observation", "id": id, "status": "final", "subject": subject("p"),
        "code": {"text": format!("Test {id}")}, "valueString": format!("value of {id}")});
    if let Some(category) = category {
        body["category"] = json!([coded("observation-category", category)]);
    }
    if let Some(when) = when {
        body["effectiveDateTime"] = json!(when);
    }
    body
}

#[tokio::test]
async fn every_valued_observation_is_reached_from_results() {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    let day = Some("2026-01-06");
    let categories =
        ["laboratory", "vital-signs", "exam", "survey", "imaging", "procedure", "therapy", "activity", "local"];
    let mut ids = Vec::new();
    for (index, category) in categories.iter().map(|category| Some(*category)).chain([None]).enumerate() {
        for when in [day, None] {
            let id = format!("o{index}{}", if when.is_some() { "dated" } else { "undated" });
            practice.put(observed(&id, category, when)).await;
            ids.push(id);
        }
    }
    let clinician = practice.signed_in(Role::Clinician).await;
    for day in ["", "&as-of=2026-11-22"] {
        let mut all = String::new();
        for view in ["table", "vitals", "other"] {
            all.push_str(&page(&clinician, &format!("/patients/p/results?show={view}{day}")).await);
        }
        for id in &ids {
            let times = all.matches(&format!("value of {id}<")).count();
            assert_eq!(times, 1, "{id} stands in one place");
        }
        assert_eq!(all.matches("date not recorded").count(), categories.len() + 1);
    }
}

#[tokio::test]
async fn other_results_go_on_page_after_page_until_the_last() {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    for index in 0..130 {
        practice.put(observed(&format!("s{index}"), Some("survey"), Some("2026-01-06"))).await;
    }
    practice.put(potassium("k", "p", "2026-02-06T15:00:00Z", "5.60")).await;
    let clinician = practice.signed_in(Role::Clinician).await;
    let first = page(&clinician, "/patients/p/results?show=other").await;
    let next = between(&first, "rel=\"next\" href=\"", "\"").replace("&amp;", "&");
    let second = page(&clinician, &next).await;
    for index in 0..130 {
        let told = format!("value of s{index}<");
        assert_eq!(first.matches(&told).count() + second.matches(&told).count(), 1, "{index}");
    }
    assert!(!second.contains("rel=\"next\"") && !first.contains("5.60"), "and what the tables hold is not repeated");
    assert!(second.contains("href=\"/patients/p/results?show=other\" "), "the way back is to this view: {second:.0}");
}

#[tokio::test]
async fn a_course_that_has_ended_is_not_among_the_active_medicines() {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    let request = |id: &str, dosages: Value| {
        json!({"resourceType": "MedicationRequest", "id": id, "status": "active", "intent": "order", "subject": subject("p"),
            "medicationCodeableConcept": {"text": format!("Medicine {id}")}, "authoredOn": "2026-01-06", "dosageInstruction": dosages,
            "dispenseRequest": {"validityPeriod": {"end": "2026-02-01"}}})
    };
    let until = |end: &str| json!({"text": "as told", "timing": {"repeat": {"boundsPeriod": {"end": end}}}});
    practice.put(request("over", json!([until("2026-01-16")]))).await;
    practice.put(request("steps", json!([until("2026-01-16"), until("2027-01-16")]))).await;
    practice.put(request("open", json!([until("2026-01-16"), {"text": "and on"}]))).await;
    practice.put(request("month", json!([until("2026-11")]))).await;
    for (id, end) in [("told", "2026-03-12"), ("still", "2030-01-01")] {
        practice
            .put(json!({"resourceType": "MedicationStatement", "id": id, "status": "active", "subject": subject("p"),
                "medicationCodeableConcept": {"text": format!("Medicine {id}")},
                "effectivePeriod": {"start": "2026-03-01", "end": end}}))
            .await;
    }
    let clinician = practice.signed_in(Role::Clinician).await;
    let medicines = page(&clinician, "/patients/p/medicines").await;
    let summary = page(&clinician, "/patients/p").await;
    for active in [
        between(&medicines, "Active medicines <span", "</section>"),
        between(&summary, "medicines-title", "Not shown here"),
    ] {
        assert!(active.contains("class=\"count\">4<"), "{active}");
        for id in ["steps", "open", "month", "still"] {
            assert!(active.contains(&format!("Medicine {id}<")), "{id}: {active}");
        }
        assert!(!active.contains("Medicine over") && !active.contains("Medicine told"), "{active}");
    }
    let ended = between(&medicines, "Course ended, still recorded as active <span", "</section>");
    for expected in ["class=\"count\">2<", "Medicine over<", "16-Jan-2026", "Medicine told<", "12-Mar-2026"] {
        assert!(ended.contains(expected), "{expected}: {ended}");
    }
    assert!(between(&summary, "Not shown here", "</p>").contains("2 with the course ended"), "{summary:.0}");
    let then = page(&clinician, "/patients/p?as-of=2026-11-22").await;
    assert!(between(&then, "medicines-title", "</section>").contains("class=\"count\">4<"));
}

#[tokio::test]
async fn a_document_keeps_its_words_and_its_original() {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    let html = "<p>K <3.5 at 37&deg;C. Give <del>10</del> 5 mg</p>";
    // The same in base64.
    let data = "PHA+SyA8My41IGF0IDM3JmRlZztDLiBHaXZlIDxkZWw+MTA8L2RlbD4gNSBtZzwvcD4=";
    practice
        .put(json!({"resourceType": "DocumentReference", "id": "d", "status": "current", "subject": subject("p"),
            "content": [{"attachment": {"contentType": "text/html", "title": "Letter", "data": data}}]}))
        .await;
    let clinician = practice.signed_in(Role::Clinician).await;
    let shown = page(&clinician, "/patients/p/documents/d").await;
    assert!(shown.contains("K &lt;3.5 at 37°C. Give (struck: 10) 5 mg"), "{shown}");
    let original = between(&shown, "noprint\" href=\"/patients/p/files", "\"");
    let answer = clinician.get(&format!("/patients/p/files{original}")).await;
    assert_eq!(answer.text(), html);
    assert!(answer.header("content-disposition").starts_with("attachment"));
    assert!(answer.header("content-security-policy").contains("sandbox"));
}
