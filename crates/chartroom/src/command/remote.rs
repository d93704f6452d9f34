//! A running practice as a place to import to: asked over its own API what it has, then sent what differs.

use crate::failure::{Failure, Outcome};
use async_trait::async_trait;
use bytes::Bytes;
use clinic::record;
use exchange::bundle::{Incoming, Reject};
use exchange::import::{Refusal, Sink};
use fhir::edit::note;
use fhir::{Issue, IssueType, Key, json};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming as Answered;
use hyper::{Method, Request, Response, Uri, header};
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
/// So often is a unit compared and sent again that somebody else wrote to meanwhile.
const ATTEMPTS: usize = 5;
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
    /// Of a note signed in a Chartroom, which is taken as signed elsewhere: as it came, to know one of that practice's own by.
    sent: Option<Value>,
}

impl Checked {
    /// What the practice may have of it already.
    fn says(&self) -> Vec<Vec<u8>> {
        std::iter::once(&self.body).chain(&self.sent).cloned().map(comparable).collect()
    }
}

impl Remote {
    /// The practice at this address, with the token of a file.
    ///
    /// # Errors
    /// An address that is none; a token file that cannot be read.
    pub(super) fn new(url: &str, token_file: &Path) -> Outcome<Self> {
        let read = |url: &str| url.parse::<Uri>().map_err(|_| Failure::other(format!("{url} is no address")));
        let url = url.trim_end_matches('/');
        let named = read(url)?;
        // The practice's own address will do: the API is always at the same place below it.
        let base = if named.path() == "/" { read(&format!("{url}/fhir"))? } else { named };
        let token = std::fs::read_to_string(token_file)
            .map_err(|error| Failure::other(format!("{}: {error}", token_file.display())))?;
        let tls = match base.scheme_str() {
            Some("https") => Some(trusting()?),
            Some("http") => None,
            _ => {
                return Err(Failure::other("--to takes an http:// or https:// address, such as http://127.0.0.1:8080"));
            }
        };
        let token = token.trim().trim_start_matches("api-token:").trim().to_owned();
        Ok(Self { base, token, tls })
    }

    /// Sends a Bundle; the Bundle that answers, or the issues with the status.
    async fn send(&self, bundle: &Value) -> Result<Result<Value, (u16, Vec<Issue>)>, String> {
        self.ask(Method::POST, self.base.path(), Bytes::from(json::write(bundle))).await
    }

    /// One request, at a path of the practice.
    async fn ask(&self, method: Method, path: &str, body: Bytes) -> Result<Result<Value, (u16, Vec<Issue>)>, String> {
        let lost = |what: &dyn std::fmt::Display| format!("{} cannot be reached: {what}", self.base);
        let host = self.base.host().unwrap_or_default().to_owned();
        let port = self.base.port_u16().unwrap_or(if self.tls.is_some() { 443 } else { 80 });
        let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await.map_err(|e| lost(&e))?;
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.base.authority().map_or("", |authority| authority.as_str()))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, "application/fhir+json")
            .body(Full::new(body))
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

    /// What the practice has of each.
    async fn current(&self, unit: &[Checked]) -> Result<Vec<Now>, String> {
        let gets = unit.iter().map(|one| json!({"request": {"method": "GET", "url": one.key.to_string()}}));
        let asked = json!({"resourceType": "Bundle", "type": "batch", "entry": gets.collect::<Vec<_>>()});
        let answer = self.send(&asked).await?.map_err(|(status, _)| format!("{} answers {status}", self.base))?;
        let stranger = || format!("{} does not answer as a FHIR server", self.base);
        let entries = answer.get("entry").and_then(Value::as_array).cloned().unwrap_or_default();
        let found = entries.into_iter().map(|mut entry| {
            let status = entry.pointer("/response/status").and_then(Value::as_str).unwrap_or_default().to_owned();
            match (entry.get_mut("resource").map(Value::take), status.get(..3)) {
                (Some(resource), Some("200")) => {
                    let version = resource.pointer("/meta/versionId").and_then(Value::as_str);
                    let version = version.and_then(|version| version.parse().ok()).ok_or_else(stranger)?;
                    Ok(Now::There(version, comparable(resource)))
                }
                (_, Some("404")) => Ok(Now::Nothing),
                (_, Some("410")) => Ok(Now::Gone),
                _ => Err(format!("{} answers {status} to a read", self.base)),
            }
        });
        let found = found.collect::<Result<Vec<_>, String>>()?;
        if found.len() == unit.len() { Ok(found) } else { Err(stranger()) }
    }

    /// Whether an earlier version says this: then it was corrected, moved or deleted there since, and the same file once more must not
    /// undo that.
    async fn was_said(&self, one: &Checked) -> Result<bool, String> {
        let said = one.says();
        let mut path = Some(format!("{}/{}/_history?_count=100", self.base.path().trim_end_matches('/'), one.key));
        while let Some(page) = path {
            let answer = self.ask(Method::GET, &page, Bytes::new()).await?;
            let answer = answer.map_err(|(status, _)| format!("{} answers {status} to a history", self.base))?;
            let entries = answer.get("entry").and_then(Value::as_array).into_iter().flatten();
            let mut versions = entries.filter_map(|entry| entry.get("resource"));
            if versions.any(|version| said.contains(&comparable(version.clone()))) {
                return Ok(true);
            }
            let links = answer.get("link").and_then(Value::as_array).into_iter().flatten();
            let mut next = links.filter(|link| link.get("relation").and_then(Value::as_str) == Some("next"));
            let url = next.next().and_then(|link| link.get("url")).and_then(Value::as_str);
            let url = url.and_then(|url| url.parse::<Uri>().ok());
            path = url.and_then(|url| url.path_and_query().map(ToString::to_string));
        }
        Ok(false)
    }
}

