//! Opening a practice: what does not fit is refused in words that say what to do, and never name the password.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{ask, commit, key, open, options, practice, put, reading, secret, writing};
use fhir::Kind;
use ring::rand::SystemRandom;
use store::audit::Verdict;
use store::engine::wrap::Secret;
use store::{AuditLog as _, Error, Health as _, Record as _};
use store_postgres::{Db, Options};
use zeroize::Zeroizing;

/// What opening a URL says.
async fn told(url: &str, options: &Options) -> String {
    match Db::open(url, &secret(), options).await {
        Ok(_) => panic!("{url} opened"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_reopening_and_the_chain_is_signed() {
    let Some((database, db)) = practice().await else { return };
    let p = key(Kind::PATIENT, "p");
    db.commit(&writing(), commit(1, vec![put(&p, None, "1")])).await.expect("written");
    db.close().await;
    let again = open(&database).await;
    again.ready().await.expect("ready");
    assert!(again.read(&reading(), &p).await.expect("read").is_some());
    let offline = Db::verify_offline(database.url(), &secret(), &options()).await.expect("checked");
    assert_eq!(offline, Verdict::Whole { entries: 1 });
    // What the signature covers cannot be cut off unseen, head and all.
    let cut = "DELETE FROM audit; UPDATE audit_head SET last = 0, hash = decode(repeat('00', 32), 'hex')";
    ask(database.url(), cut).await;
    assert!(matches!(again.verify().await.expect("checked"), Verdict::Bad { sequence: 1, .. }));
}

#[tokio::test]
async fn another_key_is_the_wrong_key_and_a_new_one_can_take_its_place() {
    let Some((database, db)) = practice().await else { return };
    let other = Secret::KeyFile(Zeroizing::new([8; 32]));
    assert!(matches!(Db::open(database.url(), &other, &options()).await, Err(Error::WrongKey)));
    assert!(matches!(Db::verify_offline(database.url(), &other, &options()).await, Err(Error::WrongKey)));
    db.replace_secret(&other, &SystemRandom::new()).await.expect("replaced");
    assert!(matches!(Db::open(database.url(), &secret(), &options()).await, Err(Error::WrongKey)));
    Db::open(database.url(), &other, &options()).await.expect("opened");
}

#[tokio::test]
async fn a_database_is_made_a_practice_once_and_only_when_asked() {
    let Some(database) = test_postgres::database() else { return };
    assert!(told(database.url(), &options()).await.contains("holds no practice; `init` makes one"));
    let random = SystemRandom::new();
    let (db, recovery) = Db::create(database.url(), &secret(), &options(), &random).await.expect("made");
    assert!(matches!(Db::create(database.url(), &secret(), &options(), &random).await, Err(Error::Taken(_))));
    drop(db);
    let recovered = Secret::Recovery(recovery);
    Db::open(database.url(), &recovered, &options()).await.expect("the recovery key opens it");
    ask(database.url(), "UPDATE schema_version SET version = 99").await;
    assert!(matches!(Db::open(database.url(), &secret(), &options()).await, Err(Error::Newer { found: 99, .. })));
}

#[tokio::test]
async fn what_is_wrong_with_an_address_is_said() {
    let cases = [
        ("mysql://a@b/c", "URL"),
        ("postgres://me@localhost", "names no host or no database"),
        ("postgres://me@db.example.org/practice?sslmode=disable", "on this machine only"),
        ("postgres://me@db.example.org/practice?sslmode=prefer", "verify-full"),
        ("postgres://me@localhost/practice?sslrootcert=%2Fnowhere.pem", "/nowhere.pem"),
        ("postgres://me@localhost/practice?passfile=/nowhere", "the password file /nowhere"),
        ("postgres://me:hunter2@127.0.0.1:1/practice", "no connection to 127.0.0.1"),
    ];
    for (url, words) in cases {
        let said = told(url, &options()).await;
        assert!(said.contains(words), "{url}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_account_is_said() {
    let Some(server) = own_server() else { return };
    let url = |user: &str, password: &str, database: &str| {
        let place = server.url().split('@').nth(1).and_then(|rest| rest.split('/').next()).expect("a place").to_owned();
        format!("postgres://{user}:{password}@{place}/{database}")
    };
    ask(server.url(), "CREATE ROLE weak LOGIN PASSWORD 'hunter2'").await;
    ask(server.url(), "REVOKE CREATE ON SCHEMA public FROM PUBLIC").await;
    let said = told(&url("weak", "hunter3", "postgres"), &options()).await;
    assert!(said.contains("refuses the user weak or the password"), "{said}");
    let said = told(&url("weak", "hunter2", "none"), &options()).await;
    assert!(said.contains("no database none"), "{said}");
    let random = SystemRandom::new();
    let refused = Db::create(&url("weak", "hunter2", "postgres"), &secret(), &options(), &random).await;
    let said = refused.err().expect("no rights").to_string();
    assert!(said.contains("permission denied for schema public") && said.contains("CREATE"), "{said}");
    let (missing, _) = (url("weak", "", "postgres").replace(":@", "@"), ());
    let said = told(&missing, &options()).await;
    assert!(said.contains("give a password file"), "{said}");
    // The password of a file that others may read is not used.
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("password");
    std::fs::write(&file, "hunter2\n").expect("written");
    let by_file = Options { password_file: Some(file.clone()), ..options() };
    rights(&file, 0o644);
    assert!(told(&missing, &by_file).await.contains("chmod 600"));
    rights(&file, 0o600);
    assert!(told(&missing, &by_file).await.contains("holds no practice"), "the password was right");
}

fn rights(file: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).expect("set");
}

/// A server whose accounts and settings this test may change.
fn own_server() -> Option<test_postgres::Server> {
    let server = test_postgres::Server::start();
    server.inspect_err(|why| println!("skipped: {why}")).ok()
}
