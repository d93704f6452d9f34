//! The check: one walk over all versions, resource by resource; then one over each table that follows from them.

use super::{each, tables, trail};
use crate::audit_chain::CHAIN;
use crate::chart::UNDATED;
use crate::find_renew::number_system;
use crate::line::Line;
use crate::rows::{get, id, kind, number, unreadable};
use crate::view::{RECORD_NUMBER, SEQ};
use crate::{audit, audit_chain};
use fhir::index::Index;
use fhir::{Key, Kind};
use std::collections::{BTreeSet, HashMap, HashSet};
use store::Result;
use store::audit::Verdict;
use store::engine::compare::{Tally, row};
use store::engine::drafts::{DraftSurvey, KeptDraft};
use store::engine::survey::{History, Seen, Survey};
use store::find::FindKeys;
use store::upkeep::Progress;
use tokio_postgres::Row;
use uuid::Uuid;

/// Resources read in one go: the database orders no more than their versions at a time.
const SOME: i64 = 1_000;

/// What a check found, and what it takes to mend it.
pub(super) struct Found {
    pub(super) survey: Survey,
    pub(super) to_mend: ToMend,
}

/// What is to be made anew.
#[derive(Default)]
pub(super) struct ToMend {
    /// Resources whose pointer, chart or rows are not what they must be; and numbers of rows that are no resource's.
    pub(super) rids: BTreeSet<i64>,
    /// Where such rows are: chart and number.
    pub(super) places: BTreeSet<(i64, i64)>,
    /// Names that lack spellings.
    pub(super) names: BTreeSet<String>,
    /// Counters and what they must go on with.
    pub(super) counters: Vec<(&'static str, i64)>,
    /// The number the directory gives next.
    pub(super) next_rid: Option<i64>,
    /// Rows of `term` that do not say what their number stands for.
    pub(super) terms: Vec<i64>,
    /// The same of `unit`.
    pub(super) units: Vec<i64>,
    /// Rows of the trail that are not found by what they say.
    pub(super) trail: BTreeSet<i64>,
    /// Drafts whose rows do not agree with them: chart and id.
    pub(super) drafts: BTreeSet<(i64, Uuid)>,
    /// The last entry of the trail, where more count as indexed than there are.
    pub(super) trail_upto: Option<u64>,
}

impl ToMend {
    pub(super) fn is_nothing(&self) -> bool {
        self.rids.is_empty()
            && self.names.is_empty()
            && self.counters.is_empty()
            && self.next_rid.is_none()
            && self.terms.is_empty()
            && self.units.is_empty()
            && self.trail.is_empty()
            && self.drafts.is_empty()
            && self.trail_upto.is_none()
    }
}

/// What is gathered on the way.
pub(super) struct Check {
    pub(super) survey: Survey,
    pub(super) to_mend: ToMend,
    /// The numbers of all that is named, by the mark of its key.
    numbers: HashMap<u64, i64>,
    /// Rows of `resource`.
    pub(super) resources: Tally,
    /// Rows of the indexes.
    pub(super) rows: Tally,
    /// What rows of `term` and `unit` must say, by their number.
    pub(super) terms: HashMap<i64, u64>,
    pub(super) units: HashMap<i64, u64>,
    /// Names that patients are found by.
    pub(super) names: HashSet<String>,
    /// Resources whose current body cannot be read: what follows from it is not known.
    pub(super) unreadable: HashSet<i64>,
    highest_seq: i64,
    highest_rid: i64,
}

/// A resource as the directory and its row have it.
struct Resource {
    rid: i64,
    /// Its chart.
    place: i64,
    /// Its row, if it is where the directory says.
    row: Option<(i32, i64, i64, bool)>,
    history: History,
}

/// The mark of a row of `resource`.
pub(super) fn resource_row(key: &Key, place: i64, told: (i32, i64, i64, bool)) -> u64 {
    row("resource", (number(key.kind), key.id.as_str(), place, told))
}

fn named(key: &Key) -> u64 {
    row("directory", key)
}

/// Compares everything, in the caller's snapshot.
pub(super) async fn check(line: &Line, seed: &[u8; 32], keys: FindKeys, progress: &Progress) -> Result<Found> {
    let mut check = Check {
        survey: Survey::new(keys, number_system(line).await?),
        to_mend: ToMend::default(),
        numbers: HashMap::new(),
        resources: Tally::default(),
        rows: Tally::default(),
        terms: HashMap::new(),
        units: HashMap::new(),
        names: HashSet::new(),
        unreadable: HashSet::new(),
        highest_seq: 0,
        highest_rid: 0,
    };
    check.directory(line).await?;
    check.record(line, progress).await?;
    check.survey.ended();
    tables::compare(&mut check, line).await?;
    check.counters(line).await?;
    check.drafts(line).await?;
    if let Verdict::Bad { sequence, what } = audit::verify(line, seed).await? {
        check.survey.never(format!("the audit trail: entry {sequence}: {what}"));
    }
    check.trail(line).await?;
    trail::compare(&mut check, line).await?;
    check.survey.report.entries = audit_chain::head(line).await?.last;
    Ok(Found { survey: check.survey, to_mend: check.to_mend })
}

impl Check {
    /// Notes what is to be made anew.
    pub(super) fn mend(&mut self, rid: i64, what: String) {
        self.survey.possible(what);
        self.to_mend.rids.insert(rid);
    }

