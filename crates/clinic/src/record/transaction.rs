//! A transaction: every entry or none.

mod body;

use super::bundle::{Entry as Asked, Target, Verb};
use super::commands::{Edit, Written, keep, save_checked};
use super::conditional;
use super::retry::{self, Came};
use crate::error::{Error, Result};
use fhir::{Id, Issue, IssueType, Key, Kind, PatientId};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use store::audit::Entry;
use store::record::{Idempotency, Stored};
use store::{Permit, Store, WritePermit};

/// What became of one entry.
#[derive(Debug, Clone, PartialEq)]
pub enum Done {
    /// A version was stored; `true` when the resource is new.
    Written(Written, bool),
    /// Its condition found this resource, version and time of that version as it should be: nothing to write.
    Found(Key, u32, Timestamp),
    /// It was deleted before, or its condition matched none: nothing to delete.
    Nothing,
    /// A GET: to be answered after the commit.
    Read,
}

/// Where a transaction writes: the practice, by whom, with new ids from `mint`.
pub struct Scene<'a> {
    /// The store.
    pub store: &'a dyn Store,
    /// Leave to write.
    pub permit: &'a WritePermit,
    /// Leave to read: conditions are questions, which who may only write may not ask.
    pub asks: &'a Permit,
    /// Makes ids for what is created.
    pub mint: &'a (dyn Fn() -> Id + Sync),
    /// When.
    pub at: Timestamp,
    /// Whether these are the entries of a bundle: then references between them are resolved and every reference is checked.
    pub bundle: bool,
}

/// What is stored under a name now.
#[derive(Clone)]
struct Now {
    version: u32,
    deleted: bool,
    /// The chart it belongs to, if to one: then a change must say which version it is based on.
    patient: Option<PatientId>,
}

/// What an entry comes to, once its conditions and version are known.
struct Planned {
    asked: Asked,
    plan: Plan,
}

enum Plan {
    Write {
        key: Key,
        based_on: Option<u32>,
        new: bool,
    },
    Delete {
        key: Key,
        based_on: u32,
    },
    Found {
        key: Key,
        version: u32,
        at: Timestamp,
        patient: Option<PatientId>,
    },
    /// Nothing to delete under this name, if one was named; of this chart, if it is known.
    Nothing(Option<Key>, Option<PatientId>),
    Read,
}

/// Carries out a transaction. Answers in the order of the entries.
///
/// # Errors
/// The first entry that cannot be done, its place told as `Bundle.entry[n]`. Nothing is stored then.
pub async fn run(
    scene: &Scene<'_>,
    entries: Vec<Asked>,
    guard: Option<Idempotency>,
    audit: Entry,
) -> Result<Vec<Done>> {
    let Some(guard) = guard else { return carry_out(scene, entries, None, audit).await };
    if let Some(done) = retry::again(scene, &guard, &audit).await? {
        return Ok(done);
    }
    match carry_out(scene, entries, Some(guard.clone()), audit.clone()).await {
        Ok(done) => Ok(done),
        // The same request may have been under way: then it is what made this one come too late.
        Err(error) => match retry::again(scene, &guard, &audit).await {
            // Who cannot ask again knows no more than before, and must say so: it may have been saved.
            Err(_) if matches!(error, Error::Store(store::Error::Unknown)) => Err(error),
            done => done?.ok_or(error),
        },
    }
}

