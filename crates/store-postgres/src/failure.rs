//! Failed sign-ins, counted under a keyed hash of what was typed: somebody's password, typed into the wrong field, must not be kept.

use crate::line::Line;
use crate::rows::{get, time, unreadable};
use jiff::Timestamp;
use ring::hmac;
use store::Result;
use store::accounts::Failures;

/// Failures are forgotten after 30 days.
const KEPT_US: i64 = 30 * 24 * 3600 * 1_000_000;

/// What subjects are hashed with: made from the practice's key, which the database does not hold in the clear.
pub(crate) struct FailureKey(hmac::Key);

impl FailureKey {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// What a subject is counted under.
    fn hashed(&self, subject: &str) -> Vec<u8> {
        hmac::sign(&self.0, subject.as_bytes()).as_ref().to_vec()
    }
}

/// How often a subject failed in a row, and when last.
pub(crate) async fn of(line: &Line, key: &FailureKey, subject: &str) -> Result<Failures> {
    let sql = "SELECT count, last FROM sign_in_failure WHERE subject = $1";
    let Some(row) = line.first(sql, &[&key.hashed(subject)]).await? else { return Ok(Failures::default()) };
    let count = u32::try_from(get::<i32>(&row, 0)?).map_err(|_| unreadable(&row, 0))?;
    Ok(Failures { count, last: Some(time(&row, 1)?) })
}

/// Counts one more, and forgets old ones.
pub(crate) async fn count(line: &Line, key: &FailureKey, subjects: &[String], at: Timestamp) -> Result<()> {
    let now = at.as_microsecond();
    line.execute("DELETE FROM sign_in_failure WHERE last < $1", &[&(now - KEPT_US)]).await?;
    let sql = "INSERT INTO sign_in_failure(subject, count, last) VALUES ($1, 1, $2)
        ON CONFLICT (subject) DO UPDATE SET count = sign_in_failure.count + 1, last = excluded.last";
    for subject in subjects {
        line.execute(sql, &[&key.hashed(subject), &now]).await?;
    }
    Ok(())
}

/// Forgets a subject's.
pub(crate) async fn clear(line: &Line, key: &FailureKey, subject: &str) -> Result<()> {
    line.execute("DELETE FROM sign_in_failure WHERE subject = $1", &[&key.hashed(subject)]).await.map(|_rows| ())
}
