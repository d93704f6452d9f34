//! Templates of notes, for the manager: those that ship, to be copied or hidden, and the practice's own.

use super::phrases::versions_view;
use crate::component::form::{Field, error_summary, needed};
use crate::component::{layout, list};
use crate::form::Form;
use crate::said::{self, Said};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinic::note::library::{self, Library, Own, Shipped, TemplateForm};
use clinic::note::live::PHRASES;
use clinic::note::{KINDS, Template};
use clinic::{Caller, Error, FieldError};
use maud::{Markup, html};
use serde::Deserialize;
use store::accounts::User;
use store::texts::KeptText;

/// What the form sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    /// Of a template that is changed; empty for a new one.
    slug: String,
    version: u32,
    title: String,
    kind: String,
    source: String,
    sections: String,
}

impl Typed {
    fn of(template: &Template, slug: &str, version: u32) -> Self {
        let TemplateForm { title, kind, source, sections } = TemplateForm::of(template);
        Self { slug: slug.to_owned(), version, title, kind, source, sections }
    }

    fn form(&self) -> TemplateForm {
        TemplateForm {
            title: self.title.clone(),
            kind: self.kind.clone(),
            source: self.source.clone(),
            sections: self.sections.clone(),
        }
    }
}

/// `GET /templates`
pub async fn show(State(app): State<App>, ui: Ui) -> Result<Markup, PageError> {
    Ok(view(&ui, &Library::read(app.store.as_ref()).await?))
}

/// Which template a new one is a copy of.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct CopyOf {
    copy: String,
}

/// `GET /templates/new`
pub async fn new(State(app): State<App>, ui: Ui, Query(of): Query<CopyOf>) -> Result<Markup, PageError> {
    let library = Library::read(app.store.as_ref()).await?;
    let shipped = library.shipped.iter().map(|shipped| &shipped.template);
    let copied = library.own.iter().map(|own| &own.template).chain(shipped).find(|template| template.slug == of.copy);
    let typed = match copied {
        Some(template) => Typed::of(template, "", 0),
        None => Typed { kind: "progress".to_owned(), sections: "## \n***\n".to_owned(), ..Typed::default() },
    };
    Ok(one_view(&ui, &typed, (&[], &[]), &[]))
}

/// `GET /templates/{template}`
pub async fn one(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(slug): Path<String>,
) -> Result<Markup, PageError> {
    let versions = library::versions(app.store.as_ref(), &caller, &slug).await?;
    let own = Library::read(app.store.as_ref()).await?.own;
    let own = own.iter().find(|own| own.template.slug == slug).ok_or_else(PageError::not_found)?;
    let users = app.store.users().await?;
    Ok(one_view(&ui, &Typed::of(&own.template, &slug, own.version), (&versions, &users), &[]))
}

/// `POST /templates`
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let store = app.store.as_ref();
    let changed = (!typed.slug.is_empty()).then_some((typed.slug.as_str(), typed.version));
    let (status, errors) = match library::keep(store, &caller, changed, &typed.form()).await {
        Ok(_) => return Ok(said::then("/templates", Said::Template)),
        Err(Error::Fields(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Err(Error::Stale) => {
            let problem = "This template was changed meanwhile: nothing was saved. Open it anew";
            (StatusCode::PRECONDITION_FAILED, vec![FieldError { field: "sections", problem: problem.to_owned() }])
        }
        Err(other) => return Err(other.into()),
    };
    Ok((status, one_view(&ui, &typed, (&[], &[]), &errors)).into_response())
}

/// What is done to a whole template.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Done {
    version: u32,
    /// `yes` hides a shipped one; anything else offers it again.
    hidden: String,
}

/// `POST /templates/{template}/hide`
pub async fn hide(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
    Form(done): Form<Done>,
) -> Result<Response, PageError> {
    library::hide(app.store.as_ref(), &caller, &slug, done.hidden == "yes", done.version).await?;
    Ok(said::then("/templates", Said::Template))
}

/// `POST /templates/{template}/remove`
pub async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
    Form(done): Form<Done>,
) -> Result<Response, PageError> {
    library::remove(app.store.as_ref(), &caller, &slug, done.version).await?;
    Ok(said::then("/templates", Said::Template))
}

/// The lists.
#[must_use]
pub fn view(ui: &Ui, library: &Library) -> Markup {
    let own: Vec<_> = library.own.iter().map(own_row).collect();
    let shipped: Vec<_> = library.shipped.iter().map(|shipped| shipped_row(ui, shipped)).collect();
    let empty = html! { p class="empty" { strong { "None yet." } " Copy one that ships, or write a new one." } };
    let body = html! {
        main id="main" class="page" {
            header class="page-head" { h1 { "Templates of notes" } div class="acts" { a class="btn primary" href="/templates/new" data-key="n" { "New template" } } }
            p class="muted" { "What notes are begun from. Those of the practice are offered first. One that ships stays as it is: copy it to change it, hide it if nobody is to use it." }
            (list::card("Of the practice", Some(own.len() as u64), &COLUMNS, &own, &empty))
            (list::card("Shipped with Chartroom", Some(shipped.len() as u64), &COLUMNS, &shipped, &html! {}))
        }
    };
    layout::page(ui, "Templates of notes", None, &body)
}

