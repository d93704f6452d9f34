//! Opening a practice's database.

use crate::connection::{Options, Purpose, Target};
use crate::failure::FailureKey;
use crate::group::{Group, Limits};
use crate::line::Line;
use crate::readers::Readers;
use crate::rows::get;
use crate::schema::{self, Found};
use crate::token_cache::TokenCache;
use crate::turn::Turns;
use crate::writer::{Answer, Work, Writer};
use crate::{audit, find_renew, transfer, upkeep};
use ring::rand::SecureRandom;
use std::sync::Arc;
use store::audit::Verdict;
use store::engine::links::LinkKey;
use store::engine::notes::NoteKeys;
use store::engine::wrap::{self, DatabaseKey, Secret};
use store::find::FindKeys;
use store::upkeep::{Progress, Report};
use store::{Error, Result};
use zeroize::Zeroizing;

/// The oldest PostgreSQL that is tried (its major version).
const OLDEST: i32 = 14;

/// An open practice. Several may be open on one database at once, in one process or many.
pub struct Db {
    writer: Writer,
    pub(crate) readers: Arc<Readers>,
    pub(crate) tokens: Arc<TokenCache>,
    pub(crate) target: Target,
    pub(crate) key: DatabaseKey,
    pub(crate) turns: Turns,
    pub(crate) links: LinkKey,
    pub(crate) failures: FailureKey,
    pub(crate) note_keys: NoteKeys,
}

impl Db {
    /// Makes a practice in a database that holds none. Also returns the recovery key, to be printed once and kept away from the machine.
    ///
    /// # Errors
    /// When there is one already, or the database cannot be used; the words say what to do.
    pub async fn create(
        url: &str,
        secret: &Secret,
        options: &Options,
        random: &dyn SecureRandom,
    ) -> Result<(Self, Zeroizing<String>)> {
        let key = DatabaseKey::new(random)?;
        let (wrapped, recovery) = wrap::wrappings(&key, secret, random)?;
        let target = Target::parse(url, options)?;
        let line = target.connect(Purpose::Whole).await?;
        suits(&line).await?;
        transfer::refuse_unfinished(&line).await?;
        let keep = "INSERT INTO practice_key(one, wrapped) VALUES (1, $1)";
        schema::migrate(&line, Found::Nothing, Some((keep, &[&wrapped]))).await?;
        Ok((Self::start(target, line, key, options).await?, recovery))
    }

    /// Opens a practice, bringing an older database up to date first.
    ///
    /// # Errors
    /// [`Error::WrongKey`], [`Error::Newer`], [`Error::Unreachable`], or [`Error::Broken`] in words that say what to do.
    pub async fn open(url: &str, secret: &Secret, options: &Options) -> Result<Self> {
        let target = Target::parse(url, options)?;
        let line = target.connect(Purpose::Whole).await?;
        suits(&line).await?;
        schema::known(&line).await?;
        let key = unlock(&line, secret).await?;
        schema::migrate(&line, Found::Practice, None).await?;
        Self::start(target, line, key, options).await
    }

    async fn start(target: Target, line: Line, key: DatabaseKey, options: &Options) -> Result<Self> {
        if let Some(keys) = options.find_keys {
            find_renew::renew(&line, keys).await?;
        }
        drop(line);
        let tokens = Arc::new(TokenCache::default());
        let limits = Limits { lost: options.connect_limit, unknown: options.unknown_limit };
        let group = Group::open(target.clone(), &key, Arc::clone(&tokens), limits).await?;
        let readers = Arc::new(Readers::new(target.clone(), options.readers, options.connect_limit));
        let links = LinkKey::new(&*key.page_links())?;
        let failures = FailureKey::new(&key.failures());
        let (writer, note_keys) = (Writer::start(group), NoteKeys::new(&key)?);
        Ok(Self { writer, readers, tokens, target, key, turns: Turns::default(), links, failures, note_keys })
    }

    /// Checks the audit chain of a practice without opening it for writing.
    ///
    /// # Errors
    /// When the database cannot be read, or the key is not its.
    pub async fn verify_offline(url: &str, secret: &Secret, options: &Options) -> Result<Verdict> {
        let line = Target::parse(url, options)?.connect(Purpose::Whole).await?;
        schema::known(&line).await?;
        let key = unlock(&line, secret).await?;
        audit::verify(&line, &key.audit_seed()).await
    }

