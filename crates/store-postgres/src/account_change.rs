//! Changes to accounts: first checked, then written, in the writer's transaction, which alone may change accounts.

use crate::failure::{self, FailureKey};
use crate::line::{Line, Param};
use crate::rows::get;
use jiff::Timestamp;
use store::accounts::{AccountChange, ApiToken, PracticeSettings, SecretHash, Session, User};
use store::engine::wrap::hex;
use store::texts::TextChange;
use store::{Error, Result, Role};
use uuid::Uuid;

/// Microseconds within which a use of a session or token is not noted again.
pub(crate) const SEEN_GRAIN_US: i64 = 60_000_000;

/// Why a change may not be made, if it may not. Reads only; the outer error is the database's.
pub(crate) async fn refusal(line: &Line, change: &AccountChange) -> Result<Option<Error>> {
    let refused = |refused: bool, why: Error| Ok(refused.then_some(why));
    match change {
        AccountChange::Create(user) => name_taken(line, &user.username).await,
        AccountChange::Update { user, role, .. } if *role != Role::Manager => last_manager(line, *user).await,
        AccountChange::Disable(user) => last_manager(line, *user).await,
        AccountChange::CreateToken(token) => {
            let sql = "SELECT 1 FROM api_token WHERE name = $1 AND revoked_at IS NULL";
            refused(exists(line, sql, &[&token.name]).await?, Error::Taken("this token name"))
        }
        AccountChange::OpenSession(session) => refused(!active(line, session.user).await?, Error::NotPermitted),
        AccountChange::UnlockSession(old, session) => {
            let sql = "SELECT 1 FROM session WHERE secret = $1 AND account = $2";
            let same = exists(line, sql, &[&old.as_slice(), &session.user]).await?;
            refused(!same || !active(line, session.user).await?, Error::NotPermitted)
        }
        AccountChange::Setup { secret, manager, at, .. } => {
            let sql = "SELECT 1 FROM setting a JOIN setting b ON b.name = 'setup-ends'
                WHERE a.name = 'setup-secret' AND a.value = $1 AND b.value::int8 > $2";
            let offered = exists(line, sql, &[&hex(secret), &at.as_microsecond()]).await?;
            let managed = exists(line, "SELECT 1 FROM user_account WHERE role = 'manager'", &[]).await?;
            if !offered || managed { Ok(Some(Error::NotPermitted)) } else { name_taken(line, &manager.username).await }
        }
        AccountChange::KeepText(text) => {
            Ok(text.settings(kept(line, text).await?.as_deref(), Timestamp::UNIX_EPOCH).err())
        }
        _ => Ok(None),
    }
}

/// The newest version of a text, as it is kept.
async fn kept(line: &Line, text: &TextChange) -> Result<Option<String>> {
    let row = line.first("SELECT value FROM setting WHERE name = $1", &[&text.key.setting()]).await?;
    row.map(|row| get(&row, 0)).transpose()
}

