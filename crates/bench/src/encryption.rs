//! What encryption costs the engine: the same work on an encrypted file and on a plain one, in turn, as ratios of processor time.
//!
//! The program itself has no way to run unencrypted, so the engine is measured alone, with the program's page size, seal, log and
//! durability, on rows of the shape it keeps: a body of about 1 KB and four index rows.

use crate::report::Report;
use rusqlite::Connection;
use std::io::{Error, Result};
use std::path::Path;
use std::time::Duration;

/// Rows written in bulk.
const BULK: i64 = 60_000;
/// Rows of one bulk commit.
const TOGETHER: i64 = 300;
/// Commits of one row.
const SINGLE: i64 = 4_000;
/// Readings of each sort.
const READS: i64 = 200_000;
/// Rows read again and again, which the cache holds.
const WARM: i64 = 4_000;
/// Pairs of runs; the median counts.
const ROUNDS: usize = 3;

/// The settings of `store-sqlite/src/connection.rs`; the key makes the difference.
const SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -12288;";
const KEY: &str = "PRAGMA cipher_log_level = NONE;
    PRAGMA key = \"x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'\";
    PRAGMA cipher_page_size = 4096; PRAGMA cipher_hmac_algorithm = HMAC_SHA256; PRAGMA cipher_memory_security = OFF;";
const TABLES: &str = "
    CREATE TABLE version(seq INTEGER PRIMARY KEY, body BLOB NOT NULL);
    CREATE TABLE token(param INTEGER, code TEXT, patient INTEGER, date INTEGER, rid INTEGER, PRIMARY KEY(param, code, patient, date, rid))
        WITHOUT ROWID;
    CREATE TABLE day(param INTEGER, low INTEGER, rid INTEGER, PRIMARY KEY(param, low, rid)) WITHOUT ROWID;";

type Times = [Duration; 4];
const WORK: [&str; 4] = ["bulk commits", "commits of one row", "warm reads", "reads all over the file"];

/// Each sort of work, encrypted against plain.
pub fn run(report: &mut Report) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("chartroom-bench-encryption-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let result = measure(report, &folder);
    let _ = std::fs::remove_dir_all(&folder);
    result
}

fn measure(report: &mut Report, folder: &Path) -> Result<()> {
    let mut ratios: [Vec<f64>; 4] = Default::default();
    for round in 0..ROUNDS {
        let one = |name: &str, key: &str| work(&folder.join(format!("{name}-{round}")), key).map_err(Error::other);
        let (plain, sealed) = (one("plain", "PRAGMA page_size = 4096;")?, one("sealed", KEY)?);
        for ((ratio, plain), sealed) in ratios.iter_mut().zip(plain).zip(sealed) {
            ratio.push(sealed.as_secs_f64() / plain.as_secs_f64().max(0.01));
        }
    }
    for (name, mut ratio) in WORK.into_iter().zip(ratios) {
        ratio.sort_by(f64::total_cmp);
        report.add(
            &format!("encryption, {name}, CPU against plain"),
            "×",
            ratio.get(ROUNDS / 2).copied().unwrap_or(0.0),
        );
    }
    Ok(())
}

fn work(file: &Path, key: &str) -> rusqlite::Result<Times> {
    let db = Connection::open(file)?;
    db.execute_batch(key)?;
    db.execute_batch(SETTINGS)?;
    db.execute_batch(TABLES)?;
    let bulk = timed(|| (0..BULK / TOGETHER).try_for_each(|n| write(&db, n * TOGETHER, TOGETHER)))?;
    let single = timed(|| (0..SINGLE).try_for_each(|n| write(&db, BULK + n, 1)))?;
    let warm = timed(|| read(&db, WARM))?;
    let cold = timed(|| read(&db, BULK))?;
    Ok([bulk, single, warm, cold])
}

fn write(db: &Connection, from: i64, count: i64) -> rusqlite::Result<()> {
    let mut body = vec![b'x'; 1080];
    let tx = db.unchecked_transaction()?;
    for rid in from..from + count {
        body.iter_mut().zip(rid.to_be_bytes()).for_each(|(at, byte)| *at = byte);
        tx.prepare_cached("INSERT INTO version(seq, body) VALUES (?1, ?2)")?.execute((rid, &body))?;
        let patient = scattered(rid / 300) % 100_000;
        for (param, code) in [(1, "final"), (2, "laboratory"), (3, "4548-4")] {
            tx.prepare_cached("INSERT INTO token VALUES (?1, ?2, ?3, ?4, ?5)")?
                .execute((param, code, patient, -rid, rid))?;
        }
        tx.prepare_cached("INSERT INTO day VALUES (1, ?1, ?2)")?.execute((scattered(rid) % 4_000, rid))?;
    }
    tx.commit()
}

fn read(db: &Connection, among: i64) -> rusqlite::Result<()> {
    let mut one = db.prepare_cached("SELECT body FROM version WHERE seq = ?1")?;
    (0..READS).try_for_each(|n| one.query_row([scattered(n) % among], |row| row.get_ref(0).map(|_body| ())))
}

/// The same order everywhere, and none that a page would know.
fn scattered(n: i64) -> i64 {
    n.wrapping_mul(0x09E3_779B_97F4_A7C1) & i64::MAX
}

/// This process's processor time for some work.
fn timed(work: impl FnOnce() -> rusqlite::Result<()>) -> rusqlite::Result<Duration> {
    let before = bench::server::cpu_of("self");
    work()?;
    Ok(bench::server::cpu_of("self").saturating_sub(before))
}
