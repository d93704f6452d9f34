//! Drafts of notes: each whole in one row, and every text that was saved of it in one more. What a change makes of a draft is decided
//! by [`store::draft::apply`].

use crate::Db;
use crate::connection::sql_error;
use crate::ids::{IdColumn, rid, rid_or_new};
use async_trait::async_trait;
use fhir::{Kind, PatientId};
use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};
use store::draft::{Applied, Draft, DraftChange, Drafts, DraftsOf, SavedText, apply};
use store::engine::drafts::{DraftSurvey, KeptDraft};
use store::engine::notes::NoteKeys;
use store::{Actor, Error, Permit, Result, Sealed};
use uuid::Uuid;

/// Since schema 4.
pub(crate) const TABLES: &str = "
CREATE TABLE note_draft(
    patient INTEGER NOT NULL,    -- rid of the Patient whose chart it is in
    id BLOB NOT NULL,
    author BLOB NOT NULL,
    open INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    body TEXT NOT NULL,          -- the draft, as JSON
    PRIMARY KEY(patient, id)
) WITHOUT ROWID;
CREATE INDEX note_draft_author ON note_draft(author) WHERE open = 1;
CREATE TABLE note_revision(
    patient INTEGER NOT NULL,
    note BLOB NOT NULL,
    section TEXT NOT NULL,
    revision INTEGER NOT NULL,
    body TEXT NOT NULL,          -- the text and who saved it, as JSON
    PRIMARY KEY(patient, note, section, revision)
) WITHOUT ROWID;
-- A version that was stored is never changed nor taken away, by whatever statement this program or another one sends.
CREATE TRIGGER resource_version_kept BEFORE UPDATE OF seq, rid, kind, version, recorded_at, deleted, body ON resource_version BEGIN SELECT RAISE(ABORT, 'a stored version is never changed'); END;
CREATE TRIGGER resource_version_stays BEFORE DELETE ON resource_version BEGIN SELECT RAISE(ABORT, 'a stored version is never removed'); END;
";

/// Whether a change may happen now, and what it makes.
pub(crate) fn check(
    db: &Connection,
    permit: &Permit,
    actor: &Actor,
    change: &DraftChange,
    at: Timestamp,
) -> Result<Applied> {
    apply(one(db, &change.patient, change.id).map_err(sql_error)?.as_ref(), change, permit, actor, at)
}

/// Keeps what a change made.
pub(crate) fn write(db: &Connection, applied: &Applied) -> rusqlite::Result<()> {
    let Some(draft) = &applied.draft else { return Ok(()) };
    let patient = rid_or_new(db, Kind::PATIENT, draft.patient.id())?;
    let (whose, open, changed_at) = draft.row();
    db.prepare_cached(
        "INSERT OR REPLACE INTO note_draft(id, patient, author, open, changed_at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        draft.id.as_bytes().as_slice(),
        patient,
        whose.as_bytes().as_slice(),
        open,
        changed_at,
        json(draft)?
    ])?;
    if let Some((section, text)) = &applied.revision {
        db.prepare_cached(
            "INSERT INTO note_revision(note, section, revision, patient, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![draft.id.as_bytes().as_slice(), section, text.revision, patient, json(text)?])?;
    }
    Ok(())
}

/// How many drafts of a chart wait for somebody.
pub(crate) fn waiting(db: &Connection, chart: i64) -> rusqlite::Result<usize> {
    db.prepare_cached("SELECT count(*) FROM note_draft WHERE patient = ?1 AND open = 1")?
        .query_row([chart], |row| row.get(0))
}

/// Every draft looked at, and every text that was saved of one.
pub(crate) fn survey(db: &Connection) -> rusqlite::Result<DraftSurvey> {
    let mut survey = DraftSurvey::default();
    let mut drafts = db.prepare(
        "SELECT n.patient, n.id, n.author, n.open, n.changed_at, n.body, r.id, r.deleted
         FROM note_draft n LEFT JOIN resource r ON r.rid = n.patient AND r.kind = ?1 AND r.version > 0",
    )?;
    let mut rows = drafts.query([Kind::PATIENT.number()])?;
    while let Some(row) = rows.next()? {
        let patient: Option<IdColumn> = row.get(6)?;
        let kept = KeptDraft {
            chart: row.get(0)?,
            patient: match patient {
                Some(id) => Some((id.0, row.get(7)?)),
                None => None,
            },
            id: uuid(row, 1)?,
            row: (uuid(row, 2)?, row.get(3)?, row.get(4)?),
            body: row.get_ref(5)?.as_str()?,
        };
        survey.draft(&kept);
    }
    let mut texts = db.prepare("SELECT note, section, revision, body FROM note_revision")?;
    let mut rows = texts.query([])?;
    while let Some(row) = rows.next()? {
        let (section, body) = (row.get_ref(1)?.as_str()?, row.get_ref(3)?.as_str()?);
        survey.saved(uuid(row, 0)?, section, row.get(2)?, body);
    }
    survey.ended();
    Ok(survey)
}

fn uuid(row: &Row<'_>, at: usize) -> rusqlite::Result<Uuid> {
    row.get::<_, [u8; 16]>(at).map(Uuid::from_bytes)
}

