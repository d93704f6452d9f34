//! The record: reading by the pool's connections, commits to the writer.

use crate::line::Line;
use crate::rows::{CURRENT, get, id, number, reached, reaches, seal_all, seal_one, stored, unreadable};
use crate::writer::{Answer, Work};
use crate::{Db, chart, history, idempotency, search};
use async_trait::async_trait;
use fhir::search::Query;
use fhir::{Id, Key, Kind, PatientId};
use jiff::Timestamp;
use std::collections::HashMap;
use store::record::{Commit, Committed, HistoryQuery, Idempotency, Record, SearchPage, Slice, SliceRows, Stored, Turn};
use store::{Error, Permit, Result, Sealed, WritePermit};

#[async_trait]
impl Record for Db {
    async fn read(&self, permit: &Permit, key: &Key) -> Result<Option<Sealed<Stored>>> {
        if !permit.kinds().contains(key.kind) {
            return Err(Error::NotPermitted);
        }
        // One statement needs no transaction, and one that names one resource is planned once.
        let sql = format!(
            "{CURRENT} JOIN directory d ON d.patient = r.patient AND d.rid = r.rid
             WHERE d.kind = $1 AND d.id = $2 AND r.version > 0"
        );
        let reader = self.readers.take().await?;
        let rows = reader.query(&sql, &[&number(key.kind), &key.id.as_str()]).await;
        let rows = reader.done(rows).await?;
        Ok(reached(permit, &rows)?.into_iter().next().map(seal_one))
    }

    async fn read_many(&self, permit: &Permit, keys: &[Key]) -> Result<Sealed<Vec<Stored>>> {
        let keys: Vec<Key> = keys.iter().filter(|key| permit.kinds().contains(key.kind)).cloned().collect();
        let found = self.newest(&keys).await?.into_iter().flatten();
        Ok(seal_all(found.filter(|found| !found.deleted && reaches(permit, found)).collect()))
    }

    async fn read_version(&self, permit: &Permit, key: &Key, version: u32) -> Result<Option<Sealed<Stored>>> {
        if !permit.kinds().contains(key.kind) {
            return Err(Error::NotPermitted);
        }
        let Ok(version) = i32::try_from(version) else { return Ok(None) };
        let reader = self.readers.snapshot().await?;
        let answer = history::version(&reader, key, version).await;
        let rows = reader.done(answer).await?;
        Ok(reached(permit, &rows)?.into_iter().next().map(seal_one))
    }

    async fn history(&self, permit: &Permit, query: &HistoryQuery) -> Result<Sealed<Vec<Stored>>> {
        let reader = self.readers.snapshot().await?;
        let answer = history::page(&reader, permit, query).await;
        reader.done(answer).await.map(seal_all)
    }

    async fn search(&self, permit: &Permit, query: &Query, cursor: Option<&str>) -> Result<Sealed<SearchPage>> {
        let reader = self.readers.snapshot().await?;
        let answer = search::page(&reader, &self.links, permit, query, cursor).await;
        reader.done(answer).await
    }

    async fn seal_words(&self, words: &str) -> Result<String> {
        self.links.seal_words(words)
    }

    async fn open_words(&self, link: &str) -> Result<String> {
        self.links.open_words(link)
    }

    async fn chart(&self, permit: &Permit, patient: &PatientId, slices: &[Slice]) -> Result<Sealed<Vec<SliceRows>>> {
        if slices.iter().any(|slice| !permit.reaches(slice.kind, Some(patient))) {
            return Err(Error::NotPermitted);
        }
        let reader = self.readers.snapshot().await?;
        let answer = chart::slices(&reader, patient, slices).await;
        let rows = reader.done(answer).await?;
        Ok(Sealed::seal(rows, [patient.clone()]))
    }

    async fn chart_as_of(&self, permit: &Permit, patient: &PatientId, at: Timestamp) -> Result<Sealed<Vec<Stored>>> {
        let reader = self.readers.snapshot().await?;
        let answer = chart::as_of(&reader, permit, patient, at).await;
        let rows = reader.done(answer).await?;
        Ok(Sealed::seal(rows, [patient.clone()]))
    }

    async fn commit(&self, permit: &WritePermit, commit: Commit) -> Result<Committed> {
        match self.ask(Work::Commit(permit.reading().clone(), Box::new(commit), self.turns.now())).await? {
            Answer::Committed(done) => Ok(done),
            _ => Err(Error::Broken("the writer answered something else".to_owned())),
        }
    }

    async fn answered(&self, permit: &WritePermit, retry: &Idempotency) -> Result<Option<String>> {
        let reader = self.readers.take().await?;
        let answer = idempotency::answer(&reader, permit.actor(), retry).await;
        reader.done(answer).await
    }

    async fn turn(&self) -> Result<Turn> {
        Ok(Turn::holding(self.turns.take(&self.target).await?))
    }

    async fn current(&self, permit: &WritePermit, keys: &[Key]) -> Result<Sealed<Vec<Option<Stored>>>> {
        let permit = permit.reading();
        let found = self.newest(keys).await?.into_iter();
        let found: Vec<_> = found.map(|found| found.filter(|found| reaches(permit, found))).collect();
        let patients: Vec<PatientId> = found.iter().flatten().filter_map(|found| found.patient.clone()).collect();
        Ok(Sealed::seal(found, patients))
    }

    async fn known(&self, permit: &Permit, kind: Kind, ids: &[Id]) -> Result<Vec<(Id, u32)>> {
        if !permit.kinds().contains(kind) {
            return Err(Error::NotPermitted);
        }
        let sql = "SELECT d.id, coalesce(r.version, 0) FROM unnest($2::text[]) WITH ORDINALITY q(id, n)
            JOIN directory d ON d.kind = $1 AND d.id = q.id
            LEFT JOIN resource r ON r.patient = d.patient AND r.rid = d.rid ORDER BY q.n";
        let texts: Vec<&str> = ids.iter().map(Id::as_str).collect();
        let reader = self.readers.take().await?;
        let rows = reader.query(sql, &[&number(kind), &texts]).await;
        let rows = reader.done(rows).await?;
        rows.iter()
            .map(|row| Ok((id(row, 0)?, u32::try_from(get::<i32>(row, 1)?).map_err(|_| unreadable(row, 1))?)))
            .collect()
    }
}

impl Db {
    /// The current version of each resource, deleted or not, in the order asked.
    async fn newest(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let reader = self.readers.take().await?;
        let rows = newest(&reader, keys).await;
        let found = reader.done(rows).await?;
        Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
    }
}

async fn newest(line: &Line, keys: &[Key]) -> Result<HashMap<Key, Stored>> {
    let kinds: Vec<i16> = keys.iter().map(|key| number(key.kind)).collect();
    let ids: Vec<&str> = keys.iter().map(|key| key.id.as_str()).collect();
    // The directory says where each is; the rows are looked up there.
    let sql = format!(
        "{CURRENT} JOIN (SELECT d.patient, d.rid FROM unnest($1::int2[], $2::text[]) q(kind, id)
            JOIN directory d ON d.kind = q.kind AND d.id = q.id) q ON r.patient = q.patient AND r.rid = q.rid
         WHERE r.version > 0"
    );
    let rows = line.query(&sql, &[&kinds, &ids]).await?;
    rows.iter().map(|row| stored(row).map(|stored| (stored.key.clone(), stored))).collect()
}
