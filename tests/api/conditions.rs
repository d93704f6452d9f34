//! Conditional create, update, patch and delete.

use super::{created, patient, practice};
use axum::body::Body;
use serde_json::{Value, json};

fn insured(number: &str) -> Value {
    let mut body = patient("Abel");
    body["identifier"] = json!([{"system": "urn:insurer", "value": number}]);
    body
}

#[tokio::test]
async fn create_if_none_exists() {
    let (_practice, client) = practice().await;
    let ask = [("if-none-exist", "identifier=urn:insurer|7")];
    let first = client.json("POST", "/fhir/Patient", &insured("7"), &ask).await;
    assert_eq!(first.status, 201, "{}", first.text());
    let again = client.json("POST", "/fhir/Patient", &insured("7"), &ask).await;
    assert_eq!((again.status, again.json()["id"].clone()), (200, first.json()["id"].clone()));
    created(&client, &insured("7")).await;
    let several = client.json("POST", "/fhir/Patient", &insured("7"), &ask).await;
    assert_eq!((several.status, several.json()["issue"][0]["code"].as_str()), (412, Some("multiple-matches")));
    for wrong in ["", "nonsense=1", "_sort=name"] {
        let answer =
            client.json("POST", "/fhir/Patient", &insured("8"), &[("if-none-exist", &format!("?{wrong}"))]).await;
        assert_eq!(answer.status, 400, "{wrong}: {}", answer.text());
    }
}

/// A retry must not do later what the first time there was nothing to do for: the answer may have been lost, not the care since.
#[tokio::test]
async fn what_changed_nothing_changes_nothing_when_asked_again() {
    let (_practice, client) = practice().await;
    let (path, ending) = ("/fhir/Patient?identifier=urn:insurer|7", [("idempotency-key", "end-7")]);
    assert_eq!(client.send("DELETE", path, &ending, Body::empty()).await.status, 204);
    let id = created(&client, &insured("7")).await;
    assert_eq!(client.send("DELETE", path, &ending, Body::empty()).await.status, 204);
    assert_eq!(client.get(&format!("/fhir/Patient/{id}")).await.status, 200, "made since: it stays");

    let found = [("idempotency-key", "new-7"), ("if-none-exist", "identifier=urn:insurer|7")];
    let first = client.json("POST", "/fhir/Patient", &insured("7"), &found).await;
    assert_eq!((first.status, first.json()["id"].as_str()), (200, Some(id.as_str())));
    let other = client.json("POST", "/fhir/Patient", &insured("8"), &found).await;
    assert_eq!(other.status, 422, "the key is of another request: {}", other.text());
    client.send("DELETE", &format!("/fhir/Patient/{id}"), &[("if-match", "W/\"1\"")], Body::empty()).await;
    let again = client.json("POST", "/fhir/Patient", &insured("7"), &found).await;
    assert_eq!((again.status, again.json()["id"].as_str()), (200, Some(id.as_str())), "as the first time");
    assert_eq!(client.get("/fhir/Patient?_summary=count").await.json()["total"], 0);
}

#[tokio::test]
async fn of_many_creates_with_one_condition_one_happens() {
    let (_practice, client) = practice().await;
    let creates = (0..16).map(|_| {
        let client = &client;
        async move {
            client
                .json("POST", "/fhir/Patient", &insured("7"), &[("if-none-exist", "identifier=urn:insurer|7")])
                .await
                .status
        }
    });
    let statuses = futures_util::future::join_all(creates).await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 15, "{statuses:?}");
}

