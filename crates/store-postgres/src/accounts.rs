//! Accounts, sessions, tokens and settings: reading, and handing changes to the writer.

use crate::account_change::SEEN_GRAIN_US;
use crate::line::Param;
use crate::rows::{get, maybe_time, time, unreadable};
use crate::writer::Work;
use crate::{Db, failure};
use async_trait::async_trait;
use fhir::Id;
use jiff::Timestamp;
use std::collections::HashMap;
use std::time::Instant;
use store::accounts::{
    AccountChange, Accounts, ApiToken, DateOrder, Failures, PaperSize, PracticeSettings, SecretHash, Session, User,
};
use store::audit::Entry;
use store::texts::{self, KeptText, TextKey, TextKind};
use store::{Result, Role};
use tokio_postgres::Row;
use uuid::Uuid;

const USER: &str = "SELECT u.id, u.username, u.display_name, u.role, u.practitioner, u.password_hash, u.must_change,
    u.disabled_at, u.created_at, u.preferences FROM user_account u ";
const TOKEN: &str = "SELECT id, name, secret, scope, created_at, expires_at, revoked_at, used_at FROM api_token ";
const SESSION: &str =
    "SELECT u.id, u.username, u.display_name, u.role, u.practitioner, u.password_hash, u.must_change, u.disabled_at,
    u.created_at, u.preferences, s.secret, s.created_at, s.seen_at, s.locked, s.csrf
    FROM session s JOIN user_account u ON u.id = s.account WHERE s.secret = $1 AND u.disabled_at IS NULL";

#[async_trait]
impl Accounts for Db {
    async fn change(&self, change: AccountChange, audit: Entry) -> Result<()> {
        self.ask(Work::Account(Box::new(change), Box::new(audit))).await.map(|_done| ())
    }

    async fn user_named(&self, username: &str) -> Result<Option<User>> {
        self.one(&format!("{USER} WHERE u.username = $1"), &[&username], user).await
    }

    async fn user(&self, id: Uuid) -> Result<Option<User>> {
        self.one(&format!("{USER} WHERE u.id = $1"), &[&id], user).await
    }

    async fn users(&self) -> Result<Vec<User>> {
        self.rows(&format!("{USER} ORDER BY u.username"), &[]).await?.iter().map(user).collect()
    }

    async fn session(&self, secret: &SecretHash) -> Result<Option<(Session, User)>> {
        self.one(SESSION, &[&secret.as_slice()], |row| {
            let user = user(row)?;
            let session = Session {
                secret: bytes(row, 10)?,
                user: user.id,
                created_at: time(row, 11)?,
                seen_at: time(row, 12)?,
                locked: get(row, 13)?,
                csrf: bytes(row, 14)?,
            };
            Ok((session, user))
        })
        .await
    }

    async fn touch_session(&self, secret: &SecretHash, at: Timestamp) -> Result<()> {
        let before = at.as_microsecond() - SEEN_GRAIN_US;
        let sql = "SELECT 1 FROM session WHERE secret = $1 AND seen_at < $2";
        if !self.rows(sql, &[&secret.as_slice(), &before]).await?.is_empty() {
            self.ask(Work::SeenSession(*secret, at.as_microsecond())).await?;
        }
        Ok(())
    }

    async fn token(&self, secret: &SecretHash) -> Result<Option<ApiToken>> {
        let missing = match self.tokens.find(secret, Instant::now()) {
            Ok(token) => return Ok(Some(token)),
            Err(missing) => missing,
        };
        let sql = format!("{TOKEN} WHERE secret = $1 AND revoked_at IS NULL");
        let found = self.one(&sql, &[&secret.as_slice()], token).await?;
        if let Some(token) = &found {
            self.tokens.keep(token, &missing);
        }
        Ok(found)
    }

    async fn touch_token(&self, id: Uuid, at: Timestamp) -> Result<()> {
        let before = at.as_microsecond() - SEEN_GRAIN_US;
        if self.tokens.used_since(id, before) {
            return Ok(());
        }
        let sql = "SELECT 1 FROM api_token WHERE id = $1 AND coalesce(used_at, 0) < $2";
        if !self.rows(sql, &[&id, &before]).await?.is_empty() {
            self.ask(Work::SeenToken(id, at.as_microsecond())).await?;
        }
        Ok(())
    }

    async fn tokens(&self) -> Result<Vec<ApiToken>> {
        self.rows(&format!("{TOKEN} ORDER BY created_at DESC, name"), &[]).await?.iter().map(token).collect()
    }

