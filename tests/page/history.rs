//! A history: told, changed, gone through in one click, and stale when something was changed since.

use crate::support::{between, coded, page, patient, subject};
use chartroom_tests::{Answer, Browser, Practice};
use serde_json::{Value, json};
use store::Role;

const HISTORY: &str = "/patients/p/history";

async fn practice() -> Practice {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    practice
}

/// Sends a section's own button, as the page shows it.
async fn click(browser: &Browser, section: &str, act: &str) -> Answer {
    let shown = browser.get(HISTORY).await;
    let at = format!("history/{section}/{act}\"");
    let field = |name: &str| value_after(&shown.text(), &at, name).unwrap_or_default();
    let (seen, once) = (field("seen"), field("once"));
    browser
        .post(
            &format!("{HISTORY}/{section}/{act}"),
            &[("patient", "p"), ("version", "1"), ("seen", &seen), ("once", &once)],
        )
        .await
}

fn value_after(text: &str, at: &str, name: &str) -> Option<String> {
    let rest = text.split_once(at)?.1.split_once(&format!("name=\"{name}\""))?.1;
    Some(rest.split_once("value=\"")?.1.split_once('"')?.0.to_owned())
}

async fn tell(browser: &Browser, leaf: &str, version: &str, fields: &[(&str, &str)]) -> Answer {
    let mut all = vec![("patient", "p"), ("version", version)];
    all.extend_from_slice(fields);
    browser.post(&format!("{HISTORY}/{leaf}"), &all).await
}

/// A section of the page, in words.
async fn section(browser: &Browser, slug: &str) -> String {
    let all = page(browser, HISTORY).await;
    between(&all, &format!("aria-labelledby=\"{slug}\""), "</section>").to_owned()
}

async fn only(practice: &Practice, query: &str) -> Value {
    let found = practice.client("system/*.rs").await.get(query).await.json();
    assert_eq!(found["total"], 1, "{query}");
    found["entry"][0]["resource"].clone()
}

const PNEUMONIA: [(&str, &str); 5] = [
    ("what", "Pneumonia"),
    ("status", "resolved"),
    ("onset", "2001"),
    ("ended", "2001-03"),
    ("certainty", "unconfirmed"),
];

#[tokio::test]
async fn not_asked_none_known_and_listed_are_three_and_a_review_goes_stale() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    for slug in ["medical", "surgical", "family", "social", "obstetric"] {
        let shown = section(&nurse, slug).await;
        assert!(
            shown.contains("Not asked.")
                && shown.contains("Not reviewed yet")
                && !shown.contains("Reviewed, no change"),
            "{slug}"
        );
        let answer = click(&nurse, slug, "none").await;
        assert_eq!(answer.status, 303, "{slug}: {}", answer.text());
        let shown = section(&nurse, slug).await;
        assert!(!shown.contains("Not asked.") && shown.contains("Asked ") && shown.contains(" by "), "{slug}: {shown}");
    }
    let list = only(&practice, "/fhir/List?patient=p&code=11348-0").await;
    assert_eq!(list["emptyReason"]["coding"][0]["code"], "nilknown");
    assert_eq!(tell(&nurse, "medical/new", "1", &PNEUMONIA).await.status, 303);
    let shown = section(&nurse, "medical").await;
    assert!(shown.contains("Pneumonia") && shown.contains("Not reviewed yet"), "none known has ended: {shown}");
    assert_eq!(only(&practice, "/fhir/List?patient=p&code=11348-0").await["status"], "retired");
    assert_eq!(click(&nurse, "medical", "reviewed").await.status, 303);
    let shown = section(&nurse, "medical").await;
    assert!(shown.contains("Reviewed ") && !shown.contains("Changed since"), "{shown}");
    let list = only(&practice, "/fhir/List?patient=p&code=11348-0").await;
    assert!(list["entry"][0]["item"]["reference"].as_str().is_some_and(|name| name.ends_with("/_history/1")), "{list}");
    let id = only(&practice, "/fhir/Condition?patient=p").await["id"].as_str().expect("id").to_owned();
    let doctor = practice.signed_in(Role::Clinician).await;
    let mut fields = PNEUMONIA;
    fields[2] = ("onset", "2000");
    assert_eq!(tell(&doctor, &format!("medical/{id}"), "1", &fields).await.status, 303);
    let shown = section(&nurse, "medical").await;
    assert!(
        shown.contains("Changed since: ") && between(&shown, "Changed since", "</span>").contains(" by "),
        "{shown}"
    );
    assert_eq!(click(&nurse, "medical", "reviewed").await.status, 303);
    assert!(!section(&nurse, "medical").await.contains("Changed since"));
    // Marked in error, it is not there any more; what was gone through is not what there is.
    let wrong = [("patient", "p"), ("version", "2"), ("reason", "other patient")];
    assert_eq!(nurse.post(&format!("/patients/p/changes/Condition/{id}/error"), &wrong).await.status, 303);
    let shown = section(&nurse, "medical").await;
    assert!(shown.contains("Changed since: ") && shown.contains("Not asked."), "{shown}");
}

