//! Looking after a practice: comparing what is kept with what follows from it, mending that, making the indexes anew.

use crate::audit::Entry;
use crate::error::Result;
use crate::find::FindKeys;
use crate::{Actor, audit};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;
use uuid::Uuid;

/// Told as it goes: how much is done, of how much.
pub type Progress = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// Whether what was found can be put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mended {
    /// It was: it follows from what is kept.
    Done,
    /// It can be: it follows from what is kept.
    Possible,
    /// It cannot: what it would follow from is gone. The last backup has it.
    Never,
}

/// One thing that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What, naming a resource by type and id, or a table: never content.
    pub what: String,
    /// Whether it can be put right.
    pub mended: Mended,
}

/// What a check looked at, and found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Resources that were ever written.
    pub resources: u64,
    /// Their versions.
    pub versions: u64,
    /// Entries of the audit trail.
    pub entries: u64,
    /// What is not as it must be; empty when all is well.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Notes a finding.
    pub fn found(&mut self, mended: Mended, what: impl Into<String>) {
        self.findings.push(Finding { what: what.into(), mended });
    }

    /// How many findings are of this sort.
    #[must_use]
    pub fn count(&self, mended: Mended) -> usize {
        self.findings.iter().filter(|finding| finding.mended == mended).count()
    }

    /// This report, once the mending it led to was checked again: what was not found again was mended.
    #[must_use]
    pub fn after(self, again: Self) -> Self {
        let gone = self.findings.into_iter().filter(|old| again.findings.iter().all(|new| new.what != old.what));
        let mut findings: Vec<Finding> = gone.map(|finding| Finding { mended: Mended::Done, ..finding }).collect();
        findings.extend(again.findings);
        Self { findings, ..again }
    }
}

/// Upkeep of an open practice.
#[async_trait]
pub trait Upkeep: Send + Sync {
    /// Compares everything that follows from something else with it: versions, current pointers, charts, every index, the keys patients
    /// are found by, record numbers, retry keys, filed documents, drafts, the audit trail. With `repair` what can be is put right, and compared
    /// once more; the trail tells of it before anything is changed.
    async fn check(&self, keys: FindKeys, repair: bool, progress: Progress) -> Result<Report>;

    /// Makes every index anew from the current versions, while reading and writing go on. Answers how many resources there were.
    async fn reindex(&self, keys: FindKeys, progress: Progress) -> Result<u64>;
}

/// The entry that tells of a repair.
#[must_use]
pub fn repair_entry(report: &Report) -> audit::Entry {
    let mut entry = Entry::new(Timestamp::now(), Uuid::now_v7(), Actor::program("check"), "practice.repair");
    let (possible, never) = (report.count(Mended::Possible), report.count(Mended::Never));
    entry.detail = format!("{possible} to be mended, {never} cannot be");
    entry
}
