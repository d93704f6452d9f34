//! Finding, registering and editing patients: the only file here that touches the store.

use super::birth_date::{self, Calendar};
use super::keys::{self, Word};
use super::lookalike;
use super::meanwhile::{Changed, merged};
use super::rank::{Because, score};
use super::{Identity, form};
use crate::access::{Action, Caller};
use crate::chart::author::authors;
use crate::error::{Error, Result};
use crate::record::{self, Edit};
use fhir::edit::patient::Demographics;
use fhir::{Id, Key, Kind, PatientId};
use jiff::Timestamp;
use jiff::civil::Date;
use store::accounts::DateOrder;
use store::find::Term;
use store::record::{Idempotency, Stored};
use store::{Permit, Sealed, Store};

/// How many more candidates are looked at than are shown, so that ranking has a choice.
const SPARE: u32 = 16;
/// With fewer exact hits than this, names that sound alike or are spelt nearly so are looked for too.
const FEW: usize = 8;

/// One patient found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Who.
    pub identity: Identity,
    /// Why, where the name shown does not say it.
    pub because: Because,
    /// Whether another name on the same list is easily taken for this one.
    pub similar_name: bool,
}

/// What a search found, likeliest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// At most as many as asked for.
    pub hits: Vec<Hit>,
    /// Whether there are more than are shown.
    pub more: bool,
    /// Whether the box held anything to search for.
    pub asked: bool,
}

/// Finds patients by whatever is remembered of them: see [`keys::words`].
///
/// # Errors
/// What the store says.
pub async fn find(
    store: &dyn Store,
    permit: &Permit,
    record_number_system: &str,
    text: &str,
    calendar: Calendar,
    limit: usize,
) -> Result<Sealed<Found>> {
    let words = keys::words(text, calendar);
    if words.is_empty() {
        return Ok(Sealed::empty(Found::default()));
    }
    let exact: Vec<Term> = words.iter().map(|word| keys::term(word, false, &[])).collect();
    let candidates = u32::try_from(limit).unwrap_or(u32::MAX).saturating_add(SPARE);
    let mut found = store.find(permit, &exact, candidates).await?;
    let names = words.iter().any(|word| matches!(word, Word::Name(_)));
    if names && found.for_decision().patients.len() < FEW {
        let wide = wide_terms(store, permit, &words).await?;
        let wider = store.find(permit, &wide, candidates).await?;
        found = found.zip(wider).map(|(mut found, wider)| {
            found.more |= wider.more;
            found.patients.extend(wider.patients);
            found
        });
    }
    Ok(found.map(|candidates| {
        let mut hits: Vec<(u32, Hit)> = identities(&candidates.patients, record_number_system)
            .filter_map(|identity| {
                let (points, because) = score(&identity, &words)?;
                Some((points, Hit { identity, because, similar_name: false }))
            })
            .collect();
        hits.sort_by(|(a, x), (b, y)| {
            let name = |hit: &Hit| {
                (hit.identity.family.to_lowercase(), hit.identity.given.to_lowercase(), hit.identity.birth_date.clone())
            };
            b.cmp(a).then_with(|| name(x).cmp(&name(y))).then_with(|| x.identity.id.cmp(&y.identity.id))
        });
        let mut hits: Vec<Hit> = hits.into_iter().map(|(_, hit)| hit).collect();
        hits.dedup_by(|a, b| a.identity.id == b.identity.id);
        let more = candidates.more || hits.len() > limit;
        hits.truncate(limit);
        mark_similar(&mut hits);
        Found { hits, more, asked: true }
    }))
}

async fn wide_terms(store: &dyn Store, permit: &Permit, words: &[Word]) -> Result<Vec<Term>> {
    let mut terms = Vec::with_capacity(words.len());
    for word in words {
        let similar = match word {
            Word::Name(name) if name.chars().count() >= 3 => store.similar_names(permit, name, 20).await?,
            _ => Vec::new(),
        };
        terms.push(keys::term(word, true, &similar));
    }
    Ok(terms)
}

