//! The audit trail: one entry per request or page load, durable before the answer, hash-chained.

use crate::access::{Actor, Permit};
use crate::error::Result;
use crate::sealed::Sealed;
use async_trait::async_trait;
use fhir::{Key, PatientId};
use jiff::Timestamp;
use std::net::IpAddr;
use uuid::Uuid;

/// How what was asked ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Done.
    Done,
    /// Not permitted.
    Refused,
    /// Permitted, but it failed (bad input, a conflict, a fault).
    Failed,
}

impl Outcome {
    /// The word the trail writes.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// The outcome of a word.
    #[must_use]
    pub fn parse(slug: &str) -> Option<Self> {
        [Self::Done, Self::Refused, Self::Failed].into_iter().find(|o| o.slug() == slug)
    }
}

/// One audit entry. Its canonical bytes ([`Entry::canonical`]) are what the chain covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// The request it belongs to.
    pub request: Uuid,
    /// Who.
    pub actor: Actor,
    /// What was done: a slug from the table of actions, such as `chart.read`, `patient.register`, `sign-in`.
    pub action: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Every patient shown or changed.
    pub patients: Vec<PatientId>,
    /// What was read or written: resource and version (0 when the version does not matter).
    pub what: Vec<(Key, u32)>,
    /// More on what, such as the section or the kind of search. Never search words, never content.
    pub detail: String,
    /// The reason given, where one is asked for.
    pub why: String,
    /// From where; none for a command at the machine.
    pub from: Option<IpAddr>,
}

impl Entry {
    /// An entry for a deed of this actor that was done; fill in the rest.
    #[must_use]
    pub fn new(at: Timestamp, request: Uuid, actor: Actor, action: &str) -> Self {
        Self {
            at,
            request,
            actor,
            action: action.to_owned(),
            outcome: Outcome::Done,
            patients: Vec::new(),
            what: Vec::new(),
            detail: String::new(),
            why: String::new(),
            from: None,
        }
    }

    /// The bytes the chain covers: every field, each preceded by its length (u32, big-endian), lists preceded by their count,
    /// so that no two entries share an encoding.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        let mut put = |field: &[u8]| {
            bytes.extend_from_slice(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
            bytes.extend_from_slice(field);
        };
        put(&self.at.as_microsecond().to_be_bytes());
        put(self.request.as_bytes());
        put(self.actor.id.as_bytes());
        put(self.actor.name.as_bytes());
        put(self.actor.role.map_or("", crate::Role::slug).as_bytes());
        put(self.actor.practitioner.as_ref().map_or("", |id| id.as_str()).as_bytes());
        put(self.action.as_bytes());
        put(self.outcome.slug().as_bytes());
        put(&u32::try_from(self.patients.len()).unwrap_or(u32::MAX).to_be_bytes());
        for patient in &self.patients {
            put(patient.as_str().as_bytes());
        }
        put(&u32::try_from(self.what.len()).unwrap_or(u32::MAX).to_be_bytes());
        for (key, version) in &self.what {
            put(key.to_string().as_bytes());
            put(&version.to_be_bytes());
        }
        put(self.detail.as_bytes());
        put(self.why.as_bytes());
        put(self.from.map(|ip| ip.to_string()).unwrap_or_default().as_bytes());
        bytes
    }
}

impl Entry {
    /// The entry of its canonical bytes; `None` when they are not one.
    #[must_use]
    pub fn from_canonical(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let at = Timestamp::from_microsecond(i64::from_be_bytes(fields.next()?.try_into().ok()?)).ok()?;
        let request = Uuid::from_slice(fields.next()?).ok()?;
        let id = Uuid::from_slice(fields.next()?).ok()?;
        let name = fields.text()?.to_owned();
        let role = match fields.text()? {
            "" => None,
            slug => Some(crate::Role::parse(slug)?),
        };
        let practitioner = match fields.text()? {
            "" => None,
            id => Some(fhir::Id::parse(id).ok()?),
        };
        let action = fields.text()?.to_owned();
        let outcome = Outcome::parse(fields.text()?)?;
        let patients = (0..fields.number()?).map(|_| PatientId::parse(fields.text()?).ok()).collect::<Option<_>>()?;
        let what = (0..fields.number()?).map(|_| Some((Key::parse(fields.text()?)?, fields.number()?)));
        let what = what.collect::<Option<_>>()?;
        let (detail, why) = (fields.text()?.to_owned(), fields.text()?.to_owned());
        let from = match fields.text()? {
            "" => None,
            ip => Some(ip.parse().ok()?),
        };
        let actor = Actor { id, name, role, practitioner };
        let whole = fields.0.is_empty();
        whole.then_some(Self { at, request, actor, action, outcome, patients, what, detail, why, from })
    }
}

