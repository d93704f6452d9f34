//! Conditions: "the one resource that matches". One at a time in this process, so that two requests with the same condition cannot
//! both find nothing and both create.

use crate::error::{Error, Result};
use fhir::search::{Handling, Query};
use fhir::{Issue, IssueType, Kind};
use jiff::Timestamp;
use store::record::Stored;
use store::{Permit, Store};

/// For deciding what to write, never for showing: the one current resource that matches a condition such as `identifier=urn:x|1`;
/// `None` when there is none.
///
/// # Errors
/// [`Error::SeveralMatch`] when more than one does; [`Error::Malformed`] when the condition names nothing that can be searched by.
pub async fn find_one(
    store: &dyn Store,
    permit: &Permit,
    kind: Kind,
    condition: &str,
    now: Timestamp,
) -> Result<Option<Stored>> {
    let mut found = find(store, permit, kind, condition, now, 2).await?;
    if found.len() > 1 { Err(Error::SeveralMatch) } else { Ok(found.pop()) }
}

/// For deciding: the current resources that match a condition, at most `limit`.
///
/// # Errors
/// As [`find_one`].
pub async fn find(
    store: &dyn Store,
    permit: &Permit,
    kind: Kind,
    condition: &str,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Stored>> {
    let unreadable = |_| Error::Malformed(vec![Issue::error(IssueType::Value, "The condition cannot be read.")]);
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(condition).map_err(unreadable)?;
    let (mut query, _) = Query::parse(kind, &pairs, Handling::Strict, now).map_err(Error::Malformed)?;
    if query.filters.is_empty() {
        let text = "A condition needs at least one search parameter that narrows it.";
        return Err(Error::Malformed(vec![Issue::error(IssueType::Required, text)]));
    }
    query.count = limit;
    query.includes.clear();
    let page = store.search(permit, &query, None).await?;
    Ok(page.for_decision().matches.clone())
}
