//! Which entries nurses write, and so correct (architecture.md, "Decided: Roles"): decided on the entry, as an Observation may be a
//! blood pressure or a laboratory result.

use crate::access::Action;
use fhir::edit::document;
use fhir::edit::history::{OPERATIONS, PAST_ILLNESS, REVIEWS};
use fhir::{Body, Kind};
use serde_json::Value;

const CATEGORIES: &str = "http://terminology.hl7.org/CodeSystem/observation-category";

/// What a nurse needs to be permitted, to correct this; none for what only clinicians correct.
pub(super) fn action(kind: Kind, body: &Value) -> Option<Action> {
    match kind {
        Kind::ALLERGY_INTOLERANCE | Kind::FAMILY_MEMBER_HISTORY => Some(Action::WriteObservations),
        Kind::LIST if is_review(body) => Some(Action::WriteObservations),
        // What was told as history; what a clinician has confirmed, a clinician corrects.
        Kind::CONDITION if is_told(body, PAST_ILLNESS.0) && !says_confirmed(body) => Some(Action::WriteObservations),
        Kind::PROCEDURE if is_told(body, OPERATIONS.0) => Some(Action::WriteObservations),
        // What was finished, a clinician takes back.
        Kind::ENCOUNTER if body.get("status").and_then(Value::as_str) != Some("finished") => Some(Action::CheckIn),
        Kind::OBSERVATION if ["vital-signs", "social-history"].iter().any(|code| is_of(body, code)) => {
            Some(Action::WriteObservations)
        }
        Kind::DOCUMENT_REFERENCE if document::is_administrative(Body::from(body.clone()).root()) => {
            Some(Action::FileDocuments)
        }
        _ => None,
    }
}

/// Whether it says that a section of the history was gone through.
fn is_review(body: &Value) -> bool {
    body.pointer("/identifier/0/system").and_then(Value::as_str) == Some(REVIEWS)
}

/// Whether it was written as history.
fn is_told(body: &Value, code: &str) -> bool {
    Body::from(body.clone()).root().has_code("category", code)
}

fn says_confirmed(body: &Value) -> bool {
    body.pointer("/verificationStatus/coding/0/code").and_then(Value::as_str) == Some("confirmed")
}

/// Whether an Observation is of this category, and of none that is not a nurse's.
fn is_of(body: &Value, code: &str) -> bool {
    let categories = body.get("category").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let codings = categories.iter().filter_map(|category| category.get("coding")?.as_array()).flatten();
    let mut ours = codings.filter(|coding| coding.get("system").and_then(Value::as_str) == Some(CATEGORIES)).peekable();
    ours.peek().is_some() && ours.all(|coding| coding.get("code").and_then(Value::as_str) == Some(code))
}
