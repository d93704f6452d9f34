//! Who is asking, from where, when: what every command and audit entry starts from.

use super::policy::{Action, decide};
use crate::error::{Error, Result};
use fhir::PatientId;
use fhir::edit::note::Signer;
use jiff::Timestamp;
use std::net::IpAddr;
use store::audit::Entry;
use store::{Actor, KindSet, Permit, Scope, WritePermit};
use uuid::Uuid;

/// One request's caller. Made by the outermost layer once it has authenticated them; asks the policy for permits.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// When the request began: the clock for everything it does.
    pub at: Timestamp,
    /// The request's id, in logs and audit entries.
    pub request: Uuid,
    /// From where.
    pub from: Option<IpAddr>,
    /// What an API token may read and write; `None` for people.
    pub token: Option<TokenKinds>,
}

/// What a token's scope reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenKinds {
    /// Types it may read and search.
    pub read: KindSet,
    /// Types it may create, update and delete.
    pub write: KindSet,
}

impl Caller {
    /// Who writes, as entries name them; `name`: as it is shown.
    #[must_use]
    pub fn signer<'a>(&'a self, name: &'a str) -> Signer<'a> {
        Signer { practitioner: self.actor.practitioner.as_ref(), name }
    }

    /// The program itself, by a command of the person at the machine.
    #[must_use]
    pub fn program(name: &str, at: Timestamp, request: Uuid) -> Self {
        Self { actor: Actor::program(name), at, request, from: None, token: None }
    }

    /// Whether the policy allows an action at all (for navigation; a permit is still needed to do it).
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        self.reach(action).is_some()
    }

    /// Leave to read one chart (and what belongs to none).
    ///
    /// # Errors
    /// [`Error::NotPermitted`] when the policy refuses.
    pub fn read_chart(&self, action: Action, patient: &PatientId) -> Result<Permit> {
        self.read(action, Scope::Patient(patient.clone()))
    }

    /// Leave to read across the practice (search, home).
    ///
    /// # Errors
    /// [`Error::NotPermitted`] when the policy refuses.
    pub fn read_practice(&self, action: Action) -> Result<Permit> {
        self.read(action, Scope::Practice)
    }

    /// Leave to write in one chart.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] when the policy refuses.
    pub fn write_chart(&self, action: Action, patient: &PatientId) -> Result<WritePermit> {
        self.write(action, Scope::Patient(patient.clone()))
    }

    /// Leave to write across the practice (registration, moves between charts, import, the API's transactions).
    ///
    /// # Errors
    /// [`Error::NotPermitted`] when the policy refuses.
    pub fn write_practice(&self, action: Action) -> Result<WritePermit> {
        self.write(action, Scope::Practice)
    }

    /// A fresh audit entry of this caller.
    #[must_use]
    pub fn entry(&self, action: &str) -> Entry {
        Entry { from: self.from, ..Entry::new(self.at, self.request, self.actor.clone(), action) }
    }

    fn read(&self, action: Action, scope: Scope) -> Result<Permit> {
        let mut kinds = self.reach(action).ok_or(Error::NotPermitted)?;
        if let Some(token) = &self.token {
            kinds = kinds.and(token.read);
        }
        Ok(Permit::grant(self.actor.clone(), kinds, scope))
    }

    fn write(&self, action: Action, scope: Scope) -> Result<WritePermit> {
        let mut kinds = self.reach(action).ok_or(Error::NotPermitted)?;
        if let Some(token) = &self.token {
            kinds = kinds.and(token.write);
        }
        Ok(WritePermit::grant(self.actor.clone(), kinds, scope))
    }

    /// The types this caller reaches; the program itself reaches all.
    fn reach(&self, action: Action) -> Option<KindSet> {
        match self.actor.role {
            Some(role) => decide(role, action),
            None if self.actor.id.is_nil() => Some(KindSet::ALL),
            None => None,
        }
    }
}