#[tokio::test]
async fn nobody_confirms_what_they_did_not_see() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    assert_eq!(tell(&nurse, "medical/new", "1", &PNEUMONIA).await.status, 303);
    let seen = value_after(&page(&nurse, HISTORY).await, "history/medical/reviewed\"", "seen").expect("seen");
    assert_eq!(
        tell(&nurse, "medical/new", "1", &[("what", "Gout"), ("status", "active"), ("certainty", "unconfirmed")])
            .await
            .status,
        303
    );
    let post = |fields: Vec<(&'static str, String)>| {
        let nurse = &nurse;
        async move {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            nurse.post("/patients/p/history/medical/reviewed", &fields).await.status
        }
    };
    let fields = |patient: &str, version: &str| {
        vec![("patient", patient.to_owned()), ("version", version.to_owned()), ("seen", seen.clone())]
    };
    assert_eq!(post(fields("p", "1")).await, 412, "another entry came");
    assert_eq!(post(fields("q", "1")).await, 409);
    assert_eq!(post(fields("p", "")).await, 428);
    assert_eq!(click(&nurse, "surgical", "reviewed").await.status, 412, "nothing was shown");
    assert!(section(&nurse, "medical").await.contains("Not reviewed yet"));
    assert!(page(&nurse, "/patients/p/problems").await.contains("Gout"), "what is still there is a problem");
    let desk = practice.signed_in(Role::FrontDesk).await;
    for leaf in ["medical/new", "medical/none", "medical/reviewed", "family/x"] {
        assert_eq!(tell(&desk, leaf, "1", &PNEUMONIA).await.status, 403, "{leaf}");
    }
}

#[tokio::test]
async fn what_a_program_writes_makes_a_review_stale_and_wins_over_none_known() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    assert_eq!(click(&nurse, "surgical", "none").await.status, 303);
    let surgery = |id: &str, words: &str| {
        json!({"resourceType": "Procedure", "id": id, "status": "completed", "category": {"coding": [{"system": "http://snomed.info/sct",
            "code": "387713003"}]}, "code": {"text": words}, "subject": subject("p"), "performedDateTime": "1988"})
    };
    practice.put(surgery("one", "Tonsillectomy")).await;
    let shown = section(&nurse, "surgical").await;
    assert!(
        shown.contains("Tonsillectomy") && shown.contains("“No operations” said ") && shown.contains("Changed since: "),
        "{shown}"
    );
    assert_eq!(click(&nurse, "surgical", "reviewed").await.status, 303);
    assert!(!section(&nurse, "surgical").await.contains("Changed since"));
    practice.put(surgery("two", "Appendectomy")).await;
    assert!(section(&nurse, "surgical").await.contains("Changed since: "));
    // A review of the wrong patient is taken back as any entry is, and the section is gone through anew.
    let list = only(&practice, "/fhir/List?patient=p&code=10167-5").await["id"].as_str().expect("id").to_owned();
    let wrong = [("patient", "p"), ("version", "2"), ("reason", "not this patient")];
    assert_eq!(nurse.post(&format!("/patients/p/changes/List/{list}/error"), &wrong).await.status, 303);
    assert!(section(&nurse, "surgical").await.contains("Not reviewed yet"));
    assert_eq!(click(&nurse, "surgical", "reviewed").await.status, 303);
    assert!(section(&nurse, "surgical").await.contains("Reviewed "));
}

