//! Runs each route's policy before its handler: who asks, may they, does the form come from us. What it refuses is audited; what
//! it lets through carries a [`clinic::Caller`] and, for people, a [`Signed`] in the request's extensions.

use crate::address::{self, Peer};
use crate::caller::{Signed, Ui};
use crate::cookie::Cookie;
use crate::csrf;
use crate::error::{ApiError, PageError};
use crate::routes::Policy;
use crate::state::App;
use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use clinic::account::{Secret, TokenScope, actor};
use clinic::session::{self, Standing};
use clinic::{Action, Caller};
use fhir::PatientId;
use http_body_util::LengthLimitError;
use jiff::{SignedDuration, Timestamp};
use std::net::IpAddr;
use store::audit::{Entry, Outcome};
use store::{Actor, Role};
use uuid::Uuid;

/// What the guard of one route knows.
#[derive(Clone)]
pub struct Guard {
    /// The practice.
    pub app: App,
    /// The route's policy.
    pub policy: Policy,
    /// The route's path as in the table, for the audit entry of a refusal.
    pub path: &'static str,
    /// Bytes of the longest body.
    pub limit: usize,
}

/// When, from where and under which id a request came.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// When it began.
    pub at: Timestamp,
    /// Its id.
    pub request: Uuid,
    /// The client's address.
    pub from: Option<IpAddr>,
}

/// The layer itself.
///
/// An address that is no text is left to the handler, which answers as its pages or the API do.
pub async fn check(
    State(guard): State<Guard>,
    params: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let at = (guard.app.clock)();
    let from = address::client(&guard.app.config, parts.extensions.get::<Peer>().copied(), &parts.headers);
    let asked = Asked { at, request: Uuid::now_v7(), from };
    parts.extensions.insert(asked);
    let names_patient = |name: &str| name == "id" && guard.path.starts_with("/patients/{id}");
    let patient = params.iter().flatten().find(|(name, _)| names_patient(name));
    let patient = patient.and_then(|(_, id)| PatientId::parse(id).ok());
    let visit = Visit { guard: &guard, asked, patient };
    let outcome = match guard.policy {
        Policy::Api(action) => visit.api(&mut parts, action).await.map(|()| body),
        _ => visit.page(&mut parts, body).await,
    };
    let method = parts.method.clone();
    let ui = parts.extensions.get::<Signed>().map(|signed| Ui::of(signed, parts.uri.path(), at));
    let answer = match outcome {
        Ok(body) => next.run(Request::from_parts(parts, body)).await,
        Err(refusal) => *refusal,
    };
    let error = answer.extensions().get::<PageError>();
    let answer = match (error, &ui) {
        (Some(error), Some(ui)) => error.framed(ui),
        _ => answer,
    };
    // The route, never the address: an address names a patient.
    tracing::debug!(request = %asked.request, %method, route = guard.path, status = answer.status().as_u16());
    answer
}

/// One request at one guard. A refusal is the answer itself.
struct Visit<'a> {
    guard: &'a Guard,
    asked: Asked,
    patient: Option<PatientId>,
}

type Checked<T> = Result<T, Box<Response>>;

fn refuse<T>(answer: impl IntoResponse) -> Checked<T> {
    Err(Box::new(answer.into_response()))
}