pub(super) fn identities<'a>(stored: &'a [Stored], system: &'a str) -> impl Iterator<Item = Identity> + 'a {
    stored.iter().filter(|s| !s.deleted).filter_map(move |s| Identity::read(&s.body, system).ok())
}

pub(super) fn mark_similar(hits: &mut [Hit]) {
    let list: Vec<Identity> = hits.iter().map(|hit| hit.identity.clone()).collect();
    for (hit, similar) in hits.iter_mut().zip(lookalike::confusable(&list)) {
        hit.similar_name = similar;
    }
}

/// How many patients of one family name are looked through for a like given name: first a few, as of a common name one of these is
/// mostly enough, then more.
const NAMESAKES: [u32; 2] = [24, 100];

/// Whether another living patient has a name easily taken for this one's: asked for the mark beside an open chart's name.
///
/// # Errors
/// What the store says.
pub async fn has_namesake(
    store: &dyn Store,
    permit: &Permit,
    record_number_system: &str,
    one: &Identity,
) -> Result<bool> {
    let words: Vec<_> = super::fold::parts(&one.family).into_iter().map(Word::Name).collect();
    let Some(family) = words.first() else { return Ok(false) };
    let terms = wide_terms(store, permit, std::slice::from_ref(family)).await?;
    for most in NAMESAKES {
        let found = store.find(permit, &terms, most).await?;
        let found = found.for_decision();
        if lookalike::taken_for_another(one, identities(&found.patients, record_number_system)) {
            return Ok(true);
        }
        if !found.more {
            break;
        }
    }
    Ok(false)
}

/// Patients by id, as hits, in the order asked.
///
/// # Errors
/// What the store says.
pub async fn by_ids(
    store: &dyn Store,
    permit: &Permit,
    record_number_system: &str,
    ids: &[PatientId],
) -> Result<Sealed<Vec<Hit>>> {
    let keys: Vec<_> = ids.iter().map(PatientId::key).collect();
    let stored = store.read_many(permit, &keys).await?;
    Ok(stored.map(|stored| {
        let as_hit = |identity| Hit { identity, because: Because::Shown, similar_name: false };
        let mut hits: Vec<Hit> = identities(&stored, record_number_system).map(as_hit).collect();
        mark_similar(&mut hits);
        hits
    }))
}

/// One patient's identity, for the edit form.
///
/// # Errors
/// [`Error::NotFound`] when there is no such patient.
pub async fn identity(
    store: &dyn Store,
    permit: &Permit,
    record_number_system: &str,
    id: &PatientId,
) -> Result<Sealed<Identity>> {
    let stored = store.read(permit, &id.key()).await?.ok_or(Error::NotFound)?;
    stored.try_map(|stored| {
        if stored.deleted {
            return Err(Error::Gone);
        }
        Identity::read(&stored.body, record_number_system)
            .map_err(|e| Error::Store(store::Error::Broken(e.to_string())))
    })
}

/// What registering needs beyond the form.
pub struct NewPatient {
    /// The id the patient gets.
    pub id: Id,
    /// Look-alikes that were shown, and are said to be others.
    pub others: Vec<PatientId>,
    /// So that sending the form twice registers once.
    pub once: Option<Idempotency>,
}

