//! Changes to accounts: first checked, then written, in the writer's transaction.

use crate::connection::sql_error;
use crate::failure;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use store::accounts::{AccountChange, ApiToken, PracticeSettings, SecretHash, Session, User};
use store::texts::TextChange;
use store::{Error, Result, Role};
use uuid::Uuid;

/// Microseconds within which a use of a session or token is not noted again.
pub(crate) const SEEN_GRAIN_US: i64 = 60_000_000;

/// Whether a change may be made. Reads only.
pub(crate) fn check(db: &Connection, change: &AccountChange, at: Timestamp) -> Result<()> {
    match change {
        AccountChange::Create(user) => name_free(db, &user.username),
        AccountChange::Update { user, role, .. } => {
            let before = role_of(db, *user)?;
            if before == Some(Role::Manager) && *role != Role::Manager { other_manager(db, *user) } else { Ok(()) }
        }
        AccountChange::Disable(user) => {
            if role_of(db, *user)? == Some(Role::Manager) {
                other_manager(db, *user)
            } else {
                Ok(())
            }
        }
        AccountChange::CreateToken(token) => {
            let taken = exists(db, "SELECT 1 FROM api_token WHERE name = ?1 AND revoked_at IS NULL", [&token.name])?;
            if taken { Err(Error::Taken("this token name")) } else { Ok(()) }
        }
        AccountChange::OpenSession(session) => active(db, session.user),
        AccountChange::UnlockSession(old, session) => {
            active(db, session.user)?;
            let same = exists(
                db,
                "SELECT 1 FROM session WHERE secret = ?1 AND user = ?2",
                params![old.as_slice(), session.user.as_bytes().as_slice()],
            )?;
            if same { Ok(()) } else { Err(Error::NotPermitted) }
        }
        AccountChange::Setup { secret, manager, at, .. } => {
            let offered = exists(
                db,
                "SELECT 1 FROM setting a JOIN setting b ON b.name = 'setup-ends'
                 WHERE a.name = 'setup-secret' AND a.value = ?1 AND b.value > ?2",
                params![secret.as_slice(), at.as_microsecond()],
            )?;
            let managed = exists(db, "SELECT 1 FROM user_account WHERE role = 'manager'", [])?;
            if !offered || managed { Err(Error::NotPermitted) } else { name_free(db, &manager.username) }
        }
        AccountChange::KeepText(text) => {
            text.settings(kept(db, text).map_err(sql_error)?.as_deref(), at).map(|_made| ())
        }
        _ => Ok(()),
    }
}

/// The newest version of a text, as it is kept.
fn kept(db: &Connection, text: &TextChange) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT value FROM setting WHERE name = ?1";
    db.prepare_cached(sql)?.query_row([text.key.setting()], |row| row.get(0)).optional()
}

