//! What the audit trail costs: the engine alone, below HTTP, driven with and without the entry of a read. The program has no such setting.

use crate::report::Report;
use std::collections::BTreeMap;
use std::io::{Error, Result};
use std::process::Command;

/// Sorts of reading in `store-sqlite/examples/engine`, each done raw and audited.
const READS: [(&str, &str); 2] = [("read", "a resource"), ("chart", "a chart's newest 50 results")];

/// CPU with the entry against CPU without, at 1 and 32 askers.
pub fn run(report: &mut Report) -> Result<()> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["run", "--quiet", "--release", "--package", "store-sqlite", "--example", "engine", "read", "chart"])
        .output()?;
    if !output.status.success() {
        return Err(Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let microseconds: BTreeMap<String, f64> = said.lines().filter_map(figure).collect();
    for (read, words) in READS {
        for askers in [1, 32] {
            let of = |how: &str| microseconds.get(&format!("{read} {how} {askers}")).copied().unwrap_or(f64::NAN);
            let (raw, audited) = (of("raw"), of("audited"));
            report.add(&format!("{words}, {askers} at once, CPU without its entry"), "µs", raw);
            report.add(&format!("{words}, {askers} at once, CPU with its entry durable"), "µs", audited);
            report.add(&format!("audit, {words}, {askers} at once, CPU against none"), "×", audited / raw);
        }
    }
    Ok(())
}

/// A line such as `read raw 32   81234/s  p50 …  cpu 12.3 us each`.
fn figure(line: &str) -> Option<(String, f64)> {
    let (name, rest) = line.split_once("  ")?;
    let cpu = rest.split_once("cpu ")?.1.strip_suffix(" us each")?;
    Some((name.trim().to_owned(), cpu.parse().ok()?))
}