#[tokio::test]
async fn wrong_forms_save_nothing_keep_what_was_typed_and_twice_is_once() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let typed = "Knee <b>replacement</b>";
    for (change, status) in [
        (("when", "2027"), 422),
        (("when", "1979-11"), 422),
        (("when", "soon"), 422),
        (("side", "up"), 422),
        (("patient", "q"), 409),
        (("version", ""), 428),
        (("version", "7"), 412),
    ] {
        let fields = [("what", typed), ("place", "County"), change];
        let mut all = vec![("patient", "p"), ("version", "1")];
        all.retain(|(name, _)| *name != change.0);
        all.extend(fields);
        let answer = nurse.post(&format!("{HISTORY}/surgical/new"), &all).await;
        assert_eq!(answer.status, status, "{change:?}");
        let kept = answer.text().contains("value=\"Knee &lt;b&gt;replacement&lt;/b&gt;\"")
            && answer.text().contains("value=\"County\"");
        assert_eq!(kept, matches!(status, 412 | 422), "{change:?}");
    }
    assert!(section(&nurse, "surgical").await.contains("Not asked."), "nothing was saved");
    let once = ("once", "11111111-1111-4111-8111-111111111111");
    for _ in 0..2 {
        let fields = [once, ("what", typed), ("when", "2001"), ("side", "Left side"), ("place", "County")];
        assert_eq!(tell(&nurse, "surgical/new", "1", &fields).await.status, 303);
    }
    let again = tell(&nurse, "surgical/new", "1", &[("what", typed), ("when", "2001"), ("side", "Left side")]).await;
    assert!(again.status == 422 && again.text().contains("listed already"));
    let shown = section(&nurse, "surgical").await;
    assert!(shown.contains("Knee &lt;b&gt;replacement&lt;/b&gt;, Left side") && shown.contains("County"), "{shown}");
    for (leaf, fields, words) in [
        ("family/new", &[("relation", "MTH"), ("life", "alive"), ("age", "50")][..], "Age: "),
        ("social/new", &[("packs", "900")], "Pack-years: "),
        ("obstetric/new", &[("gravida", "1"), ("para", "2")], "Births: there cannot be more"),
    ] {
        let answer = tell(&nurse, leaf, "1", fields).await;
        assert!(answer.status == 422 && between(&answer.text(), "error-summary", "</div>").contains(words), "{leaf}");
        let (name, value) = fields[fields.len() - 1];
        assert!(answer.attribute(&format!("id=\"{name}\""), "value").as_deref() == Some(value), "{leaf} keeps {name}");
    }
}

#[tokio::test]
async fn relatives_and_answers_are_told_changed_and_kept() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let mother =
        [("relation", "MTH"), ("life", "dead"), ("age", "71"), ("condition-1", "Breast cancer"), ("onset-1", "56")];
    assert_eq!(tell(&nurse, "family/new", "1", &mother).await.status, 303);
    let shown = section(&nurse, "family").await;
    assert!(
        shown.contains("Mother") && shown.contains("Died at age 71") && shown.contains("Breast cancer (at age 56)"),
        "{shown}"
    );
    assert_eq!(tell(&nurse, "family/new", "1", &mother).await.status, 422, "there is one mother");
    let id = only(&practice, "/fhir/FamilyMemberHistory?patient=p").await["id"].as_str().expect("id").to_owned();
    let form = page(&nurse, &format!("{HISTORY}/family/{id}")).await;
    assert!(form.contains("value=\"Breast cancer\"") && form.contains("value=\"56\""));
    let more = [
        ("relation", "MTH"),
        ("life", "dead"),
        ("age", "71"),
        ("condition-1", "Breast cancer"),
        ("onset-1", "56"),
        ("condition-2", "Gout"),
    ];
    assert_eq!(tell(&nurse, &format!("family/{id}"), "1", &more).await.status, 303);
    assert_eq!(tell(&nurse, &format!("family/{id}"), "1", &more).await.status, 412, "it was changed meanwhile");
    assert_eq!(
        tell(&nurse, "social/new", "1", &[("smoking", "former"), ("packs", "7.5"), ("occupation", "Cook")])
            .await
            .status,
        303
    );
    let form = page(&nurse, &format!("{HISTORY}/social/new")).await;
    assert!(
        form.contains("value=\"former\" selected") && form.contains("value=\"7.5\"") && form.contains("value=\"Cook\"")
    );
    let status = only(&practice, "/fhir/Observation?patient=p&code=72166-2").await;
    assert_eq!(status["valueCodeableConcept"]["coding"][0]["code"], "8517006");
    practice.pass_minutes(1);
    assert_eq!(
        tell(&nurse, "social/new", "1", &[("smoking", "daily"), ("packs", "7.5"), ("occupation", "Cook")]).await.status,
        303
    );
    let shown = section(&nurse, "social").await;
    assert!(shown.contains("Smokes every day") && !shown.contains("Former smoker"), "the newest counts: {shown}");
    let client = practice.client("system/*.rs").await;
    assert_eq!(
        client.get("/fhir/Observation?patient=p&code=72166-2").await.json()["total"],
        2,
        "what was said before stays"
    );
    assert_eq!(client.get("/fhir/Observation?patient=p&category=social-history").await.json()["total"], 4);
    assert_eq!(
        tell(&nurse, "obstetric/new", "1", &[("gravida", "2"), ("para", "1"), ("living", "1")]).await.status,
        303
    );
    assert!(section(&nurse, "obstetric").await.contains("Pregnancies (gravida)"));
}

