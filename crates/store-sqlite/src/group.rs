//! One transaction of the writer: a group of jobs, their audit entries in one row, one COMMIT.

use crate::audit_chain::{self, Head};
use crate::audit_checkpoint::Checkpoints;
use crate::connection::sql_error;
use crate::reserve::Reserve;
use crate::token_cache::TokenCache;
use crate::wal::Wal;
use crate::writer::{Answer, Job, Work};
use crate::{account_change, commit};
use rusqlite::{Connection, TransactionBehavior};
use std::sync::Arc;
use store::audit::Entry;
use store::{Error, Result};
use tokio::sync::oneshot;

/// Where the chain stands, and who signs it.
pub(crate) struct Chain {
    pub(crate) head: Head,
    pub(crate) checkpoints: Checkpoints,
    pub(crate) reserve: Reserve,
}

/// The writer's state between transactions.
pub(crate) struct Group {
    db: Connection,
    wal: Wal,
    chain: Chain,
    next_seq: Option<i64>,
    tokens: Arc<TokenCache>,
}

/// What a job came to within the transaction; answers leave only after COMMIT.
type Outcome = Result<Answer>;

impl Group {
    pub(crate) fn new(db: Connection, wal: Wal, chain: Chain, tokens: Arc<TokenCache>) -> Self {
        Self { db, wal, chain, next_seq: None, tokens }
    }

    /// Does the jobs, together if it can be, and answers each.
    pub(crate) fn run(&mut self, jobs: Vec<Job>) {
        let mut jobs: Vec<_> = jobs.into_iter().map(|job| (job.work, job.reply)).collect();
        let writes = |work: &Work| matches!(work, Work::Commit(..) | Work::Mend(_));
        if !self.chain.reserve.held() && jobs.iter().any(|(work, _)| writes(work)) {
            // The disk was full. Until the reserve for audit entries is whole again, nothing else is written.
            self.chain.reserve.refill();
            if !self.chain.reserve.held() {
                let (refused, rest): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|(work, _)| writes(work));
                for (_, reply) in refused {
                    tell(reply, Err(Error::Full));
                }
                jobs = rest;
            }
        }
        self.run_together(jobs);
        self.wal.tend(&self.db);
    }

    fn run_together(&mut self, jobs: Vec<(Work, oneshot::Sender<Outcome>)>) {
        if jobs.is_empty() {
            return;
        }
        match self.transaction(jobs.iter().map(|(work, _)| work)) {
            Ok(outcomes) => {
                for ((work, reply), outcome) in jobs.into_iter().zip(outcomes) {
                    let outcome = match work {
                        Work::Settle => self.settle().map(|()| Answer::Done),
                        _ => outcome,
                    };
                    tell(reply, outcome);
                }
            }
            Err(Error::Full) => self.run_full(jobs),
            Err(_) if jobs.len() > 1 => {
                // Nothing of the group was stored. One of them cannot be written: each is tried by itself.
                for job in jobs {
                    self.run_together(vec![job]);
                }
            }
            Err(error) => {
                if let Some((_, reply)) = jobs.into_iter().next() {
                    tell(reply, Err(error));
                }
            }
        }
    }

    /// The disk is full: writes are refused; audit entries (and sign-ins) go on over the reserve, so that charts stay readable.
    fn run_full(&mut self, jobs: Vec<(Work, oneshot::Sender<Outcome>)>) {
        let (writes, rest): (Vec<_>, Vec<_>) =
            jobs.into_iter().partition(|(work, _)| matches!(work, Work::Commit(..) | Work::Mend(_)));
        for (_, reply) in writes {
            tell(reply, Err(Error::Full));
        }
        if rest.is_empty() {
            return;
        }
        let released = self.chain.reserve.release();
        let outcomes = if released { self.transaction(rest.iter().map(|(work, _)| work)) } else { Err(Error::Full) };
        match outcomes {
            Ok(outcomes) => {
                for ((_, reply), outcome) in rest.into_iter().zip(outcomes) {
                    tell(reply, outcome);
                }
            }
            Err(_) => {
                for (_, reply) in rest {
                    tell(reply, Err(Error::Unaudited));
                }
            }
        }
    }

    /// One transaction. An `Err` means that nothing of any job was stored.
    fn transaction<'a>(&mut self, works: impl Iterator<Item = &'a Work>) -> Result<Vec<Outcome>> {
        let mut next_seq = match self.next_seq {
            Some(next) => next,
            None => last_seq(&self.db)? + 1,
        };
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sql_error)?;
        let (mut outcomes, mut entries) = (Vec::new(), Vec::new());
        let (mut changed, mut tokens) = (false, false);
        for work in works {
            changed |= !matches!(work, Work::Audit(_) | Work::Ready);
            tokens |= matches!(work, Work::Account(..) | Work::SeenToken(..));
            outcomes.push(apply(&tx, work, &mut next_seq, &mut entries, self.chain.head.last)?);
        }
        let head = audit_chain::append(&tx, self.chain.head, &entries).map_err(sql_error)?;
        let signed = match entries.last() {
            Some(entry) if self.chain.checkpoints.due(head, entry.at) => {
                Some(self.chain.checkpoints.sign(&tx, head, entry.at).map_err(sql_error)?)
            }
            _ => None,
        };
        tx.commit().map_err(sql_error)?;
        if changed {
            self.wal.changed();
        }
        if tokens {
            self.tokens.forget();
        }
        self.next_seq = Some(next_seq);
        self.chain.head = head;
        if let Some(signed) = signed {
            self.chain.checkpoints.keep(signed);
        }
        Ok(outcomes)
    }

    /// Signs the last entries when the chain rests.
    pub(crate) fn rest(&mut self) {
        if let Err(error) = self.settle() {
            tracing::warn!(%error, "the audit chain's last entries could not be signed");
        }
    }

    /// Leaves the database tidy: signed, its write-ahead log moved in.
    pub(crate) fn close(&mut self) {
        self.rest();
    }

    fn settle(&mut self) -> Result<()> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sql_error)?;
        let signed = self.chain.checkpoints.sign_rest(&tx, self.chain.head).map_err(sql_error)?;
        tx.commit().map_err(sql_error)?;
        if let Some(signed) = signed {
            self.chain.checkpoints.keep(signed);
        }
        self.wal.settle(&self.db).map(|_whole| ())
    }
}