/// Reads fields that are each preceded by their length.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let (field, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        self.0 = rest;
        Some(field)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.next()?).ok()
    }

    fn number(&mut self) -> Option<u32> {
        self.next()?.try_into().ok().map(u32::from_be_bytes)
    }
}

/// An entry as the trail holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its place in the chain, from 1.
    pub sequence: u64,
    /// The entry.
    pub entry: Entry,
}

/// What an audit search asks. Newest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AuditQuery {
    /// Only about this patient.
    pub patient: Option<PatientId>,
    /// Only by this actor.
    pub actor: Option<Uuid>,
    /// Only this action.
    pub action: Option<String>,
    /// Only this outcome.
    pub outcome: Option<Outcome>,
    /// From, inclusive.
    pub since: Option<Timestamp>,
    /// Until, exclusive.
    pub until: Option<Timestamp>,
    /// Only with a smaller sequence: the next page.
    pub before: Option<u64>,
    /// At most so many.
    pub count: u32,
}

/// What checking the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The chain holds.
    Whole {
        /// How many entries it has.
        entries: u64,
    },
    /// The first entry that does not fit.
    Bad {
        /// Its sequence.
        sequence: u64,
        /// `altered`, `deleted`, `reordered` or `truncated`, in words.
        what: String,
    },
}

/// The audit trail of a practice.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Appends an entry; durable when this returns. Used for denials and for what reads no chart; chart reads use [`Self::release`].
    async fn append(&self, entry: Entry) -> Result<u64>;

    /// Entries, newest first. Only a permit that reaches `AuditEvent` may ask.
    async fn entries(&self, permit: &Permit, query: &AuditQuery) -> Result<Sealed<Vec<Recorded>>>;

    /// The charts an actor opened last (entries `chart.read`), newest first, each once.
    async fn recent_patients(&self, actor: Uuid, count: u32) -> Result<Vec<PatientId>>;

    /// Recomputes the whole chain.
    async fn verify(&self) -> Result<Verdict>;
}

impl dyn crate::Store + '_ {
    /// Opens what was read, once an entry naming every patient in it is durable. The only way patient data leaves.
    ///
    /// # Errors
    /// When the entry cannot be written: then nothing is shown.
    pub async fn release<T: Send>(&self, sealed: Sealed<T>, mut entry: Entry) -> Result<T> {
        for patient in sealed.patients() {
            if !entry.patients.contains(patient) {
                entry.patients.push(patient.clone());
            }
        }
        self.append(entry).await?;
        Ok(sealed.open())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_comes_back_from_its_canonical_bytes() {
        let id = |text| fhir::Id::parse(text).expect("id");
        let actor = Actor {
            id: Uuid::from_u128(7),
            name: "dr.okafor".into(),
            role: Some(crate::Role::Clinician),
            practitioner: Some(id("pr-1")),
        };
        let mut entry = Entry::new(Timestamp::UNIX_EPOCH, Uuid::from_u128(1), actor, "chart.read");
        assert_eq!(Entry::from_canonical(&entry.canonical()), Some(entry.clone()));
        entry.outcome = Outcome::Refused;
        entry.patients = vec![PatientId::new(id("a")), PatientId::new(id("b"))];
        entry.what = vec![(Key::new(fhir::Kind::OBSERVATION, id("o")), 3)];
        entry.detail = "results".into();
        entry.why = "covering for a colleague".into();
        entry.from = Some("10.0.0.7".parse().expect("address"));
        let bytes = entry.canonical();
        assert_eq!(Entry::from_canonical(&bytes), Some(entry));
        for cut in 0..bytes.len() {
            assert_eq!(Entry::from_canonical(&bytes[..cut]), None, "cut at {cut}");
        }
    }
}
