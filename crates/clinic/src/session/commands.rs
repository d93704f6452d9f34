//! Signing in and out. What a stranger learns from a refusal is the same for every user name, in words, status and time.

use crate::account::{Secret, actor, password, throttle};
use crate::error::FieldError;
use crate::{Caller, Error, Result};
use jiff::Timestamp;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use store::accounts::{AccountChange, SecretHash, Session, User};
use store::audit::{Entry, Outcome};
use store::{Actor, Store};
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

/// Attempts for one user name come one after the other, so that no burst outruns the count of failures.
static TURNS: [Mutex<()>; 64] = [const { Mutex::const_new(()) }; 64];

async fn turn(name: &str) -> Option<MutexGuard<'static, ()>> {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    let place = usize::try_from(hasher.finish() % 64).ok()?;
    match TURNS.get(place) {
        Some(turn) => Some(turn.lock().await),
        None => None,
    }
}

/// Somebody at the door.
pub struct Attempt<'a> {
    /// User name as typed.
    pub username: &'a str,
    /// Password as typed.
    pub password: &'a str,
    /// When.
    pub at: Timestamp,
    /// The request.
    pub request: Uuid,
    /// From where.
    pub from: Option<IpAddr>,
    /// The browser's session until now, which ends.
    pub previous: Option<SecretHash>,
    /// The new session's secret.
    pub secret: &'a Secret,
    /// The new session's form token.
    pub csrf: [u8; 32],
    /// For hashing the password anew when its parameters are of old.
    pub salt: [u8; 16],
}

/// What came of it.
pub enum SignIn {
    /// A session was opened for this user.
    Opened(Box<User>),
    /// User name and password do not go together.
    Refused,
    /// Too many failures: not before this time, whatever the password.
    Wait(Timestamp),
}

/// Somebody whom no account or token stands for, in the audit trail.
#[must_use]
pub fn nobody(name: &str) -> Actor {
    Actor { id: Uuid::max(), name: name.to_owned(), role: None, practitioner: None }
}

/// Signs in.
///
/// # Errors
/// What the store says.
pub async fn sign_in(store: &dyn Store, attempt: &Attempt<'_>) -> Result<SignIn> {
    let name = attempt.username.trim().to_lowercase();
    let _turn = turn(&name).await;
    let user = store.user_named(&name).await?;
    let who = user.as_ref().map_or_else(|| nobody("unknown"), actor);
    let entry = Entry { from: attempt.from, ..Entry::new(attempt.at, attempt.request, who, "sign-in") };
    let subjects = subjects(&name, attempt.from);
    if let Some(until) = waiting(store, &subjects, attempt.at).await? {
        store.append(Entry { outcome: Outcome::Refused, detail: "too many failures".to_owned(), ..entry }).await?;
        return Ok(SignIn::Wait(until));
    }
    let user = user.filter(|user| user.disabled_at.is_none());
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    let verified = verified(attempt.password, stored).await?;
    let (Some(user), true) = (user, verified.right) else {
        let entry = Entry { outcome: Outcome::Failed, ..entry };
        store.change(AccountChange::CountFailure { subjects, at: attempt.at }, entry).await?;
        return Ok(SignIn::Refused);
    };
    if verified.outdated {
        keep_better(store, &user, attempt, &entry).await?;
    }
    open(store, &user, attempt, entry, subjects).await?;
    Ok(SignIn::Opened(Box::new(user)))
}

async fn open(
    store: &dyn Store,
    user: &User,
    attempt: &Attempt<'_>,
    entry: Entry,
    subjects: Vec<String>,
) -> Result<()> {
    if let Some(previous) = attempt.previous {
        store
            .change(AccountChange::EndSession(previous), Entry { action: "session.end".to_owned(), ..entry.clone() })
            .await?;
    }
    if failed_before(store, &subjects).await? {
        let entry = Entry { action: "sign-in.failures-cleared".to_owned(), ..entry.clone() };
        store.change(AccountChange::ClearFailures(subjects), entry).await?;
    }
    let session = Session {
        secret: attempt.secret.hash(),
        user: user.id,
        created_at: attempt.at,
        seen_at: attempt.at,
        locked: false,
        csrf: attempt.csrf,
    };
    Ok(store.change(AccountChange::OpenSession(session), entry).await?)
}

/// Hashes the password that was just typed with today's parameters.
async fn keep_better(store: &dyn Store, user: &User, attempt: &Attempt<'_>, entry: &Entry) -> Result<()> {
    let hash = password::hash_aside(attempt.password.to_owned(), attempt.salt).await.map_err(cannot)?;
    let change = AccountChange::SetPassword { user: user.id, hash, must_change: user.must_change, keep: None };
    Ok(store.change(change, Entry { action: "password.rehash".to_owned(), ..entry.clone() }).await?)
}

