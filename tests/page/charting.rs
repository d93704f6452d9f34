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
async fn a_computed_value_is_shown_rounded_and_told_whole() {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    let part = |code: &str, value: &str| {
        let number: serde_json::Value = serde_json::from_str(value).expect("number");
        json!({"code": {"coding": [{"system": "http://loinc.org", "code": code}], "text": code},
            "valueQuantity": {"value": number, "unit": "mm[Hg]", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}})
    };
    let pressure = json!({"resourceType": "Observation", "id": "bp", "status": "final", "subject": subject("p"),
        "category": [coded("observation-category", "vital-signs")], "effectiveDateTime": "2026-01-02T10:00:00Z",
        "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}], "text": "Blood pressure"},
        "component": [part("8480-6", "106.15610383944654"), part("8462-4", "84.33327515701117")]});
    practice.put(pressure).await;
    practice.put(potassium("k1", "p", "2026-01-06T15:00:00Z", "4.1234")).await;
    practice.put(potassium("k2", "p", "2026-02-06T15:00:00Z", "4.98765432101234")).await;
    let browser = practice.signed_in(Role::Clinician).await;
    let summary = page(&browser, "/patients/p").await;
    let row = between(&summary, ">Blood pressure<", "</tr>");
    assert!(row.contains(">≈\u{a0}106.16/84.33\u{a0}mmHg<"), "{row}");
    assert!(row.contains("title=\"As reported: 106.15610383944654/84.33327515701117\u{a0}mmHg\""), "{row}");
    let row = between(&summary, ">Potassium<", "</tr>");
    assert!(row.contains(">≈\u{a0}4.99\u{a0}mmol/L<") && row.contains(">4.1234\u{a0}mmol/L<"), "{row}");
    for path in ["/patients/p/results", "/patients/p/results?show=table"] {
        assert!(page(&browser, path).await.contains("≈\u{a0}4.99\u{a0}mmol/L"), "{path}");
    }
    let one = page(&browser, "/patients/p/results/k2").await;
    assert!(one.contains("Potassium as reported") && one.contains("4.98765432101234\u{a0}mmol/L"), "{one}");
    let entry = page(&browser, "/patients/p/changes/Observation/k2").await;
    assert!(between(&entry, "facts-title", "</section>").contains("4.98765432101234"), "the entry says all of it");
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
    for path in ["/patients/p/results/k2", "/patients/p/vitals", "/patients/p/results?show=reports"] {
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
    assert_eq!((before.status, before.location()), (303, "/patients/p/changes?show=early"), "before there was a chart");
    let early = page(&browser, "/patients/p/changes?show=early").await;
    assert!(
        early.contains("choose that day or a later one") && early.contains("LARSEN, Pat"),
        "within the chart: {early}"
    );
    assert!(between(&early, "id=\"as-of\"", ">").contains("min=\"2026-11-22\""), "{early}");
    assert!(now.contains("/patients/p/edit\"") && !then.contains("/patients/p/edit\""), "the past is not edited");
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

#[tokio::test]
async fn the_most_dangerous_allergy_stands_first_and_an_active_visit_diagnosis_is_on_the_summary() {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    let allergy = |id: &str, words: &str, certainty: &str, criticality: &str, reaction: &str| {
        json!({"resourceType": "AllergyIntolerance", "id": id, "patient": subject("p"), "code": {"text": words},
            "clinicalStatus": coded("allergyintolerance-clinical", "active"), "criticality": criticality,
            "verificationStatus": coded("allergyintolerance-verification", certainty),
            "reaction": [{"manifestation": [{"text": reaction}]}]})
    };
    practice.put(allergy("a", "Aspirin", "unconfirmed", "high", "Wheeze")).await;
    practice.put(allergy("b", "Birch", "confirmed", "low", "Sneezing")).await;
    practice.put(allergy("c", "Cashew", "confirmed", "unable-to-assess", "Rash")).await;
    practice.put(allergy("w", "Wasp venom", "confirmed", "high", "Swelling")).await;
    practice.put(allergy("z", "Zebra fish", "confirmed", "low", "Anaphylaxis")).await;
    for (id, words, status) in
        [("x", "Gout", "active"), ("y", "Gout", "active"), ("v", "Sore throat", "resolved"), ("u", "Asthma", "active")]
    {
        practice
            .put(json!({"resourceType": "Condition", "id": id, "subject": subject("p"), "code": {"text": words},
                "clinicalStatus": coded("condition-clinical", status),
                "category": [coded("condition-category", "encounter-diagnosis")]}))
            .await;
    }
    practice
        .put(json!({"resourceType": "Condition", "id": "l", "subject": subject("p"), "code": {"text": "Asthma"},
            "clinicalStatus": coded("condition-clinical", "active"),
            "category": [coded("condition-category", "problem-list-item")]}))
        .await;
    let browser = practice.signed_in(Role::Clinician).await;
    let summary = page(&browser, "/patients/p").await;
    let line = between(&summary, "class=\"allergies listed\"", "</p>");
    let mut places = Vec::new();
    for words in ["Zebra fish", "Wasp venom", "Aspirin", "Cashew", "Birch"] {
        places.push(line.find(words).expect("on the banner"));
    }
    assert!(places.is_sorted(), "{line}");
    let problems = between(&summary, "id=\"problems-title\"", "</section>");
    assert_eq!((problems.matches("Gout").count(), problems.matches("Asthma").count()), (1, 1), "{problems}");
    assert!(between(problems, "Gout", "</li>").contains("Visit diagnosis"), "{problems}");
    assert!(!between(problems, "Asthma", "</li>").contains("Visit diagnosis") && !problems.contains("Sore throat"));
}

#[tokio::test]
async fn a_day_to_come_is_refused_in_words_and_a_sheet_says_where_when_and_by_whom_it_was_printed() {
    let practice = Practice::new().await;
    chart(&practice).await;
    let browser = practice.signed_in(Role::Clinician).await;
    // In Chicago it is still the 22nd at 15:00 UTC.
    for section in ["", "/problems", "/changes"] {
        let answer = browser.get(&format!("/patients/p{section}?as-of=2026-11-23")).await;
        assert_eq!(answer.status, 400, "{section}");
        assert!(answer.text().contains("has not been yet"));
    }
    assert_eq!(browser.get("/patients/p?as-of=2026-11-22").await.status, 200);
    let sheet = page(&browser, "/patients/p/medicines").await;
    let head = between(&sheet, "class=\"sheet-head\"", "sheet-body");
    for words in ["Test Practice", "22-Nov-2026 09:00", "by Test clinician"] {
        assert!(head.contains(words), "{words} in {head}");
    }
}

#[tokio::test]
async fn none_known_beside_an_active_allergy_is_called_out() {
    let practice = Practice::new().await;
    chart(&practice).await;
    let denial = json!({"resourceType": "AllergyIntolerance", "id": "none", "patient": subject("p"),
        "clinicalStatus": coded("allergyintolerance-clinical", "active"),
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "716186003", "display": "No known allergy"}]}});
    practice.put(denial).await;
    let browser = practice.signed_in(Role::Clinician).await;
    for path in ["/patients/p", "/patients/p/allergies"] {
        let shown = page(&browser, path).await;
        assert!(shown.contains("Says “No known allergy”, but entries are listed"), "{path}: {shown}");
        let banner = between(&shown, "<section class=\"banner\"", "</section>");
        assert!(banner.contains("Penicillin") && !banner.contains("No known"), "an active allergy wins: {banner}");
    }
}

