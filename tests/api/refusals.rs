//! What is refused, with which status, in which words.

use super::{created, patient, practice, pulse};
use axum::body::Body;
use chartroom_tests::{Answer, Client};
use serde_json::{Value, json};

fn outcome(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{}", answer.text());
    let body = answer.json();
    assert_eq!(body["resourceType"], "OperationOutcome");
    assert!(body["issue"][0]["diagnostics"].as_str().is_some_and(|text| !text.is_empty()));
    body
}

async fn sent(client: &Client, body: impl Into<Body>) -> Answer {
    client.send("POST", "/fhir/Patient", &[("content-type", "application/fhir+json")], body.into()).await
}

#[tokio::test]
async fn bodies_that_cannot_be_read() {
    let (_practice, client) = practice().await;
    let deep = format!("{{\"resourceType\":\"Patient\",\"extension\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{\"resourceType\":\"Patient\"} x",
        "{\"resourceType\":\"Nonsense\"}",
        "{\"resourceType\":7}",
        "{}",
        "{\"resourceType\":\"Patient\",\"gender\":\"male\",\"gender\":\"female\"}",
        "{\"resourceType\":\"Observation\"}",
        &deep,
    ] {
        outcome(&sent(&client, body.to_owned()).await, 400);
    }
    outcome(&sent(&client, vec![b'{', b'"', 0xff, 0xfe, b'"', b':', b'1', b'}']).await, 400);
}

#[tokio::test]
async fn bodies_that_are_not_valid_name_the_place() {
    let (_practice, client) = practice().await;
    for (body, place) in [
        (json!({"resourceType": "Patient", "birthDate": "04/05/1962"}), "Patient.birthDate"),
        (json!({"resourceType": "Patient", "gender": "F"}), "Patient.gender"),
        (json!({"resourceType": "Patient", "nmae": []}), "Patient"),
        (json!({"resourceType": "Patient", "name": [{"given": ["a", 7]}]}), "Patient.name[0].given[1]"),
    ] {
        let told = outcome(&sent(&client, body.to_string()).await, 422);
        let places: Vec<_> =
            told["issue"].as_array().expect("issues").iter().map(|issue| issue["expression"][0].to_string()).collect();
        assert!(places.iter().any(|told| told.contains(place)), "{place}: {places:?}");
    }
}

