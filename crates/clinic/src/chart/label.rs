//! What the elements of a FHIR resource are called in a chart.

/// The label of an element, `code` of a Condition as `Problem`, `onsetDateTime` as `Began`; an element not in the table is its own name in
/// words.
#[must_use]
pub fn label(kind: &str, element: &str) -> String {
    let name = untyped(element);
    let own = OF_KIND.iter().find(|(of, known, _)| *of == kind && *known == name).map(|(.., words)| *words);
    let known = own.or_else(|| LABELS.iter().find(|(known, _)| *known == name).map(|(_, words)| *words));
    known.map_or_else(|| in_words(name), str::to_owned)
}

/// What one type means by a name that others use otherwise.
const OF_KIND: [(&str, &str, &str); 22] = [
    ("Condition", "code", "Problem"),
    ("Observation", "code", "Test"),
    ("AllergyIntolerance", "code", "Substance"),
    ("AllergyIntolerance", "type", "Allergy or intolerance"),
    ("Procedure", "code", "Procedure"),
    ("DiagnosticReport", "code", "Report"),
    ("ServiceRequest", "code", "Ordered"),
    ("ServiceRequest", "authoredOn", "Ordered on"),
    ("ServiceRequest", "requester", "Ordered by"),
    ("Encounter", "class", "Kind of visit"),
    ("Encounter", "period", "When"),
    ("Encounter", "type", "Visit"),
    ("Encounter", "location", "Place"),
    ("Appointment", "start", "Begins"),
    ("Appointment", "end", "Ends"),
    ("CareTeam", "participant", "Member"),
    ("Coverage", "type", "Insurance"),
    ("Coverage", "period", "Valid"),
    ("DocumentReference", "content", "File"),
    ("DocumentReference", "context", "About"),
    ("FamilyMemberHistory", "condition", "Problem"),
    ("Provenance", "recorded", "When"),
];

/// Names that mean the same in every type.
const LABELS: [(&str, &str); 89] = [
    ("abatement", "Ended"),
    ("activity", "What was done"),
    ("actor", "Who"),
    ("agent", "By"),
    ("allowed", "Allowed"),
    ("asserter", "Told by"),
    ("authoredOn", "Prescribed on"),
    ("author", "By"),
    ("basedOn", "From the order"),
    ("birthDate", "Birth date"),
    ("birthsex", "Sex at birth"),
    ("by", "By"),
    ("at", "When"),
    ("bodySite", "Site"),
    ("category", "Kind"),
    ("clinicalStatus", "Status"),
    ("communication", "Language"),
    ("component", "Part"),
    ("condition", "Problem"),
    ("contact", "Next of kin"),
    ("contentType", "File type"),
    ("contextRelated", "About"),
    ("date", "Date"),
    ("deceased", "Died"),
    ("detail", "Detail"),
    ("dispenseRequest", "Supply"),
    ("doNotPerform", "Do not give"),
    ("docStatus", "Document status"),
    ("doseNumber", "Dose number"),
    ("doseQuantity", "Dose"),
    ("dosage", "How to take"),
    ("dosageInstruction", "How to take"),
    ("effective", "When"),
    ("encounter", "Visit"),
    ("enteredInError", "Entered in error"),
    ("expectedSupplyDuration", "Lasts"),
    ("expirationDate", "Expires"),
    ("function", "Role"),
    ("gender", "Sex"),
    ("generalPractitioner", "General practitioner"),
    ("hospitalization", "Hospital stay"),
    ("identifier", "Number"),
    ("individual", "Who"),
    ("informationSource", "Told by"),
    ("intent", "Order or plan"),
    ("interpretation", "Interpretation"),
    ("issued", "Released"),
    ("lastOccurrence", "Last reaction"),
    ("location", "Place"),
    ("lotNumber", "Lot"),
    ("manifestation", "Reaction"),
    ("medication", "Medicine"),
    ("moved", "Moved here"),
    ("multipleBirth", "Multiple birth"),
    ("note", "Note"),
    ("numberOfRepeatsAllowed", "Refills"),
    ("occurrence", "When"),
    ("onset", "Began"),
    ("participant", "Took part"),
    ("partOf", "Part of"),
    ("payor", "Insurer"),
    ("performed", "When"),
    ("performer", "By"),
    ("period", "When"),
    ("presentedForm", "File"),
    ("primarySource", "From who gave it"),
    ("protocolApplied", "Series"),
    ("reaction", "Reaction"),
    ("reasonCode", "Reason"),
    ("reasonReference", "Reason"),
    ("recordedDate", "Recorded on"),
    ("recorder", "Recorded by"),
    ("referenceRange", "Reference range"),
    ("relatesTo", "Belongs with"),
    ("relationship", "Relative"),
    ("requester", "Prescribed by"),
    ("result", "Results"),
    ("resultsInterpreter", "Interpreted by"),
    ("seriesDoses", "Doses in the series"),
    ("serviceProvider", "Practice"),
    ("statusReason", "Reason for the status"),
    ("subscriberId", "Member number"),
    ("target", "Entry"),
    ("telecom", "Phone and e-mail"),
    ("vaccineCode", "Vaccine"),
    ("validityPeriod", "Valid"),
    ("valueSet", "List of codes"),
    ("verificationStatus", "Certainty"),
    ("who", "Who"),
];

/// The types a choice of types ends with, longest first.
const TYPES: [&str; 14] = [
    "CodeableConcept",
    "PositiveInt",
    "Reference",
    "DateTime",
    "Quantity",
    "Boolean",
    "Instant",
    "Integer",
    "Period",
    "String",
    "Range",
    "Ratio",
    "Date",
    "Age",
];

/// The choices of types that charts hold.
const CHOICES: [&str; 21] = [
    "abatement",
    "allowed",
    "asNeeded",
    "born",
    "deceased",
    "diagnosis",
    "dose",
    "doseNumber",
    "effective",
    "medication",
    "multipleBirth",
    "occurrence",
    "onset",
    "performed",
    "product",
    "rate",
    "reported",
    "seriesDoses",
    "serviced",
    "timing",
    "value",
];

/// `onsetDateTime` as `onset`, whose type is plain from what it says.
fn untyped(element: &str) -> &str {
    if element == "doseQuantity" {
        return element;
    }
    TYPES.iter().filter_map(|kind| element.strip_suffix(kind)).find(|base| CHOICES.contains(base)).unwrap_or(element)
}

/// `bodyStructure` as `Body structure`.
pub(super) fn in_words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    for (index, letter) in name.chars().enumerate() {
        match (index, letter) {
            (0, letter) => words.extend(letter.to_uppercase()),
            (_, letter) if letter.is_uppercase() => {
                words.push(' ');
                words.extend(letter.to_lowercase());
            }
            (_, letter) => words.push(letter),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_have_the_words_of_a_chart() {
        for (kind, element, words) in [
            ("Condition", "code", "Problem"),
            ("Observation", "code", "Test"),
            ("Observation", "valueQuantity", "Value"),
            ("Condition", "onsetDateTime", "Began"),
            ("Condition", "abatementAge", "Ended"),
            ("Immunization", "doseQuantity", "Dose"),
            ("Immunization", "seriesDosesPositiveInt", "Doses in the series"),
            ("MedicationRequest", "courseOfTherapyType", "Course of therapy type"),
        ] {
            assert_eq!(label(kind, element), words);
        }
    }

    #[test]
    fn no_name_is_in_the_table_twice() {
        for (index, (name, _)) in LABELS.iter().enumerate() {
            assert!(LABELS.iter().skip(index + 1).all(|(other, _)| other != name), "{name}");
        }
    }
}
