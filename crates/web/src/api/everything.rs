//! `Patient/{id}/$everything`: one chart, and the practice-wide resources it names. Stored bytes, one after another.

mod asked;
mod page;

use super::body::Sent;
use super::bundle_out::BundleOut;
use super::path::Path;
use super::{Facts, answer, in_trail, key, search};
use crate::error::ApiError;
use crate::state::App;
use asked::Asked;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use clinic::chart::binary::belongs;
use clinic::{Action, Error};
use fhir::{IssueType, Key, Kind, PatientId};
use page::{CURSOR, Page, Place};
use serde_json::Value;
use std::collections::BTreeSet;
use store::Permit;
use store::audit::Entry;
use store::record::{Slice, Stored};

/// The operation, for a patient's id.
///
/// # Errors
/// 400 for parameters that do not fit; 404 when there is no such patient or type, 410 when deleted.
pub async fn show(
    State(app): State<App>,
    Path((name, id)): Path<(String, String)>,
    facts: Facts,
) -> Result<Response, ApiError> {
    let pairs = search::pairs(facts.query.as_bytes());
    run(&app, &facts, &key(&name, &id)?, pairs).await
}

/// The same with its parameters in the body.
///
/// # Errors
/// As [`show`]; 415 when the body is no FHIR JSON.
pub async fn post(
    State(app): State<App>,
    Path((name, id)): Path<(String, String)>,
    facts: Facts,
    sent: Sent,
) -> Result<Response, ApiError> {
    let own = search::pairs(facts.query.as_bytes());
    let pairs = own.and_then(|mut pairs| {
        pairs.extend(if sent.bytes.is_empty() { Vec::new() } else { parameters(&sent.resource()?)? });
        Ok(pairs)
    });
    run(&app, &facts, &key(&name, &id)?, pairs).await
}

