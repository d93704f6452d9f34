//! The workspace of a note: its sections on the left, the chart beside them, what is saved and the signature at the foot.

use super::{address, named};
use crate::component::banner::{self, Place};
use crate::component::form::error_summary;
use crate::component::show;
use crate::page::chart::ask::{self, View};
use crate::page::chart::summary;
use crate::{App, PageError, Ui};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use clinic::chart::banner::Banner;
use clinic::chart::summary::Summary;
use clinic::diagnosis::{self, Carried};
use clinic::note::live::PHRASES;
use clinic::note::phrase::Sayings;
use clinic::note::signing::{Seen, copied_share, section_share};
use clinic::note::{self, NoteKind, supervision};
use clinic::{Action, Caller, FieldError};
use maud::{Markup, html};
use store::draft::{Draft, DraftSection, DraftState, Elsewhere};

/// `GET /patients/{id}/drafts/{draft}`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, draft)): Path<(String, String)>,
) -> Result<Response, PageError> {
    Ok(page(&app, &caller, &ui, (&id, &draft), &[]).await?.into_response())
}

/// The page, or the signed note where it has become one.
pub(super) async fn page(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    (id, draft): (&str, &str),
    errors: &[FieldError],
) -> Result<Response, PageError> {
    let (patient, draft) = named(id, draft)?;
    let ask = ask::of(app, caller, ui, id, &View::default())?;
    let draft = note::draft(app.store.as_ref(), caller, &patient, draft).await?;
    let visit = draft.for_decision().visit.clone();
    let carried = diagnosis::carried(app.store.as_ref(), caller, &patient, visit.as_deref()).await?;
    let read = draft.zip(carried).zip(ask.find_summary().await?);
    let ((draft, carried), (loaded, summary)) = ask.release(read, "draft").await?;
    if draft.is_signed() {
        return Ok(Redirect::to(&format!("/patients/{patient}/notes/{}", draft.id)).into_response());
    }
    let seen = Seen::of(&loaded, &summary).carrying(&carried).mark();
    let mine = draft.author == caller.actor.id;
    let (cosigner, sayings) = aids(app, caller, &draft).await?;
    let shown = Workspace {
        draft: &draft,
        summary: &summary,
        carried: &carried,
        seen: &seen,
        sayings: &sayings,
        mine,
        cosigner: cosigner.as_deref(),
        errors,
    };
    let body = view(ui, &loaded.banner, &shown);
    Ok(banner::page(ui, &loaded.banner, Place { section: "notes", as_of: None }, &draft.title, &body).into_response())
}

/// What a page on which a draft is written needs besides it: who is to cosign it, and what may be typed.
pub async fn aids(app: &App, caller: &Caller, draft: &Draft) -> Result<(Option<String>, Sayings), PageError> {
    let cosigner = match draft.author == caller.actor.id {
        true => supervision::cosigner_of(app.store.as_ref(), draft.author).await?,
        false => None,
    };
    let sayings = Sayings::read(app.store.as_ref(), caller.actor.id).await?;
    Ok((cosigner.map(|user| user.display_name), sayings))
}

/// What the workspace shows.
pub struct Workspace<'a> {
    /// The draft.
    pub draft: &'a Draft,
    /// The chart beside it.
    pub summary: &'a Summary,
    /// The diagnoses of its visit.
    pub carried: &'a [Carried],
    /// What tells that chart from another one.
    pub seen: &'a str,
    /// What may be typed beside the live phrases.
    pub sayings: &'a Sayings,
    /// Whether it is the reader's own.
    pub mine: bool,
    /// Who is to cosign it once it is signed.
    pub cosigner: Option<&'a str>,
    /// What keeps it from being signed.
    pub errors: &'a [FieldError],
}

/// The page.
#[must_use]
pub fn view(ui: &Ui, banner: &Banner, shown: &Workspace<'_>) -> Markup {
    let Workspace { draft, mine, errors, .. } = shown;
    let open = draft.state == DraftState::Open;
    html! {
        main id="main" class="grid workspace" {
            header class="page-head span-12" {
                h2 { (draft.title) " " span class="chip warn" { (state_words(draft)) } }
                @if let Some(visit) = &draft.visit { div class="acts noprint" {
                    a class="btn" href={ "/visits/" (visit) } { "The visit" }
                    @if open && ui.may(Action::WriteClinical) { a class="btn" href={ "/patients/" (banner.id) "/problems/new?visit=" (visit) } { "Add diagnosis" } }
                } }
            }
            (error_summary(errors))
            (ends(draft.origin.as_ref(), draft.moved.as_ref()))
            (writing(ui, (draft, shown.sayings), "note span-8 stack", true))
            aside class="span-4 stack" aria-label="The chart beside the note" {
                (diagnoses(draft, shown.carried))
                (beside(banner, shown.summary))
                @if open { (known(shown.sayings)) }
            }
            @if open { (foot(ui, banner, (draft, shown.seen), *mine, shown.cosigner)) }
        }
    }
}