#[tokio::test]
async fn a_clinician_sees_contacts_appointments_coverage_goals_and_plans() {
    let practice = Practice::new().await;
    practice
        .put(json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Larsen", "given": ["Pat"]}], "birthDate": "1979-12-23",
            "telecom": [{"system": "phone", "use": "home", "value": "555-0101"}, {"system": "phone", "use": "mobile", "value": "555-0102"}],
            "address": [{"line": ["1 Elm Street"], "city": "Lindow"}],
            "contact": [{"name": {"text": "Kim Larsen"}, "relationship": [{"text": "Sister"}], "telecom": [{"system": "phone", "value": "555-0103"}]}]}))
        .await;
    for (id, start, status, what) in [
        ("late", "2027-01-05T15:00:00Z", "booked", "Yearly review"),
        ("soon", "2026-12-05T15:00:00Z", "booked", "Blood pressure check"),
        ("off", "2026-12-04T15:00:00Z", "cancelled", "Never to be"),
        ("past", "2026-01-05T15:00:00Z", "booked", "Long past"),
    ] {
        practice
            .put(json!({"resourceType": "Appointment", "id": id, "status": status, "start": start, "end": start, "description": what,
                "participant": [{"actor": subject("p"), "status": "accepted"}]}))
            .await;
    }
    practice
        .put(json!({"resourceType": "Coverage", "id": "c", "status": "active", "beneficiary": subject("p"), "subscriberId": "M77",
            "payor": [{"display": "Lindow Mutual"}]}))
        .await;
    for (id, status, what) in [("g", "active", "Walk every day"), ("h", "cancelled", "Run a marathon")] {
        practice
            .put(json!({"resourceType": "Goal", "id": id, "lifecycleStatus": status, "subject": subject("p"), "description": {"text": what},
                "target": [{"dueDate": "2027-03-01"}]}))
            .await;
    }
    practice
        .put(json!({"resourceType": "CarePlan", "id": "cp", "status": "active", "intent": "plan", "subject": subject("p"),
            "title": "Diabetes self management"}))
        .await;
    let browser = practice.signed_in(Role::Clinician).await;
    let shown = page(&browser, "/patients/p").await;
    let reach = between(&shown, "reach-title", "</section>");
    for said in ["555-0101", "555-0102", "1 Elm Street", "Kim Larsen, 555-0103", "Lindow Mutual", "M77"] {
        assert!(reach.contains(said), "{said}: {reach}");
    }
    let (soon, late) = (reach.find("Blood pressure check").expect("next"), reach.find("Yearly review").expect("later"));
    assert!(soon < late && !reach.contains("Never to be") && !reach.contains("Long past"), "{reach}");
    let plans = between(&shown, "plans-title", "</section>");
    assert!(
        plans.contains("Walk every day") && plans.contains("01-Mar-2027") && plans.contains("Diabetes self management"),
        "{plans}"
    );
    assert!(!plans.contains("marathon"), "{plans}");
}