    /// What is named, and what is not and has versions.
    async fn directory(&mut self, line: &Line) -> Result<()> {
        each(line, "SELECT kind, id, rid FROM directory", &[], |row| {
            let (key, rid) = (Key::new(kind(row, 0)?, id(row, 1)?), get(row, 2)?);
            self.highest_rid = self.highest_rid.max(rid);
            self.numbers.insert(named(&key), rid);
            Ok(())
        })
        .await?;
        let lost = "SELECT DISTINCT ON (v.rid) v.rid, v.kind, v.id FROM resource_version v
            WHERE NOT EXISTS(SELECT 1 FROM directory d WHERE d.rid = v.rid) ORDER BY v.rid, v.version DESC";
        each(line, lost, &[], |row| {
            let (rid, key) = (get(row, 0)?, Key::new(kind(row, 1)?, id(row, 2)?));
            // Its versions say what it is. Until then nothing can be said of its rows.
            self.unreadable.insert(rid);
            self.highest_rid = self.highest_rid.max(rid);
            self.mend(rid, format!("{key}: the directory lacks it"));
            Ok(())
        })
        .await
    }

    /// Every version of every resource.
    async fn record(&mut self, line: &Line, progress: &Progress) -> Result<()> {
        let all = line.first("SELECT count(*) FROM resource_version", &[]).await?;
        let all = all.map_or(Ok(0), |row| get::<i64>(&row, 0))?.unsigned_abs();
        let sql = "SELECT d.rid, d.kind, d.id, d.patient, r.version, r.seq, r.date, r.deleted,
                v.version, v.seq, v.patient, v.deleted, v.body, v.kind, v.id, v.moved_from
            FROM (SELECT * FROM directory WHERE rid > $1 ORDER BY rid LIMIT $2) d
            LEFT JOIN resource r ON r.patient = d.patient AND r.rid = d.rid
            LEFT JOIN resource_version v ON v.rid = d.rid ORDER BY d.rid, v.version";
        let mut after = i64::MIN;
        loop {
            let (from, mut current) = (after, None::<Resource>);
            each(line, sql, &[&from, &SOME], |row| {
                let rid: i64 = get(row, 0)?;
                if current.as_ref().is_none_or(|current| current.rid != rid) {
                    if let Some(whole) = current.replace(Resource::of(row)?) {
                        self.resource(&whole)?;
                    }
                    after = rid;
                }
                current.as_mut().map_or(Ok(()), |resource| self.version(resource, row))
            })
            .await?;
            match current {
                Some(whole) => self.resource(&whole)?,
                None => break,
            }
            progress(self.survey.report.versions.min(all), all);
        }
        progress(all, all);
        Ok(())
    }

