//! What an entry is called: its own words, and its type's.

use super::timeline::DO_NOT_GIVE;
use fhir::{Element, Kind};

/// The words of any entry.
#[must_use]
pub fn title(root: Element<'_>) -> String {
    let paths = [
        "description",
        "code",
        "medicationCodeableConcept",
        "vaccineCode",
        "relationship",
        "title",
        "type",
        "category",
        "activity",
    ];
    let found = root.text("description").map(str::to_owned).or_else(|| paths.iter().find_map(|path| root.words(path)));
    found
        .or_else(|| root.get("name").and_then(super::row::person_name))
        .or_else(|| root.words("reasonCode"))
        .unwrap_or_default()
}

/// The words for a resource type.
#[must_use]
pub fn kind_words(kind: Kind) -> String {
    let words = match kind.name() {
        "Encounter" => "Visit",
        "Condition" => "Problem",
        "AllergyIntolerance" => "Allergy",
        "MedicationRequest" => "Prescription",
        "MedicationStatement" => "Reported medicine",
        "Observation" => "Result",
        "DiagnosticReport" => "Report",
        "DocumentReference" => "Document",
        "Composition" => "Note",
        "FamilyMemberHistory" => "Family history",
        "ServiceRequest" => "Order",
        "Provenance" => "Correction",
        "ExplanationOfBenefit" => "Explanation of benefit",
        name => return super::label::in_words(name),
    };
    words.to_owned()
}

/// What sort of entry this is: its type in words, or that it forbids a medicine.
pub(super) fn sort(kind: Kind, root: Option<Element<'_>>) -> String {
    if root.is_some_and(super::medicine::withheld) { DO_NOT_GIVE.to_owned() } else { kind_words(kind) }
}
