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
        for view in ["results?show=table", "vitals?show=", "results?show=other"] {
            all.push_str(&page(&clinician, &format!("/patients/p/{view}{day}")).await);
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

async fn office(practice: &Practice) {
    patient(practice, "p", "Larsen", "1979-12-23").await;
    let visit = |id: &str, status: &str| {
        json!({"resourceType": "Encounter", "id": id, "status": status, "class": {"code": "AMB"}, "subject": subject("p"),
            "reasonCode": [{"text": format!("Visit {status}")}], "period": {"start": "2026-01-06T10:00:00Z"}})
    };
    for (id, status) in [("v1", "finished"), ("v2", "cancelled"), ("v3", "entered-in-error")] {
        practice.put(visit(id, status)).await;
    }
    for (id, status) in [("i1", "completed"), ("i2", "not-done"), ("i3", "entered-in-error")] {
        practice
            .put(json!({"resourceType": "Immunization", "id": id, "status": status, "patient": subject("p"),
                "vaccineCode": {"text": format!("Vaccine {id}")}, "occurrenceDateTime": "2026-01-06"}))
            .await;
        practice
            .put(json!({"resourceType": "Procedure", "id": id, "status": status, "subject": subject("p"),
                "code": {"text": format!("Procedure {id}")}, "performedDateTime": "2026-01-06"}))
            .await;
    }
    for (id, status, doc) in
        [("d1", "superseded", "final"), ("d2", "current", "preliminary"), ("d3", "entered-in-error", "final")]
    {
        practice
            .put(json!({"resourceType": "DocumentReference", "id": id, "status": status, "docStatus": doc, "subject": subject("p"),
                "description": format!("Letter {id}"), "date": "2026-01-06T10:00:00Z",
                "content": [{"attachment": {"contentType": "text/plain", "data": "YQ=="}}]}))
            .await;
    }
}

#[tokio::test]
async fn errors_are_not_counted_and_what_was_not_given_is_counted_apart() {
    let practice = Practice::new().await;
    office(&practice).await;
    let clinician = practice.signed_in(Role::Clinician).await;
    let counted =
        |text: &str, heading: &str| between(text, &format!("{heading} <span class=\"count\">"), "<").to_owned();
    let shots = page(&clinician, "/patients/p/immunizations").await;
    assert_eq!(counted(&shots, "Given and declined"), "1");
    assert!(shots.contains("Not counted: 1 not given, 1 entered in error") && shots.contains("Vaccine i3"));
    let visits = page(&clinician, "/patients/p/visits").await;
    assert_eq!(counted(&visits, "Visits"), "2");
    assert!(visits.contains("Not counted: 1 entered in error") && visits.contains("Visit entered-in-error"));
    let procedures = page(&clinician, "/patients/p/procedures").await;
    assert_eq!(counted(&procedures, "Procedures"), "2");
    let summary = page(&clinician, "/patients/p").await;
    for (heading, count) in [("Immunizations", "1"), ("Recent visits", "2"), ("Notes and documents", "2")] {
        assert_eq!(counted(&summary, heading), count, "{heading}");
    }
    assert!(between(&summary, "shots-title", "</section>").contains("1 not given"));
    let documents = between(&summary, "documents-title", "</section>");
    assert!(documents.contains(">Superseded<") && documents.contains(">Preliminary<"), "{documents}");
}

#[tokio::test]
async fn the_timeline_says_what_did_not_come_about() {
    let practice = Practice::new().await;
    office(&practice).await;
    for (id, status, intent) in [
        ("m1", "active", "order"),
        ("m2", "draft", "order"),
        ("m3", "active", "plan"),
        ("m4", "stopped", "order"),
        ("m5", "cancelled", "order"),
    ] {
        practice
            .put(json!({"resourceType": "MedicationRequest", "id": id, "status": status, "intent": intent, "subject": subject("p"),
                "medicationCodeableConcept": {"text": format!("Medicine {id}")}, "authoredOn": "2026-01-06",
                "dosageInstruction": [{"text": "as told"}]}))
            .await;
    }
    for (id, status) in [("r1", "final"), ("r2", "cancelled"), ("r3", "preliminary")] {
        practice
            .put(json!({"resourceType": "DiagnosticReport", "id": id, "status": status, "subject": subject("p"),
                "code": {"text": format!("Report {id}")}, "effectiveDateTime": "2026-01-06"}))
            .await;
    }
    practice
        .put(json!({"resourceType": "AllergyIntolerance", "id": "a", "patient": subject("p"), "code": {"text": "Milk"},
            "clinicalStatus": coded("allergyintolerance-clinical", "resolved"), "recordedDate": "2026-01-06"}))
        .await;
    let clinician = practice.signed_in(Role::Clinician).await;
    let timeline = page(&clinician, "/patients/p/timeline").await;
    let event = |title: &str| {
        timeline.split("<li ").find(|event| event.contains(&format!(">{title}<"))).unwrap_or_else(|| panic!("{title}"))
    };
    for (title, status) in [
        ("Visit cancelled", "Cancelled"),
        ("Medicine m2", "Draft"),
        ("Medicine m3", "Plan"),
        ("Medicine m4", "Stopped"),
        ("Medicine m5", "Cancelled"),
        ("Report r2", "Cancelled"),
        ("Report r3", "Preliminary"),
        ("Letter d1", "Superseded"),
        ("Letter d2", "Preliminary"),
        ("Milk", "Resolved"),
        ("Procedure i2", "Not done"),
    ] {
        let event = event(title);
        assert!(
            event.contains(&format!("class=\"chip warn\">{status}<")) && event.contains("apart"),
            "{title}: {event}"
        );
    }
    for title in ["Visit finished", "Medicine m1", "Report r1", "Procedure i1"] {
        assert!(!event(title).contains("chip warn"), "{title}");
    }
}

#[tokio::test]
async fn a_modifier_that_is_not_understood_is_told_wherever_its_entry_stands() {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    let modifier = json!([{"url": "http://example.org/not", "valueBoolean": true}]);
    practice
        .put(json!({"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order", "subject": subject("p"),
            "medicationCodeableConcept": {"text": "Aspirin"}, "authoredOn": "2026-01-06", "modifierExtension": modifier}))
        .await;
    practice
        .put(json!({"resourceType": "AllergyIntolerance", "id": "a", "patient": subject("p"), "code": {"text": "Milk"},
            "clinicalStatus": coded("allergyintolerance-clinical", "active"), "modifierExtension": modifier}))
        .await;
    let mut result = potassium("k", "p", "2026-02-06T15:00:00Z", "4.0");
    result["modifierExtension"] = modifier;
    practice.put(result).await;
    let clinician = practice.signed_in(Role::Clinician).await;
    let told = "Changed by something this program does not understand";
    for (section, marks) in [("", 3), ("/medicines", 1), ("/allergies", 1), ("/results", 1), ("/timeline", 1)] {
        let text = page(&clinician, &format!("/patients/p{section}")).await;
        assert_eq!(text.matches(told).count(), marks, "{section}");
        let banner = between(&text, "<section class=\"banner\"", "</section>");
        assert!(banner.contains(&format!("Milk ({})", told.to_lowercase())), "{banner}");
    }
}

#[tokio::test]
async fn no_name_turns_what_stands_beside_it_round() {
    let practice = Practice::new().await;
    practice
        .put(json!({"resourceType": "Patient", "id": "p", "birthDate": "1979-12-23", "gender": "female",
            "name": [{"family": "Larsen\u{2067}", "given": ["\u{202e}Pat"]}, {"use": "nickname", "given": ["\u{200f}Pia"]}]}))
        .await;
    let clinician = practice.signed_in(Role::Clinician).await;
    let text = page(&clinician, "/patients/p").await;
    assert!(text.contains("LARSEN, Pat · Born 23-Dec-1979"), "the print header, and the title, read forwards");
    assert!(!text.contains(['\u{202e}', '\u{2067}', '\u{200f}']));
    let stored = clinician.get("/patients/p/edit").await.text();
    assert!(stored.contains("\u{202e}Pat"), "the record stays as sent");
}
