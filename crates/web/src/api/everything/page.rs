//! Pages of a chart: what did not change while a client pages is answered exactly once, what did at most once.

use crate::error::ApiError;
use crate::state::App;
use fhir::{Kind, PatientId};
use store::record::Stored;

/// The parameter that carries a page link's place, sealed.
pub(super) const CURSOR: &str = "_cursor";

/// Where a page ended.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The newest version of the whole when the first page was read: what changed later is left out.
    pin: u64,
    /// The last one shown.
    last: u64,
    /// How many there were.
    total: u64,
}

impl Place {
    /// Its words, to be sealed.
    pub(super) fn seal(&self, patient: &PatientId) -> String {
        format!("everything {patient} {} {} {}", self.pin, self.last, self.total)
    }

    /// Opens a link of this patient's.
    ///
    /// # Errors
    /// 400 when it is damaged, or of another patient.
    pub(super) async fn open(app: &App, patient: &PatientId, link: &str) -> Result<Self, ApiError> {
        let words = app.store.open_words(link).await?;
        let numbers = words.strip_prefix(&format!("everything {patient} "));
        let numbers: Vec<u64> = numbers.into_iter().flat_map(|n| n.split(' ')).filter_map(|n| n.parse().ok()).collect();
        match numbers.as_slice() {
            [pin, last, total] => Ok(Self { pin: *pin, last: *last, total: *total }),
            _ => Err(store::Error::BadCursor.into()),
        }
    }
}

/// One page.
pub(super) struct Page {
    /// What is shown: the patient, then each as it was last written.
    pub(super) rows: Vec<Stored>,
    /// How many the whole has.
    pub(super) total: u64,
    /// Where the next page begins.
    pub(super) next: Option<Place>,
}

impl Page {
    /// The page that begins after a place.
    pub(super) fn of(mut rows: Vec<Stored>, after: Option<Place>, count: Option<usize>) -> Self {
        let newest = || rows.iter().map(|stored| stored.sequence).max().unwrap_or_default();
        let (pin, total) = match after {
            Some(place) => (place.pin, place.total),
            None => (newest(), u64::try_from(rows.len()).unwrap_or_default()),
        };
        rows.sort_by_key(|stored| (stored.key.kind != Kind::PATIENT, stored.sequence));
        if let Some(place) = after {
            rows.retain(|stored| {
                stored.key.kind != Kind::PATIENT && stored.sequence > place.last && stored.sequence <= pin
            });
        }
        let count = count.unwrap_or(usize::MAX);
        let more = rows.len() > count;
        rows.truncate(count);
        let last = rows.iter().filter(|stored| stored.key.kind != Kind::PATIENT).map(|stored| stored.sequence).max();
        let next = more.then(|| Place { pin, last: last.unwrap_or_default(), total });
        Self { rows, total, next }
    }
}
