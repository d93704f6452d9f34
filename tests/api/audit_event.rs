//! The audit trail as AuditEvents: for a token that names them, to read and no more.

use super::{created, ids, link, pages, patient, practice, pulse};
use axum::body::Body;
use fhir::Kind;
use serde_json::{Value, json};

fn entity(event: &Value) -> &str {
    event["entity"][0]["what"]["reference"].as_str().unwrap_or_default()
}

fn codes(event: &Value) -> (String, String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&event["subtype"][0]["code"]), text(&event["action"]), text(&event["outcome"]))
}

#[tokio::test]
async fn each_patient_shown_has_an_event() {
    let (practice, client) = practice().await;
    let officer = practice.client("system/AuditEvent.rs").await;
    let (ana, ben) = (created(&client, &patient("Abel")).await, created(&client, &patient("Baker")).await);
    practice.pass_minutes(10);
    let recent = practice.now();
    client.get("/fhir/Patient").await;
    client.get(&format!("/fhir/Patient/{ana}")).await;
    let mut stale = patient("Abel");
    stale["id"] = json!(ana);
    client.json("PUT", &format!("/fhir/Patient/{ana}"), &stale, &[("if-match", "W/\"7\"")]).await;

    practice.pass_minutes(10);
    let until = practice.now();

    let page = officer.get(&format!("/fhir/AuditEvent?patient={ana}")).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let events: Vec<Value> =
        page.json()["entry"].as_array().expect("events").iter().map(|e| e["resource"].clone()).collect();
    let told: Vec<_> = events.iter().map(codes).collect();
    let expected =
        [("api.update", "U", "4"), ("api.read", "R", "0"), ("api.search", "E", "0"), ("api.create", "C", "0")];
    assert_eq!(told, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
    for event in &events {
        assert_eq!(fhir::validate::validate(Kind::AUDIT_EVENT, event), [], "{event}");
        assert_eq!(entity(event), format!("Patient/{ana}"));
        assert!(!event.to_string().contains(&ben), "{event}");
        let read = officer.get(&format!("/fhir/AuditEvent/{}", event["id"].as_str().expect("an id"))).await;
        assert_eq!(read.json(), *event);
    }
    let of_ben = officer.get(&format!("/fhir/Patient/{ben}/AuditEvent")).await.json();
    assert_eq!(ids(&of_ben).len(), 2, "{of_ben}");
    for (query, count) in [
        (format!("patient=Patient/{ana}&date=ge{recent}&date=lt{until}"), 3),
        (format!("patient={ana}&date=lt{recent}"), 1),
        (format!("patient={ana}&date=le{recent}&date=gt2026-11-21"), 4),
        (format!("patient={ana}&date=ge2026-01-01&date=lt2026-02-01"), 0),
        (format!("patient={ana}&date=2026-11-22&date=lt{until}&_sort=-date"), 4),
        ("patient=nobody".to_owned(), 0),
    ] {
        assert_eq!(ids(&officer.get(&format!("/fhir/AuditEvent?{query}")).await.json()).len(), count, "{query}");
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let by_form = officer
        .send("POST", "/fhir/AuditEvent/_search", &form, Body::from(format!("patient={ben}&date=lt{until}")))
        .await;
    assert_eq!(ids(&by_form.json()).len(), 2);
}

#[tokio::test]
async fn pages_of_the_trail_stay_while_it_grows() {
    let (practice, client) = practice().await;
    let officer = practice.client("system/AuditEvent.rs").await;
    for n in 0..5 {
        created(&client, &patient(&format!("Family{n}"))).await;
    }
    // Its five patients do not end with a page.
    client.get("/fhir/Patient").await;
    let whole = ids(&officer.get("/fhir/AuditEvent?_count=1000").await.json());
    // The trail grows by an entry with each page.
    let pages = pages(&officer, "/fhir/AuditEvent?_count=3&date=lt2100").await;
    let found: Vec<String> = pages.iter().flat_map(ids).collect();
    assert!(pages.iter().all(|page| ids(page).len() <= 3));
    let seen: Vec<&String> = found.iter().filter(|id| whole.contains(id)).collect();
    assert_eq!(seen, whole.iter().collect::<Vec<_>>());
    let mut once = found.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), found.len());
    let last = &pages[pages.len() - 1];
    assert_eq!(
        (link(last, "next"), link(last, "first")),
        (None, Some("/fhir/AuditEvent?_count=3&date=lt2100".to_owned()))
    );
}

