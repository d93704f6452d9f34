//! What sorts of notes there are, what each is in LOINC, and who may sign it.

use store::Role;

/// A sort of note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoteKind {
    /// As drafts, addresses and Compositions name it.
    pub slug: &'static str,
    /// In words.
    pub words: &'static str,
    /// LOINC code and display (document ontology, LOINC 2.77; the notice is in the README).
    pub loinc: (&'static str, &'static str),
    /// Whether a nurse may sign it.
    pub nurse: bool,
}

const fn kind(slug: &'static str, words: &'static str, code: &'static str, display: &'static str) -> NoteKind {
    NoteKind { slug, words, loinc: (code, display), nurse: false }
}

/// Every sort, in the order they are offered.
pub const KINDS: [NoteKind; 7] = [
    kind("progress", "Progress note", "11506-3", "Progress note"),
    kind("history-physical", "History and physical", "34117-2", "History and physical note"),
    kind("procedure", "Procedure note", "28570-0", "Procedure note"),
    NoteKind { nurse: true, ..kind("telephone", "Telephone note", "34748-4", "Telephone encounter Note") },
    kind("letter", "Letter", "51852-2", "Letter"),
    NoteKind { nurse: true, ..kind("nurse", "Nurse note", "34746-8", "Nurse Note") },
    NoteKind { nurse: true, ..kind("addendum", "Addendum", "55107-7", "Addendum Document") },
];

impl NoteKind {
    /// The sort of a slug.
    #[must_use]
    pub fn of(slug: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.slug == slug)
    }

    /// Whether somebody in this role may sign it (architecture.md, "Roles": a nurse signs nurse notes of their own).
    #[must_use]
    pub fn may_sign(&self, role: Option<Role>) -> bool {
        match role {
            Some(Role::Clinician) => true,
            Some(Role::Nurse) => self.nurse,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nurse_signs_nurse_notes_and_no_progress_note() {
        let may = |slug: &str, role| NoteKind::of(slug).is_some_and(|kind| kind.may_sign(Some(role)));
        assert!(may("nurse", Role::Nurse) && may("telephone", Role::Nurse));
        assert!(!may("progress", Role::Nurse) && !may("letter", Role::Nurse));
        assert!(KINDS.iter().all(|kind| kind.may_sign(Some(Role::Clinician))));
        let others = [Role::FrontDesk, Role::Manager, Role::PrivacyOfficer, Role::Integration];
        assert!(KINDS.iter().all(|kind| others.iter().all(|role| !kind.may_sign(Some(*role)))));
    }
}
