//! Asking the record in FHIR's own terms, for pages and commands that need what an index finds.

use crate::access::Caller;
use crate::error::{Error, Result};
use fhir::Kind;
use fhir::search::{Handling, Query};
use store::record::Stored;
use store::{Permit, Sealed, Store};

/// One page of a FHIR search, matches and included alike.
pub(crate) async fn search(
    store: &dyn Store,
    permit: &Permit,
    kind: Kind,
    parameters: &[(&str, &str)],
    caller: &Caller,
) -> Result<Sealed<Vec<Stored>>> {
    let pairs: Vec<(String, String)> = parameters.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let (query, _) = Query::parse(kind, &pairs, Handling::Strict, caller.at).map_err(Error::Invalid)?;
    let page = store.search(permit, &query, None).await?;
    Ok(page.map(|mut page| {
        page.matches.append(&mut page.included);
        page.matches
    }))
}
