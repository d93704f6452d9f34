//! Changes: the versions of a chart's entries, each with what differs from the one before, and who looked at the chart.

use super::author::{Authors, authors};
use super::commands::{Ask, Loaded};
use super::fact::{Difference, Fact, differences, facts};
use super::left::{Left, explained};
use super::moved::Moves;
use super::row::{Names, Row, spoken};
use super::title::{sort, title};
use super::when::When;
use crate::access::Action;
use crate::error::{Error, Result};
use fhir::edit::correction;
use fhir::{Body, Element, Key, Kind};
use jiff::civil::Date;
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use store::Permit;
use store::audit::{AuditQuery, Outcome};
use store::record::{HistoryOf, HistoryQuery, Stored};

/// One version, in a chart's list of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The entry.
    pub key: Key,
    /// Its version.
    pub version: u32,
    /// What sort of entry, in words.
    pub sort: String,
    /// Its words.
    pub title: String,
    /// What happened: `Added`, `Changed`, `Deleted`, `Marked as entered in error` …
    pub deed: String,
    /// The reason given for a correction.
    pub why: Option<String>,
    /// When it was recorded.
    pub when: When,
    /// By whom, where the trail tells it.
    pub by: Option<String>,
    /// Its place among all versions.
    pub sequence: u64,
}

/// One version of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its number.
    pub version: u32,
    /// What happened.
    pub deed: String,
    /// When it was recorded.
    pub when: When,
    /// By whom, where the trail tells it.
    pub by: Option<String>,
    /// What differs from the version before; nothing for the first.
    pub differences: Vec<Difference>,
}

/// An entry with all its versions in this chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryHistory {
    /// The entry.
    pub key: Key,
    /// The newest version in this chart.
    pub version: u32,
    /// What sort of entry, in words.
    pub sort: String,
    /// Its words.
    pub title: String,
    /// What it says.
    pub facts: Vec<Fact>,
    /// The newest version in this chart as it is kept, as JSON.
    pub source: String,
    /// Versions, newest first.
    pub versions: Vec<Version>,
    /// Whether it is in this chart now (neither deleted nor moved away).
    pub here: bool,
    /// Whether the newest version in this chart is its deletion.
    pub deleted: bool,
    /// Which charts it came from and went to.
    pub moves: Moves,
    /// Whether it is marked as entered in error.
    pub error: bool,
    /// Whether that mark was made here and can be taken back.
    pub restorable: bool,
    /// Whether its type can be marked as entered in error.
    pub markable: bool,
    /// Whether it can be moved to another chart.
    pub movable: bool,
}

/// One page of a chart's changes.
pub struct Changes {
    /// Newest first.
    pub changes: Vec<Change>,
    /// Where the next page begins.
    pub before: Option<u64>,
    /// The day the chart's first entry was recorded.
    pub began: Option<Date>,
}

/// One access to a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// When.
    pub when: When,
    /// Who.
    pub who: String,
    /// In which role.
    pub role: String,
    /// What they did, in words.
    pub deed: String,
    /// The reason given, if any.
    pub why: String,
    /// Whether it was refused or failed.
    pub outcome: Outcome,
    /// Further entries of the same sort just before, newest first: this line stands for them too.
    pub earlier: Vec<When>,
    /// What these are called.
    pub sort: &'static str,
}

/// How many changes or accesses a page shows.
pub const PAGE: u32 = 100;
/// Text longer than this without a space in it is the content of a file.
const CONTENT: usize = 400;

