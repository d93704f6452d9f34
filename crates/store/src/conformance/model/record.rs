//! The simplest record: a map of lists of versions, and the reasons it refuses a commit for.

use super::steps::{Asked, Based, CODES};
use crate::Error;
use crate::conformance::fixture::{day, id};
use crate::record::{Change, Committed, NewVersion, Write};
use bytes::Bytes;
use fhir::index::Index;
use fhir::{Key, Kind, PatientId};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// A version as the model keeps it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Version {
    pub(super) patient: Option<PatientId>,
    pub(super) body: Option<Bytes>,
    pub(super) code: Option<&'static str>,
    pub(super) day: i64,
    pub(super) sequence: u64,
}

/// The simplest record.
#[derive(Default)]
pub(super) struct Model {
    pub(super) resources: BTreeMap<Key, Vec<Version>>,
    pub(super) answered: BTreeMap<u8, ([u8; 32], Committed)>,
    pub(super) clock: i64,
    pub(super) entries: u64,
    pub(super) last_sequence: u64,
}

/// The kinds of refusal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Refusal {
    Exists(Key),
    Missing(Key),
    Stale(Key, u32),
    ChartNotEmpty(Key),
    Mismatch,
}

pub(super) fn refusal(error: Error) -> Refusal {
    match error {
        Error::Exists(key) => Refusal::Exists(key),
        Error::Missing(key) => Refusal::Missing(key),
        Error::Stale { key, current } => Refusal::Stale(key, current),
        Error::ChartNotEmpty(key) => Refusal::ChartNotEmpty(key),
        Error::IdempotencyMismatch => Refusal::Mismatch,
        other => panic!("a commit was refused for a reason the model does not know: {other}"),
    }
}

/// A write as it is sent, and as the model keeps it.
#[derive(Clone)]
pub(super) struct Sent {
    pub(super) key: Key,
    pub(super) based_on: Option<u32>,
    pub(super) new: Option<(NewVersion, Version)>,
}

impl Sent {
    pub(super) fn write(&self) -> Write {
        let change = self.new.as_ref().map_or(Change::Delete, |(new, _)| Change::Put(new.clone()));
        Write { key: self.key.clone(), based_on: self.based_on, change }
    }
}

impl Model {
    pub(super) fn now(&mut self) -> Timestamp {
        self.clock += 1;
        day(0) + SignedDuration::from_millis(self.clock)
    }

    pub(super) fn version_of(&self, key: &Key) -> u32 {
        self.resources.get(key).map_or(0, |versions| versions.len() as u32)
    }

    pub(super) fn live(&self, key: &Key) -> Option<&Version> {
        self.resources.get(key).and_then(|versions| versions.last()).filter(|version| version.body.is_some())
    }

    /// Turns what is asked into what is sent; `mark` makes each body its own.
    pub(super) fn send(&self, asked: &Asked, mark: &str) -> Sent {
        let (key, based) = match asked {
            Asked::Patient { n, based, .. } => (Key::new(Kind::PATIENT, id(&format!("p{n}"))), *based),
            Asked::Observation { n, based, .. } | Asked::Delete { n, based } => {
                (Key::new(Kind::OBSERVATION, id(&format!("o{n}"))), *based)
            }
        };
        let current = self.version_of(&key);
        let based_on = match based {
            Based::Nothing => None,
            Based::Current => (current > 0).then_some(current),
            Based::Exactly(version) => Some(u32::from(version)),
        };
        let value = match asked {
            Asked::Patient { delete: false, .. } => {
                json!({"resourceType": "Patient", "id": key.id.as_str(), "gender": "other", "name": [{"family": mark}]})
            }
            Asked::Observation { of, code, day, .. } => json!({
                "resourceType": "Observation", "id": key.id.as_str(), "status": "final", "device": {"display": mark},
                "code": {"coding": [{"system": "http://loinc.org", "code": CODES[usize::from(*code)]}]},
                "subject": {"reference": format!("Patient/p{of}")}, "effectiveDateTime": format!("2026-03-{:02}", day + 1),
            }),
            Asked::Patient { delete: true, .. } | Asked::Delete { .. } => return Sent { key, based_on, new: None },
        };
        let body = Bytes::from(serde_json::to_vec(&value).expect("JSON"));
        let index = Index::of(key.kind, &value);
        let (code, day) = match asked {
            Asked::Observation { code, day, .. } => (Some(CODES[usize::from(*code)]), i64::from(*day)),
            _ => (None, 0),
        };
        let version = Version { patient: index.patient.clone(), body: Some(body.clone()), code, day, sequence: 0 };
        Sent { key, based_on, new: Some((NewVersion { body, index, find_keys: Vec::new() }, version)) }
    }

    /// Every reason a commit may be refused for; empty: it must be taken.
    pub(super) fn refusals(&self, sent: &[Sent]) -> BTreeSet<Refusal> {
        let mut why = BTreeSet::new();
        for (i, write) in sent.iter().enumerate() {
            let current = self.version_of(&write.key);
            if sent[..i].iter().any(|earlier| earlier.key == write.key) {
                why.insert(Refusal::Exists(write.key.clone()));
            }
            match write.based_on {
                None if current > 0 => why.insert(Refusal::Exists(write.key.clone())),
                Some(_) if current == 0 => why.insert(Refusal::Missing(write.key.clone())),
                Some(version) if version != current => why.insert(Refusal::Stale(write.key.clone(), current)),
                _ => {
                    write.new.is_none()
                        && self.live(&write.key).is_none()
                        && why.insert(Refusal::Missing(write.key.clone()))
                }
            };
            if write.new.is_none() && write.key.kind == Kind::PATIENT && self.keeps_entries(&write.key, sent) {
                why.insert(Refusal::ChartNotEmpty(write.key.clone()));
            }
        }
        why
    }

    /// Whether a chart would have entries after a commit.
    pub(super) fn keeps_entries(&self, patient: &Key, sent: &[Sent]) -> bool {
        let chart = Some(PatientId::new(patient.id.clone()));
        let written = |key: &Key| sent.iter().find(|write| write.key == *key);
        let stays = self.resources.keys().filter(|key| *key != patient && written(key).is_none());
        let mut stays = stays.filter_map(|key| self.live(key)).map(|version| version.patient.clone());
        let mut arrives = sent.iter().filter(|write| write.key != *patient).filter_map(|write| write.new.as_ref());
        stays.any(|of| of == chart) || arrives.any(|(_, version)| version.patient == chart)
    }

    /// Takes up what was committed.
    pub(super) fn take(&mut self, sent: &[Sent], done: &Committed) {
        assert_eq!(done.versions.len(), sent.len(), "a version for each write");
        for (write, (key, version, sequence)) in sent.iter().zip(&done.versions) {
            assert_eq!((key, *version), (&write.key, self.version_of(key) + 1));
            assert!(*sequence > self.last_sequence, "the sequence only grows");
            self.last_sequence = *sequence;
            let was = self.resources.get(key).and_then(|versions| versions.last()).and_then(|was| was.patient.clone());
            let gone = Version { patient: was, body: None, code: None, day: 0, sequence: 0 };
            let next = write.new.as_ref().map_or(gone, |(_, version)| version.clone());
            self.resources.entry(key.clone()).or_default().push(Version { sequence: *sequence, ..next });
        }
    }
}
