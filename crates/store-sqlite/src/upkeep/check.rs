//! The check: one walk over all versions, resource by resource; then one over each table that follows from them.

use super::tables;
use crate::connection::sql_error;
use crate::find::number_system;
use crate::ids::{IdColumn, KindColumn, rid};
use crate::{audit_chain, audit_verify, commit};
use fhir::index::Index;
use fhir::{Key, Kind};
use rusqlite::{Connection, Row};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use store::Result;
use store::audit::Verdict;
use store::engine::compare::{Tally, Told, body, filed, record_numbers};
use store::find::FindKeys;
use store::upkeep::{Mended, Progress, Report};

/// Versions between two tellings of how far it is.
const TELL_EVERY: u64 = 256;

/// What a check found, and what it takes to mend it.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) report: Report,
    pub(crate) to_mend: ToMend,
}

/// What is to be made anew.
#[derive(Default)]
pub(crate) struct ToMend {
    /// Resources whose pointer, chart or rows are not what they must be; and numbers of rows that are no resource's.
    pub(super) rids: BTreeSet<i64>,
    /// Names lack spellings.
    pub(super) slips: bool,
    /// The next record number.
    pub(super) next_number: Option<u64>,
    /// Rows of `term` that do not say what their number stands for.
    pub(super) terms: Vec<i64>,
    /// The same of `unit`.
    pub(super) units: Vec<i64>,
}

impl ToMend {
    pub(super) fn is_nothing(&self) -> bool {
        self.rids.is_empty()
            && !self.slips
            && self.next_number.is_none()
            && self.terms.is_empty()
            && self.units.is_empty()
    }
}

/// What is gathered on the way.
pub(super) struct Check<'a> {
    pub(super) db: &'a Connection,
    keys: FindKeys,
    number_system: String,
    pub(super) found: Found,
    pub(super) tally: Tally,
    told: Told,
    /// Names that patients are found by.
    pub(super) names: HashSet<String>,
    /// Whose each record number is.
    numbers: HashMap<u64, Key>,
    highest: u64,
    /// Resources whose current body cannot be read: what follows from it is not known.
    pub(super) unreadable: HashSet<i64>,
}

/// A resource as the directory has it, and the last of its versions met so far.
struct Resource {
    rid: i64,
    key: Key,
    version: u32,
    seq: Option<i64>,
    patient: Option<i64>,
    date: Option<i64>,
    deleted: bool,
    last: Option<Last>,
    gap: bool,
}

struct Last {
    seq: i64,
    version: u32,
    patient: Option<i64>,
    deleted: bool,
    body: Option<Value>,
    bytes: Vec<u8>,
}

/// Compares everything, in the caller's snapshot.
pub(crate) fn check(
    db: &Connection,
    seed: &[u8; 32],
    checkpoints: &Path,
    keys: FindKeys,
    progress: &Progress,
) -> Result<Found> {
    let mut check = Check {
        db,
        keys,
        number_system: number_system(db).map_err(sql_error)?,
        found: Found::default(),
        tally: Tally::default(),
        told: Told::default(),
        names: HashSet::new(),
        numbers: HashMap::new(),
        highest: 0,
        unreadable: HashSet::new(),
    };
    check.record(progress).map_err(sql_error)?;
    tables::compare(&mut check).map_err(sql_error)?;
    check.counter()?;
    if let Verdict::Bad { sequence, what } = audit_verify::verify(db, seed, checkpoints)? {
        check.never(format!("the audit trail: entry {sequence}: {what}"));
    }
    check.trail().map_err(sql_error)?;
    check.found.report.entries = audit_chain::head(db).map_err(sql_error)?.last;
    Ok(check.found)
}

