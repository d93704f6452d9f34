//! How fast ICD-10-CM is read and searched: `cargo run --release -p reference --example search [-- WORDS…]`.
#![allow(clippy::print_stdout, clippy::indexing_slicing, reason = "a measurement talks on standard output")]

use reference::icd10cm::{Icd10cm, builtin};
use std::time::{Duration, Instant};

/// Memory of this process, in KiB (Linux).
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Time this thread was given by the processors (Linux, to within some milliseconds): what it costs, however busy the machine is.
fn processor_time() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(told.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0))
}

/// What people type while they look for something: lay terms and descriptions, whole, begun, shuffled, misspelled, letter by letter.
fn queries(codes: &Icd10cm) -> Vec<String> {
    let lay = include_str!("../data/icd10cm/lay-terms.tsv");
    let lay = lay.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split('\t').next());
    let mut all: Vec<String> = lay.map(str::to_owned).collect();
    for entry in codes.entries().step_by(97).filter(|entry| entry.code().len() < 8) {
        let said = entry.words().to_lowercase();
        let words: Vec<&str> = said.split_whitespace().take(4).collect();
        all.push(words.join(" "));
        all.push(words.iter().rev().take(2).copied().collect::<Vec<_>>().join(" "));
        let longest = words.iter().max_by_key(|word| word.len()).copied().unwrap_or_default();
        let mut slip: Vec<char> = longest.chars().collect();
        if slip.len() > 5 {
            slip.swap(2, 3);
        }
        all.push(slip.into_iter().collect());
        all.push(longest.chars().take(3).collect());
        all.push(entry.code());
    }
    for word in ["diabetes", "fracture of wrist", "hypertension", "acute otitis media left"] {
        all.extend((1..=word.len()).map(|end| word[..end].to_owned()));
    }
    all
}

fn main() {
    let before = resident();
    let start = Instant::now();
    let codes = builtin();
    let loaded = start.elapsed();
    codes.warm();
    let warm = start.elapsed();
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if !asked.is_empty() {
        for hit in codes.search(&asked.join(" "), &[], 10) {
            println!("{:9} {} {:?}", hit.entry.code(), hit.entry.words(), hit.by);
        }
        return;
    }
    let (cost, memory) = (processor_time(), resident() - before);
    println!(
        "read in {loaded:.1?}, with its index in {warm:.1?} (processor time {cost:.1?}); {memory} KiB resident for it"
    );
    for code in ["S52.5", "E11.3"] {
        let start = Instant::now();
        let axes = codes.axes(code).len();
        println!("{axes} axes of {code} in {:.2?}", start.elapsed());
    }
    let queries = queries(codes);
    let mut times: Vec<Duration> = Vec::new();
    let mut found = 0;
    let cost = processor_time();
    for query in &queries {
        let start = Instant::now();
        found += usize::from(!codes.search(query, &[], 20).is_empty());
        times.push(start.elapsed());
    }
    let cost = (processor_time() - cost) / u32::try_from(queries.len()).unwrap_or(1);
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    println!("{} queries, {found} with an answer; processor time each {cost:.2?}", queries.len());
    println!("p50 {:.2?}, p95 {:.2?}, p99 {:.2?}, slowest {:.2?}", at(50), at(95), at(99), at(100));
}