#[tokio::test]
async fn a_chart_whose_name_is_easily_mistaken_says_so() {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    patient(&practice, "z", "Zuber", "1979-12-23").await;
    let browser = practice.signed_in(Role::Clinician).await;
    let banner = |text: String| between(&text, "<section class=\"banner\"", "</section>").to_owned();
    assert!(!banner(page(&browser, "/patients/p").await).contains("Similar name"));
    practice
        .put(json!({"resourceType": "Patient", "id": "d", "name": [{"family": "Larson", "given": ["Pat"]}], "deceasedBoolean": true}))
        .await;
    assert!(!banner(page(&browser, "/patients/p").await).contains("Similar name"), "who died is not mistaken");
    patient(&practice, "q", "Larson", "1950-01-01").await;
    for chart in ["/patients/p", "/patients/q", "/patients/p/allergies"] {
        assert!(banner(page(&browser, chart).await).contains("Similar name"), "{chart}");
    }
    assert!(!banner(page(&browser, "/patients/z").await).contains("Similar name"));
}

#[tokio::test]
async fn an_error_page_keeps_the_navigation() {
    let practice = Practice::new().await;
    let browser = practice.signed_in(Role::FrontDesk).await;
    for (path, status) in [("/patients/nobody", 404), ("/audit", 403)] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        let text = answer.text();
        assert!(text.contains("href=\"/search\"") && text.contains("Sign out"), "{path}: {text}");
    }
    let stranger = practice.stranger().get("/nowhere").await;
    assert!(stranger.status == 404 && !stranger.text().contains("Sign out"));
}