    /// Compares what is kept with what follows from it ([`store::Upkeep::check`]) in one snapshot, without opening the practice for
    /// writing: also while servers run.
    ///
    /// # Errors
    /// When the database cannot be read, or the key is not its.
    pub async fn check_offline(
        url: &str,
        secret: &Secret,
        options: &Options,
        keys: FindKeys,
        progress: &Progress,
    ) -> Result<Report> {
        let line = Target::parse(url, options)?.connect(Purpose::Whole).await?;
        schema::known(&line).await?;
        let key = unlock(&line, secret).await?;
        upkeep::check(&line, &key.audit_seed(), keys, progress).await
    }

    /// Whether a secret opens a practice.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn opens(url: &str, secret: &Secret, options: &Options) -> Result<bool> {
        let line = Target::parse(url, options)?.connect(Purpose::Whole).await?;
        schema::known(&line).await?;
        match unlock(&line, secret).await {
            Ok(_) => Ok(true),
            Err(Error::WrongKey) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Lets another key file or passphrase open a practice, in place of the one before; servers that have it open go on.
    ///
    /// # Errors
    /// [`Error::WrongKey`]; when the wrapped keys cannot be read or written.
    pub async fn replace_secret(
        url: &str,
        old: &Secret,
        new: &Secret,
        options: &Options,
        random: &dyn SecureRandom,
    ) -> Result<()> {
        let line = Target::parse(url, options)?.connect(Purpose::Whole).await?;
        schema::known(&line).await?;
        line.batch("BEGIN").await?;
        let text = wrapped(&line, "FOR UPDATE").await?;
        let replaced = wrap::replaced(&text, &wrap::unlock(&text, old)?, new, random)?;
        line.execute("UPDATE practice_key SET wrapped = $1", &[&replaced]).await?;
        line.batch("COMMIT").await
    }

    /// Finishes what waits and signs the chain's last entries. A practice that is only dropped does so too, if the program goes on.
    pub async fn close(self) {
        self.writer.close().await;
    }

    /// Resolves when the writer has ended.
    pub(crate) async fn writer_stopped(&self) {
        self.writer.stopped().await;
    }

    /// Queues work for the writer and waits until it is durable.
    pub(crate) async fn ask(&self, work: Work) -> Result<Answer> {
        self.writer.ask(work).await
    }
}

/// Whether the server can hold a practice.
pub(crate) async fn suits(line: &Line) -> Result<()> {
    let sql = "SELECT current_setting('server_version_num')::int4, current_setting('server_encoding'), current_setting('fsync'),
        current_setting('full_page_writes')";
    let Some(row) = line.first(sql, &[]).await? else { return Ok(()) };
    let (version, encoding): (i32, &str) = (get(&row, 0)?, get(&row, 1)?);
    if version / 10_000 < OLDEST {
        return Err(Error::Broken(format!("PostgreSQL {OLDEST} or newer is needed; this is {}", version / 10_000)));
    }
    if encoding != "UTF8" {
        return Err(Error::Broken(format!(
            "the database's encoding is {encoding}, it must be UTF8: make it with createdb --encoding=UTF8 --template=template0"
        )));
    }
    if get::<&str>(&row, 2)? == "off" || get::<&str>(&row, 3)? == "off" {
        tracing::warn!("PostgreSQL runs with fsync or full_page_writes off: a power cut may lose or damage charts");
    }
    Ok(())
}

pub(crate) async fn unlock(line: &Line, secret: &Secret) -> Result<DatabaseKey> {
    let text = wrapped(line, "").await?;
    wrap::unlock(&text, secret)
}

/// The practice's wrapped keys.
pub(crate) async fn wrapped(line: &Line, hold: &str) -> Result<String> {
    let row = line.first(&format!("SELECT wrapped FROM practice_key {hold}"), &[]).await?;
    let gone = || {
        Error::Broken("the database holds no wrapped key, without which nothing opens it: restore a backup".to_owned())
    };
    get(&row.ok_or_else(gone)?, 0)
}
