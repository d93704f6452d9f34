//! A process that writes is killed without warning, again and again: every acknowledged write is there, none is half there, none is
//! unaudited, and the chain holds. `CHARTROOM_KILL_ROUNDS` sets how often.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{commit, create, entry, observation, open, reading, writing};
use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use store::audit::{AuditQuery, Verdict};
use store::{AuditLog as _, Record as _, Store};

const CHILD: &str = "CHARTROOM_KILL_CHILD";

/// In the child: writes pairs of observations and audit entries from eight tasks, telling each acknowledgement as a line.
#[test]
fn child() {
    let Ok(task) = std::env::var(CHILD) else { return };
    let (dir, round) = task.split_once('|').expect("folder and round");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
    runtime.block_on(async {
        let db: Arc<dyn Store> = Arc::new(open(Path::new(dir)).expect("opened"));
        println!("open");
        let tasks = (0..8_u32).map(|task| {
            let (db, round) = (Arc::clone(&db), round.to_owned());
            tokio::spawn(async move {
                for n in 0_u32.. {
                    let pair = [format!("r{round}-t{task}-n{n}-a"), format!("r{round}-t{task}-n{n}-b")];
                    db.commit(&writing(), commit(&pair, 300)).await.expect("written");
                    tell(&format!("w {} {}", pair[0], pair[1]));
                    let request =
                        u128::from(n) << 64 | u128::from(task) << 32 | round.parse::<u128>().expect("a number");
                    db.append(entry(request)).await.expect("appended");
                    tell(&format!("a {request}"));
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.expect("runs until it is killed");
        }
    });
}

fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("told");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost() {
    let rounds: u32 = std::env::var("CHARTROOM_KILL_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(5);
    let dir = tempfile::tempdir().expect("a folder");
    drop(create(dir.path()));
    let (mut written, mut audited) = (Vec::new(), HashSet::new());
    for round in 0..rounds {
        let acknowledgements = run_and_kill(dir.path(), round);
        for line in acknowledgements {
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["w", a, b] => written.push((a.to_owned(), b.to_owned())),
                ["a", request] => {
                    audited.insert(request.parse::<u128>().expect("a number"));
                }
                _ => {}
            }
        }
        check(dir.path(), &written, &audited).await;
    }
    println!("{rounds} kills, {} writes and {} entries acknowledged, none lost", written.len(), audited.len());
    assert!(!written.is_empty());
}

/// Runs the child until it has told some tens to hundreds of acknowledgements, then kills it; returns all it told.
fn run_and_kill(dir: &Path, round: u32) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, format!("{}|{round}", dir.display()))
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut told = Vec::new();
    let enough = 20 + (round as usize * 7919) % 400;
    while told.len() < enough {
        told.push(lines.next().expect("it runs on").expect("a line"));
    }
    child.kill().expect("killed");
    child.wait().expect("ended");
    // What it said before it died counts, but for a last line cut short.
    told.extend(lines.map_while(Result::ok));
    told
}

async fn check(dir: &Path, written: &[(String, String)], audited: &HashSet<u128>) {
    let db = open(dir).expect("opened again");
    for (a, b) in written {
        for id in [a, b] {
            assert!(db.read(&reading(), &observation(id)).await.expect("read").is_some(), "{id} was lost");
        }
    }
    let query = AuditQuery { count: u32::MAX, ..AuditQuery::default() };
    let entries = db.entries(&reading(), &query).await.expect("the trail");
    let entries = entries.for_decision();
    let requests: HashSet<u128> = entries.iter().map(|recorded| recorded.entry.request.as_u128()).collect();
    assert!(audited.is_subset(&requests), "an entry was lost");
    let whats: HashSet<_> = entries.iter().flat_map(|recorded| &recorded.entry.what).map(|(key, _)| key).collect();
    let all = store::record::HistoryQuery {
        of: store::record::HistoryOf::Practice,
        since: None,
        until: None,
        count: u32::MAX,
        before: None,
    };
    let history = db.history(&reading(), &all).await.expect("the history");
    let there: HashSet<&str> = history.for_decision().iter().map(|stored| stored.key.id.as_str()).collect();
    for stored in history.for_decision() {
        let id = stored.key.id.as_str();
        let (pair, half) = id.rsplit_once('-').expect("one of a pair");
        let other = format!("{pair}-{}", if half == "a" { "b" } else { "a" });
        assert!(there.contains(other.as_str()), "{id} is half of a commit");
        assert!(whats.contains(&stored.key), "{id} is unaudited");
    }
    assert!(matches!(db.verify().await.expect("verified"), Verdict::Whole { .. }));
}
