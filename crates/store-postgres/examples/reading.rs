//! What readings cost PostgreSQL, below HTTP: each with its entry in the trail, eight at once, on a server of its own.
//! `cargo run --release -p store-postgres --example reading`.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a measuring tool")]

use bytes::Bytes;
use fhir::index::Index;
use fhir::search::{Handling, Query};
use fhir::{Id, Key, Kind, PatientId};
use jiff::Timestamp;
use ring::rand::SystemRandom;
use serde_json::{Value, json};
use std::fs;
use std::sync::Arc;
use std::time::Instant;
use store::audit::Entry;
use store::engine::wrap::Secret;
use store::record::{Change, Commit, HistoryOf, HistoryQuery, NewVersion, Slice, Write};
use store::{Actor, KindSet, Permit, Scope, Store, WritePermit};
use store_postgres::{Db, Options};
use uuid::Uuid;
use zeroize::Zeroizing;

const PATIENTS: usize = 200;
const RESULTS: usize = 60;
const READINGS: usize = 1_000;

/// What is measured.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Entry,
    Read,
    ByCode,
    ByName,
    Chart,
    History,
}

fn reading() -> Permit {
    Permit::grant(Actor::program("bench"), KindSet::ALL, Scope::Practice)
}

fn entry() -> Entry {
    Entry::new(Timestamp::UNIX_EPOCH, Uuid::nil(), Actor::program("bench"), "record.read")
}

fn write(body: &Value) -> Write {
    let kind = Kind::parse(body["resourceType"].as_str().expect("a type")).expect("a known type");
    let key = Key::new(kind, Id::parse(body["id"].as_str().expect("an id")).expect("an id"));
    let bytes = Bytes::from(serde_json::to_vec(body).expect("JSON"));
    let new = NewVersion { index: Index::of(kind, body), body: bytes, find_keys: Vec::new() };
    Write { key, based_on: None, change: Change::Put(new) }
}

