//! What an API token may reach, in SMART v2 words (HL7 SMART App Launch 2.2, "Scopes for requesting FHIR resources", system scopes).
//!
//! ```
//! use clinic::account::TokenScope;
//! let scope = TokenScope::parse("system/Patient.rs system/Observation.cruds").unwrap();
//! assert!(scope.kinds().read.contains(fhir::Kind::PATIENT));
//! assert!(!scope.kinds().write.contains(fhir::Kind::PATIENT));
//! ```

use crate::access::TokenKinds;
use fhir::Kind;
use std::sync::LazyLock;
use store::KindSet;

/// The scopes of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenScope(TokenKinds);

impl TokenScope {
    /// Reads scopes separated by spaces: `system/*.cruds`, `system/Observation.rs`. Of SMART's letters we take reading and searching
    /// (`rs`), creating, updating and deleting (`cud`), or all (`cruds`); anything between is refused rather than widened.
    ///
    /// # Errors
    /// What is wrong, in words for whoever wrote the scope.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut kinds = TokenKinds { read: KindSet::NONE, write: KindSet::NONE };
        let mut any = false;
        for scope in text.split_whitespace() {
            any = true;
            add(&mut kinds, scope)?;
        }
        if any { Ok(Self(kinds)) } else { Err("name at least one scope, such as system/*.rs".to_owned()) }
    }

    /// The types it reads and writes.
    #[must_use]
    pub fn kinds(self) -> TokenKinds {
        self.0
    }
}

/// What programs usually need: a word of ours, what it means, its scopes.
pub const PRESETS: [(&str, &str, &str); 5] = [
    ("reads-all", "Reads everything", "system/*.rs"),
    (
        "laboratory",
        "Laboratory: writes results, reads patients and orders",
        "system/Patient.rs system/Practitioner.rs system/ServiceRequest.rs system/Specimen.cruds system/Observation.cruds system/DiagnosticReport.cruds",
    ),
    (
        "documents",
        "Document sender: writes documents, reads patients",
        "system/Patient.rs system/Encounter.rs system/DocumentReference.cruds system/Binary.cruds",
    ),
    (
        "scheduling",
        "Scheduling: writes appointments, reads patients",
        "system/Patient.rs system/Practitioner.rs system/Location.rs system/Schedule.cruds system/Slot.cruds system/Appointment.cruds",
    ),
    ("all", "Reads and writes everything", "system/*.cruds"),
];

/// The types a token is usually given one by one, `*` (every type) first, each with its words.
pub const TYPES: [(&str, &str); 21] = [
    ("*", "Every type"),
    ("Patient", "Patients"),
    ("RelatedPerson", "Relatives and contacts"),
    ("Coverage", "Insurance"),
    ("Practitioner", "Practitioners"),
    ("Organization", "Organizations"),
    ("Location", "Places"),
    ("Appointment", "Appointments"),
    ("Encounter", "Visits"),
    ("Condition", "Problems"),
    ("AllergyIntolerance", "Allergies"),
    ("MedicationRequest", "Prescriptions"),
    ("MedicationStatement", "Reported medicines"),
    ("Immunization", "Immunizations"),
    ("Procedure", "Procedures"),
    ("ServiceRequest", "Orders"),
    ("Observation", "Results and vitals"),
    ("DiagnosticReport", "Reports"),
    ("DocumentReference", "Documents"),
    ("Binary", "Files of documents"),
    ("Task", "Tasks"),
];

/// The scopes of a ticked table: type, whether it is read, whether it is written. What is ticked in neither column is left out.
#[must_use]
pub fn ticked<'a>(rows: impl IntoIterator<Item = (&'a str, bool, bool)>) -> String {
    let scopes = rows.into_iter().filter_map(|(name, reads, writes)| {
        let letters = match (reads, writes) {
            (true, true) => "cruds",
            (true, false) => "rs",
            (false, true) => "cud",
            (false, false) => return None,
        };
        Some(format!("system/{name}.{letters}"))
    });
    scopes.collect::<Vec<_>>().join(" ")
}

/// What `*` reaches; put together once, as every request of an API client asks. The trail tells of everybody: a scope must name it.
static EVERY_TYPE: LazyLock<KindSet> =
    LazyLock::new(|| Kind::all().filter(|kind| *kind != Kind::AUDIT_EVENT).fold(KindSet::NONE, KindSet::with));

fn add(kinds: &mut TokenKinds, scope: &str) -> Result<(), String> {
    let expected = || {
        format!(
            "“{scope}” is not a scope: write system/TYPE.rs, system/TYPE.cud or system/TYPE.cruds, TYPE a resource type or *"
        )
    };
    let (name, letters) = scope.strip_prefix("system/").and_then(|rest| rest.split_once('.')).ok_or_else(expected)?;
    let (reads, writes) = match letters {
        "rs" => (true, false),
        "cud" => (false, true),
        "cruds" => (true, true),
        _ => return Err(expected()),
    };
    let set = match name {
        "*" => *EVERY_TYPE,
        "AuditEvent" if writes => return Err("the audit trail can only be read: write system/AuditEvent.rs".to_owned()),
        name => KindSet::of(&[Kind::parse(name).ok_or_else(expected)?]),
    };
    if reads {
        kinds.read = kinds.read.or(set);
    }
    if writes {
        kinds.write = kinds.write.or(set);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_granted_is_not_reached() {
        let kinds = TokenScope::parse("system/Observation.cud").expect("scope").kinds();
        assert!(kinds.write.contains(Kind::OBSERVATION));
        assert!(!kinds.read.contains(Kind::OBSERVATION));
        assert!(!kinds.write.contains(Kind::PATIENT));
        let all = TokenScope::parse("system/*.cruds").expect("scope").kinds();
        assert!(all.read.contains(Kind::PATIENT) && all.write.contains(Kind::BINARY));
        assert!(!all.read.contains(Kind::AUDIT_EVENT) && !all.write.contains(Kind::AUDIT_EVENT));
        let trail = TokenScope::parse("system/*.cruds system/AuditEvent.rs").expect("scope").kinds();
        assert!(trail.read.contains(Kind::AUDIT_EVENT) && !trail.write.contains(Kind::AUDIT_EVENT));
    }

    #[test]
    fn what_the_manager_chooses_from_is_understood_and_no_wider_than_it_says() {
        for (_, words, scope) in PRESETS {
            let kinds = TokenScope::parse(scope).expect(words).kinds();
            assert_eq!(kinds.write.contains(Kind::CONDITION), words == "Reads and writes everything", "{words}");
        }
        for (name, _) in TYPES {
            TokenScope::parse(&ticked([(name, true, true)])).expect(name);
        }
        let scope = ticked([("Patient", true, false), ("Task", false, false), ("Observation", false, true)]);
        assert_eq!(scope, "system/Patient.rs system/Observation.cud");
        assert_eq!(ticked([("*", false, false)]), "");
    }

    #[test]
    fn scopes_that_are_not_understood_are_refused() {
        for bad in [
            "",
            "  ",
            "*",
            "system/*",
            "system/*.c",
            "system/*.sr",
            "system/Nothing.rs",
            "system/AuditEvent.cruds",
            "user/*.rs",
            "patient/*.read",
            "system/*.rs x",
        ] {
            assert!(TokenScope::parse(bad).is_err(), "{bad}");
        }
    }
}
