//! The search box: the keys patients are found by, and the matching of them.

use crate::Db;
use crate::connection::sql_error;
use crate::rows::{CURRENT, reaches, stored};
use async_trait::async_trait;
use fhir::{Kind, PatientId};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use std::collections::HashMap;
use store::accounts::PracticeSettings;
use store::engine::slips::{slips, within_one_edit};
use store::find::{Candidates, Find, FindKey, FindKeys, KeyClass, Term};
use store::{Error, Permit, Result, Sealed};

/// The key table: (class, key) names patients by their number in the directory. `find_slip` holds every name in use, now or once, under
/// each spelling it has with one letter lost, so that a typing slip finds it.
pub(crate) const TABLES: &str = "
CREATE TABLE find_key(class INTEGER NOT NULL, key TEXT NOT NULL, patient INTEGER NOT NULL, PRIMARY KEY(class, key, patient)) WITHOUT ROWID;
CREATE INDEX find_key_patient ON find_key(patient);
CREATE TABLE find_slip(slip TEXT NOT NULL, word TEXT NOT NULL, PRIMARY KEY(slip, word)) WITHOUT ROWID;
";

/// Replaces the keys of a patient.
pub(crate) fn replace(db: &Connection, patient: i64, keys: &[FindKey]) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM find_key WHERE patient = ?1")?.execute([patient])?;
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO find_key(class, key, patient) VALUES (?1, ?2, ?3)")?;
    let mut known = db.prepare_cached("SELECT 1 FROM find_slip WHERE slip = ?1 AND word = ?1")?;
    let mut slip = db.prepare_cached("INSERT OR IGNORE INTO find_slip(slip, word) VALUES (?1, ?2)")?;
    for key in keys {
        insert.execute((key.class as u8, &key.key, patient))?;
        if matches!(key.class, KeyClass::Name | KeyClass::FormerName) && !known.exists([&key.key])? {
            for left in slips(&key.key) {
                slip.execute((left, &key.key))?;
            }
        }
    }
    Ok(())
}

/// The counter that says which version the keys were made by.
const VERSION: &str = "find-keys";

/// Makes every patient's keys anew if they are of an older making.
pub(crate) fn renew(db: &mut Connection, keys: FindKeys) -> rusqlite::Result<()> {
    let made: Option<u32> =
        db.query_row("SELECT next FROM counter WHERE name = ?1", [VERSION], |row| row.get(0)).optional()?;
    if made.is_some_and(|made| made >= keys.version) {
        return Ok(());
    }
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute_batch("DELETE FROM find_key; DELETE FROM find_slip")?;
    let system = number_system(&tx)?;
    {
        let mut patients = tx.prepare(
            "SELECT r.rid, v.body FROM resource r JOIN resource_version v ON v.seq = r.seq WHERE r.kind = ?1 AND r.deleted = 0",
        )?;
        let mut patients = patients.query([Kind::PATIENT.number()])?;
        while let Some(row) = patients.next()? {
            replace(&tx, row.get(0)?, &(keys.of)(row.get_ref(1)?.as_blob()?, &system))?;
        }
    }
    made_by(&tx, keys)?;
    tx.commit()
}

/// Notes that every patient's keys are of this making.
pub(crate) fn made_by(db: &Connection, keys: FindKeys) -> rusqlite::Result<()> {
    db.execute("INSERT OR REPLACE INTO counter(name, next) VALUES (?1, ?2)", (VERSION, keys.version)).map(drop)
}

/// The system of the practice's record numbers.
pub(crate) fn number_system(db: &Connection) -> rusqlite::Result<String> {
    let system = db.query_row("SELECT value FROM setting WHERE name = 'record-number-system'", [], |row| row.get(0));
    Ok(system.optional()?.unwrap_or_else(|| PracticeSettings::default().record_number_system))
}

/// Writes every spelling of the names in use that is not there.
pub(crate) fn mend_slips(db: &Connection) -> rusqlite::Result<()> {
    let mut names = db.prepare("SELECT DISTINCT key FROM find_key WHERE class IN (?1, ?2)")?;
    let mut insert = db.prepare("INSERT OR IGNORE INTO find_slip(slip, word) VALUES (?1, ?2)")?;
    for name in names.query_map([KeyClass::Name as u8, KeyClass::FormerName as u8], |row| row.get::<_, String>(0))? {
        let name = name?;
        for left in slips(&name) {
            insert.execute((left, &name))?;
        }
    }
    Ok(())
}

