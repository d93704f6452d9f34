//! The visit summary: what a patient takes home.

use super::{Sheet, blank, file, section, tell_error, value};
use crate::page::chart::ask::{self, View};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use clinic::Caller;
use clinic::chart::When;
use clinic::chart::advice::Advice;
use clinic::chart::banner::AllergyLine;
use clinic::chart::medicine::Medicine;
use clinic::chart::print::PrintedVisit;
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
        ("Status", (visit.state != Some(clinic::visit::State::Finished)).then(|| visit.status.clone())),
        ("Why you came", visit.reason.clone()),
    ];
    let facts = facts.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?))).collect();
    paper.blocks.push(Block::Facts { facts });
    let diagnoses = content.diagnoses.iter().filter(|diagnosis| diagnosis.counts).map(|diagnosis| &diagnosis.problem);
    points(&mut paper, "Diagnoses of this visit", diagnoses.map(|problem| problem.stated(false)).collect());
    let (done, not): (Vec<_>, Vec<_>) = content.procedures.iter().partition(|line| line.done);
    listed(&mut paper, "Done in this visit", &done);
    listed(&mut paper, "Not done, or not finished", &not);
    let (given, not): (Vec<_>, Vec<_>) = content.shots.iter().partition(|line| line.done);
    listed(&mut paper, "Vaccines", &given);
    listed(&mut paper, "Vaccines not given", &not);
    printed.advice.iter().for_each(|advice| advised(&mut paper, advice));
    section(&mut paper, "Your medicines", medicines(printed));
    section(&mut paper, "Your allergies", allergies(printed));
    let of = |categories: &[&str]| -> Vec<&Observed> {
        let readings = content.observations.iter().rev();
        readings.filter(|reading| reading.counts() && reading.is_of(categories) && !reading.is_of(&TOLD)).collect()
    };
    measured(&mut paper, "Measurements", &of(&MEASURED));
    measured(&mut paper, "Results", &of(&FOUND));
    listed(&mut paper, "Reports", &content.reports.iter().collect::<Vec<_>>());
    paper.blocks.push(Block::remark(
        "This is what the practice has on record. Tell us if anything is missing or wrong. In an emergency call your local emergency number.",
    ));
    paper
}

/// What a note advises, and what was added to it since: nobody goes home with advice that was mended later.
fn advised(paper: &mut Paper, advice: &Advice) {
    for (heading, text) in &advice.sections {
        section(paper, heading, vec![Block::text(text)]);
    }
    let uncosigned = |awaits: &Option<String>| awaits.as_ref().map(|name| format!("not yet cosigned by {name}"));
    if let Some(words) = uncosigned(&advice.awaits) {
        paper.blocks.push(Block::remark(format!("This advice is {words}.")));
    }
    for added in &advice.added {
        let words = uncosigned(&added.awaits).map(|words| format!(" ({words})")).unwrap_or_default();
        paper.blocks.push(Block::text(format!("Added {}{words}: {}", added.day, added.text)));
    }
}

