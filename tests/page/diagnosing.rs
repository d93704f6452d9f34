//! A diagnosis from its words to the chart, and what is refused.

use crate::support::{coded, page, patient, subject};
use chartroom_tests::{Answer, Browser, Practice};
use serde_json::json;
use store::Role;

const NEW: &str = "/patients/p/problems/new";

async fn practice() -> Practice {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    patient(&practice, "q", "Okonkwo", "1980-02-03").await;
    for (id, of) in [("v", "p"), ("w", "q")] {
        practice
            .put(json!({"resourceType": "Encounter", "id": id, "subject": subject(of), "status": "in-progress",
                "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}}))
            .await;
    }
    practice
}

/// The form for a code as its page shows it, with what a user would type.
pub async fn form(browser: &Browser, address: &str, code: &str) -> Vec<(&'static str, String)> {
    let first = browser.get(address).await;
    let hidden =
        |answer: &Answer, name: &str| answer.attribute(&format!("name=\"{name}\""), "value").unwrap_or_default();
    let mut form: Vec<_> =
        ["patient", "once", "visit", "visit_version"].map(|name| (name, hidden(&first, name))).into();
    form.push(("pick", code.to_owned()));
    let new = address.split('?').next().expect("a path");
    let chosen = browser.post(new, &lent(&form)).await;
    assert_eq!(chosen.status, 200);
    form.pop();
    form.extend(["code", "seen"].map(|name| (name, hidden(&chosen, name))));
    form.extend([("step", "save"), ("status", "active"), ("certainty", "confirmed")].map(|(a, b)| (a, b.to_owned())));
    form
}

pub fn lent<'a>(form: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    form.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

#[tokio::test]
async fn a_visit_s_diagnosis_is_found_recorded_ranked_and_promoted() {
    let practice = practice().await;
    let doctor = practice.signed_in(Role::Clinician).await;
    let found = doctor.post(NEW, &[("patient", "p"), ("step", "find"), ("q", "high blood pressure")]).await.text();
    assert!(found.contains("value=\"I10\"") && found.contains("Billable"));
    let mut sent = form(&doctor, &format!("{NEW}?visit=v"), "I10").await;
    sent.extend([("onset", "2019-03".to_owned()), ("note", "Home readings 150".to_owned())]);
    let saved = doctor.post(NEW, &lent(&sent)).await;
    assert_eq!((saved.status, saved.location()), (303, "/visits/v"), "{}", saved.text());
    let again = doctor.post(NEW, &lent(&sent)).await;
    assert_eq!(again.status, 303, "sent twice");
    let second = form(&doctor, &format!("{NEW}?visit=v"), "E11.9").await;
    assert_eq!(doctor.post(NEW, &lent(&second)).await.status, 303);

    let client = practice.client("system/*.rs").await;
    let visit = client.get("/fhir/Encounter/v").await.json();
    assert_eq!(visit["diagnosis"].as_array().map(Vec::len), Some(2), "{visit}");
    assert_eq!((&visit["diagnosis"][0]["rank"], &visit["diagnosis"][1]["rank"]), (&json!(1), &json!(2)));
    let condition = visit["diagnosis"][0]["condition"]["reference"].as_str().expect("a reference").to_owned();
    let said = client.get(&format!("/fhir/{condition}")).await.json();
    assert_eq!(said["code"]["coding"][0]["system"], "http://hl7.org/fhir/sid/icd-10-cm");
    assert_eq!((&said["code"]["coding"][0]["code"], &said["onsetDateTime"]), (&json!("I10"), &json!("2019-03")));
    assert_eq!(
        (&said["encounter"]["reference"], &said["note"][0]["text"]),
        (&json!("Encounter/v"), &json!("Home readings 150"))
    );
    assert_eq!(said["category"].as_array().map(Vec::len), Some(1), "not on the problem list");

    let address = condition.replace("Condition/", "/patients/p/problems/");
    assert!(page(&doctor, &address).await.contains("Put on the problem list"));
    let promote = [("patient", "p"), ("version", "1")];
    assert_eq!(doctor.post(&format!("{address}/promote"), &promote).await.status, 303);
    assert_eq!(doctor.post(&format!("{address}/promote"), &promote).await.status, 412, "somebody did so meanwhile");
    let course = [
        ("patient", "p"),
        ("version", "2"),
        ("certainty", "confirmed"),
        ("status", "resolved"),
        ("onset", "2019-03"),
        ("ended", "2020"),
        ("severity", "255604002"),
    ];
    assert_eq!(doctor.post(&address, &course).await.status, 303);
    let said = client.get(&format!("/fhir/{condition}")).await.json();
    assert_eq!((said["category"].as_array().map(Vec::len), &said["abatementDateTime"]), (Some(2), &json!("2020")));
    let officer = practice.signed_in(Role::PrivacyOfficer).await;
    for action in ["diagnosis.record", "diagnosis.promote", "diagnosis.change"] {
        assert!(officer.post("/audit", &[("action", action)]).await.text().contains("LARSEN"), "{action}");
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_nothing_is_saved() {
    let practice = practice().await;
    let doctor = practice.signed_in(Role::Clinician).await;
    let good = form(&doctor, &format!("{NEW}?visit=v"), "I10").await;
    let changed = |change: &[(&'static str, &str)]| -> Vec<(&'static str, String)> {
        let mut form: Vec<_> =
            good.iter().filter(|(name, _)| change.iter().all(|(other, _)| other != name)).cloned().collect();
        form.extend(change.iter().map(|(name, value)| (*name, (*value).to_owned())));
        form
    };
    for (change, status, words) in [
        (vec![("code", "E11.77")], 422, "E11.77 is no code"),
        (vec![("onset", "2999")], 422, "cannot be to come"),
        (vec![("onset", "1979-11")], 422, "before the patient was born"),
        (vec![("status", "resolved"), ("onset", "2019"), ("ended", "2018")], 422, "before it began"),
        (vec![("code", "E11"), ("axis-Condition", "no such choice")], 422, "Choices"),
        (vec![("visit", "w"), ("visit_version", "1")], 409, ""),
        (vec![("patient", "q")], 409, ""),
        (vec![("visit_version", "9")], 412, "look at it once more"),
        (vec![("visit_version", "")], 428, ""),
    ] {
        let answer = doctor.post(NEW, &lent(&changed(&change))).await;
        assert_eq!(answer.status, status, "{change:?}");
        assert!(answer.text().contains(words), "{change:?}: {}", answer.text());
    }
    let client = practice.client("system/*.rs").await;
    assert_eq!(client.get("/fhir/Condition?patient=p").await.json()["total"], 0);
    let nurse = practice.signed_in(Role::Nurse).await;
    assert_eq!(nurse.post(NEW, &lent(&good)).await.status, 403);
}

#[tokio::test]
async fn what_is_not_coded_together_is_shown_before_it_is_saved() {
    let practice = practice().await;
    practice
        .put(json!({"resourceType": "Condition", "id": "t1", "subject": subject("p"),
            "clinicalStatus": coded("condition-clinical", "active"), "category": [coded("condition-category", "problem-list-item")],
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "E10.9"}], "text": "Type 1 diabetes"}}))
        .await;
    let doctor = practice.signed_in(Role::Clinician).await;
    let mut sent = form(&doctor, NEW, "E11.9").await;
    let seen = sent.iter().position(|(name, _)| *name == "seen").expect("seen");
    let shown = std::mem::take(&mut sent[seen].1);
    let unseen = doctor.post(NEW, &lent(&sent)).await;
    assert!(unseen.status == 422 && unseen.text().contains("Excludes1"));
    sent[seen].1 = shown;
    assert_eq!(doctor.post(NEW, &lent(&sent)).await.status, 303, "shown, it is no refusal");
}

#[tokio::test]
async fn an_imported_problem_keeps_its_code_and_gathers_what_belongs_to_it() {
    let practice = practice().await;
    practice
        .put(json!({"resourceType": "Condition", "id": "asthma", "subject": subject("p"), "encounter": {"reference": "Encounter/v"},
            "clinicalStatus": coded("condition-clinical", "active"), "onsetAge": {"value": 40, "code": "a", "system": "http://unitsofmeasure.org"},
            "severity": {"coding": [{"system": "urn:other", "code": "3"}], "text": "Grade three"},
            "code": {"coding": [{"system": "http://snomed.info/sct", "code": "195967001", "display": "Asthma"}], "text": "Asthma, as they say"}}))
        .await;
    practice
        .put(json!({"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order", "subject": subject("p"),
            "medicationCodeableConcept": {"text": "Salbutamol"}, "reasonReference": [{"reference": "Condition/asthma"}]}))
        .await;
    let doctor = practice.signed_in(Role::Clinician).await;
    let address = "/patients/p/problems/asthma";
    let shown = page(&doctor, address).await;
    for words in ["Asthma, as they say", "195967001", "Grade three", "/visits/v", "albutamol"] {
        assert!(shown.contains(words), "{words}");
    }
    let course = [("patient", "p"), ("version", "1"), ("status", "remission"), ("note", "Quiet since May")];
    assert_eq!(doctor.post(address, &course).await.status, 303);
    let said = practice.client("system/*.rs").await.get("/fhir/Condition/asthma").await.json();
    assert_eq!((&said["code"]["coding"][0]["code"], &said["onsetAge"]["value"]), (&json!("195967001"), &json!(40)));
    assert_eq!(
        (&said["severity"]["text"], &said["note"][0]["text"]),
        (&json!("Grade three"), &json!("Quiet since May"))
    );
    assert_eq!(said["clinicalStatus"]["coding"][0]["code"], "remission");
    assert_eq!(said.get("verificationStatus"), None, "how sure it is was not said, and is not made up");
}

#[tokio::test]
async fn what_was_only_thought_of_comes_to_be_confirmed_or_refuted() {
    let practice = practice().await;
    let thought = |id: &str, words: &str| {
        json!({"resourceType": "Condition", "id": id, "subject": subject("p"), "code": {"text": words},
            "clinicalStatus": coded("condition-clinical", "active"), "verificationStatus": coded("condition-ver-status", "differential")})
    };
    practice.put(thought("pe", "Pulmonary embolism")).await;
    practice.put(thought("tb", "Tuberculosis")).await;
    let doctor = practice.signed_in(Role::Clinician).await;
    let client = practice.client("system/*.rs").await;
    for (id, certainty) in [("pe", "confirmed"), ("tb", "refuted")] {
        let address = format!("/patients/p/problems/{id}");
        let form = page(&doctor, &address).await;
        assert!(form.contains("value=\"differential\" selected") && form.contains("value=\"refuted\""), "{form}");
        let judged = |certainty: &'static str| {
            [("patient", "p"), ("version", "1"), ("status", "active"), ("certainty", certainty)]
        };
        for wrong in ["", "entered-in-error", "sure"] {
            assert_eq!(doctor.post(&address, &judged(wrong)).await.status, 422, "{wrong}");
        }
        assert_eq!(doctor.post(&address, &judged(certainty)).await.status, 303);
        let said = client.get(&format!("/fhir/Condition/{id}")).await.json();
        assert_eq!(said["verificationStatus"]["coding"][0]["code"], certainty);
    }
    let summary = page(&doctor, "/patients/p").await;
    let problems = crate::support::between(&summary, "problems-title", "</section>");
    assert!(problems.contains("Pulmonary embolism") && !problems.contains("Differential"), "{problems}");
    assert!(!problems.contains("Tuberculosis"), "what is refuted is no problem: {problems}");
}

#[tokio::test]
async fn starred_and_recorded_codes_stand_there_before_anything_is_typed_and_come_first_in_a_search() {
    let practice = practice().await;
    let doctor = practice.signed_in(Role::Clinician).await;
    let find = async |words: &str| doctor.post("/diagnoses/find", &[("q", words), ("day", "2026-05-01")]).await;
    let first = |answer: &Answer| answer.attribute("role=\"option\"", "data-code").expect("a hit");
    let before = find("hypertension").await;
    assert!(before.status == 200 && before.text().contains("Billable"), "{}", before.text());
    assert_ne!(first(&before), "I15.9");
    let starred = doctor.post(NEW, &[("patient", "p"), ("q", "hypertension"), ("star", "I15.9")]).await.text();
    assert!(starred.contains("aria-pressed=\"true\""), "{starred}");
    assert_eq!(first(&find("secondary hypertension unspecified").await), "I15.9");
    let second = form(&doctor, NEW, "E11.9").await;
    assert_eq!(doctor.post(NEW, &lent(&second)).await.status, 303);
    assert_eq!(doctor.post("/preferences", &[("theme", "dark")]).await.status, 303);
    let fresh = page(&doctor, NEW).await;
    let (favourites, recent) = (
        crate::support::between(&fresh, "Favourites", "</section>"),
        crate::support::between(&fresh, "Recorded last", "</section>"),
    );
    assert!(favourites.contains("value=\"I15.9\"") && recent.contains("value=\"E11.9\""), "{fresh}");
    let other = practice.signed_in(Role::Clinician).await;
    assert!(!page(&other, NEW).await.contains("Favourites"), "each has their own");
    let nurse = practice.signed_in(Role::Nurse).await;
    assert_eq!(nurse.post("/diagnoses/find", &[("q", "gout")]).await.status, 403);
}

#[tokio::test]
async fn the_edition_of_the_visit_s_day_answers_and_where_none_is_in_effect_it_says_so() {
    let practice = practice().await;
    let doctor = practice.signed_in(Role::Clinician).await;
    let warned = page(&doctor, NEW).await;
    assert!(warned.contains("No edition of ICD-10-CM at hand is in effect on 22-Nov-2026"), "{warned}");
    let edition = reference::icd10cm::Edition {
        name: "FY2027".to_owned(),
        from: jiff::civil::date(2026, 10, 1),
        to: jiff::civil::date(2027, 9, 30),
        source: "made up for this test".to_owned(),
    };
    let order = format!(
        "00001 I10     1 {:<60} Essential (primary) hypertension, as FY2027 says\n",
        "Essential (primary) hypertension"
    );
    let codes = reference::icd10cm::read_order(edition, order.as_bytes()).expect("an order file");
    clinic::terminology::keep_icd10cm(practice.store(), &practice.program(), &codes).await.expect("kept");
    practice.pass_minutes(2);
    let now = page(&doctor, NEW).await;
    assert!(
        now.contains("ICD-10-CM FY2027, in effect 01-Oct-2026 to 30-Sep-2027") && !now.contains("No edition"),
        "{now}"
    );
    let found = doctor.post("/diagnoses/find", &[("q", "hypertension"), ("day", "2026-11-22")]).await.text();
    assert!(found.contains("as FY2027 says"), "{found}");
    let earlier = doctor.post("/diagnoses/find", &[("q", "hypertension"), ("day", "2026-05-01")]).await.text();
    assert!(!earlier.contains("as FY2027 says") && earlier.contains("I10"), "{earlier}");
}
