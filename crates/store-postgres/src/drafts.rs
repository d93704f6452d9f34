//! Drafts of notes: each whole in one row, and every text that was saved of it in one more. What a change makes of a draft is decided
//! by [`store::draft::apply`] against what the group's view read.

use crate::Db;
use crate::line::{Bulk, Line, Param};
use crate::rows::{get, number, unreadable};
use async_trait::async_trait;
use fhir::{Key, Kind, PatientId};
use std::collections::BTreeMap;
use std::collections::HashMap;
use store::draft::{Applied, Draft, Drafts, DraftsOf, SavedText};
use store::engine::notes::NoteKeys;
use store::record::Commit;
use store::{Error, Permit, Result, Sealed};
use tokio_postgres::Row;
use uuid::Uuid;

/// Since schema 2.
pub(crate) const TABLES: &str = r#"
CREATE TABLE note_draft(
    patient bigint NOT NULL,     -- the chart it is in
    id uuid NOT NULL,
    author uuid NOT NULL,
    open boolean NOT NULL,
    changed_at bigint NOT NULL,
    body text NOT NULL,          -- the draft, as JSON
    PRIMARY KEY(patient, id)
);
CREATE INDEX note_draft_open ON note_draft(author, patient) WHERE open;
CREATE TABLE note_revision(
    patient bigint NOT NULL,
    note uuid NOT NULL,
    section text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    body text NOT NULL,          -- the text and who saved it, as JSON
    PRIMARY KEY(patient, note, section, revision)
);
-- A version that was stored is never changed nor taken away, by whatever statement this program or another one sends. `patient` alone
-- follows from the record (`check --repair`).
CREATE FUNCTION resource_version_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a stored version is never changed nor removed'; END $$;
CREATE TRIGGER resource_version_kept BEFORE UPDATE OF seq, rid, version, kind, id, recorded_at, deleted, body OR DELETE
    ON resource_version FOR EACH ROW EXECUTE FUNCTION resource_version_kept();
"#;

/// The drafts that commits change: by chart and id.
pub(crate) const KEPT: &str = "SELECT n.body FROM unnest($1::int2[], $2::text[], $3::uuid[]) q(kind, patient, id)
    JOIN directory d ON d.kind = q.kind AND d.id = q.patient JOIN note_draft n ON n.patient = d.patient AND n.id = q.id";

/// Drafts as a group's commits find and leave them.
pub(crate) type Known = HashMap<Uuid, Draft>;

/// What [`KEPT`] is asked for.
pub(crate) fn asked(commits: &[(&Permit, &Commit)]) -> (Vec<i16>, Vec<String>, Vec<Uuid>) {
    let mut asked = (Vec::new(), Vec::new(), Vec::new());
    for change in commits.iter().filter_map(|(_, commit)| commit.draft.as_ref()) {
        asked.0.push(number(Kind::PATIENT));
        asked.1.push(change.patient.as_str().to_owned());
        asked.2.push(change.id);
    }
    asked
}

/// The Patients whose charts the drafts are in.
pub(crate) fn charts<'a>(commits: &'a [(&Permit, &Commit)]) -> impl Iterator<Item = Key> + 'a {
    commits.iter().filter_map(|(_, commit)| commit.draft.as_ref()).map(|change| change.patient.key())
}

/// Rows of [`KEPT`].
pub(crate) fn read(rows: &[Row]) -> Result<Known> {
    rows.iter().map(|row| body::<Draft>(row).map(|draft| (draft.id, draft))).collect()
}

fn body<T: serde::de::DeserializeOwned>(row: &Row) -> Result<T> {
    serde_json::from_str(get(row, 0)?).map_err(|_| unreadable(row, 0))
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::Broken(format!("a draft cannot be written: {e}")))
}

/// Writes anew what follows from a draft: what it is found by, and the texts that stand in it.
pub(crate) async fn mend(line: &Line, chart: i64, id: Uuid) -> Result<()> {
    let sql = "SELECT body FROM note_draft WHERE patient = $1 AND id = $2";
    let Some(row) = line.first(sql, &[&chart, &id]).await? else { return Ok(()) };
    let draft: Draft = body(&row)?;
    let (whose, open, changed_at) = draft.row();
    let sql = "UPDATE note_draft SET author = $3, open = $4, changed_at = $5 WHERE patient = $1 AND id = $2";
    line.execute(sql, &[&chart, &id, &whose, &open, &changed_at]).await?;
    for (section, text) in store::draft::standing(&draft) {
        let sql = "INSERT INTO note_revision(patient, note, section, revision, body) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT DO NOTHING";
        line.execute(sql, &[&chart, &id, &section, &i64::from(text.revision), &json(text)?]).await?;
    }
    Ok(())
}

/// Drafts and texts to be written.
#[derive(Default)]
pub(crate) struct Changed {
    /// The last state of each draft, by chart and id.
    drafts: BTreeMap<(i64, Uuid), (Uuid, bool, i64, String)>,
    texts: Texts,
}

/// Columns of [`INSERT`].
#[derive(Default)]
struct Texts {
    patients: Vec<i64>,
    notes: Vec<Uuid>,
    sections: Vec<String>,
    revisions: Vec<i64>,
    bodies: Vec<String>,
}

/// Columns of [`REPLACE`].
#[derive(Default)]
pub(crate) struct Columns {
    patients: Vec<i64>,
    ids: Vec<Uuid>,
    authors: Vec<Uuid>,
    open: Vec<bool>,
    changed_at: Vec<i64>,
    bodies: Vec<String>,
}

