//! The sections of a history, and what belongs to each.

use crate::chart::row::{Row, is_error};
use fhir::edit::history::{OPERATIONS, PAST_ILLNESS, SURGICAL};
use fhir::{Element, Kind};
use jiff::Unit;
use jiff::civil::Date;

/// A section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Section {
    /// Past illnesses.
    Medical,
    /// Operations.
    Surgical,
    /// By relative.
    Family,
    /// Smoking, alcohol, work, living.
    Social,
    /// Pregnancies and births.
    Obstetric,
}

/// The youngest age at which pregnancies are asked about.
const FERTILE: i16 = 10;

impl Section {
    /// In the order of the page.
    pub const ALL: [Self; 5] = [Self::Medical, Self::Surgical, Self::Family, Self::Social, Self::Obstetric];

    /// Its name in addresses.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Medical => "medical",
            Self::Surgical => "surgical",
            Self::Family => "family",
            Self::Social => "social",
            Self::Obstetric => "obstetric",
        }
    }

    /// The section of an address.
    #[must_use]
    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.slug() == slug)
    }

    /// Its heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Medical => "Medical",
            Self::Surgical => "Surgical",
            Self::Family => "Family",
            Self::Social => "Social",
            Self::Obstetric => "Obstetric",
        }
    }

    /// What stands where somebody asked and there is nothing.
    #[must_use]
    pub fn none(self) -> &'static str {
        match self {
            Self::Medical => "No past illnesses known",
            Self::Surgical => "No operations",
            Self::Family => "No known family history of note",
            Self::Social => "Nothing of note",
            Self::Obstetric => "Never pregnant",
        }
    }

    /// LOINC code and display of its List.
    #[must_use]
    pub fn code(self) -> (&'static str, &'static str) {
        match self {
            Self::Medical => PAST_ILLNESS,
            Self::Surgical => OPERATIONS,
            Self::Family => ("10157-6", "History of family member diseases note"),
            Self::Social => ("29762-2", "Social history note"),
            Self::Obstetric => ("10162-6", "History of pregnancies Narrative"),
        }
    }

    /// The type of its entries.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Medical => Kind::CONDITION,
            Self::Surgical => Kind::PROCEDURE,
            Self::Family => Kind::FAMILY_MEMBER_HISTORY,
            Self::Social | Self::Obstetric => Kind::OBSERVATION,
        }
    }

    /// Whether its entries are answers to fixed questions, the newest of each counting.
    #[must_use]
    pub fn asks(self) -> bool {
        matches!(self, Self::Social | Self::Obstetric)
    }

    /// The section an entry belongs to, if any. Where pregnancies are not asked about, their answers stand among the social ones.
    #[must_use]
    pub fn of(row: &Row, obstetric: bool) -> Option<Self> {
        let root = row.root();
        match row.key.kind {
            Kind::CONDITION if is_past(root) => Some(Self::Medical),
            Kind::PROCEDURE if is_surgical(root) => Some(Self::Surgical),
            Kind::FAMILY_MEMBER_HISTORY => Some(Self::Family),
            Kind::OBSERVATION if obstetric && super::obstetric::is_one(root) => Some(Self::Obstetric),
            Kind::OBSERVATION => Some(Self::Social),
            _ => None,
        }
    }
}

/// Told as history, or over: not what single visits diagnosed, nor what was refuted.
fn is_past(root: Element<'_>) -> bool {
    let of_visit = root.has_code("category", "encounter-diagnosis") && !root.has_code("category", "problem-list-item");
    let over = ["inactive", "remission", "resolved"].iter().any(|code| root.has_code("clinicalStatus", code))
        || (root.get("clinicalStatus").is_none() && root.choice("abatement").is_some());
    let refuted = root.has_code("verificationStatus", "refuted");
    !refuted && (root.has_code("category", PAST_ILLNESS.0) || (over && !of_visit))
}

/// Called surgical by a code, or by its category's words as many programs write them.
pub(crate) fn is_surgical(root: Element<'_>) -> bool {
    root.has_code("category", SURGICAL)
        || root.has_code("category", OPERATIONS.0)
        || root.words("category").is_some_and(|words| words.to_lowercase().contains("surgical"))
}

/// Whether pregnancies are asked about: not of those registered as male, nor of younger children; always where something is recorded.
#[must_use]
pub fn asks_of_pregnancies(patient: Element<'_>, today: Date, answers: &[Row]) -> bool {
    let born = patient.text("birthDate").and_then(fhir::date::FhirDate::parse).map(fhir::date::FhirDate::first_day);
    let age = born.and_then(|born| today.since((Unit::Year, born)).ok()).map(|age| age.get_years());
    let told = answers.iter().any(|row| super::obstetric::is_answer(row.root()) && !is_error(row.root()));
    told || (patient.text("gender") != Some("male") && age.is_none_or(|age| age >= FERTILE))
}
