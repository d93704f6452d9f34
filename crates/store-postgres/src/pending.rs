//! What a group of commits writes: gathered in memory, then written in one statement per table, all of them sent at once. A trip to the
//! server costs more than a row, and every other server waits while this one holds the record.

use crate::chart::UNDATED;
use crate::drafts;
use crate::find::FindRows;
use crate::idempotency::Remembered;
use crate::index_rows::{self, IndexRows, Place};
use crate::line::{Bulk, Line, Param};
use crate::rows::number;
use crate::view::{RECORD_NUMBER, SEQ, View};
use fhir::{Key, Kind};
use std::borrow::Cow;
use std::collections::BTreeMap;
use store::Result;
use store::record::NewVersion;

/// A version to be written.
pub(crate) struct Version<'a> {
    pub(crate) key: &'a Key,
    pub(crate) rid: i64,
    pub(crate) place: i64,
    pub(crate) version: u32,
    pub(crate) seq: i64,
    pub(crate) moved_from: Option<i64>,
    pub(crate) at: i64,
    pub(crate) date: i64,
    /// `None`: a deletion.
    pub(crate) new: Option<Cow<'a, NewVersion>>,
}

/// Everything of one group.
#[derive(Default)]
pub(crate) struct Pending<'a> {
    versions: Vec<Version<'a>>,
    /// The last version of each resource, by its number: its row, and what it is found by.
    newest: BTreeMap<i64, usize>,
    /// What the directory learns: number, resource, chart.
    places: BTreeMap<i64, (Key, i64)>,
    /// Patients that are only referred to.
    named: Vec<(i64, Key)>,
    /// Rows of `resource` that go to another chart: chart, number.
    left: (Vec<i64>, Vec<i64>),
    /// Resources whose index rows go: chart, number.
    erased: (Vec<i64>, Vec<i64>),
    pub(crate) answers: Remembered,
    pub(crate) drafts: drafts::Changed,
}

impl<'a> Pending<'a> {
    pub(crate) fn version(&mut self, version: Version<'a>) {
        self.newest.insert(version.rid, self.versions.len());
        self.versions.push(version);
    }

    /// The directory says from now on that a resource is in this chart.
    pub(crate) fn place(&mut self, key: &Key, rid: i64, place: i64) {
        self.places.insert(rid, (key.clone(), place));
    }

    pub(crate) fn only_named(&mut self, key: &Key, rid: i64) {
        self.named.push((rid, key.clone()));
    }

    pub(crate) fn leave(&mut self, place: i64, rid: i64) {
        self.left.0.push(place);
        self.left.1.push(rid);
    }

    pub(crate) fn erase(&mut self, place: i64, rid: i64) {
        self.erased.0.push(place);
        self.erased.1.push(rid);
    }

