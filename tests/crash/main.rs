//! The server is killed without warning under concurrent writes, again and again. After each start every acknowledged write is there as
//! it was acknowledged, nothing is half there, a request whose answer was lost is sent again under its idempotency key and is done
//! exactly once, and the audit trail proves itself.
//!
//! `CHARTROOM_CRASH_ROUNDS` sets how often (`cargo xtask test crash --rounds N`), `CHARTROOM_CRASH_SEED` repeats a course.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod client;
mod practice;
mod writer;

use practice::Practice;
use std::time::SystemTime;
use writer::Writer;

/// Clients that write at the same time.
const WRITERS: u64 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encrypted_file() {
    course(Practice::in_a_folder()).await;
}

async fn course(practice: Practice) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let rounds = number("CHARTROOM_CRASH_ROUNDS").unwrap_or(6);
    let seed = number("CHARTROOM_CRASH_SEED")
        .unwrap_or_else(|| SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(1, |since| since.as_secs()));
    println!("seed {seed}");
    let mut writers: Vec<Writer> = (0..WRITERS).map(Writer::new).collect();
    for round in 0..rounds {
        let server = practice.serve();
        let enough = 5 + (seed.wrapping_add(round).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33) % 60;
        let tasks = writers.into_iter().map(|mut writer| {
            let (address, token) = (server.address.clone(), practice.token.clone());
            tokio::spawn(async move {
                writer.go_on(&address, &token, enough).await;
                writer
            })
        });
        let tasks: Vec<_> = tasks.collect();
        let mut first_done = None;
        writers = Vec::new();
        for task in tasks {
            // The first writer that has had enough answers ends the server under the others.
            let writer = task.await.expect("a writer");
            if first_done.is_none() {
                first_done = Some(());
                server.kill();
            }
            writers.push(writer);
        }
        server.ended();
        practice.prove_audit();
        let server = practice.serve();
        for writer in &mut writers {
            writer.settle(&server.address, &practice.token).await;
            writer.check(&server.address, &practice.token, round + 1 == rounds).await;
        }
        server.kill();
        server.ended();
    }
    practice.prove_audit();
    let (acknowledged, retried): (u64, u64) =
        writers.iter().fold((0, 0), |(a, r), writer| (a + writer.acknowledged, r + writer.retried));
    println!(
        "{rounds} rounds, {} kills: {acknowledged} writes acknowledged, {retried} asked again, none lost, none twice",
        2 * rounds
    );
    assert!(acknowledged > rounds * 5);
}
