//! What comes in by itself: papers as a scanner sends them, results as a laboratory sends them, each durable when it is answered.

use crate::chart::patients;
use crate::day::report_of_results;
use crate::report::Report;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bench::load::{self, Request};
use bench::server::Server;
use serde_json::json;
use std::io::Result;
use std::sync::Arc;
use std::time::SystemTime;

/// Papers of one run: their size in bytes and how many.
const PAPERS: [(u32, usize); 2] = [(100_000, 400), (2_000_000, 40)];
/// Reports of one run, five results each.
const REPORTS: usize = 2000;

/// Papers and results, each at 1 and 8 senders.
pub async fn run(report: &mut Report, server: &Server) -> Result<()> {
    let charts = patients(server, "_count=1000").await?;
    let headers = format!("{}Content-Type: application/fhir+json\r\nPrefer: return=minimal\r\n", server.bearer());
    let post = |body: &serde_json::Value| Request::new("POST", "/fhir", &headers, body.to_string().as_bytes(), 200);
    for (bytes, count) in PAPERS {
        let data = STANDARD.encode(paper(bytes));
        for senders in [1, 8] {
            let of = charts.iter().cycle().take(count).enumerate();
            let sent = of.map(|(n, patient)| post(&document(patient, &data, &id(bytes, senders, n)))).collect();
            let before = server.cpu();
            let measured = load::run(&server.address, senders, Arc::new(sent)).await?;
            let name = format!("papers of {} KB, {senders} at once", bytes / 1000);
            report.add(&format!("{name}, taken in"), "MB/s", measured.per_second * f64::from(bytes) / 1e6);
            report.load(&name, &measured, server.cpu().saturating_sub(before));
        }
    }
    for senders in [1, 8, 32] {
        let share = if senders == 1 { REPORTS / 4 } else { REPORTS };
        let sent = charts.iter().cycle().take(share).map(|patient| post(&report_of_results(patient))).collect();
        let before = server.cpu();
        let measured = load::run(&server.address, senders, Arc::new(sent)).await?;
        let name = format!("reports of five results, {senders} at once");
        report.add(&format!("{name}, results durable"), "/s", measured.per_second * 5.0);
        report.load(&name, &measured, server.cpu().saturating_sub(before));
    }
    Ok(())
}

/// A scan: a PDF in its first and last line, and bytes that no compression makes smaller.
pub fn paper(bytes: u32) -> Vec<u8> {
    let mut paper = b"%PDF-1.4\n".to_vec();
    paper.extend((0..bytes).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]));
    paper.extend_from_slice(b"\n%%EOF\n");
    paper
}

/// New in every run.
fn id(bytes: u32, senders: usize, number: usize) -> String {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_micros();
    format!("scan-{bytes}-{senders}-{number}-{now}")
}

fn document(patient: &str, data: &str, id: &str) -> serde_json::Value {
    let subject = json!({"reference": format!("Patient/{patient}")});
    let binary = json!({"resourceType": "Binary", "id": id, "contentType": "application/pdf", "securityContext": subject, "data": data});
    let document = json!({"resourceType": "DocumentReference", "status": "current", "subject": subject, "date": "2026-11-20T08:30:00-05:00",
        "type": {"coding": [{"system": "http://loinc.org", "code": "11502-2", "display": "Laboratory report"}]},
        "content": [{"attachment": {"contentType": "application/pdf", "url": format!("Binary/{id}"), "title": "Scan"}}]});
    json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"resource": binary, "request": {"method": "PUT", "url": format!("Binary/{id}")}},
        {"resource": document, "request": {"method": "POST", "url": "DocumentReference"}}]})
}