fn exists(db: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<bool> {
    db.prepare_cached(sql).and_then(|mut statement| statement.exists(params)).map_err(sql_error)
}

fn name_free(db: &Connection, username: &str) -> Result<()> {
    let taken = exists(db, "SELECT 1 FROM user_account WHERE username = ?1", [username])?;
    if taken { Err(Error::Taken("this user name")) } else { Ok(()) }
}

fn active(db: &Connection, user: Uuid) -> Result<()> {
    let sql = "SELECT 1 FROM user_account WHERE id = ?1 AND disabled_at IS NULL";
    if exists(db, sql, [user.as_bytes().as_slice()])? { Ok(()) } else { Err(Error::NotPermitted) }
}

/// The role of an account that is not disabled.
fn role_of(db: &Connection, user: Uuid) -> Result<Option<Role>> {
    db.query_row(
        "SELECT role FROM user_account WHERE id = ?1 AND disabled_at IS NULL",
        [user.as_bytes().as_slice()],
        |row| row.get::<_, String>(0),
    )
    .optional()
    .map(|slug| slug.and_then(|slug| Role::parse(&slug)))
    .map_err(sql_error)
}

fn other_manager(db: &Connection, user: Uuid) -> Result<()> {
    let sql = "SELECT 1 FROM user_account WHERE role = 'manager' AND disabled_at IS NULL AND id <> ?1";
    if exists(db, sql, [user.as_bytes().as_slice()])? { Ok(()) } else { Err(Error::LastManager) }
}

/// Makes a change that was checked.
pub(crate) fn write(db: &Connection, change: &AccountChange, at: Timestamp) -> rusqlite::Result<()> {
    let now = at.as_microsecond();
    match change {
        AccountChange::Create(user) => create_user(db, user),
        AccountChange::Update { user, display_name, role, practitioner } => {
            end_sessions_unless(db, *user, *role)?;
            let practitioner = practitioner.as_ref().map(fhir::Id::as_str);
            let sql = "UPDATE user_account SET display_name = ?2, role = ?3, practitioner = ?4 WHERE id = ?1";
            run(db, sql, params![id(user), display_name, role.slug(), practitioner])
        }
        AccountChange::Disable(user) => {
            let sql = "UPDATE user_account SET disabled_at = ?2 WHERE id = ?1 AND disabled_at IS NULL";
            run(db, sql, params![id(user), now])?;
            end_sessions(db, *user)
        }
        AccountChange::Enable(user) => run(db, "UPDATE user_account SET disabled_at = NULL WHERE id = ?1", [id(user)]),
        AccountChange::SetPassword { user, hash, must_change, keep } => {
            let sql = "UPDATE user_account SET password_hash = ?2, must_change = ?3 WHERE id = ?1";
            run(db, sql, params![id(user), hash, must_change])?;
            let keep = keep.as_ref().map(<[u8; 32]>::as_slice);
            run(db, "DELETE FROM session WHERE user = ?1 AND secret IS NOT ?2", params![id(user), keep])?;
            clear_failures_of(db, *user)
        }
        AccountChange::SetPreferences { user, preferences } => {
            run(db, "UPDATE user_account SET preferences = ?2 WHERE id = ?1", params![id(user), preferences])
        }
        AccountChange::OpenSession(session) => open_session(db, session),
        AccountChange::LockSession(secret) => {
            run(db, "UPDATE session SET locked = 1 WHERE secret = ?1", [secret.as_slice()])
        }
        AccountChange::UnlockSession(old, session) => {
            end_session(db, old)?;
            open_session(db, session)
        }
        AccountChange::EndSession(secret) => end_session(db, secret),
        AccountChange::EndSessions(user) => end_sessions(db, *user),
        AccountChange::CreateToken(token) => create_token(db, token),
        AccountChange::RevokeToken(token) => {
            let sql = "UPDATE api_token SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL";
            run(db, sql, params![id(token), now])
        }
        AccountChange::CountFailure { subjects, at } => failure::count(db, subjects, *at),
        AccountChange::ClearFailures(subjects) => subjects.iter().try_for_each(|subject| failure::clear(db, subject)),
        AccountChange::OfferSetup { secret, expires_at } => {
            set(db, "setup-secret", &secret.as_slice())?;
            set(db, "setup-ends", &expires_at.as_microsecond())
        }
        AccountChange::Setup { manager, practice, .. } => {
            run(db, "DELETE FROM setting WHERE name IN ('setup-secret', 'setup-ends')", [])?;
            create_user(db, manager)?;
            set_practice(db, practice)
        }
        AccountChange::SetPractice(practice) => set_practice(db, practice),
        AccountChange::KeepText(text) => {
            let made = text.settings(kept(db, text)?.as_deref(), at);
            let made = made.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
            made.iter().try_for_each(|(name, value)| set(db, name, value))
        }
    }
}

fn run(db: &Connection, sql: &str, params: impl rusqlite::Params) -> rusqlite::Result<()> {
    db.prepare_cached(sql)?.execute(params).map(|_rows| ())
}

fn id(of: &Uuid) -> &[u8] {
    of.as_bytes().as_slice()
}

/// A new role is met by signing in anew.
fn end_sessions_unless(db: &Connection, user: Uuid, role: Role) -> rusqlite::Result<()> {
    let sql = "DELETE FROM session WHERE user = ?1 AND EXISTS(SELECT 1 FROM user_account WHERE id = ?1 AND role <> ?2)";
    run(db, sql, params![id(&user), role.slug()])
}

fn end_sessions(db: &Connection, user: Uuid) -> rusqlite::Result<()> {
    run(db, "DELETE FROM session WHERE user = ?1", [id(&user)])
}

fn end_session(db: &Connection, secret: &SecretHash) -> rusqlite::Result<()> {
    run(db, "DELETE FROM session WHERE secret = ?1", [secret.as_slice()])
}

fn clear_failures_of(db: &Connection, user: Uuid) -> rusqlite::Result<()> {
    let name: Option<String> = db
        .prepare_cached("SELECT username FROM user_account WHERE id = ?1")?
        .query_row([id(&user)], |row| row.get(0))
        .optional()?;
    name.map_or(Ok(()), |name| failure::clear(db, &format!("user:{name}")))
}

/// Notes a use of a session, to within a minute.
pub(crate) fn seen_session(db: &Connection, secret: &SecretHash, at: i64) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE session SET seen_at = ?2 WHERE secret = ?1 AND seen_at < ?2 - ?3")?
        .execute(params![secret.as_slice(), at, SEEN_GRAIN_US])
        .map(|_rows| ())
}

