//! Putting right what follows from what is kept, in transactions of bounded size that alone may write to the record.

use super::check::ToMend;
use crate::chart::UNDATED;
use crate::find::FindRows;
use crate::find_renew::number_system;
use crate::group::HOLD_RECORD;
use crate::index_rows::{ERASE, IndexRows, Place};
use crate::line::{Bulk, Line, Param};
use crate::rows::{get, id, kind, number, unreadable};
use fhir::index::Index;
use fhir::{Key, Kind};
use std::collections::{BTreeSet, HashMap};
use store::Result;
use store::engine::compare;
use store::engine::slips::slips;
use store::find::FindKeys;
use tokio_postgres::Row;

/// Resources put right in one transaction.
const AT_ONCE: usize = 200;

/// Mends everything a check found that can be.
pub(super) async fn all(line: &Line, keys: FindKeys, what: ToMend) -> Result<()> {
    let ToMend { rids, places, names, counters, next_rid, terms, units, trail, drafts, trail_upto } = what;
    line.batch(HOLD_RECORD).await?;
    if let Some(next) = next_rid {
        line.query("SELECT setval('directory_rid', greatest($1, nextval('directory_rid')), false)", &[&next]).await?;
    }
    for (name, next) in counters {
        let sql = "INSERT INTO counter(name, next) VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE SET next = greatest(counter.next, excluded.next)";
        line.execute(sql, &[&name, &next]).await?;
    }
    // Written anew with the resources that use them: those were found for it.
    line.execute("DELETE FROM term WHERE id = ANY($1)", &[&terms]).await?;
    line.execute("DELETE FROM unit WHERE id = ANY($1)", &[&units]).await?;
    let spelled = names.iter().flat_map(|name| slips(name).into_iter().map(move |slip| (slip, name.as_str())));
    let (spelled, words): (Vec<String>, Vec<&str>) = spelled.unzip();
    let sql = "INSERT INTO find_slip(slip, word) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING";
    line.execute(sql, &[&spelled, &words]).await?;
    for (chart, id) in drafts {
        crate::drafts::mend(line, chart, id).await?;
    }
    line.batch("COMMIT").await?;
    let rids: Vec<i64> = rids.into_iter().collect();
    for some in rids.chunks(AT_ONCE) {
        let strays = places.iter().filter(|(_, rid)| some.contains(rid)).copied().collect();
        resources(line, keys, some, strays).await?;
    }
    super::trail::mend(line, trail, trail_upto).await
}

/// The last version of each of some resources, in their order; and the date its row has.
const LAST: &str =
    "SELECT d.rid, d.kind, d.id, d.patient, r.date, v.version, v.seq, v.deleted, v.patient, v.body, r.version
    FROM directory d LEFT JOIN resource r ON r.patient = d.patient AND r.rid = d.rid
    LEFT JOIN LATERAL (SELECT * FROM resource_version v WHERE v.rid = d.rid ORDER BY v.version DESC LIMIT 1) v ON true
    WHERE d.rid = ANY($1) ORDER BY d.rid";
/// What is named by its versions alone.
const FOUND_AGAIN: &str = "INSERT INTO directory(kind, id, rid, patient)
    SELECT DISTINCT ON (v.rid) v.kind, v.id, v.rid, v.patient FROM resource_version v
    WHERE v.rid = ANY($1) AND NOT EXISTS(SELECT 1 FROM directory d WHERE d.rid = v.rid)
    ORDER BY v.rid, v.version DESC ON CONFLICT DO NOTHING";
/// What its versions do not name: another has its type and id.
const UNNAMED: &str = "SELECT DISTINCT v.rid FROM resource_version v
    WHERE v.rid = ANY($1) AND NOT EXISTS(SELECT 1 FROM directory d WHERE d.rid = v.rid)";
const NAME: &str = "INSERT INTO directory(kind, id, rid, patient)
    SELECT n.kind, n.id, n.rid, CASE WHEN n.kind = $3 THEN n.rid ELSE 0 END
    FROM (SELECT q.kind, q.id, nextval('directory_rid') AS rid FROM unnest($1::int2[], $2::text[]) q(kind, id)
          WHERE NOT EXISTS(SELECT 1 FROM directory d WHERE d.kind = q.kind AND d.id = q.id)) n";
/// Patients' charts have a row that names them, also before the Patient is written.
const NAMED: &str = "INSERT INTO resource(patient, rid, kind, id, version, seq, date, deleted)
    SELECT d.rid, d.rid, d.kind, d.id, 0, 0, $3, false FROM unnest($1::int2[], $2::text[]) q(kind, id)
    JOIN directory d ON d.kind = q.kind AND d.id = q.id
    WHERE d.kind = $4 AND NOT EXISTS(SELECT 1 FROM resource r WHERE r.patient = d.rid AND r.rid = d.rid)";
