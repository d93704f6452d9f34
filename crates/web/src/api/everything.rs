//! `Patient/{id}/$everything`: one chart, and the practice-wide resources it names. Stored bytes, one after another.

use super::bundle_out::BundleOut;
use super::{Facts, answer, key, search};
use crate::error::ApiError;
use crate::state::App;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use clinic::chart::binary::belongs;
use clinic::{Action, Error};
use fhir::{IssueType, Key, Kind, PatientId};
use jiff::Timestamp;
use std::collections::BTreeSet;
use store::Permit;
use store::audit::{Entry, Outcome};
use store::record::{Slice, Stored};

/// The operation, for a patient's id.
///
/// # Errors
/// 404 when there is no such patient or type, 410 when deleted.
pub async fn show(
    State(app): State<App>,
    Path((name, id)): Path<(String, String)>,
    facts: Facts,
) -> Result<Response, ApiError> {
    let key = key(&name, &id)?;
    if key.kind != Kind::PATIENT {
        return Err(ApiError::not_found());
    }
    let mut entry = facts.caller.entry("api.everything");
    entry.what.push((key.clone(), 0));
    let patient = PatientId::new(key.id.clone());
    match attempt(&app, &facts, &patient, entry.clone()).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let refused = error.status() == StatusCode::FORBIDDEN;
            let outcome = if refused { Outcome::Refused } else { Outcome::Failed };
            app.store.append(Entry { outcome, ..entry }).await?;
            Err(error)
        }
    }
}

/// What the operation was asked for.
struct Asked {
    kinds: Vec<Kind>,
    since: Option<Timestamp>,
    count: Option<usize>,
    skip: usize,
}

async fn attempt(app: &App, facts: &Facts, patient: &PatientId, entry: Entry) -> Result<Response, ApiError> {
    let asked = read(facts)?;
    let permit = facts.caller.read_chart(Action::UseApi, patient)?;
    if !permit.kinds().contains(Kind::PATIENT) {
        return Err(Error::NotPermitted.into());
    }
    let Some(person) = app.store.read(&permit, &patient.key()).await? else { return Err(ApiError::not_found()) };
    if person.for_decision().deleted {
        return Err(Error::Gone.into());
    }
    let slices: Vec<Slice> =
        Kind::all().filter(|kind| asked.wants(*kind) && permit.kinds().contains(*kind)).map(Slice::all).collect();
    let chart = app.store.chart(&permit, patient, &slices).await?;
    let chart = chart.map(|slices| slices.into_iter().flat_map(|slice| slice.rows).collect::<Vec<Stored>>());
    let named = named(&permit, &asked, chart.for_decision());
    let practice = app.store.read_many(&permit, &named).await?;
    let mut others = BTreeSet::new();
    for stored in practice.for_decision().iter().filter(|stored| stored.key.kind == Kind::BINARY) {
        if !belongs(app.store.as_ref(), &facts.caller, patient, stored).await? {
            others.insert(stored.key.clone());
        }
    }
    let whole = chart.zip(practice).map(|(mut rows, practice)| {
        rows.extend(practice.into_iter().filter(|stored| stored.patient.is_none() && !others.contains(&stored.key)));
        rows.retain(|stored| asked.since.is_none_or(|since| stored.recorded_at >= since));
        // The patient first, then the rest as it lies.
        rows.sort_by_key(|stored| stored.key.kind != Kind::PATIENT);
        rows
    });
    let rows = app.store.release(whole, entry).await?;
    Ok(answer::json(StatusCode::OK, bundle(facts, patient, &asked, &rows)))
}

fn bundle(facts: &Facts, patient: &PatientId, asked: &Asked, rows: &[Stored]) -> bytes::Bytes {
    let count = asked.count.unwrap_or(rows.len());
    let page = rows.iter().skip(asked.skip).take(count);
    let base = format!("{}/Patient/{patient}/$everything", facts.base);
    let others: Vec<&str> =
        facts.query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("_skip=")).collect();
    let link = |skip: usize| {
        let mut pairs: Vec<String> = others.iter().map(|pair| (*pair).to_owned()).collect();
        if skip > 0 {
            pairs.push(format!("_skip={skip}"));
        }
        if pairs.is_empty() { base.clone() } else { format!("{base}?{}", pairs.join("&")) }
    };
    let mut links = vec![("self", link(asked.skip))];
    let end = asked.skip.saturating_add(count);
    if end < rows.len() {
        links.push(("next", link(end)));
    }
    let mut bundle = BundleOut::new("searchset", u64::try_from(rows.len()).ok(), &links);
    for stored in page {
        bundle.found(&facts.base, stored, &stored.body, "match");
    }
    bundle.finish()
}

impl Asked {
    fn wants(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
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

fn read(facts: &Facts) -> Result<Asked, ApiError> {
    let wrong = |text: &str| ApiError::one(StatusCode::BAD_REQUEST, IssueType::Value, text);
    let mut asked = Asked { kinds: Vec::new(), since: None, count: None, skip: 0 };
    for (name, value) in search::pairs(facts.query.as_bytes())? {
        match name.as_str() {
            "_type" => {
                for name in value.split(',') {
                    asked.kinds.push(Kind::parse(name).ok_or_else(|| wrong("_type takes FHIR R4 resource types."))?);
                }
            }
            "_since" => {
                let since = value.parse().map_err(|_| wrong("_since is written 2026-11-22T08:00:00Z."))?;
                asked.since = Some(since);
            }
            "_count" => {
                let count: u32 =
                    value.parse().unwrap_or(if value.bytes().all(|b| b.is_ascii_digit()) { u32::MAX } else { 0 });
                if count == 0 {
                    return Err(wrong("_count is a whole number from 1."));
                }
                asked.count = usize::try_from(count).ok();
            }
            "_skip" => asked.skip = value.parse().map_err(|_| wrong("This page link is damaged."))?,
            "_format" | "_pretty" => {}
            _ => {
                let text = "$everything takes _type, _since and _count.";
                return Err(ApiError::one(StatusCode::BAD_REQUEST, IssueType::NotSupported, text));
            }
        }
    }
    Ok(asked)
}
