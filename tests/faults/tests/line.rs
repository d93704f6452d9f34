//! The same work on PostgreSQL, over a line that fails at one byte after another, in each direction: as on the failing disk, and what is
//! refused or left open is asked again, as a client would, under its key.

use crate::ledger::{Ledger, check};
use crate::work::{ROUNDS, reading, work, write};
use fault_disk::{Direction, LineFault, Proxy};
use ring::rand::SystemRandom;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use store::Error;
use store::engine::wrap::Secret;
use store_postgres::{Db, Options};
use test_postgres::Database;
use zeroize::Zeroizing;

/// Connections that fail before the line is well again.
const WHILE: u32 = 2;
/// How long a store may take until it goes on over a line that is well.
const PATIENCE: Duration = Duration::from_secs(60);

/// Limits so short that a silent line costs little time. On a machine under load they end work that nothing is wrong with: that must not
/// harm either.
fn impatient() -> Options {
    let limit = Duration::from_secs(1);
    let usual = Options { readers: 2, ..Options::default() };
    Options { read_limit: limit, write_limit: limit, connect_limit: limit, unknown_limit: 4 * limit, ..usual }
}

fn patient() -> Options {
    Options { readers: 2, ..Options::default() }
}

fn secret() -> Secret {
    Secret::KeyFile(Zeroizing::new([7; 32]))
}

/// A practice in a database of its own, and a line to it.
struct Practice {
    database: Database,
    proxy: Proxy,
    url: String,
}

impl Practice {
    async fn make() -> Option<Self> {
        let database = test_postgres::database()?;
        drop(Db::create(database.url(), &secret(), &patient(), &SystemRandom::new()).await.expect("a practice"));
        let place = database.url().split(['@', '/']).nth(3).expect("a place").to_owned();
        let address: SocketAddr = place.parse().expect("an address");
        let proxy = Proxy::start(address).await.expect("a proxy");
        let url = database.url().replace(&place, &proxy.address().to_string());
        Some(Self { database, proxy, url })
    }

    async fn over_the_line(&self, options: &Options) -> Db {
        opened(&self.url, options).await
    }

    /// What must hold is asked of the database itself.
    async fn check(&self, ledger: &Ledger, what: &str) {
        let db = opened(self.database.url(), &patient()).await;
        check(&db, &reading(), ledger, what).await;
        db.close().await;
    }
}

/// On a machine under load a connection may take longer than it is given.
async fn opened(url: &str, options: &Options) -> Db {
    let until = Instant::now() + PATIENCE;
    loop {
        match Db::open(url, &secret(), options).await {
            Err(Error::Unreachable(_)) if Instant::now() < until => {}
            opened => return opened.expect("opened"),
        }
    }
}

/// Bytes that the work sends and receives when nothing fails.
async fn bytes_of(direction: Direction) -> Option<u64> {
    let practice = Practice::make().await?;
    let db = practice.over_the_line(&patient()).await;
    practice.proxy.fail_after(u64::MAX, direction, LineFault::ResetOnce);
    let mut ledger = Ledger::default();
    work(&db, &mut ledger).await;
    let bytes = practice.proxy.passed(direction);
    practice.check(&ledger, "no fault").await;
    assert_eq!((ledger.written.len(), ledger.audited.len()), (2 * ROUNDS + 20, ROUNDS + 5), "all is acknowledged");
    Some(bytes)
}

/// One run. Whether the fault came.
async fn run(fault: LineFault, direction: Direction, at: u64) -> bool {
    let what = format!("{fault:?} {direction:?} after {at} bytes");
    let practice = Practice::make().await.expect("a practice");
    let options = if fault == LineFault::Silent { impatient() } else { patient() };
    let db = practice.over_the_line(&options).await;
    practice.proxy.fail_for(WHILE, at, direction, fault);
    let mut ledger = Ledger::default();
    work(&db, &mut ledger).await;
    let fired = practice.proxy.fired();
    practice.proxy.heal();
    // The same store goes on.
    let until = Instant::now() + PATIENCE;
    let id = "healed".to_owned();
    loop {
        match write(&db, std::slice::from_ref(&id), 100).await {
            Ok(()) => break,
            // Its answer was lost on the way to a store of such short patience; it is there.
            Err(Error::Exists(_)) => break,
            Err(Error::Unreachable(_) | Error::Unknown | Error::Locked(_)) if Instant::now() < until => {}
            Err(error) => panic!("{what}: {error} on a line that is well"),
        }
    }
    ledger.written.push(id);
    let key = fhir::Key::new(fhir::Kind::OBSERVATION, fhir::Id::parse("healed").expect("an id"));
    let read = loop {
        match store::Record::read(&db, &reading(), &key).await {
            Err(Error::Unreachable(_) | Error::TooCostly) if Instant::now() < until => {}
            read => break read.unwrap_or_else(|error| panic!("{what}: {error} on a line that is well")),
        }
    };
    assert!(read.is_some(), "{what}: what was written is read");
    practice.check(&ledger, &what).await;
    fired
}

/// The line fails at one place after another.
async fn each(fault: LineFault, usual: u64) {
    for direction in [Direction::Up, Direction::Down] {
        let Some(bytes) = bytes_of(direction).await else { return };
        let places = places(usual);
        let (mut runs, mut fired) = (0, 0);
        for n in 0..places {
            // Shifted by one byte each time, so that messages are cut at each of their parts.
            fired += u64::from(run(fault, direction, n * bytes / places + n).await);
            runs += 1;
        }
        println!("{fault:?} {direction:?}: {bytes} bytes, {runs} places, {fired} came to it, nothing lost");
        assert!(fired * 10 >= runs * 8, "most faults happen: {fired} of {runs}");
    }
}

/// How many places: with `--every-call` a grid that leaves out no kind of message.
fn places(usual: u64) -> u64 {
    if std::env::var("CHARTROOM_FAULT_STEP").is_ok_and(|step| step == "1") { 150 } else { usual }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_is_reset_once() {
    each(LineFault::ResetOnce, 12).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_is_reset_for_a_while() {
    each(LineFault::Reset, 12).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_is_silent_for_a_while() {
    each(LineFault::Silent, 8).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_is_slow() {
    each(LineFault::Slow(Duration::from_millis(2)), 2).await;
}