impl Visit<'_> {
    /// A page: session, standing, form token, permission; the body comes back whole.
    async fn page(&self, parts: &mut Parts, body: Body) -> Checked<Body> {
        let policy = self.guard.policy;
        let signed = self.signed(&parts.headers).await?;
        if policy != Policy::Open {
            let Some(signed) = &signed else { return refuse(to_sign_in(parts)) };
            if policy != Policy::AnySession {
                self.standing(signed, parts).await?;
            }
        }
        let body = if reads_only(&parts.method) { body } else { self.form(parts, body, signed.as_ref()).await? };
        let Some(signed) = signed else { return Ok(body) };
        let caller = self.person(&signed);
        parts.extensions.insert(signed.clone());
        if let Policy::Page(action) = policy
            && !caller.may(action)
        {
            return self.refused(caller.actor, &parts.method).await;
        }
        if policy != Policy::AnySession
            && !signed.session.locked
            && worth_noting(Some(signed.session.seen_at), self.asked.at)
        {
            let touched = self.guard.app.store.touch_session(&signed.session.secret, self.asked.at).await;
            touched.or_else(|error| refuse(PageError::from(error)))?;
        }
        parts.extensions.insert(caller);
        Ok(body)
    }

    /// The session of the cookie, if it still stands. One idle too long is locked here; one past its end counts as absent.
    async fn signed(&self, headers: &HeaderMap) -> Checked<Option<Signed>> {
        let store = &self.guard.app.store;
        let Some(secret) = Cookie::Session.read(headers).and_then(Secret::parse) else { return Ok(None) };
        let found = store.session(&secret.hash()).await.or_else(|error| refuse(PageError::from(error)))?;
        let Some((mut session, user)) = found else { return Ok(None) };
        let practice = store.practice().await.or_else(|error| refuse(PageError::from(error)))?.unwrap_or_default();
        match session::standing(&session, self.asked.at, practice.idle_minutes) {
            Standing::Over => return Ok(None),
            Standing::Live => {}
            Standing::Locked if session.locked => {}
            Standing::Locked => {
                let caller = self.caller(actor(&user));
                let locked = session::lock(store.as_ref(), &caller, &session.secret, "idle").await;
                locked.or_else(|error| refuse(PageError::from(error)))?;
                session.locked = true;
            }
        }
        Ok(Some(Signed { session, user, practice }))
    }

    /// A locked session, or one that must change its password first, sees nothing else.
    async fn standing(&self, signed: &Signed, parts: &Parts) -> Checked<()> {
        if signed.session.locked {
            return refuse(to_gate("/lock", parts));
        }
        if signed.user.must_change {
            return refuse(to_gate("/password", parts));
        }
        Ok(())
    }

    /// The form's origin and token; the body is read here, once, within its limit.
    async fn form(&self, parts: &Parts, body: Body, signed: Option<&Signed>) -> Checked<Body> {
        let limit = self.guard.limit;
        let bytes = match axum::body::to_bytes(body, limit).await {
            Ok(bytes) => bytes,
            Err(error) if too_long(&error) => return refuse(PageError::too_long(limit)),
            Err(_) => return refuse(PageError::cut_short()),
        };
        let session = signed.map(|signed| &signed.session);
        let expected = csrf::expected(session, &parts.headers);
        let carried = csrf::carried(&parts.headers, &bytes).await;
        let told = matches!((expected, carried), (Some(expected), Some(carried)) if csrf::matches(&expected, &carried));
        if told && csrf::same_origin(&parts.headers, &parts.uri) {
            return Ok(Body::from(bytes));
        }
        if let Some(signed) = signed {
            let actor = actor(&signed.user);
            self.audit_refusal(actor, &parts.method, "form not from our page").await?;
        }
        refuse(PageError::foreign_form())
    }

    /// An API request: bearer token, scope, permission.
    async fn api(&self, parts: &mut Parts, action: Action) -> Checked<()> {
        let store = &self.guard.app.store;
        let Some(text) = bearer(&parts.headers) else {
            return refuse(ApiError::unauthenticated("a bearer token is needed"));
        };
        let token = match Secret::parse(text) {
            Some(secret) => store.token(&secret.hash()).await.or_else(|error| refuse(ApiError::from(error)))?,
            None => None,
        };
        let token = token.filter(|token| token.expires_at.is_none_or(|end| self.asked.at < end));
        let Some(token) = token else {
            self.audit_refusal(session::nobody("unknown token"), &parts.method, "bad token").await?;
            return refuse(ApiError::unauthenticated("this token is unknown, revoked or over"));
        };
        let Ok(scope) = TokenScope::parse(&token.scope) else { return refuse(ApiError::forbidden()) };
        let name = format!("token:{}", token.name);
        let actor = Actor { id: token.id, name, role: Some(Role::Integration), practitioner: None };
        let caller = Caller { token: Some(scope.kinds()), ..self.caller(actor) };
        if !caller.may(action) {
            self.audit_refusal(caller.actor, &parts.method, "").await?;
            return refuse(ApiError::forbidden());
        }
        if worth_noting(token.used_at, self.asked.at) {
            store.touch_token(token.id, self.asked.at).await.or_else(|error| refuse(ApiError::from(error)))?;
        }
        parts.extensions.insert(caller);
        Ok(())
    }

    fn person(&self, signed: &Signed) -> Caller {
        self.caller(actor(&signed.user))
    }

    fn caller(&self, actor: Actor) -> Caller {
        let Asked { at, request, from } = self.asked;
        Caller { actor, at, request, from, token: None }
    }

    async fn refused<T>(&self, actor: Actor, method: &Method) -> Checked<T> {
        self.audit_refusal(actor, method, "").await?;
        refuse(PageError::from(clinic::Error::NotPermitted))
    }

    async fn audit_refusal(&self, actor: Actor, method: &Method, why: &str) -> Checked<()> {
        let entry = Entry {
            outcome: Outcome::Refused,
            detail: format!("{method} {}", self.guard.path),
            why: why.to_owned(),
            patients: self.patient.clone().into_iter().collect(),
            from: self.asked.from,
            ..Entry::new(self.asked.at, self.asked.request, actor, "request")
        };
        let appended = self.guard.app.store.append(entry).await;
        appended.map(|_| ()).or_else(|error| refuse(PageError::from(error)))
    }
}

/// Uses are noted to the minute: a write per request would make every read wait for the disk.
fn worth_noting(last: Option<Timestamp>, now: Timestamp) -> bool {
    last.is_none_or(|last| now.duration_since(last) >= SignedDuration::from_mins(1))
}

/// Whether a body ended at the limit, rather than by the line going quiet.
fn too_long(error: &axum::Error) -> bool {
    std::error::Error::source(error).and_then(|source| source.downcast_ref::<LengthLimitError>()).is_some()
}

fn reads_only(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether a script, not the browser's own navigation, asks: it gets a status, not another page.
fn is_script(parts: &Parts) -> bool {
    parts.headers.contains_key("hx-request") || parts.headers.contains_key(csrf::HEADER)
}

fn to_sign_in(parts: &Parts) -> Response {
    to_gate("/sign-in", parts)
}

/// To a page that stands before all others, keeping the place for afterwards.
fn to_gate(gate: &str, parts: &Parts) -> Response {
    if is_script(parts) {
        return (StatusCode::UNAUTHORIZED, "Sign in again to go on; nothing was saved.\n").into_response();
    }
    Redirect::to(&with_place(gate, &parts.method, &parts.uri)).into_response()
}

fn with_place(gate: &str, method: &Method, uri: &Uri) -> String {
    let place = uri.path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str);
    if *method != Method::GET || place == "/" {
        return gate.to_owned();
    }
    format!("{gate}?next={}", percent_encoding::utf8_percent_encode(place, percent_encoding::NON_ALPHANUMERIC))
}
