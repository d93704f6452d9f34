//! Turns among servers: one at a time, given up without harm, and worth nothing once their connection is lost.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{ask, commit, key, open, practice, put, writing};
use fhir::Kind;
use std::sync::Arc;
use store::{Error, Record as _};

/// Ends the connections that hold a turn.
async fn end_turns(url: &str) {
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database d ON d.oid = database
        WHERE datname = current_database() AND locktype = 'advisory' AND objid = 3 AND granted";
    ask(url, sql).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_turn_was_lost_is_refused() {
    let Some((database, one)) = practice().await else { return };
    let other = open(&database).await;
    for round in 0..3_u32 {
        let p = key(Kind::PATIENT, &format!("p{round}"));
        let lost = one.turn().await.expect("a turn");
        end_turns(database.url()).await;
        let next = other.turn().await.expect("the next one's turn");
        let request = u128::from(round) * 10;
        let late = one.commit(&writing(), commit(request, vec![put(&p, None, "late")])).await;
        assert!(matches!(late, Err(Error::Locked(_))), "{late:?}");
        other.commit(&writing(), commit(request + 1, vec![put(&p, None, "in turn")])).await.expect("made");
        drop((lost, next));
        one.commit(&writing(), commit(request + 2, vec![put(&p, Some(1), "after")])).await.expect("it goes on");
        // The connection that was lost is made anew.
        drop(one.turn().await.expect("a turn"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wait_that_is_given_up_holds_nobody_up() {
    let Some((database, one)) = practice().await else { return };
    let (one, other) = (Arc::new(one), open(&database).await);
    for _ in 0..10 {
        let held = other.turn().await.expect("a turn");
        let waiting = tokio::spawn({
            let one = Arc::clone(&one);
            async move { drop(one.turn().await) }
        });
        tokio::task::yield_now().await;
        waiting.abort();
        let _given_up = waiting.await;
        drop(held);
        drop(other.turn().await.expect("a turn"));
        drop(one.turn().await.expect("a turn"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_lasts_until_its_commit_is_done() {
    let Some((database, one)) = practice().await else { return };
    let (one, other) = (Arc::new(one), Arc::new(open(&database).await));
    // What is sought by a condition is made once, though each asker but the last gives up in the middle.
    for round in 0..12_u32 {
        let p = key(Kind::PATIENT, &format!("p{round}"));
        let asking = |db: &Arc<store_postgres::Db>, n: u128| {
            let (db, p) = (Arc::clone(db), p.clone());
            tokio::spawn(async move {
                let _turn = db.turn().await.expect("a turn");
                let found = db.current(&writing(), std::slice::from_ref(&p)).await.expect("sought");
                if found.for_decision()[0].is_none() {
                    // Nobody else can have made it since it was not found.
                    let made =
                        db.commit(&writing(), commit(u128::from(round) * 10 + n, vec![put(&p, None, "1")])).await;
                    made.expect("made, for nobody else has it");
                }
            })
        };
        let first = asking(&one, 1);
        for _ in 0..round * 20 {
            tokio::task::yield_now().await;
        }
        first.abort();
        let second = asking(&other, 2);
        match first.await {
            Ok(()) => {}
            Err(ended) => assert!(ended.is_cancelled(), "{ended}"),
        }
        second.await.expect("asked");
    }
}
