//! How long parsing, validating and writing take per resource: `cargo run --release -p fhir --example speed -- BUNDLE.json…`
//! Each resource counts with its best of several rounds, so that other work on the machine disturbs little.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing, clippy::cast_precision_loss)]

use fhir::{Kind, json, validate::validate};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: usize = 9;

fn timed<T>(best: &mut Duration, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = black_box(work());
    *best = start.elapsed().min(*best);
    result
}

fn main() {
    let start = Instant::now();
    fhir::definitions::warm_up();
    println!("definitions read in {:.2} ms", start.elapsed().as_secs_f64() * 1e3);
    let mut bodies = Vec::new();
    for path in std::env::args().skip(1) {
        let bundle = json::parse(&std::fs::read(path).unwrap()).unwrap();
        bodies.extend(bundle["entry"].as_array().unwrap().iter().map(|entry| json::write(&entry["resource"])));
    }
    let mut by_kind: BTreeMap<&str, (u32, usize, [Duration; 3])> = BTreeMap::new();
    for body in &bodies {
        let mut best = [Duration::MAX; 3];
        let mut name = "";
        for _ in 0..ROUNDS {
            let value = timed(&mut best[0], || json::parse(body).unwrap());
            let kind = Kind::parse(value["resourceType"].as_str().unwrap()).unwrap();
            let issues = timed(&mut best[1], || validate(kind, &value));
            assert!(issues.iter().all(|issue| !issue.is_error()));
            timed(&mut best[2], || json::write(&value));
            name = kind.name();
        }
        for row in [name, "(all)"] {
            let row = by_kind.entry(row).or_default();
            row.0 += 1;
            row.1 += body.len();
            row.2.iter_mut().zip(best).for_each(|(sum, one)| *sum += one);
        }
    }
    println!("{:24} {:>7} {:>7} {:>9} {:>12} {:>9}", "type", "number", "bytes", "parse µs", "validate µs", "write µs");
    for (kind, (count, bytes, spent)) in by_kind {
        let [parse, validate, write] = spent.map(|d| d.as_secs_f64() * 1e6 / f64::from(count));
        println!("{kind:24} {count:7} {:7} {parse:9.2} {validate:12.2} {write:9.2}", bytes / count as usize);
    }
}
