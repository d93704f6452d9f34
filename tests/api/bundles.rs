//! Transactions and batches.

use super::{created, patient, practice, pulse};
use chartroom_tests::Practice;
use serde_json::{Value, json};
use web::Config;

fn bundle(kind: &str, entries: &[Value]) -> Value {
    json!({"resourceType": "Bundle", "type": kind, "entry": entries})
}

fn entry(url: &str, method: &str, at: &str, resource: Value) -> Value {
    let mut entry = json!({"fullUrl": url, "request": {"method": method, "url": at}});
    if !resource.is_null() {
        entry["resource"] = resource;
    }
    entry
}

const ANA: &str = "urn:uuid:0190a7e4-1c5b-7a3e-9f10-8b1b1a2c3d4e";

fn pulse_of(reference: &str) -> Value {
    let mut body = pulse("x", "72");
    body["subject"] = json!({"reference": reference});
    body
}

#[tokio::test]
async fn references_between_entries_are_resolved() {
    let (_practice, client) = practice().await;
    created(&client, &json!({"resourceType": "Practitioner", "identifier": [{"system": "urn:npi", "value": "77"}]}))
        .await;
    let mut observation = pulse_of(ANA);
    observation["performer"] = json!([{"reference": "Practitioner?identifier=urn:npi|77"}]);
    let sent = bundle(
        "transaction",
        &[entry("", "POST", "Observation", observation), entry(ANA, "POST", "Patient", patient("Abel"))],
    );
    let answer = client.json("POST", "/fhir", &sent, &[("prefer", "return=representation")]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let told = answer.json();
    assert_eq!(told["type"], "transaction-response");
    assert_eq!(told["entry"][0]["response"]["status"], "201 Created");
    let ana = told["entry"][1]["resource"]["id"].as_str().expect("an id");
    let observation = &told["entry"][0]["resource"];
    assert_eq!(observation["subject"]["reference"], format!("Patient/{ana}"));
    assert!(
        observation["performer"][0]["reference"]
            .as_str()
            .is_some_and(|r| r.starts_with("Practitioner/") && !r.contains('?'))
    );
    let read = client.get(&format!("/fhir/Observation/{}", observation["id"].as_str().expect("an id"))).await;
    assert_eq!(&read.json(), observation);
}

#[tokio::test]
async fn a_transaction_happens_whole_or_not_at_all() {
    let (_practice, client) = practice().await;
    let good = entry(ANA, "POST", "Patient", patient("Abel"));
    for (bad, status, place) in [
        (
            entry("", "POST", "Patient", json!({"resourceType": "Patient", "gender": "F"})),
            422,
            "Bundle.entry[1].resource.gender",
        ),
        (
            entry("", "POST", "Observation", pulse_of("urn:uuid:none")),
            422,
            "Bundle.entry[1].resource.subject.reference",
        ),
        (entry("", "POST", "Observation", pulse_of("Patient/none")), 422, "Observation.subject.reference"),
        (
            entry("", "POST", "Observation", pulse_of("Patient?identifier=none")),
            422,
            "Bundle.entry[1].resource.subject.reference",
        ),
        (entry("", "POST", "Nonsense", json!({"resourceType": "Nonsense"})), 400, "Bundle.entry[1].request.url"),
        (entry("", "PUT", "Patient/x", Value::Null), 400, "Bundle.entry[1].resource"),
        (json!({"resource": patient("Abel")}), 400, "Bundle.entry[1].request"),
    ] {
        let answer = client.json("POST", "/fhir", &bundle("transaction", &[good.clone(), bad.clone()]), &[]).await;
        assert_eq!(answer.status, status, "{bad}: {}", answer.text());
        assert_eq!(answer.json()["issue"][0]["expression"][0], place, "{}", answer.text());
    }
    assert_eq!(client.get("/fhir/Patient?_total=accurate").await.json()["total"].to_string(), "0");
    // No record number was used up either.
    let id = created(&client, &patient("Abel")).await;
    assert_eq!(client.get(&format!("/fhir/Patient/{id}")).await.json()["identifier"][0]["value"], "100001");
}

#[tokio::test]
async fn every_verb_in_one_transaction() {
    let (_practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    let (old, kept) = (created(&client, &pulse(&ana, "60")).await, created(&client, &pulse(&ana, "61")).await);
    let mut changed = pulse(&ana, "62");
    changed["id"] = json!(kept);
    let mut put = entry("", "PUT", &format!("Observation/{kept}"), changed);
    let without_version = bundle("transaction", &[put.clone()]);
    assert_eq!(client.json("POST", "/fhir", &without_version, &[]).await.status, 428);
    put["request"]["ifMatch"] = json!("W/\"1\"");
    let mut conditional = entry(
        "",
        "POST",
        "Practitioner",
        json!({"resourceType": "Practitioner", "identifier": [{"system": "urn:npi", "value": "1"}]}),
    );
    conditional["request"]["ifNoneExist"] = json!("identifier=urn:npi|1");
    let mut delete = entry("", "DELETE", &format!("Observation/{old}"), Value::Null);
    delete["request"]["ifMatch"] = json!("W/\"1\"");
    let sent = bundle(
        "transaction",
        &[
            entry("", "GET", &format!("Observation?patient={ana}&_total=accurate"), Value::Null),
            put,
            conditional.clone(),
            delete,
            entry("", "GET", &format!("Patient/{ana}"), Value::Null),
        ],
    );
    let answer = client.json("POST", "/fhir", &sent, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let told = answer.json();
    assert_eq!(told["entry"][0]["resource"]["total"].to_string(), "1", "reads see what the transaction did");
    assert_eq!(told["entry"][1]["response"]["etag"], "W/\"2\"");
    assert_eq!(told["entry"][3]["response"]["status"], "204 No Content");
    assert_eq!(told["entry"][4]["resource"]["id"], ana.as_str());
    let again = client.json("POST", "/fhir", &bundle("transaction", &[conditional]), &[]).await.json();
    assert_eq!(again["entry"][0]["response"]["status"], "200 OK");
    let mut delete = entry("", "DELETE", &format!("Observation/{kept}"), Value::Null);
    delete["request"]["ifMatch"] = json!(client.get(&format!("/fhir/Observation/{kept}")).await.header("etag"));
    let twice = bundle("transaction", &[delete.clone(), delete]);
    assert_eq!(client.json("POST", "/fhir", &twice, &[]).await.status, 400);
}

#[tokio::test]
async fn batch_entries_stand_alone() {
    let (_practice, client) = practice().await;
    let sent = bundle(
        "batch",
        &[
            entry("", "POST", "Patient", patient("Abel")),
            entry("", "POST", "Patient", json!({"resourceType": "Patient", "gender": "F"})),
            entry("", "GET", "Patient/none", Value::Null),
            entry("", "GET", "Patient?family=abel", Value::Null),
            json!({}),
        ],
    );
    let told = client.json("POST", "/fhir", &sent, &[]).await.json();
    let statuses: Vec<_> = told["entry"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|e| e["response"]["status"].as_str().expect("a status").to_owned())
        .collect();
    assert_eq!(statuses, ["201 Created", "422 Unprocessable Entity", "404 Not Found", "200 OK", "400 Bad Request"]);
    assert_eq!(told["entry"][1]["response"]["outcome"]["resourceType"], "OperationOutcome");
    assert_eq!(told["entry"][3]["resource"]["entry"][0]["resource"]["name"][0]["family"], "Abel");
    assert_eq!(client.json("POST", "/fhir", &patient("Abel"), &[]).await.status, 400);
}

#[tokio::test]
async fn a_batch_takes_no_retry_key() {
    let (_practice, client) = practice().await;
    let sent = bundle("batch", &[entry("", "POST", "Patient", patient("Abel"))]);
    let refused = client.json("POST", "/fhir", &sent, &[("idempotency-key", "b-1")]).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("Idempotency-Key"), "{}", refused.text());
    assert_eq!(client.get("/fhir/Patient?_summary=count").await.json()["total"], 0, "nothing was done");
}

#[tokio::test]
async fn a_head_in_a_bundle_brings_no_body() {
    let (_practice, client) = practice().await;
    let id = created(&client, &patient("Abel")).await;
    let sent = bundle(
        "batch",
        &[entry("", "HEAD", &format!("Patient/{id}"), Value::Null), entry("", "HEAD", "Patient", Value::Null)],
    );
    let told = client.json("POST", "/fhir", &sent, &[]).await.json();
    for line in told["entry"].as_array().expect("entries") {
        assert_eq!((line["response"]["status"].as_str(), line.get("resource")), (Some("200 OK"), None));
    }
    assert_eq!(told["entry"][0]["response"]["etag"], "W/\"1\"");
}

#[tokio::test]
async fn the_answer_to_a_bundle_has_an_end() {
    let practice = Practice::unnamed(Config { answer_limit: 2_000, ..Config::default() });
    let client = practice.client("system/*.cruds").await;
    let id = created(&client, &patient("Abel")).await;
    let read = || entry("", "GET", &format!("Patient/{id}"), Value::Null);
    for kind in ["batch", "transaction"] {
        let mut entries: Vec<Value> = (0..20).map(|_| read()).collect();
        entries.push(entry("", "POST", "Patient", patient("Baker")));
        let answer =
            client.json("POST", "/fhir", &bundle(kind, &entries), &[("prefer", "return=representation")]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let told = answer.json();
        let lines = told["entry"].as_array().expect("entries");
        assert_eq!(lines.len(), 21);
        let status = |line: &Value| line["response"]["status"].as_str().map(|status| status[..3].to_owned());
        assert_eq!((status(&lines[0]).as_deref(), status(&lines[19]).as_deref()), (Some("200"), Some("413")), "{kind}");
        assert_eq!(lines[19]["response"]["outcome"]["issue"][0]["code"], "too-costly");
        let whole: usize =
            lines.iter().filter_map(|line| line.get("resource")).map(|body| body.to_string().len()).sum();
        assert!(whole <= 2_000, "{kind}: {whole}");
        assert_eq!(
            (status(&lines[20]).as_deref(), lines[20].get("resource")),
            (Some("201"), None),
            "done, and told in short"
        );
    }
}

#[tokio::test]
async fn a_read_that_fails_after_the_commit_is_told_in_its_own_entry() {
    let (practice, client) = practice().await;
    let sent = bundle(
        "transaction",
        &[
            entry("", "POST", "Patient", patient("Abel")),
            entry("", "GET", "Patient/nope", Value::Null),
            entry("", "GET", "Patient?nonsense", Value::Null),
        ],
    );
    let answer = client.json("POST", "/fhir", &sent, &[("prefer", "handling=strict")]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let told = answer.json();
    assert_eq!(told["entry"][0]["response"]["status"], "201 Created");
    assert_eq!(told["entry"][1]["response"]["status"], "404 Not Found");
    assert_eq!(told["entry"][1]["response"]["outcome"]["resourceType"], "OperationOutcome");
    assert_eq!(told["entry"][2]["response"]["status"], "400 Bad Request");
    assert_eq!(client.get("/fhir/Patient?_total=accurate").await.json()["total"].to_string(), "1");

    // A condition that would find what the token may write, but not read: nothing of the transaction is stored.
    let made = json!({"resourceType": "Practitioner", "identifier": [{"system": "urn:npi", "value": "9"}]});
    created(&client, &made).await;
    let writer = practice.client("system/*.cud").await;
    let mut conditional = entry("", "POST", "Practitioner", made);
    conditional["request"]["ifNoneExist"] = json!("identifier=urn:npi|9");
    let sent = bundle("transaction", &[entry("", "POST", "Patient", patient("Baker")), conditional]);
    let answer = writer.json("POST", "/fhir", &sent, &[("prefer", "return=representation")]).await;
    assert_eq!(answer.status, 403, "a condition is a question: {}", answer.text());
    assert_eq!(client.get("/fhir/Patient?name=baker&_total=accurate").await.json()["total"].to_string(), "0");
}

#[tokio::test]
async fn one_name_is_one_entry_and_one_condition_one_resource() {
    let (_practice, client) = practice().await;
    let if_none = |url: &str| {
        let mut create = entry(url, "POST", "Patient", patient("Abel"));
        create["request"]["ifNoneExist"] = json!("identifier=urn:x|1");
        create
    };
    let condition = "Patient?identifier=urn:x|1";
    for entries in [
        // Whose pulse would it be?
        vec![
            entry(ANA, "POST", "Patient", patient("Abel")),
            entry(ANA, "POST", "Patient", patient("Baker")),
            entry("", "POST", "Observation", pulse_of(ANA)),
        ],
        vec![if_none("urn:uuid:1"), if_none("urn:uuid:2")],
        vec![entry("", "PUT", condition, patient("Abel")), entry("", "PUT", condition, patient("Abel"))],
    ] {
        let answer = client.json("POST", "/fhir", &bundle("transaction", &entries), &[]).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        let issue = &answer.json()["issue"][0];
        assert_eq!(
            (issue["code"].as_str(), issue["expression"][0].as_str()),
            (Some("duplicate"), Some("Bundle.entry[1]"))
        );
    }
    assert_eq!(client.get("/fhir/Patient?_summary=count").await.json()["total"], 0);
}

#[tokio::test]
async fn what_stops_a_transaction_is_told_with_its_entry() {
    let (_practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    let mut changed = patient("Abel");
    changed["id"] = json!(ana);
    let at = format!("Patient/{ana}");
    let mut stale = entry("", "PUT", &at, changed.clone());
    stale["request"]["ifMatch"] = json!("W/\"7\"");
    for (bad, status) in [
        (entry("", "PUT", &at, changed), 428),
        (stale, 412),
        (
            entry(
                "",
                "PATCH",
                "Patient/none",
                json!({"resourceType": "Binary", "contentType": "application/json-patch+json"}),
            ),
            404,
        ),
        (entry("", "DELETE", "Patient?family=abel&gender=male,female&_id:not=x", Value::Null), 400),
    ] {
        let sent = bundle("transaction", &[entry("", "POST", "Patient", patient("Baker")), bad]);
        let answer = client.json("POST", "/fhir", &sent, &[]).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        let place = answer.json()["issue"][0]["expression"][0].as_str().unwrap_or_default().to_owned();
        assert!(place.starts_with("Bundle.entry[1]"), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_reference_to_an_entry_means_nothing_outside_a_transaction() {
    let (_practice, client) = practice().await;
    let alone = client.json("POST", "/fhir/Observation", &pulse_of(ANA), &[]).await;
    assert_eq!(
        (alone.status, alone.json()["issue"][0]["expression"][0].as_str()),
        (422, Some("Observation.subject.reference"))
    );
    let sent = bundle(
        "batch",
        &[entry(ANA, "POST", "Patient", patient("Abel")), entry("", "POST", "Observation", pulse_of(ANA))],
    );
    let told = client.json("POST", "/fhir", &sent, &[]).await.json();
    let statuses: Vec<_> = (0..2).map(|n| told["entry"][n]["response"]["status"].as_str().expect("a status")).collect();
    assert_eq!(statuses, ["201 Created", "422 Unprocessable Entity"]);
    assert_eq!(client.get("/fhir/Observation?_summary=count").await.json()["total"], 0);
    // A document keeps its own entries' names.
    let document = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"fullUrl": ANA, "resource": patient("Abel")}, {"fullUrl": "urn:uuid:0190a7e4-1c5b-7a3e-9f10-8b1b1a2c3d4f", "resource": pulse_of(ANA)}]});
    assert_eq!(client.json("POST", "/fhir/Bundle", &document, &[]).await.status, 201);
}