#[tokio::test]
async fn the_trail_is_read_only_and_only_where_a_scope_names_it() {
    let (practice, client) = practice().await;
    let officer = practice.client("system/*.cruds system/AuditEvent.rs").await;
    let ana = created(&client, &patient("Abel")).await;
    let observation = created(&client, &pulse(&ana, "72")).await;
    let event = ids(&officer.get(&format!("/fhir/AuditEvent?patient={ana}")).await.json())[0].clone();
    let forged = json!({"resourceType": "AuditEvent", "id": event, "type": {"code": "rest"}, "recorded": "2026-01-01T00:00:00Z",
        "agent": [{"requestor": true}], "source": {"observer": {"display": "x"}}});
    let mut fresh = forged.clone();
    fresh.as_object_mut().expect("an object").remove("id");
    let path = format!("/fhir/AuditEvent/{event}");
    for client in [&client, &officer] {
        assert_eq!(client.json("POST", "/fhir/AuditEvent", &fresh, &[]).await.status, 403);
        assert_eq!(client.json("PUT", &path, &forged, &[("if-match", "W/\"1\"")]).await.status, 403);
        let patch = [("content-type", "application/json-patch+json"), ("if-match", "W/\"1\"")];
        assert_eq!(client.send("PATCH", &path, &patch, Body::from("[]")).await.status, 403);
        assert_eq!(client.send("DELETE", &path, &[], Body::empty()).await.status, 403);
        assert_eq!(client.get(&format!("{path}/_history")).await.status, 403);
        assert_eq!(client.get("/fhir/AuditEvent/_history").await.status, 403);
        for kind in ["transaction", "batch"] {
            let bundle = json!({"resourceType": "Bundle", "type": kind, "entry": [
                {"resource": fresh, "request": {"method": "POST", "url": "AuditEvent"}}]});
            let answer = client.json("POST", "/fhir", &bundle, &[]).await;
            let status = answer.json()["entry"][0]["response"]["status"].as_str().map(str::to_owned);
            assert!(
                answer.status == 403 || status.is_some_and(|status| status.starts_with("403")),
                "{}",
                answer.text()
            );
        }
    }
    assert_eq!(client.get("/fhir/AuditEvent").await.status, 403);
    assert_eq!(client.get(&path).await.status, 403);
    assert_eq!(client.get("/fhir/Patient?_has:AuditEvent:patient:date=2026").await.status, 400);
    assert_eq!(
        client.get(&format!("/fhir/Observation?_id={observation}&_revinclude=AuditEvent:entity")).await.status,
        200
    );
    for wrong in [
        "code=x",
        "_id=1-1",
        "patient=a,b",
        "date=ne2026",
        "_sort=date",
        "_summary=count",
        "_total=accurate",
        "_count=0",
        "_cursor=x",
    ] {
        assert_eq!(officer.get(&format!("/fhir/AuditEvent?{wrong}")).await.status, 400, "{wrong}");
    }
    for none in ["0-0", "1-99", "99999-1", "x", "1"] {
        assert_eq!(officer.get(&format!("/fhir/AuditEvent/{none}")).await.status, 404, "{none}");
    }
    let verdict = practice.store().verify().await.expect("verified");
    assert!(matches!(verdict, store::audit::Verdict::Whole { .. }), "{verdict:?}");
}
