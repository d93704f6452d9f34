//! What the index tables cost and bring: `index_layout PATIENTS`. The figures of docs/adr/0006-index-layout.md were taken with it.
//!
//! Encryption, full durability and the audit chain are on, as always. Synthetic charts are made beforehand, so that only extraction,
//! commits (one per chart) and searches are timed; searches run on one connection, one after another.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::indexing_slicing, missing_docs, reason = "a bench")]

use bytes::Bytes;
use fhir::index::Index;
use fhir::search::{Handling, Query};
use fhir::{Id, Key, Kind};
use jiff::Timestamp;
use ring::rand::SystemRandom;
use serde_json::Value;
use std::time::{Duration, Instant};
use store::Health as _;
use store::audit::Entry;
use store::record::{Change, Commit, NewVersion, Record, Write};
use store::{Actor, KindSet, Permit, Scope, WritePermit};
use store_sqlite::{Db, Options, key};
use uuid::Uuid;

fn main() {
    let patients: usize = std::env::args().nth(1).map_or(200, |n| n.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(run(patients));
}

async fn run(patients: usize) {
    let dir = tempfile::tempdir_in(".").unwrap();
    let random = SystemRandom::new();
    let secret = key::create_key_file(&dir.path().join("key"), &random).unwrap();
    let (key, _) = key::create(dir.path(), &secret, &random).unwrap();
    let db = Db::create(dir.path(), &key, &Options { reserve: 4096, ..Options::default() }).unwrap();
    let practice = synthetic::Practice::new(7, jiff::civil::date(2026, 11, 22), patients, synthetic::Depth::Demo);
    let (mut extracting, mut writing, mut count, mut bytes, mut rows) = (Duration::ZERO, Duration::ZERO, 0, 0, 0);
    let mut some: Vec<(String, String)> = Vec::new();
    let charts = std::iter::once(practice.directory()).chain(practice.charts().map(|chart| chart.resources));
    for chart in charts {
        let bodies: Vec<(Kind, Vec<u8>)> =
            chart.iter().map(|body| (kind_of(body), serde_json::to_vec(body).unwrap())).collect();
        let began = cpu();
        let writes: Vec<Write> =
            chart.iter().zip(&bodies).map(|(value, (kind, body))| write(*kind, value, body)).collect();
        extracting += cpu() - began;
        count += writes.len();
        bytes += bodies.iter().map(|(_, body)| body.len()).sum::<usize>();
        rows += writes.iter().map(|w| if let Change::Put(v) = &w.change { v.index.rows() } else { 0 }).sum::<usize>();
        if let Some(patient) = chart.iter().find(|body| kind_of(body) == Kind::PATIENT).filter(|_| some.len() < 2000) {
            let family = patient["name"][0]["family"].as_str().unwrap_or_default();
            some.push((patient["id"].as_str().unwrap().to_owned(), family.to_owned()));
        }
        let began = cpu();
        db.commit(&permit_to_write(), commit(writes)).await.unwrap();
        writing += cpu() - began;
    }
    db.settle().await.unwrap();
    let disk: u64 = std::fs::metadata(dir.path().join("practice.db")).unwrap().len();
    let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(u32::try_from(count).unwrap());
    println!("{count} resources, {} B each, {:.2} index rows each", bytes / count, rows as f64 / count as f64);
    println!(
        "processor time: extract {:.1} us, commit {:.1} us each; {} B on disk each",
        each(extracting),
        each(writing),
        disk / count as u64
    );
    for (name, kind, pattern) in SEARCHES {
        measure(&db, name, *kind, pattern, &some).await;
    }
}

const SEARCHES: &[(&str, Kind, &str)] = &[
    ("patient, code, newest", Kind::OBSERVATION, "patient={id}&code=http://loinc.org|85354-9&_sort=-date&_count=20"),
    ("patient, category, newest", Kind::OBSERVATION, "patient={id}&category=laboratory&_sort=-date&_count=20"),
    ("patient, code, dates", Kind::OBSERVATION, "patient={id}&code=85354-9&date=ge2022&_count=20"),
    ("name", Kind::PATIENT, "name={name}&_count=20"),
    ("family, gender", Kind::PATIENT, "family={name}&gender=female&_count=20"),
    ("birthdate", Kind::PATIENT, "birthdate=1970-05&_count=20"),
    ("problems of a chart", Kind::CONDITION, "patient={id}&clinical-status=active"),
    ("code, all charts", Kind::OBSERVATION, "code=85354-9&_count=20"),
    ("code, newest, all charts", Kind::OBSERVATION, "code=85354-9&_sort=-date&_count=20"),
    ("date, all charts", Kind::ENCOUNTER, "date=ge2026-10&_count=20"),
    ("quantity, all charts", Kind::OBSERVATION, "code-value-quantity=29463-7$gt100&_count=20"),
    ("chained", Kind::OBSERVATION, "patient.name={name}&code=85354-9&_count=20"),
    ("has", Kind::PATIENT, "_has:Condition:patient:code:text=diabetes&_count=20"),
    ("content", Kind::CONDITION, "_content=diabetes&_count=20"),
    ("gender", Kind::PATIENT, "gender=female&_count=20"),
    (
        "include",
        Kind::ENCOUNTER,
        "patient={id}&_include=Encounter:participant&_revinclude=Observation:encounter&_count=20",
    ),
];

async fn measure(db: &Db, name: &str, kind: Kind, pattern: &str, some: &[(String, String)]) {
    let permit = Permit::grant(Actor::program("bench"), KindSet::ALL, Scope::Practice);
    let mut times = Vec::new();
    let (mut found, before) = (0, cpu());
    for round in 0..400 {
        let (id, family) = &some[round * 7 % some.len()];
        let text = pattern.replace("{id}", id).replace("{name}", &family.to_lowercase());
        let pairs: Vec<(String, String)> = text
            .split('&')
            .map(|pair| pair.split_once('=').map(|(n, v)| (n.to_owned(), v.to_owned())).unwrap())
            .collect();
        let began = Instant::now();
        let (query, _) = Query::parse(kind, &pairs, Handling::Strict, Timestamp::UNIX_EPOCH).unwrap();
        let page = db.search(&permit, &query, None).await.unwrap();
        times.push(began.elapsed());
        found += page.for_decision().matches.len();
        if began.elapsed() > Duration::from_millis(50) && round > 20 {
            break;
        }
    }
    let spent = (cpu() - before).as_secs_f64() * 1e6 / times.len() as f64;
    times.sort();
    let at = |part: usize| times[times.len() * part / 100].as_secs_f64() * 1e6;
    println!(
        "{name:28} {:6.1} found  processor {:9.1} us  p50 {:9.1} us  p95 {:9.1} us",
        found as f64 / times.len() as f64,
        spent,
        at(50),
        at(95)
    );
}

/// Processor time of this process so far, all threads.
fn cpu() -> Duration {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    let nanos = |thread: std::path::PathBuf| {
        let text = std::fs::read_to_string(thread.join("schedstat")).unwrap_or_default();
        text.split(' ').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or_default()
    };
    Duration::from_nanos(threads.map(|thread| nanos(thread.unwrap().path())).sum())
}

fn kind_of(body: &Value) -> Kind {
    Kind::parse(body["resourceType"].as_str().unwrap()).unwrap()
}

fn write(kind: Kind, value: &Value, body: &[u8]) -> Write {
    let key = Key::new(kind, Id::parse(value["id"].as_str().unwrap()).unwrap());
    let version =
        NewVersion { body: Bytes::copy_from_slice(body), index: Index::of(kind, value), find_keys: Vec::new() };
    Write { key, based_on: None, change: Change::Put(version) }
}

fn permit_to_write() -> WritePermit {
    WritePermit::grant(Actor::program("bench"), KindSet::ALL, Scope::Practice)
}

fn commit(writes: Vec<Write>) -> Commit {
    let at = Timestamp::UNIX_EPOCH;
    let audit = Entry::new(at, Uuid::nil(), Actor::program("bench"), "bench");
    Commit { at, writes, unchanged: Vec::new(), exist: Vec::new(), draft: None, idempotency: None, audit }
}
