//! One transaction of the writer: a group of jobs, their audit entries in one row, one COMMIT.
//!
//! A connection that is lost before COMMIT was sent took everything with it, and the group is tried again. One that is lost while COMMIT
//! was under way leaves the outcome unknown: then the chain is asked, on another connection, whether it holds this group's row.

use crate::audit_chain::{self, End};
use crate::audit_checkpoint::Checkpoints;
use crate::connection::{Purpose, Target};
use crate::failure::FailureKey;
use crate::job::{Outcome, apply, audit_alone, lost_turns, noted, out_of_turn, refuse, tell};
use crate::line::Line;
use crate::pending::Pending;
use crate::token_cache::TokenCache;
use crate::view::View;
use crate::writer::{Answer, Job, Work};
use std::sync::Arc;
use std::time::Duration;
use store::engine::chain::{self, Head};
use store::engine::wrap::DatabaseKey;
use store::record::Commit;
use store::{Error, Permit, Result};
use tokio::time::Instant;

/// Begins a transaction that alone may write to the record and the accounts, among all servers, until it ends.
pub(crate) const HOLD_RECORD: &str = "BEGIN; SELECT pg_advisory_xact_lock(1128813908, 2)";
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(100);

/// The writer's state between transactions.
pub(crate) struct Group {
    target: Target,
    line: Option<Line>,
    checkpoints: Checkpoints,
    failures: FailureKey,
    tokens: Arc<TokenCache>,
    /// Where the chain ended after this server's last group: still so, unless another server wrote since.
    head: Option<Head>,
    limits: Limits,
}

/// How long this server goes on by itself before somebody is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// With a connection that is lost.
    pub(crate) lost: Duration,
    /// With an outcome that is not known.
    pub(crate) unknown: Duration,
}

/// How a transaction ended that did not commit for certain.
enum Failed {
    /// Nothing of any job was stored.
    Undone(Error),
    /// COMMIT was sent, and its answer did not come. The row of the chain tells.
    Unknown { first: u64, row: Vec<u8>, outcomes: Vec<Outcome> },
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Undone(error)
    }
}

impl Group {
    pub(crate) async fn open(
        target: Target,
        key: &DatabaseKey,
        tokens: Arc<TokenCache>,
        limits: Limits,
    ) -> Result<Self> {
        let line = target.connect(Purpose::Write).await?;
        let checkpoints = Checkpoints::open(&line, &key.audit_seed()).await?;
        let failures = FailureKey::new(&key.failures());
        Ok(Self { target, line: Some(line), checkpoints, failures, tokens, limits, head: None })
    }

    /// Does the jobs, together if it can be, and answers each.
    pub(crate) async fn run(&mut self, jobs: Vec<Job>) {
        let works: Vec<&Work> = jobs.iter().map(|job| &job.work).collect();
        match self.durably(&works).await {
            Ok(outcomes) => {
                if works.iter().any(|work| matches!(work, Work::Account(..) | Work::SeenToken(..))) {
                    self.tokens.forget();
                }
                for (job, outcome) in jobs.into_iter().zip(outcomes) {
                    let outcome = match job.work {
                        Work::Settle => self.settle().await.map(|()| Answer::Done),
                        _ => outcome,
                    };
                    tell(job, outcome);
                }
            }
            // Nothing of the group was stored. One of them cannot be written: each is tried by itself.
            Err(Error::Broken(_)) if jobs.len() > 1 => {
                for job in jobs {
                    let alone = self.durably(&[&job.work]).await;
                    let outcome = alone.and_then(|outcomes| outcomes.into_iter().next().unwrap_or(Ok(Answer::Done)));
                    tell(job, outcome);
                }
                self.tokens.forget();
            }
            // What is noted of readings is small and may still find room.
            Err(Error::Full) if works.iter().any(|work| noted(work)) && !works.iter().all(|work| noted(work)) => {
                let (noted, written): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(|job| noted(&job.work));
                refuse(written, &Error::Full);
                match self.durably(&noted.iter().map(|job| &job.work).collect::<Vec<_>>()).await {
                    Ok(outcomes) => noted.into_iter().zip(outcomes).for_each(|(job, outcome)| tell(job, outcome)),
                    Err(error) => refuse(noted, &error),
                }
            }
            Err(error) => refuse(jobs, &error),
        }
    }

