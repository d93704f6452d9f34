//! Starting a visit and bringing it from state to state.

use super::moment;
use super::start::{Life, Offered, StartForm, Verdict, check, possible};
use super::state::State;
use crate::access::{Action, Caller};
use crate::chart::bands::Who;
use crate::chart::care::Visit;
use crate::chart::row::{Names, Reading, Row};
use crate::chart::when::Clock;
use crate::entry::{self, Named};
use crate::error::{Error, FieldError, Result};
use crate::patient::lists;
use crate::record::{self, Edit};
use crate::shown::{self, Shown, once};
use fhir::edit::encounter::{self, NewVisit};
use fhir::search::{Handling, Query};
use fhir::{Body, Id, Key, Kind, PatientId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::audit::Entry;
use store::record::Slice;
use store::{Sealed, Store};

/// A visit on its way into a chart.
pub struct Starting<'a> {
    /// The chart in the address.
    pub patient: PatientId,
    /// What the page showed.
    pub shown: Shown<'a>,
    /// What was typed.
    pub form: StartForm,
    /// The practice's zone.
    pub zone: TimeZone,
    /// The form's own key: sent twice, it starts one visit.
    pub once: &'a str,
    /// The id of the visit.
    pub id: Id,
}

/// Starts it. Answers with its key: the earlier one's when the same form came before.
///
/// # Errors
/// [`Error::Fields`]; [`Error::Conflict`] when the patient can have no visit then; [`Error::WrongPatient`], [`Error::VersionMissing`],
/// [`Error::Stale`]; [`Error::NotPermitted`], also for a reason given by somebody who sees none; what the store says.
pub async fn start(store: &dyn Store, caller: &Caller, starting: Starting<'_>) -> Result<Key> {
    let permit = caller.write_chart(Action::CheckIn, &starting.patient)?;
    let patient = shown::patient(store, caller, &starting.patient, starting.shown).await?;
    let form = &starting.form;
    if !form.reason.trim().is_empty() && !caller.may(Action::WriteObservations) {
        return Err(Error::NotPermitted);
    }
    let offered = offered(store, caller).await?;
    let checked = check(form, offered.for_decision(), caller.at, &starting.zone).map_err(Error::Fields)?;
    match possible(&Life::read(&patient.body), checked.start, caller.at, &starting.zone) {
        Verdict::Yes => {}
        Verdict::Ask(_) if form.alive => {}
        Verdict::Ask(question) => return Err(field("alive", &format!("Alive: {question}"))),
        Verdict::No(why) => return Err(Error::Conflict(why.to_owned())),
    }
    let (start, at) = (checked.start.to_string(), caller.at.to_string());
    let new = NewVisit {
        patient: &starting.patient,
        status: checked.state.code(),
        class: checked.class,
        kind: checked.kind,
        reason: &checked.reason,
        with: &checked.with,
        place: checked.place.as_ref(),
        start: &start,
        at: &at,
    };
    let typed = [&form.state, &form.day, &form.time, &form.class, &form.kind, &form.reason, &form.place];
    let typed = typed.into_iter().chain(&form.with).map(String::as_str).chain([starting.patient.as_str()]);
    let guard = once("visit", starting.once, typed);
    let key = Key::new(Kind::ENCOUNTER, starting.id.clone());
    let edit = Edit::Create { key, body: new.body(&starting.id) };
    let audit = Entry { detail: checked.state.code().to_owned(), ..caller.entry("visit.start") };
    let written = record::save(store, &permit, vec![edit], guard, audit).await?;
    written.into_iter().next().map(|written| written.key).ok_or(Error::NotFound)
}

/// What the form chooses among: who treats here, and the places of the practice.
///
/// # Errors
/// [`Error::NotPermitted`]; what the store says.
pub async fn offered(store: &dyn Store, caller: &Caller) -> Result<Sealed<Offered>> {
    let permit = caller.read_practice(Action::ReadIdentity)?;
    let people = lists::practitioners(store, &permit, caller, &own(caller), "").await?;
    let pairs = [("_count".to_owned(), PLACES.to_string())];
    let (query, _) = Query::parse(Kind::LOCATION, &pairs, Handling::Strict, caller.at).map_err(Error::Invalid)?;
    let places = store.search(&permit, &query, None).await?;
    Ok(people.zip(places).map(|(people, places)| {
        let named = |stored: &store::record::Stored| {
            let body = Body::parse(&stored.body).ok()?;
            let usable = matches!(body.root().text("status"), None | Some("active"));
            usable.then_some((stored.key.to_string(), body.root().text("name")?.to_owned()))
        };
        let mut places: Vec<_> = places.matches.iter().filter_map(named).collect();
        places.sort_by_cached_key(|(_, name)| name.to_lowercase());
        Offered { people: people.own, places }
    }))
}

/// More places than a practice has of its own came with an import: the first by the record's order are offered.
const PLACES: u32 = 60;

/// The caller as a practitioner's reference; empty when they are none.
#[must_use]
pub fn own(caller: &Caller) -> String {
    caller.actor.practitioner.as_ref().map(|id| format!("Practitioner/{id}")).unwrap_or_default()
}

