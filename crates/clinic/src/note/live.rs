//! Dot phrases with live values: `.vitals`, `.meds`, `.allergies`, `.problems`, `.a1c`, `.age` … become the chart's words, with the day of
//! each and the time they were taken from the chart.

use super::signing::STOP;
use crate::chart::allergy::Known;
use crate::chart::banner::Banner;
use crate::chart::result::Observed;
use crate::chart::summary::{Measured, Summary};
use crate::chart::when::{Clock, When, day_text};
use jiff::Timestamp;
use std::fmt::Write as _;

/// What a live phrase stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phrase {
    /// What is typed, without the dot.
    pub name: &'static str,
    /// What it brings.
    pub brings: &'static str,
}

/// Every live phrase.
pub const PHRASES: [Phrase; 12] = [
    Phrase { name: "vitals", brings: "the newest of each vital sign" },
    Phrase { name: "bp", brings: "the newest blood pressure" },
    Phrase { name: "weight", brings: "the newest weight" },
    Phrase { name: "a1c", brings: "the newest hemoglobin A1c" },
    Phrase { name: "results", brings: "the newest of each key result" },
    Phrase { name: "meds", brings: "active medicines" },
    Phrase { name: "allergies", brings: "allergies" },
    Phrase { name: "problems", brings: "active problems" },
    Phrase { name: "age", brings: "the patient's age and sex" },
    Phrase { name: "name", brings: "the patient's name" },
    Phrase { name: "today", brings: "today's date" },
    Phrase { name: "reason", brings: "the visit's reason" },
];

/// What the stamp of live values begins with, on a line of its own below them.
pub(super) const STAMP: &str = "(from the chart, ";
/// What the stamp behind a short value begins with, on its line.
pub(super) const INLINE: &str = " (chart, ";

/// A word that ends a line of a text and looks like a live phrase, but is none: its line (from 1) and the word. Nothing would come of it.
#[must_use]
pub fn unknown(text: &str) -> Option<(usize, &str)> {
    let is_name = |name: &str| {
        name.starts_with(|letter: char| letter.is_ascii_lowercase())
            && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
    };
    let ends = text.lines().enumerate().filter_map(|(at, line)| Some((at + 1, line.rsplit(' ').next()?)));
    let mut names = ends.filter_map(|(at, word)| Some((at, word, word.strip_prefix('.')?)));
    let found = names.find(|(_, _, name)| is_name(name) && !PHRASES.iter().any(|phrase| phrase.name == *name));
    found.map(|(at, word, _)| (at, word))
}

/// The live phrases as they are typed, for those who write texts with them.
#[must_use]
pub fn typed() -> String {
    PHRASES.map(|phrase| format!(".{}", phrase.name)).join(", ")
}

/// The vital signs among the Summary's lines, by their names there.
const VITALS: [&str; 9] = [
    "Blood pressure",
    "Heart rate",
    "Respiratory rate",
    "Oxygen saturation",
    "Temperature",
    "Weight",
    "Height",
    "Body mass index",
    "Pain (0–10)",
];

/// What live phrases are made from.
pub struct Live<'a> {
    /// Who.
    pub banner: &'a Banner,
    /// The chart.
    pub summary: &'a Summary,
    /// The visit's reason, where there is a visit.
    pub reason: Option<&'a str>,
    /// The practice's clock.
    pub clock: &'a Clock,
    /// When they are taken.
    pub now: Timestamp,
}

