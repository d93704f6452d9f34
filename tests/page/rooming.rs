//! Rooming: what is measured and asked is stored as measured, once, in the right visit, and what is doubtful is asked about.

use crate::support::{page, patient};
use chartroom_tests::{Answer, Browser, Practice};
use serde_json::{Value, json};
use store::Role;

const VISIT: &str = "/visits/v/rooming";

async fn practice() -> Practice {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    patient(&practice, "q", "Okonkwo", "1980-02-03").await;
    for (id, status) in [("v", "arrived"), ("over", "finished"), ("later", "planned")] {
        practice
            .put(json!({"resourceType": "Encounter", "id": id, "status": status, "subject": {"reference": "Patient/p"},
                "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}, "period": {"start": "2026-11-22T14:50:00Z"}}))
            .await;
    }
    practice
}

async fn post(browser: &Browser, fields: &[(&str, &str)]) -> Answer {
    let shown = browser.get(VISIT).await;
    let version = shown.attribute("name=\"version\"", "value").expect("version");
    let once = shown.attribute("name=\"once\"", "value").expect("once");
    let known = |name: &str| fields.iter().any(|(field, _)| *field == name);
    let mut all: Vec<(&str, &str)> = [("patient", "p"), ("version", version.as_str()), ("once", once.as_str())]
        .into_iter()
        .filter(|(name, _)| !known(name))
        .collect();
    all.extend_from_slice(fields);
    browser.post(VISIT, &all).await
}

async fn stored(practice: &Practice) -> Vec<Value> {
    let client = practice.client("system/*.rs").await;
    let found = client.get("/fhir/Observation?patient=p&_count=50").await.json();
    let entries = found["entry"].as_array().cloned().unwrap_or_default();
    entries.into_iter().map(|entry| entry["resource"].clone()).collect()
}

fn of<'a>(all: &'a [Value], code: &str) -> &'a Value {
    all.iter().find(|body| body["code"]["coding"][0]["code"] == code).unwrap_or_else(|| panic!("no {code}"))
}

#[tokio::test]
async fn what_is_measured_is_stored_in_its_unit_with_what_follows_from_it() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    assert!(page(&nurse, "/visits/v").await.contains("href=\"/visits/v/rooming\""));
    let saved = post(
        &nurse,
        &[
            ("reason", "My head <i>aches</i>"),
            ("systolic", "142"),
            ("diastolic", "91"),
            ("site", "left-arm"),
            ("position", "sitting"),
            ("temperature", "101.30"),
            ("temperature-unit", "f"),
            ("method", "oral"),
            ("weight", "154"),
            ("weight-more", "8"),
            ("weight-unit", "lboz"),
            ("height", "175"),
            ("height-unit", "cm"),
            ("saturation-not", "refused"),
            ("saturation-why", "Nail polish"),
            ("pregnancy", "not"),
        ],
    )
    .await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    let all = stored(&practice).await;
    assert_eq!(all.len(), 8, "pressure, four taken or not, two computed, one asked");
    let pressure = of(&all, "85354-9");
    assert_eq!(pressure["component"][0]["valueQuantity"]["value"], 142);
    assert_eq!(pressure["bodySite"]["text"], "Left arm");
    assert_eq!(of(&all, "8310-5")["valueQuantity"]["value"].to_string(), "101.30");
    assert_eq!(of(&all, "8310-5")["valueQuantity"]["code"], "[degF]");
    assert_eq!(of(&all, "29463-7")["valueQuantity"]["value"].to_string(), "154.5");
    assert_eq!(of(&all, "29463-7")["note"][0]["text"], "Measured as 154 lb 8 oz");
    assert_eq!(of(&all, "59408-5")["dataAbsentReason"]["coding"][0]["code"], "asked-declined");
    // 154.5 lb = 70.08 kg; 70.08 / 1.75² = 22.88; √(175 × 70.08 / 3600) = 1.846.
    let bmi = of(&all, "39156-5");
    assert_eq!(bmi["valueQuantity"]["value"].to_string(), "22.9");
    assert_eq!(bmi["derivedFrom"].as_array().map(Vec::len), Some(2));
    assert_eq!(of(&all, "3140-1")["valueQuantity"]["value"].to_string(), "1.85");
    assert!(all.iter().all(|body| body["encounter"]["reference"] == "Encounter/v"));
    let again = page(&nurse, VISIT).await;
    assert!(
        again.contains("My head &lt;i&gt;aches&lt;/i&gt;")
            && again.contains("142/91")
            && again.contains("Refused") == again.contains("refused")
    );
    let officer = practice.signed_in(Role::PrivacyOfficer).await;
    let trail = officer.post("/audit/csv", &[("action", "visit.room")]).await.text();
    let lines: std::collections::BTreeSet<_> =
        trail.lines().filter(|line| line.contains("visit.room")).filter_map(|line| line.split(',').next()).collect();
    assert_eq!(lines.len(), 1, "one entry: {trail}");
}