async fn exists(line: &Line, sql: &str, params: &[Param<'_>]) -> Result<bool> {
    Ok(line.first(sql, params).await?.is_some())
}

async fn name_taken(line: &Line, username: &str) -> Result<Option<Error>> {
    let taken = exists(line, "SELECT 1 FROM user_account WHERE username = $1", &[&username]).await?;
    Ok(taken.then_some(Error::Taken("this user name")))
}

async fn active(line: &Line, user: Uuid) -> Result<bool> {
    exists(line, "SELECT 1 FROM user_account WHERE id = $1 AND disabled_at IS NULL", &[&user]).await
}

/// Whether the account is the only active manager.
async fn last_manager(line: &Line, user: Uuid) -> Result<Option<Error>> {
    let sql =
        "SELECT bool_or(id = $1), bool_or(id <> $1) FROM user_account WHERE role = 'manager' AND disabled_at IS NULL";
    let Some(row) = line.first(sql, &[&user]).await? else { return Ok(None) };
    let (is, other): (Option<bool>, Option<bool>) = (get(&row, 0)?, get(&row, 1)?);
    Ok((is == Some(true) && other != Some(true)).then_some(Error::LastManager))
}

/// Makes a change that was checked.
pub(crate) async fn write(line: &Line, key: &FailureKey, change: &AccountChange, at: Timestamp) -> Result<()> {
    let now = at.as_microsecond();
    match change {
        AccountChange::Create(user) => create_user(line, user).await,
        AccountChange::Update { user, display_name, role, practitioner } => {
            let sql = "DELETE FROM session WHERE account = $1
                AND EXISTS(SELECT 1 FROM user_account WHERE id = $1 AND role <> $2)";
            run(line, sql, &[user, &role.slug()]).await?;
            let sql = "UPDATE user_account SET display_name = $2, role = $3, practitioner = $4 WHERE id = $1";
            run(line, sql, &[user, display_name, &role.slug(), &practitioner.as_ref().map(fhir::Id::as_str)]).await
        }
        AccountChange::Disable(user) => {
            let sql = "UPDATE user_account SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL";
            run(line, sql, &[user, &now]).await?;
            run(line, "DELETE FROM session WHERE account = $1", &[user]).await
        }
        AccountChange::Enable(user) => {
            run(line, "UPDATE user_account SET disabled_at = NULL WHERE id = $1", &[user]).await
        }
        AccountChange::SetPassword { user, hash, must_change, keep } => {
            let sql = "UPDATE user_account SET password_hash = $2, must_change = $3 WHERE id = $1";
            run(line, sql, &[user, hash, must_change]).await?;
            let sql = "DELETE FROM session WHERE account = $1 AND secret IS DISTINCT FROM $2";
            run(line, sql, &[user, &keep.as_ref().map(<[u8; 32]>::as_slice)]).await?;
            match line.first("SELECT username FROM user_account WHERE id = $1", &[user]).await? {
                Some(row) => failure::clear(line, key, &format!("user:{}", get::<&str>(&row, 0)?)).await,
                None => Ok(()),
            }
        }
        AccountChange::SetPreferences { user, preferences } => {
            run(line, "UPDATE user_account SET preferences = $2 WHERE id = $1", &[user, preferences]).await
        }
        AccountChange::OpenSession(session) => open_session(line, session).await,
        AccountChange::LockSession(secret) => {
            run(line, "UPDATE session SET locked = true WHERE secret = $1", &[&secret.as_slice()]).await
        }
        AccountChange::UnlockSession(old, session) => {
            run(line, "DELETE FROM session WHERE secret = $1", &[&old.as_slice()]).await?;
            open_session(line, session).await
        }
        AccountChange::EndSession(secret) => {
            run(line, "DELETE FROM session WHERE secret = $1", &[&secret.as_slice()]).await
        }
        AccountChange::EndSessions(user) => run(line, "DELETE FROM session WHERE account = $1", &[user]).await,
        AccountChange::CreateToken(token) => create_token(line, token).await,
        AccountChange::RevokeToken(id) => {
            let sql = "UPDATE api_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
            run(line, sql, &[id, &now]).await
        }
        AccountChange::CountFailure { subjects, at } => failure::count(line, key, subjects, *at).await,
        AccountChange::ClearFailures(subjects) => {
            for subject in subjects {
                failure::clear(line, key, subject).await?;
            }
            Ok(())
        }
        AccountChange::OfferSetup { secret, expires_at } => {
            set(line, "setup-secret", &hex(secret)).await?;
            set(line, "setup-ends", &expires_at.as_microsecond().to_string()).await
        }
        AccountChange::Setup { manager, practice, .. } => {
            run(line, "DELETE FROM setting WHERE name IN ('setup-secret', 'setup-ends')", &[]).await?;
            create_user(line, manager).await?;
            set_practice(line, practice).await
        }
        AccountChange::SetPractice(practice) => set_practice(line, practice).await,
        AccountChange::KeepText(text) => {
            for (name, value) in text.settings(kept(line, text).await?.as_deref(), at)? {
                set(line, &name, &value).await?;
            }
            Ok(())
        }
    }
}

async fn run(line: &Line, sql: &str, params: &[Param<'_>]) -> Result<()> {
    line.execute(sql, params).await.map(|_rows| ())
}

/// Notes a use of a session, to within a minute.
pub(crate) async fn seen_session(line: &Line, secret: &SecretHash, at: i64) -> Result<()> {
    let sql = "UPDATE session SET seen_at = $2 WHERE secret = $1 AND seen_at < $3";
    run(line, sql, &[&secret.as_slice(), &at, &(at - SEEN_GRAIN_US)]).await
}

/// Notes a use of a token, to within a minute.
pub(crate) async fn seen_token(line: &Line, id: Uuid, at: i64) -> Result<()> {
    let sql = "UPDATE api_token SET used_at = $2 WHERE id = $1 AND coalesce(used_at, 0) < $3";
    run(line, sql, &[&id, &at, &(at - SEEN_GRAIN_US)]).await
}

async fn create_user(line: &Line, user: &User) -> Result<()> {
    let sql = "INSERT INTO user_account(id, username, display_name, role, practitioner, password_hash, must_change, disabled_at,
        created_at, preferences) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let params: [Param<'_>; 10] = [
        &user.id,
        &user.username,
        &user.display_name,
        &user.role.slug(),
        &user.practitioner.as_ref().map(fhir::Id::as_str),
        &user.password_hash,
        &user.must_change,
        &user.disabled_at.map(Timestamp::as_microsecond),
        &user.created_at.as_microsecond(),
        &user.preferences,
    ];
    run(line, sql, &params).await
}

async fn open_session(line: &Line, session: &Session) -> Result<()> {
    let sql = "INSERT INTO session(secret, account, created_at, seen_at, locked, csrf) VALUES ($1, $2, $3, $4, $5, $6)";
    let params: [Param<'_>; 6] = [
        &session.secret.as_slice(),
        &session.user,
        &session.created_at.as_microsecond(),
        &session.seen_at.as_microsecond(),
        &session.locked,
        &session.csrf.as_slice(),
    ];
    run(line, sql, &params).await
}

async fn create_token(line: &Line, token: &ApiToken) -> Result<()> {
    let sql = "INSERT INTO api_token(id, name, secret, scope, created_at, expires_at, revoked_at, used_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let params: [Param<'_>; 8] = [
        &token.id,
        &token.name,
        &token.secret.as_slice(),
        &token.scope,
        &token.created_at.as_microsecond(),
        &token.expires_at.map(Timestamp::as_microsecond),
        &token.revoked_at.map(Timestamp::as_microsecond),
        &token.used_at.map(Timestamp::as_microsecond),
    ];
    run(line, sql, &params).await
}

async fn set_practice(line: &Line, practice: &PracticeSettings) -> Result<()> {
    set(line, "practice-name", &practice.name).await?;
    set(line, "time-zone", &practice.time_zone).await?;
    set(line, "record-number-system", &practice.record_number_system).await?;
    set(line, "idle-minutes", &practice.idle_minutes.to_string()).await?;
    set(line, "date-order", practice.date_order.slug()).await?;
    set(line, "paper-size", practice.paper_size.slug()).await?;
    set(line, "contact", &practice.contact).await
}

async fn set(line: &Line, name: &str, value: &str) -> Result<()> {
    let sql =
        "INSERT INTO setting(name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    run(line, sql, &[&name, &value]).await
}