/// What Parameters hold, as a query would say it.
fn parameters(body: &Value) -> Result<Vec<(String, String)>, ApiError> {
    let wrong = || {
        let text = "Send Parameters, each parameter a name with a valueDate, valueInstant, valueCode or valueInteger.";
        ApiError::one(StatusCode::BAD_REQUEST, IssueType::Structure, text)
    };
    if body.get("resourceType").and_then(Value::as_str) != Some(Kind::PARAMETERS.name()) {
        return Err(wrong());
    }
    let parts = body.get("parameter").and_then(Value::as_array).into_iter().flatten();
    let pair = |part: &Value| {
        let name = part.get("name")?.as_str()?;
        let (_, value) = part.as_object()?.iter().find(|(name, _)| name.starts_with("value"))?;
        Some((name.to_owned(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
    };
    parts.map(|part| pair(part).ok_or_else(wrong)).collect()
}

async fn run(
    app: &App,
    facts: &Facts,
    key: &Key,
    pairs: Result<Vec<(String, String)>, ApiError>,
) -> Result<Response, ApiError> {
    if key.kind != Kind::PATIENT {
        return Err(ApiError::not_found());
    }
    let mut entry = facts.caller.entry("api.everything");
    entry.what.push((key.clone(), 0));
    let patient = PatientId::new(key.id.clone());
    let attempted = match pairs {
        Ok(pairs) => attempt(app, facts, &patient, pairs, entry.clone()).await,
        Err(error) => Err(error),
    };
    in_trail(app, entry, attempted).await
}

async fn attempt(
    app: &App,
    facts: &Facts,
    patient: &PatientId,
    mut pairs: Vec<(String, String)>,
    entry: Entry,
) -> Result<Response, ApiError> {
    let place = match pairs.iter().position(|(name, _)| name == CURSOR).map(|at| pairs.remove(at).1) {
        Some(link) => Some(Place::open(app, patient, &link).await?),
        None => None,
    };
    let asked = Asked::read(&pairs)?;
    let permit = facts.caller.read_chart(Action::UseApi, patient)?;
    if !permit.kinds().contains(Kind::PATIENT) {
        return Err(Error::NotPermitted.into());
    }
    let Some(person) = app.store.read(&permit, &patient.key()).await? else { return Err(ApiError::not_found()) };
    if person.for_decision().deleted {
        return Err(Error::Gone.into());
    }
    let slices: Vec<Slice> = Kind::all().filter(|kind| asked.looks_at(*kind, &permit)).map(Slice::all).collect();
    let chart = app.store.chart(&permit, patient, &slices).await?;
    let chart = chart.map(|slices| {
        let rows = slices.into_iter().flat_map(|slice| slice.rows);
        rows.filter(|stored| asked.covers(stored)).collect::<Vec<Stored>>()
    });
    let named = named(&permit, &asked, chart.for_decision());
    let practice = app.store.read_many(&permit, &named).await?;
    let mut others = BTreeSet::new();
    for stored in practice.for_decision().iter().filter(|stored| stored.key.kind == Kind::BINARY) {
        if !belongs(app.store.as_ref(), &facts.caller, patient, stored).await? {
            others.insert(stored.key.clone());
        }
    }
    let page = chart.zip(practice).map(|(mut rows, practice)| {
        rows.extend(practice.into_iter().filter(|stored| stored.patient.is_none() && !others.contains(&stored.key)));
        rows.retain(|stored| {
            asked.wants(stored.key.kind) && asked.since.is_none_or(|since| stored.recorded_at >= since)
        });
        Page::of(rows, place, asked.count)
    });
    let page = app.store.release(page, entry).await?;
    let link = page.next.as_ref().map(|next| next.seal(patient));
    let next = match link {
        Some(words) => Some(app.store.seal_words(&words).await?),
        None => None,
    };
    Ok(answer::json(StatusCode::OK, bundle(facts, patient, &pairs, page, next)))
}

fn bundle(
    facts: &Facts,
    patient: &PatientId,
    pairs: &[(String, String)],
    page: Page,
    next: Option<String>,
) -> bytes::Bytes {
    let link = |cursor: Option<&str>| {
        let own = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all: Vec<(&str, &str)> = own.chain(cursor.map(|cursor| (CURSOR, cursor))).collect();
        let query = serde_urlencoded::to_string(all).unwrap_or_default();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}/Patient/{patient}/$everything{mark}{query}", facts.base)
    };
    let mut links = vec![("self", link(None))];
    links.extend(next.map(|next| ("next", link(Some(&next)))));
    let mut bundle = BundleOut::new("searchset", Some(page.total), &links);
    bundle.make_room(&facts.base, &page.rows);
    // Each row is let go once it is written.
    for stored in page.rows {
        bundle.found(&facts.base, &stored, &stored.body, "match");
    }
    bundle.finish()
}

/// The practice-wide resources the chart's bodies name, the Binaries of its documents among them. In canonical JSON these bytes can only be a member's name and the beginning of its
/// value: inside a text every quote is escaped.
fn named(permit: &Permit, asked: &Asked, rows: &[Stored]) -> Vec<Key> {
    const REFERENCE: &str = "\"reference\":\"";
    const URL: &str = "\"url\":\"";
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for stored in rows {
        let Ok(body) = std::str::from_utf8(&stored.body) else { continue };
        let after = |mark| body.split(mark).skip(1).filter_map(|rest: &str| rest.split('"').next());
        seen.extend(after(REFERENCE));
        if stored.key.kind == Kind::DOCUMENT_REFERENCE {
            seen.extend(after(URL).filter(|url| url.starts_with("Binary/")));
        }
    }
    let keys = seen.into_iter().filter_map(Key::parse);
    let mut keys: Vec<Key> = keys
        .filter(|key| asked.wants(key.kind) && permit.kinds().contains(key.kind))
        .filter(|key| fhir::index::clinical::compartment_path(key.kind).is_none() && key.kind != Kind::PATIENT)
        .collect();
    keys.sort();
    keys.dedup();
    keys
}
