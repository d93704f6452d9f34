//! What is printed, as PDF: the visit summary for the patient, and a note.

pub mod note;
pub mod visit;

use crate::{PageError, Ui};
use axum::http::header;
use axum::response::IntoResponse;
use clinic::chart::Value;
use clinic::chart::banner::Banner;
use clinic::chart::result::{Measure, Observed};
use clinic::chart::row::ErrorMark;
use maud::{Markup, html};
use paper::{Block, Paper, Size, Whose};
use serde::Deserialize;
use store::accounts::PaperSize;
use tokio::sync::Semaphore;

/// One paper at a time: what is printed never takes the other cores from those who wait for a chart.
static PRESS: Semaphore = Semaphore::const_new(1);

/// The query of a paper.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Sheet {
    /// `a4` or `letter`; the practice's when none.
    #[serde(default)]
    size: Option<String>,
}

impl Sheet {
    fn size(&self, ui: &Ui) -> Result<Size, PageError> {
        let asked = self.size.as_deref().map(|slug| PaperSize::parse(slug).ok_or_else(PageError::not_found));
        Ok(match asked.transpose()?.unwrap_or(ui.practice.paper_size) {
            PaperSize::Letter => Size::Letter,
            PaperSize::A4 => Size::A4,
        })
    }
}

/// The links to a paper in both sizes, the practice's first.
#[must_use]
pub fn links(ui: &Ui, href: &str, words: &str) -> Markup {
    let (other, name) = match ui.practice.paper_size {
        PaperSize::Letter => ("a4", "A4"),
        PaperSize::A4 => ("letter", "Letter"),
    };
    html! {
        a class="btn" href=(href) target="_blank" rel="noopener" { (words) span class="vh" { " (PDF, opens in a new tab)" } }
        a class="btn quiet" href={ (href) "?size=" (other) } target="_blank" rel="noopener" { span class="vh" { (words) ", " } (name) }
    }
}

/// A paper of this patient, still empty.
fn blank(ui: &Ui, size: Size, title: &str, banner: &Banner) -> Paper {
    let printed = ui.now.to_zoned(ui.zone.clone()).strftime("%d-%b-%Y %H:%M");
    let born = match &banner.age {
        Some(age) => format!("{} ({age})", banner.born),
        None => banner.born.clone(),
    };
    Paper {
        size,
        title: title.to_owned(),
        practice: ui.practice.name.clone(),
        contact: ui.practice.contact.clone(),
        patient: Whose {
            name: banner.name.clone(),
            born,
            sex: banner.sex.clone(),
            record_number: banner.record_number.clone().unwrap_or_else(|| "not given".to_owned()),
        },
        printed: format!("Printed {printed} by {}", ui.display_name),
        across: banner.test.then(|| "Test patient".to_owned()),
        blocks: Vec::new(),
    }
}

/// The paper as a file to be shown in the browser. Its name says nothing of the patient.
async fn file(paper: Paper, name: &'static str) -> Result<impl IntoResponse, PageError> {
    let _turn = PRESS.acquire().await;
    let made = tokio::task::spawn_blocking(move || paper::pdf(&paper)).await;
    let bytes = made.map_err(|_| PageError::fault("a paper"))?.map_err(|wrong| PageError::fault(&wrong.to_string()))?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}.pdf\"")),
    ];
    Ok((headers, bytes))
}

/// Says on every page that what is printed was entered in error.
fn tell_error(paper: &mut Paper, error: Option<&ErrorMark>) {
    let Some(error) = error else { return };
    paper.across = Some("Entered in error".to_owned());
    let reason = error.reason.as_deref().unwrap_or("no reason given");
    paper.blocks.push(Block::Warning { text: format!("Entered in error: {reason}") });
}

/// A heading and what stands under it.
fn section(paper: &mut Paper, heading: &str, blocks: Vec<Block>) {
    paper.blocks.push(Block::heading(heading));
    paper.blocks.extend(blocks);
}

/// A measured value in words: `39.1 °C, high`, or why there is none.
fn value(observed: &Observed) -> String {
    let one = |measure: &Measure| match &measure.value {
        Some(value) => flagged(value, measure),
        None => match &measure.absent {
            Some(why) => format!("not recorded: {why}"),
            None => "not recorded".to_owned(),
        },
    };
    if observed.main.value.is_some() || observed.parts.is_empty() {
        return one(&observed.main);
    }
    let parts: Vec<_> = observed.parts.iter().map(|part| format!("{} {}", part.name, one(part))).collect();
    parts.join("; ")
}

fn flagged(value: &Value, measure: &Measure) -> String {
    let text = value.text.replace('\u{a0}', " ");
    match measure.flag.is_abnormal() {
        true => format!("{text}, {}", measure.flag.word().to_lowercase()),
        false => text,
    }
}
