//! The searches that US Core asks for, and a value of each that a given resource has.

use super::asking::escape;
use super::reading::targets;
use fhir::Key;
use fhir::index::Index;
use fhir::search::parameters::{self, ValueType};
use jiff::Timestamp;

/// US Core 6.1.0, CapabilityStatement us-core-server: each type's parameters and combinations (`+`), SHALL and SHOULD alike.
pub(super) const US_CORE: &[(&str, &str)] = &[
    ("AllergyIntolerance", "clinical-status patient patient+clinical-status"),
    (
        "CarePlan",
        "category date patient status patient+category+status patient+category+status+date patient+category patient+category+date",
    ),
    ("CareTeam", "patient status role patient+status patient+role"),
    (
        "Condition",
        "category clinical-status patient onset-date asserted-date recorded-date abatement-date code encounter patient+recorded-date patient+asserted-date patient+category+clinical-status patient+onset-date patient+abatement-date patient+clinical-status patient+category+encounter patient+code patient+category",
    ),
    ("Coverage", "patient"),
    ("Device", "patient type status patient+type patient+status"),
    (
        "DiagnosticReport",
        "status patient category code date patient+code+date patient+status patient+category+date patient+category patient+code",
    ),
    (
        "DocumentReference",
        "_id status patient category type date period patient+type patient+status patient+type+period patient+category+date patient+category",
    ),
    (
        "Encounter",
        "_id class date identifier patient location status type discharge-disposition patient+type patient+class patient+status patient+date patient+location patient+discharge-disposition",
    ),
    (
        "Goal",
        "lifecycle-status patient target-date description patient+target-date patient+description patient+lifecycle-status",
    ),
    ("Immunization", "patient status date patient+date patient+status"),
    ("Location", "name address address-city address-state address-postalcode"),
    ("MedicationDispense", "status type patient patient+status+type patient+status"),
    (
        "MedicationRequest",
        "status intent patient encounter authoredon patient+intent+encounter patient+intent+status patient+intent+authoredon patient+intent",
    ),
    (
        "Observation",
        "status category code date patient patient+code+date patient+category+status patient+category+date patient+category patient+code",
    ),
    ("Organization", "name address"),
    (
        "Patient",
        "_id birthdate death-date family gender given identifier name birthdate+family family+gender birthdate+name gender+name death-date+family",
    ),
    ("Practitioner", "_id name identifier"),
    ("PractitionerRole", "specialty practitioner"),
    ("Procedure", "status patient date code patient+code+date patient+status patient+date"),
    (
        "QuestionnaireResponse",
        "_id patient status authored questionnaire patient+questionnaire patient+authored patient+status",
    ),
    ("RelatedPerson", "_id patient name patient+name"),
    (
        "ServiceRequest",
        "status patient category code authored _id patient+category+authored patient+status patient+category patient+code+authored patient+code",
    ),
    ("Specimen", "_id patient"),
];

/// A condition by this parameter that this resource meets; none when it has no value of it.
pub(super) fn own(at: &(Key, Index), code: &str) -> Option<String> {
    if code == "_id" {
        return Some(at.0.id.to_string());
    }
    let asked = parameters::named(at.0.kind, code).unwrap_or_else(|| panic!("{} has {code}", at.0.kind));
    let index = &at.1;
    match asked.value {
        ValueType::Reference => targets(at, asked)
            .first()
            .map(ToString::to_string)
            .or_else(|| index.uris.iter().find(|row| asked.stored.contains(&row.param)).map(|row| escape(&row.uri))),
        ValueType::Token => {
            index.tokens.iter().find(|row| asked.stored.contains(&row.param) && !row.code.is_empty()).map(|row| {
                format!(
                    "{}{}",
                    row.system.as_ref().map(|s| format!("{}|", escape(s))).unwrap_or_default(),
                    escape(&row.code)
                )
            })
        }
        ValueType::String => {
            index.strings.iter().find(|row| asked.stored.contains(&row.param)).map(|row| escape(&row.folded))
        }
        ValueType::Date => {
            let row = index.dates.iter().find(|row| asked.stored.contains(&row.param))?;
            let day = Timestamp::from_microsecond(row.period.from).ok()?.to_string();
            Some(format!("ge{}", day.get(..10)?))
        }
        _ => None,
    }
}
