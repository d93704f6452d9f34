//! A signed note on paper, with who signed it and what was added.

use super::{Sheet, blank, file, section, tell_error};
use crate::page::chart::ask::{self, View};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use clinic::Caller;
use clinic::chart::print::PrintedNote;
use clinic::note::proof::Worth;
use paper::{Block, Paper, Size};

/// `GET /patients/{id}/notes/{note}/paper`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, note)): Path<(String, String)>,
    Query(sheet): Query<Sheet>,
) -> Result<impl IntoResponse, PageError> {
    let size = sheet.size(&ui)?;
    let ask = ask::of(&app, &caller, &ui, &id, &View::default())?;
    let note = ask.print_note(&note).await?;
    file(paper(&ui, size, &note), "note").await
}

fn paper(ui: &Ui, size: Size, note: &PrintedNote) -> Paper {
    let document = &note.document;
    let mut paper = blank(ui, size, &document.title, &note.loaded.banner);
    tell_error(&mut paper, document.entry.error.as_ref());
    let broken = note.proof.signatures.iter().any(|signature| signature.worth == Worth::Broken);
    if broken {
        paper.across = Some("Changed after signing".to_owned());
        let text = "This is not what was signed. Its text or its signature was changed past Chartroom.";
        paper.blocks.push(Block::Warning { text: text.to_owned() });
    }
    if let Some(awaits) = &note.proof.awaits {
        paper.across.get_or_insert_with(|| "Not cosigned yet".to_owned());
        let text = format!("Awaiting cosignature of {}. Its author signed it; it is not validated yet.", awaits.name);
        paper.blocks.push(Block::Warning { text });
    }
    let facts = [
        ("Date", document.when.as_ref().map(clinic::chart::When::full)),
        ("By", document.by.clone()),
        ("Type", document.kind.clone()),
        ("Status", document.status.clone()),
    ];
    let facts = facts.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?))).collect();
    paper.blocks.push(Block::Facts { facts });
    for (heading, text) in &note.sections {
        section(&mut paper, heading, vec![Block::text(text)]);
    }
    if note.sections.is_empty() {
        paper.blocks.push(Block::remark("This note has no content."));
    }
    for added in &note.proof.addenda {
        section(&mut paper, &format!("Addendum, {}, {}", added.by, added.when), vec![Block::text(&added.text)]);
    }
    section(&mut paper, "Signatures", signed(note));
    paper
}

fn signed(note: &PrintedNote) -> Vec<Block> {
    let lines = note.proof.signatures.iter().map(|signature| {
        let worth = match signature.worth {
            Worth::Holds => "unchanged since",
            Worth::Broken => "changed since",
        };
        let how = if signature.cosigned { "Cosigned" } else { "Signed" };
        format!("{how} by {}, {}; {worth}", signature.by, signature.when)
    });
    let points: Vec<_> = lines.collect();
    match points.is_empty() {
        true => vec![Block::text("Not signed in this practice.")],
        false => vec![Block::Points { points }],
    }
}
