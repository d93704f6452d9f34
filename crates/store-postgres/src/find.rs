//! The search box: the keys patients are found by, and the matching of them.

use crate::Db;
use crate::index::{clean, short};
use crate::line::{Bulk, Line, Param};
use crate::rows::{CURRENT, get, number, reached};
use async_trait::async_trait;
use fhir::{Kind, PatientId};
use std::collections::{BTreeSet, HashMap};
use store::engine::slips::{slips, within_one_edit};
use store::find::{Candidates, Find, FindKey, KeyClass, Term};
use store::{Error, Permit, Result, Sealed};

/// The key table: (class, key) names patients by their number in the directory. `find_slip` holds every name in use, now or once, under
/// each spelling it has with one letter lost, so that a typing slip finds it: the practice's vocabulary, in no chart.
pub(crate) const TABLES: &str = r#"
CREATE TABLE find_key(
    class smallint NOT NULL, key text COLLATE "C" NOT NULL, patient bigint NOT NULL, PRIMARY KEY(class, key, patient)
);
CREATE INDEX find_key_patient ON find_key(patient);
CREATE TABLE find_slip(slip text COLLATE "C" NOT NULL, word text COLLATE "C" NOT NULL, PRIMARY KEY(slip, word));
"#;

const FORGET: &str = "DELETE FROM find_key WHERE patient = ANY($1)";
const KEYS: &str = "INSERT INTO find_key(class, key, patient)
    SELECT * FROM unnest($1::int2[], $2::text[], $3::int8[]) ON CONFLICT DO NOTHING";
/// The spellings of words that are not known yet.
const SLIPS: &str = "INSERT INTO find_slip(slip, word)
    SELECT q.slip, q.word FROM unnest($1::text[], $2::text[]) q(slip, word)
    WHERE NOT EXISTS(SELECT 1 FROM find_slip k WHERE k.slip = q.word AND k.word = q.word) ON CONFLICT DO NOTHING";

/// The keys of patients that were written, as columns.
#[derive(Default)]
pub(crate) struct FindRows {
    replaced: Vec<i64>,
    keys: (Vec<i16>, Vec<String>, Vec<i64>),
    slips: (Vec<String>, Vec<String>),
}

impl FindRows {
    /// Replaces the keys of a patient.
    pub(crate) fn replace(&mut self, patient: i64, keys: &[FindKey]) {
        self.replaced.push(patient);
        let mut words = BTreeSet::new();
        for key in keys {
            let text = short(&key.key).into_owned();
            if matches!(key.class, KeyClass::Name | KeyClass::FormerName) {
                words.insert(text.clone());
            }
            self.keys.0.push(class(key.class));
            self.keys.1.push(text);
            self.keys.2.push(patient);
        }
        for word in words {
            for slip in slips(&word) {
                self.slips.0.push(slip);
                self.slips.1.push(word.clone());
            }
        }
    }

    /// One statement for each table that has rows.
    pub(crate) fn bulks(&self) -> Vec<Bulk<'_>> {
        let mut bulks = Vec::new();
        if !self.replaced.is_empty() {
            bulks.push(Bulk::new(FORGET, [&self.replaced as Param<'_>]));
        }
        if !self.keys.0.is_empty() {
            bulks.push(Bulk::new(KEYS, [&self.keys.0 as Param<'_>, &self.keys.1, &self.keys.2]));
        }
        if !self.slips.0.is_empty() {
            bulks.push(Bulk::new(SLIPS, [&self.slips.0 as Param<'_>, &self.slips.1]));
        }
        bulks
    }
}

pub(crate) fn class(class: KeyClass) -> i16 {
    i16::from(class as u8)
}

#[async_trait]
impl Find for Db {
    async fn find(&self, permit: &Permit, terms: &[Term], limit: u32) -> Result<Sealed<Candidates>> {
        if !permit.kinds().contains(Kind::PATIENT) {
            return Err(Error::NotPermitted);
        }
        let reader = self.readers.snapshot().await?;
        let answer = matching(&reader, permit, terms, limit as usize).await;
        let found = reader.done(answer).await?;
        let patients: Vec<PatientId> = found.patients.iter().filter_map(|found| found.patient.clone()).collect();
        Ok(Sealed::seal(found, patients))
    }

    async fn similar_names(&self, permit: &Permit, word: &str, limit: u32) -> Result<Vec<String>> {
        if !permit.kinds().contains(Kind::PATIENT) {
            return Err(Error::NotPermitted);
        }
        let reader = self.readers.take().await?;
        let answer = similar(&reader, word, limit as usize).await;
        reader.done(answer).await
    }
}

async fn matching(line: &Line, permit: &Permit, terms: &[Term], limit: usize) -> Result<Candidates> {
    let mut all: Option<HashMap<i64, usize>> = None;
    for term in terms {
        let these = by_term(line, term).await?;
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
    let sql = format!(
        "{CURRENT} JOIN unnest($1::int8[]) WITH ORDINALITY q(rid, n) ON r.patient = q.rid AND r.rid = q.rid
         WHERE r.kind = $2 AND NOT r.deleted ORDER BY q.n"
    );
    let mut patients = Vec::new();
    // The likeliest bodies first, and no more than may be shown (a permit may hide some).
    for some in ranked.chunks(limit.saturating_add(1).max(16)) {
        let rids: Vec<i64> = some.iter().map(|(_, rid)| *rid).collect();
        patients.extend(reached(permit, &line.query(&sql, &[&rids, &number(Kind::PATIENT)]).await?)?);
        if patients.len() > limit {
            patients.truncate(limit);
            return Ok(Candidates { patients, more: true });
        }
    }
    Ok(Candidates { patients, more: false })
}

/// The patients a term matches, each with how far its best match is: earlier alternatives before later, whole keys before beginnings.
async fn by_term(line: &Line, term: &Term) -> Result<HashMap<i64, usize>> {
    let mut these: HashMap<i64, usize> = HashMap::new();
    let sql = "SELECT patient, key = $2 FROM find_key WHERE class = $1 AND key >= $2 AND key <= $3";
    for (i, way) in term.any.iter().enumerate() {
        let key = if way.prefix { clean(&way.key) } else { short(&way.key) };
        let end = if way.prefix { format!("{key}{}", char::MAX) } else { key.to_string() };
        for row in line.query(sql, &[&class(way.class), &key, &end]).await? {
            let (rid, whole): (i64, bool) = (get(&row, 0)?, get(&row, 1)?);
            let far = 2 * i + usize::from(!whole);
            these.entry(rid).and_modify(|best| *best = far.min(*best)).or_insert(far);
        }
    }
    Ok(these)
}

/// Names of the practice within one edit of the word. Two words one edit apart share a slip: what is left when either loses the right
/// letter (or none). So a handful of look-ups finds them all, however many names there are.
async fn similar(line: &Line, word: &str, limit: usize) -> Result<Vec<String>> {
    let word = clean(word);
    let mut names: Vec<String> = Vec::new();
    let sql = "SELECT s.word FROM unnest($1::text[]) WITH ORDINALITY q(slip, n) JOIN find_slip s ON s.slip = q.slip ORDER BY q.n, s.word";
    for row in line.query(sql, &[&slips(&word)]).await? {
        let name: String = get(&row, 0)?;
        if name != word && !names.contains(&name) && within_one_edit(&name, &word) {
            names.push(name);
        }
    }
    names.truncate(limit);
    Ok(names)
}
