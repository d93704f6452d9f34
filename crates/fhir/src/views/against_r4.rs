//! Holds every row of every view against R4's definitions: the element exists, has that type, and repeats or not as the getter says.

use super::*;
use crate::Kind;
use crate::definitions::{Definitions, Primitive, Shape, ValueType};
use std::collections::BTreeSet;

type Rows = &'static [(&'static str, &'static str, &'static str)];

/// Every view by name.
macro_rules! rows {
    ($($name:ident)*) => { &[$((stringify!($name), $name::ROWS)),*] };
}

const VIEWS: &[(&str, Rows)] = rows![
    Address AllergyIntolerance AllergyReaction Annotation Appointment AppointmentParticipant Attachment Attester Binary CarePlan CarePlanActivity CarePlanDetail CareTeam CareTeamParticipant CodeableConcept Coding PatientCommunication Composition CompositionSection Condition ContactPoint Coverage CoverageClass DiagnosticReport DispenseRequest DocumentContent DocumentContext DocumentReference Dosage DoseAndRate Encounter EncounterDiagnosis EncounterLocation EncounterParticipant EncounterStatus Extension FamilyCondition FamilyMemberHistory Goal GoalTarget Hospitalization HumanName Identifier Immunization ImmunizationProtocol Location Medication MedicationIngredient MedicationRequest MedicationStatement Meta Money Narrative Observation ObservationComponent Organization Patient PatientContact PatientLink Performer Period Practitioner Procedure Provenance ProvenanceAgent ProvenanceEntity Qualification Quantity Range Ratio Reference ReferenceRange RelatedPerson SampledData ServiceRequest Substitution Task TaskRestriction Timing TimingRepeat
];

fn rows(view: &str) -> Rows {
    VIEWS.iter().find(|(name, _)| *name == view).unwrap_or_else(|| panic!("{view} is not in the list")).1
}

/// Data types that several R4 types are seen as.
fn seen_as(shape: &str) -> &str {
    match shape {
        "SimpleQuantity" | "Age" | "Duration" | "Count" | "Distance" | "MoneyQuantity" => "Quantity",
        shape => shape,
    }
}

fn fits(primitive: Primitive, how: &str) -> bool {
    use Primitive as P;
    match how {
        "flag" => primitive == P::Boolean,
        "number" => matches!(primitive, P::Decimal | P::Integer | P::PositiveInt | P::UnsignedInt),
        "date" | "dates" => matches!(primitive, P::Date | P::DateTime | P::Instant),
        _ => !matches!(primitive, P::Boolean | P::Decimal | P::Integer | P::PositiveInt | P::UnsignedInt),
    }
}

fn check(view: &str, shape: &Shape, path: &str, seen: &mut BTreeSet<String>, wrong: &mut Vec<String>) {
    if !seen.insert(format!("{view} {}", shape.name)) {
        return;
    }
    for (element, how, of) in rows(view) {
        let at = format!("{path}.{element}");
        let Some(member) = shape.member(element) else {
            // What one view has for several types, of which some lack it.
            let common = shape.is_resource && matches!(*element, "text" | "identifier");
            if !common
                && !matches!(
                    (shape.name, *element),
                    ("SimpleQuantity", "comparator") | ("Immunization.performer", "onBehalfOf")
                )
            {
                wrong.push(format!("{at} is not in R4"));
            }
            continue;
        };
        let repeats = shape.elements[usize::from(member.element)].max > 1;
        if repeats != matches!(*how, "texts" | "dates" | "many") && *element != "identifier" {
            wrong.push(format!("{at} repeats: {repeats}"));
        }
        match member.value {
            ValueType::Primitive(primitive) if of.is_empty() && fits(primitive, how) => {}
            ValueType::Object(number) if !of.is_empty() => {
                let inner = Definitions::get().shape(number).unwrap();
                let is_part = inner.name.contains('.');
                if !is_part && seen_as(inner.name) != *of {
                    wrong.push(format!("{at} is {}, not {of}", inner.name));
                } else {
                    check(of, inner, &at, seen, wrong);
                }
            }
            other => wrong.push(format!("{at} is {other:?}, not {how} {of}")),
        }
    }
}

#[test]
fn every_getter_is_an_element_of_r4() {
    let (mut seen, mut wrong) = (BTreeSet::new(), Vec::new());
    for (view, _) in VIEWS {
        if let Some(shape) = Kind::parse(view).and_then(|kind| Definitions::get().resource(kind)) {
            check(view, shape, view, &mut seen, &mut wrong);
        }
    }
    // Types that resources reach only through choices or extensions.
    for view in ["Extension", "SampledData", "Money", "Range", "Ratio"] {
        let shape = Definitions::get().shapes.iter().find(|shape| shape.name == view).unwrap();
        check(view, shape, view, &mut seen, &mut wrong);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let unseen: Vec<_> =
        VIEWS.iter().filter(|(view, _)| !seen.iter().any(|s| s.starts_with(&format!("{view} ")))).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}
