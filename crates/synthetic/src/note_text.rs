//! The words of notes: lines of findings, and a note as plain text or as HTML.

use crate::day::Day;

/// The vital signs a note speaks of.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Taken {
    pub(crate) pressure: Option<(f64, f64)>,
    pub(crate) pulse: f64,
    /// Taken at check-ups and when ill.
    pub(crate) temperature: Option<f64>,
    pub(crate) weight: f64,
    pub(crate) height: f64,
    pub(crate) head: Option<f64>,
}

/// A heading with its text.
pub(crate) type Section = (&'static str, String);

/// What a healthy child does at an age in months (CDC, Learn the Signs. Act Early, 2022).
pub(crate) const MILESTONES: &[(f64, &str)] = &[
    (1.5, "Calms when spoken to or picked up; feeds well."),
    (3.0, "Smiles when talked to, lifts head on tummy."),
    (5.0, "Holds head steady, brings hands to mouth, chuckles."),
    (7.5, "Rolls from tummy to back, reaches for toys, laughs."),
    (10.5, "Sits without support, babbles, looks when called by name."),
    (13.5, "Pulls up to stand, waves bye-bye, calls a parent mama or dada."),
    (17.0, "Takes a few steps alone, follows directions with gesture."),
    (22.0, "Walks without holding on, says three or more words, points to show."),
    (33.0, "Puts two words together, kicks a ball, uses a spoon."),
    (60.0, "Talks in sentences, plays with other children, draws a circle."),
];

pub(crate) fn vitals_line(taken: &Taken) -> String {
    let temperature = taken.temperature.map_or_else(String::new, |t| format!("temperature {t:.1} °C, "));
    let pressure = taken.pressure.map_or_else(String::new, |(s, d)| format!("Blood pressure {s:.0}/{d:.0} mmHg, "));
    format!("{pressure}pulse {:.0}, {temperature}weight {:.1} kg.", taken.pulse, taken.weight)
}

pub(crate) fn growth_line(taken: &Taken) -> String {
    let head = taken.head.map_or_else(String::new, |cm| format!(", head {cm:.1} cm"));
    format!("Weight {:.2} kg, length or height {:.1} cm{head}.", taken.weight, taken.height)
}

/// `05-Mar-2024`, as the practice writes days.
pub(crate) fn said_day(day: Day) -> String {
    day.date().strftime("%d-%b-%Y").to_string()
}

pub(crate) fn as_text(sections: &[Section], signed: &str) -> String {
    let mut text = String::new();
    for (heading, body) in sections {
        text.push_str(&heading.to_uppercase());
        text.push('\n');
        text.push_str(body.trim());
        text.push_str("\n\n");
    }
    text.push_str(signed);
    text.push('\n');
    text
}

pub(crate) fn as_html(sections: &[Section], signed: &str) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut text =
        String::from("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Note</title></head><body>");
    for (heading, body) in sections {
        let lines: Vec<String> = body.trim().lines().map(escape).collect();
        text.push_str(&format!("<h2>{heading}</h2><p>{}</p>", lines.join("<br>")));
    }
    text.push_str(&format!("<p><em>{}</em></p></body></html>", escape(signed)));
    text
}
