//! Encrypted connections: the server's certificate is checked, its name and its dates too.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{ask, options, secret};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use ring::rand::SystemRandom;
use store::Health as _;
use store_postgres::{Db, Options};

/// Puts text into a file of the server's data folder, which only the server may read.
async fn put(url: &str, file: &str, text: &str) {
    let lines: Vec<String> = text.lines().map(|line| format!("('{}')", line.trim_end())).collect();
    let sql = format!("COPY (VALUES {}) TO PROGRAM 'umask 077; cat > {file}'", lines.join(", "));
    ask(url, &sql).await;
}

/// Lets the server use another certificate, and waits until a new connection meets it.
async fn serve(url: &str, name: &str, certificate: &str, key: &str) {
    put(url, &format!("{name}.crt"), certificate).await;
    put(url, &format!("{name}.key"), key).await;
    for setting in
        [format!("ssl_cert_file = '{name}.crt'"), format!("ssl_key_file = '{name}.key'"), "ssl = on".to_owned()]
    {
        ask(url, &format!("ALTER SYSTEM SET {setting}")).await;
    }
    ask(url, "SELECT pg_reload_conf()").await;
    // The setting is read by each new connection once the server has taken it up.
    for _ in 0..10_000 {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("connected");
        let task = tokio::spawn(connection);
        let row = client.query_one("SHOW ssl_cert_file", &[]).await.expect("a setting");
        drop(client);
        let _ended = task.await;
        if row.get::<_, String>(0) == format!("{name}.crt") {
            return;
        }
    }
    panic!("the server does not take up its certificate");
}

/// A certificate for 127.0.0.1 of this authority, valid between two years.
fn certificate(issuer: &CertifiedIssuer<'_, KeyPair>, name: &str, years: (i32, i32)) -> (String, String) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    (params.not_before, params.not_after) = (date_time_ymd(years.0, 1, 1), date_time_ymd(years.1, 1, 1));
    let signed = params.signed_by(&key, issuer).expect("signed");
    (signed.pem(), key.serialize_pem())
}

#[tokio::test]
async fn only_the_right_server_is_talked_to() {
    let server = match test_postgres::Server::start() {
        Ok(server) => server,
        Err(why) => return println!("skipped: {why}"),
    };
    let mut authority = CertificateParams::new(Vec::new()).expect("params");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("an authority");
    let folder = tempfile::tempdir().expect("a folder");
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, authority.pem()).expect("written");
    let trusting = Options { root_certificates: Some(roots), ..options() };
    let url = format!("{}?sslmode=verify-full", server.url());
    let said = Db::open(&url, &secret(), &trusting).await.err().expect("no TLS yet").to_string();
    assert!(said.contains("TLS"), "{said}");

    for (name, host, years, words) in [
        ("expired", "127.0.0.1", (2000, 2001), "expired"),
        ("other", "db.example.org", (2000, 4000), "not valid for name"),
    ] {
        let (certificate, key) = certificate(&authority, host, years);
        serve(server.url(), name, &certificate, &key).await;
        let said = Db::open(&url, &secret(), &trusting).await.err().expect("refused").to_string();
        assert!(said.contains("certificate is not accepted") && said.contains(words), "{said}");
    }
    let (certificate, key) = certificate(&authority, "127.0.0.1", (2000, 4000));
    serve(server.url(), "right", &certificate, &key).await;
    let said = Db::open(&url, &secret(), &options()).await.err().expect("an unknown authority").to_string();
    assert!(said.contains("certificate is not accepted"), "{said}");
    let (db, _) = Db::create(&url, &secret(), &trusting, &SystemRandom::new()).await.expect("the right server");
    db.ready().await.expect("ready");
}
