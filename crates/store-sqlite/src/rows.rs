//! From columns to [`Stored`]: one order of columns, one mapper.

use crate::accounts::time;
use crate::ids::{IdColumn, KindColumn};
use bytes::Bytes;
use fhir::{Key, PatientId};
use rusqlite::Row;
use std::collections::BTreeSet;
use store::record::Stored;
use store::{Permit, Sealed};

/// Current versions: `r` the directory, `v` the version, `p` the patient.
pub(crate) const CURRENT: &str = "SELECT r.kind, r.id, r.version, r.seq, p.id, v.recorded_at, r.deleted, v.body
    FROM resource r JOIN resource_version v ON v.seq = r.seq LEFT JOIN resource p ON p.rid = r.patient ";

/// [`CURRENT`] within one chart, whose patient the caller knows and fills in.
pub(crate) const IN_CHART: &str = "SELECT r.kind, r.id, r.version, r.seq, NULL, v.recorded_at, r.deleted, v.body
    FROM resource r JOIN resource_version v ON v.seq = r.seq ";

/// Any versions, with the patient each was recorded under.
pub(crate) const VERSION: &str = "SELECT v.kind, r.id, v.version, v.seq, p.id, v.recorded_at, v.deleted, v.body
    FROM resource_version v JOIN resource r ON r.rid = v.rid LEFT JOIN resource p ON p.rid = v.patient ";

/// A row of [`CURRENT`] or [`VERSION`].
pub(crate) fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let id: IdColumn = row.get(1)?;
    Ok(Stored {
        key: Key::new(row.get::<_, KindColumn>(0)?.0, id.0),
        version: row.get(2)?,
        sequence: row.get(3)?,
        patient: row.get::<_, Option<IdColumn>>(4)?.map(|id| PatientId::new(id.0)),
        recorded_at: time(row, 5)?,
        deleted: row.get(6)?,
        body: Bytes::copy_from_slice(row.get_ref(7)?.as_blob()?),
    })
}

/// Whether a permit reaches what was read.
pub(crate) fn reaches(permit: &Permit, stored: &Stored) -> bool {
    permit.reaches(stored.key.kind, stored.patient.as_ref())
}

/// Seals one version.
pub(crate) fn seal_one(stored: Stored) -> Sealed<Stored> {
    let patient = stored.patient.clone();
    Sealed::seal(stored, patient)
}

/// Seals several, naming each patient once.
pub(crate) fn seal_all(stored: Vec<Stored>) -> Sealed<Vec<Stored>> {
    let patients: BTreeSet<PatientId> = stored.iter().filter_map(|stored| stored.patient.clone()).collect();
    Sealed::seal(stored, patients)
}
