//! Servers, and the database below them, are killed without warning under concurrent writes, again and again. Afterwards every
//! acknowledged write is there as it was acknowledged, nothing is half there, a request whose answer was lost or left open is sent again
//! under its idempotency key and is done exactly once, and the audit trail proves itself.
//!
//! `CHARTROOM_CRASH_ROUNDS` sets how often (`cargo xtask test crash --rounds N`), `CHARTROOM_CRASH_SEED` repeats a course.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![cfg(unix)]

mod apart;
mod blow;
mod client;
mod idle;
mod practice;
mod writer;

use blow::{Blow, Dice};
use practice::{Practice, Server};
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::Notify;
use writer::Writer;

/// Clients that write at the same time.
const WRITERS: u64 = 8;

/// Rounds on one practice, at most: what is there is proved after each, which takes longer the more there is.
const COURSE: u64 = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encrypted_file() {
    courses(|| Some(Practice::in_a_folder()), 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_with_two_servers() {
    courses(Practice::in_a_database, 2).await;
}

/// All rounds, on one practice after another.
async fn courses(practice: impl Fn() -> Option<Practice>, servers: usize) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    // Both databases have their half of a long course.
    let rounds = number("CHARTROOM_CRASH_ROUNDS").map_or(6, |all| all.div_ceil(2));
    let seed = number("CHARTROOM_CRASH_SEED")
        .unwrap_or_else(|| SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(1, |since| since.as_secs()));
    println!("seed {seed}");
    let (mut killed, mut sum) = (blow::Killed::default(), [0, 0, 0]);
    let mut done = 0;
    while done < rounds {
        let Some(practice) = practice() else { return };
        let until = rounds.min(done + COURSE);
        let writers = course(practice, servers, (seed, done..until), &mut killed).await;
        for writer in &writers {
            sum = [sum[0] + writer.acknowledged, sum[1] + writer.retried, sum[2] + writer.refused];
        }
        done = until;
        let [acknowledged, again, refused] = sum;
        println!(
            "{done} rounds, {killed}: {acknowledged} writes acknowledged, {again} asked again, {refused} times told to wait, none \
             lost, none twice"
        );
        assert!(acknowledged > done * 5);
    }
}

async fn course(
    practice: Practice,
    count: usize,
    (seed, rounds): (u64, Range<u64>),
    killed: &mut blow::Killed,
) -> Vec<Writer> {
    let last = rounds.end;
    let practice = Arc::new(practice);
    let told = Arc::new(Notify::new());
    let mut writers: Vec<Writer> = (0..WRITERS).map(|name| Writer::new(name, Arc::clone(&told))).collect();
    let mut servers: Vec<Server> = (0..count).map(|_| practice.serve()).collect();
    for round in rounds {
        let mut dice = Dice::of(seed, round);
        let (blow, enough) = (Blow::of(&practice, &mut dice), 5 + dice.below(60));
        let tasks = writers.into_iter().map(|mut writer| {
            let (address, token) = (writer.home(&servers, round).address.clone(), practice.token.clone());
            tokio::spawn(async move {
                writer.go_on(&address, &token, enough).await;
                writer
            })
        });
        let tasks: Vec<_> = tasks.collect();
        let mut struck = None;
        writers = Vec::new();
        for task in tasks {
            // The first writer that has had enough answers brings the end upon the others.
            writers.push(task.await.expect("a writer"));
            if struck.is_none() {
                struck = Some(blow.strike(&practice, &servers, &told, killed));
            }
        }
        // Nobody is left to be told to wait.
        told.notify_one();
        if let Some(recovery) = struck.flatten() {
            recovery.await.expect("the database is back");
        }
        blow.clear_up(&practice, &mut servers);
        practice.prove();
        for writer in &mut writers {
            // Another server than the one that was asked: it must know all the same.
            let server = writer.home(&servers, round + 1);
            writer.settle(&server.address, &practice.token).await;
            writer.check(&server.address, &practice.token, round + 1 == last).await;
        }
        blow.strike_at_rest(&practice, &mut servers, killed);
    }
    practice.prove();
    writers
}
