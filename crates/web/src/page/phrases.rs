//! Dot phrases: one's own, written by whoever writes notes, and the practice's, written by the manager. Both are the same pages, at two
//! addresses.

use crate::component::form::{Field, error_summary};
use crate::component::{layout, list, when};
use crate::form::Form;
use crate::said::{self, Said};
use crate::{App, PageError, Ui};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinic::note::live::PHRASES;
use clinic::note::phrase::{self, MOST_CHARS, Of, PhraseForm, Saying, Sayings};
use clinic::{Caller, Error, FieldError};
use maud::{Markup, html};
use serde::Deserialize;
use store::accounts::User;
use store::texts::KeptText;

/// What the form sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    name: String,
    text: String,
    version: u32,
    /// `yes` takes the phrase away.
    remove: String,
}

impl Typed {
    fn form(&self) -> PhraseForm {
        PhraseForm { name: self.name.clone(), text: self.text.clone(), version: self.version }
    }
}

fn home(of: Of) -> &'static str {
    match of {
        Of::Mine => "/phrases",
        Of::Practice => "/shared-phrases",
    }
}

fn title(of: Of) -> &'static str {
    match of {
        Of::Mine => "My phrases",
        Of::Practice => "Phrases of the practice",
    }
}

/// `GET /phrases`
pub async fn mine(State(app): State<App>, caller: Caller, ui: Ui) -> Result<Markup, PageError> {
    all(&app, &caller, &ui, Of::Mine).await
}

/// `GET /shared-phrases`
pub async fn shared(State(app): State<App>, caller: Caller, ui: Ui) -> Result<Markup, PageError> {
    all(&app, &caller, &ui, Of::Practice).await
}

async fn all(app: &App, caller: &Caller, ui: &Ui, of: Of) -> Result<Markup, PageError> {
    let sayings = Sayings::read(app.store.as_ref(), caller.actor.id).await?;
    Ok(view(ui, of, &sayings))
}

/// `GET /phrases/{name}`
pub async fn my_one(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(name): Path<String>,
) -> Result<Markup, PageError> {
    one(&app, &caller, &ui, (Of::Mine, &name)).await
}

/// `GET /shared-phrases/{name}`
pub async fn shared_one(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(name): Path<String>,
) -> Result<Markup, PageError> {
    one(&app, &caller, &ui, (Of::Practice, &name)).await
}

async fn one(app: &App, caller: &Caller, ui: &Ui, (of, name): (Of, &str)) -> Result<Markup, PageError> {
    let versions = phrase::versions(app.store.as_ref(), caller, of, name).await?;
    let users = app.store.users().await?;
    let newest = versions.first().ok_or_else(PageError::not_found)?;
    let (text, version) = (newest.text.clone().unwrap_or_default(), newest.version);
    let typed = Typed { name: name.to_owned(), text, version, remove: String::new() };
    Ok(one_view(ui, of, &typed, (&versions, &users), &[]))
}

/// `POST /phrases`
pub async fn save_mine(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    save(&app, &caller, &ui, Of::Mine, &typed).await
}

/// `POST /shared-phrases`
pub async fn save_shared(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    save(&app, &caller, &ui, Of::Practice, &typed).await
}

