//! Whether this database can still be read and written.

use crate::Db;
use crate::writer::Work;
use async_trait::async_trait;
use store::{Health, Result};

#[async_trait]
impl Health for Db {
    async fn ready(&self) -> Result<()> {
        self.ask(Work::Ready).await?;
        self.read_now(|db| db.query_row("SELECT count(*) FROM audit_head", [], |_row| Ok(())))
    }

    async fn stopped(&self) {
        self.writer_stopped().await;
    }

    async fn settle(&self) -> Result<()> {
        self.ask(Work::Settle).await.map(|_done| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::{Purpose, open};
    use crate::{Options, key};
    use ring::rand::SystemRandom;
    use store::audit::{AuditLog as _, Entry};
    use store::{Actor, Error};
    use uuid::Uuid;

    fn practice() -> (tempfile::TempDir, key::DatabaseKey, Db) {
        let (dir, random) = (tempfile::tempdir().expect("a folder"), SystemRandom::new());
        let secret = key::create_key_file(&dir.path().join("key"), &random).expect("a key file");
        let (key, _) = key::create(dir.path(), &secret, &random).expect("keys");
        let db = Db::create(dir.path(), &key, &Options { reserve: 4096, ..Options::default() }).expect("a database");
        (dir, key, db)
    }

    fn entry() -> Entry {
        Entry::new(jiff::Timestamp::UNIX_EPOCH, Uuid::from_u128(1), Actor::program("test"), "test.read")
    }

    #[tokio::test]
    async fn a_writer_that_panicked_is_not_ready_and_is_told_to_whoever_waits() {
        let (dir, key, db) = practice();
        db.append(entry()).await.expect("appended");
        db.ready().await.expect("ready");
        assert!(matches!(db.ask(Work::Panic).await, Err(Error::Broken(_))));
        db.stopped().await;
        assert!(matches!(db.ready().await, Err(Error::Broken(text)) if text.contains("writer has stopped")));
        assert!(db.append(entry()).await.is_err());
        drop(db);
        // What was acknowledged is there, and the practice opens again.
        let again = Db::open(dir.path(), &key, &Options { reserve: 4096, ..Options::default() }).expect("opened");
        again.ready().await.expect("ready again");
        let verdict = again.verify().await.expect("checked");
        assert_eq!(verdict, store::audit::Verdict::Whole { entries: 1 });
    }

    #[tokio::test]
    async fn settling_that_failed_says_so() {
        let (dir, key, db) = practice();
        db.append(entry()).await.expect("appended");
        let other = open(&crate::db::file(dir.path()), &key, Purpose::Write, false).expect("opened");
        other
            .execute_batch(
                "CREATE TRIGGER unsigned BEFORE INSERT ON audit_checkpoint BEGIN SELECT RAISE(ABORT, 'no'); END",
            )
            .expect("a trigger");
        // The first entry may be signed already; this one is not due.
        db.append(entry()).await.expect("appended");
        db.settle().await.expect_err("it cannot be signed");
        other.execute_batch("DROP TRIGGER unsigned").expect("dropped");
        db.settle().await.expect("settled");
    }
}
