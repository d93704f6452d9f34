//! A signed note as it is shown: by whom it was signed and cosigned, or whose cosignature it waits for, whether what stands is what was
//! signed, what was added to it, what the signer saw.

use crate::access::Action;
use crate::chart::row::Row;
use crate::chart::title::{kind_words, title};
use crate::chart::when::When;
use crate::chart::{Ask, Loaded};
use crate::error::{Error, Result};
use crate::record;
use fhir::edit::note::{self, COSIGNATURE};
use fhir::{Id, Key, Kind, json};
use serde_json::Value;
use std::collections::BTreeMap;
use store::Sealed;
use store::draft::{Draft, Elsewhere};
use store::engine::notes::NoteKeys;
use store::record::Stored;
use uuid::Uuid;

/// What a signature is worth here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// What stands is what was signed in this practice.
    Holds,
    /// It was signed, but what stands is not what was signed: somebody changed it past this program, or damaged it.
    Broken,
}

/// One signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Whether it is the cosigner's.
    pub cosigned: bool,
    /// Who.
    pub by: String,
    /// When.
    pub when: String,
    /// What it is worth.
    pub worth: Worth,
}

/// Whose cosignature a note waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    /// The account; none when it cannot be told.
    pub account: Option<Uuid>,
    /// The name.
    pub name: String,
}

/// A note that adds to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addendum {
    /// The note.
    pub id: Id,
    /// Its version.
    pub version: u32,
    /// Who.
    pub by: String,
    /// When.
    pub when: String,
    /// The day of that.
    pub day: String,
    /// Its text.
    pub text: String,
}

/// What stands beside a signed note.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Proof {
    /// The sort of note; empty for one that was not signed here.
    pub kind: String,
    /// Its signatures, the author's first.
    pub signatures: Vec<Signature>,
    /// Whose cosignature it waits for.
    pub awaits: Option<Awaited>,
    /// What was added, oldest first.
    pub addenda: Vec<Addendum>,
    /// The note it adds to.
    pub appends: Option<Id>,
    /// The draft in another chart that its text came from: it was written in the wrong one.
    pub origin: Option<Elsewhere>,
    /// The draft in another chart that its text went to.
    pub moved: Option<Elsewhere>,
}

impl Proof {
    /// Whether it was signed in this practice and what stands is what every signature was set under.
    #[must_use]
    pub fn holds(&self) -> bool {
        let author = self.signatures.iter().any(|signature| !signature.cosigned);
        author && self.signatures.iter().all(|signature| signature.worth == Worth::Holds)
    }
}

/// What the signer saw.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SeenThen {
    /// Who signed.
    pub by: String,
    /// When.
    pub when: String,
    /// By sort of entry.
    pub entries: BTreeMap<String, Vec<SeenLine>>,
}

/// One entry as it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenLine {
    /// The entry.
    pub key: Key,
    /// Its words in that version.
    pub words: String,
    /// Its value, where it has one.
    pub detail: Option<String>,
    /// Whether it changed since.
    pub changed: bool,
}

