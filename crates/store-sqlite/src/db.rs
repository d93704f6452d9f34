//! Opening a practice's database.

use crate::audit_checkpoint::Checkpoints;
use crate::connection::{self, Purpose, sql_error};
use crate::find;
use crate::group::{Chain, Group};
use crate::key::DatabaseKey;
use crate::lock::Lock;
use crate::readers::Readers;
use crate::reserve::Reserve;
use crate::schema;
use crate::token_cache::TokenCache;
use crate::wal::Wal;
use crate::writer::{Answer, Work, Writer};
use crate::{audit_chain, audit_verify, transfer, upkeep};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::audit::Verdict;
use store::engine::notes::NoteKeys;
use store::find::FindKeys;
use store::upkeep::{Progress, Report};
use store::{Error, Result};
use zeroize::Zeroizing;

/// What can be chosen when a database is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Bytes put aside so that audit entries can be written on a full disk.
    pub reserve: usize,
    /// Pages (4 KB) the write-ahead log may grow by before it is moved into the database.
    pub log_pages: i32,
    /// How patients' keys are made, so that older ones are made anew. `None` leaves them.
    pub find_keys: Option<FindKeys>,
}

impl Default for Options {
    fn default() -> Self {
        Self { reserve: 8 << 20, log_pages: 2_000, find_keys: None }
    }
}

/// An open practice. Dropping it signs the audit chain's last entries and closes the files.
pub struct Db {
    // Fields drop in this order: the writer finishes before the lock is let go.
    writer: Writer,
    pub(crate) readers: Arc<Readers>,
    pub(crate) tokens: Arc<TokenCache>,
    pub(crate) turns: Arc<tokio::sync::Mutex<()>>,
    dir: PathBuf,
    audit_seed: Zeroizing<[u8; 32]>,
    pub(crate) note_keys: NoteKeys,
    _lock: Lock,
}

impl Db {
    /// Makes an empty database in a folder that has none.
    ///
    /// # Errors
    /// When there is one already, or the folder cannot be written.
    pub fn create(dir: &Path, key: &DatabaseKey, options: &Options) -> Result<Self> {
        if file(dir).exists() {
            return Err(Error::Taken("this folder"));
        }
        Self::start(dir, key, options, true)
    }

    /// Opens a practice, bringing an older database up to date first.
    ///
    /// # Errors
    /// [`Error::WrongKey`], [`Error::Newer`], [`Error::Locked`] (naming the holder), or [`Error::Broken`].
    pub fn open(dir: &Path, key: &DatabaseKey, options: &Options) -> Result<Self> {
        if !file(dir).exists() {
            return Err(Error::Broken(format!("{} holds no practice", dir.display())));
        }
        Self::start(dir, key, options, false)
    }

    fn start(dir: &Path, key: &DatabaseKey, options: &Options, create: bool) -> Result<Self> {
        let lock = Lock::take(dir)?;
        let file = file(dir);
        let mut db = connection::open(&file, key, Purpose::Write, create)?;
        if !create {
            not_empty(&db)?;
            transfer::refuse_unfinished(&db)?;
        }
        schema::migrate(&mut db, &file)?;
        upkeep::reindex::clear(&db).map_err(sql_error)?;
        if let Some(keys) = options.find_keys {
            find::renew(&mut db, keys).map_err(sql_error)?;
        }
        let chain = Chain {
            head: audit_chain::head(&db).map_err(sql_error)?,
            checkpoints: Checkpoints::open(&db, &key.audit_seed(), checkpoint_file(dir))?,
            reserve: Reserve::hold(dir.join("reserve"), options.reserve),
        };
        let readers = Arc::new(Readers::new(file.clone(), key.copy()));
        let other = connection::open(&file, key, Purpose::Move, false)?;
        let wal = Wal::follow(&mut db, other, Arc::clone(&readers), options.log_pages)?;
        let tokens = Arc::new(TokenCache::default());
        let writer = Writer::start(Group::new(db, wal, chain, Arc::clone(&tokens)))?;
        Ok(Self {
            writer,
            readers,
            tokens,
            turns: Arc::default(),
            dir: dir.to_owned(),
            audit_seed: key.audit_seed(),
            note_keys: NoteKeys::new(key)?,
            _lock: lock,
        })
    }

