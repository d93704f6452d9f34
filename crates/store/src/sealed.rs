//! Patient data on its way out: usable for deciding, impossible to show until its audit entry is committed.

use crate::audit::Recorded;
use crate::record::Stored;
use fhir::PatientId;
use std::collections::BTreeSet;
use std::fmt;

/// Something read from charts. It can be looked at and reshaped inside a closure, but it is neither printable nor serialisable,
/// and its content leaves only through [`crate::AuditLog::release`].
#[must_use]
pub struct Sealed<T> {
    value: T,
    patients: BTreeSet<PatientId>,
}

impl<T> Sealed<T> {
    /// Seals what was read, naming every patient it shows. Called by database crates.
    #[doc(hidden)]
    pub fn seal(value: T, patients: impl IntoIterator<Item = PatientId>) -> Self {
        Self { value, patients: patients.into_iter().collect() }
    }

    /// Something that shows no patient, to join others to.
    pub fn empty(value: T) -> Self {
        Self { value, patients: BTreeSet::new() }
    }

    /// The patients whose data is inside.
    pub fn patients(&self) -> &BTreeSet<PatientId> {
        &self.patients
    }

    /// Reshapes the content without releasing it.
    pub fn map<U>(self, reshape: impl FnOnce(T) -> U) -> Sealed<U> {
        Sealed { value: reshape(self.value), patients: self.patients }
    }

    /// Reshapes fallibly: an error carries no content out.
    ///
    /// # Errors
    /// What `reshape` returns.
    pub fn try_map<U, E>(self, reshape: impl FnOnce(T) -> Result<U, E>) -> Result<Sealed<U>, E> {
        Ok(Sealed { value: reshape(self.value)?, patients: self.patients })
    }

    /// Keeps of the content only rows that each name their own patient: the others are not shown, and so not named.
    pub fn rows(self, reshape: impl FnOnce(T) -> Vec<Stored>) -> Sealed<Vec<Stored>> {
        let rows = reshape(self.value);
        let patients = rows.iter().filter_map(|row| row.patient.clone()).collect();
        Sealed { value: rows, patients }
    }

    /// Joins two readings; the result shows the patients of both.
    pub fn zip<U>(mut self, other: Sealed<U>) -> Sealed<(T, U)> {
        self.patients.extend(other.patients);
        Sealed { value: (self.value, other.value), patients: self.patients }
    }

    /// For a command's decision (which version is current, does the allergy conflict): never for an answer.
    pub fn for_decision(&self) -> &T {
        &self.value
    }

    /// Opens the seal. Called by [`crate::AuditLog::release`] once the entry is durable.
    pub(crate) fn open(self) -> T {
        self.value
    }
}

impl Sealed<Vec<Recorded>> {
    /// Keeps of entries what they tell of one patient: the others they name, and what was read of them, are not shown, and so not named.
    pub fn only_about(self, patient: &PatientId) -> Self {
        let mut entries = self.value;
        for recorded in &mut entries {
            if recorded.entry.patients.iter().any(|named| named != patient) {
                recorded.entry.patients.retain(|named| named == patient);
                recorded.entry.what.clear();
            }
        }
        Self { value: entries, patients: [patient.clone()].into() }
    }
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}