const NUMBERS: &str = "SELECT d.kind, d.id, d.rid FROM unnest($1::int2[], $2::text[]) q(kind, id)
    JOIN directory d ON d.kind = q.kind AND d.id = q.id";
const REMOVE: &str = "DELETE FROM resource r USING unnest($1::int8[], $2::int8[]) q(patient, rid)
    WHERE r.patient = q.patient AND r.rid = q.rid";
const ROWS: &str = "INSERT INTO resource(patient, rid, kind, id, version, seq, date, deleted)
    SELECT * FROM unnest($1::int8[], $2::int8[], $3::int2[], $4::text[], $5::int4[], $6::int8[], $7::int8[], $8::bool[])";
const POINT: &str = "UPDATE directory d SET patient = q.patient FROM unnest($1::int8[], $2::int8[]) q(patient, rid)
    WHERE d.rid = q.rid AND d.patient <> q.patient";
const CHART: &str = "UPDATE resource_version v SET patient = q.patient
    FROM unnest($1::int8[], $2::int8[], $3::int4[]) q(patient, rid, version)
    WHERE v.rid = q.rid AND v.version = q.version AND v.patient <> q.patient";
const LEFT: &str = "UPDATE resource_version v SET moved_from = q.left_one
    FROM (SELECT patient, rid, version, nullif(nullif(lag(patient) OVER (PARTITION BY rid ORDER BY version), patient), 0) AS left_one
          FROM resource_version WHERE rid = ANY($1)) q
    WHERE v.patient = q.patient AND v.rid = q.rid AND v.version = q.version AND v.moved_from IS DISTINCT FROM q.left_one";

/// A resource as it is to be.
struct One {
    rid: i64,
    key: Key,
    /// Where the directory says it is.
    told: i64,
    last: Option<LastVersion>,
    index: Option<Index>,
    body: Vec<u8>,
}

#[derive(Clone, Copy)]
struct LastVersion {
    version: i32,
    seq: i64,
    deleted: bool,
    place: i64,
    date: i64,
}