impl Check<'_> {
    pub(super) fn never(&mut self, what: impl Into<String>) {
        self.found.report.found(Mended::Never, what);
    }

    pub(super) fn possible(&mut self, what: impl Into<String>) {
        self.found.report.found(Mended::Possible, what);
    }

    /// Every version of every resource.
    fn record(&mut self, progress: &Progress) -> rusqlite::Result<()> {
        let db = self.db;
        let all: u64 = db.query_row("SELECT count(*) FROM resource_version", [], |row| row.get(0))?;
        let mut statement = db.prepare(
            "SELECT r.rid, r.kind, r.id, r.version, r.seq, r.patient, r.date, r.deleted,
                    v.seq, v.version, v.patient, v.deleted, v.body, v.kind
             FROM resource r LEFT JOIN resource_version v ON v.rid = r.rid ORDER BY r.rid, v.version",
        )?;
        let mut rows = statement.query([])?;
        let mut current: Option<Resource> = None;
        while let Some(row) = rows.next()? {
            let rid: i64 = row.get(0)?;
            if current.as_ref().is_none_or(|current| current.rid != rid) {
                if let Some(whole) = current.take() {
                    self.resource(&whole)?;
                }
                current = Some(Resource::of(row)?);
            }
            if let (Some(resource), Some(seq)) = (current.as_mut(), row.get::<_, Option<i64>>(8)?) {
                self.version(resource, seq, row)?;
                if self.found.report.versions.is_multiple_of(TELL_EVERY) {
                    progress(self.found.report.versions, all);
                }
            }
        }
        if let Some(whole) = current {
            self.resource(&whole)?;
        }
        progress(all, all);
        let mut strays = db.prepare(
            "SELECT DISTINCT rid FROM resource_version v WHERE NOT EXISTS(SELECT 1 FROM resource r WHERE r.rid = v.rid)",
        )?;
        for rid in strays.query_map([], |row| row.get::<_, i64>(0))? {
            self.never(format!("resource_version: the directory lacks resource number {}", rid?));
        }
        Ok(())
    }

    fn version(&mut self, resource: &mut Resource, seq: i64, row: &Row<'_>) -> rusqlite::Result<()> {
        let (version, patient, deleted): (u32, _, bool) = (row.get(9)?, row.get(10)?, row.get(11)?);
        let key = &resource.key;
        self.found.report.versions += 1;
        self.told.version(key, version);
        let expected = resource.last.as_ref().map_or(1, |last| last.version + 1);
        resource.gap |= version != expected;
        let bytes = row.get_ref(12)?.as_blob()?;
        let mut value = None;
        if row.get::<_, u8>(13)? != key.kind.number() {
            self.never(format!("{key} version {version}: its row is another type's"));
        }
        if deleted {
            if !bytes.is_empty() {
                self.never(format!("{key} version {version}: a deletion has a body"));
            }
        } else {
            match body(key, version, bytes) {
                Ok(read) => value = Some(read),
                Err(wrong) => self.never(format!("{key} version {version}: {wrong}")),
            }
        }
        if let Some(patient) = value.as_ref().filter(|_| key.kind == Kind::PATIENT) {
            for number in record_numbers(patient, &self.number_system) {
                self.highest = self.highest.max(number);
            }
        }
        let bytes = if key.kind == Kind::PATIENT { bytes.to_vec() } else { Vec::new() };
        resource.last = Some(Last { seq, version, patient, deleted, body: value, bytes });
        Ok(())
    }

    /// A resource, all of whose versions were met.
    fn resource(&mut self, resource: &Resource) -> rusqlite::Result<()> {
        let key = &resource.key;
        let Some(last) = &resource.last else {
            if resource.version > 0 {
                self.unreadable.insert(resource.rid);
                self.never(format!("{key}: none of its versions is there"));
            }
            return Ok(());
        };
        self.found.report.resources += 1;
        if resource.gap {
            self.never(format!("{key}: its versions are not numbered from 1 without a gap"));
        }
        let mut as_told = (resource.version, resource.seq, resource.deleted, resource.patient)
            == (last.version, Some(last.seq), last.deleted, last.patient);
        if let Some(body) = &last.body {
            let index = Index::of(key.kind, body);
            let patient = match &index.patient {
                None => None,
                // A chart that nothing names is not the one the row says: no number is -1.
                Some(patient) => Some(rid(self.db, Kind::PATIENT, patient.id())?.unwrap_or(-1)),
            };
            let date = index.date.map(jiff::Timestamp::as_millisecond);
            as_told &= resource.patient == patient && resource.date == date;
            let mut rows = tables::expected(self.db, patient, date, &index)?;
            if key.kind == Kind::PATIENT {
                rows.extend(self.patient(key, body, &last.bytes));
            }
            self.tally.expect(resource.rid, rows);
            for binary in filed(body) {
                if !self.exists(&binary)? {
                    self.never(format!("{key} names {binary}, which is not there"));
                }
            }
        } else if !last.deleted {
            self.unreadable.insert(resource.rid);
        }
        if !as_told && self.unreadable.contains(&resource.rid) {
            self.never(format!("{key}: the directory does not agree with its last version, which cannot be read"));
        } else if !as_told {
            self.possible(format!("{key}: the directory does not agree with its last version"));
            self.found.to_mend.rids.insert(resource.rid);
        }
        Ok(())
    }

    /// A live Patient: its keys, and its record number, which is nobody else's.
    fn patient(&mut self, key: &Key, body: &Value, bytes: &[u8]) -> Vec<u64> {
        for number in record_numbers(body, &self.number_system) {
            if let Some(other) = self.numbers.insert(number, key.clone()) {
                self.never(format!("{other} and {key} have the same record number"));
            }
        }
        let keys = (self.keys.of)(bytes, &self.number_system);
        self.names.extend(keys.iter().filter(|key| tables::is_name(key.class as u8)).map(|key| key.key.clone()));
        keys.iter().map(|key| tables::find_key(key.class as u8, &key.key)).collect()
    }

    pub(super) fn exists(&self, key: &Key) -> rusqlite::Result<bool> {
        self.db
            .prepare_cached("SELECT 1 FROM resource WHERE kind = ?1 AND id = ?2 AND version > 0")?
            .exists((key.kind.number(), crate::ids::column(&key.id)))
    }

    /// The series of record numbers goes on after every number there is.
    fn counter(&mut self) -> Result<()> {
        if commit::counter(self.db)? <= self.highest {
            self.possible("counter: the next record number was given already");
            self.found.to_mend.next_number = Some(self.highest + 1);
        }
        Ok(())
    }

    /// Every version is told of in the audit trail.
    fn trail(&mut self) -> rusqlite::Result<()> {
        self.told.whole();
        let mut entries = self.db.prepare("SELECT entries FROM audit ORDER BY first")?;
        let mut rows = entries.query([])?;
        while let Some(row) = rows.next()? {
            for (canonical, _) in audit_chain::split(row.get_ref(0)?.as_blob()?) {
                for (key, version) in store::audit::Entry::from_canonical(canonical).into_iter().flat_map(|it| it.what)
                {
                    self.told.tell(&key, version);
                }
            }
        }
        if self.told.all() {
            return Ok(());
        }
        let mut versions = self.db.prepare(
            "SELECT r.kind, r.id, v.version FROM resource_version v JOIN resource r ON r.rid = v.rid ORDER BY v.seq",
        )?;
        let mut rows = versions.query([])?;
        while let Some(row) = rows.next()? {
            let (key, version) = (key(row, 0)?, row.get(2)?);
            if !self.told.is_told(&key, version) {
                self.never(format!("{key} version {version}: no entry of the audit trail tells of it"));
            }
        }
        Ok(())
    }
}

impl Resource {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            rid: row.get(0)?,
            key: key(row, 1)?,
            version: row.get(3)?,
            seq: row.get(4)?,
            patient: row.get(5)?,
            date: row.get(6)?,
            deleted: row.get(7)?,
            last: None,
            gap: false,
        })
    }
}

/// The key of the type in this column and the id in the next.
pub(super) fn key(row: &Row<'_>, at: usize) -> rusqlite::Result<Key> {
    Ok(Key::new(row.get::<_, KindColumn>(at)?.0, row.get::<_, IdColumn>(at + 1)?.0))
}
