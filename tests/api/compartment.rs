//! `/fhir/Patient/{id}/{Type}`: a search that cannot leave the chart.

use super::{created, ids, link, pages, patient, practice, pulse};
use axum::body::Body;
use serde_json::json;
use store::audit::AuditQuery;

#[tokio::test]
async fn a_charts_compartment_is_searched_as_its_type_is() {
    let (practice, client) = practice().await;
    let (ana, ben) = (created(&client, &patient("Abel")).await, created(&client, &patient("CANARYBEN")).await);
    let mine = created(&client, &pulse(&ana, "72")).await;
    let mut panel = pulse(&ben, "99.75");
    panel["note"] = json!([{"text": "CANARYNOTE"}]);
    let of_ben = created(&client, &panel).await;
    let mut other = pulse(&ana, "80");
    other["code"] = json!({"coding": [{"system": "http://loinc.org", "code": "9279-1"}]});
    other["focus"] = json!([{"reference": format!("Observation/{of_ben}")}]);
    let other = created(&client, &other).await;
    let path = format!("/fhir/Patient/{ana}/Observation");
    for (query, expected) in [
        ("", vec![&mine, &other]),
        ("?code=8867-4", vec![&mine]),
        ("?code=8867-4&_sort=-date", vec![&mine]),
        ("?value-quantity=gt79", vec![&other]),
        ("?_content=CANARYNOTE", vec![]),
        ("?focus:Observation.value-quantity=99.75", vec![]),
        ("?_include=Observation:*", vec![&ana, &mine, &other]),
    ] {
        let answer = client.get(&format!("{path}{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        assert!(!answer.text().contains("CANARYBEN") && !answer.text().contains("99.75}"), "{query}");
        let (mut found, mut expected) = (ids(&answer.json()), expected.into_iter().cloned().collect::<Vec<_>>());
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{query}");
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let by_form = client.send("POST", &format!("{path}/_search"), &form, Body::from("_count=1")).await.json();
    let next = link(&by_form, "next").expect("a next page");
    assert!(next.starts_with(&format!("{path}?_page=")), "{next}");
    assert_eq!(ids(&client.get(&next).await.json()).len(), 1);
    assert_eq!(client.get(&next.replace(&ana, &ben)).await.status, 400, "of this chart only");
    let found: Vec<String> = pages(&client, &format!("{path}?_count=1")).await.iter().flat_map(ids).collect();
    assert_eq!(found.len(), 2);
    let bundle = json!({"resourceType": "Bundle", "type": "batch", "entry": [
        {"request": {"method": "GET", "url": format!("Patient/{ana}/Observation?code=8867-4")}}]});
    let answered = client.json("POST", "/fhir", &bundle, &[]).await.json();
    assert_eq!(ids(&answered["entry"][0]["resource"]), [mine]);

    // Whose chart was looked in is in the trail, though nothing was found there.
    assert_eq!(ids(&client.get(&format!("/fhir/Patient/{ben}/Condition")).await.json()), [""; 0]);
    let permit = practice.program().read_practice(clinic::Action::UseApi).expect("the program may");
    let query = AuditQuery { action: Some("api.search".to_owned()), count: 1, ..AuditQuery::default() };
    let sealed = practice.store().entries(&permit, &query).await.expect("the trail");
    let named: Vec<String> = sealed.for_decision()[0].entry.patients.iter().map(ToString::to_string).collect();
    assert_eq!(named, [ben]);
}

#[tokio::test]
async fn what_is_no_compartment_is_said() {
    let (practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    for (path, status) in [
        (format!("/fhir/Patient/{ana}/Practitioner"), 400),
        (format!("/fhir/Encounter/{ana}/Observation"), 400),
        (format!("/fhir/Patient/{ana}/Potion"), 404),
        (format!("/fhir/Patient/{ana}/Observation?shoe-size=9"), 400),
        (format!("/fhir/Patient/{ana}/AuditEvent"), 403),
        ("/fhir/Patient/none/Observation".to_owned(), 200),
    ] {
        assert_eq!(client.get(&path).await.status, status, "{path}");
    }
    let narrow = practice.client("system/Patient.rs").await;
    assert_eq!(narrow.get(&format!("/fhir/Patient/{ana}/Observation")).await.status, 403);
}
