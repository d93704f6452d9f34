//! A practice of schema 3, before there were drafts, with its records, opened by this program.

use super::*;
use crate::connection::{Purpose, open};
use crate::{Db, Options, key};
use ring::rand::SystemRandom;
use std::sync::Arc;
use store::conformance::{Case, Fresh, upgrade};

/// What step 4 added, taken away.
const OLDER: &str = "
DROP TRIGGER resource_version_kept; DROP TRIGGER resource_version_stays;
DROP TABLE note_draft; DROP TABLE note_revision;
PRAGMA user_version = 3;";

fn case(db: Db) -> Case {
    Fresh::new(Arc::new(db), ()).case()
}

/// Everything that is in a database but its rows.
fn shape(db: &Connection) -> Vec<(String, String, Option<String>)> {
    let mut all = db.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").expect("prepared");
    let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("asked");
    rows.collect::<rusqlite::Result<_>>().expect("read")
}

#[tokio::test]
async fn a_practice_of_schema_3_becomes_a_current_one_with_everything_in_it() {
    let (dir, random) = (tempfile::tempdir().expect("a folder"), SystemRandom::new());
    let secret = key::create_key_file(&dir.path().join("key"), &random).expect("a key file");
    let (key, _) = key::create(dir.path(), &secret, &random).expect("keys");
    let options = Options { reserve: 4096, ..Options::default() };
    let raw = || open(&dir.path().join("practice.db"), &key, Purpose::Write, false).expect("opened");
    upgrade::filled(&case(Db::create(dir.path(), &key, &options).expect("made"))).await;

    // It is now what the older program made: the same tables as its own steps make.
    raw().execute_batch(OLDER).expect("as it was");
    let mut old = Connection::open_in_memory().expect("memory");
    migrate_by(&mut old, Path::new("none"), &MIGRATIONS[..3]).expect("made");
    assert_eq!(shape(&raw()), shape(&old));

    let case = case(Db::open(dir.path(), &key, &options).expect("brought up to date"));
    upgrade::all_is_there(&case).await;
    let db = raw();
    assert_eq!(version(&db).expect("a version"), 4);
    let mut new = Connection::open_in_memory().expect("memory");
    migrate_by(&mut new, Path::new("none"), MIGRATIONS).expect("made");
    assert_eq!(shape(&db), shape(&new));
    // What the older program stored is kept from changing too.
    let versions = || db.query_row("SELECT count(*) FROM resource_version", [], |row| row.get::<_, i64>(0));
    let before = versions().expect("counted");
    for change in ["UPDATE resource_version SET body = x'7b7d' WHERE seq = 1", "DELETE FROM resource_version"] {
        let refused = db.execute(change, []).expect_err("refused").to_string();
        assert!(refused.contains("a stored version is never"), "{refused}");
    }
    assert_eq!(versions().expect("counted"), before);
    let copy = open(&dir.path().join("before-schema-4.db"), &key, Purpose::Read, false).expect("the way back");
    assert_eq!(version(&copy).expect("a version"), 3);
}

#[tokio::test]
async fn a_practice_of_a_newer_program_is_refused_and_left_as_it_is() {
    let (dir, random) = (tempfile::tempdir().expect("a folder"), SystemRandom::new());
    let secret = key::create_key_file(&dir.path().join("key"), &random).expect("a key file");
    let (key, _) = key::create(dir.path(), &secret, &random).expect("keys");
    let options = Options { reserve: 4096, ..Options::default() };
    upgrade::filled(&case(Db::create(dir.path(), &key, &options).expect("made"))).await;
    let raw = || open(&dir.path().join("practice.db"), &key, Purpose::Write, false).expect("opened");
    raw().pragma_update(None, "user_version", KNOWN + 1).expect("set");
    let refused = Db::open(dir.path(), &key, &options).err();
    assert!(matches!(refused, Some(Error::Newer { found, known: KNOWN }) if found == KNOWN + 1));
    // The newer program finds it as it was.
    raw().pragma_update(None, "user_version", KNOWN).expect("set");
    upgrade::all_is_there(&case(Db::open(dir.path(), &key, &options).expect("opened"))).await;
}