impl Live<'_> {
    /// The words of a phrase (its name without the dot); `None`: there is no such phrase.
    #[must_use]
    pub fn words(&self, name: &str) -> Option<String> {
        Some(match name {
            "vitals" => self.measures(true),
            "results" => self.measures(false),
            "bp" => self.inline(&self.newest("Blood pressure")),
            "weight" => self.inline(&self.newest("Weight")),
            "a1c" => self.inline(&self.newest("Hemoglobin A1c")),
            "meds" => self.stamped(&self.medicines()),
            "allergies" => self.stamped(&self.allergies()),
            "problems" => self.stamped(&self.problems()),
            "age" => {
                let age = self.banner.age.as_deref().unwrap_or("age not recorded");
                self.inline(&format!("{age}, {}", self.banner.sex))
            }
            "name" => self.inline(&self.banner.name),
            // Of no chart.
            "today" => day_text(self.clock.today),
            "reason" => self.reason.map_or_else(|| STOP.to_owned(), |reason| self.inline(reason)),
            _ => return None,
        })
    }

    /// A text in which a live phrase that ends a line has become its words.
    #[must_use]
    pub fn fill(&self, text: &str) -> String {
        let line = |line: &str| {
            let (before, last) = line.rsplit_once(' ').map_or(("", line), |(before, last)| (before, last));
            match last.strip_prefix('.').and_then(|name| self.words(name)) {
                Some(words) if before.is_empty() => words,
                Some(words) => format!("{before} {words}"),
                None => line.to_owned(),
            }
        };
        text.lines().map(line).collect::<Vec<_>>().join("\n")
    }

    fn stamped(&self, text: &str) -> String {
        format!("{text}\n{STAMP}{})", When::of(self.now, self.clock).full())
    }

    fn inline(&self, text: &str) -> String {
        format!("{text}{INLINE}{})", When::of(self.now, self.clock).full())
    }

    fn measures(&self, vitals: bool) -> String {
        let wanted = |line: &&Measured| VITALS.contains(&line.name.as_str()) == vitals && !line.readings.is_empty();
        let mut text = String::new();
        for line in self.summary.measures.iter().filter(wanted) {
            if let Some(newest) = line.readings.first() {
                let _infallible = writeln!(text, "{}: {}", line.name, reading(newest));
            }
        }
        let none = if vitals { "No vital signs recorded" } else { "No results recorded" };
        self.stamped(if text.is_empty() { none } else { text.trim_end() })
    }

    fn newest(&self, name: &str) -> String {
        let line = self.summary.measures.iter().find(|line| line.name == name);
        match line.and_then(|line| line.readings.first()) {
            Some(newest) => format!("{name} {}", reading(newest)),
            None => format!("{name}: not recorded"),
        }
    }

    fn medicines(&self) -> String {
        let active = &self.summary.medicines.active;
        if active.is_empty() {
            return "No active medicines recorded".to_owned();
        }
        let line = |medicine: &crate::chart::medicine::Medicine| match &medicine.sig {
            Some(sig) => format!("- {}: {sig}", medicine.name),
            None => format!("- {}", medicine.name),
        };
        active.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn allergies(&self) -> String {
        let allergies = &self.summary.allergies;
        match allergies.known {
            Known::NotAsked => match allergies.ended() {
                Some(ended) => format!("Allergies: {}", ended.to_lowercase()),
                None => "Allergies: not asked".to_owned(),
            },
            Known::None => {
                let said: Vec<_> = allergies.denied.iter().map(|denied| denied.substance.as_str()).collect();
                if said.is_empty() { "No known allergies".to_owned() } else { said.join(", ") }
            }
            Known::Listed => {
                allergies.active.iter().map(|allergy| format!("- {}", allergy.line())).collect::<Vec<_>>().join("\n")
            }
        }
    }

    fn problems(&self) -> String {
        let active = &self.summary.problems.active;
        if active.is_empty() {
            return "No active problems recorded".to_owned();
        }
        let line = |problem: &crate::chart::problem::Problem| match &problem.onset {
            Some(onset) => format!("- {}, since {onset}", problem.stated(false)),
            None => format!("- {}", problem.stated(false)),
        };
        active.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// A reading with its flag and day: `146/79 mmHg (high), 12-Mar-2026`. Words, values and units as the chart shows them.
fn reading(reading: &Observed) -> String {
    let mut text = match (&reading.main.value, &reading.main.absent) {
        (Some(value), _) => value.text.clone(),
        (None, Some(why)) => why.clone(),
        (None, None) => {
            let part = |part: &crate::chart::result::Measure| {
                part.value.as_ref().map(|value| format!("{} {}", part.name, value.text))
            };
            reading.parts.iter().filter_map(part).collect::<Vec<_>>().join(", ")
        }
    };
    let flag = reading.flag().word();
    if !flag.is_empty() {
        let _infallible = write!(text, " ({})", flag.to_lowercase());
    }
    if let Some(when) = &reading.when {
        let _infallible = write!(text, ", {}", when.date);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::unknown;

    #[test]
    fn what_looks_like_a_live_phrase_and_is_none_is_found() {
        assert_eq!(unknown("BP today .bp\n\n.vitals\n*** .5 mg, e.g. tablets...\nwww.example.org"), None);
        assert_eq!(unknown(".bp\nSigns: .vitls"), Some((2, ".vitls")));
        assert_eq!(unknown(".vitals and more"), None, "only what ends a line is filled in");
    }
}
