//! Versions: of one resource, of a type, of everything. Newest first, in pages.

use super::bundle_out::{BundleOut, full_url};
use super::path::Path;
use super::{Facts, answer, in_trail, key, kind, write};
use crate::error::ApiError;
use crate::state::App;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use clinic::chart::binary;
use clinic::{Action, Error};
use fhir::{Issue, IssueType, Key, Kind};
use jiff::Timestamp;
use store::Permit;
use store::audit::Entry;
use store::record::{HistoryOf, HistoryQuery, Stored};

/// Versions of a page when `_count` does not say, and at most.
const PAGE: u32 = 100;
const MOST: u32 = 1000;

/// `GET /fhir/Type/id/_history`.
///
/// # Errors
/// 404 when it never existed; 400 for parameters that do not fit.
pub async fn of_one(
    State(app): State<App>,
    Path((name, id)): Path<(String, String)>,
    facts: Facts,
) -> Result<Response, ApiError> {
    let key = key(&name, &id)?;
    let path = format!("{key}/_history");
    show(&app, &facts, HistoryOf::Instance(key), &path).await
}

/// `GET /fhir/Type/_history`.
///
/// # Errors
/// As [`of_one`].
pub async fn of_type(State(app): State<App>, Path(name): Path<String>, facts: Facts) -> Result<Response, ApiError> {
    let kind = kind(&name)?;
    show(&app, &facts, HistoryOf::Kind(kind), &format!("{kind}/_history")).await
}

/// `GET /fhir/_history`.
///
/// # Errors
/// As [`of_one`].
pub async fn of_all(State(app): State<App>, facts: Facts) -> Result<Response, ApiError> {
    show(&app, &facts, HistoryOf::Practice, "_history").await
}

/// One page. One audit entry, failures too.
async fn show(app: &App, facts: &Facts, of: HistoryOf, path: &str) -> Result<Response, ApiError> {
    let mut entry = facts.caller.entry("api.history");
    match &of {
        HistoryOf::Instance(key) => entry.what.push((key.clone(), 0)),
        HistoryOf::Kind(kind) => kind.name().clone_into(&mut entry.detail),
        HistoryOf::Patient(_) | HistoryOf::Left(_) | HistoryOf::Practice => {}
    }
    let attempted = attempt(app, facts, of, path, entry.clone()).await;
    in_trail(app, entry, attempted).await
}

async fn attempt(app: &App, facts: &Facts, of: HistoryOf, path: &str, mut entry: Entry) -> Result<Response, ApiError> {
    let query = read_query(facts, of)?;
    let permit = facts.caller.read_practice(Action::UseApi)?;
    let within = match &query.of {
        // The trail has no versions: it is read by search alone.
        HistoryOf::Instance(Key { kind: Kind::AUDIT_EVENT, .. }) | HistoryOf::Kind(Kind::AUDIT_EVENT) => false,
        HistoryOf::Instance(key) => permit.kinds().contains(key.kind),
        HistoryOf::Kind(kind) => permit.kinds().contains(*kind),
        _ => true,
    };
    if !within {
        return Err(Error::NotPermitted.into());
    }
    let count = query.count;
    let sealed = app.store.history(&permit, &query).await?;
    let first_page = query.before.is_none() && query.since.is_none() && query.until.is_none();
    if sealed.for_decision().is_empty() && first_page && matches!(query.of, HistoryOf::Instance(_)) {
        return Err(ApiError::not_found());
    }
    let more = goes_on(app, &permit, &query, sealed.for_decision()).await?;
    for stored in sealed.for_decision().iter().filter(|stored| stored.key.kind == Kind::BINARY) {
        entry.patients.extend(binary::patients(app.store.as_ref(), &facts.caller, stored).await?);
    }
    let versions = app.store.release(sealed, entry).await?;
    let mut links = vec![("self", link(facts, path, &query, count, query.before))];
    if more {
        links.push(("next", link(facts, path, &query, count, versions.last().map(|stored| stored.sequence))));
    }
    let whole = (!more && query.before.is_none()).then(|| u64::try_from(versions.len()).unwrap_or_default());
    let mut bundle = BundleOut::new("history", whole, &links);
    for stored in &versions {
        put(&mut bundle, facts, stored);
    }
    Ok(answer::json(StatusCode::OK, bundle.finish()))
}

/// Whether there is a next page: looked up apart from this one, so that the trail names only what is shown.
async fn goes_on(app: &App, permit: &Permit, query: &HistoryQuery, shown: &[Stored]) -> Result<bool, ApiError> {
    let full = u32::try_from(shown.len()).is_ok_and(|shown| shown >= query.count);
    let Some(last) = shown.last().filter(|_| full) else { return Ok(false) };
    let rest = HistoryQuery { count: 1, before: Some(last.sequence), ..query.clone() };
    Ok(!app.store.history(permit, &rest).await?.for_decision().is_empty())
}

fn put(bundle: &mut BundleOut, facts: &Facts, stored: &Stored) {
    let method = write::method_of(stored);
    let status = match (stored.deleted, stored.version) {
        (true, _) => "204",
        (false, 1) => "201",
        (false, _) => "200",
    };
    let rest = format!(
        r#""request":{{"method":"{method}","url":"{}"}},"response":{{"status":"{status}","etag":"W/\"{}\"","lastModified":"{}"}}"#,
        write::url_of(&stored.key, &method),
        stored.version,
        clinic::record::instant(stored.recorded_at)
    );
    let body = (!stored.deleted).then_some(stored.body.as_ref());
    bundle.entry(Some(&full_url(&facts.base, &stored.key)), body, &rest);
}

fn link(facts: &Facts, path: &str, query: &HistoryQuery, count: u32, before: Option<u64>) -> String {
    let mut url = format!("{}/{path}?_count={count}", facts.base);
    for (name, time) in [("_since", query.since), ("_until", query.until)] {
        if let Some(time) = time {
            url.push_str(&format!("&{name}={time}"));
        }
    }
    if let Some(before) = before {
        url.push_str(&format!("&_before={before}"));
    }
    url
}

fn read_query(facts: &Facts, of: HistoryOf) -> Result<HistoryQuery, ApiError> {
    let unsupported = || {
        let text = "A history takes _count, _since and _until (at or before a time); _at is not supported.";
        ApiError::one(StatusCode::BAD_REQUEST, IssueType::NotSupported, text)
    };
    let wrong = |text: &str| ApiError::new(StatusCode::BAD_REQUEST, vec![Issue::error(IssueType::Value, text)]);
    let mut query = HistoryQuery { of, since: None, until: None, count: PAGE, before: None };
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(&facts.query).map_err(|_| wrong("The parameters cannot be read."))?;
    for (name, value) in pairs {
        let time = || value.parse::<Timestamp>().map_err(|_| wrong("A time is written 2026-11-22T08:00:00Z."));
        match name.as_str() {
            "_count" => {
                let count: u64 = value.parse().map_err(|_| wrong("_count is a whole number."))?;
                query.count = u32::try_from(count).unwrap_or(MOST).clamp(1, MOST);
            }
            "_since" => query.since = Some(time()?),
            "_at" => return Err(unsupported()),
            "_until" => query.until = Some(time()?),
            "_before" => query.before = Some(value.parse().map_err(|_| wrong("This page link is damaged."))?),
            "_format" | "_pretty" => {}
            // Left out, it would show what was not asked for.
            _ => return Err(unsupported()),
        }
    }
    Ok(query)
}
