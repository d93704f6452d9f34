//! Accounts, sessions, tokens and settings: relational, not FHIR. Every change carries its audit entry in the same transaction.

use crate::access::Role;
use crate::audit::Entry;
pub use crate::date_order::DateOrder;
use crate::error::Result;
pub use crate::paper_size::PaperSize;
use crate::texts::{KeptText, TextChange, TextKey, TextKind};
use async_trait::async_trait;
use fhir::Id;
use jiff::Timestamp;
use uuid::Uuid;

/// SHA-256 of a secret that is never stored itself (session, token, set-up link).
pub type SecretHash = [u8; 32];

/// Someone who may sign in.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// The account.
    pub id: Uuid,
    /// What is typed at sign-in; unique, lower case.
    pub username: String,
    /// The name shown, such as `Dr Ama Okafor`.
    pub display_name: String,
    /// What they may do.
    pub role: Role,
    /// The Practitioner resource this person is.
    pub practitioner: Option<Id>,
    /// argon2id, PHC string with its parameters.
    pub password_hash: String,
    /// Whether the password must be changed at the next sign-in.
    pub must_change: bool,
    /// When it was disabled.
    pub disabled_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Interface preferences, a small JSON text the interface alone reads (theme, single-key shortcuts).
    pub preferences: String,
}

/// A signed-in browser.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// Hash of the cookie's secret.
    pub secret: SecretHash,
    /// Whose.
    pub user: Uuid,
    /// When it was opened: the absolute limit counts from here.
    pub created_at: Timestamp,
    /// Last request: the idle limit counts from here.
    pub seen_at: Timestamp,
    /// Whether it is locked until the password is given again.
    pub locked: bool,
    /// What every form must send back.
    pub csrf: [u8; 32],
}

/// An API client's token.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// The token's id.
    pub id: Uuid,
    /// What it is for; unique among those not revoked.
    pub name: String,
    /// Hash of the secret.
    pub secret: SecretHash,
    /// Scopes in SMART v2 form, such as `system/*.cruds` or `system/Observation.rs`, space-separated.
    pub scope: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used (to the minute).
    pub used_at: Option<Timestamp>,
}

/// Failed sign-ins of one user name or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Failures {
    /// How many in a row.
    pub count: u32,
    /// The last one.
    pub last: Option<Timestamp>,
}

/// A change to accounts. Each is one transaction with its audit entry.
#[derive(Clone)]
pub enum AccountChange {
    /// A new account. Fails with [`crate::Error::Taken`] when the user name is in use.
    Create(User),
    /// New display name, role, practitioner link. Ends the user's sessions when the role changes.
    /// Fails with [`crate::Error::LastManager`] as disabling does.
    Update {
        /// The account.
        user: Uuid,
        /// New display name.
        display_name: String,
        /// New role.
        role: Role,
        /// New link.
        practitioner: Option<Id>,
    },
    /// Ends the account and its sessions.
    Disable(Uuid),
    /// Opens it again.
    Enable(Uuid),
    /// A new password; ends the user's other sessions and clears failures.
    SetPassword {
        /// The account.
        user: Uuid,
        /// PHC string.
        hash: String,
        /// Whether it must be changed at the next sign-in.
        must_change: bool,
        /// The session that stays, if any.
        keep: Option<SecretHash>,
    },
    /// Interface preferences.
    SetPreferences {
        /// The account.
        user: Uuid,
        /// JSON text.
        preferences: String,
    },
    /// A new session.
    OpenSession(Session),
    /// Locks a session.
    LockSession(SecretHash),
    /// Unlocks a session under a new secret (rotation): old, new.
    UnlockSession(SecretHash, Session),
    /// Ends one session.
    EndSession(SecretHash),
    /// Ends every session of a user.
    EndSessions(Uuid),
    /// A new token.
    CreateToken(ApiToken),
    /// Ends a token.
    RevokeToken(Uuid),
    /// A failed sign-in, counted under this subject (`user:…` or `address:…`).
    CountFailure {
        /// Subjects counted.
        subjects: Vec<String>,
        /// When.
        at: Timestamp,
    },
    /// Forgets failures of these subjects.
    ClearFailures(Vec<String>),
    /// A one-time set-up link (replaces any before).
    OfferSetup {
        /// Hash of its secret.
        secret: SecretHash,
        /// When it ends.
        expires_at: Timestamp,
    },
    /// Uses the set-up link: makes the first manager and names the practice. Fails with [`crate::Error::NotPermitted`]
    /// when the link is not the current one, is over, or a manager exists.
    Setup {
        /// Hash of the link's secret.
        secret: SecretHash,
        /// The first manager.
        manager: User,
        /// The practice.
        practice: PracticeSettings,
        /// When (against the link's end).
        at: Timestamp,
    },
    /// The practice's settings.
    SetPractice(PracticeSettings),
    /// A new version of a text. Fails with [`crate::Error::TextChanged`] when it was not made of the newest one.
    KeepText(TextChange),
}

/// What the practice is called and how it counts its days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PracticeSettings {
    /// Its name.
    pub name: String,
    /// IANA zone, such as `America/Chicago`.
    pub time_zone: String,
    /// The record-number identifier system.
    pub record_number_system: String,
    /// Idle lock, in minutes.
    pub idle_minutes: u32,
    /// Which of month and day comes first in a date typed in numbers.
    pub date_order: DateOrder,
    /// The sheets its papers are printed on.
    pub paper_size: PaperSize,
    /// Address and telephone, as they stand on papers; lines.
    pub contact: String,
}

impl Default for PracticeSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            time_zone: "UTC".to_owned(),
            record_number_system: "urn:chartroom:record-number".to_owned(),
            idle_minutes: 15,
            date_order: DateOrder::MonthFirst,
            paper_size: PaperSize::Letter,
            contact: String::new(),
        }
    }
}

/// The accounts of a practice.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Makes a change with its audit entry, in one transaction.
    async fn change(&self, change: AccountChange, audit: Entry) -> Result<()>;

    /// An account by user name.
    async fn user_named(&self, username: &str) -> Result<Option<User>>;

    /// An account.
    async fn user(&self, id: Uuid) -> Result<Option<User>>;

    /// Every account, by user name.
    async fn users(&self) -> Result<Vec<User>>;

    /// The session of this secret, with its user (not disabled).
    async fn session(&self, secret: &SecretHash) -> Result<Option<(Session, User)>>;

    /// Notes a request of a session (kept to within a minute; not audited).
    async fn touch_session(&self, secret: &SecretHash, at: Timestamp) -> Result<()>;

    /// The token of this secret, unless revoked.
    async fn token(&self, secret: &SecretHash) -> Result<Option<ApiToken>>;

    /// Notes a use of a token (kept to within a minute; not audited).
    async fn touch_token(&self, id: Uuid, at: Timestamp) -> Result<()>;

    /// Every token, newest first.
    async fn tokens(&self) -> Result<Vec<ApiToken>>;

    /// Failed sign-ins of a subject.
    async fn failures(&self, subject: &str) -> Result<Failures>;

    /// The practice's settings; `None` before set-up.
    async fn practice(&self) -> Result<Option<PracticeSettings>>;

    /// The newest version of every text of a kind, by owner and name.
    async fn texts(&self, kind: TextKind) -> Result<Vec<KeptText>>;

    /// The newest version of one text.
    async fn text(&self, key: &TextKey) -> Result<Option<KeptText>>;

    /// Every version of a text, newest first.
    async fn text_versions(&self, key: &TextKey) -> Result<Vec<KeptText>>;
}
