//! Recording allergies: listed, none known and not asked are three things, and the banner tells which.

use crate::support::{page, patient};
use chartroom_tests::{Answer, Browser, Practice};
use serde_json::json;
use store::Role;

const NEW: &str = "/patients/p/allergies/new";

async fn practice() -> Practice {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    patient(&practice, "q", "Okonkwo", "1980-02-03").await;
    let visit = |id: &str, of: &str| {
        json!({"resourceType": "Encounter", "id": id, "status": "arrived", "subject": {"reference": format!("Patient/{of}")},
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}})
    };
    practice.put(visit("v", "p")).await;
    practice.put(visit("other", "q")).await;
    practice
}

async fn post(browser: &Browser, path: &str, change: &[(&str, &str)]) -> Answer {
    let once = browser.get(NEW).await.attribute("name=\"once\"", "value").expect("once");
    let mut fields = vec![
        ("patient", "p"),
        ("version", "1"),
        ("once", once.as_str()),
        ("substance", "Penicillin"),
        ("category", "class"),
        ("reactions", "Hives, wheeze"),
        ("severity", "severe"),
        ("certainty", "unconfirmed"),
        ("onset", "2019"),
    ];
    for (name, value) in change {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    browser.post(path, &fields).await
}

#[tokio::test]
async fn none_known_ends_with_the_first_allergy_that_contradicts_it() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    assert!(page(&nurse, "/patients/p").await.contains("Not asked"));
    let once = nurse.get("/patients/p/allergies").await.attribute("name=\"once\"", "value").expect("the form's key");
    for _ in 0..2 {
        let sent = post(&nurse, "/patients/p/allergies/none", &[("once", &once)]).await;
        assert_eq!(sent.status, 303, "sent twice, it is saved once: {}", sent.text());
    }
    let denied = page(&nurse, "/patients/p/allergies").await;
    assert!(denied.contains("None known") && !denied.contains("Not asked"));
    assert_eq!(post(&nurse, "/patients/p/allergies/none", &[]).await.status, 409, "recorded already");
    let saved = post(&nurse, NEW, &[("visit", "v")]).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    let listed = page(&nurse, "/patients/p/allergies").await;
    assert!(listed.contains("Penicillin: Hives, wheeze (severe), unconfirmed"), "in the banner");
    assert!(!listed.contains("check with the patient"), "nothing contradicts it: none known has ended");
    assert!(listed.contains("No known allergies"), "and it is still there, as what was said");
    assert_eq!(post(&nurse, "/patients/p/allergies/none", &[]).await.status, 409, "one is listed");
    let client = practice.client("system/*.rs").await;
    let found = client.get("/fhir/AllergyIntolerance?patient=p&clinical-status=active").await.json();
    assert_eq!(
        (&found["total"], &found["entry"][0]["resource"]["encounter"]["reference"]),
        (&json!(1), &json!("Encounter/v"))
    );
}

#[tokio::test]
async fn a_denial_of_medicines_stands_beside_an_allergy_to_food() {
    let practice = practice().await;
    practice
        .put(json!({"resourceType": "AllergyIntolerance", "id": "nkda", "patient": {"reference": "Patient/p"},
            "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]},
            "code": {"coding": [{"system": "http://snomed.info/sct", "code": "409137002"}], "text": "No known drug allergy"}}))
        .await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let food = [("substance", "Peanut"), ("category", "food")];
    assert_eq!(post(&nurse, NEW, &food).await.status, 303);
    assert!(page(&nurse, "/patients/p/allergies").await.contains("Asked and denied"));
    assert_eq!(post(&nurse, NEW, &[]).await.status, 303);
    assert!(!page(&nurse, "/patients/p/allergies").await.contains("Asked and denied"));
}

#[tokio::test]
async fn wrong_forms_save_nothing_keep_what_was_typed_and_twice_is_once() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    for (change, status) in [
        (("patient", "q"), 409),
        (("version", ""), 428),
        (("version", "9"), 412),
        (("visit", "other"), 409),
        (("visit", "none"), 404),
        (("substance", "NKDA"), 422),
        (("category", ""), 422),
        (("onset", "2999"), 422),
        (("onset", "1979-11"), 422),
    ] {
        let answer = post(&nurse, NEW, &[change]).await;
        assert_eq!(answer.status, status, "{change:?}");
        assert!(!matches!(status, 412 | 422) || answer.text().contains("value=\"Hives, wheeze\""));
    }
    assert!(page(&nurse, "/patients/p").await.contains("Not asked"), "nothing was saved");
    let key = ("once", "11111111-1111-4111-8111-111111111111");
    for _ in 0..2 {
        assert_eq!(post(&nurse, NEW, &[key, ("substance", "<b>Latex</b>")]).await.status, 303);
    }
    let again = post(&nurse, NEW, &[("substance", "<B>latex</b>")]).await;
    assert!(again.status == 422 && again.text().contains("listed already"));
    let listed = page(&nurse, "/patients/p/allergies").await;
    assert!(listed.contains("&lt;b&gt;Latex&lt;/b&gt;: Hives"));
    let desk = practice.signed_in(Role::FrontDesk).await;
    for path in [NEW, "/patients/p/allergies/none"] {
        assert_eq!(desk.post(path, &[("patient", "p"), ("version", "1")]).await.status, 403);
    }
}

