//! The search box: the keys patients are found by, and the matching of them.

use crate::Db;
use crate::connection::sql_error;
use crate::rows::{CURRENT, reaches, stored};
use async_trait::async_trait;
use fhir::{Kind, PatientId};
use rusqlite::Connection;
use std::collections::HashSet;
use store::find::{Candidates, Find, FindKey, KeyClass, KeyMatch, Term};
use store::{Error, Permit, Result, Sealed};

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
    let mut all: Option<HashSet<i64>> = None;
    for term in terms {
        let mut these = HashSet::new();
        for way in &term.any {
            by_key(db, way, &mut these)?;
        }
        all = Some(match all {
            None => these,
            Some(all) => all.intersection(&these).copied().collect(),
        });
    }
    let mut rids: Vec<i64> = all.unwrap_or_default().into_iter().collect();
    rids.sort_unstable();
    let mut patients = Vec::new();
    let mut read = db.prepare_cached(&format!("{CURRENT} WHERE r.rid = ?1 AND r.deleted = 0"))?;
    for rid in rids {
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

fn by_key(db: &Connection, way: &KeyMatch, into: &mut HashSet<i64>) -> rusqlite::Result<()> {
    let end = if way.prefix { format!("{}{}", way.key, char::MAX) } else { way.key.clone() };
    let mut find = db.prepare_cached("SELECT patient FROM find_key WHERE class = ?1 AND key BETWEEN ?2 AND ?3")?;
    for rid in find.query_map((way.class as u8, &way.key, end), |row| row.get(0))? {
        into.insert(rid?);
    }
    Ok(())
}

/// Names of the practice within one edit of the word; the first letter or the second is taken to be right.
fn similar(db: &Connection, word: &str, limit: u32) -> rusqlite::Result<Vec<String>> {
    let mut names = Vec::new();
    let mut distinct = db.prepare_cached("SELECT DISTINCT key FROM find_key WHERE class IN (?1, ?2)")?;
    for name in distinct.query_map((KeyClass::Name as u8, KeyClass::FormerName as u8), |row| row.get::<_, String>(0))? {
        let name = name?;
        if name != word && within_one_edit(&name, word) && !names.contains(&name) {
            names.push(name);
        }
        if names.len() >= limit as usize {
            break;
        }
    }
    Ok(names)
}

/// Whether one insertion, deletion, replacement or swap of neighbours makes one word the other.
fn within_one_edit(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(long.iter()).take_while(|(a, b)| a == b).count();
    let rest = |word: &[char], from: usize| word.get(from..).map(<[char]>::to_vec).unwrap_or_default();
    if short.len() != long.len() {
        return rest(short, same) == rest(long, same + 1);
    }
    let swapped = short.get(same) == long.get(same + 1) && short.get(same + 1) == long.get(same);
    rest(short, same + 1) == rest(long, same + 1) || (swapped && rest(short, same + 2) == rest(long, same + 2))
}
