//! Whose a Binary is. It belongs to no chart itself: what refers to it, and its security context, tell.

use super::commands::Ask;
use super::row::Row;
use crate::access::Action;
use crate::error::{Error, Result};
use fhir::search::query::MOST_COUNT;
use fhir::search::{Handling, Query};
use fhir::{Key, Kind};
use store::record::Stored;

/// So many earlier versions of a Binary are looked for by address.
const VERSIONS: u32 = 20;

impl Ask<'_> {
    /// Whether a Binary may be shown in this chart: its security context is not another's, and no document of another chart names it.
    pub(super) async fn owns(&self, binary: &Stored) -> Result<bool> {
        if binary.patient.as_ref().is_some_and(|patient| *patient != self.patient) {
            return Ok(false);
        }
        Ok(self.stands_for_this_chart(binary).await? && !self.named_elsewhere(binary).await?)
    }

    /// Whether the security context, where there is one, is this patient, something of this chart, or something of no chart
    /// (<http://hl7.org/fhir/R4/binary-definitions.html#Binary.securityContext>).
    async fn stands_for_this_chart(&self, binary: &Stored) -> Result<bool> {
        let Some(row) = Row::read(binary) else { return Ok(false) };
        let Some(context) = row.root().text("securityContext.reference").and_then(Key::parse) else { return Ok(true) };
        if context.kind == Kind::PATIENT {
            return Ok(context == self.patient.key());
        }
        // A permit for this chart reads nothing of another.
        let permit = self.caller.read_chart(Action::ReadClinical, &self.patient)?;
        let found = self.store.read(&permit, &context).await?;
        Ok(found.is_some_and(|found| {
            let found = found.for_decision();
            found.patient.as_ref().is_none_or(|patient| *patient == self.patient)
        }))
    }

    /// Whether a document of another chart names it. Looked up across the practice to decide; nothing of it is shown.
    async fn named_elsewhere(&self, binary: &Stored) -> Result<bool> {
        let permit = self.caller.read_practice(Action::ReadClinical)?;
        let key = &binary.key;
        let oldest = binary.version.saturating_sub(VERSIONS).max(1);
        let versions = (oldest..=binary.version).map(|version| format!(",{key}/_history/{version}"));
        let pairs = [
            ("location".to_owned(), key.to_string() + &versions.collect::<String>()),
            ("_count".to_owned(), MOST_COUNT.to_string()),
        ];
        let (query, _) =
            Query::parse(Kind::DOCUMENT_REFERENCE, &pairs, Handling::Strict, self.caller.at).map_err(Error::Invalid)?;
        let page = self.store.search(&permit, &query, None).await?;
        let page = page.for_decision();
        // More than a page cannot be told to be of this chart alone.
        Ok(page.next.is_some() || page.matches.iter().any(|found| found.patient.as_ref() != Some(&self.patient)))
    }
}
