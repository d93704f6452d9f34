//! `POST /fhir`: a transaction, all or nothing, or a batch, each entry by itself.

use super::body::Sent;
use super::bundle_out::BundleOut;
use super::facts::Return;
use super::search::{Where, Words};
use super::{Facts, answer, in_trail, outcome, read, search, write};
use crate::error::ApiError;
use crate::state::App;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use clinic::record::bundle::{self, BundleKind, Entry, Target, Verb};
use clinic::record::transaction::{self, Done, Scene};
use clinic::{Action, Error};
use fhir::{IssueType, Kind, json};
use jiff::Timestamp;
use serde_json::json;

/// The bundle as a whole.
///
/// # Errors
/// 400 when it is no transaction or batch; for a transaction, what the first entry fails by.
pub async fn post(State(app): State<App>, facts: Facts, sent: Sent) -> Result<Response, ApiError> {
    let digest = write::digest(&[b"bundle ", sent.media_type.as_bytes(), b"\n", &sent.bytes]);
    let read = sent.resource().and_then(|body| Ok(bundle::read(body)?));
    let requests = in_trail(&app, facts.caller.entry("api.bundle"), read).await?;
    match requests.kind {
        BundleKind::Batch => {
            in_trail(&app, facts.caller.entry("api.bundle"), refuse_key(&facts)).await?;
            batch(&app, &facts, requests.entries).await
        }
        BundleKind::Transaction => {
            let attempted = transaction(&app, &facts, requests.entries, digest).await;
            in_trail(&app, facts.caller.entry("api.transaction"), attempted).await
        }
    }
}

/// A batch is many acts, some done and some not: one key cannot say that all of it was answered.
fn refuse_key(facts: &Facts) -> Result<(), ApiError> {
    if facts.idempotency_key.is_none() {
        return Ok(());
    }
    let text = "A batch takes no Idempotency-Key, for its entries are done each by itself: send a transaction, or each by itself under its own key.";
    Err(ApiError::one(StatusCode::BAD_REQUEST, IssueType::NotSupported, text))
}

type Entries = Vec<Result<Entry, fhir::Issue>>;

async fn transaction(app: &App, facts: &Facts, entries: Entries, digest: [u8; 32]) -> Result<Response, ApiError> {
    let (entries, wrong): (Vec<_>, Vec<_>) = entries.into_iter().partition(Result::is_ok);
    if !wrong.is_empty() {
        let issues = wrong.into_iter().filter_map(Result::err).collect();
        return Err(ApiError::new(StatusCode::BAD_REQUEST, issues));
    }
    let entries: Vec<Entry> = entries.into_iter().flatten().collect();
    let reads: Vec<Option<Entry>> = entries.iter().map(|e| (e.verb == Verb::Get).then(|| e.clone())).collect();
    let deletes: Vec<bool> = entries.iter().map(|entry| entry.verb == Verb::Delete).collect();
    let permit = facts.caller.write_practice(Action::UseApi)?;
    let asks = facts.caller.read_practice(Action::UseApi)?;
    let guard = write::guard(facts, digest)?;
    let at = facts.caller.at;
    let scene = Scene { store: app.store.as_ref(), permit: &permit, asks: &asks, mint: &write::mint, at, bundle: true };
    let done = transaction::run(&scene, entries, guard, facts.caller.entry("api.transaction")).await?;
    let mut bundle = BundleOut::new("transaction-response", None, &[]);
    for ((done, read), deleted) in done.into_iter().zip(reads).zip(deletes) {
        let line = match read {
            // It is committed: a read that fails now is told in its own entry, never as the answer to the whole.
            Some(entry) => read_line(app, facts, &entry, &bundle).await.unwrap_or_else(|error| Line::failed(&error)),
            None => told(app, facts, done, deleted).await.within(room(app, &bundle)),
        };
        line.put(&mut bundle);
    }
    Ok(answer::json(StatusCode::OK, bundle.finish()))
}

async fn batch(app: &App, facts: &Facts, entries: Entries) -> Result<Response, ApiError> {
    let mut bundle = BundleOut::new("batch-response", None, &[]);
    for entry in entries {
        let line = match entry {
            Err(issue) => Err(ApiError::new(StatusCode::BAD_REQUEST, vec![issue])),
            Ok(entry) if entry.verb == Verb::Get => read_line(app, facts, &entry, &bundle).await,
            Ok(entry) => write_entry(app, facts, entry).await.map(|line| line.within(room(app, &bundle))),
        };
        line.unwrap_or_else(|error| Line::failed(&error)).put(&mut bundle);
    }
    Ok(answer::json(StatusCode::OK, bundle.finish()))
}

/// How much longer the answer may become.
fn room(app: &App, bundle: &BundleOut) -> usize {
    app.config.answer_limit.saturating_sub(bundle.length())
}

/// A read within the answer's limit: past it nothing more is looked up, and each entry says so.
async fn read_line(app: &App, facts: &Facts, entry: &Entry, bundle: &BundleOut) -> Result<Line, ApiError> {
    let room = room(app, bundle);
    if room > 0 {
        let line = read_entry(app, facts, entry).await?;
        if line.resource.as_ref().is_none_or(|resource| resource.len() <= room) {
            return Ok(line);
        }
    }
    let text = "The answer to the whole would be too long with this: ask for it by itself, or for less.";
    Err(ApiError::one(StatusCode::PAYLOAD_TOO_LARGE, IssueType::TooCostly, text))
}

/// One answer of the bundle.
struct Line {
    status: StatusCode,
    version: Option<(fhir::Key, u32, Timestamp)>,
    resource: Option<Bytes>,
    outcome: Option<Bytes>,
    base: String,
}