async fn carry_out(
    scene: &Scene<'_>,
    entries: Vec<Asked>,
    guard: Option<Idempotency>,
    mut audit: Entry,
) -> Result<Vec<Done>> {
    let _turn = if entries.iter().any(is_conditional) { Some(scene.store.turn().await?) } else { None };
    let versions = stored_now(scene, &entries).await?;
    let mut planned = Vec::with_capacity(entries.len());
    for asked in entries {
        let place = asked.index;
        let plan = plan(scene, &asked, &versions).await.map_err(|error| told(scene, error, place))?;
        planned.push(Planned { asked, plan });
    }
    refuse_twice(&planned)?;
    refuse_same_names(&planned)?;
    let names = names(&planned);
    let mut edits = Vec::new();
    let mut places = Vec::new();
    let mut exist = BTreeSet::new();
    for entry in &mut planned {
        let place = entry.asked.index;
        if let Some(edit) =
            body::edit(scene, entry, &names, &mut exist).await.map_err(|error| told(scene, error, place))?
        {
            edits.push(edit);
            places.push(place);
        }
    }
    note_unwritten(&planned, &mut audit);
    let guard = guard.map(|guard| Idempotency { answer: retry::kept(planned.iter().map(came)), ..guard });
    let written = if edits.is_empty() {
        // What changes nothing is in the trail all the same, and its key is kept: asked again later, it must still change nothing.
        match guard {
            None => drop(scene.store.append(audit).await?),
            Some(guard) => {
                if keep(scene.store, scene.permit, guard.clone(), audit).await?
                    && let Some(done) = retry::told(scene, &guard).await?
                {
                    return Ok(done);
                }
            }
        }
        Vec::new()
    } else {
        let order = in_order(&edits);
        let sorted = sort_by(edits, &order);
        let written =
            save_checked(scene.store, scene.permit, sorted, exist.into_iter().collect(), (guard, None), audit).await?;
        let mut back: Vec<(usize, Written)> = order.into_iter().zip(written).collect();
        back.sort_by_key(|(at, _)| *at);
        back.into_iter().map(|(_, written)| written).collect()
    };
    let mut written: HashMap<usize, Written> = places.into_iter().zip(written).collect();
    Ok(planned
        .into_iter()
        .map(|Planned { asked, plan }| match plan {
            Plan::Write { new, .. } => written.remove(&asked.index).map_or(Done::Nothing, |w| Done::Written(w, new)),
            Plan::Delete { .. } => written.remove(&asked.index).map_or(Done::Nothing, |w| Done::Written(w, false)),
            Plan::Found { key, version, at, .. } => Done::Found(key, version, at),
            Plan::Nothing(..) => Done::Nothing,
            Plan::Read => Done::Read,
        })
        .collect())
}

/// What an entry will have come to once the commit is done.
fn came(entry: &Planned) -> Came<'_> {
    match &entry.plan {
        Plan::Write { key, based_on, new } => Came::Written(key, based_on.unwrap_or(0).saturating_add(1), *new),
        Plan::Delete { key, based_on } => Came::Written(key, based_on.saturating_add(1), false),
        Plan::Found { key, version, at, .. } => Came::Found(key, *version, *at),
        Plan::Nothing(key, _) => Came::Nothing(key.as_ref()),
        Plan::Read => Came::Read,
    }
}

/// The audit entry names what was found and what was not there to delete; the store adds what is written.
fn note_unwritten(planned: &[Planned], audit: &mut Entry) {
    for entry in planned {
        match &entry.plan {
            Plan::Found { key, version, patient, .. } => {
                audit.what.push((key.clone(), *version));
                audit.patients.extend(patient.clone());
            }
            Plan::Nothing(key, patient) => {
                audit.what.extend(key.clone().map(|key| (key, 0)));
                audit.patients.extend(patient.clone());
                if let Target::Condition(kind, _) = &entry.asked.target {
                    kind.name().clone_into(&mut audit.detail);
                }
            }
            Plan::Write { .. } | Plan::Delete { .. } | Plan::Read => {}
        }
    }
    audit.patients.sort();
    audit.patients.dedup();
}

fn is_conditional(entry: &Asked) -> bool {
    entry.if_none_exist.is_some() || matches!(entry.target, Target::Condition(..))
}

/// Deletions first, then creations, then new versions (<http://hl7.org/fhir/R4/http.html#trules>).
fn in_order(edits: &[Edit]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..edits.len()).collect();
    order.sort_by_key(|at| match edits.get(*at) {
        Some(Edit::Delete { .. }) => 0,
        Some(Edit::Create { .. }) => 1,
        _ => 2,
    });
    order
}

