//! How long a chart takes to open: the whole answer over loopback at one connection, an upper bound of server time.

use crate::report::Report;
use bench::load::{self, Connection, Request};
use bench::server::{Server, field};
use serde_json::{Value, json};
use std::io::{Error, Result};
use std::sync::Arc;

const SECTIONS: [&str; 8] =
    ["", "/timeline", "/visits", "/problems", "/medicines", "/results", "/documents", "/changes"];

async fn section(report: &mut Report, server: &Server, name: &str, paths: Vec<String>, cookie: &str) -> Result<()> {
    let mut connection = Connection::open(&server.address).await?;
    if let Some(path) = paths.first() {
        let first = connection.send(&Request::new("GET", path, cookie, b"", 200)).await?;
        #[allow(clippy::cast_precision_loss, reason = "bytes of one page")]
        report.add(&format!("{name}, page as sent"), "KB", first.body.len() as f64 / 1024.0);
    }
    let requests: Vec<Request> = paths.iter().map(|path| Request::new("GET", path, cookie, b"", 200)).collect();
    let before = server.cpu();
    let measured = load::run(&server.address, 1, Arc::new(requests)).await?;
    report.load(name, &measured, server.cpu().saturating_sub(before));
    Ok(())
}

/// The ordinary charts and the big one, as a clinician.
pub async fn run(report: &mut Report, server: &Server) -> Result<()> {
    let (cookie, _) = server.sign_in("clinician").await?;
    // As browsers ask: compressing is a part of what they wait for.
    let cookie = format!("{cookie}Accept-Encoding: gzip\r\n");
    // From the end that the other acts, which write, do not begin at: charts are measured as they were made.
    let ordinary = patients(server, "_sort=-_id&_count=300").await?;
    for page in SECTIONS {
        let paths = ordinary.iter().map(|id| format!("/patients/{id}{page}")).collect();
        let name = page.strip_prefix("/").unwrap_or("summary");
        section(report, server, &format!("ordinary chart, {name}"), paths, &cookie).await?;
    }
    let big = synthetic::Practice::new(synthetic::DEMO_SEED, jiff::Zoned::now().date(), 1, synthetic::Depth::Scale)
        .big_patient();
    let big = patients(server, &format!("_id={big}")).await?;
    if let Some(id) = big.first() {
        for page in SECTIONS {
            let paths = (0..100).map(|_| format!("/patients/{id}{page}")).collect();
            let name = page.strip_prefix("/").unwrap_or("summary");
            section(report, server, &format!("big chart, {name}"), paths, &cookie).await?;
        }
        let visits = visits(server, id).await?;
        let summaries = visits.iter().take(20).map(|visit| format!("{visit}/paper")).collect();
        section(report, server, "big chart, workspace of a visit", visits, &cookie).await?;
        section(report, server, "big chart, visit summary as PDF", summaries, &cookie).await?;
        let note = long_note(server, id).await?;
        section(report, server, "note of three pages as PDF", vec![note; 20], &cookie).await?;
        let draft = draft(server, id).await?;
        section(report, server, "big chart, workspace of a note", vec![draft; 100], &cookie).await?;
    }
    Ok(())
}

/// The addresses of a chart's visits, as many as a search's page holds.
async fn visits(server: &Server, patient: &str) -> Result<Vec<String>> {
    let entries = found(server, &format!("/fhir/Encounter?_elements=id&_count=100&patient={patient}")).await?;
    Ok(entries.iter().map(|id| format!("/visits/{id}")).collect())
}

/// The address of a note that is begun in a chart.
async fn draft(server: &Server, patient: &str) -> Result<String> {
    let (cookie, csrf) = server.sign_in("clinician").await?;
    let mut connection = Connection::open(&server.address).await?;
    let new = format!("/patients/{patient}/notes/new");
    let page = connection.send(&Request::new("GET", &new, &cookie, b"", 200)).await?;
    let once = field(&page.body, "once").unwrap_or_default();
    let headers = format!("{cookie}Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\n");
    let form = format!("csrf={csrf}&patient={patient}&once={once}&template=adult-visit");
    let begun = connection.send(&Request::new("POST", &new, &headers, form.as_bytes(), 303)).await?;
    if begun.status != 303 {
        return Err(Error::other(format!("no note could be begun: {}", begun.status)));
    }
    Ok(format!("/patients/{patient}/drafts/{once}"))
}

/// Makes a note whose text fills three pages; answers its paper's address.
async fn long_note(server: &Server, patient: &str) -> Result<String> {
    let text = "Sleeps badly, eats well, walks every day; no pain, no fever, no cough. ".repeat(24);
    let section = |number: usize| {
        let div = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{text}</div>");
        json!({"title": format!("Part {number}"), "text": {"status": "generated", "div": div}})
    };
    let note = json!({
        "resourceType": "Composition", "status": "final", "title": "Long note", "date": "2026-01-02T10:00:00Z",
        "type": {"coding": [{"system": "http://loinc.org", "code": "11506-3"}]}, "author": [{"display": "Bench"}],
        "subject": {"reference": format!("Patient/{patient}")}, "section": (1..=6).map(section).collect::<Vec<_>>(),
    });
    let headers = format!("{}Content-Type: application/fhir+json\r\n", server.bearer());
    let mut connection = Connection::open(&server.address).await?;
    let request = Request::new("POST", "/fhir/Composition", &headers, note.to_string().as_bytes(), 201);
    let answer = connection.send(&request).await?;
    let made: Value = serde_json::from_slice(&answer.body).map_err(Error::other)?;
    let id = made.get("id").and_then(Value::as_str).ok_or_else(|| Error::other("the note was not made"))?;
    Ok(format!("/patients/{patient}/notes/{id}/paper"))
}

/// Ids of patients by a FHIR search.
pub async fn patients(server: &Server, query: &str) -> Result<Vec<String>> {
    found(server, &format!("/fhir/Patient?_elements=id&{query}")).await
}

/// Ids that a FHIR search finds.
async fn found(server: &Server, path: &str) -> Result<Vec<String>> {
    let mut connection = Connection::open(&server.address).await?;
    let answer = connection.send(&Request::new("GET", path, &server.bearer(), b"", 200)).await?;
    let bundle: Value = serde_json::from_slice(&answer.body).map_err(Error::other)?;
    let entries = bundle.get("entry").and_then(Value::as_array).cloned().unwrap_or_default();
    Ok(entries.iter().filter_map(|e| e.pointer("/resource/id")?.as_str().map(str::to_owned)).collect())
}
