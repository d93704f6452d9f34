//! The search box: the keys patients are found by, and the matching of them.

use rusqlite::Connection;
use store::find::FindKey;

/// The key table: (class, key) names patients by their number in the directory.
pub(crate) const TABLES: &str = "
CREATE TABLE find_key(class INTEGER NOT NULL, key TEXT NOT NULL, patient INTEGER NOT NULL, PRIMARY KEY(class, key, patient)) WITHOUT ROWID;
CREATE INDEX find_key_patient ON find_key(patient);
";

/// Replaces the keys of a patient.
pub(crate) fn replace(db: &Connection, patient: i64, keys: &[FindKey]) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM find_key WHERE patient = ?1")?.execute([patient])?;
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO find_key(class, key, patient) VALUES (?1, ?2, ?3)")?;
    for key in keys {
        insert.execute((key.class as u8, &key.key, patient))?;
    }
    Ok(())
}