impl Ask<'_> {
    /// The chart's changes, newest first, from `before` on.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub async fn changes(&self, before: Option<u64>) -> Result<(Loaded, Changes)> {
        let permit = self.caller.read_chart(Action::ReadClinical, &self.patient)?;
        let of = HistoryOf::Patient(self.patient.clone());
        let query = HistoryQuery { of, since: None, until: self.moment(), count: PAGE, before };
        let history = self.store.history(&permit, &query).await?;
        let authors = authors(self.store, self.caller, &self.patient, history.for_decision().iter()).await?;
        let arrived = self.arrived(&permit, history.for_decision()).await?;
        let first = self.store.read_version(&permit, &self.patient.key(), 1).await?;
        let began = first.map(|first| first.for_decision().recorded_at.to_zoned(self.zone.clone()).date());
        let loaded = self.load(&[]).await?;
        let ((loaded, history), authors) = self.release(loaded.zip(history).zip(authors), "changes").await?;
        let full = history.len() >= PAGE as usize;
        let next = history.last().map(|stored| stored.sequence).filter(|_| full);
        let on_page = |place: u64| before.is_none_or(|before| place < before) && next.is_none_or(|next| place >= next);
        let left: Vec<_> = loaded.left.iter().filter(|left| on_page(left.sequence)).collect();
        // A move is told once, as what happened to the entry; the account of it in this chart says no more.
        let moved: BTreeSet<_> = left.iter().map(|left| &left.key).chain(arrived.iter().map(|(key, _)| key)).collect();
        let mut changes: Vec<_> = history
            .iter()
            .filter(|stored| account_of(stored).is_none_or(|entry| !moved.contains(&entry)))
            .map(|stored| change(stored, arrived.contains(&(stored.key.clone(), stored.version)), &loaded, &authors))
            .collect();
        changes.extend(left.into_iter().map(gone));
        changes.sort_by_key(|change| Reverse(change.sequence));
        Ok((loaded, Changes { changes, before: next, began }))
    }

    /// Which of these versions are the first in this chart of an entry that was in another one before, whichever way it was moved.
    async fn arrived(&self, permit: &Permit, history: &[Stored]) -> Result<BTreeSet<(Key, u32)>> {
        let here: BTreeSet<_> = history.iter().map(|stored| (stored.key.clone(), stored.version)).collect();
        let mut arrived = BTreeSet::new();
        for stored in history.iter().filter(|stored| stored.version > 1) {
            let before = stored.version - 1;
            if here.contains(&(stored.key.clone(), before)) {
                continue;
            }
            let own = match self.store.read_version(permit, &stored.key, before).await {
                Ok(found) => found.is_some_and(|found| found.for_decision().patient.as_ref() == Some(&self.patient)),
                Err(store::Error::NotPermitted) => false,
                Err(error) => return Err(error.into()),
            };
            if !own {
                arrived.insert((stored.key.clone(), stored.version));
            }
        }
        Ok(arrived)
    }

    /// One entry with its versions in this chart.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it never was in this chart.
    pub async fn history_of(&self, key: &Key) -> Result<(Loaded, EntryHistory)> {
        let permit = self.caller.read_chart(Action::ReadClinical, &self.patient)?;
        let query = HistoryQuery {
            of: HistoryOf::Instance(key.clone()),
            since: None,
            until: self.moment(),
            count: 200,
            before: None,
        };
        let history = self.store.history(&permit, &query).await?;
        let loaded = self.load(&[]).await?;
        let here = history.for_decision().iter().any(|stored| stored.patient.as_ref() == Some(&self.patient));
        if !here {
            return Err(Error::NotFound);
        }
        let mine = history.for_decision().iter().filter(|stored| stored.patient.as_ref() == Some(&self.patient));
        let authors = authors(self.store, self.caller, &self.patient, mine).await?;
        let rows: Vec<_> = history.for_decision().iter().take(3).filter_map(Row::read).collect();
        let mut keys = Names::wanted(&rows);
        keys.extend(rows.iter().filter_map(|row| row.root().reference("encounter")));
        let named = self.store.read_many(&permit, &keys).await?;
        let loaded = loaded.zip(named).map(|(mut loaded, named)| {
            loaded.reading.names.extend(Names::of(&Row::read_all(&named)));
            loaded
        });
        let gone = self.as_of.is_none() && !self.holds(key).await?;
        let moves = self.moves(key).await?;
        let read = loaded.zip(history).zip(authors).zip(moves);
        let (((loaded, history), authors), moves) = self.release(read, "versions").await?;
        let mut history = self.entry_history(key, &history, &loaded, &authors)?;
        history.here &= !gone;
        history.moves = moves;
        Ok((loaded, history))
    }

    /// Whether the entry's newest version is in this chart. A permit for this chart alone is not told where else it is.
    async fn holds(&self, key: &Key) -> Result<bool> {
        let permit = self.caller.read_chart(Action::ReadClinical, &self.patient)?;
        match self.store.read(&permit, key).await {
            Ok(Some(stored)) => Ok(stored.for_decision().patient.as_ref() == Some(&self.patient)),
            Ok(None) | Err(store::Error::NotPermitted) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn entry_history(&self, key: &Key, history: &[Stored], loaded: &Loaded, authors: &Authors) -> Result<EntryHistory> {
        let mine: Vec<&Stored> =
            history.iter().filter(|stored| stored.patient.as_ref() == Some(&self.patient)).collect();
        let newest = history.first().ok_or(Error::NotFound)?;
        let bodies: Vec<Option<Body>> = mine.iter().map(|stored| Body::parse(&stored.body).ok()).collect();
        let said = bodies.iter().flatten().next().ok_or(Error::NotFound)?;
        let clock = &loaded.reading.clock;
        let own = self.patient.key();
        let told: Vec<Option<Vec<Fact>>> =
            bodies.iter().map(|body| Some(facts(body.as_ref()?.root(), &own, &loaded.reading))).collect();
        let first = mine.last().map(|stored| stored.version);
        let versions = mine.iter().enumerate().map(|(index, stored)| {
            let after = bodies.get(index).and_then(Option::as_ref);
            let told = |index: usize| told.get(index).and_then(Option::as_deref);
            Version {
                version: stored.version,
                deed: deed(stored, after.map(Body::root), stored.version > 1 && first == Some(stored.version)),
                when: When::of(stored.recorded_at, clock),
                by: authors.of(&stored.key, stored.version).map(ToOwned::to_owned),
                differences: match (told(index + 1), told(index)) {
                    (Some(before), Some(after)) => differences(before, after),
                    _ => Vec::new(),
                },
            }
        });
        let error = super::row::is_error(said.root());
        Ok(EntryHistory {
            key: key.clone(),
            version: newest.version,
            sort: sort(key.kind, Some(said.root())),
            title: title(said.root()),
            facts: facts(said.root(), &own, &loaded.reading),
            source: source(said),
            versions: versions.collect(),
            here: newest.patient.as_ref() == Some(&self.patient) && !newest.deleted,
            deleted: newest.deleted,
            moves: Moves::default(),
            error,
            restorable: error && said.root().extension(correction::ERROR).is_some(),
            markable: correction::can_mark(key.kind) && !error,
            movable: !matches!(key.kind, Kind::PATIENT | Kind::ENCOUNTER | Kind::PROVENANCE),
        })
    }

    /// Who looked at this chart or changed it: all accesses for those who audit, else the caller's own.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub async fn accesses(&self, before: Option<u64>) -> Result<(Loaded, Vec<Access>, Option<u64>)> {
        let all = self.caller.may(Action::Audit);
        let action = if all { Action::Audit } else { Action::OwnAccesses };
        let permit = self.caller.read_chart(action, &self.patient)?;
        let query = AuditQuery {
            patient: Some(self.patient.clone()),
            actor: (!all).then_some(self.caller.actor.id),
            before,
            count: PAGE,
            ..AuditQuery::default()
        };
        let entries = self.store.entries(&permit, &query).await?.only_about(&self.patient);
        let users = self.store.users().await?;
        let loaded = self.load(&[]).await?;
        let (loaded, entries) = self.release(loaded.zip(entries), "access").await?;
        let next = entries.last().map(|recorded| recorded.sequence).filter(|_| entries.len() >= PAGE as usize);
        let clock = &loaded.reading.clock;
        let lines = crate::audit::folded(entries, |recorded| &recorded.entry);
        let accesses = lines
            .iter()
            .filter_map(|line| line.split_first())
            .map(|(recorded, earlier)| Access {
                sort: crate::audit::sort(&recorded.entry).unwrap_or("entries"),
                earlier: earlier.iter().map(|recorded| When::of(recorded.entry.at, clock)).collect(),
                when: When::of(recorded.entry.at, clock),
                who: users
                    .iter()
                    .find(|user| user.id == recorded.entry.actor.id)
                    .map_or_else(|| recorded.entry.actor.name.clone(), |user| user.display_name.clone()),
                role: recorded.entry.actor.role.map_or_else(|| "the program".to_owned(), |role| spoken(role.slug())),
                deed: deed_words(&recorded.entry.action, &recorded.entry.detail),
                why: recorded.entry.why.clone(),
                outcome: recorded.entry.outcome,
            })
            .collect();
        Ok((loaded, accesses, next))
    }
}