#[tokio::test]
async fn a_doubtful_value_is_named_and_stored_once_confirmed() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    assert_eq!(post(&nurse, &[("weight", "72"), ("weight-unit", "kg")]).await.status, 303);
    practice.pass_minutes(1);
    let typed = [("weight", "720"), ("weight-unit", "lb"), ("pulse", "88")];
    let asked = post(&nurse, &typed).await;
    assert_eq!(asked.status, 409);
    let text = asked.text();
    assert!(text.contains("Weight 720 lb is unusual") && text.contains("value=\"720\""), "{text}");
    assert_eq!(stored(&practice).await.len(), 1, "nothing was saved");
    let doubts = asked.attribute("name=\"confirmed\"", "value").expect("the doubts");
    let mut confirmed = typed.to_vec();
    confirmed.push(("confirmed", &doubts));
    let other: Vec<_> = confirmed.iter().map(|(n, v)| if *n == "weight" { (*n, "700") } else { (*n, *v) }).collect();
    assert_eq!(post(&nurse, &other).await.status, 409, "what was confirmed is not this");
    assert_eq!(post(&nurse, &confirmed).await.status, 303);
    assert_eq!(stored(&practice).await.len(), 3);
}

#[tokio::test]
async fn a_form_of_another_patient_or_an_older_page_or_twice_stores_nothing_more() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    assert_eq!(post(&nurse, &[("patient", "q"), ("pulse", "70")]).await.status, 409);
    assert_eq!(post(&nurse, &[("version", ""), ("pulse", "70")]).await.status, 428);
    let stale = post(&nurse, &[("version", "7"), ("pulse", "71")]).await;
    assert!(stale.status == 412 && stale.text().contains("value=\"71\""));
    let wrong = post(&nurse, &[("temperature", "98.6"), ("temperature-unit", "c"), ("pulse", "72")]).await;
    let text = wrong.text();
    assert!(wrong.status == 422 && text.contains("is it 98.6 °F?") && text.contains("value=\"72\""));
    assert_eq!(post(&nurse, &[]).await.status, 422, "nothing filled in");
    for over in ["over", "later"] {
        let fields = [("patient", "p"), ("version", "1"), ("pulse", "70")];
        assert_eq!(nurse.post(&format!("/visits/{over}/rooming"), &fields).await.status, 409, "{over}");
    }
    assert_eq!(stored(&practice).await.len(), 0);
    let once = [("pulse", "70"), ("once", "11111111-1111-4111-8111-111111111111")];
    assert_eq!((post(&nurse, &once).await.status, post(&nurse, &once).await.status), (303, 303));
    assert_eq!(stored(&practice).await.len(), 1);
    let desk = practice.signed_in(Role::FrontDesk).await;
    assert_eq!((desk.get(VISIT).await.status, desk.post(VISIT, &once).await.status), (403, 403));
}

#[tokio::test]
async fn a_fever_is_marked_on_the_summary_by_a_range_that_names_its_source() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    assert_eq!(post(&nurse, &[("temperature", "39.1"), ("temperature-unit", "c"), ("pulse", "80")]).await.status, 303);
    let summary = page(&nurse, "/patients/p").await;
    let temperature = crate::support::between(&summary, "Temperature", "</tr>");
    assert!(temperature.contains("abn high") && temperature.contains("High"), "{temperature}");
    let pulse = crate::support::between(&summary, "Heart rate", "</tr>");
    assert!(!pulse.contains("abn"), "{pulse}");
    let visit = page(&nurse, "/visits/v").await;
    assert!(visit.contains("35–37.9\u{a0}°C (usual range, CDC)"), "{visit}");
}

