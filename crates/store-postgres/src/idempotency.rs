//! Retry guards: the answer of a request, kept under its actor and key, in the same transaction as what it did.

use crate::index::{clean, short};
use crate::line::{Bulk, Line, Param};
use crate::rows::get;
use fhir::Key;
use std::collections::HashMap;
use std::fmt::Write as _;
use store::record::{Commit, Committed, Idempotency};
use store::{Actor, Error, Permit, Result};
use tokio_postgres::Row;
use uuid::Uuid;

/// Answers that were given: by actor and key, the request and what was made.
pub(crate) type Answers = HashMap<(Uuid, String), (Vec<u8>, String)>;

/// The answers kept for actors and keys.
pub(crate) const KEPT: &str = "SELECT i.actor, i.key, i.request, i.versions
    FROM unnest($1::uuid[], $2::text[]) q(actor, key) JOIN idempotency i ON i.actor = q.actor AND i.key = q.key";

/// Keeps answers.
const REMEMBER: &str = "INSERT INTO idempotency(actor, key, request, versions, answer, at)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[], $5::text[], $6::int8[])";

/// Forgets old answers.
const FORGET: &str = "DELETE FROM idempotency WHERE at < $1";
/// Keys are forgotten after a week: whoever asks again does so within hours.
const KEPT_US: i64 = 7 * 24 * 3600 * 1_000_000;

/// The actors and keys of commits that bear one.
pub(crate) fn asked(commits: &[(&Permit, &Commit)]) -> (Vec<Uuid>, Vec<String>) {
    let bearing = commits.iter().filter_map(|(permit, commit)| Some((permit.actor().id, commit.idempotency.as_ref()?)));
    bearing.map(|(actor, retry)| (actor, short(&retry.key).into_owned())).unzip()
}

/// Rows of [`KEPT`].
pub(crate) fn read(rows: &[Row]) -> Result<Answers> {
    rows.iter().map(|row| Ok(((get(row, 0)?, get(row, 1)?), (get(row, 2)?, get(row, 3)?)))).collect()
}

/// The answer this actor's key was given before, if it was the same request.
pub(crate) fn answered(answers: &Answers, actor: &Actor, retry: &Idempotency) -> Result<Option<Committed>> {
    match answers.get(&(actor.id, short(&retry.key).into_owned())) {
        None => Ok(None),
        Some((request, _)) if *request != retry.request => Err(Error::IdempotencyMismatch),
        Some((_, versions)) => Ok(Some(Committed { versions: parse(versions), draft: None, replayed: true })),
    }
}

/// What was kept with this actor's key, if it was the same request.
pub(crate) async fn answer(line: &Line, actor: &Actor, retry: &Idempotency) -> Result<Option<String>> {
    let sql = "SELECT request, answer FROM idempotency WHERE actor = $1 AND key = $2";
    match line.first(sql, &[&actor.id, &short(&retry.key)]).await? {
        None => Ok(None),
        Some(row) if get::<&[u8]>(&row, 0)? != retry.request => Err(Error::IdempotencyMismatch),
        Some(row) => get(&row, 1).map(Some),
    }
}

/// An answer as it is kept.
pub(crate) fn text(answer: &Committed) -> String {
    answer.versions.iter().fold(String::new(), |mut text, (key, version, sequence)| {
        let _infallible = writeln!(text, "{key} {version} {sequence}");
        text
    })
}

/// What was answered: each version, with its place in the practice's order.
pub(crate) fn parse(text: &str) -> Vec<(Key, u32, u64)> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some((Key::parse(words.next()?)?, words.next()?.parse().ok()?, words.next()?.parse().ok()?))
        })
        .collect()
}

/// Answers to be kept, as columns of [`REMEMBER`].
#[derive(Default)]
pub(crate) struct Remembered {
    actors: Vec<Uuid>,
    keys: Vec<String>,
    requests: Vec<Vec<u8>>,
    versions: Vec<String>,
    answers: Vec<String>,
    at: Vec<i64>,
    /// What is older is forgotten.
    until: i64,
}

impl Remembered {
    /// An answer given at this time (µs).
    pub(crate) fn push(
        &mut self,
        answers: &mut Answers,
        actor: Uuid,
        (retry, answer): (&Idempotency, &Committed),
        at: i64,
    ) {
        let (key, text) = (short(&retry.key).into_owned(), text(answer));
        answers.insert((actor, key.clone()), (retry.request.to_vec(), text.clone()));
        self.actors.push(actor);
        self.keys.push(key);
        self.requests.push(retry.request.to_vec());
        self.versions.push(text);
        self.answers.push(clean(&retry.answer).into_owned());
        self.at.push(at);
        self.until = at.saturating_sub(KEPT_US);
    }

    /// What is to be written, if anything is.
    pub(crate) fn bulks(&self) -> Vec<Bulk<'_>> {
        if self.keys.is_empty() {
            return Vec::new();
        }
        let columns: [Param<'_>; 6] =
            [&self.actors, &self.keys, &self.requests, &self.versions, &self.answers, &self.at];
        vec![Bulk::new(FORGET, [&self.until as Param<'_>]), Bulk::new(REMEMBER, columns)]
    }
}
