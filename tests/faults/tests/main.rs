//! A practice on a disk that fails at each of its calls in turn: every acknowledged write is there whole, none half, none unaudited, the
//! chain holds, and what is found agrees with what is kept.
//!
//! A run is one scripted piece of work on a small practice with one fault. `CHARTROOM_FAULT_STEP` says every how manieth call is made
//! to fail (1: each; by default some of them).
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![cfg(unix)]

mod ledger;
mod line;
mod work;

use fault_disk::Fault;
use work::{Practice, calls_of, run};

/// There is one disk: tests of one process take turns.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Every how manieth call fails, where a whole course would take minutes.
fn step(usual: u64) -> u64 {
    std::env::var("CHARTROOM_FAULT_STEP").ok().and_then(|step| step.parse().ok()).unwrap_or(usual).max(1)
}

/// Makes each call of a kind fail in turn, until the work is done before the fault comes.
async fn each(fault: Fault, usual: u64) {
    let _turn = TURN.lock().await;
    fault_disk::install();
    let practice = Practice::make();
    let calls = calls_of(&practice, fault).await;
    assert!(calls > 20, "the work makes {calls} calls of this kind");
    let (mut runs, mut fired) = (0, 0);
    for nth in (1..=calls).step_by(step(usual) as usize) {
        fired += u64::from(run(&practice, fault, nth).await);
        runs += 1;
    }
    println!("{fault:?}: {calls} calls, {runs} made to fail, {fired} came to it, nothing lost");
    assert!(fired * 10 >= runs * 8, "most faults happen: {fired} of {runs}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_that_fails() {
    each(Fault::Read, 41).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_fails() {
    each(Fault::Write, 17).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_is_cut_short() {
    each(Fault::ShortWrite, 17).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_that_fails() {
    each(Fault::Sync, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_that_fail_from_then_on() {
    each(Fault::DeadWrites, 17).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn syncs_that_fail_from_then_on() {
    each(Fault::DeadSyncs, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fills_up_and_gets_room_again() {
    each(Fault::Full, 17).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_cut_that_loses_what_was_not_synced() {
    each(Fault::PowerCut, 11).await;
}