#[tokio::test]
async fn a_colleague_s_reason_is_replaced_by_nobody_who_did_not_write_another() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let colleague = practice.signed_in(Role::Clinician).await;
    assert_eq!(post(&nurse, &[("reason", "My knee hurts"), ("reason-shown", "")]).await.status, 303);
    let reason = async || {
        let client = practice.client("system/*.rs").await;
        client.get("/fhir/Encounter/v").await.json()["reasonCode"][0]["text"].clone()
    };
    // Opened by both; the colleague is first.
    let opened = nurse.get(VISIT).await;
    let hidden = |answer: &Answer, name: &str| answer.attribute(&format!("name=\"{name}\""), "value").expect("a field");
    assert_eq!(hidden(&opened, "reason-shown"), "My knee hurts");
    let version = hidden(&opened, "version");
    let theirs = [("reason", "Chest pain since noon"), ("reason-shown", "My knee hurts")];
    assert_eq!(post(&colleague, &theirs).await.status, 303);
    let typed = [("reason", "My knee hurts"), ("reason-shown", "My knee hurts"), ("pulse", "71")];
    let stale = post(&nurse, &[&typed[..], &[("version", version.as_str())]].concat()).await;
    let text = stale.text();
    assert_eq!(stale.status, 412);
    assert!(text.contains("Somebody changed this visit") && !text.contains("patient’s details"), "{text}");
    assert!(text.contains(">Chest pain since noon</textarea>") && text.contains("value=\"71\""), "{text}");
    let (now, shown) = (hidden(&stale, "version"), hidden(&stale, "reason-shown"));
    let again =
        [("version", now.as_str()), ("reason", "Chest pain since noon"), ("reason-shown", &shown), ("pulse", "71")];
    assert_eq!(post(&nurse, &again).await.status, 303);
    assert_eq!(reason().await, "Chest pain since noon");
    assert_eq!(stored(&practice).await.len(), 1);
    // Who did write another one is shown both.
    let mine = [("reason", "Knee and chest"), ("reason-shown", "My knee hurts"), ("version", version.as_str())];
    let both = post(&nurse, &mine).await;
    let text = both.text();
    assert!(
        both.status == 412 && text.contains(">Knee and chest</textarea>") && text.contains("“Chest pain since noon”")
    );
    // Who only measures makes no new version of the visit.
    let now = hidden(&both, "version");
    let kept = [("reason", "Chest pain since noon"), ("reason-shown", "Chest pain since noon"), ("pulse", "72")];
    assert_eq!(post(&nurse, &[&kept[..], &[("version", now.as_str())]].concat()).await.status, 303);
    assert_eq!(hidden(&nurse.get(VISIT).await, "version"), now, "the visit has no new version");
}

/// A practice whose visit is this patient's.
async fn visit_of(gender: &str, born: &str) -> Practice {
    let practice = Practice::new().await;
    practice
        .put(json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Larsen", "given": ["Pat"]}], "birthDate": born, "gender": gender}))
        .await;
    practice
        .put(json!({"resourceType": "Encounter", "id": "v", "status": "arrived", "subject": {"reference": "Patient/p"},
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}, "period": {"start": "2026-11-22T14:50:00Z"}}))
        .await;
    practice
}

#[tokio::test]
async fn pregnancies_are_asked_about_where_the_history_asks_and_a_period_is_in_this_life() {
    for (gender, born) in [("male", "1979-12-23"), ("female", "2024-05-01")] {
        let practice = visit_of(gender, born).await;
        let nurse = practice.signed_in(Role::Nurse).await;
        let shown = page(&nurse, VISIT).await;
        assert!(!shown.contains("name=\"period\"") && !shown.contains("Breastfeeding"), "{gender} {born}");
        for field in [("pregnancy", "pregnant"), ("lactation", "yes"), ("period", "2026-11-01")] {
            assert_eq!(post(&nurse, &[field, ("pulse", "90")]).await.status, 422, "{gender} {born} {field:?}");
        }
        assert_eq!(stored(&practice).await.len(), 0);
        // What somebody recorded of pregnancies is gone on with.
        practice
            .put(json!({"resourceType": "Observation", "id": "g", "status": "final", "subject": {"reference": "Patient/p"},
                "code": {"coding": [{"system": "http://loinc.org", "code": "11996-6"}]}, "valueInteger": 1, "effectiveDateTime": "2026-01-02"}))
            .await;
        assert!(page(&nurse, VISIT).await.contains("name=\"period\""));
        assert_eq!(post(&nurse, &[("pregnancy", "not")]).await.status, 303);
    }
    let practice = visit_of("female", "1990-06-15").await;
    let nurse = practice.signed_in(Role::Nurse).await;
    for (day, status) in [("1990-06-14", 422), ("2026-11-23", 422), ("2025-11-21", 409), ("2026-11-01", 303)] {
        assert_eq!(post(&nurse, &[("period", day)]).await.status, status, "{day}");
    }
    let asked = post(&nurse, &[("period", "2019-03-01")]).await;
    let doubts = asked.attribute("name=\"confirmed\"", "value").expect("the doubt");
    assert!(doubts.contains("01-Mar-2019 is more than 12 months ago"), "{doubts}");
    assert_eq!(post(&nurse, &[("period", "2019-03-01"), ("confirmed", &doubts)]).await.status, 303);
}

