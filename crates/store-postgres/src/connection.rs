//! Where the database is, how a connection is opened and tuned, and what its errors mean.

use crate::line::Line;
use crate::tls::Tls;
use crate::url::{here, password, take_ours};
use std::path::PathBuf;
use std::time::Duration;
use store::find::FindKeys;
use store::{Error, Result};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::error::SqlState;

/// What can be chosen when a database is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// A file that holds the password alone, which only its owner may read. A `passfile` of the URL says the same.
    pub password_file: Option<PathBuf>,
    /// The certificates to trust, in PEM, if not the system's. An `sslrootcert` of the URL says the same.
    pub root_certificates: Option<PathBuf>,
    /// Connections that read at once, at most.
    pub readers: usize,
    /// How long one reading may take before it is ended as too costly.
    pub read_limit: Duration,
    /// How long one statement of a writing may take before it is ended.
    pub write_limit: Duration,
    /// How long a connection that is being made may take, how long a lost one is asked for again, and how much longer than its own limits
    /// the database may keep silent before the connection is taken as lost.
    pub connect_limit: Duration,
    /// How long the database is asked what became of a writing whose COMMIT was lost. Longer than it lets a dead server's transaction
    /// stand (10 seconds).
    pub unknown_limit: Duration,
    /// How patients' keys are made, so that older ones are made anew. `None` leaves them.
    pub find_keys: Option<FindKeys>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            password_file: None,
            root_certificates: None,
            readers: 8,
            read_limit: Duration::from_secs(5),
            write_limit: Duration::from_secs(30),
            connect_limit: Duration::from_secs(5),
            unknown_limit: Duration::from_secs(20),
            find_keys: None,
        }
    }
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The one writer of this process.
    Write,
    /// A reader of the pool.
    Read,
    /// Waiting for a turn among all servers.
    Turn,
    /// Making tables, and checking the whole audit chain: may take long.
    Whole,
}

/// A database that can be connected to.
#[derive(Clone)]
pub(crate) struct Target {
    config: Config,
    tls: Tls,
    limits: Limits,
}

/// How long things may take.
#[derive(Debug, Clone, Copy)]
struct Limits {
    read: Duration,
    write: Duration,
    connect: Duration,
}

impl Target {
    /// Reads a URL such as `postgres://chartroom@db.example.org/practice`.
    pub(crate) fn parse(url: &str, options: &Options) -> Result<Self> {
        let told = |what: &str| Error::Broken(format!("the database's URL: {what}"));
        let (plain, ours) = take_ours(url);
        let mut config: Config = plain.parse().map_err(|e: tokio_postgres::Error| {
            // The parser's words name the part that is wrong, never a value.
            told(&std::error::Error::source(&e).map_or_else(|| e.to_string(), ToString::to_string))
        })?;
        if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            return Err(told("expected postgres://USER@HOST/DATABASE"));
        }
        if config.get_hosts().is_empty() || config.get_dbname().is_none_or(str::is_empty) {
            return Err(told("it names no host or no database; expected postgres://USER@HOST/DATABASE"));
        }
        let encrypted = match ours.mode.as_deref() {
            None => !config.get_hosts().iter().all(here),
            Some("verify-full") => true,
            Some("disable") if config.get_hosts().iter().all(here) => false,
            Some("disable") => return Err(told("sslmode=disable is for a database on this machine only")),
            Some(_) => return Err(told("sslmode must be verify-full, or disable for a database on this machine")),
        };
        config.ssl_mode(if encrypted { SslMode::Require } else { SslMode::Disable });
        if let Some(file) = ours.password_file.as_ref().or(options.password_file.as_ref()) {
            config.password(password(file)?);
        }
        // Of several hosts the one that takes writes: after a failover that is another one.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite).application_name("chartroom");
        config.connect_timeout(options.connect_limit).tcp_user_timeout(Duration::from_secs(10));
        config
            .keepalives_idle(Duration::from_secs(15))
            .keepalives_interval(Duration::from_secs(5))
            .keepalives_retries(3);
        let limits = Limits { read: options.read_limit, write: options.write_limit, connect: options.connect_limit };
        let roots = ours.root_certificates.as_ref().or(options.root_certificates.as_ref());
        Ok(Self { config, tls: Tls::new(roots.map(PathBuf::as_path))?, limits })
    }

    /// Opens a connection.
    pub(crate) async fn connect(&self, purpose: Purpose) -> Result<Line> {
        let mut config = self.config.clone();
        let Limits { read, write, connect } = self.limits;
        let (read_ms, write_ms) = (read.as_millis(), write.as_millis());
        config.options(match purpose {
            Purpose::Read => format!("-c statement_timeout={read_ms} {SESSION}"),
            Purpose::Write => {
                format!("-c statement_timeout={write_ms} -c plan_cache_mode=force_generic_plan {SESSION}")
            }
            Purpose::Turn | Purpose::Whole => SESSION.to_owned(),
        });
        // The library's own limit is that of reaching the host; a host that is reached may still say nothing. Of several hosts each is tried.
        let tries = u32::try_from(self.config.get_hosts().len()).unwrap_or(1).max(1);
        let connecting = tokio::time::timeout(connect * tries, config.connect(self.tls.clone()));
        let silent = |_| Error::Unreachable(format!("no connection to {}: it does not answer", self.places()));
        let (client, connection) = connecting.await.map_err(silent)?.map_err(|e| self.refused(&e))?;
        let patience = match purpose {
            Purpose::Read => Some(read + connect),
            Purpose::Write => Some(write + connect),
            Purpose::Turn => Some(LOCK_LIMIT + connect),
            Purpose::Whole => None,
        };
        let task = tokio::spawn(async move {
            // What ended it is told to whoever uses it.
            let _ended = connection.await;
        });
        Ok(Line::new(client, task, patience))
    }

    /// Why no connection came about, with what to do; never with the password.
    fn refused(&self, error: &tokio_postgres::Error) -> Error {
        let user = self.config.get_user().unwrap_or_default();
        let database = self.config.get_dbname().unwrap_or_default();
        let whole = causes(error);
        if let Some(db) = error.as_db_error() {
            return match db.code() {
                &SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION => Error::Broken(format!(
                    "PostgreSQL refuses the user {user} or the password: check the URL, the password file and pg_hba.conf"
                )),
                &SqlState::INVALID_CATALOG_NAME => Error::Broken(format!(
                    "PostgreSQL has no database {database}: make it (createdb --encoding=UTF8 {database}) or correct the URL"
                )),
                &SqlState::INSUFFICIENT_PRIVILEGE => {
                    Error::Broken(format!("the user {user} may not connect to the database {database}: GRANT CONNECT"))
                }
                &SqlState::TOO_MANY_CONNECTIONS => Error::Unreachable(
                    "PostgreSQL has no connection left: raise max_connections, or lower the servers' pool sizes"
                        .to_owned(),
                ),
                _ => sql_meaning(db),
            };
        }
        if whole.contains("certificate") {
            return Error::Broken(format!("the database server's certificate is not accepted: {whole}"));
        }
        if whole.contains("password missing") {
            return Error::Broken(format!("PostgreSQL asks for the password of {user}: give a password file"));
        }
        Error::Unreachable(format!("no connection to {}: {whole}", self.places()))
    }

    fn places(&self) -> String {
        let place = |host: &Host| match host {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(path) => path.display().to_string(),
        };
        self.config.get_hosts().iter().map(place).collect::<Vec<_>>().join(", ")
    }
}