#[tokio::test]
async fn imported_entries_stand_in_their_sections_once_and_a_nurse_leaves_a_diagnosis_alone() {
    let practice = practice().await;
    let loinc =
        |code: &str| json!({"coding": [{"system": "http://loinc.org", "code": code}], "text": "Smoking status"});
    practice
        .put(json!({"resourceType": "Condition", "id": "sprain", "subject": subject("p"), "code": {"text": "Sprain of wrist"},
            "verificationStatus": coded("condition-ver-status", "confirmed"), "category": [coded("condition-category", "problem-list-item")],
            "clinicalStatus": coded("condition-clinical", "resolved"), "onsetDateTime": "2016-01-07", "abatementDateTime": "2016-01-28"}))
        .await;
    practice
        .put(json!({"resourceType": "Procedure", "id": "tonsils", "status": "completed", "category": {"text": "Surgical procedure"},
            "code": {"text": "Tonsillectomy"}, "subject": subject("p"), "performedDateTime": "1988"}))
        .await;
    for (id, day, answer) in [("old", "2020-01-02", "LA15920-4"), ("new", "2021-01-02", "LA18976-3")] {
        practice
            .put(json!({"resourceType": "Observation", "id": id, "status": "final", "code": loinc("72166-2"), "subject": subject("p"),
                "category": [coded("observation-category", "social-history")], "effectiveDateTime": day,
                "valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": answer}]}}))
            .await;
    }
    let nurse = practice.signed_in(Role::Nurse).await;
    let all = page(&nurse, HISTORY).await;
    for words in ["Sprain of wrist", "Tonsillectomy"] {
        assert_eq!(
            all.matches(&format!("{words}<")).count() + all.matches(&format!("{words} <")).count(),
            2,
            "{words} and the name of its link"
        );
    }
    assert!(all.contains("LA18976-3") && !all.contains("LA15920-4"));
    assert!(page(&nurse, &format!("{HISTORY}/social/new")).await.contains("value=\"daily\" selected"));
    let sprain = [("what", "Sprain"), ("status", "resolved"), ("certainty", "unconfirmed")];
    assert_eq!(tell(&nurse, "medical/sprain", "1", &sprain).await.status, 403, "a clinician's");
    assert_eq!(tell(&nurse, "medical/tonsils", "1", &sprain).await.status, 404);
    let doctor = practice.signed_in(Role::Clinician).await;
    let kept = [
        ("what", "Sprain of wrist"),
        ("status", "resolved"),
        ("certainty", "confirmed"),
        ("onset", "2016-01-07"),
        ("note", "Left"),
    ];
    assert_eq!(tell(&doctor, "medical/sprain", "1", &kept).await.status, 303);
    assert!(!section(&nurse, "medical").await.contains("2016-01-28"));
    practice.put(json!({"resourceType": "Patient", "id": "m", "gender": "male", "birthDate": "1979", "name": [{"family": "Moe"}]})).await;
    let man = page(&nurse, "/patients/m/history").await;
    assert!(!man.contains("Obstetric"));
    assert_eq!(
        nurse
            .post("/patients/m/history/obstetric/new", &[("patient", "m"), ("version", "1"), ("gravida", "1")])
            .await
            .status,
        409
    );
}
