//! What a group of commits needs to know, read at once: the current state of every resource that its writes name. Each commit is
//! checked against it and changes it, so that the next one of the group sees what the one before did.

use crate::chart::UNDATED;
use crate::line::{Line, Param};
use crate::rows::{get, number, unreadable};
use crate::{drafts, group, idempotency};
use fhir::{Key, Kind, PatientId};
use std::collections::{HashMap, HashSet};
use store::record::{Change, Commit};
use store::{Permit, Result};

/// The counter of the gapless record-number series, and where it starts.
pub(crate) const RECORD_NUMBER: (&str, i64) = ("record-number", 100_001);
/// The counter of versions, and where it starts.
pub(crate) const SEQ: (&str, i64) = ("seq", 1);

/// A resource as the directory has it, or will have it.
#[derive(Debug, Clone)]
pub(crate) struct Current {
    /// Its number; a new one for what was never named.
    pub(crate) rid: i64,
    /// Whether the directory names it.
    pub(crate) named: bool,
    /// Whether there is a row of `resource`.
    pub(crate) row: bool,
    /// The chart it is in; 0: none.
    pub(crate) place: i64,
    /// That chart's patient.
    pub(crate) patient: Option<PatientId>,
    pub(crate) version: u32,
    pub(crate) date: i64,
    pub(crate) deleted: bool,
}

impl Current {
    pub(crate) fn live(&self) -> bool {
        self.version > 0 && !self.deleted
    }
}

/// The state that commits are checked against.
pub(crate) struct View {
    known: HashMap<Key, Current>,
    /// Entries in the charts whose Patient is to be deleted, the Patient aside.
    entries: HashMap<i64, i64>,
    /// Drafts in those charts that wait for somebody.
    waiting: HashMap<i64, i64>,
    pub(crate) answers: idempotency::Answers,
    pub(crate) drafts: drafts::Known,
    pub(crate) next_number: i64,
    pub(crate) next_seq: i64,
}

const STATE: &str = "
SELECT q.n, d.rid IS NOT NULL, coalesce(d.rid, nextval('directory_rid')), coalesce(d.patient, 0), r.version, r.date, r.deleted, p.id
FROM unnest($1::int2[], $2::text[]) WITH ORDINALITY q(kind, id, n)
LEFT JOIN directory d ON d.kind = q.kind AND d.id = q.id
LEFT JOIN resource r ON r.patient = d.patient AND r.rid = d.rid
LEFT JOIN resource p ON p.patient = d.patient AND p.rid = d.patient";
const COUNTERS: &str = "SELECT name, next FROM counter";
const ENTRIES: &str = "
SELECT d.rid, (SELECT count(*) FROM resource r
               WHERE r.patient = d.rid AND r.rid <> d.rid AND r.version > 0 AND NOT r.deleted),
    (SELECT count(*) FROM note_draft n WHERE n.patient = d.rid AND n.open)
FROM unnest($1::text[]) q(id) JOIN directory d ON d.kind = $2 AND d.id = q.id";

