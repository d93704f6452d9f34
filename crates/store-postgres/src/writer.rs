//! The one writer of this process: a task that takes what waits, does it in one transaction, and answers once that is durable.
//!
//! While it commits, others queue behind it and share the next transaction, so that under load many commits (and the audit entries of
//! many reads) cost one. Several servers have a writer each; the database puts them in order. Nobody is answered before COMMIT has
//! returned.

use crate::group::Group;
use crate::turn::Held;
use std::sync::Arc;
use std::time::Duration;
use store::accounts::AccountChange;
use store::audit::Entry;
use store::record::{Commit, Committed};
use store::{Error, Permit, Result};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

/// Jobs of one transaction at most: bounds how long the first of them waits.
const GROUP_LIMIT: usize = 512;
/// How long the chain may rest before its last entries are signed all the same.
const REST: Duration = Duration::from_secs(60);

/// What can be asked of the writer.
pub(crate) enum Work {
    /// A commit to the record, under this permit, in the turn that this server has.
    Commit(Permit, Box<Commit>, Option<Arc<Held>>),
    /// An audit entry alone.
    Audit(Box<Entry>),
    /// A change to accounts, with its entry.
    Account(Box<AccountChange>, Box<Entry>),
    /// A session was used: secret, when (µs).
    SeenSession([u8; 32], i64),
    /// A token was used: id, when (µs).
    SeenToken(uuid::Uuid, i64),
    /// Signs what the chain has.
    Settle,
    /// Nothing but to be answered: the writer is there, and the database can be written.
    Ready,
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

/// The handle of the writer's task. When it is dropped, the queue runs out and the task ends.
pub(crate) struct Writer {
    jobs: UnboundedSender<Job>,
    task: JoinHandle<()>,
    /// Closed when the task has ended, however it did.
    alive: watch::Receiver<()>,
}

impl Writer {
    /// Starts the task.
    pub(crate) fn start(group: Group) -> Self {
        let (jobs, queue) = unbounded_channel();
        let (living, alive) = watch::channel(());
        let task = tokio::spawn(async move {
            let _until_the_end = living;
            run(group, queue).await;
        });
        Self { jobs, task, alive }
    }

    /// Resolves when the task has ended.
    pub(crate) async fn stopped(&self) {
        let mut alive = self.alive.clone();
        while alive.changed().await.is_ok() {}
    }

    /// Queues a job and waits until it is durable or refused.
    pub(crate) async fn ask(&self, work: Work) -> Result<Answer> {
        let stopped = || Error::Broken("the writer has stopped".to_owned());
        let (reply, answer) = oneshot::channel();
        self.jobs.send(Job { work, reply }).map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    /// Lets the queue run out and waits for it.
    pub(crate) async fn close(self) {
        drop(self.jobs);
        // A writer that panicked has nothing left to finish.
        let _finished = self.task.await;
    }
}

async fn run(mut group: Group, mut queue: UnboundedReceiver<Job>) {
    loop {
        match tokio::time::timeout(REST, queue.recv()).await {
            Ok(Some(first)) => {
                let mut jobs = vec![first];
                while jobs.len() < GROUP_LIMIT
                    && let Ok(job) = queue.try_recv()
                {
                    jobs.push(job);
                }
                group.run(jobs).await;
            }
            Ok(None) => break,
            Err(_) => group.rest().await,
        }
    }
    group.rest().await;
}
