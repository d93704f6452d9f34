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
