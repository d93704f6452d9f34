//! A practice as commands name it: in a folder of its own, or in a PostgreSQL database. The one place that knows both.

use crate::cli::{At, Place, PostgresArgs};
use crate::failure::{Failure, Outcome};
use crate::keys;
use ring::rand::SystemRandom;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use store::audit::Verdict;
use store::engine::wrap::Secret;
use store::find::FindKeys;
use store::transfer::{self, Source, Target};
use store::upkeep::{Progress, Report};
use store_sqlite::{FILES, key, private};
use zeroize::Zeroizing;

/// Where a practice is kept.
pub enum Kept<'a> {
    /// In this folder.
    Folder(&'a Path),
    /// In this PostgreSQL database.
    Postgres(&'a str, store_postgres::Options),
}

impl Kept<'_> {
    /// Where commands say it is.
    ///
    /// # Errors
    /// [`Failure::DATA`] when neither is named.
    pub fn of<'a>(data: Option<&'a Path>, database: Option<&'a str>, postgres: &PostgresArgs) -> Outcome<Kept<'a>> {
        match (data, database) {
            (_, Some(url)) => Ok(Kept::Postgres(url, options_of(postgres))),
            (Some(dir), None) => Ok(Kept::Folder(dir)),
            (None, None) => Err(Failure::new(Failure::DATA, "name the practice: --data DIR, or --database URL")),
        }
    }

    /// Opens a practice that exists, with its secret.
    ///
    /// # Errors
    /// [`Failure::DATA`], [`Failure::KEY`], [`Failure::IN_USE`]; what the database says.
    pub async fn open(&self, secret: &Secret) -> Outcome<Arc<dyn Store>> {
        match self {
            Self::Folder(dir) => Ok(Arc::new(open_folder(dir, secret)?)),
            Self::Postgres(url, options) => Ok(Arc::new(store_postgres::Db::open(url, secret, options).await?)),
        }
    }

    /// Makes an empty practice; also the recovery key, to be printed once.
    ///
    /// # Errors
    /// [`Failure::DATA`] when there is one already; what the database says.
    pub async fn make(&self, secret: &Secret) -> Outcome<(Arc<dyn Store>, Zeroizing<String>)> {
        let random = SystemRandom::new();
        match self {
            Self::Folder(dir) => {
                let (key, recovery) = key::create(dir, secret, &random)?;
                match store_sqlite::Db::create(dir, &key, &options()) {
                    Ok(db) => Ok((Arc::new(db), recovery)),
                    Err(error) => {
                        // Half a practice would only be in the way of the next try.
                        for file in FILES {
                            let _not_made = std::fs::remove_file(dir.join(file));
                        }
                        Err(error.into())
                    }
                }
            }
            Self::Postgres(url, options) => {
                let (db, recovery) = store_postgres::Db::create(url, secret, options, &random).await?;
                Ok((Arc::new(db), recovery))
            }
        }
    }

    /// Whether a secret opens it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn opens(&self, secret: &Secret) -> Outcome<bool> {
        match self {
            Self::Folder(dir) => Ok(key::unlock(dir, secret).is_ok()),
            Self::Postgres(url, options) => Ok(store_postgres::Db::opens(url, secret, options).await?),
        }
    }

    /// Lets another secret open it, and the old one no more.
    ///
    /// # Errors
    /// What the database says.
    pub async fn replace_secret(&self, old: &Secret, new: &Secret) -> Outcome {
        let random = SystemRandom::new();
        match self {
            Self::Folder(dir) => Ok(key::replace_secret(dir, &unlock(dir, old)?, new, &random)?),
            Self::Postgres(url, options) => {
                Ok(store_postgres::Db::replace_secret(url, old, new, options, &random).await?)
            }
        }
    }

    /// Proves the audit trail, also while the practice is open elsewhere.
    ///
    /// # Errors
    /// When the database cannot be read, or the secret is not its.
    pub async fn verify_audit(&self, secret: &Secret) -> Outcome<Verdict> {
        match self {
            Self::Folder(dir) => {
                let key = unlock(dir, secret)?;
                store_sqlite::Db::verify_offline(dir, &key).map_err(unreadable)
            }
            Self::Postgres(url, options) => Ok(store_postgres::Db::verify_offline(url, secret, options).await?),
        }
    }

    /// Compares what is kept with what follows from it, and mends that if asked. Without mending also of a practice that is open.
    ///
    /// # Errors
    /// When the database cannot be read, or the secret is not its.
    pub async fn check(&self, secret: &Secret, repair: bool, progress: Progress) -> Outcome<Report> {
        match self {
            Self::Folder(dir) if !repair => {
                let key = unlock(dir, secret)?;
                store_sqlite::Db::check_offline(dir, &key, find_keys(), &progress).map_err(unreadable)
            }
            Self::Postgres(url, options) if !repair => {
                Ok(store_postgres::Db::check_offline(url, secret, options, find_keys(), &progress).await?)
            }
            _ => Ok(self.open(secret).await?.check(find_keys(), true, progress).await?),
        }
    }

    /// Makes every index anew; how many resources there were.
    ///
    /// # Errors
    /// As [`Kept::open`]; what the database says.
    pub async fn reindex(&self, secret: &Secret, progress: Progress) -> Outcome<u64> {
        Ok(self.open(secret).await?.reindex(find_keys(), progress).await?)
    }

    /// Takes a practice that is closed, to copy it from here.
    ///
    /// # Errors
    /// [`Failure::IN_USE`]; as [`Kept::open`].
    pub async fn leaving(&self, secret: &Secret) -> Outcome<Box<dyn Source>> {
        match self {
            Self::Folder(dir) => {
                exists(dir)?;
                Ok(Box::new(store_sqlite::Leaving::open(dir, secret)?))
            }
            Self::Postgres(url, options) => Ok(Box::new(store_postgres::Leaving::open(url, secret, options).await?)),
        }
    }

    /// Prepares to take a copy of a practice here.
    ///
    /// # Errors
    /// When there is anything here but a copy of it that was cut short; [`Failure::IN_USE`]; what the database says.
    pub async fn arriving(&self, secret: &Secret, from: &transfer::Practice) -> Outcome<Box<dyn Target>> {
        let random = SystemRandom::new();
        match self {
            Self::Folder(dir) => {
                warn_if_open(dir);
                Ok(Box::new(store_sqlite::Arriving::open(dir, secret, from, &random)?))
            }
            Self::Postgres(url, options) => {
                Ok(Box::new(store_postgres::Arriving::open(url, secret, options, from, &random).await?))
            }
        }
    }

    /// The folder, if it is one.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(dir) => Some(dir),
            Self::Postgres(..) => None,
        }
    }
}

