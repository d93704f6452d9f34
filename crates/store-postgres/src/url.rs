//! What is read from a database's URL beside what the library reads, and from the file of its password.

use std::path::{Path, PathBuf};
use store::{Error, Result};
use tokio_postgres::config::Host;

/// What the URL says that is ours to read.
#[derive(Default)]
pub(crate) struct Ours {
    pub(crate) mode: Option<String>,
    pub(crate) password_file: Option<PathBuf>,
    pub(crate) root_certificates: Option<PathBuf>,
}

/// Takes `sslmode`, `passfile` and `sslrootcert` out of a URL.
pub(crate) fn take_ours(url: &str) -> (String, Ours) {
    let mut ours = Ours::default();
    let Some((before, query)) = url.split_once('?') else { return (url.to_owned(), ours) };
    let mut rest = Vec::new();
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("sslmode", mode)) => ours.mode = Some(mode.to_owned()),
            Some(("passfile", file)) => ours.password_file = Some(PathBuf::from(unescaped(file))),
            Some(("sslrootcert", file)) => ours.root_certificates = Some(PathBuf::from(unescaped(file))),
            _ => rest.push(pair),
        }
    }
    let plain = if rest.is_empty() { before.to_owned() } else { format!("{before}?{}", rest.join("&")) };
    (plain, ours)
}

/// Text without percent-escapes.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = after.first_chunk::<2>().filter(|_| *first == b'%');
        let byte = escaped.and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = after.get(if byte.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether a host is this machine: then nothing crosses a network.
pub(crate) fn here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// The password of a file that only its owner may read.
pub(crate) fn password(file: &Path) -> Result<String> {
    let told = |what: String| Error::Broken(format!("the password file {}: {what}", file.display()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(file).map_err(|e| told(e.to_string()))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(told("others may read it; make it 0600 (chmod 600)".to_owned()));
        }
    }
    let text = std::fs::read_to_string(file).map_err(|e| told(e.to_string()))?;
    match text.trim_end_matches(['\n', '\r']) {
        "" => Err(told("it is empty".to_owned())),
        password => Ok(password.to_owned()),
    }
}