    /// Checks the audit chain of a practice without opening it for writing: also while it is open elsewhere.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn verify_offline(dir: &Path, key: &DatabaseKey) -> Result<Verdict> {
        let db = to_look_at(dir, key)?;
        let tx = db.unchecked_transaction().map_err(sql_error)?;
        audit_verify::verify(&tx, &key.audit_seed(), &checkpoint_file(dir))
    }

    /// Compares what is kept with what follows from it ([`store::Upkeep::check`]) in one snapshot, without opening the practice for
    /// writing: also while it is open elsewhere.
    ///
    /// # Errors
    /// When the database cannot be read, or an older Chartroom was the last to open it.
    pub fn check_offline(dir: &Path, key: &DatabaseKey, keys: FindKeys, progress: &Progress) -> Result<Report> {
        let db = to_look_at(dir, key)?;
        if schema::version(&db)? < schema::KNOWN {
            let text =
                "it was last opened by an older Chartroom: check it after this one has opened it (--repair does)";
            return Err(Error::Broken(text.to_owned()));
        }
        let tx = db.unchecked_transaction().map_err(sql_error)?;
        upkeep::check::check(&tx, &key.audit_seed(), &checkpoint_file(dir), keys, progress).map(|found| found.report)
    }

    /// Resolves when the writer has ended.
    pub(crate) async fn writer_stopped(&self) {
        self.writer.stopped().await;
    }

    /// The seed of the audit chain's signing pair.
    pub(crate) fn audit_seed(&self) -> Zeroizing<[u8; 32]> {
        self.audit_seed.clone()
    }

    /// The file of checkpoints beside the database.
    pub(crate) fn checkpoint_file(&self) -> PathBuf {
        checkpoint_file(&self.dir)
    }

    /// Queues work for the writer and waits until it is durable.
    pub(crate) async fn ask(&self, work: Work) -> Result<Answer> {
        self.writer.ask(work).await
    }

    /// Reads at once on this thread.
    pub(crate) fn read_now<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        self.readers.now(read)
    }
}

/// A practice's database, only to be read.
pub(crate) fn to_look_at(dir: &Path, key: &DatabaseKey) -> Result<Connection> {
    let db = connection::open(&file(dir), key, Purpose::Read, false)?;
    let found = not_empty(&db)?;
    transfer::refuse_unfinished(&db)?;
    if found > schema::KNOWN { Err(Error::Newer { found, known: schema::KNOWN }) } else { Ok(db) }
}

/// The schema of a database that was made before. One that lost its content must not be taken for a new practice.
fn not_empty(db: &Connection) -> Result<u32> {
    match schema::version(db)? {
        0 => Err(Error::Broken(
            "the database file is empty: restore the last backup (or remove the folder, if nothing was ever kept in it)"
                .to_owned(),
        )),
        found => Ok(found),
    }
}

/// The files that a practice keeps in its folder.
pub const FILES: [&str; 7] =
    ["practice.db", "practice.db-wal", "practice.db-shm", "keys", "audit-checkpoints", "reserve", "lock"];

/// The database file of a practice's folder.
pub(crate) fn file(dir: &Path) -> PathBuf {
    dir.join("practice.db")
}

pub(crate) fn checkpoint_file(dir: &Path) -> PathBuf {
    dir.join("audit-checkpoints")
}

/// What each table and index of a practice takes, largest first: name, entries, bytes on disk.
///
/// # Errors
/// When the database cannot be read.
pub fn sizes(dir: &Path, key: &DatabaseKey) -> Result<Vec<(String, u64, u64)>> {
    let db = connection::open(&file(dir), key, Purpose::Read, false)?;
    let read = || -> rusqlite::Result<Vec<(String, u64, u64)>> {
        db.prepare("SELECT name, sum(ncell), sum(pgsize) FROM dbstat WHERE pagetype = 'leaf' OR pagetype = 'overflow' GROUP BY name ORDER BY 3 DESC")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect()
    };
    read().map_err(sql_error)
}
