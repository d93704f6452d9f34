//! What the rooming form chooses among.

/// A choice of the form: slug, SNOMED CT code where one is sure, words.
pub type Choice = (&'static str, Option<&'static str>, &'static str);

/// Sites of a blood pressure.
pub const SITES: [Choice; 5] = [
    ("right-arm", Some("368209003"), "Right arm"),
    ("left-arm", Some("368208006"), "Left arm"),
    ("thigh", None, "Thigh"),
    ("wrist", None, "Wrist"),
    ("other", None, "Other site"),
];
/// Positions.
pub const POSITIONS: [Choice; 3] = [
    ("sitting", Some("33586001"), "Sitting"),
    ("standing", Some("10904000"), "Standing"),
    ("lying", Some("102538003"), "Lying"),
];
/// How a temperature is taken.
pub const METHODS: [Choice; 5] = [
    ("oral", None, "Oral"),
    ("ear", None, "Ear (tympanic)"),
    ("temporal", None, "Forehead (temporal artery)"),
    ("axillary", None, "Axillary"),
    ("rectal", None, "Rectal"),
];
/// Pregnancy status (US Core 6.1; LOINC 82810-3).
pub const PREGNANCY: [Choice; 3] = [
    ("pregnant", Some("77386006"), "Pregnant"),
    ("not", Some("60001007"), "Not pregnant"),
    ("possible", Some("102874004"), "Possibly pregnant"),
];
/// Lactation status (LOINC 63895-7).
pub const LACTATION: [Choice; 2] = [("yes", None, "Breastfeeding"), ("no", None, "Not breastfeeding")];