/// What is typed into. `focus`: whether its first section has the focus when the page opens.
#[must_use]
pub fn writing(ui: &Ui, (draft, sayings): (&Draft, &Sayings), classes: &str, focus: bool) -> Markup {
    let open = draft.state == DraftState::Open;
    html! {
        form class=(classes) id="note" data-note=(draft.id) data-address=(address(&draft.patient, draft.id))
            data-patient=(draft.patient) data-name=(ui.display_name) data-phrases=(sayings.names().join(" ")) data-writable=[(open).then_some("")] {
            @for (place, section) in draft.sections.iter().enumerate() { (section_view(section, draft, focus && open && place == 0)) }
            noscript { p class="notice warn" { "Writing here needs JavaScript: without it nothing typed could be kept safe." } }
        }
    }
}

fn state_words(draft: &Draft) -> &'static str {
    match (draft.state, &draft.moved) {
        (DraftState::Open, _) => "Draft, not signed",
        (_, Some(_)) => "Moved to another patient’s chart",
        (_, None) => "Given up",
    }
}

/// Where its text came from or went, when it was written in the wrong chart. The other patient is linked, not named.
pub(super) fn ends(origin: Option<&Elsewhere>, moved: Option<&Elsewhere>) -> Markup {
    let told = |end: &Elsewhere, words: &str, link: &str| {
        html! {
            div class="notice span-12" {
                p { (words) " by " (end.by) ": " (end.why) ". " a class="noprint" href=(address(&end.patient, end.note)) { (link) } }
            }
        }
    };
    html! {
        @if let Some(origin) = origin { (told(origin, "Written in another patient’s chart and moved here", "Open what is kept of it there")) }
        @if let Some(moved) = moved { (told(moved, "Written here by mistake and moved to another patient’s chart", "Open it there")) }
    }
}

fn section_view(section: &DraftSection, draft: &Draft, focus: bool) -> Markup {
    let open = draft.state == DraftState::Open;
    let DraftSection { name, title, stands, aside, copied } = section;
    let rows = stands.text.lines().count().clamp(3, 24);
    html! {
        section class="card note-section" aria-labelledby={ "title-" (name) } data-section=(name) data-revision=(stands.revision) {
            header { h2 id={ "title-" (name) } { (title) } p class="muted said" { @if stands.revision > 0 { (stands.name) } } }
            textarea id={ "text-" (name) } aria-labelledby={ "title-" (name) } rows=(rows) spellcheck="true" autocapitalize="sentences"
                autofocus[focus] readonly[!open] { "\n" (stands.text) }
            @if let Some(copied) = copied {
                p class="notice info copied" hidden[section_share(section).0 == 0] {
                    @if draft.origin.is_some() { "Moved here from another patient’s chart: marked until edited." }
                    @else { "Copied from the note of " (copied.day) ": marked until edited." }
                }
            }
            @for other in aside {
                div class="notice warn aside" data-aside=(other.revision) {
                    p { strong { "Also typed here by " (other.name) "." } " Both texts are kept until you say which the section is to have." }
                    p class="prose" { (other.text) }
                    div class="actions" {
                        button class="btn small" type="button" data-take="theirs" { "Take this text" }
                        button class="btn small" type="button" data-take="both" { "Put both together" }
                        button class="btn small" type="button" data-take="mine" { "Keep the text above" }
                    }
                }
            }
        }
    }
}

/// What the note carries beside its text.
fn diagnoses(draft: &Draft, carried: &[Carried]) -> Markup {
    html! {
        @if let Some(visit) = &draft.visit {
            section class="card" aria-labelledby="beside-diagnoses" {
                header { h2 id="beside-diagnoses" { "Diagnoses of the visit " span class="count" { (carried.len()) } } a href={ "/visits/" (visit) "#diagnoses" } { "Change" } }
                @if carried.is_empty() { p class="empty" { strong { "None recorded in this visit." } } }
                @else { ol class="rows" { @for one in carried { li { span class="lead" { (one.words) } } } } }
            }
        }
    }
}