/// A step of a visit into another state.
pub struct Change<'a> {
    /// The visit in the address.
    pub visit: &'a str,
    /// What the page showed.
    pub shown: Shown<'a>,
    /// The state to come, its code.
    pub to: &'a str,
    /// When, in the practice's zone (`2026-11-22T14:05`); empty: now.
    pub at: &'a str,
    /// Why, of a visit entered in error.
    pub reason: &'a str,
    /// The practice's zone.
    pub zone: TimeZone,
    /// The caller's name, for a mark that says who made it.
    pub by: &'a str,
}

/// Takes the step.
///
/// # Errors
/// [`Error::Conflict`] when no way leads there, or the patient can have no visit then; in a merged record it can only end; [`Error::Fields`] for a time that cannot be;
/// [`Error::WrongPatient`], [`Error::VersionMissing`], [`Error::Stale`]; [`Error::NotPermitted`].
pub async fn change_state(store: &dyn Store, caller: &Caller, change: Change<'_>) -> Result<PatientId> {
    let (patient, stored) = shown::visit(store, caller, change.visit, change.shown).await?;
    let mut body = record::read_body(&stored.body)?;
    let status = body.get("status").and_then(serde_json::Value::as_str).unwrap_or_default();
    let from = State::parse(status).unwrap_or(State::Unknown);
    let to = State::parse(change.to).ok_or_else(|| field("to", "State: choose one of the steps offered"))?;
    let permit = caller.write_chart(from.needs(to), &patient)?;
    if !from.next().contains(&to) {
        let (from, to) = (spoken(from), spoken(to));
        return Err(Error::Conflict(format!("a visit that is {from} cannot become {to}")));
    }
    if to == State::Error {
        let reason = change.reason.to_owned();
        let named = Named { patient: patient.clone(), key: stored.key.clone(), version: change.shown.version, reason };
        entry::mark_error(store, caller, &named, change.by).await?;
        return Ok(patient);
    }
    if !to.is_over() {
        shown::in_use(store, caller, &patient).await?;
    }
    let at = time(&change, &body, from, to, caller.at)?;
    if matches!(to, State::Arrived | State::InProgress) && !from.is_over() {
        let reading = caller.read_chart(Action::ReadIdentity, &patient)?;
        let who = store.read(&reading, &patient.key()).await?.ok_or(Error::NotFound)?;
        if let Verdict::No(why) = possible(&Life::read(&who.for_decision().body), at, caller.at, &change.zone) {
            return Err(Error::Conflict(why.to_owned()));
        }
    }
    encounter::set_status(&mut body, to.code(), &at.to_string());
    let audit = Entry { detail: format!("{} to {}", from.code(), to.code()), ..caller.entry("visit.state") };
    record::update(store, &permit, stored.key, stored.version, body, audit).await?;
    Ok(patient)
}

/// The time of a step: not to come, and not before the state it ends began.
fn time(change: &Change<'_>, body: &serde_json::Value, from: State, to: State, now: Timestamp) -> Result<Timestamp> {
    let at = match change.at.trim() {
        "" => now,
        written => {
            moment::local(written, &change.zone).ok_or_else(|| field("at", "Time: choose the day and the time"))?
        }
    };
    if at > now {
        return Err(field("at", "Time: it cannot be to come"));
    }
    let began = encounter::since(body).and_then(|since| since.parse::<Timestamp>().ok());
    // What was planned or cancelled by mistake may have happened before that was recorded.
    let bound = !matches!(from, State::Planned | State::Cancelled);
    if bound && began.is_some_and(|began| at < began) {
        let what = if to == State::Finished { "a visit cannot end" } else { "this cannot be" };
        return Err(field("at", &format!("Time: {what} before the visit became {}", spoken(from))));
    }
    Ok(at)
}

fn spoken(state: State) -> String {
    state.code().replace('-', " ")
}

fn field(field: &'static str, problem: &str) -> Error {
    Error::Fields(vec![FieldError { field, problem: problem.to_owned() }])
}

/// How many visits the front desk sees of a chart: those that are not over stand among the newest.
const DESK: u32 = 30;

/// The visits of a chart that are to come or under way, for those who read no clinical content: when, with whom, where; nothing of why.
///
/// # Errors
/// [`Error::NotPermitted`]; what the store says.
pub async fn desk(
    store: &dyn Store,
    caller: &Caller,
    patient: &PatientId,
    clock: &Clock,
) -> Result<Sealed<Vec<Visit>>> {
    let permit = caller.read_chart(Action::CheckIn, patient)?;
    let slices = store.chart(&permit, patient, &[Slice::newest(Kind::ENCOUNTER, DESK)]).await?;
    let rows = slices.map(|slices| slices.iter().flat_map(|slice| Row::read_all(&slice.rows)).collect::<Vec<_>>());
    let keys = Names::wanted(rows.for_decision());
    let named = store.read_many(&permit, &keys).await?;
    let clock = clock.clone();
    Ok(rows.zip(named).map(move |(rows, named)| {
        let reading = Reading { clock, names: Names::of(&Row::read_all(&named)), who: Who::default() };
        let visits = rows.iter().map(|row| Visit::of(row, &reading)).map(|visit| Visit {
            reason: None,
            kind: None,
            diagnoses: Vec::new(),
            ..visit
        });
        visits.filter(|visit| visit.state.is_some_and(|state| !state.is_over())).collect()
    }))
}
