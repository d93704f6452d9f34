//! The chart's pages: what a reader sees of a chart made by hand, as of a day, per role, and whatever the data holds.

use chartroom_tests::{Browser, Practice};
use serde_json::{Value, json};
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

fn subject(id: &str) -> Value {
    json!({"reference": format!("Patient/{id}")})
}

fn coded(system: &str, code: &str) -> Value {
    json!({"coding": [{"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code}]})
}

async fn patient(practice: &Practice, id: &str, family: &str, born: &str) {
    practice
        .put(json!({"resourceType": "Patient", "id": id, "name": [{"family": family, "given": ["Pat"]}], "birthDate": born,
            "gender": "female"}))
        .await;
}

fn potassium(id: &str, patient: &str, when: &str, value: &str) -> Value {
    let number: Value = serde_json::from_str(value).expect("number");
    json!({"resourceType": "Observation", "id": id, "status": "final", "subject": subject(patient),
        "category": [coded("observation-category", "laboratory")],
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}], "text": "Potassium"}, "effectiveDateTime": when,
        "valueQuantity": {"value": number, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L"},
        "referenceRange": [{"low": {"value": 3.5, "unit": "mmol/L"}, "high": {"value": 5.1, "unit": "mmol/L"}}]})
}

/// A small chart whose page can be worked out by hand.
async fn chart(practice: &Practice) {
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

async fn page(browser: &Browser, path: &str) -> String {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{path}");
    answer.text()
}

/// The part of a page between two of its texts.
fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let rest = page.split_once(from).unwrap_or_else(|| panic!("{from} is not on the page")).1;
    rest.split_once(to).map_or(rest, |(part, _)| part)
}

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

#[tokio::test]
async fn an_entry_is_marked_in_error_with_its_reason_and_the_mark_can_be_taken_back() {
    let practice = Practice::new().await;
    chart(&practice).await;
    let browser = practice.signed_in(Role::Clinician).await;
    let entry = "/patients/p/changes/Condition/asthma";
    let fields =
        |version: &'static str, reason: &'static str| [("patient", "p"), ("version", version), ("reason", reason)];
    page(&browser, entry).await;

    assert_eq!(browser.post(&format!("{entry}/error"), &fields("", "x")).await.status, 428);
    assert_eq!(browser.post(&format!("{entry}/error"), &fields("7", "x")).await.status, 412);
    let wrong = [("patient", "q"), ("version", "1"), ("reason", "x")];
    assert_eq!(browser.post(&format!("{entry}/error"), &wrong).await.status, 409);
    let unsaid = browser.post(&format!("{entry}/error"), &fields("1", " ")).await;
    assert_eq!(unsaid.status, 422);
    assert!(unsaid.text().contains("say in a few words why"));

    assert_eq!(browser.post(&format!("{entry}/error"), &fields("1", "Heard of a cousin")).await.status, 303);
    let summary = page(&browser, "/patients/p").await;
    assert!(!between(&summary, "problems-title", "</section>").contains("Asthma"));
    let problems = page(&browser, "/patients/p/problems").await;
    let errors = between(&problems, "Entered in error <", "</section>");
    assert!(
        errors.contains("Asthma") && errors.contains("Heard of a cousin") && errors.contains("Test clinician"),
        "{errors}"
    );
    let versions = page(&browser, entry).await;
    assert!(versions.contains("Version 2") && versions.contains("Marked as entered in error"), "{versions}");

    assert_eq!(browser.post(&format!("{entry}/restore"), &fields("2", "")).await.status, 303);
    let summary = page(&browser, "/patients/p").await;
    assert!(between(&summary, "problems-title", "</section>").contains("Asthma"));
    assert!(page(&browser, entry).await.contains("Version 3"));
}

#[tokio::test]
async fn an_entry_of_another_patient_is_moved_and_both_charts_tell_of_it() {
    let practice = Practice::new().await;
    chart(&practice).await;
    patient(&practice, "q", "Other", "1950-01-01").await;
    let browser = practice.signed_in(Role::Clinician).await;
    let entry = "/patients/p/changes/Observation/k2";
    page(&browser, entry).await;
    let fields = |number: &'static str, birth: &'static str| {
        [
            ("patient", "p"),
            ("version", "1"),
            ("reason", "Tube was mislabelled"),
            ("record_number", number),
            ("birth_date", birth),
        ]
    };
    for (number, birth) in [
        ("100002", "2 January 1950"),
        ("100001", "23 Dec 1979"),
        ("999999", "1 Jan 1950"),
        ("", ""),
        ("100002", "soon"),
    ] {
        let refused = browser.post(&format!("{entry}/move"), &fields(number, birth)).await;
        assert_eq!(refused.status, 422, "{number} {birth}");
    }
    let moved = browser.post(&format!("{entry}/move"), &fields("100 002", "1 Jan 1950")).await;
    assert_eq!((moved.status, moved.location()), (303, entry), "{}", moved.text());

    let left = page(&browser, "/patients/p").await;
    assert!(!left.contains("5.60") && left.contains("4.0\u{a0}mmol/L"));
    let changes = page(&browser, "/patients/p/changes").await;
    assert!(changes.contains("Entry moved to another patient"), "{changes}");
    assert!(page(&browser, entry).await.contains("no longer in this chart"));

    let right = page(&browser, "/patients/q").await;
    assert!(right.contains("5.60\u{a0}mmol/L"));
    assert!(page(&browser, "/patients/q/results/k2").await.contains("Moved here from another chart"));
    assert!(page(&browser, "/patients/q/changes").await.contains("Entry moved here from another patient"));
    assert!(!right.contains("LARSEN"), "the other patient is not named");
    for chart in ["p", "q"] {
        assert!(
            page(&browser, &format!("/patients/{chart}/access")).await.contains("Moved an entry between charts"),
            "{chart}"
        );
    }
    let nurse = practice.signed_in(Role::Nurse).await;
    assert_eq!(
        nurse.post("/patients/p/changes/Observation/k1/move", &fields("100002", "1 Jan 1950")).await.status,
        403
    );
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
        }
    }
}

