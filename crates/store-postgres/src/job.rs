//! One job within a group's transaction, and what whoever asked for it is told.

use crate::failure::FailureKey;
use crate::line::Line;
use crate::pending::Pending;
use crate::view::View;
use crate::writer::{Answer, Job, Work};
use crate::{account_change, commit, turn};
use std::collections::BTreeSet;
use store::audit::Entry;
use store::{Error, Result};

/// What a job came to within the transaction; answers leave only after COMMIT.
pub(crate) type Outcome = Result<Answer>;

/// Turns of these commits that are not this server's any more: asked once nobody else can write.
pub(crate) async fn lost_turns(line: &Line, works: &[&Work]) -> Result<Vec<i32>> {
    let turns = works.iter().filter_map(|work| if let Work::Commit(_, _, turn) = work { turn.as_ref() } else { None });
    let mut lost = Vec::new();
    for process in turns.map(|turn| turn.process).collect::<BTreeSet<_>>() {
        if line.first(turn::HELD, &[&process]).await?.is_none() {
            lost.push(process);
        }
    }
    Ok(lost)
}

/// The refusal of a commit whose turn is lost.
pub(crate) fn out_of_turn(work: &Work, lost: &[i32]) -> Option<Error> {
    let Work::Commit(_, _, Some(turn)) = work else { return None };
    let refusal = || Error::Locked("the connection that kept this request's turn was lost; try again".to_owned());
    lost.contains(&turn.process).then(refusal)
}

/// Does one job within the transaction. The outer error is the database's and ends the whole group; the inner one is this job's refusal,
/// which left nothing behind.
pub(crate) async fn apply<'a>(
    line: &Line,
    key: &FailureKey,
    work: &'a Work,
    view: &mut View,
    pending: &mut Pending<'a>,
    entries: &mut Vec<Entry>,
) -> Result<Outcome> {
    match work {
        Work::Audit(_) | Work::Settle | Work::Ready => Ok(audit_alone(work, entries)),
        Work::Commit(permit, commit, _) => {
            let plan = match commit::check(view, permit, commit) {
                Ok(plan) => plan,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let mut entry = commit.audit.clone();
            let done = commit::note(view, pending, plan, commit, &mut entry)?;
            entries.push(entry);
            Ok(Ok(Answer::Committed(done)))
        }
        Work::Account(change, entry) => {
            if let Some(refusal) = account_change::refusal(line, change).await? {
                return Ok(Err(refusal));
            }
            account_change::write(line, key, change, entry.at).await?;
            entries.push(Entry::clone(entry));
            Ok(Ok(Answer::Done))
        }
        Work::SeenSession(secret, at) => {
            account_change::seen_session(line, secret, *at).await?;
            Ok(Ok(Answer::Done))
        }
        Work::SeenToken(id, at) => {
            account_change::seen_token(line, *id, *at).await?;
            Ok(Ok(Answer::Done))
        }
    }
}

/// Whether it only notes that something was read or is there.
pub(crate) fn noted(work: &Work) -> bool {
    matches!(work, Work::Audit(_) | Work::Ready)
}

pub(crate) fn refuse(jobs: Vec<Job>, error: &Error) {
    for job in jobs {
        let outcome = Err(again(error, &job.work));
        tell(job, outcome);
    }
}

/// Notes an entry: its place counts from the head, which is not known yet.
pub(crate) fn audit_alone(work: &Work, entries: &mut Vec<Entry>) -> Outcome {
    if let Work::Audit(entry) = work {
        entries.push(Entry::clone(entry));
        return Ok(Answer::Recorded(entries.len() as u64));
    }
    Ok(Answer::Done)
}

/// An error of a whole group, told to one of its jobs.
fn again(error: &Error, work: &Work) -> Error {
    match error {
        Error::Full if matches!(work, Work::Audit(_)) => Error::Unaudited,
        Error::Full => Error::Full,
        Error::Unknown => Error::Unknown,
        Error::Unreachable(text) => Error::Unreachable(text.clone()),
        Error::TooCostly => Error::Unreachable("it took too long to save".to_owned()),
        Error::Locked(text) => Error::Locked(text.clone()),
        other => Error::Broken(other.to_string()),
    }
}

/// An asker that has gone away needs no answer.
pub(crate) fn tell(job: Job, outcome: Outcome) {
    let _gone = job.reply.send(outcome);
}