const REPLACE: &str = "INSERT INTO note_draft(patient, id, author, open, changed_at, body)
    SELECT * FROM unnest($1::int8[], $2::uuid[], $3::uuid[], $4::bool[], $5::int8[], $6::text[])
    ON CONFLICT (patient, id) DO UPDATE
    SET author = excluded.author, open = excluded.open, changed_at = excluded.changed_at, body = excluded.body";
const INSERT: &str = "INSERT INTO note_revision(patient, note, section, revision, body)
    SELECT * FROM unnest($1::int8[], $2::uuid[], $3::text[], $4::int8[], $5::text[])";

impl Changed {
    /// Notes what a change made, in the chart of this number.
    pub(crate) fn push(&mut self, known: &mut Known, chart: i64, applied: Applied) -> Result<()> {
        let Some(draft) = applied.draft else { return Ok(()) };
        let (whose, open, changed_at) = draft.row();
        let row = (whose, open, changed_at, json(&draft)?);
        self.drafts.insert((chart, draft.id), row);
        if let Some((section, text)) = applied.revision {
            self.texts.patients.push(chart);
            self.texts.notes.push(draft.id);
            self.texts.sections.push(section);
            self.texts.revisions.push(text.revision.into());
            self.texts.bodies.push(json(&text)?);
        }
        known.insert(draft.id, draft);
        Ok(())
    }

    /// The drafts as columns.
    pub(crate) fn columns(&self) -> Columns {
        let mut columns = Columns::default();
        for ((patient, id), (author, open, changed_at, body)) in &self.drafts {
            columns.patients.push(*patient);
            columns.ids.push(*id);
            columns.authors.push(*author);
            columns.open.push(*open);
            columns.changed_at.push(*changed_at);
            columns.bodies.push(body.clone());
        }
        columns
    }

    /// What is to be written, if anything is.
    pub(crate) fn bulks<'a>(&'a self, columns: &'a Columns) -> Vec<Bulk<'a>> {
        let mut bulks = Vec::new();
        if !columns.ids.is_empty() {
            let Columns { patients, ids, authors, open, changed_at, bodies } = columns;
            bulks.push(Bulk::new(REPLACE, [patients as Param<'_>, ids, authors, open, changed_at, bodies]));
        }
        if !self.texts.notes.is_empty() {
            let Texts { patients, notes, sections, revisions, bodies } = &self.texts;
            bulks.push(Bulk::new(INSERT, [patients as Param<'_>, notes, sections, revisions, bodies]));
        }
        bulks
    }
}

impl Db {
    async fn one_draft(&self, patient: &PatientId, id: Uuid) -> Result<Option<Draft>> {
        let sql = "SELECT n.body FROM directory d JOIN note_draft n ON n.patient = d.patient
            WHERE d.kind = $1 AND d.id = $2 AND n.id = $3";
        let reader = self.readers.take().await?;
        let rows = reader.query(sql, &[&number(Kind::PATIENT), &patient.as_str(), &id]).await;
        reader.done(rows).await?.first().map(body).transpose()
    }
}

#[async_trait]
impl Drafts for Db {
    fn note_keys(&self) -> &NoteKeys {
        &self.note_keys
    }

    async fn draft(&self, permit: &Permit, patient: &PatientId, id: Uuid) -> Result<Option<Sealed<Draft>>> {
        store::draft::reachable(permit, patient)?;
        let found = self.one_draft(patient, id).await?;
        Ok(found.map(|draft| Sealed::seal(draft, [patient.clone()])))
    }

    async fn drafts(&self, permit: &Permit, of: &DraftsOf) -> Result<Sealed<Vec<Draft>>> {
        let reader = self.readers.take().await?;
        let rows = match of {
            DraftsOf::Patient(patient) => {
                let sql = "SELECT n.body FROM directory d JOIN note_draft n ON n.patient = d.patient
                    WHERE d.kind = $1 AND d.id = $2 AND n.open";
                reader.query(sql, &[&number(Kind::PATIENT), &patient.as_str()]).await
            }
            DraftsOf::Moved(patient) => {
                // As it stands in the JSON of those: quotes within a text are written otherwise.
                let sql = "SELECT n.body FROM directory d JOIN note_draft n ON n.patient = d.patient
                    WHERE d.kind = $1 AND d.id = $2 AND NOT n.open AND strpos(n.body, '\"moved\":{') > 0";
                reader.query(sql, &[&number(Kind::PATIENT), &patient.as_str()]).await
            }
            DraftsOf::Author(author) => {
                reader.query("SELECT body FROM note_draft WHERE author = $1 AND open", &[author]).await
            }
            DraftsOf::Practice => reader.query("SELECT body FROM note_draft WHERE open", &[]).await,
        };
        let rows = reader.done(rows).await?;
        let mut drafts = rows.iter().map(body).collect::<Result<Vec<Draft>>>()?;
        store::draft::newest_first(&mut drafts);
        store::draft::seal(permit, drafts)
    }

    async fn revisions(
        &self,
        permit: &Permit,
        patient: &PatientId,
        id: Uuid,
        section: &str,
    ) -> Result<Sealed<Vec<SavedText>>> {
        store::draft::reachable(permit, patient)?;
        if self.one_draft(patient, id).await?.is_none() {
            return Err(Error::DraftElsewhere);
        }
        let sql = "SELECT n.body FROM directory d JOIN note_revision n ON n.patient = d.patient
            WHERE d.kind = $1 AND d.id = $2 AND n.note = $3 AND n.section = $4 ORDER BY n.revision DESC";
        let reader = self.readers.take().await?;
        let rows = reader.query(sql, &[&number(Kind::PATIENT), &patient.as_str(), &id, &section]).await;
        let texts = reader.done(rows).await?.iter().map(body).collect::<Result<Vec<SavedText>>>()?;
        Ok(Sealed::seal(texts, [patient.clone()]))
    }
}
