//! The kinds of documents people file. Which of them the front desk files and sees is decided here, once.

use crate::{Action, Caller};

/// One kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentKind {
    /// The word a form sends.
    pub slug: &'static str,
    /// Its words.
    pub words: &'static str,
    /// Whether it is of the office: those who see no clinical content file and see it too.
    pub administrative: bool,
    /// Its LOINC code and display, where LOINC has it.
    pub loinc: Option<(&'static str, &'static str)>,
}

const fn office(slug: &'static str, words: &'static str, loinc: Option<(&'static str, &'static str)>) -> DocumentKind {
    DocumentKind { slug, words, administrative: true, loinc }
}

const fn care(slug: &'static str, words: &'static str, loinc: Option<(&'static str, &'static str)>) -> DocumentKind {
    DocumentKind { slug, words, administrative: false, loinc }
}

/// Every kind, in the order of the form. LOINC codes: LOINC 2.77, document ontology; US Core 6.1 "DocumentReference type"; C-CDA 2.1
/// "Referral Note".
pub const KINDS: [DocumentKind; 12] = [
    office("insurance-card", "Insurance card", Some(("64290-0", "Health insurance card"))),
    office("identity-document", "Identity document", None),
    office("consent", "Consent", Some(("59284-0", "Consent Document"))),
    office("referral-letter", "Referral letter", Some(("57133-1", "Referral note"))),
    office("correspondence", "Correspondence", None),
    office("form", "Form or questionnaire of the office", None),
    office("other-office", "Other office document", None),
    care("specialist-letter", "Letter of a specialist", Some(("11488-4", "Consult note"))),
    care("discharge-summary", "Discharge letter of a hospital", Some(("18842-5", "Discharge summary"))),
    care("laboratory-report", "Laboratory report", Some(("11502-2", "Laboratory report"))),
    care("imaging-report", "Imaging report", Some(("18748-4", "Diagnostic imaging study"))),
    care("other-clinical", "Other clinical document", None),
];

/// The kinds a caller may file: those they may also see.
pub fn offered(caller: &Caller) -> impl Iterator<Item = &'static DocumentKind> {
    let clinical = caller.may(Action::ReadClinical);
    KINDS.iter().filter(move |kind| kind.administrative || clinical)
}