/// Writes anew what follows from the last versions of some resources, in one transaction: their rows in the directory, their index rows,
/// patients' keys. `strays` says where rows of theirs are beside those of their charts.
pub(super) async fn resources(
    line: &Line,
    keys: FindKeys,
    rids: &[i64],
    mut strays: BTreeSet<(i64, i64)>,
) -> Result<()> {
    line.batch(HOLD_RECORD).await?;
    line.execute(FOUND_AGAIN, &[&rids]).await?;
    let (mut all, mut kept) = (Vec::new(), BTreeSet::new());
    for row in line.query(LAST, &[&rids]).await? {
        match One::of(&row)? {
            Some(one) => all.push(one),
            // Nothing can be said of what it holds; what it was found by stays.
            None => {
                kept.insert(get::<i64>(&row, 0)?);
            }
        }
    }
    for row in line.query(UNNAMED, &[&rids]).await? {
        kept.insert(get(&row, 0)?);
    }
    strays.retain(|(_, rid)| !kept.contains(rid));
    let numbers = numbers(line, &all).await?;
    for one in &mut all {
        let (rid, told, kind) = (one.rid, one.told, one.key.kind);
        strays.insert((told, rid));
        if let (Some(last), Some(index)) = (&mut one.last, &one.index) {
            last.place = match &index.patient {
                _ if kind == Kind::PATIENT => rid,
                None => 0,
                Some(patient) => {
                    numbers.get(&Key::new(Kind::PATIENT, patient.id().clone())).copied().unwrap_or_default()
                }
            };
            last.date = index.date.map_or(UNDATED, jiff::Timestamp::as_millisecond);
        }
        strays.extend(one.last.map(|last| (last.place, rid)));
    }
    let system = number_system(line).await?;
    let (mut index, mut find, mut columns) = (IndexRows::default(), FindRows::default(), Columns::default());
    for one in &all {
        columns.push(one);
        if let (Some(last), Some(rows)) = (one.last, &one.index) {
            let at = Place { patient: last.place, rid: one.rid, date: last.date };
            index.add(at, rows, &|target| numbers.get(target).copied())?;
        }
        let live = one.key.kind == Kind::PATIENT && one.index.is_some();
        find.replace(one.rid, &if live { (keys.of)(&one.body, &system) } else { Vec::new() });
    }
    // A number that is no resource's has no keys either.
    for rid in rids.iter().filter(|rid| !kept.contains(rid) && !columns.known.contains(rid)) {
        find.replace(*rid, &[]);
    }
    let (places, numbers): (Vec<i64>, Vec<i64>) = strays.into_iter().unzip();
    let mut bulks: Vec<Bulk<'_>> = ERASE.map(|sql| Bulk::new(sql, [&places as Param<'_>, &numbers])).into();
    bulks.push(Bulk::new(REMOVE, [&places as Param<'_>, &numbers]));
    bulks.extend(columns.bulks());
    bulks.extend(index.bulks());
    bulks.extend(find.bulks());
    line.together(&bulks, Some("COMMIT")).await
}

impl One {
    /// A row of [`LAST`]; nothing if its body cannot be read or is another's, or its versions are gone.
    fn of(row: &Row) -> Result<Option<Self>> {
        let mut one = Self {
            rid: get(row, 0)?,
            key: Key::new(kind(row, 1)?, id(row, 2)?),
            told: get(row, 3)?,
            last: None,
            index: None,
            body: Vec::new(),
        };
        let date: Option<i64> = get(row, 4)?;
        let Some(version) = get::<Option<i32>>(row, 5)? else {
            return Ok(get::<Option<i32>>(row, 10)?.is_none_or(|version| version == 0).then_some(one));
        };
        let (seq, deleted, place) = (get(row, 6)?, get(row, 7)?, get(row, 8)?);
        one.last = Some(LastVersion { version, seq, deleted, place, date: date.unwrap_or(UNDATED) });
        if !deleted {
            one.body = get(row, 9)?;
            let told = u32::try_from(version).map_err(|_| unreadable(row, 5))?;
            let Ok(value) = compare::body(&one.key, told, &one.body) else { return Ok(None) };
            one.index = Some(Index::of(one.key.kind, &value));
        }
        Ok(Some(one))
    }
}

/// The numbers of everything that some resources refer to; what was never named is named now.
async fn numbers(line: &Line, all: &[One]) -> Result<HashMap<Key, i64>> {
    let mut keys = BTreeSet::new();
    for index in all.iter().filter_map(|one| one.index.as_ref()) {
        keys.extend(index.references.iter().map(|it| it.target.clone()));
        keys.extend(index.patient.iter().map(|it| Key::new(Kind::PATIENT, it.id().clone())));
    }
    let (kinds, ids): (Vec<i16>, Vec<&str>) = keys.iter().map(|key| (number(key.kind), key.id.as_str())).unzip();
    let patient = number(Kind::PATIENT);
    line.execute(NAME, &[&kinds, &ids, &patient]).await?;
    line.execute(NAMED, &[&kinds, &ids, &UNDATED, &patient]).await?;
    let rows = line.query(NUMBERS, &[&kinds, &ids]).await?;
    rows.iter().map(|row| Ok((Key::new(kind(row, 0)?, id(row, 1)?), get(row, 2)?))).collect()
}

/// Rows of `resource`, and what the directory and the last versions say.
#[derive(Default)]
struct Columns<'a> {
    known: Vec<i64>,
    charts: Vec<i64>,
    places: Vec<i64>,
    rids: Vec<i64>,
    kinds: Vec<i16>,
    ids: Vec<&'a str>,
    versions: Vec<i32>,
    seqs: Vec<i64>,
    dates: Vec<i64>,
    deleted: Vec<bool>,
}

impl<'a> Columns<'a> {
    fn push(&mut self, one: &'a One) {
        let patient = one.key.kind == Kind::PATIENT;
        let only_named =
            LastVersion { version: 0, seq: 0, deleted: false, place: if patient { one.rid } else { 0 }, date: UNDATED };
        let last = one.last.unwrap_or(only_named);
        self.known.push(one.rid);
        self.charts.push(last.place);
        if one.last.is_none() && !patient {
            return;
        }
        self.places.push(last.place);
        self.rids.push(one.rid);
        self.kinds.push(number(one.key.kind));
        self.ids.push(one.key.id.as_str());
        self.versions.push(last.version);
        self.seqs.push(last.seq);
        self.dates.push(last.date);
        self.deleted.push(last.deleted);
    }

    fn bulks(&self) -> [Bulk<'_>; 4] {
        [
            Bulk::new(POINT, [&self.charts as Param<'_>, &self.known]),
            Bulk::new(CHART, [&self.places as Param<'_>, &self.rids, &self.versions]),
            Bulk::new(LEFT, [&self.known as Param<'_>]),
            Bulk::new(
                ROWS,
                [
                    &self.places as Param<'_>,
                    &self.rids,
                    &self.kinds,
                    &self.ids,
                    &self.versions,
                    &self.seqs,
                    &self.dates,
                    &self.deleted,
                ],
            ),
        ]
    }
}