/// What is read while writing: what must not be given, medicines, problems, results.
#[must_use]
pub fn beside(banner: &Banner, summary: &Summary) -> Markup {
    let link = |section: &str| banner::path(banner.id.as_str(), section, None);
    html! {
        (summary::withheld(summary))
        section class="card" aria-labelledby="beside-medicines" {
            header { h2 id="beside-medicines" { "Medicines " span class="count" { (summary.medicines.active.len()) } } a href=(link("medicines")) { "All" } }
            (summary::medicines(summary))
        }
        section class="card" aria-labelledby="beside-problems" {
            header { h2 id="beside-problems" { "Problems " span class="count" { (summary.problems.active.len()) } } a href=(link("problems")) { "All" } }
            (summary::problems(summary))
        }
        section class="card" aria-labelledby="beside-measures" {
            header { h2 id="beside-measures" { "Vitals and results" } a href=(link("results")) { "All" } }
            ul class="rows" {
                @for (line, newest) in summary.measures.iter().filter_map(|line| Some((line, line.readings.first()?))) {
                    li { span { (line.name) } " " span class="lead" { (summary::value(newest)) } span class="end" { (show::date(newest.when.as_ref())) } }
                }
            }
            @if summary.measures.iter().all(|line| line.readings.is_empty()) { (show::none("No vitals or results recorded.")) }
        }
        @if let Some(last) = summary.documents.iter().find(|document| document.note) {
            section class="card" aria-labelledby="beside-last" {
                header { h2 id="beside-last" { "Last note" } a href=(link("notes")) { "All" } }
                ul class="rows" { li {
                    a class="lead" href={ (link("documents")) "/" (last.entry.key.id) } { (last.title) }
                    @if let Some(by) = &last.by { " " span class="muted" { (by) } }
                    span class="end" { (show::date(last.when.as_ref())) }
                } }
            }
        }
    }
}

/// What may be typed.
fn known(sayings: &Sayings) -> Markup {
    let first = |text: &str| text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned();
    let own = sayings.own.iter();
    let shared = sayings.practice.iter().filter(|shared| !sayings.own.iter().any(|own| own.name == shared.name));
    html! {
        details class="card more" {
            summary { "Phrases: type one, then a space" }
            dl class="details single" {
                @for saying in own.chain(shared) { div { dt { "." (saying.name) } dd { (first(&saying.text)) } } }
                @for phrase in &PHRASES { div { dt { "." (phrase.name) } dd { (phrase.brings) } } }
            }
            p class="pad" { a href="/phrases" { "My phrases" } }
        }
    }
}

/// How much of a draft is as it was copied; nothing where nothing is.
pub(super) fn still_copied(draft: &Draft) -> String {
    match copied_share(draft) {
        (0, _) => String::new(),
        (copied, all) => format!("{copied} of {all} lines are as they were copied"),
    }
}

/// What is saved, and the signature. `seen` is the mark of the chart beside the note; `cosigner`, who is to cosign it then.
#[must_use]
pub fn foot(ui: &Ui, banner: &Banner, (draft, seen): (&Draft, &str), mine: bool, cosigner: Option<&str>) -> Markup {
    let may_sign = mine && NoteKind::of(&draft.kind).is_some_and(|kind| kind.may_sign(Some(ui.role)));
    let here = address(&draft.patient, draft.id);
    html! {
        div class="note-foot span-12 noprint" {
            p id="saved" role="status" { "Saved" }
            p class="muted" id="copied" { (still_copied(draft)) }
            @if let Some(cosigner) = cosigner { p class="muted" { (cosigner) " cosigns it after you" } }
            div class="actions" {
                @if mine {
                    a class="btn quiet" href={ (here) "/move" } { "Wrong patient" }
                    form method="post" action={ (here) "/discard" } { (ui.csrf_field()) input type="hidden" name="patient" value=(banner.id);
                        details class="menu up" { summary class="btn quiet" { "Give up" } div { p { "The draft leaves the lists; its text stays in the practice's keeping." } button class="btn danger" { "Give this draft up" } } } }
                }
                @if may_sign {
                    form method="post" action={ (here) "/sign" } id="sign" {
                        (ui.csrf_field())
                        input type="hidden" name="patient" value=(banner.id);
                        input type="hidden" name="version" value=(banner.version);
                        input type="hidden" name="seen" value=(seen);
                        input type="hidden" name="revisions" value="";
                        button class="btn primary" data-key="Ctrl Enter" { "Sign note for " (banner.name) }
                    }
                } @else if mine {
                    p class="muted" { "A clinician signs this sort of note." }
                } @else {
                    p class="muted" { "Only its author signs it. What you type here is kept under your name." }
                }
            }
        }
    }
}
