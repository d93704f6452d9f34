//! What every chart page is asked with: the patient, the day, the page of a long list.

use crate::component::banner::Place;
use crate::{App, PageError, Ui};
use clinic::Caller;
use clinic::chart::{Ask, Row};
use fhir::{Id, PatientId};
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
    /// The next page of a list begins after this entry.
    #[serde(default)]
    pub after: Option<String>,
    /// The next page of what is ordered by time begins before this.
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
/// 404 when the address names no patient or no day; 400 when the day is still to come.
pub fn of<'a>(app: &'a App, caller: &'a Caller, ui: &Ui, id: &str, view: &View) -> Result<Ask<'a>, PageError> {
    let as_of = view.day()?;
    if as_of.is_some_and(|day| day > ui.calendar().today) {
        return Err(PageError::day_to_come());
    }
    Ok(Ask {
        store: app.store.as_ref(),
        caller,
        patient: PatientId::parse(id).map_err(|_| PageError::not_found())?,
        zone: ui.zone.clone(),
        record_number_system: ui.practice.record_number_system.clone(),
        as_of,
    })
}

/// How many entries a page of a long list shows.
pub const PAGE: u32 = 100;

/// The slice for one page of a list: one more than is shown tells whether there is a next page.
///
/// # Errors
/// 404 when the address names no entry to go on after.
pub fn paged(slice: Slice, view: &View) -> Result<Slice, PageError> {
    let after = view.after.as_deref().map(|id| Id::parse(id).map_err(|_| PageError::not_found())).transpose()?;
    Ok(Slice { newest: Some(PAGE + 1), continue_after: after, ..slice })
}

/// Cuts a page off what [`paged`] read, and says after which entry the next one begins.
#[must_use]
pub fn cut(rows: &[Row]) -> (&[Row], Option<String>) {
    match rows.split_at_checked(PAGE as usize) {
        Some((page, [_, ..])) => (page, page.last().map(|row| format!("after={}", row.key.id))),
        _ => (rows, None),
    }
}