/// The note's signatures and addenda, sealed.
///
/// # Errors
/// What the store says.
pub async fn of(ask: &Ask<'_>, note: &Id) -> Result<Sealed<Proof>> {
    let key = Key::new(Kind::COMPOSITION, note.clone());
    let proofs = search(ask, Kind::PROVENANCE, "target", &format!("{key}/_history/1")).await?;
    let addenda = search(ask, Kind::COMPOSITION, "related-ref", &key.to_string()).await?;
    let permit = ask.caller.read_chart(Action::ReadClinical, &ask.patient)?;
    let newest = store_read(ask, &permit, &key).await?;
    let first = ask.store.read_version(&permit, &key, 1).await?.ok_or(Error::NotFound)?;
    let draft = match Uuid::try_parse(note.as_str()) {
        Ok(draft) => ask.store.draft(&permit, &ask.patient, draft).await?.map(|draft| draft.for_decision().clone()),
        Err(_) => None,
    };
    let awaited = awaited(ask, draft.as_ref()).await?;
    let keys = ask.store.note_keys();
    let clock = ask.clock();
    Ok(proofs.zip(addenda).zip(newest).zip(first).map(|(((proofs, addenda), newest), first)| {
        let (newest, first) = (json::parse(&newest.body).ok(), json::parse(&first.body).ok());
        let mut proof = Proof { kind: kind(newest.as_ref()), ..Proof::default() };
        proof.appends = appended(newest.as_ref());
        (proof.origin, proof.moved) = draft.map(|draft| (draft.origin, draft.moved)).unwrap_or_default();
        for stored in &proofs {
            let Some(body) = json::parse(&stored.body).ok() else { continue };
            let Some(worth) = worth(keys, first.as_ref().zip(newest.as_ref()), &body) else { continue };
            proof.signatures.push(Signature {
                cosigned: note::is_signature(&body, COSIGNATURE),
                by: text(&body, "/signature/0/who/display"),
                when: When::read(&text(&body, "/signature/0/when"), &clock).map(|when| when.full()).unwrap_or_default(),
                worth,
            });
        }
        proof.signatures.sort_by_key(|signature| signature.cosigned);
        // Who was asked stands in the note; who is to do it now, with the draft it was.
        // A cosignature that does not hold is none.
        let cosigned = proof.signatures.iter().any(|one| one.cosigned && one.worth == Worth::Holds);
        let asked = first.as_ref().and_then(note::cosigner).filter(|_| !cosigned);
        proof.awaits = asked.map(|name| awaited.unwrap_or(Awaited { account: None, name: name.to_owned() }));
        let mut added: Vec<_> = addenda.iter().filter_map(Row::read).collect();
        added.sort_by_key(|row| row.recorded_at);
        proof.addenda =
            added.iter().filter(|row| row.handle(&clock).error.is_none()).map(|row| addendum(row, &clock)).collect();
        proof
    }))
}

/// What a Provenance is worth as a signature over a note in its first and newest version; none where it is no signature of this practice.
fn worth(keys: &NoteKeys, note: Option<(&Value, &Value)>, proof: &Value) -> Option<Worth> {
    note::signed_kind(proof)?;
    let data = note::signature(proof)?;
    let signed = |first| keys.signed(&note::message(first, proof), &data);
    Some(match note {
        // Later versions differ by a mark of error at most.
        Some((first, newest)) if signed(first) && super::signed::same(first, newest) => Worth::Holds,
        _ => Worth::Broken,
    })
}

/// Whose turn it is, where the note waits.
async fn awaited(ask: &Ask<'_>, draft: Option<&Draft>) -> Result<Option<Awaited>> {
    let Some(whose) = draft.and_then(Draft::waits_for) else { return Ok(None) };
    let user = ask.store.user(whose).await?;
    Ok(user.map(|user| Awaited { account: Some(whose), name: user.display_name }))
}

async fn store_read(ask: &Ask<'_>, permit: &store::Permit, key: &Key) -> Result<Sealed<Stored>> {
    ask.store.read(permit, key).await?.ok_or(Error::NotFound)
}

fn kind(note: Option<&Value>) -> String {
    note.and_then(note::signed_kind).unwrap_or_default().to_owned()
}

fn appended(note: Option<&Value>) -> Option<Id> {
    let relates = note?.pointer("/relatesTo/0")?;
    (relates.get("code")?.as_str()? == "appends").then_some(())?;
    Key::parse(relates.pointer("/targetReference/reference")?.as_str()?).map(|key| key.id)
}

