//! Search, `$validate` and the CapabilityStatement.

use super::{created, ids, patient, practice, pulse};
use axum::body::Body;
use serde_json::{Value, json};

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
    for asked in ["_summary=count", "_count=0", "_summary=count&_count=3"] {
        let count = client.get(&format!("/fhir/Patient?{asked}")).await.json();
        assert_eq!((count["total"].to_string(), count.get("entry")), ("7".to_owned(), None));
        assert_eq!(count["link"].as_array().map(Vec::len), Some(1), "a count has no pages");
    }
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
async fn parts_are_shown_as_asked_and_say_so() {
    let (_practice, client) = practice().await;
    let mut body = patient("Abel");
    body["maritalStatus"] = json!({"text": "Married"});
    body["text"] = json!({"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">Ana</div>"});
    let ana = created(&client, &body).await;
    let of = |value: &Value| -> Vec<String> {
        assert_eq!(value["meta"]["tag"][0]["code"], "SUBSETTED");
        value.as_object().expect("a resource").keys().filter(|name| *name != "identifier").cloned().collect()
    };
    for (asked, expected) in [
        ("_elements=birthDate", vec!["resourceType", "id", "meta", "birthDate"]),
        ("_summary=true", vec!["resourceType", "id", "meta", "name", "gender", "birthDate"]),
        ("_summary=text", vec!["resourceType", "id", "meta", "text"]),
        ("_summary=data", vec!["resourceType", "id", "meta", "name", "gender", "birthDate", "maritalStatus"]),
    ] {
        let page = client.get(&format!("/fhir/Patient?{asked}")).await.json();
        let mut found = of(&page["entry"][0]["resource"]);
        let mut read = of(&client.get(&format!("/fhir/Patient/{ana}?{asked}")).await.json());
        let mut expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        [&mut found, &mut read, &mut expected].into_iter().for_each(|names| names.sort());
        assert_eq!((&found, &read), (&expected, &expected), "{asked}");
    }
    assert_eq!(client.get(&format!("/fhir/Patient/{ana}?_summary=count")).await.status, 400);
    assert_eq!(client.get("/fhir/Patient?_summary=all").await.status, 400);
    let unknown = client.get("/fhir/Patient?_elements=shoeSize").await.json();
    assert!(unknown.to_string().contains("Patient has no element"), "{unknown}");
    let strict = [("prefer", "handling=strict")];
    assert_eq!(client.send("GET", "/fhir/Patient?_elements=shoeSize", &strict, Body::empty()).await.status, 400);
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
async fn validation_says_what_it_was_not_held_against() {
    let (_practice, client) = practice().await;
    let parameters = |more: Value| json!({"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": patient("Abel")}, more]});
    let profile = parameters(json!({"name": "profile", "valueUri": "http://example.org/our-patient"}));
    for (path, body) in [
        ("/fhir/Patient/$validate", profile),
        ("/fhir/Patient/$validate?profile=http://example.org/our-patient", patient("Abel")),
    ] {
        let told = client.json("POST", path, &body, &[]).await;
        assert_eq!(
            (told.status, told.json()["issue"][0]["severity"].as_str()),
            (200, Some("warning")),
            "{}",
            told.text()
        );
        assert_eq!(told.json()["issue"].as_array().map(Vec::len), Some(1));
    }
    let create = parameters(json!({"name": "mode", "valueCode": "create"}));
    assert_eq!(
        client.json("POST", "/fhir/Patient/$validate", &create, &[]).await.json()["issue"][0]["severity"],
        "information"
    );
    let delete = parameters(json!({"name": "mode", "valueCode": "delete"}));
    assert_eq!(client.json("POST", "/fhir/Patient/$validate", &delete, &[]).await.status, 400);
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
