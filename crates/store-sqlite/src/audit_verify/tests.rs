//! Someone with the key edits the database directly: the check names the first entry that was touched, and how.

use super::*;
use crate::audit_chain::append;
use crate::connection::{Purpose, open};
use crate::db::{Db, Options, file};
use crate::key;
use crate::key::DatabaseKey;
use jiff::Timestamp;
use ring::rand::SystemRandom;
use store::Actor;
use store::audit::{AuditLog as _, Entry};
use store::engine::chain::{Hash, entry_hash, split};
use uuid::Uuid;

struct Trail {
    dir: tempfile::TempDir,
    key: DatabaseKey,
}

fn entry(n: u32) -> Entry {
    let mut entry =
        Entry::new(Timestamp::UNIX_EPOCH, Uuid::from_u128(u128::from(n)), Actor::program("test"), "chart.read");
    entry.detail = format!("entry {n:02}");
    entry
}

impl Trail {
    /// Thirty entries: 1 to 10 one to a row, 11 to 20 and 21 to 30 in two rows.
    async fn new() -> Self {
        let (dir, random) = (tempfile::tempdir().expect("a folder"), SystemRandom::new());
        let secret = key::create_key_file(&dir.path().join("key"), &random).expect("a key file");
        let (key, _) = key::create(dir.path(), &secret, &random).expect("keys");
        let db = Db::create(dir.path(), &key, &Options { reserve: 4096, ..Options::default() }).expect("a database");
        for n in 1..=10 {
            db.append(entry(n)).await.expect("appended");
        }
        drop(db);
        let trail = Self { dir, key };
        trail.edit(|db| {
            for range in [11..=20, 21..=30] {
                let entries: Vec<Entry> = range.map(entry).collect();
                append(db, head(db).expect("the head"), &entries).expect("appended");
            }
        });
        // Opening and closing signs what was not signed yet.
        drop(Db::open(trail.dir.path(), &trail.key, &Options { reserve: 4096, ..Options::default() }).expect("opened"));
        assert_eq!(trail.verdict(), Verdict::Whole { entries: 30 });
        trail
    }

    fn edit(&self, act: impl FnOnce(&Connection)) {
        act(&open(&file(self.dir.path()), &self.key, Purpose::Write, false).expect("opened"));
    }

    fn verdict(&self) -> Verdict {
        Db::verify_offline(self.dir.path(), &self.key).expect("checked")
    }

    fn expect_bad(&self, sequence: u64, what: &str) {
        match self.verdict() {
            Verdict::Bad { sequence: found, what: told } => {
                assert!(found == sequence && told.starts_with(what), "{told} at {found}, not {what} at {sequence}");
            }
            Verdict::Whole { .. } => panic!("not found: {what} at {sequence}"),
        }
    }
}

/// Rewrites the row that starts at `first` from its entries.
fn rewrite(db: &Connection, first: u64, change: impl FnOnce(&mut Vec<(Vec<u8>, Hash)>)) {
    let row: Vec<u8> =
        db.query_row("SELECT entries FROM audit WHERE first = ?1", [first], |row| row.get(0)).expect("the row");
    let mut entries: Vec<(Vec<u8>, Hash)> = split(&row).map(|(bytes, hash)| (bytes.to_vec(), hash)).collect();
    change(&mut entries);
    let mut row = Vec::new();
    for (bytes, hash) in &entries {
        row.extend_from_slice(&u32::try_from(bytes.len()).expect("short").to_be_bytes());
        row.extend_from_slice(bytes);
        row.extend_from_slice(hash);
    }
    let last = first + entries.len() as u64 - 1;
    db.execute("UPDATE audit SET entries = ?2, last = ?3 WHERE first = ?1", (first, row, last)).expect("rewritten");
}

#[tokio::test]
async fn an_altered_entry() {
    let trail = Trail::new().await;
    trail.edit(|db| rewrite(db, 11, |entries| entries[4].0 = entry(99).canonical()));
    trail.expect_bad(15, "altered");
}

#[tokio::test]
async fn an_altered_entry_whose_hash_was_made_to_fit() {
    let trail = Trail::new().await;
    trail.edit(|db| {
        rewrite(db, 11, |entries| {
            let altered = entry(99).canonical();
            entries[4] = (altered.clone(), entry_hash(&entries[3].1, 15, &altered));
        });
    });
    trail.expect_bad(16, "altered");
}