/// Does one job within the transaction. The outer error is the database's and ends the whole group; the inner one is this job's refusal,
/// which left nothing behind.
fn apply(db: &Connection, work: &Work, next_seq: &mut i64, entries: &mut Vec<Entry>, last: u64) -> Result<Outcome> {
    match work {
        Work::Audit(entry) => {
            entries.push(Entry::clone(entry));
            Ok(Ok(Answer::Recorded(last + entries.len() as u64)))
        }
        Work::Commit(permit, commit) => {
            let plan = match commit::check(db, permit, commit) {
                Ok(plan) => plan,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let mut entry = commit.audit.clone();
            let done = commit::write(db, plan, commit, next_seq, &mut entry).map_err(sql_error)?;
            entries.push(entry);
            Ok(Ok(Answer::Committed(done)))
        }
        Work::Account(change, entry) => {
            if let Err(refusal) = account_change::check(db, change, entry.at) {
                return Ok(Err(refusal));
            }
            account_change::write(db, change, entry.at).map_err(sql_error)?;
            entries.push(Entry::clone(entry));
            Ok(Ok(Answer::Done))
        }
        Work::SeenSession(secret, at) => {
            account_change::seen_session(db, secret, *at).map_err(sql_error)?;
            Ok(Ok(Answer::Done))
        }
        Work::SeenToken(id, at) => {
            account_change::seen_token(db, id, *at).map_err(sql_error)?;
            Ok(Ok(Answer::Done))
        }
        Work::Mend(mend) => {
            mend(db).map_err(sql_error)?;
            Ok(Ok(Answer::Done))
        }
        Work::Settle | Work::Ready => Ok(Ok(Answer::Done)),
        #[cfg(test)]
        Work::Panic => panic!("a test's defect in the writer"),
    }
}

fn last_seq(db: &Connection) -> Result<i64> {
    db.query_row("SELECT coalesce(max(seq), 0) FROM resource_version", [], |row| row.get(0)).map_err(sql_error)
}

/// An asker that has gone away needs no answer.
fn tell(reply: oneshot::Sender<Outcome>, outcome: Outcome) {
    let _gone = reply.send(outcome);
}
