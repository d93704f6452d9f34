//! The check: one walk over all versions, resource by resource; then one over each table that follows from them.

use super::{tables, trail};
use crate::connection::sql_error;
use crate::find::number_system;
use crate::ids::{IdColumn, KindColumn, rid};
use crate::{audit_chain, audit_verify, commit, drafts};
use fhir::index::Index;
use fhir::{Key, Kind};
use rusqlite::{Connection, Row};
use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use store::Result;
use store::audit::Verdict;
use store::engine::compare::Tally;
use store::engine::survey::{History, Seen, Survey};
use store::find::FindKeys;
use store::upkeep::{Progress, Report};
use uuid::Uuid;

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
    /// Rows of the audit trail that are not found by what they say.
    pub(super) trail: BTreeSet<i64>,
    /// The last entry of the trail that may count as indexed, where too many do.
    pub(super) trail_upto: Option<u64>,
    /// The times of the trail's rows are wrong.
    pub(super) trail_times: bool,
    /// Drafts whose rows do not agree with them: chart and id.
    pub(super) drafts: BTreeSet<(i64, Uuid)>,
}

impl ToMend {
    pub(super) fn is_nothing(&self) -> bool {
        self.rids.is_empty()
            && !self.slips
            && self.next_number.is_none()
            && self.terms.is_empty()
            && self.units.is_empty()
            && self.trail.is_empty()
            && self.trail_upto.is_none()
            && !self.trail_times
            && self.drafts.is_empty()
    }
}

/// What is gathered on the way.
pub(super) struct Check<'a> {
    pub(super) db: &'a Connection,
    pub(super) survey: Survey,
    pub(super) to_mend: ToMend,
    pub(super) tally: Tally,
    /// Names that patients are found by.
    pub(super) names: HashSet<String>,
    /// Resources whose current body cannot be read: what follows from it is not known.
    pub(super) unreadable: HashSet<i64>,
}

/// A resource as the directory has it.
struct Resource {
    rid: i64,
    version: u32,
    seq: Option<i64>,
    patient: Option<i64>,
    date: Option<i64>,
    deleted: bool,
    history: History,
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
        survey: Survey::new(keys, number_system(db).map_err(sql_error)?),
        to_mend: ToMend::default(),
        tally: Tally::default(),
        names: HashSet::new(),
        unreadable: HashSet::new(),
    };
    check.record(progress).map_err(sql_error)?;
    check.survey.ended();
    tables::compare(&mut check).map_err(sql_error)?;
    check.counter()?;
    check.drafts().map_err(sql_error)?;
    if let Verdict::Bad { sequence, what } = audit_verify::verify(db, seed, checkpoints)? {
        check.survey.never(format!("the audit trail: entry {sequence}: {what}"));
    }
    check.trail().map_err(sql_error)?;
    trail::compare(&mut check).map_err(sql_error)?;
    check.survey.report.entries = audit_chain::head(db).map_err(sql_error)?.last;
    Ok(Found { report: check.survey.report, to_mend: check.to_mend })
}

impl Check<'_> {
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
                if self.survey.report.versions.is_multiple_of(TELL_EVERY) {
                    progress(self.survey.report.versions, all);
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
            self.survey.never(format!("resource_version: the directory lacks resource number {}", rid?));
        }
        Ok(())
    }

    fn version(&mut self, resource: &mut Resource, seq: i64, row: &Row<'_>) -> rusqlite::Result<()> {
        let seen = Seen {
            version: row.get(9)?,
            seq,
            chart: row.get(10)?,
            deleted: row.get(11)?,
            body: row.get_ref(12)?.as_blob()?,
        };
        let key = &resource.history.key;
        if row.get::<_, u8>(13)? != key.kind.number() {
            self.survey.never(format!("{key} version {}: its row is another type's", seen.version));
        }
        self.survey.version(&mut resource.history, seen);
        Ok(())
    }

    /// A resource, all of whose versions were met.
    fn resource(&mut self, resource: &Resource) -> rusqlite::Result<()> {
        let key = &resource.history.key;
        let Some(last) = &resource.history.last else {
            if resource.version > 0 {
                self.unreadable.insert(resource.rid);
                self.survey.never(format!("{key}: none of its versions is there"));
            }
            return Ok(());
        };
        let keys = self.survey.whole(&resource.history);
        let mut as_told = (resource.version, resource.seq, resource.deleted, resource.patient)
            == (last.version, Some(last.seq), last.deleted, last.chart);
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
            rows.extend(keys.iter().map(|key| tables::find_key(key.class as u8, &key.key)));
            self.names.extend(keys.into_iter().filter(|key| tables::is_name(key.class as u8)).map(|key| key.key));
            self.tally.expect(resource.rid, rows);
        } else if !last.deleted {
            self.unreadable.insert(resource.rid);
        }
        if !as_told && self.unreadable.contains(&resource.rid) {
            self.survey
                .never(format!("{key}: the directory does not agree with its last version, which cannot be read"));
        } else if !as_told {
            self.survey.possible(format!("{key}: the directory does not agree with its last version"));
            self.to_mend.rids.insert(resource.rid);
        }
        Ok(())
    }

    /// The series of record numbers goes on after every number there is.
    fn counter(&mut self) -> Result<()> {
        if commit::counter(self.db)? <= self.survey.highest {
            self.survey.possible("counter: the next record number was given already");
            self.to_mend.next_number = Some(self.survey.highest + 1);
        }
        Ok(())
    }

    /// Every draft and every text that was saved of one.
    fn drafts(&mut self) -> rusqlite::Result<()> {
        let found = drafts::survey(self.db)?;
        found.never.into_iter().for_each(|what| self.survey.never(what));
        found.possible.into_iter().for_each(|what| self.survey.possible(what));
        self.to_mend.drafts = found.to_mend;
        Ok(())
    }

    /// Every version is told of in the audit trail.
    fn trail(&mut self) -> rusqlite::Result<()> {
        let mut entries = self.db.prepare("SELECT entries FROM audit ORDER BY first")?;
        let mut rows = entries.query([])?;
        while let Some(row) = rows.next()? {
            self.survey.trail(row.get_ref(0)?.as_blob()?);
        }
        if self.survey.told.all() {
            return Ok(());
        }
        let mut versions = self.db.prepare(
            "SELECT r.kind, r.id, v.version FROM resource_version v JOIN resource r ON r.rid = v.rid ORDER BY v.seq",
        )?;
        let mut rows = versions.query([])?;
        while let Some(row) = rows.next()? {
            self.survey.untold(&key(row, 0)?, row.get(2)?);
        }
        Ok(())
    }
}

impl Resource {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            rid: row.get(0)?,
            version: row.get(3)?,
            seq: row.get(4)?,
            patient: row.get(5)?,
            date: row.get(6)?,
            deleted: row.get(7)?,
            history: History::new(key(row, 1)?),
        })
    }
}

/// The key of the type in this column and the id in the next.
pub(super) fn key(row: &Row<'_>, at: usize) -> rusqlite::Result<Key> {
    Ok(Key::new(row.get::<_, KindColumn>(at)?.0, row.get::<_, IdColumn>(at + 1)?.0))
}
