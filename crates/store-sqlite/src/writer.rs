//! The one writer: a thread that takes what waits, does it in one transaction, and answers once that is durable.
//!
//! Alone, a job commits at once. While it does, others queue behind it and share the next transaction, so that under load many
//! commits (and the audit entries of many reads) cost one fsync. When several wait, others are about to: the writer then rests for
//! a part of what a commit takes, and the processor answers requests instead of sealing pages twice. Nobody is answered before
//! COMMIT has returned.

use crate::group::Group;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use store::accounts::AccountChange;
use store::audit::Entry;
use store::record::{Commit, Committed};
use store::{Error, Permit, Result};
use tokio::sync::{oneshot, watch};

/// Jobs of one transaction at most: bounds how long the first of them waits.
const GROUP_LIMIT: usize = 512;
/// How long the chain may rest before its last entries are signed all the same.
const REST: Duration = Duration::from_secs(60);
/// The longest the writer waits for more jobs to share a commit.
const GATHER: Duration = Duration::from_micros(500);

/// A piece of upkeep, within the writer's transaction.
pub(crate) type Mend = Box<dyn Fn(&rusqlite::Connection) -> rusqlite::Result<()> + Send + Sync>;

/// What can be asked of the writer.
pub(crate) enum Work {
    /// A commit to the record, under this permit.
    Commit(Permit, Box<Commit>),
    /// An audit entry alone.
    Audit(Box<Entry>),
    /// A change to accounts, with its entry.
    Account(Box<AccountChange>, Box<Entry>),
    /// A session was used: secret, when (µs).
    SeenSession([u8; 32], i64),
    /// A token was used: id, when (µs).
    SeenToken([u8; 16], i64),
    /// Upkeep: puts right what follows from what is kept. Done again when the transaction has to be.
    Mend(Mend),
    /// Signs what the chain has and moves the write-ahead log into the database.
    Settle,
    /// Nothing but to be answered: the writer is there, and the database can be written.
    Ready,
    /// A defect, which no test may wait to find.
    #[cfg(test)]
    Panic,
}

/// What the writer answers.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A commit's versions.
    Committed(Committed),
    /// The sequence of an audit entry.
    Recorded(u64),
    /// Done.
    Done,
}

/// One thing to do and whom to tell.
pub(crate) struct Job {
    pub(crate) work: Work,
    pub(crate) reply: oneshot::Sender<Result<Answer>>,
}

/// The handle of the writer thread. Dropping it lets the queue run out and joins.
pub(crate) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    /// Closed when the thread has ended, however it did.
    alive: watch::Receiver<()>,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(group: Group) -> Result<Self> {
        let (jobs, queue) = channel();
        let (living, alive) = watch::channel(());
        let thread = std::thread::Builder::new()
            .name("chartroom-writer".to_owned())
            .spawn(move || {
                let _until_the_end = living;
                run(group, &queue);
            })
            .map_err(|e| Error::Broken(format!("the writer thread did not start: {e}")))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), alive })
    }

    /// Resolves when the thread has ended.
    pub(crate) async fn stopped(&self) {
        let mut alive = self.alive.clone();
        while alive.changed().await.is_ok() {}
    }

    /// Queues a job and waits until it is durable or refused.
    pub(crate) async fn ask(&self, work: Work) -> Result<Answer> {
        let stopped = || Error::Broken("the writer has stopped".to_owned());
        let (reply, answer) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        jobs.send(Job { work, reply }).map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has nothing left to finish.
            let _finished = thread.join();
        }
    }
}

fn run(mut group: Group, queue: &Receiver<Job>) {
    let mut last_commit = Duration::ZERO;
    loop {
        let first = match queue.recv_timeout(REST) {
            Ok(job) => job,
            Err(RecvTimeoutError::Timeout) => {
                group.rest();
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        };
        let mut jobs = vec![first];
        take_waiting(queue, &mut jobs);
        if jobs.len() > 1 {
            std::thread::sleep((last_commit / 2).min(GATHER));
            take_waiting(queue, &mut jobs);
        }
        let begun = Instant::now();
        group.run(jobs);
        last_commit = begun.elapsed();
    }
    group.close();
}

fn take_waiting(queue: &Receiver<Job>, jobs: &mut Vec<Job>) {
    while jobs.len() < GROUP_LIMIT
        && let Ok(job) = queue.try_recv()
    {
        jobs.push(job);
    }
}
