//! `GET /fhir/Type?…` and `POST /fhir/Type/_search`.

use super::body::Sent;
use super::bundle_out::BundleOut;
use super::{Facts, answer, kind};
use crate::error::ApiError;
use crate::state::App;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use clinic::{Action, Error};
use fhir::search::query::Summary;
use fhir::search::{Handling, Query};
use fhir::subset::Subset;
use fhir::{Issue, IssueType, Kind, json, outcome};
use store::audit::{Entry, Outcome};
use store::record::SearchPage;

/// The parameter that carries a page link's place.
const CURSOR: &str = "_cursor";
/// The parameter that carries a whole search that came by form, sealed: its words stay out of every address.
const PAGE: &str = "_page";

/// A search by address.
///
/// # Errors
/// 400 naming the parameters that are wrong or, under strict handling, not supported.
pub async fn get(State(app): State<App>, Path(name): Path<String>, facts: Facts) -> Result<Response, ApiError> {
    let pairs = pairs(facts.query.as_bytes())?;
    Ok(answer::json(StatusCode::OK, run(&app, &facts, kind(&name)?, pairs, Words::Shown).await?))
}

/// A search by form, so that what is searched for is in no address.
///
/// # Errors
/// As [`get`]; 415 when it is no form.
pub async fn post(
    State(app): State<App>,
    Path(name): Path<String>,
    facts: Facts,
    sent: Sent,
) -> Result<Response, ApiError> {
    if !sent.bytes.is_empty() && sent.media_type != "application/x-www-form-urlencoded" {
        let text = "Send the search as application/x-www-form-urlencoded.";
        return Err(ApiError::one(StatusCode::UNSUPPORTED_MEDIA_TYPE, IssueType::NotSupported, text));
    }
    let mut all = pairs(facts.query.as_bytes())?;
    all.extend(pairs(&sent.bytes)?);
    Ok(answer::json(StatusCode::OK, run(&app, &facts, kind(&name)?, all, Words::Sealed).await?))
}

/// Whether the links of a page show the words of the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// It came by address: they stand there anyway.
    Shown,
    /// It came by form.
    Sealed,
}

pub(super) fn pairs(query: &[u8]) -> Result<Vec<(String, String)>, ApiError> {
    serde_urlencoded::from_bytes(query)
        .map_err(|_| ApiError::one(StatusCode::BAD_REQUEST, IssueType::Value, "The search cannot be read."))
}

/// One page, as a Bundle. One audit entry, failures too.
pub(super) async fn run(
    app: &App,
    facts: &Facts,
    kind: Kind,
    pairs: Vec<(String, String)>,
    words: Words,
) -> Result<Bytes, ApiError> {
    let entry = Entry { detail: kind.name().to_owned(), ..facts.caller.entry("api.search") };
    match attempt(app, facts, kind, (pairs, words), entry.clone()).await {
        Ok(bundle) => Ok(bundle),
        Err(error) => {
            let refused = error.status() == StatusCode::FORBIDDEN;
            let outcome = if refused { Outcome::Refused } else { Outcome::Failed };
            app.store.append(Entry { outcome, ..entry }).await?;
            Err(error)
        }
    }
}

async fn attempt(
    app: &App,
    facts: &Facts,
    kind: Kind,
    (mut pairs, mut words): (Vec<(String, String)>, Words),
    entry: Entry,
) -> Result<Bytes, ApiError> {
    let permit = facts.caller.read_practice(Action::UseApi)?;
    if !permit.kinds().contains(kind) {
        return Err(Error::NotPermitted.into());
    }
    if let Some((_, sealed)) = pairs.iter().find(|(name, _)| name == PAGE) {
        pairs = opened(app, kind, sealed).await?;
        words = Words::Sealed;
    }
    let cursor = pairs.iter().position(|(name, _)| name == CURSOR).map(|at| pairs.swap_remove(at).1);
    let handling = if facts.strict { Handling::Strict } else { Handling::Lenient };
    let (query, warnings) = Query::parse(kind, &pairs, handling, facts.caller.at)
        .map_err(|issues| ApiError::new(StatusCode::BAD_REQUEST, issues))?;
    let sealed = app.store.search(&permit, &query, cursor.as_deref()).await?;
    let page = app.store.release(sealed, entry).await?;
    let link = async |cursor: Option<&str>| link(app, facts, kind, (&pairs, words), cursor).await;
    let mut links = vec![("self", link(cursor.as_deref()).await?)];
    if let Some(next) = &page.next {
        links.push(("next", link(Some(next)).await?));
    }
    if cursor.is_some() {
        links.push(("first", link(None).await?));
    }
    Ok(bundle(facts, &query, &page, &links, &warnings))
}

fn bundle(facts: &Facts, query: &Query, page: &SearchPage, links: &[(&str, String)], warnings: &[Issue]) -> Bytes {
    let mut bundle = BundleOut::new("searchset", page.total, links);
    if query.summary != Summary::Count {
        let subset = Subset::of(query);
        for (rows, mode) in [(&page.matches, "match"), (&page.included, "include")] {
            for stored in rows {
                match subset.as_ref().and_then(|subset| subset.apply(stored.key.kind, &stored.body)) {
                    Some(body) => bundle.found(&facts.base, stored, &body, mode),
                    None => bundle.found(&facts.base, stored, &stored.body, mode),
                }
            }
        }
    }
    if !warnings.is_empty() {
        let told = json::write(&outcome::operation_outcome(warnings));
        bundle.entry(None, Some(&told), r#""search":{"mode":"outcome"}"#);
    }
    bundle.finish()
}

async fn link(
    app: &App,
    facts: &Facts,
    kind: Kind,
    (pairs, words): (&[(String, String)], Words),
    cursor: Option<&str>,
) -> Result<String, ApiError> {
    let cursor = cursor.map(|cursor| (CURSOR, cursor));
    let all: Vec<(&str, &str)> =
        pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(cursor).collect();
    let mut query = serde_urlencoded::to_string(all).unwrap_or_default();
    if words == Words::Sealed {
        query = format!("{PAGE}={}", app.store.seal_words(&format!("{kind}?{query}")).await?);
    }
    let mark = if query.is_empty() { "" } else { "?" };
    Ok(format!("{}/{kind}{mark}{query}", facts.base))
}

/// The search a sealed link carries: of this type only.
async fn opened(app: &App, kind: Kind, sealed: &str) -> Result<Vec<(String, String)>, ApiError> {
    let words = app.store.open_words(sealed).await?;
    match words.split_once('?') {
        Some((of, query)) if of == kind.name() => pairs(query.as_bytes()),
        _ => Err(store::Error::BadCursor.into()),
    }
}