/// What a practice has of a resource.
enum Now {
    Nothing,
    /// It was deleted there.
    Gone,
    /// This version, with its text for comparing.
    There(u64, Vec<u8>),
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
        let sent = note::put_elsewhere(&mut body);
        Ok(Checked { key, body, sent })
    }

    async fn store(&self, unit: &[Checked]) -> Result<Vec<bool>, Refusal> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.attempt(unit).await? {
                Ok(told) => return Ok(told),
                // Somebody else wrote it meanwhile: another file of this import, or what is left of one that was cut short.
                Err((409 | 412, _)) if attempt < ATTEMPTS => {}
                Err((_, issues)) => return Err(refusal(unit.len(), issues)),
            }
        }
    }
}

impl Remote {
    /// Compares and sends once; the status and issues when what is there changed meanwhile, or cannot be taken.
    async fn attempt(&self, unit: &[Checked]) -> Result<Result<Vec<bool>, (u16, Vec<Issue>)>, Refusal> {
        let current = self.current(unit).await.map_err(Refusal::Fatal)?;
        let mut told = Vec::with_capacity(unit.len());
        let mut entries = Vec::new();
        for (one, current) in unit.iter().zip(current) {
            let (condition, value) = match current {
                Now::Nothing => ("ifNoneMatch", "*".to_owned()),
                Now::There(_, text) if one.says().contains(&text) => {
                    told.push(false);
                    continue;
                }
                _ if self.was_said(one).await.map_err(Refusal::Fatal)? => {
                    told.push(false);
                    continue;
                }
                Now::There(version, _) => ("ifMatch", format!("W/\"{version}\"")),
                Now::Gone => {
                    let text = format!("{} was deleted here: an import does not bring it back.", one.key);
                    return Ok(Err((410, vec![Issue::error(IssueType::Deleted, text)])));
                }
            };
            told.push(true);
            let request = json!({"method": "PUT", "url": one.key.to_string(), condition: value});
            entries.push(json!({"fullUrl": one.key.to_string(), "resource": one.body, "request": request}));
        }
        if entries.is_empty() {
            return Ok(Ok(told));
        }
        // A resource by itself is a batch: what it refers to, its patient aside, may come later.
        let kind = if unit.len() == 1 { "batch" } else { "transaction" };
        let sent = json!({"resourceType": "Bundle", "type": kind, "entry": entries});
        Ok(self.send(&sent).await.map_err(Refusal::Fatal)?.and_then(|answer| {
            let status = answer.pointer("/entry/0/response/status").and_then(Value::as_str).unwrap_or_default();
            if kind == "transaction" || status.starts_with('2') {
                return Ok(told);
            }
            let outcome = answer.pointer("/entry/0/response/outcome").unwrap_or(&Value::Null);
            Err((status.get(..3).and_then(|code| code.parse().ok()).unwrap_or_default(), issues(outcome)))
        }))
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
