//! The vitals flowsheet, its plots, and ages corrected for a birth before term.

use crate::support::{between, coded, page, patient, subject};
use chartroom_tests::Practice;
use serde_json::{Value, json};
use store::Role;

fn sign(id: &str, of: &str, code: &str, when: &str, value: &Value) -> Value {
    let mut body = json!({"resourceType": "Observation", "id": id, "status": "final", "subject": subject(of),
        "category": [coded("observation-category", "vital-signs")],
        "code": {"coding": [{"system": "http://loinc.org", "code": code}], "text": "A sign"}, "effectiveDateTime": when});
    for (name, member) in value.as_object().expect("members") {
        body[name] = member.clone();
    }
    body
}

fn amount(value: f64, unit: &str, code: &str) -> Value {
    json!({"valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": code}})
}

#[tokio::test]
async fn every_reading_stands_in_the_flowsheet_and_what_was_refused_says_so() {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    for (id, code, when, value) in [
        ("t1", "8310-5", "2026-11-20T15:00:00Z", amount(39.1, "°C", "Cel")),
        ("t2", "8310-5", "2026-11-20T15:00:30Z", amount(38.7, "°C", "Cel")),
        ("t3", "8310-5", "2026-10-20T15:00:00Z", amount(98.6, "°F", "[degF]")),
        (
            "w1",
            "29463-7",
            "2026-11-20T15:00:00Z",
            json!({"dataAbsentReason": {"text": "Refused"}, "note": [{"text": "Too tired"}]}),
        ),
        ("x1", "99999-9", "2026-10-20T15:00:00Z", amount(12.0, "cm", "cm")),
    ] {
        practice.put(sign(id, "p", code, when, &value)).await;
    }
    let nurse = practice.signed_in(Role::Nurse).await;
    let shown = page(&nurse, "/patients/p/vitals").await;
    let table = between(&shown, "class=\"matrix\"", "</table>");
    for words in
        ["20-Nov-2026", "39.1", "38.7", "High", "(usual range, CDC)", "not taken: refused", "Too tired", "A sign", "12"]
    {
        assert!(table.contains(words), "{words}: {table}");
    }
    assert!(table.find("20-Nov-2026") < table.find("20-Oct-2026"), "the newest first");
    assert!(table.find("Temperature") < table.find("A sign"), "the known ones first");
    let plot = between(&shown, "<figure", "</figure>");
    assert!(
        plot.contains("<title>Temperature, last 3: 37 to 39.1")
            && plot.contains("1 readings were taken in another unit"),
        "{plot}"
    );
    assert!(plot.contains("<rect class=\"band\"") && plot.contains("usual range"), "{plot}");
    let results = page(&nurse, "/patients/p/results").await;
    assert!(results.contains("href=\"/patients/p/vitals\""));
    assert_eq!(practice.signed_in(Role::FrontDesk).await.get("/patients/p/vitals").await.status, 403);
}

#[tokio::test]
async fn a_child_born_before_term_has_a_corrected_age_once_the_gestation_is_known() {
    let practice = Practice::new().await;
    // 42 weeks old on 22-Nov-2026; born 8 weeks early.
    patient(&practice, "baby", "Ames", "2026-02-01").await;
    patient(&practice, "adult", "Larsen", "1979-12-23").await;
    for (id, of) in [("v", "baby"), ("w", "adult")] {
        practice
            .put(json!({"resourceType": "Encounter", "id": id, "status": "arrived", "subject": subject(of),
                "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}, "period": {"start": "2026-11-22T14:50:00Z"}}))
            .await;
    }
    let nurse = practice.signed_in(Role::Nurse).await;
    assert!(!page(&nurse, "/visits/w/rooming").await.contains("Gestation at birth"));
    let form = nurse.get("/visits/v/rooming").await;
    assert!(form.text().contains("Gestation at birth") && !form.text().contains("Corrected age"));
    let once = form.attribute("name=\"once\"", "value").expect("once");
    let sent =
        [("patient", "baby"), ("version", "1"), ("once", once.as_str()), ("gestation", "32"), ("gestation-days", "3")];
    assert_eq!(nurse.post("/visits/v/rooming", &sent).await.status, 303);
    let adult = [("patient", "adult"), ("version", "1"), ("gestation", "32")];
    let refused = nurse.post("/visits/w/rooming", &adult).await;
    assert!(refused.status == 422 && refused.text().contains("under two years"));
    // 53 days after 01-Feb-2026 is 26-Mar-2026: 7 whole months before 22-Nov-2026.
    for path in ["/visits/v/rooming", "/visits/v", "/patients/baby/vitals", "/patients/baby"] {
        assert!(page(&nurse, path).await.contains("7 mo (born at 32 weeks 3 days)"), "{path}");
    }
    let desk = practice.signed_in(Role::FrontDesk).await;
    assert!(!page(&desk, "/patients/baby").await.contains("Corrected age"), "how a child was born is clinical");
    let stored = practice.client("system/*.rs").await.get("/fhir/Observation?patient=baby").await.json();
    let value = &stored["entry"][0]["resource"]["valueQuantity"];
    assert_eq!((value["value"].to_string().as_str(), &value["code"]), ("32.43", &json!("wk")));
}
