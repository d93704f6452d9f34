//! The chart's pages: what a reader sees of a chart made by hand, as of a day, per role, and whatever the data holds.

use crate::support::{between, chart, coded, page, patient, potassium, subject};
use chartroom_tests::Practice;
use serde_json::json;
use store::Role;

const SECTIONS: [&str; 13] = [
    "",
    "/timeline",
    "/visits",
    "/notes",
    "/problems",
    "/medicines",
    "/allergies",
    "/results",
    "/immunizations",
    "/procedures",
    "/documents",
    "/history",
    "/changes",
];

#[tokio::test]
async fn the_summary_says_what_the_chart_holds() {
    let practice = Practice::new().await;
    chart(&practice).await;
    let browser = practice.signed_in(Role::Clinician).await;
    let page = page(&browser, "/patients/p").await;
    let banner = between(&page, "<section class=\"banner\"", "</section>");
    assert!(
        banner.contains("LARSEN, Pat") && banner.contains("23-Dec-1979 (46 y)") && banner.contains("100\u{a0}001"),
        "{banner}"
    );
    assert!(banner.contains("Penicillin: Anaphylaxis (severe)"), "{banner}");
    let problems = between(&page, "problems-title", "</section>");
    assert!(problems.contains("Asthma") && problems.contains("Mar-2019") && !problems.contains("Sprain"), "{problems}");
    let medicines = between(&page, "medicines-title", "</section>");
    assert!(medicines.contains("hydrALAZINE 25 MG") && medicines.contains("0.5\u{a0}mg twice daily"), "{medicines}");
    assert!(
        !medicines.contains("redniSONE") && medicines.contains("1 stopped"),
        "stopped is never among the active: {medicines}"
    );
    let potassium = between(&page, ">Potassium<", "</tr>");
    assert!(
        potassium.contains("5.60\u{a0}mmol/L") && potassium.contains("▲") && potassium.contains("High"),
        "{potassium}"
    );
    assert!(
        potassium.contains("3.5–5.1\u{a0}mmol/L")
            && potassium.contains("06-Feb-2026")
            && potassium.contains("4.0\u{a0}mmol/L")
    );
    assert!(potassium.contains("<svg class=\"spark\""), "{potassium}");
    assert!(between(&page, ">Blood pressure<", "</tr>").contains("not recorded"));
}

#[tokio::test]
async fn every_section_opens_and_is_audited_once() {
    let practice = Practice::new().await;
    chart(&practice).await;
    let browser = practice.signed_in(Role::Clinician).await;
    for section in SECTIONS {
        let text = page(&browser, &format!("/patients/p{section}")).await;
        assert!(text.contains("LARSEN, Pat") && text.contains("aria-current=\"page\""), "{section}");
    }
    for path in ["/patients/p/results/k2", "/patients/p/results?show=vitals", "/patients/p/results?show=reports"] {
        page(&browser, path).await;
    }
    let plot = page(&browser, "/patients/p/results/k2").await;
    assert!(
        plot.contains("<svg class=\"axes\"")
            && plot.contains("Reference range")
            && plot.contains("Table of these values")
    );
    // This page comes before its own entry is written.
    let access = page(&browser, "/patients/p/access").await;
    assert_eq!(access.matches("Looked at summary").count(), 1);
    assert_eq!(access.matches("Looked at problems").count(), 1);
    assert_eq!(access.matches("Looked at result<").count(), 2, "{access}");
}

#[tokio::test]
async fn the_front_desk_sees_who_it_is_and_nothing_clinical() {
    let practice = Practice::new().await;
    chart(&practice).await;
    let desk = practice.signed_in(Role::FrontDesk).await;
    let text = page(&desk, "/patients/p").await;
    assert!(text.contains("LARSEN, Pat") && text.contains("100\u{a0}001"));
    for clinical in ["Penicillin", "Allergies", "Asthma", "Potassium", "hydrALAZINE", "/problems", "/results"] {
        assert!(!text.contains(clinical), "{clinical}");
    }
    for section in SECTIONS.iter().filter(|section| !["", "/documents"].contains(section)) {
        assert_eq!(desk.get(&format!("/patients/p{section}")).await.status, 403, "{section}");
    }
    assert_eq!(desk.get("/patients/p/results/k2").await.status, 403);
}