/// The entry as it is kept, for the technical view: one member a line, numbers as they were written, the content of files left out.
fn source(body: &Body) -> String {
    let mut value = body.root().value().clone();
    leave_out_content(&mut value);
    serde_json::to_string_pretty(&value).unwrap_or_default()
}

fn leave_out_content(value: &mut Value) {
    match value {
        Value::String(text) if text.len() > CONTENT && !text.contains(char::is_whitespace) => {
            *text = format!("({} characters, left out here)", text.len());
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out_content),
        Value::Object(members) => members.values_mut().for_each(leave_out_content),
        _ => {}
    }
}

fn change(stored: &Stored, arrived: bool, loaded: &Loaded, authors: &Authors) -> Change {
    let row = Row::read(stored);
    let root = row.as_ref().map(Row::root);
    let why = root.and_then(|root| match (super::row::is_error(root), arrived) {
        (true, _) => explained(root, correction::ERROR, "reason"),
        (false, true) => explained(root, correction::MOVED, "reason"),
        (false, false) => root.words("reason").filter(|_| stored.key.kind == Kind::PROVENANCE),
    });
    Change {
        why,
        sequence: stored.sequence,
        key: stored.key.clone(),
        version: stored.version,
        sort: sort(stored.key.kind, root),
        title: root.map_or_else(String::new, title),
        deed: deed(stored, root, arrived),
        when: When::of(stored.recorded_at, &loaded.reading.clock),
        by: authors.of(&stored.key, stored.version).map(ToOwned::to_owned),
    }
}

