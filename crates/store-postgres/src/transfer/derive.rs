//! What follows from a resource's last version, made anew where a copy arrives: its row in its chart, its index rows, a Patient's keys.

use crate::chart::UNDATED;
use crate::find::FindRows;
use crate::index_rows::{IndexRows, Place};
use crate::line::{Line, Param};
use crate::rows::{get, id, kind, number};
use fhir::index::Index;
use fhir::{Key, Kind};
use std::collections::{HashMap, HashSet};
use store::find::FindKeys;
use store::transfer::PAGE_BYTES;
use store::{Error, Result};
use tokio_postgres::Row;

/// The last versions of the next resources, as many as make a page; without a version what is only referred to.
fn last_versions() -> String {
    format!(
        "SELECT rid, kind, id, patient, version, seq, deleted, body FROM (
            SELECT d.*, v.patient, v.version, v.seq, v.deleted, v.body,
                sum(octet_length(v.body)) OVER (ORDER BY d.rid) - octet_length(v.body) AS before
            FROM (SELECT rid, kind, id FROM directory WHERE rid > $1 ORDER BY rid LIMIT 1000) d LEFT JOIN LATERAL
                (SELECT * FROM resource_version v WHERE v.rid = d.rid ORDER BY v.version DESC LIMIT 1) v ON true) page
         WHERE before IS NULL OR before < {PAGE_BYTES} ORDER BY rid"
    )
}

const RESOURCES: &str = "INSERT INTO resource(patient, rid, kind, id, version, seq, date, deleted)
    SELECT * FROM unnest($1::int8[], $2::int8[], $3::int2[], $4::text[], $5::int4[], $6::int8[], $7::int8[], $8::bool[])";
const CHARTS: &str = "UPDATE directory d SET patient = q.patient FROM unnest($1::int8[], $2::int8[], $3::int2[], $4::text[]) q(patient, rid, kind, id)
    WHERE d.kind = q.kind AND d.id = q.id AND d.patient <> q.patient";
/// Their numbers are the highest: their turn comes.
const NAMED: &str = "INSERT INTO directory(kind, id, rid, patient)
    SELECT q.kind, q.id, nextval('directory_rid'), 0 FROM unnest($1::int2[], $2::text[]) q(kind, id)";
const NUMBERS: &str = "SELECT d.kind, d.id, d.rid FROM unnest($1::int2[], $2::text[]) q(kind, id)
    JOIN directory d ON d.kind = q.kind AND d.id = q.id";

/// Forgets what was made of fewer versions.
pub(super) async fn begin_anew(line: &Line) -> Result<()> {
    if line.execute("UPDATE transfer SET derived = 0 WHERE derived > 0", &[]).await? > 0 {
        line.batch(
            "TRUNCATE resource, idx_token, idx_date, idx_string, idx_quantity, idx_reference, idx_uri, words, find_key, find_slip",
        )
        .await?;
    }
    Ok(())
}

/// Makes anew what follows from the next resources, within the caller's transaction; how many.
pub(super) async fn some(line: &Line, keys: FindKeys, system: &str) -> Result<u64> {
    let after: i64 = match line.first("SELECT derived FROM transfer", &[]).await? {
        Some(row) => get(&row, 0)?,
        None => return Err(Error::Broken("no copy arrives here".to_owned())),
    };
    let rows = line.query(&last_versions(), &[&after]).await?;
    let Some(newest) = rows.last() else { return Ok(0) };
    let mut made = Made::default();
    for row in &rows {
        made.add(row, keys, system)?;
    }
    let numbers = numbers(line, &made.indexes).await?;
    let mut index = IndexRows::default();
    for (place, entries) in &made.indexes {
        index.add(*place, entries, &|key| numbers.get(key).copied())?;
    }
    let columns: [Param<'_>; 8] =
        [&made.places, &made.rids, &made.kinds, &made.ids, &made.versions, &made.seqs, &made.dates, &made.deleted];
    line.execute(RESOURCES, &columns).await?;
    line.execute(CHARTS, &[&made.places, &made.rids, &made.kinds, &made.ids]).await?;
    let mut bulks = index.bulks();
    bulks.extend(made.find.bulks());
    line.together(&bulks, None).await?;
    line.execute("UPDATE transfer SET derived = $1", &[&get::<i64>(newest, 0)?]).await?;
    Ok(rows.len() as u64)
}

/// What some resources come to: columns of [`RESOURCES`], index entries, keys.
#[derive(Default)]
struct Made<'a> {
    places: Vec<i64>,
    rids: Vec<i64>,
    kinds: Vec<i16>,
    ids: Vec<&'a str>,
    versions: Vec<i32>,
    seqs: Vec<i64>,
    dates: Vec<i64>,
    deleted: Vec<bool>,
    indexes: Vec<(Place, Index)>,
    find: FindRows,
}

