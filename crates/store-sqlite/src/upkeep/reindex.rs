//! Making every index anew while the practice is served.
//!
//! Each resource's rows are written anew from its current version in the writer's turns, some resources at a time, so that a search sees
//! a resource's rows as they were or as they are now, never in between. Tokens are kept by value, where old rows of a resource cannot be
//! found by its number: they go into a table beside, which takes the old one's place at the end in one transaction. Triggers keep it in
//! step with what is written meanwhile: it holds nothing that the table in use lacks, so what is erased there is erased here too. Cut
//! short, it leaves the indexes in use whole, and the table beside is dropped when the practice is opened next.

use super::mend;
use crate::writer::Work;
use crate::{Db, find, index};
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use store::Result;
use store::find::FindKeys;
use store::upkeep::Progress;

/// Resources written anew in one transaction: others' writes wait for no more.
const AT_ONCE: u32 = 50;

/// Lets go of what a reindex that was cut short left.
pub(crate) fn clear(db: &Connection) -> rusqlite::Result<()> {
    db.execute_batch(
        "DROP TRIGGER IF EXISTS idx_token_put; DROP TRIGGER IF EXISTS idx_token_gone;
         DROP TABLE IF EXISTS idx_token_next; DROP TABLE IF EXISTS idx_token_old;",
    )
}

pub(super) const BESIDE: &str = "
CREATE TABLE idx_token_next(
    param INTEGER NOT NULL,
    code TEXT NOT NULL,
    patient INTEGER NOT NULL,
    date INTEGER NOT NULL,
    rid INTEGER NOT NULL,
    part INTEGER NOT NULL,
    term INTEGER NOT NULL,
    PRIMARY KEY(param, code, patient, date DESC, rid DESC, part, term)
) WITHOUT ROWID;
CREATE TRIGGER idx_token_put AFTER INSERT ON idx_token BEGIN
    INSERT OR IGNORE INTO idx_token_next(param, code, patient, date, rid, part, term)
        VALUES (new.param, new.code, new.patient, new.date, new.rid, new.part, new.term);
END;
CREATE TRIGGER idx_token_gone AFTER DELETE ON idx_token BEGIN
    DELETE FROM idx_token_next WHERE param = old.param AND code = old.code AND patient = old.patient AND date = old.date
        AND rid = old.rid AND part = old.part AND term = old.term;
END;
";

const PUT: &str = "INSERT INTO idx_token_next(param, code, patient, date, rid, part, term) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";

const SWAP: &str = "
DROP TRIGGER idx_token_put;
DROP TRIGGER idx_token_gone;
ALTER TABLE idx_token RENAME TO idx_token_old;
ALTER TABLE idx_token_next RENAME TO idx_token;
";

/// Rows of the old table let go in one transaction.
const EMPTY: &str = "
DELETE FROM idx_token_old WHERE (param, code, patient, date, rid, part, term) IN
    (SELECT param, code, patient, date, rid, part, term FROM idx_token_old LIMIT 5000)
";

/// Runs it; answers how many resources there were.
pub(super) async fn run(db: &Db, keys: FindKeys, progress: &Progress) -> Result<u64> {
    let all = db.resources().await?;
    db.ask(Work::Mend(Box::new(|db| db.execute_batch(BESIDE)))).await?;
    let (mut after, mut done) = (i64::MIN, 0);
    loop {
        let (last, count) = (Arc::new(AtomicI64::new(after)), Arc::new(AtomicUsize::new(0)));
        let (told_last, told_count) = (Arc::clone(&last), Arc::clone(&count));
        let some = move |db: &Connection| {
            let rids = next(db, after)?;
            for rid in &rids {
                one(db, keys, *rid)?;
            }
            told_last.store(rids.last().copied().unwrap_or(after), Ordering::Relaxed);
            told_count.store(rids.len(), Ordering::Relaxed);
            Ok(())
        };
        db.ask(Work::Mend(Box::new(some))).await?;
        let count = count.load(Ordering::Relaxed) as u64;
        if count == 0 {
            break;
        }
        after = last.load(Ordering::Relaxed);
        done += count;
        progress(done, all.max(done));
    }
    db.ask(Work::Mend(Box::new(|db| db.execute_batch(SWAP)))).await?;
    loop {
        let left = Arc::new(AtomicUsize::new(0));
        let told = Arc::clone(&left);
        let some = move |db: &Connection| {
            told.store(db.execute(EMPTY, [])?, Ordering::Relaxed);
            Ok(())
        };
        db.ask(Work::Mend(Box::new(some))).await?;
        if left.load(Ordering::Relaxed) == 0 {
            break;
        }
    }
    db.ask(Work::Mend(Box::new(clear))).await?;
    Ok(done)
}

fn next(db: &Connection, after: i64) -> rusqlite::Result<Vec<i64>> {
    db.prepare_cached("SELECT rid FROM resource WHERE rid > ?1 ORDER BY rid LIMIT ?2")?
        .query_map((after, AT_ONCE), |row| row.get(0))?
        .collect()
}

pub(super) fn one(db: &Connection, keys: FindKeys, rid: i64) -> rusqlite::Result<()> {
    let system = find::number_system(db)?;
    if let Some((place, index)) = mend::resource(db, keys, &system, rid)? {
        for token in &index.tokens {
            index::put_token(db, PUT, place, token)?;
        }
        return Ok(());
    }
    let unreadable =
        "SELECT 1 FROM resource r JOIN resource_version v ON v.rid = r.rid WHERE r.rid = ?1 AND r.version > 0
        AND r.deleted = 0 LIMIT 1";
    if db.prepare_cached(unreadable)?.exists([rid])? {
        // A damaged body: what it was found by stays, as far as one walk over all tokens tells.
        db.execute("INSERT INTO idx_token_next SELECT * FROM idx_token WHERE rid = ?1 ON CONFLICT DO NOTHING", [rid])?;
    }
    Ok(())
}