impl View {
    /// Begins a transaction that holds the practice's record, and reads in it what the commits name: one trip to the server.
    pub(crate) async fn begin(line: &Line, commits: &[(&Permit, &Commit)]) -> Result<Self> {
        let keys = keys(commits);
        let kinds: Vec<i16> = keys.iter().map(|key| number(key.kind)).collect();
        let ids: Vec<&str> = keys.iter().map(|key| key.id.as_str()).collect();
        let ending: Vec<&str> = deletions(commits).map(|key| key.id.as_str()).collect();
        let (actors, retries) = idempotency::asked(commits);
        let (draft_kinds, draft_charts, draft_ids) = drafts::asked(commits);
        let patient = number(Kind::PATIENT);
        let state: [Param<'_>; 2] = [&kinds, &ids];
        let entries: [Param<'_>; 2] = [&ending, &patient];
        let answers: [Param<'_>; 2] = [&actors, &retries];
        let drafts: [Param<'_>; 3] = [&draft_kinds, &draft_charts, &draft_ids];
        let mut queries: Vec<(&str, &[Param<'_>])> =
            vec![(STATE, &state), (COUNTERS, &[]), (ENTRIES, &entries), (idempotency::KEPT, &answers)];
        if !draft_ids.is_empty() {
            queries.push((drafts::KEPT, &drafts));
        }
        let mut rows = line.begin(group::HOLD_RECORD, &queries).await?.into_iter();
        let mut next = || rows.next().unwrap_or_default();
        let (state, counters, entries, answers, drafts) = (next(), next(), next(), next(), next());
        let mut known = HashMap::with_capacity(keys.len());
        for row in &state {
            let place: i64 = get(row, 0)?;
            let key = usize::try_from(place - 1).ok().and_then(|at| keys.get(at)).ok_or_else(|| unreadable(row, 0))?;
            let version: Option<i32> = get(row, 4)?;
            let patient: Option<&str> = get(row, 7)?;
            let current = Current {
                named: get(row, 1)?,
                rid: get(row, 2)?,
                place: get(row, 3)?,
                row: version.is_some(),
                version: u32::try_from(version.unwrap_or_default()).map_err(|_| unreadable(row, 4))?,
                date: get::<Option<i64>>(row, 5)?.unwrap_or(UNDATED),
                deleted: get::<Option<bool>>(row, 6)?.unwrap_or_default(),
                patient: patient.map(PatientId::parse).transpose().map_err(|_| unreadable(row, 7))?,
            };
            known.insert((*key).clone(), current);
        }
        let mut view = Self {
            known,
            entries: HashMap::new(),
            waiting: HashMap::new(),
            answers: idempotency::read(&answers)?,
            drafts: drafts::read(&drafts)?,
            next_number: RECORD_NUMBER.1,
            next_seq: SEQ.1,
        };
        for row in &counters {
            match get::<&str>(row, 0)? {
                name if name == RECORD_NUMBER.0 => view.next_number = get(row, 1)?,
                name if name == SEQ.0 => view.next_seq = get(row, 1)?,
                _ => {}
            }
        }
        for row in &entries {
            view.entries.insert(get(row, 0)?, get(row, 1)?);
            view.waiting.insert(get(row, 0)?, get(row, 2)?);
        }
        Ok(view)
    }

    /// A resource, if it was ever named.
    pub(crate) fn current(&self, key: &Key) -> Option<&Current> {
        self.known.get(key).filter(|current| current.named)
    }

    /// A resource's number and whether it is new; `None` for what the view was not asked for.
    pub(crate) fn number(&self, key: &Key) -> Option<(i64, bool)> {
        self.known.get(key).map(|current| (current.rid, !current.named))
    }

    /// Entries of a chart, the Patient aside.
    pub(crate) fn entries(&self, chart: i64) -> i64 {
        self.entries.get(&chart).copied().unwrap_or_default()
    }

    /// Drafts of a chart that wait for somebody.
    pub(crate) fn waiting(&self, chart: i64) -> i64 {
        self.waiting.get(&chart).copied().unwrap_or_default()
    }

    /// Of a draft of this chart, whether it waits for somebody was otherwise before.
    pub(crate) fn draft_waits(&mut self, chart: i64, before: bool, now: bool) {
        if let Some(waiting) = self.waiting.get_mut(&chart) {
            *waiting += i64::from(now) - i64::from(before);
        }
    }

    /// A resource is as given from now on.
    pub(crate) fn set(&mut self, key: &Key, now: Current) {
        let mut count = |current: &Current, by: i64| {
            if current.live()
                && current.place != current.rid
                && let Some(entries) = self.entries.get_mut(&current.place)
            {
                *entries += by;
            }
        };
        if let Some(before) = self.known.get(key) {
            count(before, -1);
        }
        count(&now, 1);
        self.known.insert(key.clone(), now);
    }
}

/// Every resource that the commits name: written, seen, referred to.
fn keys(commits: &[(&Permit, &Commit)]) -> Vec<Key> {
    let mut seen = HashSet::new();
    let mut keys = Vec::new();
    let mut add = |key: Key| {
        if seen.insert(key.clone()) {
            keys.push(key);
        }
    };
    drafts::charts(commits).for_each(&mut add);
    for (_, commit) in commits {
        commit.unchanged.iter().map(|(key, _)| key).chain(&commit.exist).for_each(|key| add(key.clone()));
        for write in &commit.writes {
            add(write.key.clone());
            let named = |new: &store::record::NewVersion| {
                let patient = new.index.patient.iter().map(|patient| Key::new(Kind::PATIENT, patient.id().clone()));
                let targets = new.index.references.iter().map(|reference| reference.target.clone());
                patient.chain(targets).collect::<Vec<_>>()
            };
            let names = match &write.change {
                Change::Put(new) => named(new),
                // What it refers to does not depend on its number.
                Change::PutNumbered(make) => {
                    make(RECORD_NUMBER.1.unsigned_abs()).map_or_else(|_| Vec::new(), |new| named(&new))
                }
                Change::Delete => Vec::new(),
            };
            names.into_iter().for_each(&mut add);
        }
    }
    keys
}

/// The Patients that the commits delete.
fn deletions<'a>(commits: &[(&Permit, &'a Commit)]) -> impl Iterator<Item = &'a Key> {
    let writes = commits.iter().flat_map(|(_, commit)| &commit.writes);
    writes
        .filter(|write| write.key.kind == Kind::PATIENT && matches!(write.change, Change::Delete))
        .map(|write| &write.key)
}