    /// Writes everything, within the caller's transaction.
    pub(crate) async fn write(&self, line: &Line, view: &View) -> Result<()> {
        let drafts = self.drafts.columns();
        if self.versions.is_empty() {
            let mut bulks = self.answers.bulks();
            bulks.extend(self.drafts.bulks(&drafts));
            return if bulks.is_empty() { Ok(()) } else { line.together(&bulks, None).await };
        }
        let (directory, placeholders) = (Directory::of(self), Rows::named(&self.named));
        let newest: Vec<&Version<'_>> = self.newest.values().filter_map(|at| self.versions.get(*at)).collect();
        let (resources, versions) = (Rows::newest(&newest), Versions::of(&self.versions));
        let (mut index, mut find) = (IndexRows::default(), FindRows::default());
        for version in &newest {
            let new = version.new.as_deref();
            if let Some(new) = new {
                let place = Place { patient: version.place, rid: version.rid, date: version.date };
                index.add(place, &new.index, &|target| view.number(target).map(|(rid, _)| rid))?;
            }
            if version.key.kind == Kind::PATIENT {
                find.replace(version.rid, new.map_or(&[], |new| &new.find_keys));
            }
        }
        let counters: (Vec<&str>, Vec<i64>) =
            [(SEQ.0, view.next_seq), (RECORD_NUMBER.0, view.next_number)].into_iter().unzip();
        let mut bulks =
            vec![Bulk::new(COUNT, [&counters.0 as Param<'_>, &counters.1]), Bulk::new(VERSIONS, versions.columns())];
        if !self.left.0.is_empty() {
            bulks.push(Bulk::new(LEAVE, [&self.left.0 as Param<'_>, &self.left.1]));
        }
        bulks.push(Bulk::new(RESOURCES, resources.columns()));
        if !placeholders.rids.is_empty() {
            bulks.push(Bulk::new(NAMED, placeholders.columns()));
        }
        if !directory.rids.is_empty() {
            bulks.push(Bulk::new(DIRECTORY, directory.columns()));
        }
        if !self.erased.0.is_empty() {
            bulks.extend(index_rows::ERASE.map(|sql| Bulk::new(sql, [&self.erased.0 as Param<'_>, &self.erased.1])));
        }
        bulks.extend(index.bulks());
        bulks.extend(find.bulks());
        bulks.extend(self.answers.bulks());
        bulks.extend(self.drafts.bulks(&drafts));
        line.together(&bulks, None).await
    }
}

const COUNT: &str = "INSERT INTO counter(name, next) SELECT * FROM unnest($1::text[], $2::int8[])
    ON CONFLICT (name) DO UPDATE SET next = excluded.next WHERE counter.next <> excluded.next";
const VERSIONS: &str = "INSERT INTO resource_version(patient, rid, version, kind, id, seq, moved_from, recorded_at, deleted, body)
    SELECT * FROM unnest($1::int8[], $2::int8[], $3::int4[], $4::int2[], $5::text[], $6::int8[], $7::int8[], $8::int8[], $9::bool[], $10::bytea[])";
const LEAVE: &str = "DELETE FROM resource r USING unnest($1::int8[], $2::int8[]) q(patient, rid)
    WHERE r.patient = q.patient AND r.rid = q.rid";
const RESOURCES: &str = "INSERT INTO resource(patient, rid, kind, id, version, seq, date, deleted)
    SELECT * FROM unnest($1::int8[], $2::int8[], $3::int2[], $4::text[], $5::int4[], $6::int8[], $7::int8[], $8::bool[])
    ON CONFLICT (patient, rid) DO UPDATE
    SET version = excluded.version, seq = excluded.seq, date = excluded.date, deleted = excluded.deleted";
const NAMED: &str = "INSERT INTO resource(patient, rid, kind, id, version, seq, date, deleted)
    SELECT * FROM unnest($1::int8[], $2::int8[], $3::int2[], $4::text[], $5::int4[], $6::int8[], $7::int8[], $8::bool[])
    ON CONFLICT (patient, rid) DO NOTHING";
const DIRECTORY: &str = "INSERT INTO directory(kind, id, rid, patient)
    SELECT * FROM unnest($1::int2[], $2::text[], $3::int8[], $4::int8[])
    ON CONFLICT (kind, id) DO UPDATE SET patient = excluded.patient";

/// Columns of [`DIRECTORY`].
#[derive(Default)]
struct Directory<'a> {
    kinds: Vec<i16>,
    ids: Vec<&'a str>,
    rids: Vec<i64>,
    places: Vec<i64>,
}

impl<'a> Directory<'a> {
    fn of(pending: &'a Pending<'_>) -> Self {
        let mut columns = Self::default();
        for (rid, (key, place)) in &pending.places {
            columns.kinds.push(number(key.kind));
            columns.ids.push(key.id.as_str());
            columns.rids.push(*rid);
            columns.places.push(*place);
        }
        columns
    }

    fn columns(&self) -> [Param<'_>; 4] {
        [&self.kinds, &self.ids, &self.rids, &self.places]
    }
}

/// Columns of [`RESOURCES`] and [`NAMED`].
#[derive(Default)]
struct Rows<'a> {
    places: Vec<i64>,
    rids: Vec<i64>,
    kinds: Vec<i16>,
    ids: Vec<&'a str>,
    versions: Vec<i32>,
    seqs: Vec<i64>,
    dates: Vec<i64>,
    deleted: Vec<bool>,
}

impl<'a> Rows<'a> {
    fn newest(versions: &[&'a Version<'_>]) -> Self {
        let mut rows = Self::default();
        for version in versions {
            rows.push(version.key, version.rid, version.place, (version.version, version.seq, version.date));
            rows.deleted.push(version.new.is_none());
        }
        rows
    }

    fn named(patients: &'a [(i64, Key)]) -> Self {
        let mut rows = Self::default();
        for (rid, key) in patients {
            rows.push(key, *rid, *rid, (0, 0, UNDATED));
            rows.deleted.push(false);
        }
        rows
    }

    fn push(&mut self, key: &'a Key, rid: i64, place: i64, (version, seq, date): (u32, i64, i64)) {
        self.places.push(place);
        self.rids.push(rid);
        self.kinds.push(number(key.kind));
        self.ids.push(key.id.as_str());
        self.versions.push(counted(version));
        self.seqs.push(seq);
        self.dates.push(date);
    }

    fn columns(&self) -> [Param<'_>; 8] {
        [&self.places, &self.rids, &self.kinds, &self.ids, &self.versions, &self.seqs, &self.dates, &self.deleted]
    }
}

/// Columns of [`VERSIONS`].
#[derive(Default)]
struct Versions<'a> {
    places: Vec<i64>,
    rids: Vec<i64>,
    versions: Vec<i32>,
    kinds: Vec<i16>,
    ids: Vec<&'a str>,
    seqs: Vec<i64>,
    moved_from: Vec<Option<i64>>,
    at: Vec<i64>,
    deleted: Vec<bool>,
    bodies: Vec<&'a [u8]>,
}

impl<'a> Versions<'a> {
    fn of(versions: &'a [Version<'_>]) -> Self {
        let mut columns = Self::default();
        for version in versions {
            columns.places.push(version.place);
            columns.rids.push(version.rid);
            columns.versions.push(counted(version.version));
            columns.kinds.push(number(version.key.kind));
            columns.ids.push(version.key.id.as_str());
            columns.seqs.push(version.seq);
            columns.moved_from.push(version.moved_from);
            columns.at.push(version.at);
            columns.deleted.push(version.new.is_none());
            columns.bodies.push(version.new.as_ref().map_or(&[], |new| &new.body));
        }
        columns
    }

    fn columns(&self) -> [Param<'_>; 10] {
        [
            &self.places,
            &self.rids,
            &self.versions,
            &self.kinds,
            &self.ids,
            &self.seqs,
            &self.moved_from,
            &self.at,
            &self.deleted,
            &self.bodies,
        ]
    }
}

fn counted(version: u32) -> i32 {
    i32::try_from(version).unwrap_or(i32::MAX)
}
