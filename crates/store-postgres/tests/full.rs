//! A PostgreSQL whose disk is full: writes are refused as such, readings go on as long as they can be noted, and with room again all is well.
//!
//! Its data is put on a small file system of its own, which only root may mount: elsewhere this says that it was skipped.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::indexing_slicing, reason = "tests")]
#![cfg(target_os = "linux")]

mod common;

use bytes::Bytes;
use common::{commit, entry, key, options, put, reading, secret, version, writing};
use fhir::Kind;
use ring::rand::{SecureRandom as _, SystemRandom};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use store::audit::{AuditQuery, Verdict};
use store::record::{Change, Write};
use store::{AuditLog as _, Error, Health as _, Record as _};
use store_postgres::Db;
use test_postgres::Server;

/// A small file system, for as long as the value lives.
struct Disk {
    place: tempfile::TempDir,
}

impl Disk {
    fn mount() -> Option<Self> {
        let disk = Self { place: tempfile::tempdir().expect("a folder") };
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", "size=120m,mode=755", "tmpfs"]).arg(disk.place.path());
        command.output().is_ok_and(|output| output.status.success()).then_some(disk)
    }

    fn filler(&self) -> PathBuf {
        self.place.path().join("filler")
    }

    /// Takes all room but so many bytes.
    fn fill(&self, left: u64) {
        let mut file = std::fs::File::create(self.filler()).expect("made");
        while file.write_all(&[0; 4096]).is_ok() {}
        let length = file.metadata().expect("its length").len();
        file.set_len(length.saturating_sub(left)).expect("cut");
    }

    fn make_room(&self) {
        std::fs::remove_file(self.filler()).expect("removed");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg(self.place.path()).output();
    }
}

async fn started(place: &Path) -> Option<(Server, Db)> {
    let server = match Server::start_within(place) {
        Ok(server) => server,
        Err(message) => {
            println!("skipped: {message}");
            return None;
        }
    };
    let (db, _recovery) =
        Db::create(server.url(), &secret(), &options(), &SystemRandom::new()).await.expect("a practice");
    Some((server, db))
}

/// A version that no compression makes small.
fn large(id: &str, bytes: usize) -> Write {
    let key = key(Kind::OBSERVATION, id);
    let mut random = vec![0; bytes / 2];
    SystemRandom::new().fill(&mut random).expect("random bytes");
    let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut new = version(&key, "1");
    new.body = Bytes::from(format!(r#"{{"resourceType":"Observation","id":"{id}","note":"{hex}"}}"#));
    Write { key, based_on: None, change: Change::Put(new) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_writes_and_recovers() {
    let Some(disk) = Disk::mount() else {
        println!("skipped: a small file system cannot be mounted here (root may)");
        return;
    };
    let Some((_server, db)) = started(disk.place.path()).await else { return };
    let p = key(Kind::PATIENT, "p");
    db.commit(&writing(), commit(1, vec![put(&p, None, "1")])).await.expect("room");
    let (mut full, mut noted, mut unnoted) = (0, vec![], 0);
    for round in 0..4_u128 {
        disk.fill(256 * 1024);
        // Writing and noting at the same time share a transaction: the one must not take the other with it while there is room for it.
        for n in 0..4 {
            let request = 100 + round * 10 + n;
            let made = commit(1_000 + request, vec![large(&format!("o{round}-{n}"), 1 << 20)]);
            let writing = writing();
            let (wrote, appended) = tokio::join!(db.commit(&writing, made), db.append(entry(request)));
            match wrote {
                Err(Error::Full) => full += 1,
                other => panic!("a full disk is not {other:?}"),
            }
            match appended {
                Ok(_) => {
                    noted.push(request);
                    assert!(db.read(&reading(), &p).await.expect("read").is_some(), "readings go on");
                }
                Err(Error::Unaudited) => unnoted += 1,
                Err(other) => panic!("a full disk is not {other}"),
            }
        }
        disk.make_room();
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            match db.ready().await {
                Ok(()) => break,
                Err(error) => assert!(Instant::now() < until, "{error} with room again"),
            }
        }
        let id = format!("after{round}");
        db.commit(&writing(), commit(2_000 + round, vec![large(&id, 1 << 16)])).await.expect("room again");
        let key = key(Kind::OBSERVATION, &id);
        assert!(db.read(&reading(), &key).await.expect("read").is_some());
    }
    println!("{full} writes refused, {} readings noted, {unnoted} refused", noted.len());
    assert!(!noted.is_empty(), "what is small finds room");
    let query = AuditQuery { count: u32::MAX, ..AuditQuery::default() };
    let entries = db.entries(&reading(), &query).await.expect("the trail");
    let requests: Vec<u128> = entries.for_decision().iter().map(|found| found.entry.request.as_u128()).collect();
    for request in &noted {
        assert_eq!(requests.iter().filter(|found| *found == request).count(), 1, "{request} once");
    }
    assert_eq!(
        requests.iter().filter(|request| **request >= 1_000 && **request < 2_000).count(),
        0,
        "nothing refused is in the trail"
    );
    assert_eq!(db.verify().await.expect("checked"), Verdict::Whole { entries: 1 + noted.len() as u64 + 4 });
}
