//! Accounts, sessions, tokens and settings: reading, and handing changes to the writer.

use crate::account_change::SEEN_GRAIN_US;
use crate::writer::Work;
use crate::{Db, failure};
use async_trait::async_trait;
use fhir::Id;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use store::accounts::{
    AccountChange, Accounts, ApiToken, DateOrder, Failures, PaperSize, PracticeSettings, SecretHash, Session, User,
};
use store::audit::Entry;
use store::texts::{self, KeptText, TextKey, TextKind};
use store::{Result, Role};
use uuid::Uuid;

const USER: &str = "SELECT u.id, u.username, u.display_name, u.role, u.practitioner, u.password_hash, u.must_change,
    u.disabled_at, u.created_at, u.preferences FROM user_account u ";
const TOKEN: &str = "SELECT id, name, secret, scope, created_at, expires_at, revoked_at, used_at FROM api_token ";

#[async_trait]
impl Accounts for Db {
    async fn change(&self, change: AccountChange, audit: Entry) -> Result<()> {
        self.ask(Work::Account(Box::new(change), Box::new(audit))).await.map(|_done| ())
    }

    async fn user_named(&self, username: &str) -> Result<Option<User>> {
        self.one(&format!("{USER} WHERE u.username = ?1"), [username], |row| user(row, 0))
    }

    async fn user(&self, id: Uuid) -> Result<Option<User>> {
        self.one(&format!("{USER} WHERE u.id = ?1"), [id.as_bytes().as_slice()], |row| user(row, 0))
    }

    async fn users(&self) -> Result<Vec<User>> {
        self.all(&format!("{USER} ORDER BY u.username"), |row| user(row, 0))
    }

    async fn session(&self, secret: &SecretHash) -> Result<Option<(Session, User)>> {
        self.one(
            "SELECT u.id, u.username, u.display_name, u.role, u.practitioner, u.password_hash, u.must_change, u.disabled_at,
                    u.created_at, u.preferences, s.secret, s.created_at, s.seen_at, s.locked, s.csrf
             FROM session s JOIN user_account u ON u.id = s.user WHERE s.secret = ?1 AND u.disabled_at IS NULL",
            [secret.as_slice()],
            |row| {
                let user = user(row, 0)?;
                let session = Session {
                    secret: row.get(10)?,
                    user: user.id,
                    created_at: time(row, 11)?,
                    seen_at: time(row, 12)?,
                    locked: row.get(13)?,
                    csrf: row.get(14)?,
                };
                Ok((session, user))
            },
        )
    }

    async fn touch_session(&self, secret: &SecretHash, at: Timestamp) -> Result<()> {
        let sql = "SELECT 1 FROM session WHERE secret = ?1 AND seen_at < ?2";
        if self.due(sql, secret.as_slice(), at)? {
            self.ask(Work::SeenSession(*secret, at.as_microsecond())).await?;
        }
        Ok(())
    }

    async fn token(&self, secret: &SecretHash) -> Result<Option<ApiToken>> {
        let changes = match self.tokens.find(secret) {
            Ok(token) => return Ok(Some(token)),
            Err(changes) => changes,
        };
        let found =
            self.one(&format!("{TOKEN} WHERE secret = ?1 AND revoked_at IS NULL"), [secret.as_slice()], token)?;
        if let Some(token) = &found {
            self.tokens.keep(token, changes);
        }
        Ok(found)
    }

    async fn touch_token(&self, id: Uuid, at: Timestamp) -> Result<()> {
        let sql = "SELECT 1 FROM api_token WHERE id = ?1 AND coalesce(used_at, 0) < ?2";
        if self.due(sql, id.as_bytes().as_slice(), at)? {
            self.ask(Work::SeenToken(*id.as_bytes(), at.as_microsecond())).await?;
        }
        Ok(())
    }

    async fn tokens(&self) -> Result<Vec<ApiToken>> {
        self.all(&format!("{TOKEN} ORDER BY created_at DESC, name"), token)
    }

    async fn failures(&self, subject: &str) -> Result<Failures> {
        let found = self.read_now(|db| failure::of(db, subject))?;
        Ok(found.map_or_else(Failures::default, |(count, last)| Failures {
            count,
            last: Timestamp::from_microsecond(last).ok(),
        }))
    }

