//! How long parsing, validating and writing take per resource: `cargo run --release -p fhir --example speed -- BUNDLE.json…`
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing, clippy::cast_precision_loss)]

use fhir::{Kind, json, validate::validate};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

fn timed<T>(total: &mut Duration, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = black_box(work());
    *total += start.elapsed();
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
    for round in 0..3 {
        for body in &bodies {
            let mut spent = [Duration::ZERO; 3];
            let value = timed(&mut spent[0], || json::parse(body).unwrap());
            let kind = Kind::parse(value["resourceType"].as_str().unwrap()).unwrap();
            let issues = timed(&mut spent[1], || validate(kind, &value));
            assert!(issues.iter().all(|issue| !issue.is_error()));
            timed(&mut spent[2], || json::write(&value));
            if round > 0 {
                for name in [kind.name(), "(all)"] {
                    let row = by_kind.entry(name).or_default();
                    row.0 += 1;
                    row.1 += body.len();
                    row.2.iter_mut().zip(spent).for_each(|(sum, one)| *sum += one);
                }
            }
        }
    }
    println!("{:24} {:>7} {:>7} {:>9} {:>12} {:>9}", "type", "number", "bytes", "parse µs", "validate µs", "write µs");
    for (kind, (count, bytes, spent)) in by_kind {
        let [parse, validate, write] = spent.map(|d| d.as_secs_f64() * 1e6 / f64::from(count));
        println!("{kind:24} {count:7} {:7} {parse:9.2} {validate:12.2} {write:9.2}", bytes / count as usize);
    }
}
