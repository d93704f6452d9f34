//! Who acts, and the permit they must hold. The rules that decide are in `clinic::access`; here is only what they decide on.

use fhir::{Id, Kind, PatientId};
use std::fmt;
use uuid::Uuid;

/// What an account may be. The slugs are what the command line, the API and the audit trail write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Registers, finds, schedules; no clinical content.
    FrontDesk,
    /// Rooms patients; vitals, allergies, history, own notes.
    Nurse,
    /// Physician, nurse practitioner, physician assistant.
    Clinician,
    /// Users, tokens, settings; no charts.
    Manager,
    /// Audit trail and access reports; no charts.
    PrivacyOfficer,
    /// An API client; its token's scope bounds it.
    Integration,
}

impl Role {
    /// Every role, in the order of the policy table.
    pub const ALL: [Self; 6] =
        [Self::FrontDesk, Self::Nurse, Self::Clinician, Self::Manager, Self::PrivacyOfficer, Self::Integration];

    /// The slug, such as `front-desk`.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::FrontDesk => "front-desk",
            Self::Nurse => "nurse",
            Self::Clinician => "clinician",
            Self::Manager => "manager",
            Self::PrivacyOfficer => "privacy-officer",
            Self::Integration => "integration",
        }
    }

    /// The role of a slug.
    #[must_use]
    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.slug() == slug)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

/// Who acts: a signed-in person, an API client, or the program itself (import, set-up, the demo).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account or token; nil for the program itself.
    pub id: Uuid,
    /// The name the audit trail shows, such as `dr.okafor` or `import`.
    pub name: String,
    /// The role acted in; none for the program itself.
    pub role: Option<Role>,
    /// The Practitioner resource this person is, where linked.
    pub practitioner: Option<Id>,
}

impl Actor {
    /// The program itself, acting by a command of the person at the machine.
    #[must_use]
    pub fn program(name: &str) -> Self {
        Self { id: Uuid::nil(), name: name.to_owned(), role: None, practitioner: None }
    }
}

/// A set of resource types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KindSet([u64; 4]);

impl KindSet {
    /// No type at all.
    pub const NONE: Self = Self([0; 4]);
    /// Every type.
    pub const ALL: Self = Self([u64::MAX; 4]);

    /// The set of these types.
    #[must_use]
    pub fn of(kinds: &[Kind]) -> Self {
        kinds.iter().fold(Self::NONE, |set, kind| set.with(*kind))
    }

    /// This set and one more type.
    #[must_use]
    pub fn with(mut self, kind: Kind) -> Self {
        if let Some(word) = self.0.get_mut(usize::from(kind.number() >> 6)) {
            *word |= 1 << (kind.number() & 63);
        }
        self
    }

    /// What is in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let mut both = self;
        for (word, theirs) in both.0.iter_mut().zip(other.0) {
            *word &= theirs;
        }
        both
    }

    /// What is in either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let mut either = self;
        for (word, theirs) in either.0.iter_mut().zip(other.0) {
            *word |= theirs;
        }
        either
    }

    /// Whether a type is in the set.
    #[must_use]
    pub fn contains(&self, kind: Kind) -> bool {
        self.0.get(usize::from(kind.number() >> 6)).is_some_and(|word| word & (1 << (kind.number() & 63)) != 0)
    }
}

/// How far a permit reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every chart, and what belongs to no chart.
    Practice,
    /// One chart, and what belongs to no chart.
    Patient(PatientId),
}

/// Leave to read. Held, not checked: without the value no chart can be read.
#[derive(Debug, Clone)]
pub struct Permit {
    actor: Actor,
    kinds: KindSet,
    scope: Scope,
}

impl Permit {
    /// Makes a permit. Called by `clinic::access` alone (a test holds every other place to that).
    #[doc(hidden)]
    #[must_use]
    pub fn grant(actor: Actor, kinds: KindSet, scope: Scope) -> Self {
        Self { actor, kinds, scope }
    }

    /// Who holds it.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The resource types it reaches.
    #[must_use]
    pub fn kinds(&self) -> KindSet {
        self.kinds
    }

    /// How far it reaches.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Whether a resource of this type in this compartment may be read.
    #[must_use]
    pub fn reaches(&self, kind: Kind, patient: Option<&PatientId>) -> bool {
        self.kinds.contains(kind)
            && match (&self.scope, patient) {
                (Scope::Practice, _) | (Scope::Patient(_), None) => true,
                (Scope::Patient(mine), Some(theirs)) => mine == theirs,
            }
    }
}

/// Leave to write (and to read what writing needs).
#[derive(Debug, Clone)]
pub struct WritePermit(Permit);

impl WritePermit {
    /// Makes a permit. Called by `clinic::access` alone.
    #[doc(hidden)]
    #[must_use]
    pub fn grant(actor: Actor, kinds: KindSet, scope: Scope) -> Self {
        Self(Permit::grant(actor, kinds, scope))
    }

    /// The reading it includes.
    #[must_use]
    pub fn reading(&self) -> &Permit {
        &self.0
    }

    /// Who holds it.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        self.0.actor()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permit_for_one_chart_reaches_no_other() {
        let (mine, theirs) = (PatientId::parse("a").expect("id"), PatientId::parse("b").expect("id"));
        let permit =
            Permit::grant(Actor::program("test"), KindSet::of(&[Kind::OBSERVATION]), Scope::Patient(mine.clone()));
        assert!(permit.reaches(Kind::OBSERVATION, Some(&mine)));
        assert!(permit.reaches(Kind::OBSERVATION, None));
        assert!(!permit.reaches(Kind::OBSERVATION, Some(&theirs)));
        assert!(!permit.reaches(Kind::CONDITION, Some(&mine)));
    }

    #[test]
    fn role_slugs_round_trip() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.slug()), Some(role));
        }
        assert_eq!(Role::parse("Manager"), None);
    }
}