#[tokio::test]
async fn update_patch_and_delete_what_matches() {
    let (_practice, client) = practice().await;
    let path = "/fhir/Patient?identifier=urn:insurer|7";
    let none = client.send("DELETE", path, &[], Body::empty()).await;
    assert_eq!(none.status, 204);
    let made = client.json("PUT", path, &insured("7"), &[]).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(client.json("PUT", path, &insured("7"), &[]).await.status, 428);
    let mut body = insured("7");
    body["gender"] = json!("male");
    let saved = client.json("PUT", path, &body, &[("if-match", "W/\"1\"")]).await;
    assert_eq!((saved.status, saved.json()["gender"].as_str()), (200, Some("male")));
    let patch = Body::from(r#"[{"op":"replace","path":"/gender","value":"other"}]"#);
    let headers = [("content-type", "application/json-patch+json"), ("if-match", "W/\"2\"")];
    let patched = client.send("PATCH", path, &headers, patch).await;
    assert_eq!((patched.status, patched.json()["gender"].as_str()), (200, Some("other")));
    assert_eq!(client.send("DELETE", path, &[], Body::empty()).await.status, 204);
    assert_eq!(client.get("/fhir/Patient?_total=accurate").await.json()["total"].to_string(), "0");
}

#[tokio::test]
async fn a_condition_that_cannot_be_read_is_never_left_out() {
    let (_practice, client) = practice().await;
    let body = axum::body::Bytes::from(patient("Abel").to_string());
    for (name, value) in [
        ("if-none-exist", "name=M\u{fc}ller".as_bytes()),
        ("if-none-exist", b""),
        ("if-none-exist", b"?"),
        ("idempotency-key", "sch\u{f6}n".as_bytes()),
        ("idempotency-key", b" "),
        ("if-match", b"W/\"1\xff\""),
    ] {
        let value = axum::http::HeaderValue::from_bytes(value).expect("a header");
        let request = axum::http::Request::post("/fhir/Patient")
            .header("host", "127.0.0.1:8080")
            .header("authorization", format!("Bearer {}", client.token))
            .header("content-type", "application/fhir+json")
            .header(name, &value);
        let answer = client.request(request.body(body.clone().into()).expect("a request")).await;
        assert_eq!(answer.status, 400, "{name}: {value:?}: {}", answer.text());
    }
    for request in [
        json!({"method": "POST", "url": "Patient", "ifNoneExists": "identifier=urn:x|1"}),
        json!({"method": "POST", "url": "Patient", "ifNoneExist": 1}),
        json!({"method": "POST", "url": "Patient", "ifNoneExist": ""}),
        json!({"method": "POST", "url": "Patient", "ifMatch": 1}),
    ] {
        let sent = json!({"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": patient("Abel"), "request": request}]});
        let answer = client.json("POST", "/fhir", &sent, &[]).await;
        assert_eq!(
            (answer.status, answer.json()["issue"][0]["expression"][0].as_str()),
            (400, Some("Bundle.entry[0].request"))
        );
    }
    assert_eq!(client.get("/fhir/Patient?_summary=count").await.json()["total"], 0);
}

#[tokio::test]
async fn who_may_only_write_asks_no_questions_by_a_condition() {
    let (practice, client) = practice().await;
    created(&client, &insured("7")).await;
    let writer = practice.client("system/Patient.cud system/Observation.cud").await;
    let asked = [("if-none-exist", "identifier=urn:insurer|7")];
    assert_eq!(writer.json("POST", "/fhir/Patient", &insured("7"), &asked).await.status, 403);
    assert_eq!(writer.json("PUT", "/fhir/Patient?identifier=urn:insurer|7", &insured("7"), &[]).await.status, 403);
    assert_eq!(writer.send("DELETE", "/fhir/Patient?identifier=urn:insurer|7", &[], Body::empty()).await.status, 403);
    let of = json!({"resourceType": "Observation", "status": "final", "code": {"text": "x"},
        "subject": {"reference": "Patient?identifier=urn:insurer|7"}});
    let entry = json!({"fullUrl": "urn:uuid:6a1c2f6e-8b1e-4b7d-9f0a-2f6f1d1c0a01", "resource": of, "request": {"method": "POST", "url": "Observation"}});
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [entry]});
    assert_eq!(writer.json("POST", "/fhir", &bundle, &[]).await.status, 403);
    assert_eq!(writer.json("POST", "/fhir/Patient", &insured("8"), &[]).await.status, 201, "it may write");
}