    async fn practice(&self) -> Result<Option<PracticeSettings>> {
        self.read_now(|db| {
            let Some(name) = setting(db, "practice-name")? else { return Ok(None) };
            let usual = PracticeSettings::default();
            let time_zone = setting(db, "time-zone")?.unwrap_or(usual.time_zone);
            let paper_size = setting::<String>(db, "paper-size")?.and_then(|slug| PaperSize::parse(&slug));
            let date_order = setting::<String>(db, "date-order")?.and_then(|slug| DateOrder::parse(&slug));
            Ok(Some(PracticeSettings {
                name,
                date_order: date_order.unwrap_or_else(|| DateOrder::usual_in(&time_zone)),
                paper_size: paper_size.unwrap_or_else(|| PaperSize::usual_in(&time_zone)),
                contact: setting(db, "contact")?.unwrap_or_default(),
                time_zone,
                record_number_system: setting(db, "record-number-system")?.unwrap_or(usual.record_number_system),
                idle_minutes: setting(db, "idle-minutes")?.unwrap_or(usual.idle_minutes),
            }))
        })
    }

    async fn texts(&self, kind: TextKind) -> Result<Vec<KeptText>> {
        self.kept(&kind.prefix())
    }

    async fn text(&self, key: &TextKey) -> Result<Option<KeptText>> {
        let value: Option<String> = self.read_now(|db| setting(db, &key.setting()))?;
        value.as_deref().map(texts::read).transpose()
    }

    async fn text_versions(&self, key: &TextKey) -> Result<Vec<KeptText>> {
        let mut versions = self.kept(&key.versions())?;
        versions.reverse();
        Ok(versions)
    }
}

/// Texts of the settings whose names begin so, in the order of their names.
const TEXTS: &str = "SELECT value FROM setting WHERE name >= ?1 AND name < ?2 ORDER BY name";

impl Db {
    fn kept(&self, prefix: &str) -> Result<Vec<KeptText>> {
        let values: Vec<String> = self.read_now(|db| {
            db.prepare_cached(TEXTS)?.query_map([prefix, &texts::end_of(prefix)], |row| row.get(0))?.collect()
        })?;
        values.iter().map(|value| texts::read(value)).collect()
    }

    /// Whether a use has not been noted for a minute: most requests find that it has, and need no write.
    fn due(&self, sql: &str, id: &[u8], at: Timestamp) -> Result<bool> {
        let before = at.as_microsecond() - SEEN_GRAIN_US;
        self.read_now(|db| db.prepare_cached(sql)?.exists((id, before)))
    }

    fn one<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        self.read_now(|db| db.prepare_cached(sql)?.query_row(params, read).optional())
    }

    fn all<T>(&self, sql: &str, read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Result<Vec<T>> {
        self.read_now(|db| db.prepare_cached(sql)?.query_map([], read)?.collect())
    }
}

fn setting<T: rusqlite::types::FromSql>(db: &Connection, name: &str) -> rusqlite::Result<Option<T>> {
    db.prepare_cached("SELECT value FROM setting WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()
}

fn user(row: &Row<'_>, at: usize) -> rusqlite::Result<User> {
    Ok(User {
        id: uuid(row, at)?,
        username: row.get(at + 1)?,
        display_name: row.get(at + 2)?,
        role: {
            let slug: String = row.get(at + 3)?;
            Role::parse(&slug).ok_or_else(|| unreadable(at + 3, "role"))?
        },
        practitioner: row
            .get::<_, Option<String>>(at + 4)?
            .map(|id| Id::parse(&id).map_err(|_| unreadable(at + 4, "practitioner")))
            .transpose()?,
        password_hash: row.get(at + 5)?,
        must_change: row.get(at + 6)?,
        disabled_at: maybe_time(row, at + 7)?,
        created_at: time(row, at + 8)?,
        preferences: row.get(at + 9)?,
    })
}

fn token(row: &Row<'_>) -> rusqlite::Result<ApiToken> {
    Ok(ApiToken {
        id: uuid(row, 0)?,
        name: row.get(1)?,
        secret: row.get(2)?,
        scope: row.get(3)?,
        created_at: time(row, 4)?,
        expires_at: maybe_time(row, 5)?,
        revoked_at: maybe_time(row, 6)?,
        used_at: maybe_time(row, 7)?,
    })
}

fn uuid(row: &Row<'_>, at: usize) -> rusqlite::Result<Uuid> {
    row.get::<_, [u8; 16]>(at).map(Uuid::from_bytes)
}

/// A time column: microseconds since 1970.
pub(crate) fn time(row: &Row<'_>, at: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_microsecond(row.get(at)?).map_err(|_| unreadable(at, "time"))
}

fn maybe_time(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Timestamp>> {
    row.get::<_, Option<i64>>(at)?
        .map(|us| Timestamp::from_microsecond(us).map_err(|_| unreadable(at, "time")))
        .transpose()
}

fn unreadable(column: usize, name: &str) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, name.to_owned(), rusqlite::types::Type::Null)
}
