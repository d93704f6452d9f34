//! Search, `$everything`, `$validate` and the CapabilityStatement.

use super::{created, patient, practice, pulse};
use axum::body::Body;
use serde_json::{Value, json};

fn ids(page: &Value) -> Vec<String> {
    let entries = page["entry"].as_array().cloned().unwrap_or_default();
    entries.iter().filter_map(|entry| entry["resource"]["id"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn searches_by_address_and_by_form_find_the_same() {
    let (_practice, client) = practice().await;
    let ana = created(&client, &patient("Núñez")).await;
    created(&client, &patient("Baker")).await;
    let by_address = client.get("/fhir/Patient?name=nunez").await;
    assert_eq!((by_address.status, ids(&by_address.json())), (200, vec![ana.clone()]));
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let by_form = client.send("POST", "/fhir/Patient/_search", &form, Body::from("name=nunez")).await;
    assert_eq!(ids(&by_form.json()), vec![ana]);
    let entry = &by_form.json()["entry"][0];
    assert_eq!(entry["search"]["mode"], "match");
    assert!(entry["fullUrl"].as_str().is_some_and(|url| url.starts_with("http://127.0.0.1:8080/fhir/Patient/")));
}

#[tokio::test]
async fn pages_lead_to_all_and_huge_counts_do_no_harm() {
    let (_practice, client) = practice().await;
    for n in 0..7 {
        created(&client, &patient(&format!("Family{n}"))).await;
    }
    let mut seen = Vec::new();
    let mut next = Some("/fhir/Patient?_count=3&_sort=family".to_owned());
    while let Some(path) = next {
        let page = client.get(&path).await.json();
        seen.extend(ids(&page));
        let links = page["link"].as_array().expect("links");
        next = links.iter().find(|link| link["relation"] == "next").map(|link| {
            let url = link["url"].as_str().expect("a url");
            url[url.find("/fhir").expect("our address")..].to_owned()
        });
    }
    let all = client.get("/fhir/Patient?_sort=family&_count=99999999999999999999").await.json();
    assert_eq!((seen.len(), seen), (7, ids(&all)));
    assert_eq!(client.get("/fhir/Patient?_count=-1").await.status, 400);
    assert_eq!(client.get("/fhir/Patient?_cursor=nonsense").await.status, 400);
    let count = client.get("/fhir/Patient?_summary=count").await.json();
    assert_eq!((count["total"].to_string(), count.get("entry")), ("7".to_owned(), None));
}

#[tokio::test]
async fn what_is_not_supported_is_said() {
    let (_practice, client) = practice().await;
    created(&client, &patient("Abel")).await;
    let strict = client
        .send("GET", "/fhir/Patient?gender=female&shoe-size=9", &[("prefer", "handling=strict")], Body::empty())
        .await;
    assert_eq!(strict.status, 400);
    assert!(strict.json()["issue"][0]["diagnostics"].as_str().is_some_and(|text| text.contains("shoe-size")));
    let lenient = client.get("/fhir/Patient?gender=female&shoe-size=9").await.json();
    let outcome =
        lenient["entry"].as_array().expect("entries").iter().find(|entry| entry["search"]["mode"] == "outcome");
    assert!(outcome.is_some_and(|entry| entry["resource"]["issue"][0]["severity"] == "warning"));
    assert_eq!(client.get("/fhir/Patient?shoe-size=9").await.status, 400, "never everything");
}

#[tokio::test]
async fn elements_are_a_part_and_say_so() {
    let (_practice, client) = practice().await;
    created(&client, &patient("Abel")).await;
    let page = client.get("/fhir/Patient?_elements=birthDate").await.json();
    let shown = &page["entry"][0]["resource"];
    assert_eq!((shown["birthDate"].as_str(), shown.get("name")), (Some("1962-05-04"), None));
    assert_eq!(shown["meta"]["tag"][0]["code"], "SUBSETTED");
}

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
    of_ana["hasMember"] = json!([{"reference": format!("Observation/{of_ben}")}]);
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
    let next = page["link"][1]["url"].as_str().expect("a next page");
    assert_eq!(ids(&client.get(&next[next.find("/fhir").expect("our address")..]).await.json()).len(), 1);
    let some = client.get(&format!("/fhir/Patient/{ana}/$everything?_type=Patient,Observation")).await.json();
    assert_eq!(ids(&some).len(), 2);
    assert_eq!(client.get("/fhir/Patient/none/$everything").await.status, 404);
    assert_eq!(client.get(&format!("/fhir/Observation/{of_ben}/$everything")).await.status, 404);
}

#[tokio::test]
async fn one_patients_answers_never_hold_another() {
    let (_practice, client) = practice().await;
    let (ana, ben) = (created(&client, &patient("Abel")).await, created(&client, &patient("CANARYBEN")).await);
    created(&client, &pulse(&ana, "72")).await;
    let mut secret = pulse(&ben, "99.75");
    secret["note"] = json!([{"text": "CANARYNOTE"}]);
    created(&client, &secret).await;
    for query in [
        format!("/fhir/Observation?patient={ana}&_include=Observation:*"),
        format!("/fhir/Observation?subject=Patient/{ana}&_include=Observation:subject"),
        format!("/fhir/Patient?_id={ana}&_revinclude=Observation:subject&_revinclude=Condition:subject"),
        format!("/fhir/Observation?patient={ana}&_content=CANARYNOTE"),
        format!("/fhir/Observation?patient={ana}&code=8867-4&_sort=-date"),
        format!("/fhir/Patient/{ana}/_history"),
        format!("/fhir/Patient/{ana}/$everything"),
        format!("/fhir/Patient?_id={ana}&_has:Observation:patient:code=8867-4"),
    ] {
        let answer = client.get(&query).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        let rows = answer.json()["entry"].to_string();
        assert!(!rows.contains("CANARY") && !rows.contains("99.75"), "{query}");
    }
}

#[tokio::test]
async fn validation_stores_nothing() {
    let (_practice, client) = practice().await;
    let good = client.json("POST", "/fhir/Patient/$validate", &patient("Abel"), &[]).await;
    assert_eq!((good.status, good.json()["issue"][0]["severity"].as_str()), (200, Some("information")));
    let parameters = json!({"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": {"resourceType": "Patient", "gender": "F"}}]});
    let bad = client.json("POST", "/fhir/Patient/$validate", &parameters, &[]).await;
    assert_eq!(bad.json()["issue"][0]["severity"], "error", "{}", bad.text());
    assert_eq!(client.get("/fhir/Patient?_total=accurate").await.json()["total"].to_string(), "0");
}

