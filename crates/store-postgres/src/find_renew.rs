//! Keys of the search box made anew, when this program makes them otherwise than the one before.

use crate::find::FindRows;
use crate::group::HOLD_RECORD;
use crate::line::Line;
use crate::rows::{get, number};
use fhir::Kind;
use store::Result;
use store::accounts::PracticeSettings;
use store::find::FindKeys;

/// The counter that says which version the keys were made by.
const VERSION: &str = "find-keys";
/// Patients read at a time.
const SOME: i64 = 2_000;

/// Makes every patient's keys anew if they are of an older making. Of several servers that start at once, one does.
pub(crate) async fn renew(line: &Line, keys: FindKeys) -> Result<()> {
    if made_by(line).await? >= i64::from(keys.version) {
        return Ok(());
    }
    line.batch(HOLD_RECORD).await?;
    if made_by(line).await? < i64::from(keys.version) {
        let system = number_system(line).await?;
        line.batch("DELETE FROM find_key; DELETE FROM find_slip").await?;
        all(line, keys, &system).await?;
        made(line, keys).await?;
    }
    line.batch("COMMIT").await
}

/// The system of the practice's record numbers.
pub(crate) async fn number_system(line: &Line) -> Result<String> {
    let system = line.first("SELECT value FROM setting WHERE name = 'record-number-system'", &[]).await?;
    system.map_or_else(|| Ok(PracticeSettings::default().record_number_system), |row| get(&row, 0))
}

/// Notes that every patient's keys are of this making.
pub(crate) async fn made(line: &Line, keys: FindKeys) -> Result<()> {
    let sql = "INSERT INTO counter(name, next) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET next = excluded.next";
    line.execute(sql, &[&VERSION, &i64::from(keys.version)]).await.map(|_rows| ())
}

async fn made_by(line: &Line) -> Result<i64> {
    let row = line.first("SELECT next FROM counter WHERE name = $1", &[&VERSION]).await?;
    row.map_or(Ok(-1), |row| get(&row, 0))
}

/// Writes the keys of every patient.
async fn all(line: &Line, keys: FindKeys, system: &str) -> Result<()> {
    let sql = "SELECT r.rid, v.body FROM resource r
        JOIN resource_version v ON v.patient = r.patient AND v.rid = r.rid AND v.version = r.version
        WHERE r.kind = $1 AND r.patient > $2 AND r.version > 0 AND NOT r.deleted ORDER BY r.patient LIMIT $3";
    let mut after = 0_i64;
    loop {
        let patients = line.query(sql, &[&number(Kind::PATIENT), &after, &SOME]).await?;
        let Some(last) = patients.last() else { return Ok(()) };
        after = get(last, 0)?;
        let mut rows = FindRows::default();
        for patient in &patients {
            rows.replace(get(patient, 0)?, &(keys.of)(get(patient, 1)?, system));
        }
        line.together(&rows.bulks(), None).await?;
    }
}