/// An entry that left, as what happened to it.
fn gone(left: &Left) -> Change {
    Change {
        key: left.key.clone(),
        version: left.version,
        sort: left.sort.clone(),
        title: left.title.clone(),
        deed: "Moved to another patient's chart".to_owned(),
        why: left.why.clone(),
        when: left.when.clone(),
        by: left.by.clone(),
        sequence: left.sequence,
    }
}

/// The entry whose move a Provenance tells of, where it is one that was made here for that.
fn account_of(stored: &Stored) -> Option<Key> {
    let row = Row::read(stored).filter(|_| stored.key.kind == Kind::PROVENANCE)?;
    let root = row.root();
    let activity = root.words("activity")?;
    let mut keys = root.each("target").into_iter().filter_map(|target| Key::parse(target.text("reference")?));
    activity.starts_with("Entry moved ").then(|| keys.next_back()).flatten()
}

fn deed(stored: &Stored, root: Option<Element<'_>>, arrived: bool) -> String {
    let Some(root) = root.filter(|_| !stored.deleted) else { return "Deleted".to_owned() };
    if let Some(activity) = (stored.key.kind == Kind::PROVENANCE).then(|| root.words("activity")).flatten() {
        return activity;
    }
    if super::row::is_error(root) && root.extension(correction::ERROR).is_some() {
        return "Marked as entered in error".to_owned();
    }
    let word = match stored.version {
        1 => "Added",
        _ if arrived => "Moved here from another patient's chart",
        _ => "Changed",
    };
    word.to_owned()
}

/// What an audit entry's action and detail mean.
#[must_use]
pub fn deed_words(action: &str, detail: &str) -> String {
    let deed = match action {
        "chart.read" => "Looked at",
        "entry.error" => "Marked an entry as entered in error",
        "entry.restore" => "Took back a mark \"entered in error\"",
        "entry.move" => "Moved an entry between charts",
        "patient.register" => "Registered the patient",
        "patient.edit" => "Changed the patient's details",
        "patient.find" => "Found in a search",
        "patient.list" => "Seen in a list",
        "audit.search" => return "Looked at who viewed charts".to_owned(),
        "import" => "Imported",
        "request" => "Asked for",
        other => {
            return if detail.is_empty() {
                spoken(&other.replace('.', " "))
            } else {
                format!("{}: {detail}", spoken(&other.replace('.', " ")))
            };
        }
    };
    match (detail, action) {
        ("", _) => deed.to_owned(),
        (detail, "chart.read" | "request") => format!("{deed} {detail}"),
        (detail, _) => format!("{deed}: {detail}"),
    }
}
