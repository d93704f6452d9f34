//! The engine alone, without HTTP: commits, reads and charts with and without their audit entry, audit entries, at 1 and 32 askers.
//! `cargo run --release -p store-sqlite --example engine [audit] [chart] [read]`: the figures behind docs/adr/0007-sqlite-settings.md.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement that fails must stop and say so"
)]

mod stats;
use bytes::Bytes;
use fhir::index::Index;
use fhir::{Id, Key, Kind, PatientId};
use jiff::Timestamp;
use stats::{Times, cpu_seconds, resident_mb};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Health as _;
use store::audit::Entry;
use store::record::{Change, Commit, NewVersion, Slice, Write};
use store::{Actor, KindSet, Permit, Scope, Store, WritePermit};
use store_sqlite::{Db, Options, key};
use uuid::Uuid;

fn permit() -> Permit {
    Permit::grant(Actor::program("bench"), KindSet::ALL, Scope::Practice)
}
fn write_permit() -> WritePermit {
    WritePermit::grant(Actor::program("bench"), KindSet::ALL, Scope::Practice)
}
fn uid(n: u64) -> Id {
    // scattered, as random ids are
    let x = n.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    Id::from_uuid(Uuid::from_u64_pair(x, x.rotate_left(31)))
}
fn entry(n: u64) -> Entry {
    let mut e = Entry::new(Timestamp::now(), Uuid::from_u64_pair(n, 1), Actor::program("bench"), "record.read");
    e.patients = vec![PatientId::new(uid(n % 5000))];
    e.detail = "Observation".into();
    e
}
fn observation(n: u64) -> Write {
    let key = Key::new(Kind::OBSERVATION, uid(n));
    let (patient, visit) = (uid((n / 300) + (1 << 40)), uid((n / 10) + (1 << 41)));
    let (code, day) = (["8480-6", "8462-4", "2339-0", "4548-4", "29463-7"][(n % 5) as usize], 1 + n / 10 % 28);
    let month = 1 + n / 300 % 12;
    let mut body = format!(
        r#"{{"resourceType":"Observation","id":"{}","meta":{{"versionId":"1","lastUpdated":"2026-11-22T22:00:00.000000Z"}},"status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory","display":"Laboratory"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"{code}","display":"A measured thing"}}],"text":"A measured thing"}},"subject":{{"reference":"Patient/{patient}"}},"encounter":{{"reference":"Encounter/{visit}"}},"effectiveDateTime":"2024-{month:02}-{day:02}T08:{:02}:00-05:00","issued":"2024-{month:02}-{day:02}T09:00:00.000-05:00","valueQuantity":{{"value":{}.5,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}}"#,
        key.id,
        n % 60,
        80 + n % 90
    );
    body.push_str(",\"note\":[{\"text\":\"");
    while body.len() < 1074 {
        body.push('x');
    }
    body.push_str("\"}]}");
    let parsed = fhir::json::parse(body.as_bytes()).unwrap();
    let index = Index::of(Kind::OBSERVATION, &parsed);
    Write { key, based_on: None, change: Change::Put(NewVersion { body: Bytes::from(body), index, find_keys: vec![] }) }
}
fn commit(writes: Vec<Write>, n: u64) -> Commit {
    Commit {
        at: Timestamp::now(),
        writes,
        unchanged: vec![],
        exist: vec![],
        draft: None,
        idempotency: None,
        audit: entry(n),
    }
}
async fn load<F, Fut>(name: &str, tasks: u64, time: Duration, per: u64, act: F)
where
    F: Fn(u64) -> Fut + Clone + Send + 'static,
    Fut: std::future::Future<Output = ()> + Send,
{
    let cpu = cpu_seconds();
    let start = Instant::now();
    let handles: Vec<_> = (0..tasks)
        .map(|t| {
            let act = act.clone();
            tokio::spawn(async move {
                let mut times = Times::default();
                let mut n = 0;
                while start.elapsed() < time {
                    let s = Instant::now();
                    act(t + n * tasks).await;
                    times.push(s.elapsed());
                    n += 1;
                }
                times
            })
        })
        .collect();
    let mut all = Times::default();
    for h in handles {
        all.join(h.await.unwrap());
    }
    let (secs, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let count = all.count() as f64 * per as f64;
    println!(
        "{name:<34} {:>9.0}/s  p50 {:.3} ms  p99 {:.3} ms  cpu {:.1} us each",
        count / secs,
        all.quantile(0.5),
        all.quantile(0.99),
        cpu * 1e6 / count
    );
}
async fn run() {
    let dir = tempfile::tempdir_in(std::env::var("BENCH_DIR").unwrap_or("/var/tmp".into())).unwrap();
    let random = ring::rand::SystemRandom::new();
    let secret = key::create_key_file(&dir.path().join("key"), &random).unwrap();
    let (k, _) = key::create(dir.path(), &secret, &random).unwrap();
    let db = Arc::new(Db::create(dir.path(), &k, &Options::default()).unwrap());
    let secs = Duration::from_secs(3);
    let next = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let only: Vec<String> = std::env::args().skip(1).collect();
    let on = |n: &str| only.is_empty() || only.iter().any(|o| n.starts_with(o.as_str()));
    for (tasks, per) in [(1, 1), (32, 1), (1, 300)] {
        let (db, next) = (db.clone(), next.clone());
        load(&format!("commit {tasks} askers x {per}"), tasks, secs, per, move |n| {
            let (db, next) = (db.clone(), next.clone());
            async move {
                let from = next.fetch_add(per, std::sync::atomic::Ordering::Relaxed);
                db_commit(&db, commit((from..from + per).map(observation).collect(), n)).await;
            }
        })
        .await;
    }
    let total = next.load(std::sync::atomic::Ordering::Relaxed);
    db.settle().await.unwrap();
    let size: u64 = std::fs::metadata(dir.path().join("practice.db")).unwrap().len();
    println!("{total} resources, {} bytes each on disk, resident {:.0} MB", size / total, resident_mb("self"));
    let dynstore: Arc<dyn Store> = db.clone();
    for tasks in [1, 32] {
        if on("audit") {
            let s = dynstore.clone();
            load(&format!("audit {tasks}"), tasks, secs, 1, move |n| {
                let s = s.clone();
                async move {
                    s.append(entry(n)).await.unwrap();
                }
            })
            .await;
        }
        if on("chart") {
            charts(&dynstore, tasks, secs, total).await;
        }
        if !on("read") {
            continue;
        }
        let s = dynstore.clone();
        load(&format!("read raw {tasks}"), tasks, secs, 1, move |n| {
            let s = s.clone();
            async move {
                let key = Key::new(Kind::OBSERVATION, uid((n.wrapping_mul(7919)) % total));
                let _ = s.read(&permit(), &key).await.unwrap().unwrap();
            }
        })
        .await;
        let s = dynstore.clone();
        load(&format!("read audited {tasks}"), tasks, secs, 1, move |n| {
            let s = s.clone();
            async move {
                let key = Key::new(Kind::OBSERVATION, uid((n.wrapping_mul(7919)) % total));
                let sealed = s.read(&permit(), &key).await.unwrap().unwrap();
                let mut e = entry(n);
                e.patients.clear();
                s.release(sealed, e).await.unwrap();
            }
        })
        .await;
    }
    let t = Instant::now();
    let v = dynstore.verify().await.unwrap();
    println!("{v:?} in {:?}; resident {:.0} MB", t.elapsed(), resident_mb("self"));
}
/// Ranges of charts, with and without the entry that names the reader.
async fn charts(store: &Arc<dyn Store>, tasks: u64, secs: Duration, total: u64) {
    for audited in [false, true] {
        let s = store.clone();
        let name = if audited { "audited" } else { "raw" };
        load(&format!("chart {name} {tasks}"), tasks, secs, 1, move |n| {
            let s = s.clone();
            async move {
                let patient = PatientId::new(uid(n.wrapping_mul(7919) % (total / 300) + (1 << 40)));
                let newest = [Slice::newest(Kind::OBSERVATION, 50)];
                let sealed = s.chart(&permit(), &patient, &newest).await.unwrap();
                let rows = sealed.for_decision().first().map_or(0, |slice| slice.rows.len());
                assert!(rows > 0, "a chart with results");
                if audited {
                    s.release(sealed, Entry { patients: vec![patient], ..entry(n) }).await.unwrap();
                }
            }
        })
        .await;
    }
}
async fn db_commit(db: &Db, c: Commit) {
    store::Record::commit(db, &write_permit(), c).await.unwrap();
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(run());
}