/// How long a lock is waited for, as [`SESSION`] says.
const LOCK_LIMIT: Duration = Duration::from_secs(20);
/// Every session's settings. A server that died in the middle of a transaction does not hold the others up for long.
const SESSION: &str = "-c synchronous_commit=on -c default_transaction_isolation=read\\ committed \
    -c idle_in_transaction_session_timeout=10000 -c lock_timeout=20000 -c client_min_messages=warning -c jit=off \
    -c timezone=UTC -c search_path=public";

/// What an error of PostgreSQL means to a practice. The texts name no data: of PostgreSQL's own words only those are passed on that
/// speak of tables, rights and the server.
#[expect(clippy::needless_pass_by_value, reason = "used as a function in map_err")]
pub(crate) fn sql_error(error: tokio_postgres::Error) -> Error {
    match error.as_db_error() {
        Some(db) => sql_meaning(db),
        None if error.is_closed() || lost(&error) => Error::Unreachable("the connection was lost".to_owned()),
        None => Error::Broken(error.to_string()),
    }
}

fn lost(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
}

fn sql_meaning(error: &tokio_postgres::error::DbError) -> Error {
    let code = error.code();
    match code {
        &SqlState::DISK_FULL => return Error::Full,
        &SqlState::QUERY_CANCELED => return Error::TooCostly,
        &SqlState::READ_ONLY_SQL_TRANSACTION => {
            return Error::Unreachable("the database server takes no writes (a replica?)".to_owned());
        }
        &SqlState::INSUFFICIENT_PRIVILEGE => {
            return Error::Broken(format!(
                "PostgreSQL: {}; the user of the URL must own the practice's tables and be granted CREATE on the schema public",
                error.message()
            ));
        }
        &SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED => {
            return Error::Broken("PostgreSQL says its data is damaged; restore the last backup".to_owned());
        }
        _ => {}
    }
    match code.code().get(..2) {
        // Shut down, taken over, timed out while idle, out of resources: another connection may do.
        Some("57" | "08" | "53") => Error::Unreachable(error.message().to_owned()),
        Some("25") => Error::Unreachable("a transaction was ended by the server".to_owned()),
        Some("55") => Error::Locked("another server of this practice holds what is needed; try again".to_owned()),
        Some("42" | "58") => Error::Broken(format!("PostgreSQL: {} ({})", error.message(), code.code())),
        _ => Error::Broken(format!("PostgreSQL error {}{}", code.code(), at(error))),
    }
}

/// Where an error arose: names of tables and constraints, never values.
fn at(error: &tokio_postgres::error::DbError) -> String {
    [error.table(), error.constraint()].into_iter().flatten().fold(String::new(), |text, name| text + " " + name)
}

/// An error and what caused it, in one line.
fn causes(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        let words = next.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = next.source();
    }
    text
}
