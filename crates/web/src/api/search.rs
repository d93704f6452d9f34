//! `GET /fhir/Type?…` and `POST /fhir/Type/_search`; the same within a patient's compartment, `/fhir/Patient/id/Type`.

use super::body::Sent;
use super::bundle_out::BundleOut;
use super::path::Path;
use super::{Facts, answer, in_trail, key, kind};
use crate::error::ApiError;
use crate::state::App;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use clinic::chart::binary;
use clinic::{Action, Error, audit};
use fhir::search::query::Summary;
use fhir::search::{Handling, Query};
use fhir::subset::Subset;
use fhir::{Issue, IssueType, Kind, PatientId, json, outcome};
use store::audit::Entry;
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
    by_address(&app, &facts, Where::all(kind(&name)?)).await
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
    by_form(&app, &facts, Where::all(kind(&name)?), &sent).await
}

/// A search within a patient's compartment, by address.
///
/// # Errors
/// As [`get`]; 400 for the compartment of anything but a patient, and for a type that is in no compartment.
pub async fn get_within(
    State(app): State<App>,
    Path((of, id, name)): Path<(String, String, String)>,
    facts: Facts,
) -> Result<Response, ApiError> {
    by_address(&app, &facts, Where::within(&of, &id, &name)?).await
}

/// A search within a patient's compartment, by form.
///
/// # Errors
/// As [`get_within`]; 415 when it is no form.
pub async fn post_within(
    State(app): State<App>,
    Path((of, id, name)): Path<(String, String, String)>,
    facts: Facts,
    sent: Sent,
) -> Result<Response, ApiError> {
    by_form(&app, &facts, Where::within(&of, &id, &name)?, &sent).await
}

async fn by_address(app: &App, facts: &Facts, place: Where) -> Result<Response, ApiError> {
    let pairs = pairs(facts.query.as_bytes())?;
    Ok(answer::json(StatusCode::OK, run(app, facts, &place, pairs, Words::Shown).await?))
}

async fn by_form(app: &App, facts: &Facts, place: Where, sent: &Sent) -> Result<Response, ApiError> {
    if !sent.bytes.is_empty() && sent.media_type != "application/x-www-form-urlencoded" {
        let text = "Send the search as application/x-www-form-urlencoded.";
        return Err(ApiError::one(StatusCode::UNSUPPORTED_MEDIA_TYPE, IssueType::NotSupported, text));
    }
    let mut all = pairs(facts.query.as_bytes())?;
    all.extend(pairs(&sent.bytes)?);
    Ok(answer::json(StatusCode::OK, run(app, facts, &place, all, Words::Sealed).await?))
}

/// Where a search looks.
pub(super) struct Where {
    kind: Kind,
    compartment: Option<PatientId>,
}

impl Where {
    /// Through all of a type.
    pub(super) fn all(kind: Kind) -> Self {
        Self { kind, compartment: None }
    }

    /// Through the compartment `of/id`.
    ///
    /// # Errors
    /// 400 for the compartment of anything but a patient; 404 when R4 has no such type.
    pub(super) fn within(of: &str, id: &str, name: &str) -> Result<Self, ApiError> {
        let owner = key(of, id)?;
        let kind = kind(name)?;
        if owner.kind != Kind::PATIENT {
            let text = format!("Of compartments, only a Patient's can be searched, not that of a {}.", owner.kind);
            return Err(ApiError::one(StatusCode::BAD_REQUEST, IssueType::NotSupported, text));
        }
        Ok(Self { kind, compartment: Some(PatientId::new(owner.id)) })
    }

    /// Its address, from the base.
    fn path(&self) -> String {
        match &self.compartment {
            None => self.kind.to_string(),
            Some(patient) => format!("Patient/{patient}/{}", self.kind),
        }
    }
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
    place: &Where,
    pairs: Vec<(String, String)>,
    words: Words,
) -> Result<Bytes, ApiError> {
    let entry = Entry {
        detail: place.kind.name().to_owned(),
        patients: place.compartment.iter().cloned().collect(),
        ..facts.caller.entry("api.search")
    };
    let attempted = attempt(app, facts, place, (pairs, words), entry.clone()).await;
    in_trail(app, entry, attempted).await
}

