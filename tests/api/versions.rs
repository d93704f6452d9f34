//! Create, read, update, patch, delete, history.

use super::{created, patient, practice, pulse};
use axum::body::Body;
use serde_json::json;

#[tokio::test]
async fn what_is_created_is_read_back_as_sent() {
    let (_practice, client) = practice().await;
    let ana = created(&client, &patient("Núñez")).await;
    let answer = client.json("POST", "/fhir/Observation", &pulse(&ana, "72.50"), &[]).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let id = answer.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(uuid::Uuid::parse_str(&id).expect("a UUID").get_version_num(), 7);
    assert_eq!(answer.header("etag"), "W/\"1\"");
    assert!(answer.location().ends_with(&format!("/fhir/Observation/{id}/_history/1")), "{}", answer.location());

    let read = client.get(&format!("/fhir/Observation/{id}")).await;
    assert_eq!((read.status, read.header("etag")), (200, "W/\"1\""));
    assert_eq!(read.header("content-type"), "application/fhir+json; charset=utf-8");
    assert_eq!(read.header("cache-control"), "no-store");
    assert!(!read.header("last-modified").is_empty());
    assert_eq!(read.body, answer.body);
    assert!(read.text().contains("\"value\":72.50"), "numbers keep their digits");
    let mut body = read.json();
    assert_eq!(body["meta"]["versionId"], "1");
    body.as_object_mut().expect("an object").retain(|name, _| name != "id" && name != "meta");
    assert_eq!(body, pulse(&ana, "72.50"));

    let unchanged =
        client.send("GET", &format!("/fhir/Observation/{id}"), &[("if-none-match", "W/\"1\"")], Body::empty()).await;
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
}

#[tokio::test]
async fn every_patient_gets_a_record_number_and_keeps_it() {
    let (_practice, client) = practice().await;
    let mut numbers = Vec::new();
    for family in ["Abel", "Baker"] {
        let id = created(&client, &patient(family)).await;
        let read = client.get(&format!("/fhir/Patient/{id}")).await.json();
        assert_eq!(read["identifier"][0]["type"]["coding"][0]["code"], "MR");
        numbers.push((id, read["identifier"][0]["value"].as_str().expect("a number").to_owned()));
    }
    assert_eq!(numbers[0].1, "100001");
    assert_eq!(numbers[1].1, "100002");
    // An update that leaves the number out does not lose it; one that changes it is refused.
    let (id, number) = &numbers[0];
    let mut body = patient("Abelson");
    body["id"] = json!(id);
    let saved = client.json("PUT", &format!("/fhir/Patient/{id}"), &body, &[("if-match", "W/\"1\"")]).await;
    assert_eq!(saved.status, 200, "{}", saved.text());
    assert_eq!(saved.json()["identifier"][0]["value"], number.as_str());
    body["identifier"] = json!([{"system": "urn:chartroom:record-number", "value": "7"}]);
    let refused = client.json("PUT", &format!("/fhir/Patient/{id}"), &body, &[("if-match", "W/\"2\"")]).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.json()["issue"][0]["expression"][0], "Patient.identifier");
}

#[tokio::test]
async fn a_patient_put_again_after_deletion_keeps_the_record_number() {
    let (_practice, client) = practice().await;
    let number = |answer: &serde_json::Value| answer["identifier"][0]["value"].as_str().map(str::to_owned);
    let id = created(&client, &patient("Abel")).await;
    let path = format!("/fhir/Patient/{id}");
    assert_eq!(client.send("DELETE", &path, &[("if-match", "W/\"1\"")], Body::empty()).await.status, 204);
    let mut body = patient("Abel");
    body["id"] = json!(id);
    let other = json!([{"system": "urn:chartroom:record-number", "value": "100009"}]);
    let mut stray = body.clone();
    stray["identifier"] = other;
    assert_eq!(client.json("PUT", &path, &stray, &[("if-match", "W/\"2\"")]).await.status, 422);
    let again = client.json("PUT", &path, &body, &[("if-match", "W/\"2\"")]).await;
    assert!(again.status == 201 || again.status == 200, "{}", again.text());
    assert_eq!(number(&again.json()).as_deref(), Some("100001"));
    let read = client.get(&path).await.json();
    assert_eq!((number(&read).as_deref(), read["identifier"].as_array().map(Vec::len)), (Some("100001"), Some(1)));
    let next = created(&client, &patient("Baker")).await;
    let next = client.get(&format!("/fhir/Patient/{next}")).await.json();
    assert_eq!(number(&next).as_deref(), Some("100002"), "no number was used up meanwhile");
}