fn text(body: &Value, pointer: &str) -> String {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn addendum(row: &Row, clock: &crate::chart::Clock) -> Addendum {
    let root = row.root();
    let sections = root.each("section").into_iter().filter_map(|section| section.text("text.div"));
    let when = When::get(root, "date", clock);
    Addendum {
        id: row.key.id.clone(),
        version: row.version,
        by: root.text("author.display").unwrap_or_default().to_owned(),
        when: when.as_ref().map(When::full).unwrap_or_default(),
        day: when.map(|when| when.date).unwrap_or_default(),
        text: sections.map(crate::chart::plain::plain).collect::<Vec<_>>().join("\n\n"),
    }
}

async fn search(ask: &Ask<'_>, kind: Kind, name: &str, value: &str) -> Result<Sealed<Vec<Stored>>> {
    let permit = ask.caller.read_chart(Action::ReadClinical, &ask.patient)?;
    record::search(ask.store, &permit, kind, &[(name, value), ("_count", "100")], ask.caller).await
}

/// The entries that the author's signature names (or the cosigner's, where that is `asked`), each in the version it names.
///
/// # Errors
/// [`Error::NotFound`] when the note has no such signature of here that holds.
pub async fn seen(ask: &Ask<'_>, note: &str, asked: (&str, &str)) -> Result<(Loaded, SeenThen)> {
    let id = Id::parse(note).map_err(|_| Error::NotFound)?;
    let key = Key::new(Kind::COMPOSITION, id);
    let permit = ask.caller.read_chart(Action::ReadClinical, &ask.patient)?;
    let proofs = search(ask, Kind::PROVENANCE, "target", &format!("{key}/_history/1")).await?;
    let newest = store_read(ask, &permit, &key).await?;
    let first = ask.store.read_version(&permit, &key, 1).await?.ok_or(Error::NotFound)?;
    let (newest, first) = (json::parse(&newest.for_decision().body).ok(), json::parse(&first.for_decision().body).ok());
    let holds = |proof: &Value| {
        let worth = worth(ask.store.note_keys(), first.as_ref().zip(newest.as_ref()), proof);
        note::is_signature(proof, asked) && worth == Some(Worth::Holds)
    };
    let mut read = proofs.for_decision().iter().filter_map(|stored| json::parse(&stored.body).ok());
    let proof = read.find(holds).ok_or(Error::NotFound)?;
    let all = proof.get("entity").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut then = Sealed::empty(Vec::new());
    for named in all.iter().filter_map(|entity| entity.pointer("/what/reference")?.as_str()) {
        let Some((key, version)) = named.split_once("/_history/") else { continue };
        let (Some(key), Ok(version)) = (Key::parse(key), version.parse::<u32>()) else { continue };
        let Some(stored) = ask.store.read_version(&permit, &key, version).await? else { continue };
        let now = ask.store.read(&permit, &key).await?.map_or(0, |now| now.for_decision().version);
        then = then.zip(stored).map(|(mut rows, stored)| {
            rows.push((stored, now != version));
            rows
        });
    }
    let clock = ask.clock();
    let seen = SeenThen {
        by: text(&proof, "/signature/0/who/display"),
        when: When::read(&text(&proof, "/signature/0/when"), &clock).map(|when| when.full()).unwrap_or_default(),
        entries: BTreeMap::new(),
    };
    let loaded = ask.load(&[]).await?;
    let read = loaded.zip(then.zip(proofs)).map(|(loaded, (rows, _))| {
        let mut seen = seen;
        for (stored, changed) in &rows {
            let Some(row) = Row::read(stored) else { continue };
            let value = crate::chart::result::Observed::of(&row, &loaded.reading);
            let detail = value.main.value.map(|value| value.text).filter(|_| row.key.kind == Kind::OBSERVATION);
            let words = match row.key.kind {
                Kind::PATIENT => loaded.banner.name.clone(),
                _ => title(row.root()),
            };
            let line = SeenLine { key: row.key.clone(), words, detail, changed: *changed };
            seen.entries.entry(kind_words(row.key.kind)).or_default().push(line);
        }
        (loaded, seen)
    });
    ask.release(read, "what the signer saw").await
}
