//! Typed views: thin newtypes over a parsed body, with getters in FHIR's own names. Nothing is copied or lost.
//!
//! A view never fails: an element that is absent or has an odd shape reads as `None` or as nothing in a list, so that one
//! bad entry cannot hide a chart. Validation, not reading, is where shapes are refused.
//!
//! ```
//! use fhir::views::{Observation, ObservationValue};
//! let body = serde_json::json!({"resourceType": "Observation", "valueQuantity": {"value": 37.2, "unit": "Cel"}});
//! let ObservationValue::Quantity(value) = Observation::new(&body).value().unwrap() else { panic!() };
//! assert_eq!(value.words(), "37.2 Cel");
//! ```

#[macro_use]
mod view;
pub(crate) mod get;

pub mod datatype;
pub use datatype::*;

#[cfg(test)]
mod against_r4;
mod allergy_intolerance;
mod appointment;
mod binary;
mod care_plan;
mod care_team;
mod composition;
mod condition;
mod coverage;
mod diagnostic_report;
mod document_reference;
mod encounter;
mod family_member_history;
mod goal;
mod immunization;
mod location;
mod medication;
mod medication_request;
mod medication_statement;
mod observation;
mod onset;
mod organization;
mod patient;
mod practitioner;
mod procedure;
mod provenance;
mod related_person;
mod service_request;
mod task;

pub use allergy_intolerance::*;
pub use appointment::*;
pub use binary::*;
pub use care_plan::*;
pub use care_team::*;
pub use composition::*;
pub use condition::*;
pub use coverage::*;
pub use diagnostic_report::*;
pub use document_reference::*;
pub use encounter::*;
pub use family_member_history::*;
pub use goal::*;
pub use immunization::*;
pub use location::*;
pub use medication::*;
pub use medication_request::*;
pub use medication_statement::*;
pub use observation::*;
pub use onset::Onset;
pub use organization::*;
pub use patient::*;
pub use practitioner::*;
pub use procedure::*;
pub use provenance::*;
pub use related_person::*;
pub use service_request::*;
pub use task::*;
