//! How long the search box takes: realistic queries, each answered as the palette's options.

use crate::report::Report;
use bench::load::{self, Request};
use bench::server::Server;
use std::io::Result;
use std::sync::Arc;

/// So many queries.
const QUERIES: usize = 5000;

/// Parts of names, typos, dates, phones, one connection.
pub async fn run(report: &mut Report, server: &Server, patients: usize) -> Result<()> {
    let (cookie, csrf) = server.sign_in("front-desk").await?;
    let headers = format!(
        "Content-Type: application/x-www-form-urlencoded\r\nOrigin: http://{}\r\nSec-Fetch-Site: same-origin\r\nX-Csrf-Token: {csrf}\r\n{cookie}",
        server.address
    );
    let practice =
        synthetic::Practice::new(synthetic::DEMO_SEED, jiff::Zoned::now().date(), patients, synthetic::Depth::Scale);
    let requests: Vec<Request> = practice
        .queries(1, QUERIES)
        .map(|query| {
            let form = format!("csrf={csrf}&q={}", encoded(&query.text));
            Request::new("POST", "/search/palette", &headers, form.as_bytes(), 200)
        })
        .collect();
    let before = server.cpu();
    let measured = load::run(&server.address, 1, Arc::new(requests)).await?;
    report.load("search box", &measured, server.cpu().saturating_sub(before));
    Ok(())
}

/// As a form sends it.
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
