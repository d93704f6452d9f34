//! A running practice as a place to import to: asked over its own API what it has, then sent what differs.

use crate::failure::{Failure, Outcome};
use async_trait::async_trait;
use bytes::Bytes;
use clinic::record;
use exchange::bundle::{Incoming, Reject};
use exchange::import::{Refusal, Sink};
use fhir::{Issue, IssueType, Key, json};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming as Answered;
use hyper::{Request, Response, Uri, header};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Where the certificates this machine trusts lie, unless `SSL_CERT_FILE` names another file.
const TRUSTED: &str = "/etc/ssl/certs/ca-certificates.crt";
/// The practice's record numbers, which it adds to patients itself.
const RECORD_NUMBER: &str = "Medical record number";

/// A running practice.
pub(super) struct Remote {
    base: Uri,
    token: String,
    tls: Option<TlsConnector>,
}

/// A resource that was checked, with its text for comparing.
pub(super) struct Checked {
    key: Key,
    body: Value,
}

impl Remote {
    /// The practice at this address, with the token of a file.
    ///
    /// # Errors
    /// An address that is none; a token file that cannot be read.
    pub(super) fn new(url: &str, token_file: &Path) -> Outcome<Self> {
        let base: Uri =
            url.trim_end_matches('/').parse().map_err(|_| Failure::other(format!("{url} is no address")))?;
        let token = std::fs::read_to_string(token_file)
            .map_err(|error| Failure::other(format!("{}: {error}", token_file.display())))?;
        let tls = match base.scheme_str() {
            Some("https") => Some(trusting()?),
            Some("http") => None,
            _ => {
                return Err(Failure::other(
                    "--to takes an http:// or https:// address, such as http://127.0.0.1:8080/fhir",
                ));
            }
        };
        let token = token.trim().trim_start_matches("api-token:").trim().to_owned();
        Ok(Self { base, token, tls })
    }

    /// Sends a Bundle; the Bundle that answers, or the issues with the status.
    async fn send(&self, bundle: &Value) -> Result<Result<Value, (u16, Vec<Issue>)>, String> {
        let lost = |what: &dyn std::fmt::Display| format!("{} cannot be reached: {what}", self.base);
        let host = self.base.host().unwrap_or_default().to_owned();
        let port = self.base.port_u16().unwrap_or(if self.tls.is_some() { 443 } else { 80 });
        let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await.map_err(|e| lost(&e))?;
        let request = Request::post(self.base.path())
            .header(header::HOST, self.base.authority().map_or("", |authority| authority.as_str()))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, "application/fhir+json")
            .body(Full::new(Bytes::from(json::write(bundle))))
            .map_err(|_| "the token file holds no token".to_owned())?;
        let response = match &self.tls {
            None => exchange(stream, request).await.map_err(|e| lost(&e))?,
            Some(tls) => {
                let name = ServerName::try_from(host).map_err(|e| lost(&e))?;
                exchange(tls.connect(name, stream).await.map_err(|e| lost(&e))?, request).await.map_err(|e| lost(&e))?
            }
        };
        let status = response.status();
        let bytes = response.into_body().collect().await.map_err(|e| lost(&e))?.to_bytes();
        let body = json::parse(&bytes).unwrap_or(Value::Null);
        if status.is_success() {
            return Ok(Ok(body));
        }
        if matches!(status.as_u16(), 401 | 403 | 404 | 405) || status.is_server_error() {
            let said = issues(&body).pop().map(|issue| issue.text).unwrap_or_default();
            return Err(format!("{} answers {status}: {said}", self.base));
        }
        Ok(Err((status.as_u16(), issues(&body))))
    }

    /// What the practice has of each: version and text for comparing; `None` when there is nothing.
    async fn current(&self, unit: &[Checked]) -> Result<Vec<Option<(u64, Vec<u8>)>>, String> {
        let gets = unit.iter().map(|one| json!({"request": {"method": "GET", "url": one.key.to_string()}}));
        let asked = json!({"resourceType": "Bundle", "type": "batch", "entry": gets.collect::<Vec<_>>()});
        let answer = self.send(&asked).await?.map_err(|(status, _)| format!("{} answers {status}", self.base))?;
        let entries = answer.get("entry").and_then(Value::as_array).cloned().unwrap_or_default();
        let found = entries.into_iter().map(|mut entry| {
            let resource = entry.get_mut("resource").map(Value::take)?;
            let version = resource.pointer("/meta/versionId")?.as_str()?.parse().ok()?;
            Some((version, comparable(resource)))
        });
        let found: Vec<_> = found.collect();
        if found.len() == unit.len() {
            Ok(found)
        } else {
            Err(format!("{} does not answer as a FHIR server", self.base))
        }
    }
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Response<Answered>, hyper::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    sender.send_request(request).await
}