    async fn failures(&self, subject: &str) -> Result<Failures> {
        let reader = self.readers.take().await?;
        let answer = failure::of(&reader, &self.failures, subject).await;
        reader.done(answer).await
    }

    async fn practice(&self) -> Result<Option<PracticeSettings>> {
        let rows = self.rows("SELECT name, value FROM setting WHERE name = ANY($1)", &[&&PRACTICE[..]]).await?;
        let mut settings: HashMap<String, String> =
            rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect::<Result<_>>()?;
        let Some(name) = settings.remove("practice-name") else { return Ok(None) };
        let usual = PracticeSettings::default();
        let time_zone = settings.remove("time-zone").unwrap_or(usual.time_zone);
        let paper_size = settings.get("paper-size").and_then(|slug| PaperSize::parse(slug));
        let date_order = settings.get("date-order").and_then(|slug| DateOrder::parse(slug));
        Ok(Some(PracticeSettings {
            name,
            date_order: date_order.unwrap_or_else(|| DateOrder::usual_in(&time_zone)),
            paper_size: paper_size.unwrap_or_else(|| PaperSize::usual_in(&time_zone)),
            contact: settings.remove("contact").unwrap_or_default(),
            time_zone,
            record_number_system: settings.remove("record-number-system").unwrap_or(usual.record_number_system),
            idle_minutes: settings.get("idle-minutes").and_then(|n| n.parse().ok()).unwrap_or(usual.idle_minutes),
        }))
    }

    async fn texts(&self, kind: TextKind) -> Result<Vec<KeptText>> {
        self.kept(&kind.prefix()).await
    }

    async fn text(&self, key: &TextKey) -> Result<Option<KeptText>> {
        let sql = "SELECT value FROM setting WHERE name = $1";
        self.one(sql, &[&key.setting()], |row| texts::read(get(row, 0)?)).await
    }

    async fn text_versions(&self, key: &TextKey) -> Result<Vec<KeptText>> {
        let mut versions = self.kept(&key.versions()).await?;
        versions.reverse();
        Ok(versions)
    }
}

/// The settings that [`PracticeSettings`] is made of.
const PRACTICE: [&str; 7] =
    ["practice-name", "time-zone", "record-number-system", "idle-minutes", "date-order", "paper-size", "contact"];

/// Texts of the settings whose names begin so, in the order of their names.
const TEXTS: &str = "SELECT value FROM setting WHERE name >= $1 AND name < $2 ORDER BY name";

impl Db {
    async fn kept(&self, prefix: &str) -> Result<Vec<KeptText>> {
        let rows = self.rows(TEXTS, &[&prefix, &texts::end_of(prefix)]).await?;
        rows.iter().map(|row| texts::read(get(row, 0)?)).collect()
    }

    async fn rows(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>> {
        let reader = self.readers.take().await?;
        let rows = reader.query(sql, params).await;
        reader.done(rows).await
    }

    async fn one<T>(&self, sql: &str, params: &[Param<'_>], read: impl FnOnce(&Row) -> Result<T>) -> Result<Option<T>> {
        self.rows(sql, params).await?.first().map(read).transpose()
    }
}

fn user(row: &Row) -> Result<User> {
    Ok(User {
        id: get(row, 0)?,
        username: get(row, 1)?,
        display_name: get(row, 2)?,
        role: Role::parse(get(row, 3)?).ok_or_else(|| unreadable(row, 3))?,
        practitioner: get::<Option<&str>>(row, 4)?.map(Id::parse).transpose().map_err(|_| unreadable(row, 4))?,
        password_hash: get(row, 5)?,
        must_change: get(row, 6)?,
        disabled_at: maybe_time(row, 7)?,
        created_at: time(row, 8)?,
        preferences: get(row, 9)?,
    })
}

fn token(row: &Row) -> Result<ApiToken> {
    Ok(ApiToken {
        id: get(row, 0)?,
        name: get(row, 1)?,
        secret: bytes(row, 2)?,
        scope: get(row, 3)?,
        created_at: time(row, 4)?,
        expires_at: maybe_time(row, 5)?,
        revoked_at: maybe_time(row, 6)?,
        used_at: maybe_time(row, 7)?,
    })
}

fn bytes(row: &Row, at: usize) -> Result<[u8; 32]> {
    get::<&[u8]>(row, at)?.try_into().map_err(|_| unreadable(row, at))
}
