//! The tables, and how an older database becomes a current one.
//!
//! - `directory` is the only place that knows of every resource: type and id, its number `rid`, and the chart it is in (`patient`, the
//!   `rid` of that chart's Patient; 0: in none). It and the few tables of `UNSHARDED` are small; everything else is keyed with `patient`
//!   first of all, so that the tables can be spread over machines by it (docs/scaling.md). A test holds this.
//! - `resource` holds one row per resource that was ever written, and one of version 0 per Patient that is only referred to, so that a
//!   chart's rows find their patient's id beside them.
//! - `resource_version` is append-only. `seq` is the practice-wide order in which versions were recorded.
//! - Times are microseconds since 1970, clinical dates milliseconds; what has no date has the least number (`chart::UNDATED`).
//! - Text is compared by its bytes (`COLLATE "C"`), as SQLite compares it.

use crate::line::{Line, Param};
use crate::{drafts, find, index, transfer};
use store::{Error, Result};

/// One step: what brings a database from the version before to this one.
struct Migration {
    version: i32,
    sql: &'static [&'static str],
}

/// Every step since the first release, oldest first. Steps are only ever appended.
const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, sql: &[RECORD, index::TABLES, find::TABLES, AUDIT, ACCOUNTS] },
    Migration { version: 2, sql: &[drafts::TABLES] },
];

const RECORD: &str = r#"
CREATE TABLE counter(name text COLLATE "C" PRIMARY KEY, next bigint NOT NULL);

CREATE SEQUENCE directory_rid;
CREATE TABLE directory(
    kind smallint NOT NULL,
    id text COLLATE "C" NOT NULL,
    rid bigint NOT NULL UNIQUE,
    patient bigint NOT NULL,     -- where its row of `resource` is, if it has one
    PRIMARY KEY(kind, id)
);

CREATE TABLE resource(
    patient bigint NOT NULL,     -- 0: in no chart
    rid bigint NOT NULL,
    kind smallint NOT NULL,
    id text COLLATE "C" NOT NULL,
    version integer NOT NULL,    -- 0: only referred to
    seq bigint NOT NULL,         -- its current version
    date bigint NOT NULL,        -- clinical date, ms
    deleted boolean NOT NULL,
    PRIMARY KEY(patient, rid)
) WITH (fillfactor = 85);
CREATE INDEX resource_chart ON resource(patient, kind, date, rid) WHERE version > 0 AND NOT deleted;
CREATE INDEX resource_kind ON resource(kind, id, patient, rid) WHERE version > 0 AND NOT deleted;

CREATE TABLE resource_version(
    patient bigint NOT NULL,
    rid bigint NOT NULL,
    version integer NOT NULL,
    kind smallint NOT NULL,
    id text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    moved_from bigint,           -- the chart the resource left with this version
    recorded_at bigint NOT NULL,
    deleted boolean NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY(patient, rid, version)
);
CREATE INDEX resource_version_of ON resource_version(rid, version, patient);
CREATE INDEX resource_version_seq ON resource_version(seq, patient);
CREATE INDEX resource_version_chart ON resource_version(patient, seq);
CREATE INDEX resource_version_moved ON resource_version(moved_from, seq, patient) WHERE moved_from IS NOT NULL;
CREATE INDEX resource_version_kind ON resource_version(kind, seq, patient);

CREATE TABLE idempotency(
    actor uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    request bytea NOT NULL,
    versions text NOT NULL,
    answer text NOT NULL,        -- what the asker needs to answer again
    at bigint NOT NULL,
    PRIMARY KEY(actor, key)
);
CREATE INDEX idempotency_at ON idempotency(at);
"#;

const AUDIT: &str = r#"
-- One row per commit group: the entries one after another, each followed by its hash. One chain per database (0).
CREATE TABLE audit(
    chain smallint NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    earliest bigint NOT NULL,    -- of its entries: they are numbered as they are written, and a clock may be set back
    latest bigint NOT NULL,
    entries bytea NOT NULL,
    PRIMARY KEY(chain, first)
);
-- Which stretches of the trail reach into a time: small, whatever the trail's length.
CREATE INDEX audit_times ON audit USING brin(earliest, latest) WITH (pages_per_range = 32, autosummarize = on);
-- The head, told a second time: a chain cut short does not agree with it. Its lock is what puts entries of all servers in order.
CREATE TABLE audit_head(chain smallint PRIMARY KEY, last bigint NOT NULL, hash bytea NOT NULL);
INSERT INTO audit_head(chain, last, hash) VALUES (0, 0, decode(repeat('00', 32), 'hex'));
CREATE TABLE audit_checkpoint(
    chain smallint NOT NULL, last bigint NOT NULL, at bigint NOT NULL, hash bytea NOT NULL, signature bytea NOT NULL,
    PRIMARY KEY(chain, last)
);
-- Written in batches (audit_index.rs); what is younger is read directly.
CREATE TABLE audit_patient(
    chain smallint NOT NULL, patient text COLLATE "C" NOT NULL, first bigint NOT NULL, PRIMARY KEY(chain, patient, first)
);
CREATE TABLE audit_actor(chain smallint NOT NULL, actor uuid NOT NULL, first bigint NOT NULL, PRIMARY KEY(chain, actor, first));
"#;