fn sort_by(edits: Vec<Edit>, order: &[usize]) -> Vec<Edit> {
    let mut slots: Vec<Option<Edit>> = edits.into_iter().map(Some).collect();
    order.iter().filter_map(|at| slots.get_mut(*at).and_then(Option::take)).collect()
}

/// What is stored of every resource that is named.
async fn stored_now(scene: &Scene<'_>, entries: &[Asked]) -> Result<HashMap<Key, Now>> {
    let keys: Vec<Key> = entries
        .iter()
        .filter(|entry| entry.verb != Verb::Get)
        .filter_map(|entry| if let Target::Resource(key) = &entry.target { Some(key.clone()) } else { None })
        .collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let current = scene.store.current(scene.permit, &keys).await?;
    let found = keys.into_iter().zip(current.for_decision());
    Ok(found.filter_map(|(key, stored)| stored.as_ref().map(|stored| (key, Now::of(stored)))).collect())
}

impl Now {
    fn of(stored: &Stored) -> Self {
        Self { version: stored.version, deleted: stored.deleted, patient: stored.patient.clone() }
    }
}

async fn plan(scene: &Scene<'_>, asked: &Asked, stored: &HashMap<Key, Now>) -> Result<Plan> {
    match (&asked.target, asked.verb) {
        (_, Verb::Get) => Ok(Plan::Read),
        (Target::Kind(kind), _) => {
            if let Some(condition) = &asked.if_none_exist
                && let Some(found) = conditional::find_one(scene.store, scene.asks, *kind, condition, scene.at).await?
            {
                let (version, at, patient) = (found.version, found.recorded_at, found.patient);
                return Ok(Plan::Found { key: found.key, version, at, patient });
            }
            Ok(Plan::Write { key: Key::new(*kind, (scene.mint)()), based_on: None, new: true })
        }
        (Target::Resource(key), verb) => aim(asked, key.clone(), stored.get(key).cloned(), verb),
        (Target::Condition(kind, condition), verb) => {
            match conditional::find_one(scene.store, scene.asks, *kind, condition, scene.at).await? {
                Some(found) => aim(asked, found.key.clone(), Some(Now::of(&found)), verb),
                None if verb == Verb::Put => create_named(scene, asked, *kind).await,
                None if verb == Verb::Delete => Ok(Plan::Nothing(None, None)),
                None => Err(Error::NotFound),
            }
        }
        (Target::Other, _) => Err(Error::NotFound),
    }
}

/// A conditional update that matches none: a create, under the id the body brings if it brings one that is free.
async fn create_named(scene: &Scene<'_>, asked: &Asked, kind: Kind) -> Result<Plan> {
    let id = asked.resource.as_ref().and_then(|body| body.get("id")).and_then(Value::as_str);
    let Some(id) = id.and_then(|id| Id::parse(id).ok()) else {
        return Ok(Plan::Write { key: Key::new(kind, (scene.mint)()), based_on: None, new: true });
    };
    let key = Key::new(kind, id);
    let current = scene.store.current(scene.permit, std::slice::from_ref(&key)).await?;
    if current.for_decision().iter().any(Option::is_some) {
        return Err(Error::Conflict(format!("{key} exists, but does not match the condition; nothing was saved")));
    }
    Ok(Plan::Write { key, based_on: None, new: true })
}

/// An update, patch or deletion of a named resource.
fn aim(asked: &Asked, key: Key, stored: Option<Now>, verb: Verb) -> Result<Plan> {
    if asked.if_match.is_some_and(|wanted| stored.as_ref().is_none_or(|now| now.version != wanted)) {
        return Err(Error::Stale);
    }
    if asked.only_new && stored.as_ref().is_some_and(|now| !now.deleted) {
        return Err(Error::Stale);
    }
    let by_name = matches!(asked.target, Target::Resource(_));
    match (verb, stored) {
        (Verb::Delete, Some(now)) if !now.deleted && by_name && now.patient.is_some() && asked.if_match.is_none() => {
            Err(Error::VersionMissing)
        }
        (Verb::Delete, Some(now)) if !now.deleted => Ok(Plan::Delete { key, based_on: now.version }),
        (Verb::Delete, stored) => Ok(Plan::Nothing(Some(key), stored.and_then(|now| now.patient))),
        (Verb::Put, None) => Ok(Plan::Write { key, based_on: None, new: true }),
        (Verb::Put, Some(now)) if now.deleted => Ok(Plan::Write { key, based_on: Some(now.version), new: true }),
        (_, Some(now)) if now.deleted => Err(Error::Gone),
        (_, Some(now)) if now.patient.is_some() && asked.if_match.is_none() => Err(Error::VersionMissing),
        (_, Some(now)) => Ok(Plan::Write { key, based_on: Some(now.version), new: false }),
        (_, None) => Err(Error::NotFound),
    }
}

