//! Opening a practice: what does not fit is refused in words, and nothing of it is readable without its key.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{commit, create, open, reading, unlock, writing};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use store::find::{FindKey, KeyClass, KeyMatch, Term};
use store::record::{Change, Commit, NewVersion, Write};
use store::{Error, Find as _, Record as _};
use store_sqlite::{Db, FindKeys, Options, key};

#[tokio::test]
async fn what_was_acknowledged_is_there_after_reopening() {
    let dir = tempfile::tempdir().expect("a folder");
    create(dir.path()).commit(&writing(), commit(&["a".to_owned()], 10)).await.expect("written");
    let db = open(dir.path()).expect("opened again");
    assert!(db.read(&reading(), &common::observation("a")).await.expect("read").is_some());
}

#[tokio::test]
async fn a_second_server_is_refused_and_the_holder_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let first = create(dir.path());
    let Err(Error::Locked(told)) = open(dir.path()) else { panic!("opened twice") };
    assert!(told.contains(&format!("process {}", std::process::id())), "{told}");
    drop(first);
    open(dir.path()).expect("free again");
}

#[test]
fn another_key_is_the_wrong_key() {
    let (dir, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    drop(create(dir.path()));
    drop(create(other.path()));
    let refused = Db::open(dir.path(), &unlock(other.path()), &common::OPTIONS);
    assert!(matches!(refused, Err(Error::WrongKey)));
    assert!(matches!(Db::verify_offline(dir.path(), &unlock(other.path())), Err(Error::WrongKey)));
    let secret = key::read_key_file(&other.path().join("key")).expect("a key file");
    assert!(matches!(key::unlock(dir.path(), &secret), Err(Error::WrongKey)));
}

#[test]
fn a_folder_without_a_practice_is_told_apart() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(create(dir.path()));
    std::fs::remove_file(dir.path().join("practice.db")).expect("removed");
    assert!(matches!(open(dir.path()), Err(Error::Broken(text)) if text.contains("no practice")));
    let _made_again = Db::create(dir.path(), &unlock(dir.path()), &common::OPTIONS).expect("made");
    drop(_made_again);
    assert!(matches!(Db::create(dir.path(), &unlock(dir.path()), &common::OPTIONS), Err(Error::Taken(_))));
}

#[tokio::test]
async fn a_damaged_database_is_an_error_not_a_panic() {
    let dir = tempfile::tempdir().expect("a folder");
    let ids: Vec<String> = (0..300).map(|n| format!("o{n}")).collect();
    create(dir.path()).commit(&writing(), commit(&ids, 1000)).await.expect("written");
    let file = dir.path().join("practice.db");
    let size = std::fs::metadata(&file).expect("there").len();
    // Every page but the first is spoilt in its middle; the seal of each page must tell.
    let mut raw = std::fs::OpenOptions::new().write(true).open(&file).expect("opened");
    for page in 1..size / 8192 {
        raw.seek(SeekFrom::Start(page * 8192 + 4000)).and_then(|_| raw.write_all(b"spoilt")).expect("spoilt");
    }
    drop(raw);
    match open(dir.path()) {
        Err(Error::Broken(told)) => assert!(told.contains("damaged"), "{told}"),
        Err(other) => panic!("{other}"),
        Ok(db) => match db.read(&reading(), &common::observation("o7")).await {
            Err(Error::Broken(told)) => assert!(told.contains("damaged"), "{told}"),
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("a spoilt page was read"),
        },
    }
}

#[tokio::test]
async fn no_file_of_the_practice_holds_readable_text() {
    let dir = tempfile::tempdir().expect("a folder");
    let db = create(dir.path());
    let ids: Vec<String> = (0..50).map(|n| format!("secretid{n}")).collect();
    db.commit(&writing(), commit(&ids, 1000)).await.expect("written");
    // Both while it is open (write-ahead log) and after.
    no_canary(dir.path());
    drop(db);
    no_canary(dir.path());
}

fn no_canary(dir: &Path) {
    let mut files = 0;
    for file in std::fs::read_dir(dir).expect("listed") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("read");
        for canary in ["CANARY", "secretid", "Observation", "CREATE TABLE"] {
            assert!(!bytes.windows(canary.len()).any(|window| window == canary.as_bytes()), "{canary}");
        }
        files += 1;
    }
    assert!(files > 3);
}

#[tokio::test]
async fn keys_of_an_older_making_are_made_anew_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let patient = fhir::Key::parse("Patient/p").expect("a key");
    let index = fhir::index::Index { patient: fhir::PatientId::parse("p").ok(), ..Default::default() };
    let body = bytes::Bytes::from_static(br#"{"resourceType":"Patient","id":"p"}"#);
    let new = NewVersion { body, index, find_keys: vec![FindKey { class: KeyClass::Name, key: "old".into() }] };
    let write = Write { key: patient, based_on: None, change: Change::Put(new) };
    let only = Commit { writes: vec![write], ..commit(&[], 0) };
    create(dir.path()).commit(&writing(), only).await.expect("written");

    let named = |key: &str| [Term { any: vec![KeyMatch { class: KeyClass::Name, key: key.into(), prefix: false }] }];
    let open_as = |find_keys| Db::open(dir.path(), &unlock(dir.path()), &Options { find_keys, ..common::OPTIONS });
    let made = |version, of| Some(FindKeys { version, of });
    let second = |body: &[u8], system: &str| {
        assert!(body.starts_with(b"{\"resourceType\":\"Patient\"") && system == "urn:chartroom:record-number");
        vec![FindKey { class: KeyClass::Name, key: "new".into() }]
    };
    for (find_keys, key) in [(None, "old"), (made(2, second), "new"), (made(2, |_, _| Vec::new()), "new")] {
        let db = open_as(find_keys).expect("opened");
        let found = db.find(&reading(), &named(key), 5).await.expect("found");
        assert_eq!(found.for_decision().patients.len(), 1, "{key}");
    }
}
