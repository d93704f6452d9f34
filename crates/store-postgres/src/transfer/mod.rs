//! A practice's database as the source or the target of a copy ([`store::transfer`]). While a copy arrives, the database has a table more,
//! `transfer`: with it the practice opens as nothing else, and the copy can go on where it was cut short.

mod derive;
mod tables;

use crate::audit_chain::{self, End, span};
use crate::audit_index;
use crate::connection::{Options, Purpose, Target as Place};
use crate::db::{suits, unlock, wrapped};
use crate::find_renew;
use crate::group::HOLD_RECORD;
use crate::line::{Line, Param};
use crate::rows::{get, number};
use crate::schema::{self, Found};
use crate::view::SEQ;
use async_trait::async_trait;
use fhir::Kind;
use ring::rand::SecureRandom;
use std::time::Duration;
use store::audit::Entry;
use store::engine::chain::{self, split};
use store::engine::wrap::{self, Secret};
use store::find::FindKeys;
use store::transfer::{Part, Practice, Row, Rows, Source, Target, UNFINISHED};
use store::{Error, Result};
use tokio::time::Instant;

/// A session that may rest in a transaction while the other side works.
const PATIENT: &str = "SET idle_in_transaction_session_timeout = 0";
/// How long connections that were closed may take to be gone.
const CLOSING: Duration = Duration::from_secs(5);

/// A practice in a database, to be copied. No other server may be connected; one that connects meanwhile cannot write.
pub struct Leaving {
    /// One state of the database.
    line: Line,
    /// Holds the record and the audit chain.
    guard: Line,
    practice: Practice,
}

impl Leaving {
    /// Takes a practice that no Chartroom is connected to.
    ///
    /// # Errors
    /// [`Error::Locked`] when another one is; as [`crate::Db::open`].
    pub async fn open(url: &str, secret: &Secret, options: &Options) -> Result<Self> {
        let target = Place::parse(url, options)?;
        let guard = target.connect(Purpose::Whole).await?;
        schema::known(&guard).await?;
        let practice =
            Practice { key: unlock(&guard, secret).await?, wrappings: wrapped(&guard, "").await?, page_links: None };
        guard.batch(PATIENT).await?;
        alone(&guard).await?;
        guard.batch(HOLD_RECORD).await?;
        audit_chain::hold(&guard).await?;
        // Who came in between holds nothing now, and can no more.
        alone(&guard).await?;
        let line = target.connect(Purpose::Whole).await?;
        line.batch(PATIENT).await?;
        line.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        Ok(Self { line, guard, practice })
    }

    /// The connections, while nobody else can have written.
    fn held(&self) -> Result<&Line> {
        if self.guard.closed() {
            let text = "the connection that keeps others from writing was lost; run the same copy again";
            return Err(Error::Unreachable(text.to_owned()));
        }
        Ok(&self.line)
    }
}