#[tokio::test]
async fn a_deleted_row_and_a_deleted_entry_of_a_row() {
    let trail = Trail::new().await;
    trail.edit(|db| assert_eq!(db.execute("DELETE FROM audit WHERE first = 5", []).expect("deleted"), 1));
    trail.expect_bad(5, "deleted");
    let trail = Trail::new().await;
    trail.edit(|db| {
        rewrite(db, 11, |entries| drop(entries.remove(4)));
    });
    trail.expect_bad(15, "deleted");
}

#[tokio::test]
async fn reordered_entries() {
    let trail = Trail::new().await;
    trail.edit(|db| rewrite(db, 11, |entries| entries.swap(4, 7)));
    trail.expect_bad(15, "reordered");
    let trail = Trail::new().await;
    trail.edit(|db| {
        db.execute_batch(
            "UPDATE audit SET first = -1 WHERE first = 4; UPDATE audit SET first = 4, last = 4 WHERE first = 7;
             UPDATE audit SET first = 7, last = 7 WHERE first = -1;",
        )
        .expect("swapped");
    });
    trail.expect_bad(4, "reordered");
}

#[tokio::test]
async fn a_chain_cut_short() {
    let trail = Trail::new().await;
    trail.edit(|db| assert_eq!(db.execute("DELETE FROM audit WHERE first = 21", []).expect("cut"), 1));
    trail.expect_bad(21, "truncated");
}

#[tokio::test]
async fn a_chain_cut_short_with_its_head_and_its_checkpoints() {
    let trail = Trail::new().await;
    trail.edit(|db| {
        let end: Vec<u8> =
            db.query_row("SELECT entries FROM audit WHERE first = 11", [], |row| row.get(0)).expect("the row");
        let (_, hash) = split(&end).last().expect("entries");
        db.execute_batch("DELETE FROM audit WHERE first = 21; DELETE FROM audit_checkpoint WHERE last > 20;")
            .expect("cut");
        db.execute("UPDATE audit_head SET last = 20, hash = ?1", [hash.as_slice()]).expect("moved");
    });
    trail.expect_bad(21, "truncated");
}

#[tokio::test]
async fn a_chain_made_anew_from_the_middle() {
    let trail = Trail::new().await;
    trail.edit(|db| {
        rewrite(db, 11, |entries| {
            let mut previous = entries[3].1;
            entries[4].0 = entry(99).canonical();
            for (place, entry) in entries.iter_mut().enumerate().skip(4) {
                entry.1 = entry_hash(&previous, 11 + place as u64, &entry.0);
                previous = entry.1;
            }
        });
        let previous: Vec<u8> =
            db.query_row("SELECT entries FROM audit WHERE first = 11", [], |row| row.get(0)).expect("the row");
        let (_, mut previous) = split(&previous).last().expect("entries");
        rewrite(db, 21, |entries| {
            for (place, entry) in entries.iter_mut().enumerate() {
                entry.1 = entry_hash(&previous, 21 + place as u64, &entry.0);
                previous = entry.1;
            }
        });
        db.execute("UPDATE audit_head SET hash = ?1", [previous.as_slice()]).expect("moved");
    });
    trail.expect_bad(30, "altered");
}

#[tokio::test]
async fn a_forged_checkpoint() {
    let trail = Trail::new().await;
    trail.edit(|db| {
        assert_eq!(db.execute("UPDATE audit_checkpoint SET at = at + 1 WHERE last = 30", []).expect("forged"), 1);
    });
    trail.expect_bad(30, "altered");
}

#[tokio::test]
async fn a_line_that_a_power_cut_left_unfinished_is_not_written_onto() {
    let trail = Trail::new().await;
    let file = trail.dir.path().join("audit-checkpoints");
    let whole = std::fs::read(&file).expect("checkpoints");
    std::fs::write(&file, &whole[..whole.len() - 20]).expect("torn");
    let options = Options { reserve: 4096, ..Options::default() };
    let db = Db::open(trail.dir.path(), &trail.key, &options).expect("opened");
    db.append(entry(31)).await.expect("appended");
    drop(db);
    assert_eq!(trail.verdict(), Verdict::Whole { entries: 31 });
    let lines = std::fs::read_to_string(&file).expect("checkpoints");
    assert!(lines.ends_with('\n') && lines.lines().all(|line| line.split(' ').count() == 4), "{lines}");
}