#[tokio::test]
async fn an_allergy_is_changed_as_it_was_shown_and_its_codes_and_versions_stay() {
    let practice = practice().await;
    practice
        .put(json!({"resourceType": "AllergyIntolerance", "id": "pen", "patient": {"reference": "Patient/p"}, "category": ["medication"],
            "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]},
            "verificationStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "code": "unconfirmed"}]},
            "code": {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "7980", "display": "penicillin G"}], "text": "Penicillin G"},
            "reaction": [{"manifestation": [{"text": "Hives"}], "severity": "mild"}]}))
        .await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let form = page(&nurse, "/patients/p/allergies/pen").await;
    assert!(
        form.contains("value=\"Penicillin G\"")
            && form.contains("value=\"Hives\"")
            && form.contains("value=\"mild\" selected")
    );
    let change = |version: &'static str, change: &[(&'static str, &'static str)]| {
        let mut fields = vec![
            ("patient", "p"),
            ("version", version),
            ("substance", "Penicillin G"),
            ("category", "medicine"),
            ("reactions", "Hives"),
        ];
        fields.extend([("severity", "mild"), ("certainty", "unconfirmed"), ("status", "active")]);
        fields.retain(|(name, _)| change.iter().all(|(other, _)| other != name));
        fields.extend_from_slice(change);
        let nurse = &nurse;
        async move { nurse.post("/patients/p/allergies/pen", &fields).await }
    };
    for (version, wrong, status) in [
        ("1", ("patient", "q"), 409),
        ("", ("note", "x"), 428),
        ("9", ("note", "x"), 412),
        ("1", ("substance", "NKDA"), 422),
        ("1", ("status", "gone"), 422),
        ("1", ("onset", "2999-01-02"), 422),
        ("1", ("kind", ""), 422),
    ] {
        let answer = change(version, &[wrong]).await;
        assert_eq!(answer.status, status, "{wrong:?}: {}", answer.text());
        assert!(!matches!(status, 412 | 422) || answer.text().contains("value=\"Hives\""));
    }
    let worse = [
        ("reactions", "Hives, throat swelling"),
        ("severity", "severe"),
        ("criticality", "high"),
        ("certainty", "confirmed"),
        ("note", "In 2019"),
    ];
    assert_eq!(change("1", &worse).await.status, 303);
    let listed = page(&nurse, "/patients/p/allergies").await;
    assert!(listed.contains("Penicillin G: Hives, throat swelling (severe)") && listed.contains("In 2019"), "{listed}");
    let client = practice.client("system/*.rs").await;
    let kept = client.get("/fhir/AllergyIntolerance/pen").await.json();
    assert_eq!((&kept["code"]["coding"][0]["code"], &kept["criticality"]), (&json!("7980"), &json!("high")));
    assert_eq!(client.get("/fhir/AllergyIntolerance/pen/_history/1").await.json()["reaction"][0]["severity"], "mild");
    let refuted = [("certainty", "refuted"), ("reactions", "Hives, throat swelling"), ("severity", "severe")];
    assert_eq!(change("2", &refuted).await.status, 303);
    let after = page(&nurse, "/patients/p/allergies").await;
    assert!(after.contains("Inactive, resolved or refuted") && !after.contains("Not asked"), "it was asked once");
    for path in ["/patients/p", "/patients/p/allergies", "/visits/v"] {
        let shown = page(&nurse, path).await;
        let banner = shown.split_once("class=\"allergies ").expect("a line of allergies").1;
        assert!(banner.split_once("</p>").is_some_and(|(line, _)| line.contains("None active; 1 ended")), "{path}");
    }
    if let Some(paper) = crate::printing::read(&nurse.get("/visits/v/paper").await) {
        assert!(paper.contains("None active; 1 ended.") && !paper.contains("have not been asked"), "{paper}");
    }
    assert_eq!(post(&nurse, "/patients/p/allergies/none", &[]).await.status, 303);
    assert!(page(&nurse, "/patients/p/allergies").await.contains("allergies none"));
    let back = [("reactions", "Hives, throat swelling"), ("severity", "severe"), ("certainty", "confirmed")];
    assert_eq!(change("3", &back).await.status, 303);
    let listed = page(&nurse, "/patients/p/allergies").await;
    assert!(
        listed.contains("allergies listed") && !listed.contains("check with the patient"),
        "none known ended with it"
    );
    practice.put(json!({"resourceType": "AllergyIntolerance", "id": "nka", "patient": {"reference": "Patient/p"}, "code": {"text": "No known allergies"},
        "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]}})).await;
    assert_eq!(nurse.get("/patients/p/allergies/nka").await.status, 404, "that none are known is not changed into one");
}

#[tokio::test]
async fn not_asked_none_known_and_listed_are_three_wherever_they_are_shown() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let everywhere = ["/patients/p", "/patients/p/allergies", "/patients/p/history", "/visits/v", "/visits/v/rooming"];
    let shown = async |class: &str, words: &str| {
        for path in everywhere {
            let shown = page(&nurse, path).await;
            let banner = shown.split_once("class=\"allergies ").expect("a line of allergies").1;
            assert!(
                banner.starts_with(class) && banner.split_once("</p>").is_some_and(|(line, _)| line.contains(words)),
                "{path}: {class}"
            );
        }
    };
    shown("unasked", "Not asked").await;
    assert_eq!(post(&nurse, "/patients/p/allergies/none", &[]).await.status, 303);
    shown("none", "None known").await;
    assert_eq!(post(&nurse, NEW, &[]).await.status, 303);
    shown("listed", "Penicillin").await;
}
