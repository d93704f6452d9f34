//! What a version contributes to the indexes: pure data, made from a body, stored beside it.
//!
//! ```
//! use fhir::{Kind, index::Index};
//! let body = fhir::json::parse(br#"{"resourceType":"Patient","id":"p","gender":"female"}"#)?;
//! let index = Index::of(Kind::PATIENT, &body);
//! assert_eq!(index.patient.map(|p| p.to_string()), Some("p".to_owned()));
//! assert!(index.tokens.iter().any(|token| token.code == "female"));
//! # Ok::<(), fhir::json::JsonError>(())
//! ```

pub mod care;
pub mod clinical;
mod extract;
mod text;

use crate::search::parameters::Param;
use crate::search::period::Period;
use crate::{Key, Kind, PatientId};
use jiff::Timestamp;
use serde_json::Value;

/// Everything a database writes beside one version so that searches find it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Index {
    /// The chart it belongs to: the subject (or patient); a Patient belongs to its own; `None` for practice-wide resources.
    pub patient: Option<PatientId>,
    /// Its clinical date: where it stands in its section of the chart. `None` when it names none: then it stands last.
    pub date: Option<Timestamp>,
    /// Codes, identifiers, statuses, flags, contact points.
    pub tokens: Vec<Token>,
    /// Names and other text that is searched by its beginning.
    pub strings: Vec<Text>,
    /// Dates as stretches of time.
    pub dates: Vec<Dated>,
    /// Numbers with units.
    pub quantities: Vec<Quantity>,
    /// References to resources here, but for the one the chart's column answers.
    pub references: Vec<Reference>,
    /// URIs, canonical and absolute references.
    pub uris: Vec<Uri>,
    /// The words of the narrative (`_text`).
    pub narrative: String,
    /// The free text people wrote and the words of codes, narrative aside (`_content`).
    pub content: String,
}

/// A code under its system.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token {
    /// The parameter.
    pub param: Param,
    /// The repetition it lies in, for composites; 0 outside any.
    pub part: u16,
    /// Its system; `Some("")` when it has none; `None` for a plain code whose value set implies it.
    pub system: Option<String>,
    /// The code, lower case (R4: case is not told apart where in doubt); empty when only words were given.
    pub code: String,
    /// Its words, folded; empty when none were given.
    pub text: String,
}

/// A text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text {
    /// The parameter.
    pub param: Param,
    /// The repetition it lies in; 0 outside any.
    pub part: u16,
    /// Without case and accents.
    pub folded: String,
    /// As written.
    pub exact: String,
}

/// A date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dated {
    /// The parameter.
    pub param: Param,
    /// The repetition it lies in; 0 outside any.
    pub part: u16,
    /// The stretch it names.
    pub period: Period,
}

/// A number with its unit. `low` and `high` are equal but for ranges and for values such as `<5`.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// The parameter.
    pub param: Param,
    /// The repetition it lies in; 0 outside any.
    pub part: u16,
    /// Lowest value.
    pub low: f64,
    /// Highest value.
    pub high: f64,
    /// System of the unit's code; empty when none.
    pub system: String,
    /// Code of the unit, as written (UCUM tells case apart); empty when none.
    pub code: String,
    /// The unit in words, where it differs from the code; else empty.
    pub unit: String,
}

/// A reference to a resource of this practice.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    /// The parameter.
    pub param: Param,
    /// The repetition it lies in; 0 outside any.
    pub part: u16,
    /// What it names.
    pub target: Key,
}

/// A URI.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Uri {
    /// The parameter.
    pub param: Param,
    /// The repetition it lies in; 0 outside any.
    pub part: u16,
    /// The URI.
    pub uri: String,
}

impl Index {
    /// Reads what a resource is found by. Values of the wrong shape are passed over: validation refuses them elsewhere.
    #[must_use]
    pub fn of(kind: Kind, resource: &Value) -> Self {
        extract::extract(kind, resource)
    }

    /// The number of rows a database keeps for it.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.tokens.len()
            + self.strings.len()
            + self.dates.len()
            + self.quantities.len()
            + self.references.len()
            + self.uris.len()
    }
}
