//! What the signer saw: every entry that stood beside the note when it was signed, in the version it had then.

use crate::component::banner::{self, Place};
use crate::page::chart::ask::{self, View};
use crate::{App, PageError, Ui};
use axum::extract::{Path, State};
use clinic::Caller;
use clinic::note::proof;
use maud::{Markup, html};

/// `GET /patients/{id}/notes/{note}/seen`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, note)): Path<(String, String)>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &View::default())?;
    let (loaded, seen) = proof::seen(&ask, &note).await?;
    let body = html! {
        main id="main" class="page" {
            header class="page-head" { h2 { "What the signer saw" } }
            p class="muted" { "The chart beside the note as it was when " (seen.by) " signed it, " (seen.when) ". Each line is the version that stood then." }
            @for (kind, lines) in &seen.entries {
                section class="card" {
                    header { h2 { (kind) " " span class="count" { (lines.len()) } } }
                    ul class="rows" {
                        @for line in lines {
                            li { a class="lead" href={ "/patients/" (loaded.banner.id) "/changes/" (line.key.kind) "/" (line.key.id) } { (line.words) }
                                @if line.changed { " " span class="chip info" { "Changed since" } }
                                @if let Some(detail) = &line.detail { " " span class="muted" { (detail) } } }
                        }
                    }
                }
            }
        }
    };
    Ok(banner::page(&ui, &loaded.banner, Place { section: "notes", as_of: None }, "What the signer saw", &body))
}
