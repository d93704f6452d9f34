//! Where an entry that was filed in the wrong chart came from, and where it went.

use super::commands::Ask;
use crate::access::Action;
use crate::error::Result;
use fhir::{Key, PatientId};
use store::Sealed;
use store::record::{HistoryOf, HistoryQuery, Stored};

/// The charts an entry was in just before this one, and is in now instead of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moves {
    /// It was moved here from this patient's chart.
    pub from: Option<PatientId>,
    /// It was moved away to this patient's chart.
    pub to: Option<PatientId>,
}

impl Ask<'_> {
    /// For those who may open every chart; nobody else is told of another one.
    pub(super) async fn moves(&self, key: &Key) -> Result<Sealed<Moves>> {
        let Ok(permit) = self.caller.read_practice(Action::ReadClinical) else {
            return Ok(Sealed::empty(Moves::default()));
        };
        let of = HistoryOf::Instance(key.clone());
        let query = HistoryQuery { of, since: None, until: self.moment(), count: 200, before: None };
        let history = self.store.history(&permit, &query).await?;
        Ok(history.map(|history| between(&history, &self.patient)))
    }
}

/// `history`: every version, newest first.
fn between(history: &[Stored], chart: &PatientId) -> Moves {
    let other = |stored: &Stored| stored.patient.clone().filter(|patient| patient != chart);
    let here = history.iter().position(|stored| stored.patient.as_ref() == Some(chart));
    let first = history.iter().rposition(|stored| stored.patient.as_ref() == Some(chart));
    Moves {
        from: first.and_then(|first| history.get(first + 1)).and_then(other),
        to: here.filter(|here| *here > 0).and_then(|_| history.first()).filter(|now| !now.deleted).and_then(other),
    }
}