#[async_trait]
impl Find for Db {
    async fn find(&self, permit: &Permit, terms: &[Term], limit: u32) -> Result<Sealed<Candidates>> {
        if !permit.kinds().contains(Kind::PATIENT) {
            return Err(Error::NotPermitted);
        }
        let (permit, terms) = (permit.clone(), terms.to_vec());
        let found = self.readers.scan(move |db| matching(db, &permit, &terms, limit).map_err(sql_error)).await?;
        let patients: Vec<PatientId> = found.patients.iter().filter_map(|found| found.patient.clone()).collect();
        Ok(Sealed::seal(found, patients))
    }

    async fn similar_names(&self, permit: &Permit, word: &str, limit: u32) -> Result<Vec<String>> {
        if !permit.kinds().contains(Kind::PATIENT) {
            return Err(Error::NotPermitted);
        }
        let word = word.to_owned();
        self.readers.scan(move |db| similar(db, &word, limit).map_err(sql_error)).await
    }
}

fn matching(db: &Connection, permit: &Permit, terms: &[Term], limit: u32) -> rusqlite::Result<Candidates> {
    let mut all: Option<HashMap<i64, usize>> = None;
    for term in terms {
        let these = by_term(db, term)?;
        all = Some(match all {
            None => these,
            Some(all) => {
                let both = these.into_iter().filter_map(|(rid, far)| Some((rid, far + all.get(&rid)?)));
                both.collect()
            }
        });
    }
    let mut ranked: Vec<(usize, i64)> = all.unwrap_or_default().into_iter().map(|(rid, far)| (far, rid)).collect();
    ranked.sort_unstable();
    let mut patients = Vec::new();
    let mut read = db.prepare_cached(&format!("{CURRENT} WHERE r.rid = ?1 AND r.deleted = 0"))?;
    for (_, rid) in ranked {
        for row in read.query_map([rid], stored)? {
            patients.extend(Some(row?).filter(|row| reaches(permit, row)));
        }
        if patients.len() > limit as usize {
            patients.truncate(limit as usize);
            return Ok(Candidates { patients, more: true });
        }
    }
    Ok(Candidates { patients, more: false })
}

/// The patients a term matches, each with how far its best match is: earlier alternatives before later, whole keys before beginnings.
/// So only the likeliest bodies are ever read, however many patients share a beginning.
fn by_term(db: &Connection, term: &Term) -> rusqlite::Result<HashMap<i64, usize>> {
    let mut these: HashMap<i64, usize> = HashMap::new();
    let mut find =
        db.prepare_cached("SELECT patient, key = ?2 FROM find_key WHERE class = ?1 AND key BETWEEN ?2 AND ?3")?;
    for (i, way) in term.any.iter().enumerate() {
        let end = if way.prefix { format!("{}{}", way.key, char::MAX) } else { way.key.clone() };
        let rows = find.query_map((way.class as u8, &way.key, end), |row| Ok((row.get(0)?, row.get::<_, bool>(1)?)))?;
        for row in rows {
            let (rid, whole) = row?;
            let far = 2 * i + usize::from(!whole);
            these.entry(rid).and_modify(|best| *best = far.min(*best)).or_insert(far);
        }
    }
    Ok(these)
}

/// Names of the practice within one edit of the word. Two words one edit apart share a slip: what is left when either loses the right
/// letter (or none). So a handful of look-ups finds them all, however many names there are.
fn similar(db: &Connection, word: &str, limit: u32) -> rusqlite::Result<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    let mut find = db.prepare_cached("SELECT word FROM find_slip WHERE slip = ?1")?;
    for slip in slips(word) {
        for name in find.query_map([slip], |row| row.get::<_, String>(0))? {
            let name = name?;
            if name != word && !names.contains(&name) && within_one_edit(&name, word) {
                names.push(name);
            }
        }
    }
    names.truncate(limit as usize);
    Ok(names)
}