/// Notes a use of a token, to within a minute.
pub(crate) fn seen_token(db: &Connection, id: &[u8; 16], at: i64) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE api_token SET used_at = ?2 WHERE id = ?1 AND coalesce(used_at, 0) < ?2 - ?3")?
        .execute(params![id.as_slice(), at, SEEN_GRAIN_US])
        .map(|_rows| ())
}

fn create_user(db: &Connection, user: &User) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO user_account(id, username, display_name, role, practitioner, password_hash, must_change, disabled_at,
                                  created_at, preferences) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            user.id.as_bytes().as_slice(),
            user.username,
            user.display_name,
            user.role.slug(),
            user.practitioner.as_ref().map(fhir::Id::as_str),
            user.password_hash,
            user.must_change,
            user.disabled_at.map(Timestamp::as_microsecond),
            user.created_at.as_microsecond(),
            user.preferences
        ],
    )
    .map(|_rows| ())
}

fn open_session(db: &Connection, session: &Session) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO session(secret, user, created_at, seen_at, locked, csrf) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        session.secret.as_slice(),
        session.user.as_bytes().as_slice(),
        session.created_at.as_microsecond(),
        session.seen_at.as_microsecond(),
        session.locked,
        session.csrf.as_slice()
    ])
    .map(|_rows| ())
}

fn create_token(db: &Connection, token: &ApiToken) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO api_token(id, name, secret, scope, created_at, expires_at, revoked_at, used_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            token.id.as_bytes().as_slice(),
            token.name,
            token.secret.as_slice(),
            token.scope,
            token.created_at.as_microsecond(),
            token.expires_at.map(Timestamp::as_microsecond),
            token.revoked_at.map(Timestamp::as_microsecond),
            token.used_at.map(Timestamp::as_microsecond)
        ],
    )
    .map(|_rows| ())
}

fn set_practice(db: &Connection, practice: &PracticeSettings) -> rusqlite::Result<()> {
    set(db, "practice-name", &practice.name)?;
    set(db, "time-zone", &practice.time_zone)?;
    set(db, "record-number-system", &practice.record_number_system)?;
    set(db, "idle-minutes", &practice.idle_minutes)?;
    set(db, "date-order", &practice.date_order.slug())?;
    set(db, "paper-size", &practice.paper_size.slug())?;
    set(db, "contact", &practice.contact)
}

fn set(db: &Connection, name: &str, value: &dyn rusqlite::ToSql) -> rusqlite::Result<()> {
    db.execute("INSERT OR REPLACE INTO setting(name, value) VALUES (?1, ?2)", params![name, value]).map(|_rows| ())
}
