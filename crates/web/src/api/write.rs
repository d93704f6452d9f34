//! Create, update, patch and delete, by id or by condition. Each is a transaction of one entry.

use super::body::Sent;
use super::facts::{IfMatch, Return};
use super::path::Path;
use super::{Facts, answer, in_trail, key, kind, outcome, read};
use crate::error::ApiError;
use crate::state::App;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use clinic::record::bundle::{Entry, Target, Verb};
use clinic::record::transaction::{self, Done, Scene};
use clinic::{Action, Error};
use fhir::{Id, Issue, IssueType, Key, Kind, PatientId};
use serde_json::Value;
use store::record::Idempotency;
use uuid::Uuid;

/// `POST /fhir/Type`.
///
/// # Errors
/// 400 unreadable, 412 several match `If-None-Exist`, 422 invalid.
pub async fn create(
    State(app): State<App>,
    Path(name): Path<String>,
    facts: Facts,
    sent: Sent,
) -> Result<Response, ApiError> {
    let ask = Ask::new(Verb::Post, Target::Kind(kind(&name)?), &facts, &sent);
    ask.carry_out(&app, &facts, Some(sent.resource())).await
}

/// `PUT /fhir/Type/id`.
///
/// # Errors
/// 400 unreadable, 412 stale, 422 invalid, 428 no `If-Match` on a resource of a chart.
pub async fn update(
    State(app): State<App>,
    Path((name, id)): Path<(String, String)>,
    facts: Facts,
    sent: Sent,
) -> Result<Response, ApiError> {
    let ask = Ask::new(Verb::Put, Target::Resource(key(&name, &id)?), &facts, &sent);
    ask.carry_out(&app, &facts, Some(sent.resource())).await
}

/// `PUT /fhir/Type?condition`.
///
/// # Errors
/// As [`update`]; 412 when several match.
pub async fn update_matching(
    State(app): State<App>,
    Path(name): Path<String>,
    facts: Facts,
    sent: Sent,
) -> Result<Response, ApiError> {
    let ask = Ask::new(Verb::Put, Target::Condition(kind(&name)?, facts.query.clone()), &facts, &sent);
    ask.carry_out(&app, &facts, Some(sent.resource())).await
}

/// `PATCH /fhir/Type/id`.
///
/// # Errors
/// As [`update`]; 404 when it does not exist.
pub async fn patch(
    State(app): State<App>,
    Path((name, id)): Path<(String, String)>,
    facts: Facts,
    sent: Sent,
) -> Result<Response, ApiError> {
    let ask = Ask::new(Verb::Patch, Target::Resource(key(&name, &id)?), &facts, &sent);
    ask.carry_out(&app, &facts, Some(sent.patch())).await
}

/// `PATCH /fhir/Type?condition`.
///
/// # Errors
/// As [`patch`]; 412 when several match.
pub async fn patch_matching(
    State(app): State<App>,
    Path(name): Path<String>,
    facts: Facts,
    sent: Sent,
) -> Result<Response, ApiError> {
    let ask = Ask::new(Verb::Patch, Target::Condition(kind(&name)?, facts.query.clone()), &facts, &sent);
    ask.carry_out(&app, &facts, Some(sent.patch())).await
}

/// `DELETE /fhir/Type/id`.
///
/// # Errors
/// 412 stale.
pub async fn delete(
    State(app): State<App>,
    Path((name, id)): Path<(String, String)>,
    facts: Facts,
    sent: Sent,
) -> Result<Response, ApiError> {
    Ask::new(Verb::Delete, Target::Resource(key(&name, &id)?), &facts, &sent).carry_out(&app, &facts, None).await
}

/// `DELETE /fhir/Type?condition`.
///
/// # Errors
/// 412 when several match.
pub async fn delete_matching(
    State(app): State<App>,
    Path(name): Path<String>,
    facts: Facts,
    sent: Sent,
) -> Result<Response, ApiError> {
    let ask = Ask::new(Verb::Delete, Target::Condition(kind(&name)?, facts.query.clone()), &facts, &sent);
    ask.carry_out(&app, &facts, None).await
}

/// An id for a new resource: UUIDv7, so that what is made together lies together.
pub(super) fn mint() -> Id {
    Id::from_uuid(Uuid::now_v7())
}

