//! TLS 1.2 and 1.3 with a certificate that is read again when its file changes: renewing it needs no restart.

use crate::failure::{Failure, Outcome};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How often the files are looked at, at most: when a connection comes.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The certificate in use.
#[derive(Clone)]
pub struct Tls(Arc<Files>);

struct Files {
    certificate: PathBuf,
    key: PathBuf,
    look_again: Duration,
    current: Mutex<Current>,
}

struct Current {
    acceptor: TlsAcceptor,
    state: State,
    looked: Instant,
}

/// What tells a file from its successor: when it was written, and its length, of certificate and key.
type State = [Option<(SystemTime, u64)>; 2];

impl Tls {
    /// Reads a certificate chain and its key (PEM).
    ///
    /// # Errors
    /// [`Failure::CERTIFICATE`], naming the file.
    pub fn load(certificate: &Path, key: &Path) -> Outcome<Self> {
        Self::load_looking(certificate, key, LOOK_AGAIN)
    }

    /// As [`Self::load`], looking at the files at most this often.
    ///
    /// # Errors
    /// [`Failure::CERTIFICATE`], naming the file.
    pub fn load_looking(certificate: &Path, key: &Path, look_again: Duration) -> Outcome<Self> {
        let state = state(certificate, key);
        let current = Current { acceptor: acceptor(certificate, key)?, state, looked: Instant::now() };
        let (certificate, key) = (certificate.to_owned(), key.to_owned());
        Ok(Self(Arc::new(Files { certificate, key, look_again, current: Mutex::new(current) })))
    }

    /// Shakes hands with a client.
    ///
    /// # Errors
    /// What the handshake says.
    pub async fn accept(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        let acceptor = self.current();
        acceptor.accept(stream).await
    }

    /// The certificate now: read anew when its files changed. A new one that cannot be used is logged and the old one stays.
    fn current(&self) -> TlsAcceptor {
        let files = &self.0;
        let mut current = files.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.looked.elapsed() >= files.look_again {
            current.looked = Instant::now();
            let state = state(&files.certificate, &files.key);
            if state != current.state {
                current.state = state;
                match acceptor(&files.certificate, &files.key) {
                    Ok(fresh) => {
                        current.acceptor = fresh;
                        tracing::info!("the TLS certificate was read again");
                    }
                    Err(failure) => tracing::error!("the old TLS certificate stays: {}", failure.text),
                }
            }
        }
        current.acceptor.clone()
    }
}

fn state(certificate: &Path, key: &Path) -> State {
    [certificate, key].map(|file| {
        let about = std::fs::metadata(file).ok()?;
        Some((about.modified().ok()?, about.len()))
    })
}

fn acceptor(certificate: &Path, key: &Path) -> Outcome<TlsAcceptor> {
    let bad = |file: &Path, what: &dyn std::fmt::Display| {
        Failure::new(Failure::CERTIFICATE, format!("{}: {what}", file.display()))
    };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect);
    let chain = chain.map_err(|error| bad(certificate, &error))?;
    if chain.is_empty() {
        return Err(bad(certificate, &"no certificate in it (PEM is expected)"));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| bad(key, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, secret))
        .map_err(|error| bad(certificate, &error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
