//! The FHIR API: read, create, search at 1, 8 and 32 connections; the shapes of the table in the performance notes.

use crate::chart::patients;
use crate::deeper;
use crate::report::Report;
use bench::load::{self, Request};
use bench::server::Server;
use serde_json::json;
use std::io::Result;
use std::sync::Arc;

/// Everything, each at 1, 8 and 32 connections.
pub async fn run(report: &mut Report, server: &Server) -> Result<()> {
    let ids = patients(server, "_count=1000").await?;
    let bearer = server.bearer();
    let get = |path: String| Request::new("GET", &path, &bearer, b"", 200);
    let each = |count: usize, path: &dyn Fn(&str) -> String| -> Vec<Request> {
        ids.iter().cycle().take(count).map(|id| get(path(id))).collect()
    };
    let shapes: Vec<(&str, Vec<Request>)> = vec![
        ("read by id", each(40_000, &|id| format!("/fhir/Patient/{id}"))),
        (
            "create Observation",
            ids.iter().cycle().take(12_000).enumerate().map(|(i, id)| create(&bearer, id, i)).collect(),
        ),
        (
            "Patient?name",
            names()
                .iter()
                .cycle()
                .take(12_000)
                .map(|name| get(format!("/fhir/Patient?name={name}&_count=10")))
                .collect(),
        ),
        (
            "Observation?patient&code&_sort=-date",
            each(12_000, &|id| {
                format!("/fhir/Observation?patient={id}&code=http://loinc.org%7C8867-4&_sort=-date&_count=20")
            }),
        ),
        (
            "Encounter?patient&_include",
            each(4000, &|id| format!("/fhir/Encounter?patient={id}&_include=Encounter:practitioner&_count=20")),
        ),
        (
            "Observation?subject.name (chained)",
            names()
                .iter()
                .cycle()
                .take(2000)
                .map(|name| get(format!("/fhir/Observation?patient.name={name}&_count=20")))
                .collect(),
        ),
        ("history of a patient", each(4000, &|id| format!("/fhir/Patient/{id}/_history"))),
        ("Patient/$everything", each(1000, &|id| format!("/fhir/Patient/{id}/$everything"))),
    ];
    for (name, requests) in shapes {
        let requests = Arc::new(requests);
        for connections in [1, 8, 32] {
            let share = if connections == 1 { requests.len() / 4 } else { requests.len() };
            let taken = if name.starts_with("create") {
                again(&bearer, &ids, share, connections)
            } else {
                requests.iter().take(share).cloned().collect()
            };
            let before = server.cpu();
            let measured = load::run(&server.address, connections, Arc::new(taken)).await?;
            report.load(&format!("{name}, {connections} at once"), &measured, server.cpu().saturating_sub(before));
        }
    }
    deeper::run(report, server, &ids).await
}

fn again(bearer: &str, ids: &[String], count: usize, salt: usize) -> Vec<Request> {
    ids.iter().cycle().take(count).enumerate().map(|(i, id)| create(bearer, id, i * 37 + salt)).collect()
}

fn create(bearer: &str, patient: &str, i: usize) -> Request {
    let body = json!({
        "resourceType": "Observation", "status": "final",
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs", "display": "Vital Signs"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4", "display": "Heart rate"}], "text": "Heart rate"},
        "subject": {"reference": format!("Patient/{patient}")},
        "effectiveDateTime": format!("2026-{:02}-{:02}T{:02}:{:02}:00-05:00", 1 + i % 12, 1 + i % 28, i % 24, i % 60),
        "valueQuantity": {"value": 60 + i % 40, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"}
    });
    let headers = format!("{bearer}Content-Type: application/fhir+json\r\nPrefer: return=minimal\r\n");
    Request::new("POST", "/fhir/Observation", &headers, body.to_string().as_bytes(), 201)
}

/// Family names that every synthetic practice has some of.
fn names() -> [&'static str; 8] {
    ["smith", "garcia", "nguyen", "johnson", "lee", "brown", "martinez", "kim"]
}
