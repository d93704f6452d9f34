//! `Patient/{id}/$everything`: one chart, what it names, and the dates and pages asked for.

use super::{created, ids, link, pages, patient, practice, pulse};
use axum::body::Body;
use serde_json::{Value, json};

#[tokio::test]
async fn everything_is_one_chart_and_what_it_names() {
    let (_practice, client) = practice().await;
    let (ana, ben) = (created(&client, &patient("Abel")).await, created(&client, &patient("CANARYBEN")).await);
    let doctor = created(&client, &json!({"resourceType": "Practitioner", "name": [{"family": "Okafor"}]})).await;
    let other = created(&client, &json!({"resourceType": "Practitioner", "name": [{"family": "CANARYDOC"}]})).await;
    let mut of_ana = pulse(&ana, "72");
    of_ana["performer"] = json!([{"reference": format!("Practitioner/{doctor}")}]);
    of_ana["note"] = json!([{"text": format!("see \"reference\":\"Practitioner/{other}\"")}]);
    // Ana's entry refers to Ben's; Ben's chart stays shut.
    let of_ben = created(&client, &pulse(&ben, "99.75")).await;
    of_ana["focus"] = json!([{"reference": format!("Observation/{of_ben}")}]);
    let mine = created(&client, &of_ana).await;
    let answer = client.get(&format!("/fhir/Patient/{ana}/$everything")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mut found = ids(&answer.json());
    assert_eq!(found.first(), Some(&ana));
    found.sort();
    let mut expected = vec![ana.clone(), doctor, mine];
    expected.sort();
    assert_eq!(found, expected);
    assert!(!answer.text().contains("CANARY") && !answer.text().contains("99.75"));
    let page = client.get(&format!("/fhir/Patient/{ana}/$everything?_count=2")).await.json();
    assert_eq!(ids(&page).len(), 2);
    let next = link(&page, "next").expect("a next page");
    assert_eq!(ids(&client.get(&next).await.json()).len(), 1);
    let some = client.get(&format!("/fhir/Patient/{ana}/$everything?_type=Patient,Observation")).await.json();
    assert_eq!(ids(&some).len(), 2);
    assert_eq!(client.get("/fhir/Patient/none/$everything").await.status, 404);
    assert_eq!(client.get(&format!("/fhir/Observation/{of_ben}/$everything")).await.status, 404);
}

#[tokio::test]
async fn a_documents_file_goes_with_its_chart_and_reading_it_names_the_patient() {
    let (practice, client) = practice().await;
    let (ana, ben) = (created(&client, &patient("Abel")).await, created(&client, &patient("Baker")).await);
    let file = json!({"resourceType": "Binary", "contentType": "text/plain", "data": "U2VjcmV0IGxldHRlcg=="});
    let (hers, his) = (created(&client, &file).await, created(&client, &file).await);
    let document = |patient: &str, files: &[&str]| {
        let content: Vec<Value> = files
            .iter()
            .map(|id| json!({"attachment": {"contentType": "text/plain", "url": format!("Binary/{id}")}}))
            .collect();
        json!({"resourceType": "DocumentReference", "status": "current", "content": content,
            "subject": {"reference": format!("Patient/{patient}")}})
    };
    created(&client, &document(&ben, &[&his])).await;
    // Ana's document names Ben's file too.
    let of_ana = created(&client, &document(&ana, &[&hers, &his])).await;
    let mut found = ids(&client.get(&format!("/fhir/Patient/{ana}/$everything")).await.json());
    found.sort();
    let mut expected = vec![ana.clone(), of_ana, hers.clone()];
    expected.sort();
    assert_eq!(found, expected);

    assert_eq!(client.get(&format!("/fhir/Binary/{hers}")).await.status, 200);
    let caller = practice.program();
    let permit = caller.read_practice(clinic::Action::UseApi).expect("the program may");
    let query = store::audit::AuditQuery { action: Some("api.read".to_owned()), count: 10, ..Default::default() };
    let sealed = practice.store().entries(&permit, &query).await.expect("the trail");
    let patients: Vec<String> = sealed.for_decision()[0].entry.patients.iter().map(ToString::to_string).collect();
    assert_eq!(patients, [ana]);
}

/// A heart rate on this day.
fn on(patient: &str, day: &str) -> Value {
    let mut body = pulse(patient, "72");
    body["effectiveDateTime"] = json!(day);
    body
}

#[tokio::test]
async fn everything_keeps_to_the_dates_of_the_care() {
    let (practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    let subject = json!({"reference": format!("Patient/{ana}")});
    let (early, late) =
        (created(&client, &on(&ana, "2015-06-01")).await, created(&client, &on(&ana, "2020-06-01")).await);
    let allergy = created(&client, &json!({"resourceType": "AllergyIntolerance", "patient": subject, "code": {"text": "Penicillin"},
        "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]},
        "recordedDate": "2010-01-01"})).await;
    let problem = created(&client, &json!({"resourceType": "Condition", "subject": subject, "code": {"text": "Asthma"},
        "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "resolved"}]},
        "onsetDateTime": "2012", "abatementDateTime": "2016"})).await;
    for (asked, expected) in [
        ("start=2020-01-01", vec![&ana, &late, &allergy]),
        ("end=2015-12-31", vec![&ana, &early, &allergy, &problem]),
        ("start=2015-06-01&end=2015-06-01", vec![&ana, &early, &allergy, &problem]),
        ("start=2015-06-02&end=2016", vec![&ana, &allergy, &problem]),
        ("start=2020&_type=Observation", vec![&late]),
        ("_type=Observation,Condition", vec![&early, &late, &problem]),
        ("_type=Observation&_type=Condition", vec![&early, &late, &problem]),
        ("_since=2100-01-01T00:00:00Z", vec![]),
    ] {
        let answer = client.get(&format!("/fhir/Patient/{ana}/$everything?{asked}")).await;
        assert_eq!(answer.status, 200, "{asked}: {}", answer.text());
        let (mut found, mut expected) = (ids(&answer.json()), expected.into_iter().cloned().collect::<Vec<_>>());
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{asked}");
    }
    practice.pass_minutes(5);
    let since = practice.now();
    let new = created(&client, &on(&ana, "2012-01-01")).await;
    let found = client.get(&format!("/fhir/Patient/{ana}/$everything?_since={since}")).await.json();
    assert_eq!(ids(&found), [new]);
    for (wrong, word) in [
        ("start=yesterday", "start"),
        ("end=2015-13-01", "end"),
        ("start=2020&end=2019", "start"),
        ("_since=2020-01-01", "_since"),
        ("_type=Potion", "_type"),
        ("_count=0", "_count"),
        ("_count=-1", "_count"),
        ("_count=ten", "_count"),
        ("_cursor=nonsense", ""),
        ("code=8867-4", "takes"),
    ] {
        let answer = client.get(&format!("/fhir/Patient/{ana}/$everything?{wrong}")).await;
        assert_eq!(answer.status, 400, "{wrong}");
        let text = answer.json()["issue"][0]["diagnostics"].as_str().expect("words").to_owned();
        assert!(text.contains(word), "{wrong}: {text}");
    }
}

#[tokio::test]
async fn everything_takes_its_parameters_in_a_body_too() {
    let (_practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    created(&client, &on(&ana, "2015-06-01")).await;
    let late = created(&client, &on(&ana, "2020-06-01")).await;
    let path = format!("/fhir/Patient/{ana}/$everything");
    let parameters = json!({"resourceType": "Parameters", "parameter": [
        {"name": "start", "valueDate": "2016-01-01"}, {"name": "_type", "valueCode": "Observation"}, {"name": "_count", "valueInteger": 5}]});
    assert_eq!(ids(&client.json("POST", &path, &parameters, &[]).await.json()), [late]);
    assert_eq!(ids(&client.send("POST", &path, &[], Body::empty()).await.json()).len(), 3);
    assert_eq!(client.json("POST", &path, &patient("Abel"), &[]).await.status, 400);
}

#[tokio::test]
async fn the_pages_of_a_chart_stay_while_it_changes() {
    let (_practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    let mut all = vec![ana.clone()];
    for day in 1..=9 {
        all.push(created(&client, &on(&ana, &format!("2020-01-0{day}"))).await);
    }
    let first = client.get(&format!("/fhir/Patient/{ana}/$everything?_count=4")).await.json();
    assert_eq!((first["total"].to_string(), ids(&first)), ("10".to_owned(), all[..4].to_vec()));
    // A new entry, and a change of one that was not shown yet.
    created(&client, &on(&ana, "2019-01-01")).await;
    let mut changed = on(&ana, "2020-01-08");
    changed["id"] = json!(all[8]);
    let match_one = [("if-match", "W/\"1\"")];
    assert_eq!(client.json("PUT", &format!("/fhir/Observation/{}", all[8]), &changed, &match_one).await.status, 200);
    let rest = pages(&client, &link(&first, "next").expect("a next page")).await;
    let found: Vec<String> = rest.iter().flat_map(ids).collect();
    let expected: Vec<String> = all[4..].iter().filter(|id| **id != all[8]).cloned().collect();
    assert_eq!(found, expected);
    assert!(rest.iter().all(|page| page["total"] == 10));
    // A link is of its patient alone.
    let ben = created(&client, &patient("Baker")).await;
    let next = link(&first, "next").expect("a next page").replace(&ana, &ben);
    assert_eq!(client.get(&next).await.status, 400);
}

#[tokio::test]
async fn practice_wide_types_are_answered_by_what_the_chart_names() {
    let (practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    let doctor = created(&client, &json!({"resourceType": "Practitioner", "name": [{"family": "Okafor"}]})).await;
    created(&client, &json!({"resourceType": "Practitioner", "name": [{"family": "Other"}]})).await;
    let mut measured = pulse(&ana, "72");
    measured["performer"] = json!([{"reference": format!("Practitioner/{doctor}")}]);
    created(&client, &measured).await;
    let path = format!("/fhir/Patient/{ana}/$everything?_type=Practitioner");
    assert_eq!(ids(&client.get(&path).await.json()), [doctor]);
    let narrow = practice.client("system/Patient.rs system/Practitioner.rs").await;
    assert_eq!(ids(&narrow.get(&path).await.json()), [""; 0], "what names them may not be read");
}