/// One write that was asked for.
struct Ask {
    verb: Verb,
    target: Target,
    digest: [u8; 32],
}

impl Ask {
    /// What a retry key stands for is the whole of what was asked: conditions and media type as well as the body.
    fn new(verb: Verb, target: Target, facts: &Facts, sent: &Sent) -> Self {
        let conditions = (&facts.if_match, &facts.if_none_match, &facts.if_none_exist, &sent.media_type);
        let request = format!("{verb:?} {target:?} {conditions:?}\n");
        Self { verb, target, digest: digest(&[request.as_bytes(), &sent.bytes]) }
    }

    async fn carry_out(
        self,
        app: &App,
        facts: &Facts,
        body: Option<Result<Value, ApiError>>,
    ) -> Result<Response, ApiError> {
        let verb = self.verb;
        let mut entry = Entry {
            index: 0,
            full_url: String::new(),
            verb,
            head: false,
            url: String::new(),
            if_match: None,
            only_new: verb == Verb::Put && facts.if_none_match.as_deref() == Some("*"),
            if_none_exist: facts.if_none_exist.clone().filter(|_| verb == Verb::Post),
            target: self.target,
            resource: None,
        };
        let ready = body.transpose().and_then(|resource| {
            entry.resource = resource;
            entry.if_match = version_named(facts)?;
            guard(facts, self.digest)
        });
        let done = match ready {
            Ok(guard) => carry_out(app, facts, entry, guard).await?,
            Err(error) => return failed(app, facts, &entry, error).await,
        };
        tell(app, facts, verb, done).await
    }
}

/// Carries out one write, audited whether it succeeds or not.
pub(super) async fn carry_out(
    app: &App,
    facts: &Facts,
    entry: Entry,
    guard: Option<Idempotency>,
) -> Result<Done, ApiError> {
    let bare = entry.without_resource();
    match attempt(app, facts, entry, guard).await {
        Ok(done) => Ok(done),
        Err(error) => failed(app, facts, &bare, error).await,
    }
}

async fn attempt(app: &App, facts: &Facts, entry: Entry, guard: Option<Idempotency>) -> Result<Done, ApiError> {
    let permit = facts.caller.write_practice(Action::UseApi)?;
    let asks = facts.caller.read_practice(Action::UseApi)?;
    let kind = kind_of(&entry);
    if !permit.reading().kinds().contains(kind) || kind == Kind::AUDIT_EVENT {
        return Err(Error::NotPermitted.into());
    }
    let audit = facts.caller.entry(word(entry.verb));
    let at = facts.caller.at;
    let scene = Scene { store: app.store.as_ref(), permit: &permit, asks: &asks, mint: &mint, at, bundle: false };
    Ok(transaction::run(&scene, vec![entry], guard, audit).await?.pop().unwrap_or(Done::Nothing))
}

async fn failed<T>(app: &App, facts: &Facts, entry: &Entry, error: ApiError) -> Result<T, ApiError> {
    let mut audit = facts.caller.entry(word(entry.verb));
    kind_of(entry).name().clone_into(&mut audit.detail);
    if let Target::Resource(key) = &entry.target
        && error.status() != StatusCode::SERVICE_UNAVAILABLE
    {
        audit.what.push((key.clone(), 0));
        audit.patients = chart_of(app, facts, key).await?;
    }
    in_trail(app, audit, Err(error)).await
}

/// The patient in whose chart this resource is, as far as this token reaches; none while it is not stored.
async fn chart_of(app: &App, facts: &Facts, key: &Key) -> Result<Vec<PatientId>, ApiError> {
    let Ok(permit) = facts.caller.write_practice(Action::UseApi) else { return Ok(Vec::new()) };
    if !permit.reading().kinds().contains(key.kind) {
        return Ok(Vec::new());
    }
    let current = app.store.current(&permit, std::slice::from_ref(key)).await?;
    Ok(current.for_decision().iter().flatten().filter_map(|stored| stored.patient.clone()).collect())
}