/// Writes anew what follows from a draft: what it is found by, and the texts that stand in it.
pub(crate) fn mend(db: &Connection, chart: i64, id: Uuid) -> rusqlite::Result<()> {
    let sql = "SELECT body FROM note_draft WHERE patient = ?1 AND id = ?2";
    let key = params![chart, id.as_bytes().as_slice()];
    let draft: Draft = db.prepare_cached(sql)?.query_row(key, body)?;
    let (whose, open, changed_at) = draft.row();
    db.prepare_cached("UPDATE note_draft SET author = ?3, open = ?4, changed_at = ?5 WHERE patient = ?1 AND id = ?2")?
        .execute(params![chart, id.as_bytes().as_slice(), whose.as_bytes().as_slice(), open, changed_at])?;
    for (section, text) in store::draft::standing(&draft) {
        let sql =
            "INSERT OR IGNORE INTO note_revision(note, section, revision, patient, body) VALUES (?1, ?2, ?3, ?4, ?5)";
        db.prepare_cached(sql)?.execute(params![
            id.as_bytes().as_slice(),
            section,
            text.revision,
            chart,
            json(text)?
        ])?;
    }
    Ok(())
}

fn json(value: &impl serde::Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))
}

fn body<T: serde::de::DeserializeOwned>(row: &Row<'_>) -> rusqlite::Result<T> {
    let text = row.get_ref(0)?.as_str()?;
    serde_json::from_str(text).map_err(|e| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, e.into()))
}

fn one(db: &Connection, patient: &PatientId, id: Uuid) -> rusqlite::Result<Option<Draft>> {
    let Some(chart) = rid(db, Kind::PATIENT, patient.id())? else { return Ok(None) };
    db.prepare_cached("SELECT body FROM note_draft WHERE patient = ?1 AND id = ?2")?
        .query_row(params![chart, id.as_bytes().as_slice()], body)
        .optional()
}

fn list(db: &Connection, of: &DraftsOf) -> rusqlite::Result<Vec<Draft>> {
    let read = |sql: &str, params: &[&dyn rusqlite::ToSql]| {
        db.prepare_cached(sql)?.query_map(params, body)?.collect::<rusqlite::Result<Vec<Draft>>>()
    };
    let mut drafts = match of {
        DraftsOf::Patient(patient) => match rid(db, Kind::PATIENT, patient.id())? {
            Some(rid) => read("SELECT body FROM note_draft WHERE patient = ?1 AND open = 1", &[&rid])?,
            None => Vec::new(),
        },
        DraftsOf::Author(author) => {
            read("SELECT body FROM note_draft WHERE author = ?1 AND open = 1", &[&author.as_bytes().as_slice()])?
        }
        DraftsOf::Moved(patient) => match rid(db, Kind::PATIENT, patient.id())? {
            // As it stands in the JSON of those: quotes within a text are written otherwise.
            Some(rid) => read(
                "SELECT body FROM note_draft WHERE patient = ?1 AND open = 0 AND instr(body, '\"moved\":{') > 0",
                &[&rid],
            )?,
            None => Vec::new(),
        },
        DraftsOf::Practice => read("SELECT body FROM note_draft WHERE open = 1", &[])?,
    };
    store::draft::newest_first(&mut drafts);
    Ok(drafts)
}

#[async_trait]
impl Drafts for Db {
    fn note_keys(&self) -> &NoteKeys {
        &self.note_keys
    }

    async fn draft(&self, permit: &Permit, patient: &PatientId, id: Uuid) -> Result<Option<Sealed<Draft>>> {
        store::draft::reachable(permit, patient)?;
        let found = self.read_now(|db| one(db, patient, id))?;
        Ok(found.map(|draft| Sealed::seal(draft, [patient.clone()])))
    }

    async fn drafts(&self, permit: &Permit, of: &DraftsOf) -> Result<Sealed<Vec<Draft>>> {
        let of = of.clone();
        let found = self.readers.scan(move |db| list(db, &of).map_err(sql_error)).await?;
        store::draft::seal(permit, found)
    }

    async fn revisions(
        &self,
        permit: &Permit,
        patient: &PatientId,
        id: Uuid,
        section: &str,
    ) -> Result<Sealed<Vec<SavedText>>> {
        store::draft::reachable(permit, patient)?;
        let (of, section) = (patient.clone(), section.to_owned());
        let texts = self
            .readers
            .scan(move |db| {
                if one(db, &of, id).map_err(sql_error)?.is_none() {
                    return Err(Error::DraftElsewhere);
                }
                let chart = rid(db, Kind::PATIENT, of.id()).map_err(sql_error)?;
                db.prepare_cached(
                    "SELECT body FROM note_revision WHERE patient = ?1 AND note = ?2 AND section = ?3
                     ORDER BY revision DESC",
                )
                .and_then(|mut found| {
                    found.query_map(params![chart, id.as_bytes().as_slice(), section], body)?.collect()
                })
                .map_err(sql_error)
            })
            .await?;
        Ok(Sealed::seal(texts, [patient.clone()]))
    }
}