#[tokio::test]
async fn a_change_names_the_version_it_is_based_on() {
    let (_practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    let id = created(&client, &pulse(&ana, "72")).await;
    let path = format!("/fhir/Observation/{id}");
    let mut body = pulse(&ana, "80");
    body["id"] = json!(id);
    assert_eq!(client.json("PUT", &path, &body, &[]).await.status, 428);
    assert_eq!(client.json("PUT", &path, &body, &[("if-match", "W/\"2\"")]).await.status, 412);
    assert_eq!(client.json("PUT", &path, &body, &[("if-match", "W/\"01\"")]).await.status, 412, "no version's tag");
    let any = client.json("PUT", &path, &body, &[("if-match", "*")]).await;
    assert_eq!(any.status, 400);
    assert!(any.text().contains("name the version"), "{}", any.text());
    let saved = client.json("PUT", &path, &body, &[("if-match", "W/\"1\"")]).await;
    assert_eq!((saved.status, saved.header("etag")), (200, "W/\"2\""));
    assert_eq!(client.json("PUT", &path, &body, &[("if-match", "W/\"1\"")]).await.status, 412);
    // PUT creates under its id; the id in the body must be the same.
    let new =
        client.json("PUT", "/fhir/Observation/my-own", &json!({"id": "my-own"}).merge(&pulse(&ana, "60")), &[]).await;
    assert_eq!(new.status, 201, "{}", new.text());
    let other = client.json("PUT", "/fhir/Observation/my-own", &body, &[("if-match", "W/\"1\"")]).await;
    assert_eq!(other.status, 400, "{}", other.text());
    // What belongs to no chart may be changed without a version.
    let place = json!({"resourceType": "Location", "id": "room-1", "name": "Exam room 1"});
    assert_eq!(client.json("PUT", "/fhir/Location/room-1", &place, &[]).await.status, 201);
    assert_eq!(client.json("PUT", "/fhir/Location/room-1", &place, &[]).await.status, 200);
}

trait Merge {
    fn merge(self, other: &serde_json::Value) -> serde_json::Value;
}

impl Merge for serde_json::Value {
    fn merge(mut self, other: &serde_json::Value) -> serde_json::Value {
        let all = other.as_object().expect("an object").clone();
        self.as_object_mut().expect("an object").extend(all);
        self
    }
}

#[tokio::test]
async fn of_many_changes_based_on_one_version_one_wins() {
    let (_practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    let id = created(&client, &pulse(&ana, "72")).await;
    let path = format!("/fhir/Observation/{id}");
    let changes = (0..20).map(|n| {
        let body = json!({"id": id}).merge(&pulse(&ana, &format!("{}", 60 + n)));
        let (client, path) = (&client, &path);
        async move { client.json("PUT", path, &body, &[("if-match", "W/\"1\"")]).await.status }
    });
    let mut statuses = futures_util::future::join_all(changes).await;
    statuses.sort_unstable();
    assert_eq!(statuses.first(), Some(&200));
    assert!(statuses[1..].iter().all(|status| *status == 412), "{statuses:?}");
    assert_eq!(client.get(&path).await.header("etag"), "W/\"2\"");
}

#[tokio::test]
async fn patches_change_what_they_name() {
    let (_practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    let id = created(&client, &pulse(&ana, "72.50")).await;
    let path = format!("/fhir/Observation/{id}");
    let patch = |text: &'static str, headers: &'static [(&str, &str)]| {
        let mut all = vec![("content-type", "application/json-patch+json")];
        all.extend_from_slice(headers);
        let (client, path) = (&client, &path);
        async move { client.send("PATCH", path, &all, Body::from(text)).await }
    };
    const IF: &[(&str, &str)] = &[("if-match", "W/\"1\"")];
    assert_eq!(patch(r#"[{"op":"replace","path":"/status","value":"amended"}]"#, &[]).await.status, 428);
    let refused = patch(r#"[{"op":"replace","path":"/status","value":"nonsense"}]"#, IF).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert_eq!(patch(r#"[{"op":"test","path":"/status","value":"amended"}]"#, IF).await.status, 422);
    let saved = patch(r#"[{"op":"replace","path":"/status","value":"amended"}]"#, IF).await;
    assert_eq!(saved.status, 200, "{}", saved.text());
    assert_eq!(saved.json()["status"], "amended");
    assert!(saved.text().contains("\"value\":72.50"));
}

#[tokio::test]
async fn the_deleted_is_gone_but_its_versions_stay() {
    let (_practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    let id = created(&client, &pulse(&ana, "72")).await;
    let path = format!("/fhir/Observation/{id}");
    assert_eq!(client.send("DELETE", &path, &[("if-match", "W/\"9\"")], Body::empty()).await.status, 412);
    assert_eq!(client.send("DELETE", &path, &[], Body::empty()).await.status, 428);
    assert_eq!(client.send("DELETE", &path, &[("if-match", "W/\"1\"")], Body::empty()).await.status, 204);
    assert_eq!(client.send("DELETE", &path, &[], Body::empty()).await.status, 204);
    let gone = client.get(&path).await;
    assert_eq!((gone.status, gone.json()["issue"][0]["code"].as_str()), (410, Some("deleted")));
    assert_eq!(client.get(&format!("{path}/_history/1")).await.status, 200);
    assert_eq!(client.get(&format!("{path}/_history/2")).await.status, 410);
    assert_eq!(client.get(&format!("{path}/_history/3")).await.status, 404);
    let history = client.get(&format!("{path}/_history")).await.json();
    assert_eq!(history["type"], "history");
    assert_eq!(history["total"].to_string(), "2");
    assert_eq!(history["entry"][0]["request"]["method"], "DELETE");
    assert!(history["entry"][0].get("resource").is_none());
    assert_eq!(history["entry"][1]["response"]["etag"], "W/\"1\"");
    // Written again, it lives again.
    let again = client.json("PUT", &path, &json!({"id": id}).merge(&pulse(&ana, "75")), &[]).await;
    assert_eq!((again.status, again.header("etag")), (201, "W/\"3\""));
}

#[tokio::test]
async fn histories_come_in_pages_without_gap_or_repeat() {
    let (_practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    for n in 0..7 {
        created(&client, &pulse(&ana, &n.to_string())).await;
    }
    for (path, versions) in [("/fhir/Observation/_history", 7), ("/fhir/_history", 8)] {
        let mut seen = Vec::new();
        let mut next = Some(format!("{path}?_count=3"));
        while let Some(path) = next {
            let page = client.get(&path).await.json();
            let entries = page["entry"].as_array().expect("entries");
            assert!(entries.len() <= 3);
            seen.extend(entries.iter().map(|entry| entry["fullUrl"].to_string()));
            let links = page["link"].as_array().expect("links");
            next = links.iter().find(|link| link["relation"] == "next").map(|link| {
                let url = link["url"].as_str().expect("a url");
                url[url.find("/fhir").expect("our address")..].to_owned()
            });
        }
        assert_eq!(seen.len(), versions, "{path}");
        seen.dedup();
        assert_eq!(seen.len(), versions, "{path}");
    }
}

#[tokio::test]
async fn a_corrected_subject_moves_the_entry_to_the_other_chart() {
    let (practice, client) = practice().await;
    let (ana, ben) = (created(&client, &patient("Abel")).await, created(&client, &patient("Baker")).await);
    let id = created(&client, &pulse(&ana, "72")).await;
    let moved = json!({"id": id}).merge(&pulse(&ben, "72"));
    let saved = client.json("PUT", &format!("/fhir/Observation/{id}"), &moved, &[("if-match", "W/\"1\"")]).await;
    assert_eq!(saved.status, 200, "{}", saved.text());
    for (patient, found) in [(&ana, "0"), (&ben, "1")] {
        let page = client.get(&format!("/fhir/Observation?patient={patient}&_total=accurate")).await.json();
        assert_eq!(page["total"].to_string(), found);
    }
    let caller = practice.program();
    let permit = caller.read_practice(clinic::Action::UseApi).expect("the program may");
    for patient in [ana, ben] {
        let query = store::audit::AuditQuery {
            patient: Some(fhir::PatientId::parse(&patient).expect("an id")),
            action: Some("api.update".to_owned()),
            count: 10,
            ..Default::default()
        };
        let sealed = practice.store().entries(&permit, &query).await.expect("the trail");
        assert_eq!(sealed.for_decision().len(), 1, "told in both charts");
    }
}

#[tokio::test]
async fn a_chart_of_nobody_is_refused() {
    let (_practice, client) = practice().await;
    let refused = client.json("POST", "/fhir/Observation", &pulse("nobody", "72"), &[]).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert_eq!(refused.json()["issue"][0]["expression"][0], "Observation.subject.reference");
}

#[tokio::test]
async fn a_repeated_request_answers_as_the_first_time() {
    let (_practice, client) = practice().await;
    let key = [("idempotency-key", "order-7")];
    let first = client.json("POST", "/fhir/Patient", &patient("Abel"), &key).await;
    let again = client.json("POST", "/fhir/Patient", &patient("Abel"), &key).await;
    assert_eq!((first.status, again.status), (201, 201), "{}", again.text());
    assert_eq!(first.body, again.body);
    assert_eq!(client.json("POST", "/fhir/Patient", &patient("Baker"), &key).await.status, 422);
    assert_eq!(client.get("/fhir/Patient?_total=accurate").await.json()["total"].to_string(), "1");
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_asked_again_and_done_once() {
    let (_practice, client) = practice().await;
    let id = created(&client, &patient("Abel")).await;
    let path = format!("/fhir/Patient/{id}");
    let mut married = patient("Baker");
    married["id"] = json!(id);
    let update = [("idempotency-key", "name-1"), ("if-match", "W/\"1\"")];
    let first = client.json("PUT", &path, &married, &update).await;
    let again = client.json("PUT", &path, &married, &update).await;
    assert_eq!((first.status, again.status), (200, 200), "its version has moved on by itself: {}", again.text());
    assert_eq!((&first.body, first.header("etag")), (&again.body, again.header("etag")));
    let patch = json!([{"op": "replace", "path": "/gender", "value": "other"}]).to_string();
    let media = ("content-type", "application/json-patch+json");
    let patching = [("idempotency-key", "name-2"), ("if-match", "W/\"2\""), media];
    let first = client.send("PATCH", &path, &patching, patch.clone().into()).await;
    let again = client.send("PATCH", &path, &patching, patch.into()).await;
    assert_eq!((first.status, again.status, &first.body), (200, 200, &again.body), "{}", again.text());
    let ending = [("idempotency-key", "end-1"), ("if-match", "W/\"3\"")];
    for _ in 0..2 {
        assert_eq!(client.send("DELETE", &path, &ending, axum::body::Body::empty()).await.status, 204);
    }
    let history = client.get(&format!("{path}/_history")).await.json();
    assert_eq!(history["entry"].as_array().expect("entries").len(), 4, "made, two changes, ended: each once");
    // A key is of one request: with another version it is another request.
    let other = [("idempotency-key", "name-1"), ("if-match", "W/\"4\"")];
    assert_eq!(client.json("PUT", &path, &married, &other).await.status, 422);
}

#[tokio::test]
async fn a_retry_key_stands_for_the_conditions_too() {
    let (_practice, client) = practice().await;
    let abel = patient("Abel");
    for (name, value) in [("if-none-exist", "family=abel"), ("if-match", "W/\"1\""), ("if-none-match", "*")] {
        let path = if name == "if-none-exist" { "/fhir/Patient".to_owned() } else { format!("/fhir/Patient/{name}") };
        let method = if name == "if-none-exist" { "POST" } else { "PUT" };
        let body = if method == "PUT" { json!({"id": name}).merge(&abel) } else { abel.clone() };
        let key = ("idempotency-key", name);
        assert_eq!(client.json(method, &path, &body, &[key]).await.status, 201, "{name}");
        assert_eq!(client.json(method, &path, &body, &[key, (name, value)]).await.status, 422, "{name}");
    }
    let bytes = || Body::from(abel.to_string());
    for (media, status) in [("application/fhir+json", 201), ("application/json", 422)] {
        let headers = [("idempotency-key", "media"), ("content-type", media)];
        assert_eq!(client.send("POST", "/fhir/Patient", &headers, bytes()).await.status, status, "{media}");
    }
}

#[tokio::test]
async fn answers_are_as_long_as_preferred() {
    let (_practice, client) = practice().await;
    let minimal = client.json("POST", "/fhir/Patient", &patient("Abel"), &[("prefer", "return=minimal")]).await;
    assert_eq!((minimal.status, minimal.body.len()), (201, 0));
    let outcome =
        client.json("POST", "/fhir/Patient", &patient("Abel"), &[("prefer", "return=OperationOutcome")]).await;
    assert_eq!(outcome.json()["resourceType"], "OperationOutcome");
}

#[tokio::test]
async fn an_update_carries_the_id_of_its_address() {
    let (_practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    let path = format!("/fhir/Patient/{ana}");
    let first = [("if-match", "W/\"1\"")];
    let mut named = patient("Abel");
    for id in [None, Some("another")] {
        if let Some(id) = id {
            named["id"] = json!(id);
        }
        let answer = client.json("PUT", &path, &named, &first).await;
        assert_eq!((answer.status, answer.json()["issue"][0]["expression"][0].as_str()), (400, Some("Patient.id")));
    }
    named["id"] = json!(ana);
    assert_eq!(client.json("PUT", &path, &named, &first).await.status, 200);
    // By condition it may be left out.
    let mut known = patient("Baker");
    known["identifier"] = json!([{"system": "urn:x", "value": "1"}]);
    assert_eq!(client.json("PUT", "/fhir/Patient?identifier=urn:x|1", &known, &[]).await.status, 201);
}

#[tokio::test]
async fn an_update_may_be_only_for_what_is_not_there_yet() {
    let (_practice, client) = practice().await;
    let doctor = |family: &str| json!({"resourceType": "Practitioner", "id": "d", "name": [{"family": family}]});
    let only_new = [("if-none-match", "*")];
    let put = async |family: &str| client.json("PUT", "/fhir/Practitioner/d", &doctor(family), &only_new).await.status;
    assert_eq!((put("Okafor").await, put("Berg").await), (201, 412));
    let entry =
        json!({"resource": doctor("Berg"), "request": {"method": "PUT", "url": "Practitioner/d", "ifNoneMatch": "*"}});
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [entry]});
    assert_eq!(client.json("POST", "/fhir", &bundle, &[]).await.status, 412);
    assert_eq!(client.get("/fhir/Practitioner/d").await.json()["name"][0]["family"], "Okafor");
    client.send("DELETE", "/fhir/Practitioner/d", &[], Body::empty()).await;
    assert_eq!(put("Berg").await, 201);
}