/// A chart: the patient, and results of six codes.
fn chart(n: usize) -> Vec<Write> {
    let names = ["smith", "garcia", "nguyen", "johnson", "lee", "brown", "martinez", "kim"];
    let name = names.get(n % names.len()).expect("a name");
    let patient = json!({"resourceType": "Patient", "id": format!("p{n}"), "birthDate": "1980-05-04", "gender": "female",
        "name": [{"family": format!("{name}{}", n % 20), "given": ["Ama"]}]});
    let result = |m: usize| {
        json!({"resourceType": "Observation", "id": format!("o{n}-{m}"), "status": "final",
            "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]}],
            "code": {"coding": [{"system": "http://loinc.org", "code": format!("100-{}", m % 6)}]},
            "subject": {"reference": format!("Patient/p{n}")}, "effectiveDateTime": format!("2026-01-{:02}", 1 + m % 28),
            "valueQuantity": {"value": 60 + m, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"}})
    };
    let results = (0..RESULTS).map(result).map(|body| write(&body));
    std::iter::once(write(&patient)).chain(results).collect()
}

async fn once(db: &dyn Store, shape: Shape, n: usize) {
    let (permit, name) = (reading(), format!("p{}", n % PATIENTS));
    let patient = PatientId::parse(&name).expect("an id");
    let search = async |kind: Kind, text: &str| {
        let pairs: Vec<_> = text.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let Ok((query, _)) = Query::parse(kind, &pairs, Handling::Strict, Timestamp::UNIX_EPOCH) else {
            panic!("{text}")
        };
        let page = db.search(&permit, &query, None).await.expect("searched");
        assert!(!page.for_decision().matches.is_empty(), "{text}");
        db.release(page, entry()).await.expect("released");
    };
    match shape {
        Shape::Entry => drop(db.append(entry()).await.expect("noted")),
        Shape::Read => {
            let found = db.read(&permit, &patient.key()).await.expect("read").expect("there");
            db.release(found, entry()).await.expect("released");
        }
        Shape::ByCode => {
            let text = format!("patient={name}&code=http://loinc.org|100-3&_sort=-date&_count=20");
            search(Kind::OBSERVATION, &text).await;
        }
        Shape::ByName => search(Kind::PATIENT, "name=smith&_count=10").await,
        Shape::Chart => {
            let kinds = [Kind::OBSERVATION, Kind::CONDITION, Kind::ENCOUNTER, Kind::MEDICATION_REQUEST];
            let slices = kinds.map(|kind| Slice::newest(kind, 12));
            let rows = db.chart(&permit, &patient, &slices).await.expect("a chart");
            db.release(rows, entry()).await.expect("released");
        }
        Shape::History => {
            let of = HistoryOf::Instance(patient.key());
            let query = HistoryQuery { of, since: None, until: None, count: 20, before: None };
            let rows = db.history(&permit, &query).await.expect("a history");
            db.release(rows, entry()).await.expect("released");
        }
    }
}

/// CPU time of a process in ms, that of its ended children included.
fn cpu(process: &str) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields: Vec<u64> =
        stat.rsplit(')').next().unwrap_or("").split_whitespace().map(|f| f.parse().unwrap_or(0)).collect();
    // Fields 14 to 17 of proc(5), counted from 1 with two before the closing parenthesis; a tick is 10 ms.
    10 * fields.iter().skip(11).take(4).sum::<u64>()
}

/// CPU time of PostgreSQL: of its first process and that one's children.
fn server_cpu(main: &str) -> u64 {
    let children = fs::read_to_string(format!("/proc/{main}/task/{main}/children")).unwrap_or_default();
    children.split_whitespace().map(cpu).sum::<u64>() + cpu(main)
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let server = test_postgres::Server::start().expect("PostgreSQL");
    let (client, connection) = tokio_postgres::connect(server.url(), tokio_postgres::NoTls).await.expect("connected");
    let _task = tokio::spawn(connection);
    let row = client.query_one("SELECT current_setting('data_directory')", &[]).await.expect("its folder");
    let lock = fs::read_to_string(format!("{}/postmaster.pid", row.get::<_, &str>(0))).expect("its lock");
    let main = lock.lines().next().expect("its process").to_owned();
    let secret = Secret::KeyFile(Zeroizing::new([7; 32]));
    let (db, _recovery) =
        Db::create(server.url(), &secret, &Options::default(), &SystemRandom::new()).await.expect("a practice");
    let db: Arc<dyn Store> = Arc::new(db);
    let permit = WritePermit::grant(Actor::program("bench"), KindSet::ALL, Scope::Practice);
    for n in 0..PATIENTS {
        let at = Timestamp::UNIX_EPOCH;
        let commit =
            Commit { at, writes: chart(n), unchanged: vec![], exist: vec![], idempotency: None, audit: entry() };
        db.commit(&permit, commit).await.expect("written");
    }
    client.batch_execute("VACUUM ANALYZE").await.expect("analyzed");
    for shape in [Shape::Entry, Shape::Read, Shape::ByCode, Shape::ByName, Shape::Chart, Shape::History] {
        for at_once in [1, 8] {
            let (before, own, begun) = (server_cpu(&main), cpu("self"), Instant::now());
            let tasks = (0..at_once).map(|task| {
                let db = Arc::clone(&db);
                tokio::spawn(async move {
                    for n in (task..READINGS).step_by(at_once) {
                        once(&*db, shape, n).await;
                    }
                })
            });
            for task in tasks.collect::<Vec<_>>() {
                task.await.expect("done");
            }
            let each = |ms: u64| ms as f64 / READINGS as f64;
            let wall = begun.elapsed().as_secs_f64() * 1000.0 / READINGS as f64;
            let (database, program) = (each(server_cpu(&main) - before), each(cpu("self") - own));
            println!(
                "{shape:?} x{at_once}: PostgreSQL {database:.3} ms, program {program:.3} ms CPU; {wall:.3} ms of time"
            );
        }
    }
}
