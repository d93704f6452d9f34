//! What comes from other systems and goes to them: FHIR bundles and NDJSON; later HL7 v2 and C-CDA.

pub mod bundle;
pub mod import;