async fn attempt(
    app: &App,
    facts: &Facts,
    place: &Where,
    (mut pairs, mut words): (Vec<(String, String)>, Words),
    mut entry: Entry,
) -> Result<Bytes, ApiError> {
    let permit = facts.caller.read_practice(Action::UseApi)?;
    if !permit.kinds().contains(place.kind) {
        return Err(Error::NotPermitted.into());
    }
    if let Some((_, sealed)) = pairs.iter().find(|(name, _)| name == PAGE) {
        pairs = opened(app, place, sealed).await?;
        words = Words::Sealed;
    }
    let cursor = pairs.iter().position(|(name, _)| name == CURSOR).map(|at| pairs.swap_remove(at).1);
    let (query, warnings) = parse(facts, place, &pairs)?;
    let sealed = match place.kind {
        Kind::AUDIT_EVENT => audit::events(app.store.as_ref(), &permit, &query, cursor.as_deref()).await?,
        _ => app.store.search(&permit, &query, cursor.as_deref()).await?,
    };
    let shown = sealed.for_decision();
    for stored in shown.matches.iter().chain(&shown.included).filter(|stored| stored.key.kind == Kind::BINARY) {
        entry.patients.extend(binary::patients(app.store.as_ref(), &facts.caller, stored).await?);
    }
    let page = app.store.release(sealed, entry).await?;
    let link = async |cursor: Option<&str>| link(app, facts, place, (&pairs, words), cursor).await;
    let mut links = vec![("self", link(cursor.as_deref()).await?)];
    if let Some(next) = &page.next {
        links.push(("next", link(Some(next)).await?));
    }
    if cursor.is_some() {
        links.push(("first", link(None).await?));
    }
    Ok(bundle(facts, &query, &page, &links, &warnings))
}

fn parse(facts: &Facts, place: &Where, pairs: &[(String, String)]) -> Result<(Query, Vec<Issue>), ApiError> {
    let handling = if facts.strict { Handling::Strict } else { Handling::Lenient };
    let (query, warnings) = Query::parse(place.kind, pairs, handling, facts.caller.at)
        .map_err(|issues| ApiError::new(StatusCode::BAD_REQUEST, issues))?;
    let Some(patient) = &place.compartment else { return Ok((query, warnings)) };
    let query = query.within(patient.clone()).ok_or_else(|| {
        let text = format!("{} is in no patient's compartment (R4 CompartmentDefinition).", place.kind);
        ApiError::one(StatusCode::BAD_REQUEST, IssueType::NotSupported, text)
    })?;
    Ok((query, warnings))
}

fn bundle(facts: &Facts, query: &Query, page: &SearchPage, links: &[(&str, String)], warnings: &[Issue]) -> Bytes {
    let mut bundle = BundleOut::new("searchset", page.total, links);
    if query.summary != Summary::Count {
        let subset = Subset::of(query);
        if subset.is_none() {
            bundle.make_room(&facts.base, &page.matches);
        }
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
    place: &Where,
    (pairs, words): (&[(String, String)], Words),
    cursor: Option<&str>,
) -> Result<String, ApiError> {
    let cursor = cursor.map(|cursor| (CURSOR, cursor));
    let all: Vec<(&str, &str)> =
        pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(cursor).collect();
    let mut query = serde_urlencoded::to_string(all).unwrap_or_default();
    let path = place.path();
    if words == Words::Sealed {
        query = format!("{PAGE}={}", app.store.seal_words(&format!("{path}?{query}")).await?);
    }
    let mark = if query.is_empty() { "" } else { "?" };
    Ok(format!("{}/{path}{mark}{query}", facts.base))
}

/// The search a sealed link carries: of this place only.
async fn opened(app: &App, place: &Where, sealed: &str) -> Result<Vec<(String, String)>, ApiError> {
    let words = app.store.open_words(sealed).await?;
    match words.split_once('?') {
        Some((of, query)) if of == place.path() => pairs(query.as_bytes()),
        _ => Err(store::Error::BadCursor.into()),
    }
}
