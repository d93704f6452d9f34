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

mod condition;
mod encounter;
mod observation;
mod onset;
mod patient;

pub use condition::*;
pub use encounter::*;
pub use observation::*;
pub use onset::Onset;
pub use patient::*;
