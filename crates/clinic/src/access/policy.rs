//! The policy: an exhaustive pure table of role × action, printed and reviewed as a file.

use fhir::Kind;
use store::{KindSet, Role};

/// What somebody may be permitted to do. Every route declares one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Find patients; read identity, contacts, coverage, appointments.
    ReadIdentity,
    /// Register patients and edit identity.
    WriteIdentity,
    /// Read clinical sections, notes, results.
    ReadClinical,
    /// Start visits and bring them from state to state; of a visit, see when, with whom and where, not why.
    CheckIn,
    /// Write vitals, allergies, history, and why a patient came.
    WriteObservations,
    /// Write diagnoses, notes, prescriptions; correct any clinical entry.
    WriteClinical,
    /// Write notes of one's own and sign them ([`crate::note::NoteKind::may_sign`] says which).
    WriteNotes,
    /// Make drafts of those who left another author's, without reading them.
    AssignDrafts,
    /// File documents: those of the office, and, with [`Action::ReadClinical`], those of care.
    FileDocuments,
    /// Read documents of the office beside identity; [`Action::ReadClinical`] shows the others too.
    ReadDocuments,
    /// Users (and the Practitioner each is), tokens, settings, templates.
    Manage,
    /// The whole audit trail, access reports.
    Audit,
    /// Who viewed a chart: the caller's own accesses, or all with [`Action::Audit`].
    OwnAccesses,
    /// Use the FHIR API; the token's scope bounds it further.
    UseApi,
}

impl Action {
    /// Every action, in the order of the printed table.
    pub const ALL: [Self; 14] = [
        Self::ReadIdentity,
        Self::WriteIdentity,
        Self::ReadClinical,
        Self::CheckIn,
        Self::WriteObservations,
        Self::WriteClinical,
        Self::WriteNotes,
        Self::AssignDrafts,
        Self::FileDocuments,
        Self::ReadDocuments,
        Self::Manage,
        Self::Audit,
        Self::OwnAccesses,
        Self::UseApi,
    ];
}

/// Identity, contacts, coverage, appointments, and the practice itself: who people are, not what ails them.
const IDENTITY: &[Kind] = &[
    Kind::PATIENT,
    Kind::RELATED_PERSON,
    Kind::COVERAGE,
    Kind::APPOINTMENT,
    Kind::PRACTITIONER,
    Kind::PRACTITIONER_ROLE,
    Kind::ORGANIZATION,
    Kind::LOCATION,
];

/// What vitals, allergies and history are stored as: past illnesses and operations too, the lists that say a section was reviewed, and
/// the visit with its reason. Which problems and procedures are history, `entry/nursing.rs` tells.
const OBSERVATIONS: &[Kind] = &[
    Kind::OBSERVATION,
    Kind::ALLERGY_INTOLERANCE,
    Kind::FAMILY_MEMBER_HISTORY,
    Kind::CONDITION,
    Kind::PROCEDURE,
    Kind::LIST,
    Kind::ENCOUNTER,
];

/// What a signed note is stored as.
const NOTES: &[Kind] = &[Kind::COMPOSITION, Kind::DOCUMENT_REFERENCE, Kind::PROVENANCE];

/// Documents and their bytes.
const DOCUMENTS: &[Kind] = &[Kind::DOCUMENT_REFERENCE, Kind::BINARY];

/// The resource types a role reaches through an action; `None` refuses. The table of architecture.md, "Decided: Roles".
#[must_use]
pub fn decide(role: Role, action: Action) -> Option<KindSet> {
    use Role::{Clinician, FrontDesk, Integration, Manager, Nurse, PrivacyOfficer};
    let identity = KindSet::of(IDENTITY);
    match (action, role) {
        (Action::ReadIdentity, FrontDesk | Nurse | Clinician | Manager | PrivacyOfficer) => Some(identity),
        (Action::WriteIdentity, FrontDesk | Nurse | Clinician) => Some(identity),
        (Action::CheckIn, FrontDesk | Nurse | Clinician) => Some(identity.with(Kind::ENCOUNTER)),
        (Action::ReadClinical, Nurse | Clinician) => Some(KindSet::ALL),
        (Action::WriteObservations, Nurse | Clinician) => Some(KindSet::of(OBSERVATIONS)),
        (Action::WriteClinical, Clinician) => Some(KindSet::ALL),
        (Action::WriteNotes, Nurse | Clinician) => Some(KindSet::of(NOTES)),
        (Action::AssignDrafts, Manager) => Some(identity.with(Kind::COMPOSITION)),
        (Action::FileDocuments, FrontDesk | Nurse | Clinician) => Some(KindSet::of(DOCUMENTS)),
        (Action::ReadDocuments, FrontDesk | Nurse | Clinician) => Some(identity.or(KindSet::of(DOCUMENTS))),
        (Action::Manage, Manager) => Some(KindSet::of(&[Kind::PRACTITIONER])),
        (Action::Audit, PrivacyOfficer) => Some(identity.with(Kind::AUDIT_EVENT)),
        (Action::OwnAccesses, FrontDesk | Nurse | Clinician | PrivacyOfficer) => Some(identity.with(Kind::AUDIT_EVENT)),
        (Action::UseApi, Integration) => Some(KindSet::ALL),
        (
            Action::ReadIdentity
            | Action::WriteIdentity
            | Action::ReadClinical
            | Action::CheckIn
            | Action::WriteObservations
            | Action::WriteClinical
            | Action::WriteNotes
            | Action::AssignDrafts
            | Action::FileDocuments
            | Action::ReadDocuments
            | Action::Manage
            | Action::Audit
            | Action::OwnAccesses
            | Action::UseApi,
            _,
        ) => None,
    }
}