/// Lines of the visit that stand.
fn listed(paper: &mut Paper, heading: &str, lines: &[&Line]) {
    let words = |line: &&Line| match &line.detail {
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

/// R4 observation-category: what is measured in a visit, and what is found by examining.
const MEASURED: [&str; 1] = ["vital-signs"];
const FOUND: [&str; 5] = ["laboratory", "imaging", "exam", "procedure", "therapy"];
/// What the patient told, of pregnancies, habits and in questionnaires. It stays off a sheet that others at home may read.
const TOLD: [&str; 2] = ["social-history", "survey"];

fn measured(paper: &mut Paper, heading: &str, readings: &[&Observed]) {
    let several = |reading: &Observed| readings.iter().filter(|other| other.main.test == reading.main.test).count() > 1;
    let row = |reading: &&Observed| {
        let name = match reading.when.as_ref().filter(|_| several(reading)) {
            Some(when) => format!("{}, {}", reading.main.name, when.full()),
            None => reading.main.name.clone(),
        };
        let computed = reading.is_computed().then(|| "computed".to_owned());
        let status = reading.status.as_ref().map(|status| status.to_lowercase());
        let said: Vec<_> = [Some(value(reading)), computed, status].into_iter().flatten().collect();
        vec![name, said.join(", "), reading.main.range.clone().unwrap_or_default()]
    };
    let rows: Vec<_> = readings.iter().map(row).collect();
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
        let told = if medicine.reported { " (as you told us)" } else { "" };
        vec![format!("{}{told}", medicine.name), how, medicine.reason.clone().unwrap_or_default()]
    };
    let all = &printed.medicines;
    let mut blocks = Vec::new();
    if !all.withheld.is_empty() {
        let why_not = |medicine: &Medicine| [medicine.reason.clone(), medicine.status_reason.clone()];
        blocks.push(Block::Warning { text: told("Do not take", &all.withheld, why_not) });
    }
    let rows: Vec<_> = all.active.iter().map(row).collect();
    if rows.is_empty() {
        blocks.push(Block::text("No medicine is recorded as being taken."));
    } else {
        blocks.push(table(&[("Medicine", 3), ("How to take it", 4), ("What for", 2)], rows));
    }
    // What is taken under another entry of the same name has not ended for the patient.
    let goes_on = |medicine: &Medicine| all.active.iter().any(|taken| taken.name.eq_ignore_ascii_case(&medicine.name));
    let stopped: Vec<_> = printed.stopped.iter().filter(|medicine| !goes_on(medicine)).cloned().collect();
    if !stopped.is_empty() {
        let how = |medicine: &Medicine| {
            let status = Some(medicine.status.to_lowercase()).filter(|status| status != "stopped");
            [status, medicine.status_reason.clone()]
        };
        blocks.push(Block::text(told("Stopped", &stopped, how)));
    }
    // What is neither taken nor stopped must not be left out in silence.
    for (heading, list) in [
        ("On hold, do not take until told", &all.held),
        ("The planned time of these is over; ask whether to go on", &all.ended),
        ("Recorded, but not whether you take them; ask", &all.unclear),
    ] {
        if !list.is_empty() {
            blocks.push(Block::text(told(heading, list, |medicine| [medicine.status_reason.clone(), None])));
        }
    }
    blocks
}

/// `Stopped: Prednisone 10 MG (completed), Ibuprofen 400 MG (nausea).`
fn told(heading: &str, medicines: &[Medicine], why: impl Fn(&Medicine) -> [Option<String>; 2]) -> String {
    let one = |medicine: &Medicine| {
        let why: Vec<_> = why(medicine).into_iter().flatten().collect();
        if why.is_empty() { medicine.name.clone() } else { format!("{} ({})", medicine.name, why.join("; ")) }
    };
    format!("{heading}: {}.", medicines.iter().map(one).collect::<Vec<_>>().join(", "))
}

fn allergies(printed: &PrintedVisit) -> Vec<Block> {
    let known = printed.loaded.allergies.as_ref();
    match &printed.loaded.banner.allergies {
        Some(AllergyLine::Listed(lines)) => {
            let mut blocks = vec![Block::Points { points: lines.clone() }];
            let denied =
                known.map(|known| (known.denial(), known.contradicted())).filter(|(words, _)| !words.is_empty());
            match denied {
                Some((words, true)) => blocks.push(Block::Warning {
                    text: format!("The record also says: {words}. One of the two is wrong. Tell us which."),
                }),
                Some((words, false)) => blocks.push(Block::text(format!("You told us: {words}."))),
                None => {}
            }
            blocks
        }
        Some(AllergyLine::Ended(words)) => {
            vec![Block::text(format!("{words}. Tell us of any, before you take a new medicine."))]
        }
        Some(AllergyLine::None(words)) => vec![Block::text(words)],
        Some(AllergyLine::NotAsked) | None => {
            vec![Block::text(
                "You have not been asked about allergies yet. Tell us of any, before you take a new medicine.",
            )]
        }
    }
}