impl<'a> Made<'a> {
    fn add(&mut self, row: &'a Row, keys: FindKeys, system: &str) -> Result<()> {
        let (rid, kind, patient): (i64, Kind, Option<i64>) = (get(row, 0)?, kind(row, 1)?, get(row, 3)?);
        let Some(place) = patient else {
            // Only referred to: a Patient has a row all the same, so that a chart's rows find its id.
            if kind == Kind::PATIENT {
                self.push(row, (rid, rid), (0, 0, UNDATED, false))?;
            }
            return Ok(());
        };
        let (deleted, body): (bool, &[u8]) = (get(row, 6)?, get(row, 7)?);
        // What was stored was parsed before: a body that cannot be read has no rows.
        let read = if deleted { None } else { fhir::json::parse(body).ok() };
        let index = read.map(|value| Index::of(kind, &value)).unwrap_or_default();
        let date = index.date.map_or(UNDATED, jiff::Timestamp::as_millisecond);
        self.push(row, (place, rid), (get(row, 4)?, get(row, 5)?, date, deleted))?;
        if !deleted {
            self.indexes.push((Place { patient: place, rid, date }, index));
            if kind == Kind::PATIENT {
                self.find.replace(rid, &(keys.of)(body, system));
            }
        }
        Ok(())
    }

    fn push(
        &mut self,
        row: &'a Row,
        (place, rid): (i64, i64),
        (version, seq, date, deleted): (i32, i64, i64, bool),
    ) -> Result<()> {
        id(row, 2)?;
        self.places.push(place);
        self.rids.push(rid);
        self.kinds.push(number(kind(row, 1)?));
        self.ids.push(get(row, 2)?);
        self.versions.push(version);
        self.seqs.push(seq);
        self.dates.push(date);
        self.deleted.push(deleted);
        Ok(())
    }
}

/// The numbers of what is referred to; what an older program did not find in a body is named now.
async fn numbers(line: &Line, indexes: &[(Place, Index)]) -> Result<HashMap<Key, i64>> {
    let targets: HashSet<&Key> =
        indexes.iter().flat_map(|(_, index)| &index.references).map(|reference| &reference.target).collect();
    let (kinds, ids): (Vec<i16>, Vec<&str>) =
        targets.iter().map(|target| (number(target.kind), target.id.as_str())).unzip();
    let mut known = known(line, &kinds, &ids).await?;
    if known.len() < targets.len() {
        let missing = targets.iter().filter(|target| !known.contains_key(**target));
        let (kinds, ids): (Vec<i16>, Vec<&str>) =
            missing.map(|target| (number(target.kind), target.id.as_str())).unzip();
        line.execute(NAMED, &[&kinds, &ids]).await?;
        known.extend(self::known(line, &kinds, &ids).await?);
    }
    Ok(known)
}

async fn known(line: &Line, kinds: &[i16], ids: &[&str]) -> Result<HashMap<Key, i64>> {
    let rows = line.query(NUMBERS, &[&kinds, &ids]).await?;
    rows.iter().map(|row| Ok((Key::new(kind(row, 0)?, id(row, 1)?), get(row, 2)?))).collect()
}