impl At {
    /// Where that is.
    ///
    /// # Errors
    /// As [`Kept::of`].
    pub fn kept(&self) -> Outcome<Kept<'_>> {
        Kept::of(self.data.as_deref(), self.database.as_deref(), &self.postgres)
    }
}

/// Opens a practice that exists.
///
/// # Errors
/// As [`Kept::open`].
pub async fn open(place: &Place) -> Outcome<Arc<dyn Store>> {
    let kept = place.at.kept()?;
    kept.folder().map_or(Ok(()), ready)?;
    kept.open(&keys::secret(place)?).await
}

/// As [`exists`]; says so too when others on this machine may look into it.
///
/// # Errors
/// [`Failure::DATA`].
pub fn ready(dir: &Path) -> Outcome {
    warn_if_open(dir);
    exists(dir)
}

/// A folder that holds a practice.
///
/// # Errors
/// [`Failure::DATA`].
pub fn exists(dir: &Path) -> Outcome {
    if dir.join("practice.db").is_file() { Ok(()) } else { Err(Failure::no_practice(dir)) }
}

/// Says so when others on this machine may look into the practice's folder: what is in it is encrypted, but its names, sizes and times tell too.
pub fn warn_if_open(dir: &Path) {
    if private::open_to_others(dir) {
        tracing::warn!("others on this machine may look into {}: make it yours alone (chmod 700)", dir.display());
    }
}

fn open_folder(dir: &Path, secret: &Secret) -> Outcome<store_sqlite::Db> {
    store_sqlite::Db::open(dir, &unlock(dir, secret)?, &options()).map_err(unreadable)
}

fn unlock(dir: &Path, secret: &Secret) -> Outcome<store_sqlite::DatabaseKey> {
    exists(dir)?;
    Ok(key::unlock(dir, secret)?)
}

/// The wrapped key opened, so the secret is right: what does not fit it is the database file.
fn unreadable(error: store::Error) -> Failure {
    match error {
        store::Error::WrongKey => Failure::other(
            "the key is right but does not fit the database file: the file is damaged, or `keys` is another practice's; \
             restore both from the last backup",
        ),
        other => other.into(),
    }
}

/// How a folder's practice is opened: with this program's way of finding patients.
fn options() -> store_sqlite::Options {
    store_sqlite::Options { find_keys: Some(find_keys()), ..store_sqlite::Options::default() }
}

/// How this program finds patients.
#[must_use]
pub fn find_keys() -> FindKeys {
    FindKeys { version: clinic::patient::keys::VERSION, of: clinic::patient::keys::of_body }
}

fn options_of(args: &PostgresArgs) -> store_postgres::Options {
    let usual = store_postgres::Options::default();
    store_postgres::Options {
        password_file: args.database_password_file.clone(),
        root_certificates: args.database_ca.clone(),
        readers: args.database_readers.map_or(usual.readers, usize::from),
        find_keys: Some(find_keys()),
        read_limit: args.database_read_limit.map_or(usual.read_limit, |seconds| Duration::from_secs(seconds.into())),
        ..usual
    }
}