async fn save(app: &App, caller: &Caller, ui: &Ui, of: Of, typed: &Typed) -> Result<Response, PageError> {
    let store = app.store.as_ref();
    let done = match typed.remove.as_str() {
        "yes" => phrase::remove(store, caller, of, &typed.name, typed.version).await.map(|()| Said::PhraseRemoved),
        _ => phrase::keep(store, caller, of, &typed.form()).await.map(|_name| Said::Phrase),
    };
    let (status, errors) = match done {
        Ok(what) => return Ok(said::then(home(of), what)),
        Err(Error::Fields(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Err(Error::Stale) => {
            let problem =
                "This phrase was changed meanwhile, in another window perhaps: nothing was saved. Open it anew";
            (StatusCode::PRECONDITION_FAILED, vec![FieldError { field: "text", problem: problem.to_owned() }])
        }
        Err(other) => return Err(other.into()),
    };
    let versions = match phrase::versions(store, caller, of, &typed.name).await {
        Ok(versions) if typed.version > 0 => versions,
        _ => Vec::new(),
    };
    let users = store.users().await?;
    Ok((status, one_view(ui, of, typed, (&versions, &users), &errors)).into_response())
}

/// The list, with the form for a new one.
#[must_use]
pub fn view(ui: &Ui, of: Of, sayings: &Sayings) -> Markup {
    let (own, others): (&[Saying], &[Saying]) = match of {
        Of::Mine => (&sayings.own, &sayings.practice),
        Of::Practice => (&sayings.practice, &[]),
    };
    let rows: Vec<_> = own.iter().map(|saying| row(ui, saying, Some(home(of)))).collect();
    let shared: Vec<_> = others.iter().map(|saying| row(ui, saying, None)).collect();
    let empty = html! { p class="empty" { strong { "None yet." } " Write the first below." } };
    let live = PHRASES.iter().map(|phrase| {
        html! { tr { th scope="row" { "." (phrase.name) } td data-label="Brings" { (phrase.brings) } td {} } }
    });
    let live: Vec<_> = live.collect();
    let body = html! {
        main id="main" class="page" {
            header class="page-head" { h1 { (title(of)) } }
            p class="muted" {
                "In a note, type a dot and the name, then a space: the text comes in its place. "
                @match of {
                    Of::Mine => "Yours come before the practice's of the same name. The manager keeps those of the practice.",
                    Of::Practice => "Everybody who writes notes may use them. A phrase of somebody's own comes before one of the same name here.",
                }
            }
            (list::card(title(of), Some(rows.len() as u64), &COLUMNS, &rows, &empty))
            section class="card" aria-labelledby="new-title" {
                header { h2 id="new-title" { "New phrase" } }
                (form(ui, of, &Typed::default(), &[]))
            }
            (list::card_of_any("Of the practice", &COLUMNS, &shared))
            (list::card("Live values", None, &["Phrase", "Brings"], &live, &html! {}))
        }
    };
    layout::page(ui, title(of), None, &body)
}

const COLUMNS: [&str; 3] = ["Phrase", "Brings", "Changed"];

fn row(ui: &Ui, saying: &Saying, at: Option<&str>) -> Markup {
    let name = html! { "." (saying.name) };
    html! {
        tr {
            th scope="row" { @if let Some(at) = at { a href={ (at) "/" (saying.name) } { (name) } } @else { (name) } }
            td data-label="Brings" class="long" { (saying.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default()) @if saying.text.lines().count() > 1 { " …" } }
            td data-label="Changed" class="date" { (when::moment(saying.at, &ui.zone)) }
            td {}
        }
    }
}

fn form(ui: &Ui, of: Of, typed: &Typed, errors: &[FieldError]) -> Markup {
    let names: Vec<_> = PHRASES.iter().map(|phrase| format!(".{}", phrase.name)).collect();
    html! {
        form class="form" method="post" action=(home(of)) data-guard {
            (ui.csrf_field())
            input type="hidden" name="version" value=(typed.version);
            @if typed.version == 0 {
                (Field::text("name", "Name", &typed.name).hint("2 to 24 letters and digits, for example lungs: typed as .lungs").size("short").view(errors))
            } @else {
                input type="hidden" name="name" value=(typed.name);
            }
            div class="field long" {
                label for="text" { "Text " span class="req" { "required" } }
                p class="hint" id="text-hint" { "*** marks what is to be filled in: no note is signed with it. At the end of a line these bring the chart's values: " (names.join(" ")) }
                @for error in errors.iter().filter(|error| error.field == "text") { p class="error" id="text-error" { (error.problem) } }
                textarea id="text" name="text" rows="8" maxlength=(MOST_CHARS) required spellcheck="true" aria-describedby="text-hint" { "\n" (typed.text) }
            }
            div class="actions" { button class="btn primary" { "Save the phrase" } @if typed.version > 0 { a class="btn" href=(home(of)) { "Cancel" } } }
        }
    }
}

/// One phrase, with what it said before.
#[must_use]
fn one_view(
    ui: &Ui,
    of: Of,
    typed: &Typed,
    (versions, users): (&[KeptText], &[User]),
    errors: &[FieldError],
) -> Markup {
    let heading = if typed.version > 0 { format!("Phrase .{}", typed.name) } else { "New phrase".to_owned() };
    let body = html! {
        main id="main" class="page narrow" {
            header class="page-head" { h1 { (heading) } a class="btn" href=(home(of)) { (title(of)) } }
            (error_summary(errors))
            (form(ui, of, typed, errors))
            @if typed.version > 0 {
                (versions_view(ui, versions, users))
                details class="card more" {
                    summary { "Take it away…" }
                    form class="form" method="post" action=(home(of)) {
                        (ui.csrf_field())
                        input type="hidden" name="name" value=(typed.name);
                        input type="hidden" name="version" value=(typed.version);
                        input type="hidden" name="remove" value="yes";
                        p { "It cannot be typed any more. Notes keep what it brought, and its versions are kept." }
                        div class="actions" { button class="btn danger" { "Take ." (typed.name) " away" } }
                    }
                }
            }
        }
    };
    layout::page(ui, &heading, None, &body)
}

/// What a text said, version by version.
#[must_use]
pub fn versions_view(ui: &Ui, versions: &[KeptText], users: &[User]) -> Markup {
    let name = |kept: &KeptText| {
        users.iter().find(|user| user.id == kept.by).map_or("account unknown", |user| user.display_name.as_str())
    };
    html! {
        details class="card more" {
            summary { "Versions " span class="count" { (versions.len()) } }
            ol class="versions" {
                @for kept in versions {
                    li {
                        p { strong { "Version " (kept.version) } " " (when::moment(kept.at, &ui.zone)) " by " (name(kept)) }
                        p class="prose" { (kept.text.as_deref().unwrap_or("(taken away)")) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_text_and_stands_beside_what_is_wrong() {
        let typed = Typed { name: "lungs".into(), text: "<b>Clear</b>\n.vitls".into(), ..Typed::default() };
        let errors = [FieldError { field: "text", problem: "Text, line 2: .vitls is no live value".into() }];
        let page = one_view(&Ui::sample(), Of::Mine, &typed, (&[], &[]), &errors).into_string();
        assert!(page.contains("&lt;b&gt;Clear&lt;/b&gt;") && page.contains("id=\"text-error\""));
        let list = view(&Ui::sample(), Of::Mine, &Sayings::default()).into_string();
        assert!(list.contains(".vitals") && list.contains("action=\"/phrases\""));
    }
}
