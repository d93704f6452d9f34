//! A full disk: writes are refused, charts stay readable over the reserve, then nothing is shown unaudited; room brings all back.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![cfg(target_os = "linux")]

mod common;

use common::{commit, create, entry, observation, reading, writing};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use store::{Error, Store};

/// A disk of two megabytes.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().ok()?.keep();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"]).arg(&dir).output().ok()?;
        mounted.status.success().then_some(Self(dir))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg("-l").arg(&self.0).status();
        let _removed = std::fs::remove_dir(&self.0);
    }
}

#[tokio::test]
async fn writes_stop_reads_go_on_and_all_comes_back_with_room() {
    let Some(disk) = SmallDisk::mount() else {
        println!("skipped: a small disk can only be mounted by the system's administrator");
        return;
    };
    let db: Arc<dyn Store> = Arc::new(create(&disk.0));
    db.commit(&writing(), commit(&["kept".to_owned()], 100)).await.expect("room at first");
    let ballast = disk.0.join("ballast");
    std::fs::write(&ballast, vec![0; 512 * 1024]).expect("ballast");

    let mut acknowledged = Vec::new();
    let refused = loop {
        let id = format!("o{}", acknowledged.len());
        match db.commit(&writing(), commit(std::slice::from_ref(&id), 20_000)).await {
            Ok(_) => acknowledged.push(id),
            Err(error) => break error,
        }
        assert!(acknowledged.len() < 1_000, "the disk never filled");
    };
    assert!(matches!(refused, Error::Full), "{refused}");

    // Charts stay readable, each reading with its entry, until the reserve is used up; then nothing is shown.
    let mut shown = 0;
    let stopped = loop {
        let sealed = db.read(&reading(), &observation("kept")).await.expect("read").expect("there");
        match db.release(sealed, entry(shown)).await {
            Ok(_) => shown += 1,
            Err(error) => break error,
        }
        assert!(shown < 10_000, "the reserve never ended");
        if shown == 5 {
            let write = db.commit(&writing(), commit(&["small".to_owned()], 10)).await;
            assert!(matches!(write, Err(Error::Full)), "the reserve is for the trail alone");
        }
    };
    assert!(shown >= 10, "only {shown} readings over the reserve");
    assert!(matches!(stopped, Error::Unaudited), "{stopped}");

    std::fs::remove_file(&ballast).expect("room");
    db.commit(&writing(), commit(&["after".to_owned()], 100)).await.expect("writes are back");
    let sealed = db.read(&reading(), &observation("after")).await.expect("read").expect("there");
    db.release(sealed, entry(99_999)).await.expect("reads are back");
    check(&db, &acknowledged, shown).await;
    drop(db);
    let db: Arc<dyn Store> = Arc::new(reopened(&disk.0));
    check(&db, &acknowledged, shown).await;
}

fn reopened(dir: &Path) -> store_sqlite::Db {
    common::open(dir).expect("opened again")
}

async fn check(db: &Arc<dyn Store>, acknowledged: &[String], shown: u128) {
    for id in acknowledged {
        assert!(db.read(&reading(), &observation(id)).await.expect("read").is_some(), "{id} was acknowledged");
    }
    let entries = 1 + acknowledged.len() as u64 + u64::try_from(shown).expect("few") + 2;
    assert_eq!(db.verify().await.expect("verified"), store::audit::Verdict::Whole { entries });
}
