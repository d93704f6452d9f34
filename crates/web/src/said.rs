//! What was just saved, said once on the page that follows. From the form's answer to that page the browser carries one word of the list
//! below in a cookie: never anything of a patient, and nothing but these sentences can be made to appear.

use crate::cookie::Cookie;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use maud::{Markup, html};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// A patient was registered.
    Registered,
    /// Who a patient is was changed.
    Identity,
    /// An entry was marked as entered in error.
    Marked,
    /// Such a mark was taken back.
    Restored,
    /// An entry went to another chart.
    Moved,
    /// A note was signed.
    Signed,
    /// A note was cosigned.
    Cosigned,
    /// A diagnosis was recorded.
    Diagnosis,
    /// A problem was changed.
    Problem,
    /// A diagnosis went on the problem list.
    Promoted,
    /// A problem is resolved.
    Resolved,
    /// A visit's diagnoses were ranked.
    Ranked,
    /// A draft was given up.
    Discarded,
    /// A draft went to another author.
    Reassigned,
    /// A visit was started.
    VisitStarted,
    /// A visit was brought into another state.
    VisitState,
    /// Vitals and the reason for a visit.
    Roomed,
    /// An allergy, or that none are known.
    Allergy,
    /// An entry of the history, or answers.
    History,
    /// That a section of the history was gone through.
    Reviewed,
    /// The user's own settings.
    Preferences,
    /// The user's own password.
    Password,
    /// A note's text went to the right chart.
    NoteMoved,
    /// A phrase was written.
    Phrase,
    /// A phrase was taken away.
    PhraseRemoved,
    /// A template was written, taken away, hidden or offered again.
    Template,
    /// The practice's settings.
    Settings,
    /// An account was changed, disabled, enabled or signed out.
    Account,
    /// A token was revoked.
    TokenRevoked,
}

impl Said {
    const ALL: [(Self, &'static str, &'static str); 29] = [
        (Self::Registered, "registered", "The patient was registered and has a record number."),
        (Self::Identity, "identity", "What you changed about who this patient is was saved."),
        (Self::Marked, "marked", "The entry was marked as entered in error. It can be taken back."),
        (Self::Restored, "restored", "The mark was taken back: the entry counts again."),
        (Self::Moved, "moved", "The entry was moved to the other patient's chart. Both charts tell of it."),
        (
            Self::Signed,
            "signed",
            "The note was signed. It does not change any more; what is to be added goes into an addendum.",
        ),
        (Self::Cosigned, "cosigned", "The note was cosigned."),
        (Self::Diagnosis, "diagnosis", "The diagnosis was recorded."),
        (Self::Problem, "problem", "The problem was changed."),
        (Self::Promoted, "promoted", "The diagnosis stands on the problem list."),
        (Self::Resolved, "resolved", "The problem is resolved since today. Its status can be changed below."),
        (Self::Ranked, "ranked", "The diagnoses of the visit are in the new order."),
        (Self::Discarded, "discarded", "The draft was given up."),
        (Self::Reassigned, "reassigned", "The draft was handed over."),
        (Self::VisitStarted, "visit-started", "The visit was started."),
        (Self::VisitState, "visit-state", "The state of the visit was changed."),
        (Self::Roomed, "roomed", "What was measured and asked was saved in this visit."),
        (Self::Allergy, "allergy", "What is known of the allergies was saved."),
        (Self::History, "history", "The history was saved."),
        (Self::Reviewed, "reviewed", "That the section was gone through was saved, with your name and the time."),
        (Self::Preferences, "preferences", "Your settings were saved."),
        (Self::Password, "password", "Your password was changed."),
        (
            Self::NoteMoved,
            "note-moved",
            "The text is a draft of yours in this chart now: read it and sign it. Both charts tell of it.",
        ),
        (Self::Phrase, "phrase", "The phrase was saved: type a dot and its name in a note."),
        (Self::PhraseRemoved, "phrase-removed", "The phrase was taken away. Its versions are kept."),
        (Self::Template, "template", "What notes are begun from was changed."),
        (Self::Settings, "settings", "The practice's settings were saved."),
        (Self::Account, "account", "The account was changed."),
        (Self::TokenRevoked, "token-revoked", "The token was revoked: it lets nobody in any more."),
    ];

    fn slug(self) -> &'static str {
        Self::ALL.iter().find(|(said, ..)| *said == self).map_or("", |(_, slug, _)| slug)
    }

    /// The sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        Self::ALL.iter().find(|(said, ..)| *said == self).map_or("", |(.., words)| words)
    }

    /// What the browser carries.
    #[must_use]
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        let slug = Cookie::Said.read(headers)?;
        Self::ALL.iter().find(|(_, known, _)| *known == slug).map(|(said, ..)| *said)
    }
}

/// On to a page of ours, which says it.
#[must_use]
pub fn then(address: &str, said: Said) -> Response {
    let cookie = [(header::SET_COOKIE, Cookie::Said.set(said.slug()))];
    (AppendHeaders(cookie), Redirect::to(address)).into_response()
}

/// The sentence on its page, politely announced; nothing when there is nothing to say.
#[must_use]
pub fn view(said: Option<Said>) -> Markup {
    html! { @if let Some(said) = said { div class="notice ok said noprint" role="status" { p { (said.words()) } } } }
}

/// The layer that makes it be said once: the page that says it takes the cookie back.
pub async fn once(request: Request, next: Next) -> Response {
    let carried = request.method() == Method::GET && Cookie::Said.read(request.headers()).is_some();
    let mut response = next.run(request).await;
    let page =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if carried && page {
        response.headers_mut().append(header::SET_COOKIE, Cookie::Said.clear());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sentence_of_the_list_is_said() {
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, format!("{}={value}", Cookie::Said.name()).parse().expect("header"));
            Said::read(&headers)
        };
        for (said, slug, words) in Said::ALL {
            assert_eq!(with(slug), Some(said));
            assert!(view(Some(said)).into_string().contains(words) && words.ends_with('.'));
        }
        assert_eq!(with("<b>hello</b>"), None);
        assert_eq!(view(None).into_string(), "");
    }
}
