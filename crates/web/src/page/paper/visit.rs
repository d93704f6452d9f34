//! The visit summary: what a patient takes home.

use super::{Sheet, blank, file, section, tell_error, value};
use crate::page::chart::ask::{self, View};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use clinic::Caller;
use clinic::chart::When;
use clinic::chart::banner::AllergyLine;
use clinic::chart::medicine::Medicine;
use clinic::chart::print::PrintedVisit;
use clinic::chart::problem::Problem;
use clinic::chart::result::Observed;
use clinic::chart::visit::Line;
use paper::{Block, Paper, Size};

/// `GET /visits/{visit}/paper`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(visit): Path<String>,
    Query(sheet): Query<Sheet>,
) -> Result<impl IntoResponse, PageError> {
    let size = sheet.size(&ui)?;
    let patient = clinic::chart::visit::patient_of(app.store.as_ref(), &caller, &visit).await?;
    let ask = ask::of(&app, &caller, &ui, patient.as_str(), &View::default())?;
    let visit = ask.print_visit(&visit).await?;
    file(paper(&ui, size, &visit), "visit-summary").await
}

fn paper(ui: &Ui, size: Size, printed: &PrintedVisit) -> Paper {
    let PrintedVisit { loaded, visit, content, .. } = printed;
    let mut paper = blank(ui, size, "Visit summary", &loaded.banner);
    tell_error(&mut paper, visit.entry.error.as_ref());
    let facts = [
        ("Date", visit.when.as_ref().map(When::full)),
        ("Kind of visit", visit.kind.clone().or_else(|| Some(visit.class.clone()))),
        ("With", visit.with.clone()),
        ("Where", visit.place.clone()),
        ("Why you came", visit.reason.clone()),
    ];
    let facts = facts.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?))).collect();
    paper.blocks.push(Block::Facts { facts });
    let diagnoses = content.diagnoses.iter().filter(|diagnosis| diagnosis.counts).map(|diagnosis| &diagnosis.problem);
    points(&mut paper, "Diagnoses of this visit", diagnoses.map(diagnosed).collect());
    listed(&mut paper, "Done in this visit", &content.procedures);
    listed(&mut paper, "Vaccines", &content.shots);
    for (heading, text) in &printed.advice {
        section(&mut paper, heading, vec![Block::text(text)]);
    }
    section(&mut paper, "Your medicines", medicines(printed));
    section(&mut paper, "Your allergies", allergies(printed));
    let (vitals, results): (Vec<_>, Vec<_>) = content
        .observations
        .iter()
        .rev()
        .partition(|reading| reading.categories.iter().any(|known| known == "vital-signs"));
    measured(&mut paper, "Measurements", &vitals);
    measured(&mut paper, "Results", &results);
    listed(&mut paper, "Reports", &content.reports);
    paper.blocks.push(Block::remark(
        "This is what the practice has on record. Tell us if anything is missing or wrong. In an emergency call your local emergency number.",
    ));
    paper
}

/// A diagnosis in words, with how sure it is where it is not.
fn diagnosed(problem: &Problem) -> String {
    match &problem.certainty {
        Some(certainty) => format!("{} ({})", problem.words, certainty.to_lowercase()),
        None => problem.words.clone(),
    }
}

/// Lines of the visit that stand.
fn listed(paper: &mut Paper, heading: &str, lines: &[Line]) {
    let words = |line: &Line| match &line.detail {
        Some(more) => format!("{}: {more}", line.words),
        None => line.words.clone(),
    };
    points(paper, heading, lines.iter().filter(|line| line.entry.error.is_none()).map(words).collect());
}

fn points(paper: &mut Paper, heading: &str, points: Vec<String>) {
    if !points.is_empty() {
        section(paper, heading, vec![Block::Points { points }]);
    }
}

fn measured(paper: &mut Paper, heading: &str, readings: &[&Observed]) {
    let row = |reading: &&Observed| {
        vec![reading.main.name.clone(), value(reading), reading.main.range.clone().unwrap_or_default()]
    };
    let rows: Vec<_> = readings.iter().filter(|reading| reading.counts()).map(row).collect();
    if !rows.is_empty() {
        section(paper, heading, vec![table(&[("Measure", 3), ("Value", 3), ("Usual", 3)], rows)]);
    }
}

fn table(columns: &[(&str, u8)], rows: Vec<Vec<String>>) -> Block {
    Block::Table { columns: columns.iter().map(|(name, share)| ((*name).to_owned(), *share)).collect(), rows }
}

fn medicines(printed: &PrintedVisit) -> Vec<Block> {
    let row = |medicine: &Medicine| {
        let how = medicine.sig.clone().unwrap_or_else(|| "directions not recorded".to_owned());
        vec![medicine.name.clone(), how, medicine.reason.clone().unwrap_or_default()]
    };
    let all = &printed.medicines;
    let rows: Vec<_> = all.active.iter().map(row).collect();
    let mut blocks = Vec::new();
    if rows.is_empty() {
        blocks.push(Block::text("No medicine is recorded as being taken."));
    } else {
        blocks.push(table(&[("Medicine", 3), ("How to take it", 4), ("What for", 2)], rows));
    }
    // What is neither taken nor stopped must not be left out in silence.
    for (heading, list) in [
        ("On hold, do not take until told", &all.held),
        ("The planned time of these is over; ask whether to go on", &all.ended),
        ("Recorded, but not whether you take them; ask", &all.unclear),
    ] {
        if !list.is_empty() {
            let names: Vec<_> = list.iter().map(|medicine| medicine.name.clone()).collect();
            blocks.push(Block::text(format!("{heading}: {}.", names.join(", "))));
        }
    }
    blocks
}

fn allergies(printed: &PrintedVisit) -> Vec<Block> {
    match &printed.loaded.banner.allergies {
        Some(AllergyLine::Listed(lines)) => vec![Block::Points { points: lines.clone() }],
        Some(AllergyLine::None(words)) => vec![Block::text(words)],
        Some(AllergyLine::NotAsked) | None => {
            vec![Block::text(
                "You have not been asked about allergies yet. Tell us of any, before you take a new medicine.",
            )]
        }
    }
}