impl Line {
    fn bare(status: StatusCode) -> Self {
        Self { status, version: None, resource: None, outcome: None, base: String::new() }
    }

    fn failed(error: &ApiError) -> Self {
        let outcome = Bytes::from(json::write(&error.outcome()));
        Self { outcome: Some(outcome), ..Self::bare(error.status()) }
    }

    /// What became of a write, its resource left out where the answer has no room for it.
    fn within(mut self, room: usize) -> Self {
        self.resource = self.resource.filter(|resource| resource.len() <= room);
        self
    }

    fn put(self, bundle: &mut BundleOut) {
        let reason = self.status.canonical_reason().unwrap_or_default();
        let mut response = serde_json::Map::new();
        response.insert("status".into(), json!(format!("{} {reason}", self.status.as_u16())));
        if let Some((key, version, at)) = &self.version {
            response.insert("location".into(), json!(format!("{}/{key}/_history/{version}", self.base)));
            response.insert("etag".into(), json!(format!("W/\"{version}\"")));
            response.insert("lastModified".into(), json!(clinic::record::instant(*at)));
        }
        if let Some(outcome) = self.outcome.as_ref().and_then(|bytes| json::parse(bytes).ok()) {
            response.insert("outcome".into(), outcome);
        }
        let response = String::from_utf8(json::write(&response.into())).unwrap_or_default();
        let url = self.version.filter(|_| self.resource.is_some()).map(|(key, ..)| format!("{}/{key}", self.base));
        bundle.entry(url.as_deref(), self.resource.as_deref(), &format!("\"response\":{response}"));
    }
}

/// What became of a write. It cannot fail: the write is done.
async fn told(app: &App, facts: &Facts, done: Done, delete: bool) -> Line {
    let base = facts.base.clone();
    let whole = facts.prefer == Some(Return::Representation);
    match done {
        Done::Written(w, _) if delete => {
            Line { version: Some((w.key, w.version, w.recorded_at)), base, ..Line::bare(StatusCode::NO_CONTENT) }
        }
        Done::Written(w, created) => Line {
            status: if created { StatusCode::CREATED } else { StatusCode::OK },
            resource: (whole && write::may_read(facts, w.key.kind)).then_some(w.body),
            version: Some((w.key, w.version, w.recorded_at)),
            outcome: (facts.prefer == Some(Return::Outcome)).then(|| outcome::well("Saved.")),
            base,
        },
        Done::Found(key, version, at) => {
            let resource = match whole && write::may_read(facts, key.kind) {
                true => read::one(app, facts, &key, Some(version)).await.ok().map(|stored| stored.body),
                false => None,
            };
            Line { version: Some((key, version, at)), resource, base, ..Line::bare(StatusCode::OK) }
        }
        Done::Nothing | Done::Read => Line::bare(StatusCode::NO_CONTENT),
    }
}

async fn write_entry(app: &App, facts: &Facts, entry: Entry) -> Result<Line, ApiError> {
    let delete = entry.verb == Verb::Delete;
    let done = write::carry_out(app, facts, entry, None).await?;
    Ok(told(app, facts, done, delete).await)
}

/// A read or search inside a bundle; of a HEAD only what stands beside the body.
async fn read_entry(app: &App, facts: &Facts, entry: &Entry) -> Result<Line, ApiError> {
    let line = look_up(app, facts, entry).await?;
    Ok(if entry.head { line.within(0) } else { line })
}

async fn look_up(app: &App, facts: &Facts, entry: &Entry) -> Result<Line, ApiError> {
    let base = facts.base.clone();
    match &entry.target {
        Target::Resource(key) => {
            let stored = read::one(app, facts, key, None).await?;
            let version = Some((stored.key, stored.version, stored.recorded_at));
            Ok(Line { version, resource: Some(stored.body), base, ..Line::bare(StatusCode::OK) })
        }
        Target::Kind(kind) => {
            let found = search::run(app, facts, &Where::all(*kind), Vec::new(), Words::Shown).await?;
            Ok(Line { resource: Some(found), ..Line::bare(StatusCode::OK) })
        }
        Target::Condition(kind, query) => {
            let found =
                search::run(app, facts, &Where::all(*kind), search::pairs(query.as_bytes())?, Words::Shown).await?;
            Ok(Line { resource: Some(found), ..Line::bare(StatusCode::OK) })
        }
        Target::Other => {
            let (path, query) = entry.url.split_once('?').unwrap_or((&entry.url, ""));
            match path.split('/').collect::<Vec<_>>().as_slice() {
                [kind, id, "_history", version] => {
                    let version = version.parse().map_err(|_| Error::NotFound)?;
                    let stored = read::one(app, facts, &super::key(kind, id)?, Some(version)).await?;
                    let version = Some((stored.key, stored.version, stored.recorded_at));
                    Ok(Line { version, resource: Some(stored.body), base, ..Line::bare(StatusCode::OK) })
                }
                [of, id, kind] if Kind::parse(kind).is_some() => {
                    let (place, pairs) = (Where::within(of, id, kind)?, search::pairs(query.as_bytes())?);
                    let found = search::run(app, facts, &place, pairs, Words::Shown).await?;
                    Ok(Line { resource: Some(found), ..Line::bare(StatusCode::OK) })
                }
                _ => {
                    let text = "Inside a bundle, GET reads a resource or a version, or searches a type or a patient's compartment.";
                    Err(ApiError::one(StatusCode::BAD_REQUEST, IssueType::NotSupported, text))
                }
            }
        }
    }
}
