//! What the signer saw: every entry that stood beside the note when it was signed, in the version it had then.

use crate::component::banner::{self, Place};
use crate::page::chart::ask::{self, View};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use clinic::Caller;
use clinic::note::proof;
use fhir::edit::note::{AUTHOR_SIGNATURE, COSIGNATURE};
use maud::{Markup, html};
use serde::Deserialize;

/// Whose signature is asked about.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// `cosigner`; the author otherwise.
    by: String,
}

/// `GET /patients/{id}/notes/{note}/seen`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, note)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &View::default())?;
    let cosigned = asked.by == "cosigner";
    let signature = if cosigned { COSIGNATURE } else { AUTHOR_SIGNATURE };
    let (loaded, seen) = proof::seen(&ask, &note, signature).await?;
    let title = if cosigned { "What the cosigner saw" } else { "What the signer saw" };
    let body = html! {
        main id="main" class="page" {
            header class="page-head" { h2 { (title) } }
            p class="muted" { "The chart beside the note as it was when " (seen.by) (if cosigned { " cosigned it, " } else { " signed it, " }) (seen.when) ". Each line is the version that stood then." }
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
    Ok(banner::page(&ui, &loaded.banner, Place { section: "notes", as_of: None }, title, &body))
}