    /// Runs one transaction until it is known what became of it. An `Err` other than [`Error::Unknown`] means that nothing of any job was
    /// stored.
    async fn durably(&mut self, works: &[&Work]) -> Result<Vec<Outcome>> {
        let until = Instant::now() + self.limits.lost;
        loop {
            let error = match self.transaction(works).await {
                Ok(outcomes) => return Ok(outcomes),
                Err(Failed::Undone(error)) => error,
                Err(Failed::Unknown { first, row, outcomes }) => {
                    self.line = None;
                    if self.stored(first, &row).await? {
                        return Ok(outcomes);
                    }
                    Error::Unreachable("the connection was lost".to_owned())
                }
            };
            self.roll_back().await;
            if !matches!(error, Error::Unreachable(_)) || Instant::now() >= until {
                return Err(error);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Leaves no transaction open.
    async fn roll_back(&mut self) {
        if let Some(line) = self.line.take()
            && !line.closed()
            && line.batch("ROLLBACK").await.is_ok()
        {
            self.line = Some(line);
        }
    }

    async fn line(&mut self) -> Result<()> {
        if self.line.as_ref().is_none_or(Line::closed) {
            self.line = Some(self.target.connect(Purpose::Write).await?);
        }
        Ok(())
    }

    /// Entries alone, in one trip, where the chain ends as this server last saw it. `None`: it does not, or its end is to be signed now;
    /// nothing was written then.
    async fn entries_alone(&mut self, works: &[&Work]) -> std::result::Result<Option<Vec<Outcome>>, Failed> {
        let (Some(head), Some(line)) = (self.head.take(), &self.line) else { return Ok(None) };
        let (mut outcomes, mut entries) = (Vec::with_capacity(works.len()), Vec::new());
        for work in works {
            outcomes.push(audit_alone(work, &mut entries));
        }
        let Some(newest) = entries.last().map(|entry| entry.at) else { return Ok(None) };
        let (now, row) = chain::row(head, &entries);
        if self.checkpoints.due(now, newest) {
            return Ok(None);
        }
        place(&mut outcomes, head);
        match audit_chain::append_if(line, head, &entries, (now, &row)).await {
            Ok(true) => {
                self.checkpoints.noted(None, newest);
                self.head = Some(now);
                Ok(Some(outcomes))
            }
            Ok(false) => Ok(None),
            Err(Error::Unreachable(_)) => Err(Failed::Unknown { first: head.last + 1, row, outcomes }),
            Err(error) => Err(error.into()),
        }
    }

    /// One transaction.
    async fn transaction(&mut self, works: &[&Work]) -> std::result::Result<Vec<Outcome>, Failed> {
        self.line().await?;
        let alone = |work: &&Work| matches!(work, Work::Audit(_) | Work::Settle | Work::Ready);
        if works.iter().all(alone)
            && let Some(outcomes) = self.entries_alone(works).await?
        {
            return Ok(outcomes);
        }
        self.head = None;
        let Some(line) = &self.line else { return Err(Error::Unreachable("no connection".to_owned()).into()) };
        let commits: Vec<(&Permit, &Commit)> = works
            .iter()
            .filter_map(
                |work| if let Work::Commit(permit, commit, _) = work { Some((permit, &**commit)) } else { None },
            )
            .collect();
        let (mut outcomes, mut entries) = (Vec::with_capacity(works.len()), Vec::new());
        let head = if works.iter().all(alone) {
            for work in works {
                outcomes.push(audit_alone(work, &mut entries));
            }
            audit_chain::begin(line).await?
        } else {
            let mut view = View::begin(line, &commits).await?;
            let lost = lost_turns(line, works).await?;
            let mut pending = Pending::default();
            for work in works {
                if let Some(refusal) = out_of_turn(work, &lost) {
                    outcomes.push(Err(refusal));
                    continue;
                }
                outcomes.push(apply(line, &self.failures, work, &mut view, &mut pending, &mut entries).await?);
            }
            pending.write(line, &view).await?;
            audit_chain::hold(line).await?
        };
        place(&mut outcomes, head);
        let Some(newest) = entries.last().map(|entry| entry.at) else {
            // No entry: nothing of weight was written (the use of a session), or all was refused.
            line.batch("COMMIT").await?;
            return Ok(outcomes);
        };
        let (now, row) = chain::row(head, &entries);
        let mut signed = None;
        let committed = if self.checkpoints.due(now, newest) {
            audit_chain::append(line, head, &entries, (now, &row), End::Later).await?;
            signed = Some(self.checkpoints.sign_when_due(line, now, newest).await?);
            line.batch("COMMIT").await
        } else {
            audit_chain::append(line, head, &entries, (now, &row), End::Commit).await
        };
        if let Err(error) = committed {
            return Err(match error {
                Error::Unreachable(_) => Failed::Unknown { first: head.last + 1, row, outcomes },
                error => Failed::Undone(error),
            });
        }
        self.checkpoints.noted(signed, newest);
        self.head = Some(now);
        Ok(outcomes)
    }

    /// Whether the chain holds a row. Once its head can be locked, the transaction that would have written it is over.
    async fn stored(&mut self, first: u64, row: &[u8]) -> Result<bool> {
        let until = Instant::now() + self.limits.unknown;
        loop {
            match self.ask_stored(first, row).await {
                Ok(stored) => return Ok(stored),
                Err(error) => tracing::warn!(%error, "it is not known yet whether the last group was saved"),
            }
            self.line = None;
            if Instant::now() >= until {
                return Err(Error::Unknown);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn ask_stored(&mut self, first: u64, row: &[u8]) -> Result<bool> {
        self.line().await?;
        let Some(line) = &self.line else { return Err(Error::Unknown) };
        audit_chain::begin(line).await?;
        let found = audit_chain::row_at(line, first).await?;
        line.batch("ROLLBACK").await?;
        Ok(found.is_some_and(|found| found == row))
    }

    /// Signs the last entries when the chain rests.
    pub(crate) async fn rest(&mut self) {
        if self.checkpoints.unsigned()
            && let Err(error) = self.settle().await
        {
            tracing::warn!(%error, "the audit chain's last entries could not be signed");
        }
    }

    async fn settle(&mut self) -> Result<()> {
        let signed = self.sign_rest().await;
        if signed.is_err() {
            self.roll_back().await;
        }
        signed
    }

    async fn sign_rest(&mut self) -> Result<()> {
        self.line().await?;
        let Some(line) = &self.line else { return Ok(()) };
        let head = audit_chain::begin(line).await?;
        let signed = self.checkpoints.sign_rest(line, head).await?;
        line.batch("COMMIT").await?;
        self.checkpoints.rested(signed);
        Ok(())
    }
}

/// Counts the places of entries from the head they follow.
fn place(outcomes: &mut [Outcome], head: Head) {
    for outcome in outcomes.iter_mut().flatten() {
        if let Answer::Recorded(place) = outcome {
            *place += head.last;
        }
    }
}
