//! What is typed, kept: answered with what stands now, so that a window learns what others typed. And live phrases, filled in.

use super::editor::still_copied;
use super::{named, posted, reason, revisions};
use crate::form::Form;
use crate::page::chart::ask::{self, View};
use crate::{App, PageError, Ui};
use axum::Json;
use axum::extract::{Path, State};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clinic::Caller;
use clinic::note::live::Live;
use clinic::note::phrase::Sayings;
use clinic::note::signing::section_share;
use clinic::note::{self, Typed};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use store::draft::{Draft, DraftSection, Kept, SaveText, SavedText};
use uuid::Uuid;

/// What a window sends: a section's text, or (without one) only what it knows, to learn what others typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    patient: String,
    section: String,
    based_on: u32,
    text: String,
    window: String,
    step: u32,
    /// Revisions aside that this text settles, separated by spaces.
    settles: String,
    /// What the window knows of each section: `name revision`, separated by commas.
    knows: String,
    /// What the window says of how much is as it was copied.
    copied: String,
}

/// What it is told.
#[derive(Debug, Serialize)]
pub struct Told {
    /// `done`, `aside`, or `nothing` when nothing was sent.
    kept: &'static str,
    /// The revision kept.
    revision: u32,
    /// Sections that are not as the window knows them.
    sections: Vec<Section>,
    /// How much is as it was copied, where the window says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    copied: Option<Copies>,
}

/// How much of a draft is as it was copied.
#[derive(Debug, Serialize)]
pub struct Copies {
    /// In words.
    words: String,
    /// The sections in which anything is.
    sections: Vec<String>,
}

impl Copies {
    fn of(draft: &Draft) -> Self {
        let marked = draft.sections.iter().filter(|section| section_share(section).0 > 0);
        Self { words: still_copied(draft), sections: marked.map(|section| section.name.clone()).collect() }
    }
}

/// A section as it stands.
#[derive(Debug, Serialize)]
pub struct Section {
    name: String,
    revision: u32,
    text: String,
    by: String,
    aside: Vec<Aside>,
}

/// A text aside.
#[derive(Debug, Serialize)]
pub struct Aside {
    revision: u32,
    text: String,
    by: String,
    mine: bool,
}

/// `POST /patients/{id}/drafts/{draft}`
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, draft)): Path<(String, String)>,
    Form(sent): Form<Sent>,
) -> Result<Json<Told>, PageError> {
    let (patient, draft) = posted(&id, &draft, &sent.patient)?;
    let knows: Knows = revisions(&sent.knows).collect();
    let window = Uuid::try_parse(&sent.window).map_err(|_| PageError::bad_form())?;
    let mut told = Told { kept: "nothing", revision: 0, sections: Vec::new(), copied: None };
    if !sent.section.is_empty() {
        let text = SaveText {
            section: sent.section,
            based_on: sent.based_on,
            text: sent.text.replace("\r\n", "\n"),
            window,
            step: sent.step,
            settles: sent.settles.split_whitespace().filter_map(|revision| revision.parse().ok()).collect(),
            name: ui.display_name.clone(),
        };
        (told.kept, told.revision) =
            match note::save(app.store.as_ref(), &caller, Typed { patient: patient.clone(), id: draft, text }).await? {
                Kept::Done(revision) => ("done", revision),
                Kept::Aside(revision) => ("aside", revision),
            };
    }
    let sealed = note::draft(app.store.as_ref(), &caller, &patient, draft).await?;
    let copies = still_copied(sealed.for_decision()) != sent.copied;
    if copies || sealed.for_decision().sections.iter().any(|section| is_news(section, &knows)) {
        let ask = ask::of(&app, &caller, &ui, &id, &View::default())?;
        let draft = ask.release(sealed, "draft").await?;
        told.sections = changed(&draft, &knows, caller.actor.id);
        told.copied = copies.then(|| Copies::of(&draft));
    }
    Ok(Json(told))
}

/// The revision of each section that a window knows.
type Knows = HashMap<String, u32>;

/// Whether a window is to be told of a section: it stands otherwise than the window knows, or holds texts to be settled.
fn is_news(section: &DraftSection, knows: &Knows) -> bool {
    knows.get(&section.name) != Some(&section.stands.revision) || !section.aside.is_empty()
}

fn changed(draft: &Draft, knows: &Knows, me: Uuid) -> Vec<Section> {
    let aside = |text: &SavedText| Aside {
        revision: text.revision,
        text: text.text.clone(),
        by: text.name.clone(),
        mine: text.by == me,
    };
    draft
        .sections
        .iter()
        .filter(|section| is_news(section, knows))
        .map(|section| Section {
            name: section.name.clone(),
            revision: section.stands.revision,
            text: section.stands.text.clone(),
            by: section.stands.name.clone(),
            aside: section.aside.iter().map(aside).collect(),
        })
        .collect()
}

/// Which phrase.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    phrase: String,
}

/// Its words.
#[derive(Debug, Serialize)]
pub struct Words {
    text: String,
}

/// `POST /patients/{id}/drafts/{draft}/phrase`
pub async fn phrase(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, draft)): Path<(String, String)>,
    Form(asked): Form<Asked>,
) -> Result<Json<Words>, PageError> {
    let (patient, draft) = named(&id, &draft)?;
    let ask = ask::of(&app, &caller, &ui, &id, &View::default())?;
    let visit = note::draft(app.store.as_ref(), &caller, &patient, draft).await?.for_decision().visit.clone();
    let (loaded, summary) = ask.summary().await?;
    let reason = reason(&ask, &summary, visit.as_deref()).await?;
    let clock = ask.clock();
    let live =
        Live { banner: &loaded.banner, summary: &summary, reason: reason.as_deref(), clock: &clock, now: caller.at };
    let text = match live.words(&asked.phrase) {
        Some(text) => text,
        None => {
            let sayings = Sayings::read(app.store.as_ref(), caller.actor.id).await?;
            live.fill(&sayings.named(&asked.phrase).ok_or_else(PageError::not_found)?.text)
        }
    };
    Ok(Json(Words { text }))
}

/// `POST /journal-key`: what this user's browsers seal their unsaved typing with. Only a signed-in session of that user is given it.
pub async fn journal_key(State(app): State<App>, caller: Caller) -> Json<JournalKey> {
    let key = app.store.note_keys().journal(caller.actor.id);
    Json(JournalKey { user: caller.actor.id, key: STANDARD.encode(key) })
}

/// The key, in base64.
#[derive(Serialize)]
pub struct JournalKey {
    user: Uuid,
    key: String,
}
