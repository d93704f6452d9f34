//! What a handler may ask to be given: who calls ([`clinic::Caller`]), their session ([`Signed`]), what every page needs ([`Ui`]).

use crate::csrf;
use crate::error::PageError;
use crate::guard::Asked;
use crate::said::Said;
use crate::state::App;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use clinic::diagnosis::OwnCodes;
use clinic::patient::birth_date::Calendar;
use clinic::{Action, Caller, account};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use store::Role;
use store::accounts::{PracticeSettings, Session, User};

/// A person's session, their account and their practice, as the guard found them.
#[derive(Clone)]
pub struct Signed {
    /// The session.
    pub session: Session,
    /// The account.
    pub user: User,
    /// The practice.
    pub practice: PracticeSettings,
}

/// What a user chose for their own screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// `light`, `dark`, or empty: as the system says.
    pub theme: String,
    /// Whether single keys (such as `p` for Problems) act.
    pub single_keys: bool,
    /// The diagnosis codes they work with.
    pub codes: OwnCodes,
}

impl Preferences {
    /// Keeps them.
    ///
    /// # Errors
    /// What the store says.
    pub async fn keep(&self, app: &App, caller: &Caller) -> Result<(), PageError> {
        let text = serde_json::to_string(self).map_err(|_| PageError::fault("preferences"))?;
        Ok(account::set_preferences(app.store.as_ref(), caller, text).await?)
    }
}

impl Default for Preferences {
    fn default() -> Self {
        Self { theme: String::new(), single_keys: true, codes: OwnCodes::default() }
    }
}

/// What every page needs besides its own content.
#[derive(Debug, Clone)]
pub struct Ui {
    /// The name shown for the user.
    pub display_name: String,
    /// Their role.
    pub role: Role,
    /// What they chose.
    pub preferences: Preferences,
    /// The practice.
    pub practice: PracticeSettings,
    /// Its zone, for every date and time shown.
    pub zone: TimeZone,
    /// The token every form sends back.
    pub csrf: String,
    /// The address of this page, for the navigation.
    pub path: String,
    /// When the request began.
    pub now: jiff::Timestamp,
    /// Whether the session is locked: then the page shows nothing of the practice's patients.
    pub locked: bool,
    /// What was just saved, to be said on this page.
    pub said: Option<Said>,
}

impl Ui {
    /// Of a signed-in person, for the page at `path`.
    #[must_use]
    pub fn of(signed: &Signed, path: &str, now: jiff::Timestamp) -> Self {
        Self {
            display_name: signed.user.display_name.clone(),
            role: signed.user.role,
            preferences: serde_json::from_str(&signed.user.preferences).unwrap_or_default(),
            zone: TimeZone::get(&signed.practice.time_zone).unwrap_or(TimeZone::UTC),
            practice: signed.practice.clone(),
            csrf: csrf::of_session(&signed.session),
            path: path.to_owned(),
            now,
            locked: signed.session.locked || signed.user.must_change,
            said: None,
        }
    }

    /// What day it is in the practice, and how its people write dates.
    #[must_use]
    pub fn calendar(&self) -> Calendar {
        Calendar { today: self.now.to_zoned(self.zone.clone()).date(), order: self.practice.date_order }
    }

    /// Whether the policy allows this user an action: to leave out what would only be refused.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        clinic::access::decide(self.role, action).is_some()
    }

    /// The hidden field every form carries.
    #[must_use]
    pub fn csrf_field(&self) -> Markup {
        html! { input type="hidden" name=(csrf::FIELD) value=(self.csrf); }
    }

    /// Sample data for render tests: a clinician of a made-up practice.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            display_name: "Dr Ama Okafor".to_owned(),
            role: Role::Clinician,
            preferences: Preferences::default(),
            practice: PracticeSettings {
                name: "Elm Street Practice".to_owned(),
                time_zone: "America/Chicago".to_owned(),
                ..PracticeSettings::default()
            },
            zone: TimeZone::get("America/Chicago").unwrap_or(TimeZone::UTC),
            csrf: "sample-token".to_owned(),
            path: "/".to_owned(),
            now: jiff::Timestamp::from_second(1_795_340_000).unwrap_or_default(),
            locked: false,
            said: None,
        }
    }
}

/// A route whose policy lets nobody in cannot ask who called: that is a fault of the table, answered 500 and logged.
fn missing(what: &'static str) -> PageError {
    PageError::fault(what)
}

impl FromRequestParts<App> for Asked {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().copied().ok_or_else(|| missing("no guard on this route"))
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| missing("no caller on this route"))
    }
}

impl FromRequestParts<App> for Signed {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| missing("no session on this route"))
    }
}

impl FromRequestParts<App> for Ui {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let now = parts.extensions.get::<Asked>().map_or_else(|| (app.clock)(), |asked| asked.at);
        let signed = parts.extensions.get::<Signed>().ok_or_else(|| missing("no session on this route"))?;
        Ok(Self { said: Said::read(&parts.headers), ..Self::of(signed, parts.uri.path(), now) })
    }
}