    fn version(&mut self, resource: &mut Resource, row: &Row) -> Result<()> {
        let Some(version) = get::<Option<i32>>(row, 8)? else { return Ok(()) };
        let version = u32::try_from(version).map_err(|_| unreadable(row, 8))?;
        let (seq, chart): (i64, i64) = (get(row, 9)?, get(row, 10)?);
        let key = resource.history.key.clone();
        if get::<i16>(row, 13)? != number(key.kind) || get::<&str>(row, 14)? != key.id.as_str() {
            self.survey.never(format!("{key} version {version}: its row is another resource's"));
        }
        let left =
            resource.history.last.as_ref().and_then(|last| last.chart).filter(|left| *left != chart && *left != 0);
        if get::<Option<i64>>(row, 15)? != left {
            self.mend(resource.rid, format!("{key} version {version}: it does not tell the chart that it left"));
        }
        self.highest_seq = self.highest_seq.max(seq);
        let seen = Seen { version, seq, chart: Some(chart), deleted: get(row, 11)?, body: get(row, 12)? };
        self.survey.version(&mut resource.history, seen);
        Ok(())
    }

    /// A resource, all of whose versions were met.
    fn resource(&mut self, resource: &Resource) -> Result<()> {
        let Resource { rid, place, row, history } = resource;
        let (rid, key) = (*rid, &history.key);
        let Some(last) = &history.last else {
            self.only_named(resource);
            return Ok(());
        };
        let keys = self.survey.whole(history);
        let now = i32::try_from(last.version).unwrap_or(i32::MAX);
        // A deletion keeps the date of what was deleted.
        let kept = row.map_or(UNDATED, |row| row.2);
        let mut expected = (last.chart.unwrap_or_default(), (now, last.seq, kept, last.deleted));
        if let Some(body) = &last.body {
            let index = Index::of(key.kind, body);
            expected.0 = match &index.patient {
                _ if key.kind == Kind::PATIENT => rid,
                None => 0,
                // A chart that nothing names is not the one the row says: no number is -1.
                Some(patient) => self.number(&Key::new(Kind::PATIENT, patient.id().clone())),
            };
            expected.1.2 = index.date.map_or(UNDATED, jiff::Timestamp::as_millisecond);
            let mut rows = tables::expected(self, expected.0, expected.1.2, &index);
            for key in &keys {
                rows.push(tables::key_of(self, key));
            }
            self.rows.expect(rid, rows);
        } else if !last.deleted {
            self.unreadable.insert(rid);
        }
        self.resources.expect(rid, vec![resource_row(key, expected.0, expected.1)]);
        if (*place, last.chart) != (expected.0, Some(expected.0)) {
            self.astray(rid, key);
        }
        Ok(())
    }

    /// What has no versions has no row, but for a Patient, whose chart others may be in.
    fn only_named(&mut self, resource: &Resource) {
        let Resource { rid, place, row, history: History { key, .. } } = resource;
        let patient = key.kind == Kind::PATIENT;
        if let Some(row) = row.filter(|row| row.0 > 0) {
            self.unreadable.insert(*rid);
            self.survey.never(format!("{key}: none of its versions is there"));
            self.resources.expect(*rid, vec![resource_row(key, *place, row)]);
            return;
        }
        if patient {
            self.resources.expect(*rid, vec![resource_row(key, *rid, (0, 0, UNDATED, false))]);
        }
        if *place != if patient { *rid } else { 0 } {
            self.astray(*rid, key);
        }
    }

    /// The directory, or the row it leads to, is not what the last version says.
    pub(super) fn astray(&mut self, rid: i64, key: &Key) {
        if self.unreadable.contains(&rid) {
            self.survey
                .never(format!("{key}: the directory does not agree with its last version, which cannot be read"));
        } else if self.to_mend.rids.insert(rid) {
            self.survey.possible(format!("{key}: the directory does not agree with its last version"));
        }
    }

    /// The number of what is referred to; what is not named has none, and no number is -1.
    pub(super) fn number(&self, key: &Key) -> i64 {
        self.numbers.get(&named(key)).copied().unwrap_or(-1)
    }

