//! The part of a check that is the same for every database: a walk over all versions, resource by resource, and what it gathers for the
//! comparisons after it.

use super::chain::split;
use super::compare::{Told, body, filed, record_numbers};
use crate::audit::Entry;
use crate::find::{FindKey, FindKeys};
use crate::upkeep::{Mended, Report};
use fhir::{Key, Kind};
use serde_json::Value;
use std::collections::HashMap;

/// What a check found, and what it gathers on the way.
pub struct Survey {
    /// What was looked at, and found.
    pub report: Report,
    /// Versions that are there, and whether the trail tells of them.
    pub told: Told,
    /// The highest record number that any version bears.
    pub highest: u64,
    keys: FindKeys,
    number_system: String,
    /// Whose each record number is.
    numbers: HashMap<u64, Key>,
    /// Who names which document.
    documents: Vec<(Key, Key)>,
}

/// A version as its row says.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Its number.
    pub version: u32,
    /// Its place in the practice's order.
    pub seq: i64,
    /// The chart it is in, as the database numbers charts.
    pub chart: Option<i64>,
    /// Whether it is a deletion.
    pub deleted: bool,
    /// Its body; a deletion's is empty.
    pub body: &'a [u8],
}

/// The last version of a resource that was met.
#[derive(Debug)]
pub struct Last {
    /// Its number.
    pub version: u32,
    /// Its place in the practice's order.
    pub seq: i64,
    /// The chart it is in.
    pub chart: Option<i64>,
    /// Whether it is a deletion.
    pub deleted: bool,
    /// What it says, if that can be read.
    pub body: Option<Value>,
    /// A Patient's body as it is kept.
    bytes: Vec<u8>,
}

/// A resource whose versions are being met, oldest first.
#[derive(Debug)]
pub struct History {
    /// Which.
    pub key: Key,
    /// The last one met.
    pub last: Option<Last>,
    gap: bool,
}

impl History {
    /// None of its versions was met yet.
    #[must_use]
    pub const fn new(key: Key) -> Self {
        Self { key, last: None, gap: false }
    }
}

impl Survey {
    /// Nothing was looked at yet.
    #[must_use]
    pub fn new(keys: FindKeys, number_system: String) -> Self {
        Self {
            report: Report::default(),
            told: Told::default(),
            highest: 0,
            keys,
            number_system,
            numbers: HashMap::new(),
            documents: Vec::new(),
        }
    }

    /// Something that cannot be put right.
    pub fn never(&mut self, what: impl Into<String>) {
        self.report.found(Mended::Never, what);
    }

    /// Something that can be.
    pub fn possible(&mut self, what: impl Into<String>) {
        self.report.found(Mended::Possible, what);
    }

    /// The next version of a resource.
    pub fn version(&mut self, history: &mut History, seen: Seen<'_>) {
        let Seen { version, seq, chart, deleted, body: bytes } = seen;
        let key = &history.key;
        self.report.versions += 1;
        self.told.version(key, version);
        history.gap |= version != history.last.as_ref().map_or(1, |last| last.version.saturating_add(1));
        let mut value = None;
        if deleted {
            if !bytes.is_empty() {
                self.never(format!("{key} version {version}: a deletion has a body"));
            }
        } else {
            match body(key, version, bytes) {
                Ok(read) => value = Some(read),
                Err(wrong) => self.never(format!("{key} version {version}: {wrong}")),
            }
        }
        let mut kept = Vec::new();
        if key.kind == Kind::PATIENT {
            let numbers = value.as_ref().map(|value| record_numbers(value, &self.number_system)).unwrap_or_default();
            self.highest = numbers.into_iter().fold(self.highest, u64::max);
            kept = bytes.to_vec();
        }
        history.last = Some(Last { version, seq, chart, deleted, body: value, bytes: kept });
    }

    /// A resource, some of whose versions were met, and no more are to come. Answers the keys it is found by, if it is a live Patient.
    pub fn whole(&mut self, history: &History) -> Vec<FindKey> {
        let key = &history.key;
        self.report.resources += 1;
        if history.gap {
            self.never(format!("{key}: its versions are not numbered from 1 without a gap"));
        }
        let Some(Last { body: Some(body), bytes, .. }) = &history.last else { return Vec::new() };
        self.documents.extend(filed(body).into_iter().map(|binary| (key.clone(), binary)));
        if key.kind != Kind::PATIENT {
            return Vec::new();
        }
        for number in record_numbers(body, &self.number_system) {
            if let Some(other) = self.numbers.insert(number, key.clone()) {
                self.never(format!("{other} and {key} have the same record number"));
            }
        }
        (self.keys.of)(bytes, &self.number_system)
    }

    /// Every resource was met: documents that are named and not there are found.
    pub fn ended(&mut self) {
        self.told.whole();
        for (key, binary) in std::mem::take(&mut self.documents) {
            if !self.told.is_there(&binary, 1) {
                self.never(format!("{key} names {binary}, which is not there"));
            }
        }
    }

    /// A row of the audit trail.
    pub fn trail(&mut self, entries: &[u8]) {
        for (canonical, _) in split(entries) {
            for (key, version) in Entry::from_canonical(canonical).into_iter().flat_map(|entry| entry.what) {
                self.told.tell(&key, version);
            }
        }
    }

    /// A version once more, when not all were told of.
    pub fn untold(&mut self, key: &Key, version: u32) {
        if !self.told.is_told(key, version) {
            self.never(format!("{key} version {version}: no entry of the audit trail tells of it"));
        }
    }
}
