//! The FHIR API's longer acts: updates based on a version, transactions, reverse chaining, and the hundredth page.

use crate::report::Report;
use bench::load::{self, Connection, Measured, Request};
use bench::server::Server;
use serde_json::{Value, json};
use std::io::{Error, Result};
use std::sync::Arc;
use std::time::Instant;

/// Updates of one run; each resource is updated once, from the version that was read.
const UPDATES: usize = 900;
/// Pages followed by one client.
const PAGES: usize = 100;

/// All of them, at 1, 8 and 32 connections where several can act at once.
pub async fn run(report: &mut Report, server: &Server, patients: &[String]) -> Result<()> {
    let mut connection = Connection::open(&server.address).await?;
    let bearer = server.bearer();
    let observations = "/fhir/Observation?code=http://loinc.org%7C8867-4&_sort=-date&_count=1000".to_owned();
    let page = bundle(&mut connection, &bearer, &observations).await?;
    let mut updates: Vec<Request> =
        entries(&page).take(3 * UPDATES).filter_map(|entry| update(&bearer, entry)).collect();
    for connections in [1, 8, 32] {
        let share = updates.len().min(UPDATES / 3);
        let taken: Vec<Request> = updates.drain(..share).collect();
        time(report, server, &format!("update with If-Match, {connections} at once"), connections, taken).await?;
        let transactions = patients.iter().cycle().take(400).map(|id| transaction(&bearer, id)).collect();
        time(report, server, &format!("transaction of 10, {connections} at once"), connections, transactions).await?;
        let having = "/fhir/Patient?_has:Observation:patient:code=http://loinc.org%7C4548-4&_count=20";
        let having = vec![Request::new("GET", having, &bearer, b"", 200); 400];
        time(report, server, &format!("Patient?_has:Observation, {connections} at once"), connections, having).await?;
    }
    // The first connection has been silent for longer than the program waits.
    let mut connection = Connection::open(&server.address).await?;
    let mut next = "/fhir/Observation?_sort=-date&_count=20".to_owned();
    let (mut latencies, begun) = (Vec::new(), Instant::now());
    for _ in 0..PAGES {
        let sent = Instant::now();
        let page = bundle(&mut connection, &bearer, &next).await?;
        latencies.push(sent.elapsed());
        match link(&page, "next") {
            Some(link) => next = link,
            None => break,
        }
    }
    #[allow(clippy::cast_precision_loss, reason = "a hundred")]
    let per_second = latencies.len() as f64 / begun.elapsed().as_secs_f64();
    latencies.sort_unstable();
    report.add("pages followed, all charts newest first", "", latencies.len() as f64);
    report.add("a page of these, p95", "ms", Measured { per_second, latencies, wrong: 0 }.percentile(95.0));
    Ok(())
}

/// Sends these and adds what it took.
pub async fn time(
    report: &mut Report,
    server: &Server,
    name: &str,
    connections: usize,
    requests: Vec<Request>,
) -> Result<()> {
    let before = server.cpu();
    let measured = load::run(&server.address, connections, Arc::new(requests)).await?;
    report.load(name, &measured, server.cpu().saturating_sub(before));
    Ok(())
}

/// The Bundle a search answers.
pub async fn bundle(connection: &mut Connection, bearer: &str, path: &str) -> Result<Value> {
    let answer = connection.send(&Request::new("GET", path, bearer, b"", 200)).await?;
    match answer.status {
        200 => serde_json::from_slice(&answer.body).map_err(Error::other),
        other => Err(Error::other(format!("a search answered {other}"))),
    }
}

/// Its resources.
pub fn entries(bundle: &Value) -> impl Iterator<Item = &Value> {
    bundle.get("entry").and_then(Value::as_array).into_iter().flatten().filter_map(|entry| entry.get("resource"))
}

/// The path of a bundle's link.
pub fn link(bundle: &Value, relation: &str) -> Option<String> {
    let links = bundle.get("link")?.as_array()?;
    let named = |link: &&Value| link.get("relation").and_then(Value::as_str) == Some(relation);
    let url = links.iter().find(named)?.get("url")?.as_str()?;
    url.find("/fhir").and_then(|at| url.get(at..)).map(ToOwned::to_owned)
}

fn update(bearer: &str, resource: &Value) -> Option<Request> {
    let (id, version) = (resource.get("id")?.as_str()?, resource.get("meta")?.get("versionId")?.as_str()?);
    let mut body = resource.clone();
    body.as_object_mut()?.insert("issued".to_owned(), json!("2026-11-25T08:00:00Z"));
    let headers = format!(
        "{bearer}Content-Type: application/fhir+json\r\nPrefer: return=minimal\r\nIf-Match: W/\"{version}\"\r\n"
    );
    Some(Request::new("PUT", &format!("/fhir/Observation/{id}"), &headers, body.to_string().as_bytes(), 200))
}

fn transaction(bearer: &str, patient: &str) -> Request {
    let entry = |n: usize| {
        let resource = json!({
            "resourceType": "Observation", "status": "final", "subject": {"reference": format!("Patient/{patient}")},
            "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]}, "effectiveDateTime": format!("2026-10-{:02}", n + 1),
            "valueQuantity": {"value": 60 + n, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"}});
        json!({"resource": resource, "request": {"method": "POST", "url": "Observation"}})
    };
    let body =
        json!({"resourceType": "Bundle", "type": "transaction", "entry": (0..10).map(entry).collect::<Vec<_>>()});
    let headers = format!("{bearer}Content-Type: application/fhir+json\r\nPrefer: return=minimal\r\n");
    Request::new("POST", "/fhir", &headers, body.to_string().as_bytes(), 200)
}