#[tokio::test]
async fn files_are_served_as_what_they_are_and_cannot_act() {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    // <svg onload=…>, a PDF's first bytes, a PNG's first bytes.
    let files = [
        ("image/svg+xml", "PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIj48L3N2Zz4=", "text/plain; charset=utf-8"),
        ("text/html", "JVBERi0xLjcKJQ==", "application/pdf"),
        ("text/html", "iVBORw0KGgoAAAA=", "image/png"),
        ("application/pdf", "AAECAwQ=", "application/octet-stream"),
    ];
    let content: Vec<Value> =
        files.iter().map(|(said, data, _)| json!({"attachment": {"contentType": said, "data": data}})).collect();
    practice
        .put(json!({"resourceType": "DocumentReference", "id": "d", "status": "current", "subject": subject("p"), "content": content}))
        .await;
    let browser = practice.signed_in(Role::Nurse).await;
    for (number, (said, _, served)) in files.iter().enumerate() {
        let answer = browser.get(&format!("/patients/p/files/DocumentReference/d/{number}")).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), *served, "said to be {said}");
        assert!(answer.header("content-disposition").starts_with("attachment"));
        assert!(answer.header("content-security-policy").starts_with("sandbox"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    assert_eq!(browser.get("/patients/p/files/DocumentReference/d/9").await.status, 404);
    let text = page(&browser, "/patients/p/documents/d").await;
    assert!(!text.contains("<svg onload"));
}

#[tokio::test]
async fn a_file_of_another_chart_is_not_shown_through_a_document_that_names_it() {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    patient(&practice, "q", "Moreau", "1984-02-11").await;
    let binary = |id: &str, context: Option<&str>| {
        let mut body =
            json!({"resourceType": "Binary", "id": id, "contentType": "text/plain", "data": "U2VjcmV0IGxldHRlcg=="});
        if let Some(context) = context {
            body["securityContext"] = json!({"reference": context});
        }
        body
    };
    for body in [
        binary("own", None),
        binary("own-context", Some("Patient/p")),
        binary("theirs", None),
        binary("theirs-by-version", None),
        binary("their-context", Some("Patient/q")),
        binary("their-visit", Some("Encounter/v")),
    ] {
        practice.put(body).await;
    }
    practice
        .put(json!({"resourceType": "Encounter", "id": "v", "status": "finished", "subject": subject("q"),
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}}))
        .await;
    let document = |id: &str, patient: &str, url: &str| {
        json!({"resourceType": "DocumentReference", "id": id, "status": "current", "subject": subject(patient),
            "content": [{"attachment": {"contentType": "text/plain", "url": url}}]})
    };
    practice.put(document("theirs", "q", "Binary/theirs")).await;
    practice.put(document("theirs-by-version", "q", "Binary/theirs-by-version/_history/1")).await;
    let browser = practice.signed_in(Role::Nurse).await;
    for (name, status) in [
        ("own", 200),
        ("own-context", 200),
        ("theirs", 404),
        ("theirs-by-version", 404),
        ("their-context", 404),
        ("their-visit", 404),
    ] {
        let id = format!("mine-{name}");
        practice.put(document(&id, "p", &format!("Binary/{name}"))).await;
        let file = browser.get(&format!("/patients/p/files/DocumentReference/{id}/0")).await;
        assert_eq!(file.status, status, "{name}");
        let shown = page(&browser, &format!("/patients/p/documents/{id}")).await.contains("Secret letter");
        assert_eq!(shown, status == 200, "{name}");
    }
}