#[tokio::test]
async fn the_chart_as_of_a_day_shows_that_day_and_says_so() {
    let practice = Practice::new().await;
    chart(&practice).await;
    practice.pass_minutes(3 * 24 * 60);
    practice.put(potassium("k3", "p", "2026-11-24T15:00:00Z", "3.1")).await;
    let browser = practice.signed_in(Role::Clinician).await;
    let now = page(&browser, "/patients/p").await;
    assert!(now.contains("3.1\u{a0}mmol/L") && !now.contains("Chart as it was"));
    let then = page(&browser, "/patients/p?as-of=2026-11-22").await;
    assert!(
        then.contains("Chart as it was on 22-Nov-2026")
            && then.contains("5.60\u{a0}mmol/L")
            && !then.contains("3.1\u{a0}mmol/L")
    );
    for section in SECTIONS {
        let text = page(&browser, &format!("/patients/p{section}?as-of=2026-11-22")).await;
        assert!(text.contains("Chart as it was on 22-Nov-2026") && !text.contains("3.1\u{a0}mmol/L"), "{section}");
    }
    assert!(then.contains("/patients/p/results/k2?as-of=2026-11-22"), "what is opened from it shows that day too");
    let course = page(&browser, "/patients/p/results/k2?as-of=2026-11-22").await;
    assert!(course.contains("Chart as it was on") && !course.contains("3.1\u{a0}mmol/L"));
    let before = browser.get("/patients/p?as-of=2026-11-20").await;
    assert_eq!(before.status, 409, "before there was a chart");
    assert!(before.text().contains("choose that day or a later one"), "and it says from when on there is one");
    assert_eq!(browser.get("/patients/p?as-of=yesterday").await.status, 404);
}

#[tokio::test]
async fn nothing_of_another_chart_is_reached_through_this_one() {
    let practice = Practice::new().await;
    chart(&practice).await;
    patient(&practice, "q", "Other", "1950-01-01").await;
    practice.put(potassium("kq", "q", "2026-02-06T15:00:00Z", "9.9")).await;
    let browser = practice.signed_in(Role::Clinician).await;
    for path in
        ["/patients/p/results/kq", "/patients/p/changes/Observation/kq", "/patients/p/documents/kq", "/patients/none"]
    {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
}

const HOSTILE: [&str; 6] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "'; DROP TABLE resource; --",
    "\u{202e}gnirts",
    "{{7*7}}${7*7}<svg/onload=alert(1)>",
];

#[tokio::test]
async fn hostile_text_stays_text_in_every_section() {
    let practice = Practice::new().await;
    for (index, text) in HOSTILE.iter().enumerate() {
        let id = format!("h{index}");
        practice
            .put(json!({"resourceType": "Patient", "id": id, "name": [{"family": text, "given": [text]}], "birthDate": "1980-01-01",
                "communication": [{"language": {"text": text}, "preferred": true}], "telecom": [{"system": "phone", "value": text}]}))
            .await;
        let bodies = [
            json!({"resourceType": "Condition", "code": {"text": text}, "subject": subject(&id), "note": [{"text": text}],
                "clinicalStatus": coded("condition-clinical", "active"), "onsetString": text}),
            json!({"resourceType": "AllergyIntolerance", "code": {"text": text}, "patient": subject(&id),
                "clinicalStatus": coded("allergyintolerance-clinical", "active"),
                "reaction": [{"manifestation": [{"text": text}]}]}),
            json!({"resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": subject(&id),
                "medicationCodeableConcept": {"text": text}, "dosageInstruction": [{"text": text}]}),
            json!({"resourceType": "Observation", "status": "final", "subject": subject(&id), "code": {"text": text}, "valueString": text,
                "category": [coded("observation-category", "laboratory")], "effectiveDateTime": "2026-01-02"}),
            json!({"resourceType": "Procedure", "status": "completed", "subject": subject(&id), "code": {"text": text}}),
            json!({"resourceType": "Encounter", "status": "finished", "subject": subject(&id), "class": {"code": "AMB"},
                "reasonCode": [{"text": text}]}),
            json!({"resourceType": "DocumentReference", "status": "current", "subject": subject(&id), "description": text,
                "content": [{"attachment": {"contentType": "text/html", "title": text, "data": "PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pkhp"}}]}),
            json!({"resourceType": "FamilyMemberHistory", "status": "completed", "patient": subject(&id),
                "relationship": {"text": text}, "condition": [{"code": {"text": text}}]}),
        ];
        for (number, mut body) in bodies.into_iter().enumerate() {
            body["id"] = json!(format!("{id}-{number}"));
            practice.put(body).await;
        }
    }
    let browser = practice.signed_in(Role::Clinician).await;
    for index in 0..HOSTILE.len() {
        let id = format!("h{index}");
        let more = [
            format!("/visits/{id}-5"),
            format!("/patients/{id}/documents/{id}-6"),
            format!("/patients/{id}/results/{id}-3"),
            format!("/patients/{id}/changes/Condition/{id}-0"),
        ];
        for path in SECTIONS.iter().map(|section| format!("/patients/{id}{section}")).chain(more) {
            let text = page(&browser, &path).await;
            for live in ["<script>alert", "<img src=x", "<svg/onload", "href=\"javascript:"] {
                assert!(!text.contains(live), "{path}: {live}");
            }
            let mut shown = text.split('<').filter_map(|piece| piece.split_once('>'));
            assert!(shown.all(|(_, words)| !words.contains('\u{202e}')), "{path}: turns the direction");
        }
    }
}