    /// Every series goes on after every number there is.
    async fn counters(&mut self, line: &Line) -> Result<()> {
        let mut next = HashMap::from([RECORD_NUMBER, SEQ]);
        let mut told: Vec<(String, i64)> = Vec::new();
        each(line, "SELECT name, next FROM counter", &[], |row| {
            told.push((get(row, 0)?, get(row, 1)?));
            Ok(())
        })
        .await?;
        for (name, at) in &told {
            next.entry(name).and_modify(|next| *next = *at);
        }
        let numbered = i64::try_from(self.survey.highest).unwrap_or(i64::MAX);
        for (name, highest, what) in [
            (RECORD_NUMBER.0, numbered, "counter: the next record number was given already"),
            (SEQ.0, self.highest_seq, "counter: the next place in the order of versions was given already"),
        ] {
            if next.get(name).is_some_and(|next| *next <= highest) {
                self.survey.possible(what);
                self.to_mend.counters.push((name, highest.saturating_add(1)));
            }
        }
        let row = line
            .first("SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM directory_rid", &[])
            .await?;
        if row.map_or(Ok(0), |row| get::<i64>(&row, 0))? < self.highest_rid {
            self.survey.possible("directory_rid: the next number of a resource was given already");
            self.to_mend.next_rid = Some(self.highest_rid.saturating_add(1));
        }
        let twice = "SELECT count(*) FROM (SELECT seq FROM resource_version GROUP BY seq HAVING count(*) > 1) twice";
        if let Some(row) = line.first(twice, &[]).await?
            && get::<i64>(&row, 0)? > 0
        {
            self.survey.never("resource_version: two versions have one place in their order");
        }
        Ok(())
    }

    /// Every draft and every text that was saved of one.
    async fn drafts(&mut self, line: &Line) -> Result<()> {
        let mut found = DraftSurvey::default();
        let sql = "SELECT n.patient, n.id, n.author, n.open, n.changed_at, n.body, r.id, r.deleted FROM note_draft n
            LEFT JOIN resource r ON r.patient = n.patient AND r.rid = n.patient AND r.version > 0";
        each(line, sql, &[], |row| {
            let deleted: Option<bool> = get(row, 7)?;
            found.draft(&KeptDraft {
                chart: get(row, 0)?,
                patient: deleted.map(|deleted| Ok::<_, store::Error>((id(row, 6)?, deleted))).transpose()?,
                id: get(row, 1)?,
                row: (get(row, 2)?, get(row, 3)?, get(row, 4)?),
                body: get(row, 5)?,
            });
            Ok(())
        })
        .await?;
        each(line, "SELECT note, section, revision, body FROM note_revision", &[], |row| {
            let revision = u32::try_from(get::<i64>(row, 2)?).map_err(|_| unreadable(row, 2))?;
            found.saved(get(row, 0)?, get(row, 1)?, revision, get(row, 3)?);
            Ok(())
        })
        .await?;
        found.ended();
        found.never.into_iter().for_each(|what| self.survey.never(what));
        found.possible.into_iter().for_each(|what| self.survey.possible(what));
        self.to_mend.drafts = found.to_mend;
        Ok(())
    }

    /// Every version is told of in the audit trail.
    async fn trail(&mut self, line: &Line) -> Result<()> {
        each(line, "SELECT entries FROM audit WHERE chain = $1 ORDER BY first", &[&CHAIN], |row| {
            self.survey.trail(get(row, 0)?);
            Ok(())
        })
        .await?;
        if self.survey.told.all() {
            return Ok(());
        }
        let sql =
            "SELECT d.kind, d.id, v.version FROM resource_version v JOIN directory d ON d.rid = v.rid ORDER BY v.seq";
        each(line, sql, &[], |row| {
            let version = u32::try_from(get::<i32>(row, 2)?).map_err(|_| unreadable(row, 2))?;
            self.survey.untold(&Key::new(kind(row, 0)?, id(row, 1)?), version);
            Ok(())
        })
        .await
    }
}

impl Resource {
    fn of(row: &Row) -> Result<Self> {
        let there: Option<i32> = get(row, 4)?;
        let told = there.map(|version| Ok::<_, store::Error>((version, get(row, 5)?, get(row, 6)?, get(row, 7)?)));
        let key = Key::new(kind(row, 1)?, id(row, 2)?);
        Ok(Self { rid: get(row, 0)?, place: get(row, 3)?, row: told.transpose()?, history: History::new(key) })
    }
}