/// What trying to register somebody came to.
pub enum Registration {
    /// Registered.
    Done(PatientId),
    /// These may be the same person: nothing was saved; the user decides.
    LookAlikes(Sealed<Vec<(Hit, &'static str)>>),
}

/// Registers a patient, after a look-alike check unless the user has seen it.
///
/// # Errors
/// [`Error::Fields`] with everything to mend; [`Error::NotPermitted`]; what the store says.
pub async fn register(
    store: &dyn Store,
    caller: &Caller,
    record_number_system: &str,
    typed: &Demographics,
    new: NewPatient,
    calendar: Calendar,
) -> Result<Registration> {
    let permit = caller.write_practice(Action::WriteIdentity)?;
    let checked = form::check(typed, calendar).map_err(Error::Fields)?;
    let identity = Identity { id: Some(PatientId::new(new.id.clone())), ..Identity::from_form(checked.clone()) };
    if let Some(alike) = unanswered(store, permit.reading(), record_number_system, &identity, &new.others).await? {
        return Ok(Registration::LookAlikes(alike));
    }
    let edit = Edit::Create { key: Key::new(Kind::PATIENT, new.id), body: checked.create() };
    let written = record::save(store, &permit, vec![edit], new.once, caller.entry("patient.register")).await?;
    let registered = written.into_iter().next().ok_or(Error::NotFound)?;
    Ok(Registration::Done(PatientId::new(registered.key.id)))
}

/// The look-alikes of a person, when there is one whom the user was not shown yet: what was typed may have changed since.
async fn unanswered(
    store: &dyn Store,
    permit: &Permit,
    record_number_system: &str,
    person: &Identity,
    others: &[PatientId],
) -> Result<Option<Sealed<Vec<(Hit, &'static str)>>>> {
    let alike = look_alikes(store, permit, record_number_system, person).await?;
    let answered = |hit: &Hit| hit.identity.id.as_ref().is_some_and(|id| others.contains(id));
    let unanswered = alike.for_decision().iter().any(|(hit, _)| !answered(hit));
    Ok(unanswered.then_some(alike))
}

/// Registered patients who may be this person, likeliest first, each with the reason.
///
/// # Errors
/// What the store says.
pub async fn look_alikes(
    store: &dyn Store,
    permit: &Permit,
    record_number_system: &str,
    new: &Identity,
) -> Result<Sealed<Vec<(Hit, &'static str)>>> {
    let mut all: Sealed<Vec<Stored>> = Sealed::empty(Vec::new());
    for words in lookalike_words(new) {
        let terms = wide_terms(store, permit, &words).await?;
        let found = store.find(permit, &terms, 50).await?;
        all = all.zip(found).map(|(mut all, found)| {
            all.extend(found.patients);
            all
        });
    }
    Ok(all.map(|stored| {
        let mut hits: Vec<(Hit, &'static str)> = Vec::new();
        for identity in identities(&stored, record_number_system) {
            let seen = identity.id == new.id || hits.iter().any(|(hit, _)| hit.identity.id == identity.id);
            if let (false, Some(reason)) = (seen, lookalike::reason(new, &identity)) {
                hits.push((Hit { identity, because: Because::Shown, similar_name: false }, reason));
            }
        }
        hits.truncate(10);
        hits
    }))
}

/// The searches that find everybody [`lookalike::reason`] could mean: like name; family and date; given, date.
fn lookalike_words(new: &Identity) -> Vec<Vec<Word>> {
    let name = |text: &str| super::fold::parts(text).first().cloned().map(Word::Name);
    let (family, given) = (name(&new.family), name(&new.given));
    // Written year first: the order of month and day does not matter.
    let calendar = Calendar { today: Date::MAX, order: DateOrder::MonthFirst };
    let date = birth_date::readings(&new.birth_date, calendar);
    let date = (!date.is_empty()).then_some(Word::Date(date));
    let pairs = [[&family, &given], [&family, &date], [&given, &date]];
    pairs.into_iter().filter_map(|[a, b]| Some(vec![a.clone()?, b.clone()?])).collect()
}

/// Whose identity is edited.
#[derive(Debug, Clone, Copy)]
pub struct EditOf<'a> {
    /// The patient.
    pub id: &'a PatientId,
    /// The version of them that the form showed.
    pub based_on: u32,
    /// Look-alikes that were shown, and are said to be others.
    pub others: &'a [PatientId],
}

/// Saves the edit form over the version it was opened on.
///
/// # Errors
/// [`Error::Fields`]; [`Error::Stale`] when somebody saved meanwhile; [`Error::NotFound`]; what the store says.
pub async fn edit(
    store: &dyn Store,
    caller: &Caller,
    record_number_system: &str,
    typed: &Demographics,
    of: EditOf<'_>,
    calendar: Calendar,
) -> Result<Registration> {
    let EditOf { id, based_on, others } = of;
    let permit = caller.write_chart(Action::WriteIdentity, id)?;
    let checked = form::check(typed, calendar).map_err(Error::Fields)?;
    let current = store.read(permit.reading(), &id.key()).await?.ok_or(Error::NotFound)?;
    let current = current.for_decision();
    if current.version != based_on {
        return Err(Error::Stale);
    }
    let mut patient = record::read_body(&current.body)?;
    let before = Identity::read(&current.body, record_number_system).map_err(|_| Error::NotFound)?.demographics;
    let who = |form: &Demographics| [&form.family, &form.given, &form.birth_date, &form.sex].map(Clone::clone);
    if who(&before) != who(&checked) {
        let identity = Identity { id: Some(id.clone()), ..Identity::from_form(checked.clone()) };
        let practice = caller.read_practice(Action::WriteIdentity)?;
        if let Some(alike) = unanswered(store, &practice, record_number_system, &identity, others).await? {
            return Ok(Registration::LookAlikes(alike));
        }
    }
    checked.apply(&mut patient);
    record::update(store, &permit, id.key(), based_on, patient, caller.entry("patient.edit")).await?;
    Ok(Registration::Done(id.clone()))
}

/// What became of a patient while their edit form was open.
#[derive(Debug, Clone)]
pub struct Meanwhile {
    /// The version there is now.
    pub version: u32,
    /// The form to go on with.
    pub form: Demographics,
    /// What others changed.
    pub changed: Vec<Changed>,
    /// Who saved last, where the trail tells it.
    pub by: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// For an edit that came too late: what was typed over what is there now.
///
/// # Errors
/// [`Error::Stale`] when the form was not of an earlier version; as [`edit`].
pub async fn meanwhile(
    store: &dyn Store,
    caller: &Caller,
    record_number_system: &str,
    typed: &Demographics,
    of: EditOf<'_>,
    calendar: Calendar,
) -> Result<Sealed<Meanwhile>> {
    let typed = form::check(typed, calendar).map_err(Error::Fields)?;
    let permit = caller.read_chart(Action::WriteIdentity, of.id)?;
    let now = store.read(&permit, &of.id.key()).await?.ok_or(Error::NotFound)?;
    let before = store.read_version(&permit, &of.id.key(), of.based_on).await?.ok_or(Error::Stale)?;
    if now.for_decision().deleted || before.for_decision().deleted {
        return Err(Error::Gone);
    }
    let authors = authors(store, caller, of.id, std::iter::once(now.for_decision())).await?;
    now.zip(before).zip(authors).try_map(|((now, before), authors)| {
        let read = |stored: &Stored| {
            let identity = Identity::read(&stored.body, record_number_system);
            identity.map(|identity| identity.demographics).map_err(|_| Error::NotFound)
        };
        let (form, changed) = merged(&read(&before)?, &read(&now)?, &typed);
        let by = authors.of(&now.key, now.version).map(ToOwned::to_owned);
        Ok(Meanwhile { version: now.version, form, changed, by, at: now.recorded_at })
    })
}

/// A patient's photo and its media type, where one is on file.
///
/// # Errors
/// What the store says.
pub async fn photo(
    store: &dyn Store,
    permit: &Permit,
    id: &PatientId,
) -> Result<Sealed<Option<(Vec<u8>, &'static str)>>> {
    let stored = store.read(permit, &id.key()).await?.ok_or(Error::NotFound)?;
    Ok(stored.map(|stored| fhir::photo::read(&stored.body)))
}
