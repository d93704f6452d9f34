//! What a visit may be: its class as HL7 has it, and its kind in the words of practices.

/// HL7 v3 ActEncounterCode, those a practice meets: the form's slug is the code; display; words.
pub const CLASSES: [(&str, &str, &str); 4] = [
    ("AMB", "ambulatory", "At the practice"),
    ("HH", "home health", "At the patient's home"),
    ("VR", "virtual", "By telephone or video"),
    ("FLD", "field", "Elsewhere"),
];

/// Kinds of visits, in words of our own: no code system that practices use for them may be shipped (CPT), and FHIR's own lists name none.
pub const KINDS: [&str; 12] = [
    "Office visit",
    "New patient",
    "Follow-up",
    "Acute illness or injury",
    "Preventive visit",
    "Child check-up",
    "Prenatal visit",
    "Procedure",
    "Pre-operative assessment",
    "Nurse visit",
    "Immunization",
    "Telephone call",
];