fn trusting() -> Outcome<TlsConnector> {
    let file = std::env::var("SSL_CERT_FILE").unwrap_or_else(|_| TRUSTED.to_owned());
    let unusable = |error: &dyn std::fmt::Display| Failure::new(Failure::CERTIFICATE, format!("{file}: {error}"));
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(&file).map_err(|e| unusable(&e))? {
        roots.add(certificate.map_err(|e| unusable(&e))?).map_err(|e| unusable(&e))?;
    }
    let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// A resource without what the practice itself changes.
fn comparable(mut body: Value) -> Vec<u8> {
    if let Some(members) = body.as_object_mut() {
        if let Some(meta) = members.get_mut("meta").and_then(Value::as_object_mut) {
            meta.shift_remove("versionId");
            meta.shift_remove("lastUpdated");
        }
        if members.get("meta").and_then(Value::as_object).is_some_and(Map::is_empty) {
            members.shift_remove("meta");
        }
        if let Some(Value::Array(identifiers)) = members.get_mut("identifier") {
            identifiers.retain(|i| i.pointer("/type/coding/0/display").and_then(Value::as_str) != Some(RECORD_NUMBER));
            if identifiers.is_empty() {
                members.shift_remove("identifier");
            }
        }
        members.shift_remove("id");
    }
    json::write(&body)
}

fn issues(outcome: &Value) -> Vec<Issue> {
    let listed = outcome.get("issue").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let issue = |issue: &Value| {
        let text = issue.get("diagnostics").and_then(Value::as_str).unwrap_or("refused").to_owned();
        let place = issue.pointer("/expression/0").and_then(Value::as_str).unwrap_or_default().to_owned();
        Issue::error(IssueType::Processing, text).at(place)
    };
    listed.iter().map(issue).collect()
}

#[async_trait]
impl Sink for Remote {
    type Ready = Checked;

    fn ready(&self, incoming: Incoming) -> Result<Checked, Reject> {
        let Incoming { key, mut body } = incoming;
        record::check_as(&body, key.kind).map_err(|error| Reject::of(1, error))?;
        if let Some(members) = body.as_object_mut() {
            members.insert("id".to_owned(), Value::from(key.id.as_str()));
        }
        Ok(Checked { key, body })
    }

    async fn store(&self, unit: &[Checked]) -> Result<Vec<bool>, Refusal> {
        let current = self.current(unit).await.map_err(Refusal::Fatal)?;
        let mut told = Vec::with_capacity(unit.len());
        let mut entries = Vec::new();
        for (one, current) in unit.iter().zip(current) {
            let differs = current.as_ref().is_none_or(|(_, text)| *text != comparable(one.body.clone()));
            told.push(differs);
            if differs {
                let mut request = json!({"method": "PUT", "url": one.key.to_string()});
                if let (Some((version, _)), Some(request)) = (current, request.as_object_mut()) {
                    request.insert("ifMatch".to_owned(), json!(format!("W/\"{version}\"")));
                }
                entries.push(json!({"fullUrl": one.key.to_string(), "resource": one.body, "request": request}));
            }
        }
        if entries.is_empty() {
            return Ok(told);
        }
        // A resource by itself is a batch: what it refers to, its patient aside, may come later.
        let kind = if unit.len() == 1 { "batch" } else { "transaction" };
        let sent = json!({"resourceType": "Bundle", "type": kind, "entry": entries});
        match self.send(&sent).await.map_err(Refusal::Fatal)? {
            Err((_, issues)) => Err(refusal(unit.len(), issues)),
            Ok(answer) => {
                let status = answer.pointer("/entry/0/response/status").and_then(Value::as_str).unwrap_or_default();
                let failed = kind == "batch" && !status.starts_with('2');
                let outcome = answer.pointer("/entry/0/response/outcome").unwrap_or(&Value::Null);
                if failed { Err(refusal(unit.len(), issues(outcome))) } else { Ok(told) }
            }
        }
    }
}

/// What does not exist yet may come with a later file; anything else is rejected.
fn refusal(resources: usize, issues: Vec<Issue>) -> Refusal {
    let missing = issues.iter().find_map(|issue| Key::parse(issue.text.strip_suffix(" does not exist.")?));
    match missing {
        Some(key) => Refusal::Missing(key),
        None => Refusal::Reject(Reject { resources: resources.max(1), issues }),
    }
}