/// The audit trail's word for it.
fn word(verb: Verb) -> &'static str {
    match verb {
        Verb::Post => "api.create",
        Verb::Put => "api.update",
        Verb::Patch => "api.patch",
        Verb::Delete => "api.delete",
        Verb::Get => "api.read",
    }
}

fn kind_of(entry: &Entry) -> Kind {
    match &entry.target {
        Target::Kind(kind) | Target::Condition(kind, _) => *kind,
        Target::Resource(key) => key.kind,
        Target::Other => Kind::BUNDLE,
    }
}

/// `If-Match` as a version. One that names no version matches nothing, and `*` does not say what was seen.
fn version_named(facts: &Facts) -> Result<Option<u32>, ApiError> {
    match facts.if_match {
        None => Ok(None),
        Some(IfMatch::Version(version)) => Ok(Some(version)),
        Some(IfMatch::Other) => Err(Error::Stale.into()),
        Some(IfMatch::Any) => {
            let text = "If-Match: * would overwrite whatever is there: name the version that you changed, as in If-Match: W/\"3\".";
            Err(ApiError::one(StatusCode::BAD_REQUEST, IssueType::Value, text))
        }
    }
}

/// The retry guard of a request that carries an `Idempotency-Key`.
pub(super) fn guard(facts: &Facts, request: [u8; 32]) -> Result<Option<Idempotency>, ApiError> {
    match &facts.idempotency_key {
        None => Ok(None),
        Some(key) if key.len() <= 200 => Ok(Some(Idempotency { key: key.clone(), request, answer: String::new() })),
        Some(_) => {
            let text = "An Idempotency-Key has at most 200 characters.";
            Err(ApiError::new(StatusCode::BAD_REQUEST, vec![Issue::error(IssueType::TooLong, text)]))
        }
    }
}

/// SHA-256 over several pieces.
pub(super) fn digest(pieces: &[&[u8]]) -> [u8; 32] {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    pieces.iter().for_each(|piece| context.update(piece));
    context.finish().as_ref().try_into().unwrap_or_default()
}

/// Whether this token may read resources of this type: what it may only write is never shown to it.
pub(super) fn may_read(facts: &Facts, kind: Kind) -> bool {
    facts.caller.read_practice(Action::UseApi).is_ok_and(|permit| permit.kinds().contains(kind))
}

fn readable(facts: &Facts, done: &Done) -> bool {
    match done {
        Done::Written(written, _) => may_read(facts, written.key.kind),
        Done::Found(key, ..) => may_read(facts, key.kind),
        Done::Nothing | Done::Read => true,
    }
}

async fn tell(app: &App, facts: &Facts, verb: Verb, done: Done) -> Result<Response, ApiError> {
    let wanted = match facts.prefer.unwrap_or_default() {
        Return::Representation if !readable(facts, &done) => Return::Minimal,
        wanted => wanted,
    };
    let (key, version, at, body, created) = match done {
        Done::Written(w, _) if verb == Verb::Delete => {
            return Ok(answer::version(StatusCode::NO_CONTENT, w.version, w.recorded_at, None));
        }
        Done::Written(w, created) => (w.key, w.version, w.recorded_at, w.body, created),
        Done::Found(key, version, at) => {
            let body = match wanted {
                Return::Representation => read::one(app, facts, &key, Some(version)).await?.body,
                Return::Minimal | Return::Outcome => Bytes::new(),
            };
            (key, version, at, body, false)
        }
        Done::Nothing | Done::Read => return Ok(answer::empty(StatusCode::NO_CONTENT)),
    };
    let body = match wanted {
        Return::Minimal => None,
        Return::Representation => Some(body),
        Return::Outcome => Some(outcome::well(if created { "Created." } else { "Saved." })),
    };
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = answer::version(status, version, at, body);
    answer::locate(&mut response, facts, &key, version);
    Ok(response)
}

/// What a method says in a history entry.
pub(super) fn method_of(stored: &store::record::Stored) -> Method {
    match (stored.deleted, stored.version) {
        (true, _) => Method::DELETE,
        (false, 1) => Method::POST,
        (false, _) => Method::PUT,
    }
}

/// The address a history entry was written at.
pub(super) fn url_of(key: &Key, method: &Method) -> String {
    if *method == Method::POST { key.kind.name().to_owned() } else { key.to_string() }
}
