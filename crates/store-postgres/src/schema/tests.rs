//! The keys can be spread by chart; migrations happen once, whole, and never backwards.

use super::*;
use crate::connection::{Options, Purpose, Target};
use crate::rows::get;
use test_postgres::Database;

async fn made() -> Option<(Database, Line)> {
    let database = test_postgres::database()?;
    let target = Target::parse(database.url(), &Options::default()).expect("a URL");
    let line = target.connect(Purpose::Whole).await.expect("connected");
    migrate(&line, Found::Nothing, None).await.expect("made");
    Some((database, line))
}

#[test]
fn the_newest_step_is_the_schema_this_program_knows() {
    assert_eq!(MIGRATIONS.last().map(|step| step.version), Some(KNOWN));
    assert!(MIGRATIONS.windows(2).all(|pair| pair[0].version < pair[1].version));
}

#[tokio::test]
async fn every_key_outside_the_directory_names_the_chart() {
    let Some((_database, line)) = made().await else { return };
    let sql = "SELECT c.relname::text, i.indisunique, i.indexrelid::regclass::text,
            EXISTS(SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'patient'
                   AND a.attnum = ANY(i.indkey::int2[]))
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public'";
    let rows = line.query(sql, &[]).await.expect("the catalogue");
    let (mut keyed, mut listed) = (0, std::collections::BTreeSet::new());
    for row in &rows {
        let (table, unique): (&str, bool) = (get(row, 0).expect("a name"), get(row, 1).expect("a flag"));
        let (index, names): (&str, bool) = (get(row, 2).expect("a name"), get(row, 3).expect("a flag"));
        if UNSHARDED.contains(&table) {
            listed.insert(table.to_owned());
        } else if unique || table.starts_with("idx_") {
            assert!(names, "{index} of {table} does not name the chart");
            keyed += 1;
        }
    }
    assert!(keyed > 15, "the catalogue was read: {keyed}");
    // `schema_version` has one row and no key; every other exception must still be there to be one.
    assert_eq!(listed.len(), UNSHARDED.len() - 1, "{listed:?}");
}

#[tokio::test]
async fn text_is_ordered_by_its_bytes() {
    let Some((_database, line)) = made().await else { return };
    let sql = "SELECT c.relname::text, a.attname::text FROM pg_index i
        JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey::int2[])
        JOIN pg_collation l ON l.oid = a.attcollation
        WHERE n.nspname = 'public' AND a.atttypid = 'text'::regtype AND l.collname <> 'C'";
    let rows = line.query(sql, &[]).await.expect("the catalogue");
    let other: Vec<(&str, &str)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert!(other.is_empty(), "{other:?}");
}

#[tokio::test]
async fn of_many_servers_that_make_a_practice_one_does() {
    let Some(database) = test_postgres::database() else { return };
    let target = Target::parse(database.url(), &Options::default()).expect("a URL");
    let starting = (0..6).map(|_| {
        let target = target.clone();
        tokio::spawn(async move {
            let line = target.connect(Purpose::Whole).await.expect("connected");
            migrate(&line, Found::Nothing, None).await
        })
    });
    let (mut made, mut taken) = (0, 0);
    for started in starting.collect::<Vec<_>>() {
        match started.await.expect("joined") {
            Ok(()) => made += 1,
            Err(Error::Taken(_)) => taken += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((made, taken), (1, 5));
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_and_an_empty_one_is_no_practice() {
    let Some((database, line)) = made().await else { return };
    migrate(&line, Found::Practice, None).await.expect("up to date");
    line.batch("UPDATE schema_version SET version = version + 1").await.expect("set");
    let target = Target::parse(database.url(), &Options::default()).expect("a URL");
    let other = target.connect(Purpose::Whole).await.expect("connected");
    let refused = migrate(&other, Found::Practice, None).await;
    assert!(matches!(refused, Err(Error::Newer { found, known }) if found == known + 1));
    let Some(empty) = test_postgres::database() else { return };
    let target = Target::parse(empty.url(), &Options::default()).expect("a URL");
    let line = target.connect(Purpose::Whole).await.expect("connected");
    let refused = migrate(&line, Found::Practice, None).await;
    assert!(matches!(refused, Err(Error::Broken(text)) if text.contains("holds no practice")));
}