fn subjects(name: &str, from: Option<IpAddr>) -> Vec<String> {
    [Some(throttle::by_name(name)), throttle::by_address(from)].into_iter().flatten().collect()
}

async fn waiting(store: &dyn Store, subjects: &[String], at: Timestamp) -> Result<Option<Timestamp>> {
    let name = match subjects.first() {
        Some(subject) => store.failures(subject).await?,
        None => Default::default(),
    };
    let address = match subjects.get(1) {
        Some(subject) => store.failures(subject).await?,
        None => Default::default(),
    };
    Ok(throttle::wait(name, address, at))
}

async fn failed_before(store: &dyn Store, subjects: &[String]) -> Result<bool> {
    for subject in subjects {
        if store.failures(subject).await?.count > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn verified(text: &str, stored: Option<String>) -> Result<password::Verified> {
    password::verify_aside(text.to_owned(), stored).await.map_err(cannot)
}

fn cannot(error: password::CannotHash) -> Error {
    Error::Store(store::Error::Broken(error.to_string()))
}

/// Asks a signed-in person for their password again, before what is worth it. Failures count as failed sign-ins do.
///
/// # Errors
/// [`Error::Fields`] naming `field` when it is wrong or must wait.
pub async fn reauthenticate(
    store: &dyn Store,
    caller: &Caller,
    user: &User,
    text: &str,
    field: &'static str,
) -> Result<()> {
    let wrong = |problem: String| Err(Error::Fields(vec![FieldError { field, problem }]));
    let _turn = turn(&user.username).await;
    let subjects = subjects(&user.username, caller.from);
    let entry = caller.entry("password.ask");
    if waiting(store, &subjects, caller.at).await?.is_some() {
        store.append(Entry { outcome: Outcome::Refused, detail: "too many failures".to_owned(), ..entry }).await?;
        return wrong("Password: too many wrong ones; wait some minutes and try again".to_owned());
    }
    if verified(text, Some(user.password_hash.clone())).await?.right {
        return Ok(());
    }
    let entry = Entry { outcome: Outcome::Failed, ..entry };
    store.change(AccountChange::CountFailure { subjects, at: caller.at }, entry).await?;
    wrong("Password: this is not your password; type it again".to_owned())
}

/// Locks a session; `why` is `asked` or `idle`.
///
/// # Errors
/// What the store says.
pub async fn lock(store: &dyn Store, caller: &Caller, session: &SecretHash, why: &str) -> Result<()> {
    let entry = Entry { detail: why.to_owned(), ..caller.entry("session.lock") };
    Ok(store.change(AccountChange::LockSession(*session), entry).await?)
}

/// A session about to be unlocked.
pub struct Unlocked<'a> {
    /// The locked session.
    pub session: &'a Session,
    /// Its user.
    pub user: &'a User,
    /// Password as typed.
    pub password: &'a str,
    /// The secret it goes on under.
    pub secret: &'a Secret,
}

/// Unlocks a session under a new secret. Its form token stays, so that pages open in other tabs go on working; so does its absolute limit.
///
/// # Errors
/// [`Error::Fields`] naming `password`.
pub async fn unlock(store: &dyn Store, caller: &Caller, unlocked: &Unlocked<'_>) -> Result<()> {
    reauthenticate(store, caller, unlocked.user, unlocked.password, "password").await?;
    let session =
        Session { secret: unlocked.secret.hash(), seen_at: caller.at, locked: false, ..unlocked.session.clone() };
    let change = AccountChange::UnlockSession(unlocked.session.secret, session);
    store.change(change, caller.entry("session.unlock")).await?;
    let subjects = subjects(&unlocked.user.username, caller.from);
    if failed_before(store, &subjects).await? {
        store.change(AccountChange::ClearFailures(subjects), caller.entry("sign-in.failures-cleared")).await?;
    }
    Ok(())
}

/// Ends this session, or every session of its user.
///
/// # Errors
/// What the store says.
pub async fn sign_out(store: &dyn Store, caller: &Caller, session: &SecretHash, everywhere: bool) -> Result<()> {
    let change =
        if everywhere { AccountChange::EndSessions(caller.actor.id) } else { AccountChange::EndSession(*session) };
    let detail = if everywhere { "everywhere" } else { "" };
    Ok(store.change(change, Entry { detail: detail.to_owned(), ..caller.entry("sign-out") }).await?)
}