#[tokio::test]
async fn a_weight_that_is_not_of_this_age_is_asked_about_though_it_is_the_first() {
    for (born, value, unit) in [("1979-12-23", "7.5", "kg"), ("2024-05-01", "80", "kg"), ("1979-12-23", "16", "lb")] {
        let practice = visit_of("female", born).await;
        let nurse = practice.signed_in(Role::Nurse).await;
        let typed = [("weight", value), ("weight-unit", unit)];
        let asked = post(&nurse, &typed).await;
        assert_eq!(asked.status, 409, "{born} {value}");
        let doubts = asked.attribute("name=\"confirmed\"", "value").expect("the doubt");
        assert_eq!(doubts, format!("Weight {value} {unit} is unusual at this age"));
        assert_eq!(stored(&practice).await.len(), 0);
        assert_eq!(post(&nurse, &[&typed[..], &[("confirmed", &doubts)]].concat()).await.status, 303, "{born} {value}");
    }
}

#[tokio::test]
async fn readings_are_of_the_time_they_were_taken_at() {
    let practice = practice().await;
    practice.pass_minutes(30);
    let nurse = practice.signed_in(Role::Nurse).await;
    // 15:30 UTC is 09:30 in Chicago.
    for time in ["09:31", "25:00", "yesterday"] {
        let refused = post(&nurse, &[("pulse", "70"), ("taken", time)]).await;
        let text = refused.text();
        assert!(refused.status == 422 && text.contains("Measured at: choose a time of today"), "{time}: {text}");
    }
    assert_eq!(post(&nurse, &[("pulse", "70"), ("taken", "09:05")]).await.status, 303);
    let all = stored(&practice).await;
    let pulse = of(&all, "8867-4");
    assert_eq!(pulse["effectiveDateTime"], "2026-11-22T15:05:00Z");
    assert_eq!(pulse["issued"], "2026-11-22T15:30:00Z", "when it was recorded");
}

#[tokio::test]
async fn an_adult_s_body_mass_is_computed_of_the_newest_height_and_says_from_when_it_is() {
    for (born, height, weight, day, index) in
        [("1979-12-23", "175", "70", "01-Mar-2025", Some("22.9")), ("2006-05-01", "175", "70", "01-Mar-2025", None)]
    {
        let practice = visit_of("female", born).await;
        for (id, when, value) in [("old", "2020-05-04", "120"), ("new", "2025-03-01", height)] {
            let value: Value = serde_json::from_str(value).expect("a number");
            practice
                .put(json!({"resourceType": "Observation", "id": id, "status": "final", "subject": {"reference": "Patient/p"},
                    "code": {"coding": [{"system": "http://loinc.org", "code": "8302-2"}]}, "effectiveDateTime": when,
                    "valueQuantity": {"value": value, "unit": "cm", "system": "http://unitsofmeasure.org", "code": "cm"}}))
                .await;
        }
        let nurse = practice.signed_in(Role::Nurse).await;
        assert_eq!(post(&nurse, &[("weight", weight), ("weight-unit", "kg")]).await.status, 303);
        let all = stored(&practice).await;
        let found = all.iter().find(|body| body["code"]["coding"][0]["code"] == "39156-5");
        // 70 / 1.75² = 22.86.
        assert_eq!(found.map(|bmi| bmi["valueQuantity"]["value"].to_string()).as_deref(), index, "{born}");
        if let Some(bmi) = found {
            assert_eq!(bmi["method"]["text"], format!("Computed: weight ÷ height²; height 175 cm of {day}"));
            assert_eq!(bmi["derivedFrom"][1]["reference"], "Observation/new");
            assert!(page(&nurse, VISIT).await.contains("height 175 cm of 01-Mar-2025"));
        }
    }
}
