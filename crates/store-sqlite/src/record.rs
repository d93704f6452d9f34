//! The record: reading inline, ranges and histories on blocking threads, commits to the writer.

use crate::ids::column;
use crate::rows::{CURRENT, VERSION, reaches, seal_all, seal_one, stored};
use crate::writer::{Answer, Work};
use crate::{Db, chart, history, idempotency, search};
use async_trait::async_trait;
use fhir::search::Query;
use fhir::{Id, Key, Kind, PatientId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use store::record::{Commit, Committed, HistoryQuery, Idempotency, Record, SearchPage, Slice, SliceRows, Stored};
use store::{Error, Permit, Result, Sealed, WritePermit};

#[async_trait]
impl Record for Db {
    async fn read(&self, permit: &Permit, key: &Key) -> Result<Option<Sealed<Stored>>> {
        if !permit.kinds().contains(key.kind) {
            return Err(Error::NotPermitted);
        }
        let found = self.read_now(|db| current(db, key))?;
        Ok(found.filter(|found| reaches(permit, found)).map(seal_one))
    }

    async fn read_many(&self, permit: &Permit, keys: &[Key]) -> Result<Sealed<Vec<Stored>>> {
        let found = self.read_now(|db| {
            let mut found = Vec::with_capacity(keys.len());
            for key in keys.iter().filter(|key| permit.kinds().contains(key.kind)) {
                found.extend(current(db, key)?.filter(|found| !found.deleted && reaches(permit, found)));
            }
            Ok(found)
        })?;
        Ok(seal_all(found))
    }

    async fn read_version(&self, permit: &Permit, key: &Key, version: u32) -> Result<Option<Sealed<Stored>>> {
        if !permit.kinds().contains(key.kind) {
            return Err(Error::NotPermitted);
        }
        let found = self.read_now(|db| {
            db.prepare_cached(&format!("{VERSION} WHERE r.kind = ?1 AND r.id = ?2 AND v.version = ?3"))?
                .query_row((key.kind.number(), column(&key.id), version), stored)
                .optional()
        })?;
        Ok(found.filter(|found| reaches(permit, found)).map(seal_one))
    }

    async fn history(&self, permit: &Permit, query: &HistoryQuery) -> Result<Sealed<Vec<Stored>>> {
        let (permit, query) = (permit.clone(), query.clone());
        self.readers.scan(move |db| history::page(db, &permit, &query)).await.map(seal_all)
    }

    async fn search(&self, permit: &Permit, query: &Query, cursor: Option<&str>) -> Result<Sealed<SearchPage>> {
        let (permit, query, cursor) = (permit.clone(), query.clone(), cursor.map(str::to_owned));
        self.readers.scan(move |db| search::page(db, &permit, &query, cursor.as_deref())).await
    }

    async fn seal_words(&self, words: &str) -> Result<String> {
        let words = words.to_owned();
        self.readers.scan(move |db| search::link_key(db)?.seal_words(&words)).await
    }

    async fn open_words(&self, link: &str) -> Result<String> {
        let link = link.to_owned();
        self.readers.scan(move |db| search::link_key(db)?.open_words(&link)).await
    }

    async fn chart(&self, permit: &Permit, patient: &PatientId, slices: &[Slice]) -> Result<Sealed<Vec<SliceRows>>> {
        if slices.iter().any(|slice| !permit.reaches(slice.kind, Some(patient))) {
            return Err(Error::NotPermitted);
        }
        let (slices, of) = (slices.to_vec(), patient.clone());
        let rows = self.readers.scan(move |db| chart::slices(db, &of, &slices)).await?;
        Ok(Sealed::seal(rows, [patient.clone()]))
    }

    async fn chart_as_of(&self, permit: &Permit, patient: &PatientId, at: Timestamp) -> Result<Sealed<Vec<Stored>>> {
        let (permit, of) = (permit.clone(), patient.clone());
        let rows = self.readers.scan(move |db| chart::as_of(db, &permit, &of, at)).await?;
        Ok(Sealed::seal(rows, [patient.clone()]))
    }

    async fn commit(&self, permit: &WritePermit, commit: Commit) -> Result<Committed> {
        match self.ask(Work::Commit(permit.reading().clone(), Box::new(commit))).await? {
            Answer::Committed(done) => Ok(done),
            _ => Err(Error::Broken("the writer answered something else".to_owned())),
        }
    }

    async fn answered(&self, permit: &WritePermit, retry: &Idempotency) -> Result<Option<String>> {
        let (actor, retry) = (permit.actor().clone(), retry.clone());
        self.readers.scan(move |db| idempotency::answer(db, &actor, &retry)).await
    }

    async fn current(&self, permit: &WritePermit, keys: &[Key]) -> Result<Sealed<Vec<Option<Stored>>>> {
        let permit = permit.reading();
        let found = self.read_now(|db| {
            keys.iter()
                .map(|key| Ok(current(db, key)?.filter(|found| reaches(permit, found))))
                .collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let patients: Vec<PatientId> = found.iter().flatten().filter_map(|found| found.patient.clone()).collect();
        Ok(Sealed::seal(found, patients))
    }

    async fn known(&self, permit: &Permit, kind: Kind, ids: &[Id]) -> Result<Vec<(Id, u32)>> {
        if !permit.kinds().contains(kind) {
            return Err(Error::NotPermitted);
        }
        self.read_now(|db| {
            let mut known = Vec::new();
            let mut find = db.prepare_cached("SELECT version FROM resource WHERE kind = ?1 AND id = ?2")?;
            for id in ids {
                let version = find.query_row((kind.number(), column(id)), |row| row.get(0)).optional()?;
                known.extend(version.map(|version| (id.clone(), version)));
            }
            Ok(known)
        })
    }
}

/// The current version of a resource, deleted or not.
fn current(db: &Connection, key: &Key) -> rusqlite::Result<Option<Stored>> {
    db.prepare_cached(&format!("{CURRENT} WHERE r.kind = ?1 AND r.id = ?2"))?
        .query_row((key.kind.number(), column(&key.id)), stored)
        .optional()
}