const ACCOUNTS: &str = r#"
CREATE TABLE user_account(
    id uuid PRIMARY KEY,
    username text COLLATE "C" NOT NULL UNIQUE,
    display_name text NOT NULL,
    role text NOT NULL,
    practitioner text,
    password_hash text NOT NULL,
    must_change boolean NOT NULL,
    disabled_at bigint,
    created_at bigint NOT NULL,
    preferences text NOT NULL
);
CREATE TABLE session(
    secret bytea PRIMARY KEY,
    account uuid NOT NULL,
    created_at bigint NOT NULL,
    seen_at bigint NOT NULL,
    locked boolean NOT NULL,
    csrf bytea NOT NULL
);
CREATE INDEX session_account ON session(account);
CREATE TABLE api_token(
    id uuid PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    secret bytea NOT NULL UNIQUE,
    scope text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint,
    revoked_at bigint,
    used_at bigint
);
CREATE UNIQUE INDEX api_token_name ON api_token(name) WHERE revoked_at IS NULL;
CREATE TABLE sign_in_failure(subject bytea PRIMARY KEY, count integer NOT NULL, last bigint NOT NULL);
CREATE INDEX sign_in_failure_last ON sign_in_failure(last);
CREATE TABLE setting(name text COLLATE "C" PRIMARY KEY, value text NOT NULL);
-- The practice's data key, wrapped under each secret that opens it.
CREATE TABLE practice_key(one smallint PRIMARY KEY CHECK(one = 1), wrapped text NOT NULL);
"#;

/// The tables whose keys do not name the chart: the directory and what belongs to the practice as a whole, all of them small beside the
/// record, or a chain of its own per database.
#[cfg(test)]
pub(crate) const UNSHARDED: [&str; 18] = [
    "schema_version",
    "counter",
    "directory",
    "idempotency",
    "term",
    "unit",
    "find_slip",
    "audit",
    "audit_head",
    "audit_checkpoint",
    "audit_patient",
    "audit_actor",
    "user_account",
    "session",
    "api_token",
    "sign_in_failure",
    "setting",
    "practice_key",
];

/// The newest schema this program knows.
pub(crate) const KNOWN: i32 = 2;

/// Held while the schema is looked at and changed, so that of several servers that start at once one upgrades and the others wait.
const MIGRATING: &str = "SELECT pg_advisory_xact_lock(1128813908, 1)";

/// The schema version a database is at; 0 when there is none of ours in it.
pub(crate) async fn version(line: &Line) -> Result<i32> {
    let there = line.query("SELECT to_regclass('schema_version') IS NOT NULL", &[]).await?;
    if !there.first().is_some_and(|row| row.get(0)) {
        return Ok(0);
    }
    let rows = line.query("SELECT version FROM schema_version", &[]).await?;
    Ok(rows.first().map_or(0, |row| row.get(0)))
}

/// Whether a practice is there that this program knows.
pub(crate) async fn known(line: &Line) -> Result<()> {
    fits(Found::Practice, version(line).await?)?;
    transfer::refuse_unfinished(line).await
}

fn fits(found: Found, at: i32) -> Result<()> {
    let number = |version: i32| u32::try_from(version).unwrap_or_default();
    match (found, at) {
        (Found::Nothing, 1..) => Err(Error::Taken("this database")),
        (Found::Practice, 0) => Err(Error::Broken("this database holds no practice; `init` makes one".to_owned())),
        (_, at) if at > KNOWN => Err(Error::Newer { found: number(at), known: number(KNOWN) }),
        _ => Ok(()),
    }
}

/// What a migration is asked to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing of ours: a practice is made.
    Nothing,
    /// A practice: brought up to date.
    Practice,
}

/// Makes the tables, or brings them up to date: all steps in one transaction, so that nothing is ever half made.
/// `then` runs before it commits.
pub(crate) async fn migrate(line: &Line, found: Found, then: Option<(&str, &[Param<'_>])>) -> Result<()> {
    line.batch("BEGIN").await?;
    line.batch(MIGRATING).await?;
    let at = version(line).await?;
    fits(found, at)?;
    if at == 0 {
        line.batch("CREATE TABLE schema_version(version integer NOT NULL); INSERT INTO schema_version VALUES (0)")
            .await?;
    }
    for step in MIGRATIONS.iter().filter(|step| step.version > at) {
        for sql in step.sql {
            line.batch(sql).await?;
        }
        line.execute("UPDATE schema_version SET version = $1", &[&step.version]).await?;
    }
    if let Some((sql, params)) = then {
        line.execute(sql, params).await?;
    }
    line.batch("COMMIT").await
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod upgrade;
