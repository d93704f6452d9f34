//! What every chart page is asked with: the patient, the day, the page of a long list.

use crate::component::banner::Place;
use crate::{App, PageError, Ui};
use clinic::Caller;
use clinic::chart::{Ask, Row};
use fhir::PatientId;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use store::record::Slice;

/// The query of a chart page. Nothing in it is about a patient.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct View {
    /// The chart as it stood at the end of this day.
    #[serde(default, rename = "as-of")]
    pub as_of: Option<String>,
    /// The next page of a long list begins before this.
    #[serde(default)]
    pub before: Option<String>,
    /// Which view of a section.
    #[serde(default)]
    pub show: Option<String>,
}

impl View {
    /// The day asked for.
    ///
    /// # Errors
    /// 404 when it is no date.
    pub fn day(&self) -> Result<Option<Date>, PageError> {
        self.as_of
            .as_deref()
            .filter(|text| !text.is_empty())
            .map(|text| text.parse().map_err(|_| PageError::not_found()))
            .transpose()
    }

    /// The moment a page of a list begins before.
    ///
    /// # Errors
    /// 404 when it is none.
    pub fn moment(&self) -> Result<Option<Timestamp>, PageError> {
        self.before.as_deref().map(|text| text.parse().map_err(|_| PageError::not_found())).transpose()
    }

    /// The sequence a page of a list begins before.
    ///
    /// # Errors
    /// 404 when it is none.
    pub fn sequence(&self) -> Result<Option<u64>, PageError> {
        self.before.as_deref().map(|text| text.parse().map_err(|_| PageError::not_found())).transpose()
    }

    /// Where the page is.
    ///
    /// # Errors
    /// As [`Self::day`].
    pub fn place(&self, section: &'static str) -> Result<Place, PageError> {
        Ok(Place { section, as_of: self.day()? })
    }
}

/// What is asked of the chart of the patient in the address.
///
/// # Errors
/// 404 when the address names no patient or no day.
pub fn of<'a>(app: &'a App, caller: &'a Caller, ui: &Ui, id: &str, view: &View) -> Result<Ask<'a>, PageError> {
    Ok(Ask {
        store: app.store.as_ref(),
        caller,
        patient: PatientId::parse(id).map_err(|_| PageError::not_found())?,
        zone: ui.zone.clone(),
        record_number_system: ui.practice.record_number_system.clone(),
        as_of: view.day()?,
    })
}

/// How many entries a page of a long list shows.
pub const PAGE: u32 = 100;

/// The slice for one page of a long list: one more than is shown tells whether there is a next page.
#[must_use]
pub fn paged(slice: Slice, before: Option<Timestamp>) -> Slice {
    Slice { newest: Some(PAGE + 1), before, ..slice }
}

/// Cuts a page off what [`paged`] read. The next page begins before the first entry left over, and entries of one moment stay together,
/// so that none is skipped.
#[must_use]
pub fn cut(rows: &[Row], date: impl Fn(&Row) -> Option<Timestamp>) -> (&[Row], Option<Timestamp>) {
    let page = PAGE as usize;
    let Some(over) = rows.get(page) else { return (rows, None) };
    let first_left = date(over);
    let together = rows.get(..page).unwrap_or(rows).iter().take_while(|row| date(row) != first_left).count();
    let end = if together == 0 { page } else { together };
    let next = first_left.and_then(|at| at.checked_add(jiff::SignedDuration::from_micros(1)).ok());
    let next = if together == 0 { first_left } else { next };
    (rows.get(..end).unwrap_or(rows), next)
}