#[tokio::test]
async fn the_statement_says_what_is_so() {
    let (_practice, client) = practice().await;
    let statement = client.get("/fhir/metadata").await.json();
    assert_eq!(
        (statement["resourceType"].as_str(), statement["fhirVersion"].as_str()),
        (Some("CapabilityStatement"), Some("4.0.1"))
    );
    let value = |kind: &str| match kind {
        "date" => "2026-01-01",
        "quantity" => "5",
        "reference" => "a",
        _ => "x",
    };
    for kind in ["Patient", "Observation", "Encounter", "MedicationRequest", "Condition", "Practitioner"] {
        let resources = statement["rest"][0]["resource"].as_array().expect("types");
        let described = resources.iter().find(|described| described["type"] == kind).expect("the type");
        for parameter in described["searchParam"].as_array().expect("parameters") {
            let (name, sort) =
                (parameter["name"].as_str().expect("a name"), parameter["type"].as_str().expect("a type"));
            if matches!(name, "_has" | "_lastUpdated") || sort == "composite" {
                continue;
            }
            let path = format!("/fhir/{kind}?{name}={}", value(sort));
            let answer = client.send("GET", &path, &[("prefer", "handling=strict")], Body::empty()).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        }
        for include in described["searchInclude"].as_array().into_iter().flatten() {
            let path = format!("/fhir/{kind}?_id=a&_include={}", include.as_str().expect("a path"));
            let answer = client.send("GET", &path, &[("prefer", "handling=strict")], Body::empty()).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        }
        let path = format!("/fhir/{kind}?not-listed=x");
        let answer = client.send("GET", &path, &[("prefer", "handling=strict")], Body::empty()).await;
        assert_eq!(answer.status, 400);
    }
}

#[tokio::test]
async fn the_pages_of_a_search_by_form_carry_its_words_sealed() {
    let (_practice, client) = practice().await;
    for n in 0..5 {
        let mut body = patient("Nunez");
        body["birthDate"] = json!(format!("196{n}-05-04"));
        created(&client, &body).await;
    }
    created(&client, &patient("Other")).await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let words = Body::from("family=nunez&_count=2&_sort=birthdate");
    let mut page = client.send("POST", "/fhir/Patient/_search", &form, words).await.json();
    let mut seen = ids(&page);
    loop {
        let links = page["link"].as_array().expect("links").clone();
        let told = serde_json::to_string(&links).expect("links").to_lowercase();
        assert!(!told.contains("nunez") && !told.contains("family") && !told.contains("birthdate"), "{told}");
        let Some(next) = links.iter().find(|link| link["relation"] == "next") else { break };
        let url = next["url"].as_str().expect("a url");
        let path = &url[url.find("/fhir").expect("our address")..];
        assert_eq!(client.get(&path.replace("Patient", "Observation")).await.status, 400, "of this type only");
        page = client.get(path).await.json();
        seen.extend(ids(&page));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
    assert_eq!(client.get("/fhir/Patient?_page=nonsense").await.status, 400);
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
