//! Prints a practice as NDJSON: `cargo run --release -p synthetic --example dump -- PATIENTS [demo|scale|big] [--count]`.
//! With `--count` it prints only how many resources and bytes it made.

use std::io::Write;
use synthetic::{Depth, PatientChart, Practice};

fn main() -> std::io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| words.iter().any(|w| w == word);
    let patients = words.first().and_then(|w| w.parse().ok()).unwrap_or(20);
    let depth = if has("scale") { Depth::Scale } else { Depth::Demo };
    let practice = Practice::new(1, jiff::civil::date(2026, 11, 23), patients, depth);
    let charts: Box<dyn Iterator<Item = PatientChart>> =
        if has("big") { Box::new(practice.big_chart()) } else { Box::new(practice.charts()) };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let (mut count, mut bytes) = (0, 0);
    for resource in practice.directory().into_iter().chain(charts.flat_map(|chart| chart.resources)) {
        count += 1;
        if has("--count") {
            bytes += serde_json::to_vec(&resource).map_or(0, |text| text.len());
        } else {
            writeln!(out, "{resource}")?;
        }
    }
    if has("--count") {
        writeln!(out, "{count} resources, {bytes} bytes")?;
    }
    Ok(())
}
