//! A practice of schema 1, before there were drafts, with its records, opened by this program.

use super::*;
use crate::Db;
use crate::connection::{Options, Purpose, Target};
use ring::rand::SystemRandom;
use std::sync::Arc;
use store::conformance::{Case, Fresh, upgrade};
use store::engine::wrap::Secret;
use zeroize::Zeroizing;

/// What step 2 added, taken away.
const OLDER: &str = "
DROP TRIGGER resource_version_kept ON resource_version; DROP FUNCTION resource_version_kept;
DROP TABLE note_draft; DROP TABLE note_revision;
UPDATE schema_version SET version = 1;";

/// Everything that is in a database but its rows.
const SHAPE: &str = "
SELECT 'column', table_name || '.' || column_name, data_type || is_nullable || coalesce(collation_name, '')
    FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'index', indexname::text, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'trigger', tgname::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname::text, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
ORDER BY 1, 2, 3";

fn secret() -> Secret {
    Secret::KeyFile(Zeroizing::new([7; 32]))
}

fn options() -> Options {
    Options { readers: 2, ..Options::default() }
}

fn case(db: Db) -> Case {
    Fresh::new(Arc::new(db), ()).case()
}

async fn line(url: &str) -> Line {
    Target::parse(url, &options()).expect("a URL").connect(Purpose::Whole).await.expect("connected")
}

async fn shape(line: &Line) -> Vec<(String, String, String)> {
    let rows = line.query(SHAPE, &[]).await.expect("the catalogue");
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

/// Every stored version.
async fn kept(line: &Line) -> Vec<(i64, Vec<u8>)> {
    let rows = line.query("SELECT seq, body FROM resource_version ORDER BY seq", &[]).await.expect("read");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// The tables as these steps make them.
async fn made_by(steps: &[Migration]) -> Vec<(String, String, String)> {
    let database = test_postgres::database().expect("it was there before");
    let line = line(database.url()).await;
    line.batch("CREATE TABLE schema_version(version integer NOT NULL)").await.expect("made");
    for sql in steps.iter().flat_map(|step| step.sql) {
        line.batch(sql).await.expect("made");
    }
    shape(&line).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_practice_of_schema_1_becomes_a_current_one_with_everything_in_it() {
    let Some(database) = test_postgres::database() else { return };
    let random = SystemRandom::new();
    let (db, _) = Db::create(database.url(), &secret(), &options(), &random).await.expect("made");
    upgrade::filled(&case(db)).await;

    // It is now what the older program made: the same tables as its own steps make.
    let line = line(database.url()).await;
    line.batch(OLDER).await.expect("as it was");
    assert_eq!(shape(&line).await, made_by(&MIGRATIONS[..1]).await);

    let db = Db::open(database.url(), &secret(), &options()).await.expect("brought up to date");
    upgrade::all_is_there(&case(db)).await;
    assert_eq!(version(&line).await.expect("a version"), 2);
    assert_eq!(shape(&line).await, made_by(MIGRATIONS).await);
    let before = kept(&line).await;
    // What the older program stored is kept from changing too.
    for change in ["UPDATE resource_version SET body = '{}' WHERE seq = 1", "DELETE FROM resource_version"] {
        let refused = line.batch(change).await.expect_err("refused").to_string();
        // The trigger's own refusal ("raise_exception"); what PostgreSQL says beside the code is not told on.
        assert!(refused.contains("P0001"), "{refused}");
    }
    assert_eq!(kept(&line).await, before);
}