const COLUMNS: [&str; 3] = ["Template", "Sort of note", "Sections"];

fn cells(template: &Template) -> Markup {
    let sections: Vec<_> = template.sections.iter().map(|(heading, _)| heading.as_str()).collect();
    html! {
        td data-label="Sort of note" { (template.kind.words) }
        td data-label="Sections" class="long" { (sections.join(", ")) }
    }
}

fn copy(template: &Template) -> Markup {
    html! { a class="btn small" href={ "/templates/new?copy=" (template.slug) } { "Copy" span class="vh" { " " (template.title) } } }
}

fn own_row(own: &Own) -> Markup {
    let template = &own.template;
    html! {
        tr {
            th scope="row" { a href={ "/templates/" (template.slug) } { (template.title) } }
            (cells(template))
            td class="acts" { (copy(template)) }
        }
    }
}

fn shipped_row(ui: &Ui, shipped: &Shipped) -> Markup {
    let Shipped { template, hidden, version } = shipped;
    html! {
        tr class=[hidden.then_some("stopped")] {
            th scope="row" { (template.title) @if *hidden { " " span class="chip quiet" { "Hidden" } } }
            (cells(template))
            td class="acts" {
                @if template.kind.slug != "addendum" {
                    form class="line" method="post" action={ "/templates/" (template.slug) "/hide" } {
                        (ui.csrf_field())
                        input type="hidden" name="version" value=(version);
                        input type="hidden" name="hidden" value=(if *hidden { "no" } else { "yes" });
                        (copy(template))
                        button class="btn small" { (if *hidden { "Offer again" } else { "Hide" }) span class="vh" { " " (template.title) } }
                    }
                }
            }
        }
    }
}

/// One template.
#[must_use]
fn one_view(ui: &Ui, typed: &Typed, (versions, users): (&[KeptText], &[User]), errors: &[FieldError]) -> Markup {
    let new = typed.slug.is_empty();
    let heading = if new { "New template" } else { typed.title.as_str() };
    let kinds: Vec<_> =
        KINDS.iter().filter(|kind| kind.slug != "addendum").map(|kind| (kind.slug, kind.words)).collect();
    let names: Vec<_> = PHRASES.iter().map(|phrase| format!(".{}", phrase.name)).collect();
    let body = html! {
        main id="main" class="page narrow" {
            header class="page-head" { h1 { (heading) } a class="btn" href="/templates" { "Templates" } }
            (error_summary(errors))
            form class="form" method="post" action="/templates" data-guard {
                (ui.csrf_field())
                input type="hidden" name="slug" value=(typed.slug);
                input type="hidden" name="version" value=(typed.version);
                (Field::text("title", "Title", &typed.title).hint("It becomes the note's title").size("long").view(errors))
                (needed("kind", "Sort of note", &typed.kind, &kinds, errors))
                (Field::text("source", "Source", &typed.source).optional().hint("Where its checklist comes from").size("long").view(errors))
                div class="field long" {
                    label for="sections" { "Sections " span class="req" { "required" } }
                    p class="hint" id="sections-hint" { "Each begins with a line such as ## Plan; the lines below it stand in the section to begin with. *** marks a field to be filled in: no note is signed with it. At the end of a line these bring the chart's values: " (names.join(" ")) }
                    @for error in errors.iter().filter(|error| error.field == "sections") { p class="error" id="sections-error" { (error.problem) } }
                    textarea id="sections" name="sections" rows="22" required spellcheck="true" aria-describedby="sections-hint" { "\n" (typed.sections) }
                }
                div class="actions" { button class="btn primary" { "Save the template" } a class="btn" href="/templates" { "Cancel" } }
            }
            @if !versions.is_empty() {
                (versions_view(ui, versions, users))
                details class="card more" {
                    summary { "Take it away…" }
                    form class="form" method="post" action={ "/templates/" (typed.slug) "/remove" } {
                        (ui.csrf_field())
                        input type="hidden" name="version" value=(typed.version);
                        p { "No note is begun from it any more. Notes that were stay as they are, and its versions are kept." }
                        div class="actions" { button class="btn danger" { "Take this template away" } }
                    }
                }
            }
        }
    };
    layout::page(ui, heading, None, &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shipped_template_is_copied_whole_and_what_is_wrong_stands_beside_it() {
        let typed = Typed { title: "Foot check".into(), sections: "Feet".into(), ..Typed::default() };
        let errors = [FieldError { field: "sections", problem: "Sections, line 1: begin with a heading".into() }];
        let page = one_view(&Ui::sample(), &typed, (&[], &[]), &errors).into_string();
        assert!(page.contains("id=\"sections-error\"") && page.contains("New template") && !page.contains("/remove"));
        let template = clinic::note::templates().remove(0);
        let page = one_view(&Ui::sample(), &Typed::of(&template, "", 0), (&[], &[]), &[]).into_string();
        assert!(template.sections.iter().all(|(heading, _)| page.contains(&format!("## {heading}"))));
    }
}