#[tokio::test]
async fn a_number_beyond_all_measure_is_refused_with_its_place() {
    let (_practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    let body = serde_json::to_string(&pulse(&ana, "77.5")).expect("JSON");
    let text = |value: &str| body.replace("77.5", value);
    for (value, status) in
        [("1e1000", 201), ("1.5E-1000", 201), ("1e1001", 422), ("1e-1001", 422), ("1e99999999999999999999", 422)]
    {
        let media = [("content-type", "application/fhir+json")];
        let answer = client.send("POST", "/fhir/Observation", &media, text(value).into()).await;
        assert_eq!(answer.status, status, "{value}: {}", answer.text());
        if status == 422 {
            assert_eq!(answer.json()["issue"][0]["expression"][0], "Observation.value.value");
        }
    }
}

#[tokio::test]
async fn too_long_bodies_are_refused_before_they_are_read() {
    let (_practice, client) = practice().await;
    // The length is told, the body never sent: only an answer that does not wait for it can come.
    let headers = [("content-type", "application/fhir+json"), ("content-length", "104857600")];
    let told = outcome(&client.send("POST", "/fhir/Patient", &headers, Body::empty()).await, 413);
    assert_eq!(told["issue"][0]["code"], "too-long");
    // Without a length, reading stops at the limit.
    let endless =
        futures_util::stream::repeat(Ok::<_, std::convert::Infallible>(bytes::Bytes::from_static(&[b' '; 1 << 16])));
    outcome(&sent(&client, Body::from_stream(endless)).await, 413);
}

#[tokio::test]
async fn addresses_methods_and_forms() {
    let (_practice, client) = practice().await;
    outcome(&client.get("/fhir/Nonsense/1").await, 404);
    outcome(&client.get("/fhir/Patient/none").await, 404);
    outcome(&client.get("/fhir/Patient/not%20an%20id").await, 404);
    outcome(&client.get("/fhir/Nonsense?x=1").await, 404);
    outcome(&client.get("/fhir/a/b/c/d/e").await, 404);
    outcome(&client.send("PUT", "/fhir/metadata", &[], Body::empty()).await, 405);
    outcome(&client.get("/fhir/Patient/none?_format=xml").await, 406);
    outcome(&client.send("GET", "/fhir/Patient/none", &[("accept", "application/fhir+xml")], Body::empty()).await, 406);
    assert_eq!(client.get("/fhir/metadata?_format=json").await.status, 200);
    let xml = [("content-type", "application/fhir+xml")];
    outcome(&client.send("POST", "/fhir/Patient", &xml, Body::from("<Patient/>")).await, 415);
    let patch =
        client.send("PATCH", "/fhir/Patient/none", &[("content-type", "application/json")], Body::from("[]")).await;
    outcome(&patch, 415);
}

#[tokio::test]
async fn tokens_reach_what_their_scope_names() {
    let (practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    let id = created(&client, &pulse(&ana, "72")).await;
    let reader = practice.client("system/Patient.rs").await;
    assert_eq!(reader.get(&format!("/fhir/Patient/{ana}")).await.status, 200);
    outcome(&reader.get(&format!("/fhir/Observation/{id}")).await, 403);
    outcome(&reader.get("/fhir/Observation?code=8867-4").await, 403);
    outcome(&reader.get("/fhir/Observation/_history").await, 403);
    outcome(&reader.json("POST", "/fhir/Patient", &patient("Baker"), &[]).await, 403);
    let everything = reader.get(&format!("/fhir/Patient/{ana}/$everything")).await;
    assert_eq!(everything.json()["total"].to_string(), "1", "only the types of the scope");
    let history = reader.get("/fhir/_history").await.json();
    assert!(!history.to_string().contains("Observation"));
    outcome(&client.get("/fhir/AuditEvent").await, 403);
    outcome(&client.json("POST", "/fhir/AuditEvent", &json!({"resourceType": "AuditEvent"}), &[]).await, 403);
    let stranger = Client::new(practice.router.clone(), "");
    outcome(&stranger.get(&format!("/fhir/Patient/{ana}")).await, 401);
    outcome(&Client::new(practice.router.clone(), "wrong").get("/fhir/Patient").await, 401);
    assert_eq!(stranger.get("/fhir/metadata").await.status, 200);
}

#[tokio::test]
async fn people_may_not_use_the_api_with_their_session() {
    let (practice, _) = practice().await;
    let browser = practice.signed_in(store::Role::Clinician).await;
    assert_eq!(browser.get("/fhir/Patient").await.status, 401);
}

#[tokio::test]
async fn hostile_texts_are_kept_as_they_are_or_refused() {
    let (_practice, client) = practice().await;
    for text in [
        "<script>alert(1)</script>",
        "Robert'); DROP TABLE resource;--",
        "\u{202e}gnirts",
        "a\u{0}b",
        "\\\"reference\\\":\\\"Patient/x\\\"",
        "\"reference\":\"Practitioner/evil\"",
        "%00%ff",
        "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \u{200b}",
        "x' OR '1'='1",
    ] {
        let body = json!({"resourceType": "Patient", "name": [{"family": text}]});
        let answer = client.json("POST", "/fhir/Patient", &body, &[]).await;
        if answer.status == 201 {
            let id = answer.json()["id"].as_str().expect("an id").to_owned();
            assert_eq!(client.get(&format!("/fhir/Patient/{id}")).await.json()["name"][0]["family"], text);
            let everything = client.get(&format!("/fhir/Patient/{id}/$everything")).await.json();
            assert_eq!(everything["total"].to_string(), "1");
        } else {
            outcome(&answer, 422);
        }
        let query =
            serde_urlencoded::to_string([("name", text), ("_content", text), ("identifier", text)]).expect("a query");
        let found = client.get(&format!("/fhir/Patient?{query}")).await;
        assert!(matches!(found.status, 200 | 400), "{text}: {}", found.text());
    }
}

#[tokio::test]
async fn failures_are_in_the_trail_too() {
    let (practice, client) = practice().await;
    client.get("/fhir/Patient/none").await;
    sent(&client, "{").await;
    let caller = practice.program();
    let permit = caller.read_practice(clinic::Action::UseApi).expect("the program may");
    for action in ["api.read", "api.create"] {
        let query = store::audit::AuditQuery {
            action: Some(action.to_owned()),
            outcome: Some(store::audit::Outcome::Failed),
            count: 10,
            ..Default::default()
        };
        let sealed = practice.store().entries(&permit, &query).await.expect("the trail");
        assert_eq!(sealed.for_decision().len(), 1, "{action}");
    }
}

#[tokio::test]
async fn a_token_that_may_only_write_is_shown_nothing() {
    let (practice, client) = practice().await;
    let writer = practice.client("system/*.cud").await;
    let wish = [("prefer", "return=representation")];
    let made = writer.json("POST", "/fhir/Patient", &patient("Abel"), &wish).await;
    assert_eq!((made.status, made.body.len()), (201, 0), "{}", made.text());
    let id = made.location().split('/').nth(5).expect("an id").to_owned();
    let mut body = patient("Abel");
    body["id"] = json!(id);
    let again = [("prefer", "return=representation"), ("if-match", "W/\"1\"")];
    let saved = writer.json("PUT", &format!("/fhir/Patient/{id}"), &body, &again).await;
    assert_eq!((saved.status, saved.body.len()), (200, 0), "{}", saved.text());
    let patch = Body::from(r#"[{"op":"replace","path":"/gender","value":"other"}]"#);
    let headers = [("content-type", "application/json-patch+json"), ("if-match", "W/\"2\"")];
    let patched = writer.send("PATCH", &format!("/fhir/Patient/{id}"), &headers, patch).await;
    assert_eq!((patched.status, patched.body.len()), (200, 0), "{}", patched.text());
    assert_eq!(client.get(&format!("/fhir/Patient/{id}")).await.json()["gender"], "other");
}

#[tokio::test]
async fn a_patient_is_not_deleted_from_under_a_chart() {
    let (_practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    let observation = created(&client, &pulse(&ana, "72")).await;
    let path = format!("/fhir/Patient/{ana}");
    outcome(&client.send("DELETE", &path, &[], Body::empty()).await, 428);
    outcome(&client.send("DELETE", &path, &[("if-match", "W/\"1\"")], Body::empty()).await, 409);
    assert_eq!(client.get(&path).await.status, 200);
    let entries = |names: &[String]| {
        let entries: Vec<Value> = names
            .iter()
            .map(|name| json!({"request": {"method": "DELETE", "url": name, "ifMatch": "W/\"1\""}}))
            .collect();
        json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})
    };
    let whole = entries(&[format!("Patient/{ana}"), format!("Observation/{observation}")]);
    let answer = client.json("POST", "/fhir", &whole, &[]).await;
    assert_eq!(answer.status, 200, "together with its chart: {}", answer.text());
    assert_eq!(client.get(&path).await.status, 410);
    let ben = created(&client, &patient("Baker")).await;
    let mut arriving = entries(&[format!("Patient/{ben}")]);
    arriving["entry"]
        .as_array_mut()
        .expect("entries")
        .push(json!({"resource": pulse(&ben, "72"), "request": {"method": "POST", "url": "Observation"}}));
    outcome(&client.json("POST", "/fhir", &arriving, &[]).await, 409);
    assert_eq!(client.get(&format!("/fhir/Patient/{ben}")).await.status, 200);
}

#[tokio::test]
async fn a_count_beyond_all_numbers_is_all() {
    let (_practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    let page = client.get(&format!("/fhir/Patient/{ana}/$everything?_count=18446744073709551616")).await;
    assert_eq!((page.status, super::ids(&page.json())), (200, vec![ana]), "{}", page.text());
}

#[tokio::test]
async fn a_history_at_a_time_is_refused_not_mistaken() {
    let (_practice, client) = practice().await;
    created(&client, &patient("Abel")).await;
    let told = outcome(&client.get("/fhir/Patient/_history?_at=2026-11-22T08:00:00Z").await, 400);
    assert_eq!(told["issue"][0]["code"], "not-supported");
    outcome(&client.get("/fhir/Patient/_history?_since=2020").await, 400);
}

#[tokio::test]
async fn addresses_that_are_no_text_are_answered_in_json() {
    let (_practice, client) = practice().await;
    created(&client, &patient("Abel")).await;
    for path in [
        "/fhir/%FF",
        "/fhir/Patient/%FF",
        "/fhir/Patient/%FF/_history",
        "/fhir/Patient/a/%FE",
        "/fhir/Patient?name=%FF",
        "/fhir/Patient?na%FFme=x",
    ] {
        outcome(&client.get(path).await, 400);
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    outcome(&client.send("POST", "/fhir/Patient/_search", &form, Body::from("family=%C3%28")).await, 400);
    let if_none = [("if-none-exist", "identifier=urn:x|%FF")];
    outcome(&client.json("POST", "/fhir/Patient", &patient("Abel"), &if_none).await, 400);
    for path in ["/fhir/Patient/$nothing", "/fhir/Patient/a/$nothing", "/fhir/$nothing"] {
        let told = outcome(&client.get(path).await, 404);
        assert!(told.to_string().contains("operation"), "{path}: {told}");
    }
}

#[tokio::test]
async fn what_a_history_or_a_sort_cannot_do_is_said() {
    let (_practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    for path in [
        "/fhir/Patient/_history?name=abel".to_owned(),
        format!("/fhir/Patient/{ana}/_history?_sort=-date"),
        "/fhir/_history?patient=x".to_owned(),
    ] {
        assert_eq!(outcome(&client.get(&path).await, 400)["issue"][0]["code"], "not-supported", "{path}");
    }
    for sort in ["", "-", "birthdate,", ",family"] {
        outcome(&client.get(&format!("/fhir/Patient?_sort={sort}")).await, 400);
    }
}

#[tokio::test]
async fn an_entry_tied_to_another_patients_visit_or_result_is_refused() {
    let (_practice, client) = practice().await;
    let (ana, ben) = (created(&client, &patient("Abel")).await, created(&client, &patient("Baker")).await);
    let visit = created(
        &client,
        &json!({"resourceType": "Encounter", "status": "finished", "subject": {"reference": format!("Patient/{ben}")},
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}}),
    )
    .await;
    let result = created(&client, &pulse(&ben, "72")).await;
    let mut tied = pulse(&ana, "70");
    tied["encounter"] = json!({"reference": format!("Encounter/{visit}")});
    let report = |whose: &str| {
        json!({"resourceType": "DiagnosticReport", "status": "final", "subject": {"reference": format!("Patient/{whose}")},
            "code": {"text": "Panel"}, "result": [{"reference": format!("Observation/{result}")}]})
    };
    for (body, element) in [(tied, "Observation.encounter"), (report(&ana), "DiagnosticReport.result[0]")] {
        let kind = body["resourceType"].as_str().expect("a type").to_owned();
        let refused = client.json("POST", &format!("/fhir/{kind}"), &body, &[]).await;
        assert_eq!(refused.status, 409);
        assert!(refused.text().contains(element), "{}", refused.text());
        let whole = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
            {"fullUrl": "urn:uuid:5d1a2a44-7f0e-4b8b-9a1c-2f5b0a3c9e11", "request": {"method": "POST", "url": kind}, "resource": body}]});
        assert_eq!(client.json("POST", "/fhir", &whole, &[]).await.status, 409);
    }
    assert_eq!(client.json("POST", "/fhir/DiagnosticReport", &report(&ben), &[]).await.status, 201);
}

/// The same fault from the other side: what is named comes, or moves, after what names it.
#[tokio::test]
async fn what_another_patients_entry_names_comes_to_no_other_chart() {
    let (_practice, client) = practice().await;
    let (ana, ben) = (created(&client, &patient("Abel")).await, created(&client, &patient("Baker")).await);
    let visit = |id: &str, of: &str| {
        json!({"resourceType": "Encounter", "id": id, "status": "finished", "subject": {"reference": format!("Patient/{of}")},
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}})
    };
    let put = async |body: &Value, version: Option<&str>| {
        let path =
            format!("/fhir/{}/{}", body["resourceType"].as_str().expect("type"), body["id"].as_str().expect("id"));
        let headers: Vec<(&str, &str)> = version.map(|version| ("if-match", version)).into_iter().collect();
        client.json("PUT", &path, body, &headers).await
    };
    // Named before it is there.
    let mut tied = pulse(&ana, "70");
    tied["encounter"] = json!({"reference": "Encounter/later"});
    let tied_id = created(&client, &tied).await;
    let refused = put(&visit("later", &ben), None).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert!(refused.text().contains(&format!("Observation/{tied_id}")), "{}", refused.text());
    assert_eq!(put(&visit("later", &ana), None).await.status, 201);
    // Moved from under what names it, be that found by a search parameter or not.
    let refused = put(&visit("later", &ben), Some("W/\"1\"")).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert_eq!(put(&visit("shot", &ana), None).await.status, 201);
    let shot = json!({"resourceType": "Immunization", "id": "i", "status": "completed", "vaccineCode": {"text": "MMR"},
        "patient": {"reference": format!("Patient/{ana}")}, "occurrenceDateTime": "2026-01-02",
        "encounter": {"reference": "Encounter/shot"}});
    assert_eq!(put(&shot, None).await.status, 201);
    assert_eq!(put(&visit("shot", &ben), Some("W/\"1\"")).await.status, 409);
    // A result moves no more than a visit.
    let result = created(&client, &pulse(&ana, "72")).await;
    let report = json!({"resourceType": "DiagnosticReport", "status": "final", "code": {"text": "Panel"},
        "subject": {"reference": format!("Patient/{ana}")}, "result": [{"reference": format!("Observation/{result}")}]});
    created(&client, &report).await;
    let mut moved = pulse(&ben, "72");
    moved["id"] = json!(result);
    assert_eq!(put(&moved, Some("W/\"1\"")).await.status, 409);
    // Together they move.
    tied["id"] = json!(tied_id);
    let entry = |body: &Value| {
        let url = format!("{}/{}", body["resourceType"].as_str().expect("type"), body["id"].as_str().expect("id"));
        json!({"request": {"method": "PUT", "url": url, "ifMatch": "W/\"1\""}, "resource": body})
    };
    let mut bundle =
        json!({"resourceType": "Bundle", "type": "transaction", "entry": [entry(&visit("later", &ben)), entry(&tied)]});
    assert_eq!(client.json("POST", "/fhir", &bundle, &[]).await.status, 409, "one of the two stays behind");
    bundle["entry"][1]["resource"]["subject"]["reference"] = json!(format!("Patient/{ben}"));
    let whole = client.json("POST", "/fhir", &bundle, &[]).await;
    assert_eq!(whole.status, 200, "{}", whole.text());
}
