//! TLS over a real socket, and a certificate renewed while serving.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

use chartroom::server::{Listening, Tls};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{CertificateDer, ServerName};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Writes a fresh certificate for localhost; returns it.
fn renew(dir: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    std::fs::write(dir.join("cert.pem"), cert.pem()).expect("written");
    std::fs::write(dir.join("key.pem"), signing_key.serialize_pem()).expect("written");
    cert.der().clone()
}

/// Asks over TLS, trusting one certificate only: the answer, or why not.
async fn ask(address: SocketAddr, trusted: &CertificateDer<'static>) -> Result<String, std::io::Error> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(trusted.clone()).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").expect("a name");
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn a_renewed_certificate_is_used_at_once_and_a_spoilt_one_never() {
    let dir = tempfile::tempdir().expect("a folder");
    let first = renew(dir.path());
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    let tls = Tls::load_looking(&cert, &key, Duration::ZERO).expect("loaded");
    let listening = Listening::bind(SocketAddr::from(([127, 0, 0, 1], 0)), Some(tls)).await.expect("listens");
    let address = listening.address().expect("an address");
    let router = axum::Router::new().route("/", axum::routing::get(|| async { "hello over TLS" }));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(listening.serve(router, async {
        let _told = stopped.await;
    }));

    assert!(ask(address, &first).await.expect("answered").contains("hello over TLS"));
    let second = renew(dir.path());
    assert!(ask(address, &second).await.expect("answered").contains("hello over TLS"));
    assert!(ask(address, &first).await.is_err(), "the old certificate is gone");
    std::fs::write(&cert, "spoilt").expect("written");
    assert!(ask(address, &second).await.expect("answered").contains("hello over TLS"));

    let mut plain = TcpStream::connect(address).await.expect("connects");
    plain.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("sent");
    let mut answer = Vec::new();
    let _closed = plain.read_to_end(&mut answer).await;
    assert!(!String::from_utf8_lossy(&answer).contains("hello"), "nothing is told without TLS");

    stop.send(()).expect("still serving");
    server.await.expect("stopped");
}