/// A resource may be written once in a transaction.
fn refuse_twice(planned: &[Planned]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for entry in planned {
        if let Plan::Write { key, .. } | Plan::Delete { key, .. } = &entry.plan
            && !seen.insert(key)
        {
            let text = format!("{key} is written twice in this transaction.");
            let place = format!("Bundle.entry[{}]", entry.asked.index);
            return Err(Error::Malformed(vec![Issue::error(IssueType::Duplicate, text).at(place)]));
        }
    }
    Ok(())
}

/// A fullUrl names one entry (invariant bdl-7), and one condition makes one resource: else a reference could lead to another patient,
/// and one patient be made twice.
fn refuse_same_names(planned: &[Planned]) -> Result<()> {
    let (mut urls, mut conditions) = (BTreeSet::new(), BTreeSet::new());
    for Planned { asked, plan } in planned {
        let new = matches!(plan, Plan::Write { new: true, .. });
        let condition = match (&asked.target, &asked.if_none_exist) {
            (Target::Condition(kind, condition), _) | (Target::Kind(kind), Some(condition)) if new => {
                Some((*kind, condition))
            }
            _ => None,
        };
        let text = if !asked.full_url.is_empty() && !urls.insert(&asked.full_url) {
            "Another entry has this fullUrl."
        } else if condition.is_some_and(|condition| !conditions.insert(condition)) {
            "Another entry makes a resource on the same condition."
        } else {
            continue;
        };
        let place = format!("Bundle.entry[{}]", asked.index);
        return Err(Error::Malformed(vec![Issue::error(IssueType::Duplicate, text).at(place)]));
    }
    Ok(())
}

/// What references may call each entry, and what they become.
fn names(planned: &[Planned]) -> HashMap<String, String> {
    let mut names = HashMap::new();
    for entry in planned {
        let (Plan::Write { key, .. } | Plan::Found { key, .. }) = &entry.plan else { continue };
        let url = &entry.asked.full_url;
        if url.is_empty() {
            continue;
        }
        names.insert(url.clone(), key.to_string());
        // A RESTful fullUrl is also meant by a relative reference that ends it.
        let mut tail = url.rsplitn(3, '/');
        if let (Some(id), Some(kind), Some(_)) = (tail.next(), tail.next(), tail.next()) {
            names.insert(format!("{kind}/{id}"), key.to_string());
        }
    }
    names
}

/// The same findings, told where they are in the bundle.
fn told(scene: &Scene<'_>, error: Error, index: usize) -> Error {
    if !scene.bundle {
        return error;
    }
    let place = |issues: Vec<Issue>| issues.into_iter().map(|issue| placed(issue, index)).collect();
    match error {
        Error::Malformed(issues) => Error::Malformed(place(issues)),
        Error::Invalid(issues) => Error::Invalid(place(issues)),
        other => Error::InEntry(index, Box::new(other)),
    }
}

/// `Patient.name[0]` becomes `Bundle.entry[3].resource.name[0]`.
fn placed(issue: Issue, index: usize) -> Issue {
    let rest = issue.expression.split_once('.').map(|(_, rest)| rest);
    let expression = match (issue.expression.starts_with("Bundle.entry"), rest) {
        (true, _) => issue.expression.clone(),
        (false, Some(rest)) => format!("Bundle.entry[{index}].resource.{rest}"),
        (false, None) => format!("Bundle.entry[{index}].resource"),
    };
    issue.at(expression)
}