/// Waits until no other Chartroom is connected to the database.
async fn alone(line: &Line) -> Result<()> {
    let sql = "SELECT count(*), min(coalesce(host(client_addr), 'the same machine')) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'chartroom' AND pid <> pg_backend_pid()";
    let until = Instant::now() + CLOSING;
    loop {
        let Some(row) = line.first(sql, &[]).await? else { return Ok(()) };
        let (others, place): (i64, Option<&str>) = (get(&row, 0)?, get(&row, 1)?);
        if others == 0 {
            return Ok(());
        }
        if Instant::now() >= until {
            let place = place.unwrap_or_default();
            return Err(Error::Locked(format!(
                "another Chartroom is connected to this database ({others} connections, from {place}): stop it first"
            )));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[async_trait]
impl Rows for Leaving {
    async fn page(&mut self, part: Part, after: Option<&Row>) -> Result<Vec<Row>> {
        tables::page(self.held()?, part, after).await
    }

    async fn count(&mut self, part: Part) -> Result<u64> {
        tables::count(self.held()?, part).await
    }
}

impl Source for Leaving {
    fn practice(&self) -> &Practice {
        &self.practice
    }
}

/// A database where a copy arrives.
pub struct Arriving {
    line: Line,
}

impl Arriving {
    /// Prepares a database that is empty or holds a copy of this practice that was cut short. Its data key is wrapped under `secret` here;
    /// the recovery key stays the same one.
    ///
    /// # Errors
    /// [`Error::Broken`] when the database holds anything else; [`Error::Locked`]; [`Error::WrongKey`]; as [`crate::Db::create`].
    pub async fn open(
        url: &str,
        secret: &Secret,
        options: &Options,
        from: &Practice,
        random: &dyn SecureRandom,
    ) -> Result<Self> {
        let line = Place::parse(url, options)?.connect(Purpose::Whole).await?;
        suits(&line).await?;
        line.batch(PATIENT).await?;
        let free = line.first("SELECT pg_try_advisory_lock(1128813908, 4)", &[]).await?;
        if !free.is_some_and(|row| row.get(0)) {
            return Err(Error::Locked("another copy arrives in this database just now".to_owned()));
        }
        let (begun, made) = (is_unfinished(&line).await?, schema::version(&line).await? > 0);
        let taken = |what: &str| {
            Error::Broken(format!(
                "the database holds {what}: name an empty one, or one where a copy of this practice was cut short"
            ))
        };
        if made && !begun {
            return Err(taken("a practice already"));
        }
        if made && unlock(&line, secret).await?.bytes() != from.key.bytes() {
            return Err(taken("another practice"));
        }
        line.batch(
            "CREATE TABLE IF NOT EXISTS transfer(one smallint PRIMARY KEY CHECK(one = 1), derived bigint NOT NULL);
             INSERT INTO transfer(one, derived) VALUES (1, 0) ON CONFLICT DO NOTHING",
        )
        .await?;
        if made {
            schema::migrate(&line, Found::Practice, None).await?;
        } else {
            let keys = wrap::replaced(&from.wrappings, &from.key, secret, random)?;
            let keep = "INSERT INTO practice_key(one, wrapped) VALUES (1, $1)";
            schema::migrate(&line, Found::Nothing, Some((keep, &[&keys]))).await?;
        }
        Ok(Self { line })
    }

    /// Ends a transaction: all of it or nothing.
    async fn end<T>(&self, done: Result<T>) -> Result<T> {
        match done {
            Ok(done) => self.line.batch("COMMIT").await.map(|()| done),
            Err(error) => {
                // What went wrong is told; the transaction ends with the connection at the latest.
                let _undone = self.line.batch("ROLLBACK").await;
                Err(error)
            }
        }
    }
}

#[async_trait]
impl Rows for Arriving {
    async fn page(&mut self, part: Part, after: Option<&Row>) -> Result<Vec<Row>> {
        tables::page(&self.line, part, after).await
    }

    async fn count(&mut self, part: Part) -> Result<u64> {
        tables::count(&self.line, part).await
    }
}

#[async_trait]
impl Target for Arriving {
    async fn last(&mut self, part: Part) -> Result<Option<Row>> {
        tables::last(&self.line, part).await
    }

    async fn take(&mut self, part: Part, rows: &[Row], anew: bool) -> Result<()> {
        self.line.batch("BEGIN").await?;
        self.end(take(&self.line, part, rows, anew).await).await
    }

    async fn derive(&mut self, keys: FindKeys) -> Result<u64> {
        self.line.batch("BEGIN").await?;
        let made = async {
            let system = find_renew::number_system(&self.line).await?;
            derive::some(&self.line, keys, &system).await
        };
        self.end(made.await).await
    }

    async fn finish(&mut self, keys: FindKeys, entry: &Entry) -> Result<()> {
        // Plans are made by what is there.
        self.line.batch("ANALYZE").await?;
        self.line.batch("BEGIN").await?;
        self.end(finish(&self.line, keys, entry).await).await
    }
}

async fn take(line: &Line, part: Part, rows: &[Row], anew: bool) -> Result<()> {
    if anew {
        tables::empty(line, part).await?;
    }
    if rows.is_empty() {
        return Ok(());
    }
    match part {
        Part::Resources => {
            derive::begin_anew(line).await?;
            tables::write(line, part, rows, &[&i64::from(number(Kind::PATIENT))]).await?;
            let last = rows.last().and_then(|row| row.number(0));
            line.query("SELECT setval('directory_rid', $1)", &[&last]).await.map(|_row| ())
        }
        Part::Versions => {
            derive::begin_anew(line).await?;
            tables::write(line, part, rows, &[]).await
        }
        Part::Entries => entries(line, rows).await,
        _ => tables::write(line, part, rows, &[]).await,
    }
}

/// Rows of the trail with the times they reach over; the head follows, and what entries are found by.
async fn entries(line: &Line, rows: &[Row]) -> Result<()> {
    let (mut earliest, mut latest) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in rows {
        let read: Option<Vec<Entry>> =
            split(row.bytes(2).unwrap_or_default()).map(|(canonical, _)| Entry::from_canonical(canonical)).collect();
        // What cannot be read may be of any time.
        let (from, to) = read.map_or((i64::MIN, i64::MAX), |entries| span(&entries));
        earliest.push(from);
        latest.push(to);
    }
    tables::write(line, Part::Entries, rows, &[&earliest as Param<'_>, &latest]).await?;
    let Some(row) = rows.last() else { return Ok(()) };
    let hash = row.bytes(2).and_then(|entries| split(entries).last()).map(|(_, hash)| hash).unwrap_or_default();
    let sql = "UPDATE audit_head SET last = $2, hash = $3 WHERE chain = $1";
    line.execute(sql, &[&audit_chain::CHAIN, &row.number(1), &hash.as_slice()]).await?;
    audit_index::catch_up(line, audit_chain::head(line).await?, true).await
}

async fn finish(line: &Line, keys: FindKeys, entry: &Entry) -> Result<()> {
    let sql = "INSERT INTO counter(name, next) SELECT $1, coalesce(max(seq), 0) + 1 FROM resource_version
        ON CONFLICT (name) DO UPDATE SET next = excluded.next";
    line.execute(sql, &[&SEQ.0]).await?;
    find_renew::made(line, keys).await?;
    let head = audit_chain::hold(line).await?;
    let entries = std::slice::from_ref(entry);
    let (now, row) = chain::row(head, entries);
    audit_chain::append(line, head, entries, (now, &row), End::Later).await?;
    line.batch("DROP TABLE transfer").await
}

/// Whether a copy to here is not finished.
async fn is_unfinished(line: &Line) -> Result<bool> {
    let found = line.first("SELECT to_regclass('transfer') IS NOT NULL", &[]).await?;
    found.map_or(Ok(false), |row| get(&row, 0))
}

/// Refuses half a practice.
pub(crate) async fn refuse_unfinished(line: &Line) -> Result<()> {
    if is_unfinished(line).await? { Err(Error::Broken(UNFINISHED.to_owned())) } else { Ok(()) }
}
