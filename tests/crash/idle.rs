//! Ten thousand clients that connect and ask nothing.

use crate::client::Client;
use crate::practice::Practice;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How many there are to be.
const IDLE: u64 = 10_000;
/// Of them, those that ask once before they go quiet: every so manieth.
const ASKED_ONCE: usize = 10;
/// The server holds no more at once (docs/operations.md).
const AT_ONCE: u64 = 4_096;
/// Open files this test needs beside them.
const OWN: u64 = 100;
/// The server lets a connection go that asks nothing for so long (docs/operations.md).
const LET_GO: Duration = Duration::from_secs(30);
/// How long all of them may take to be let go.
const PATIENCE: Duration = Duration::from_secs(90);
/// A connection that nothing was asked on takes no more memory, generously: without a limit on what is kept for each, it would be as much
/// as the largest request.
const KB_EACH: u64 = 64;

/// As many connections as this process may have, which then is a limit that the server starts with too.
fn allowed() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let more = limit.maximum.map_or(IDLE + OWN, |most| most.min(IDLE + OWN)).max(limit.current.unwrap_or(u64::MAX));
    if limit.current.is_some() {
        setrlimit(Resource::Nofile, Rlimit { current: Some(more), ..limit }).expect("raised as far as allowed");
    }
    IDLE.min(more.saturating_sub(OWN))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_idle_connections_keep_nobody_out() {
    let practice = Practice::in_a_folder();
    let count = allowed();
    let server = practice.serve();
    // What the first requests need is there before memory is measured.
    Client::open(&server.address, &practice.token).await.expect("it listens").get("/fhir/Patient?_count=1").await;
    let (before, mut most) = (server.memory(), server.memory());
    let began = Instant::now();
    let mut idle = Vec::new();
    for n in 0..usize::try_from(count).expect("a number") {
        let mut stream = TcpStream::connect(&server.address).await.expect("the system takes it");
        if n % ASKED_ONCE == 0 {
            stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("sent");
            let mut first = [0; 12];
            stream.read_exact(&mut first).await.expect("answered");
            assert_eq!(&first, b"HTTP/1.1 200");
        }
        if n % 500 == 0 {
            most = most.max(server.memory());
        }
        idle.push(stream);
    }
    most = most.max(server.memory());
    let opened = began.elapsed();

    // One more is answered, before any of those before it can have been given up for its silence.
    let asking = Instant::now();
    let mut client = Client::open(&server.address, &practice.token).await.expect("it listens");
    client.get("/fhir/Patient?_count=1").await;
    let answered = asking.elapsed();
    assert!(began.elapsed() < LET_GO, "some waited for others to be let go");

    if let (Some(before), Some(most)) = (before, most) {
        let (more, held) = (most.saturating_sub(before), count.min(AT_ONCE));
        println!("{} bytes of memory for each of {held} held at once", more * 1024 / held);
        assert!(more < KB_EACH * held);
    }

    // All of them are let go by the server alone.
    let waiting = Instant::now();
    for mut stream in idle {
        let mut rest = Vec::new();
        let left = PATIENCE.saturating_sub(waiting.elapsed());
        // Closed or reset: either way it is gone.
        let _ended = timeout(left, stream.read_to_end(&mut rest)).await.expect("let go");
    }
    println!(
        "{count} idle connections opened in {} ms; one more answered in {} ms; all let go {} s later",
        opened.as_millis(),
        answered.as_millis(),
        waiting.elapsed().as_secs()
    );
    let mut client = Client::open(&server.address, &practice.token).await.expect("it listens");
    client.get("/fhir/Patient?_count=1").await;
    practice.prove();
}
