//! Allergies and intolerances: none known, not asked, or listed — three different things, never mixed.

use super::problem::moment;
use super::row::{Code, Handle, MODIFIED, Reading, Row, notes, spoken};
use super::tall_man::tall_man;
use super::when::When;
use crate::allergy::is_changeable;

/// One allergy or intolerance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allergy {
    /// Its entry.
    pub entry: Handle,
    /// The substance, drug names in Tall Man letters.
    pub substance: String,
    /// Its code.
    pub code: Option<Code>,
    /// `Allergy` or `Intolerance`, when said.
    pub kind: Option<String>,
    /// Medication, food, environment, biologic.
    pub category: Option<String>,
    /// Each reaction with its severity: `anaphylaxis (severe)`.
    pub reactions: Vec<String>,
    /// Whether a reaction was severe or criticality is high.
    pub severe: bool,
    /// `High`, `Low`, `Unable to assess`.
    pub criticality: Option<String>,
    /// How sure, when not confirmed.
    pub certainty: Option<String>,
    /// When it began.
    pub onset: Option<String>,
    /// When it was recorded.
    pub recorded: Option<When>,
    /// Notes.
    pub note: Option<String>,
    /// Whether it names a substance, so that a form can change it.
    pub changeable: bool,
}

impl Allergy {
    /// Its place in a list, the most dangerous first: what is severe before what is not, anaphylaxis before all, what is confirmed before
    /// what is not, low criticality last.
    fn danger(&self) -> (bool, bool, bool, bool) {
        let anaphylaxis = self.reactions.iter().any(|words| is_anaphylaxis(words));
        let low = self.criticality.as_deref() == Some("Low");
        (!self.severe, self.certainty.is_some(), !anaphylaxis, low)
    }

    /// One line for the banner: `Penicillin: anaphylaxis (severe)`.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = self.substance.clone();
        if !self.reactions.is_empty() {
            line.push_str(": ");
            line.push_str(&self.reactions.join(", "));
        }
        if let Some(certainty) = &self.certainty {
            line.push_str(&format!(", {}", certainty.to_lowercase()));
        }
        if self.entry.modified {
            line.push_str(&format!(" ({})", MODIFIED.to_lowercase()));
        }
        line
    }
}

/// What is known of a chart's allergies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Known {
    /// Nobody recorded an answer, or only what has ended since: [`Allergies::ended`].
    #[default]
    NotAsked,
    /// Somebody recorded that there are none.
    None,
    /// Listed.
    Listed,
}

/// A chart's allergies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Allergies {
    /// Which of the three it is.
    pub known: Known,
    /// In force, the most dangerous first.
    pub active: Vec<Allergy>,
    /// "No known drug allergy" and the like, in words, with when it was recorded.
    pub denied: Vec<Allergy>,
    /// Inactive, resolved or refuted.
    pub inactive: Vec<Allergy>,
    /// Entered in error.
    pub errors: Vec<Allergy>,
}

/// Codes of "no known allergy" and its kinds: SNOMED CT as US Core's allergy value set uses them, and the International Patient
/// Summary's `absent-unknown-uv-ips`.
const NONE_KNOWN: [&str; 8] = [
    "716186003",
    "409137002",
    "429625007",
    "428607008",
    "no-known-allergies",
    "no-known-medication-allergies",
    "no-known-environmental-allergies",
    "no-known-food-allergies",
];
/// IPS: "no information about allergies", which is the same as not having asked.
const NO_INFORMATION: &str = "no-allergy-info";

impl Allergies {
    /// Reads a chart's allergies.
    #[must_use]
    pub fn of(rows: &[Row], reading: &Reading) -> Self {
        let mut all = Self::default();
        for row in rows {
            let root = row.root();
            let allergy = read(row, reading);
            if root.has_code("code", NO_INFORMATION) && allergy.entry.error.is_none() {
                continue;
            }
            let over = ["inactive", "resolved"].iter().any(|code| root.has_code("clinicalStatus", code))
                || root.has_code("verificationStatus", "refuted");
            let list = if allergy.entry.error.is_some() {
                &mut all.errors
            } else if over {
                &mut all.inactive
            // What may turn a denial round leaves no denial.
            } else if is_denial(&allergy, row) && !allergy.entry.modified {
                &mut all.denied
            } else {
                &mut all.active
            };
            list.push(allergy);
        }
        all.active.sort_by(|a, b| a.danger().cmp(&b.danger()).then_with(|| a.substance.cmp(&b.substance)));
        all.known = match (all.active.is_empty(), all.denied.is_empty()) {
            (false, _) => Known::Listed,
            (true, false) => Known::None,
            (true, true) => Known::NotAsked,
        };
        all
    }

    /// Where nothing is in force and nobody recorded that there are none, but something was: `None active; 1 ended`. That is neither "none
    /// known" nor "not asked".
    #[must_use]
    pub fn ended(&self) -> Option<String> {
        let only_ended = self.known == Known::NotAsked && !self.inactive.is_empty();
        only_ended.then(|| format!("None active; {} ended", self.inactive.len()))
    }

    /// Whether somebody recorded that there are none, and something that is listed says otherwise.
    #[must_use]
    pub fn contradicted(&self) -> bool {
        let medicines = |allergy: &Allergy| {
            let words = allergy.substance.to_lowercase();
            ["drug", "medic"].iter().any(|word| words.contains(word))
        };
        let listed = |denied: &Allergy| match (is_general(denied), medicines(denied)) {
            (true, _) => !self.active.is_empty(),
            (false, true) => {
                let of_medicines =
                    |allergy: &Allergy| allergy.category.as_deref().is_some_and(|c| c.contains("Medication"));
                self.active.iter().any(of_medicines)
            }
            (false, false) => false,
        };
        self.denied.iter().any(listed)
    }

    /// What "none known" covers, in words: `None known`, or `No known drug allergy` when only that was recorded.
    #[must_use]
    pub fn denial(&self) -> String {
        match self.denied.as_slice() {
            [] => String::new(),
            all if all.iter().any(is_general) => "None known".to_owned(),
            some => some.iter().map(|denied| denied.substance.as_str()).collect::<Vec<_>>().join(", "),
        }
    }
}

fn is_general(allergy: &Allergy) -> bool {
    allergy.code.as_ref().is_some_and(|code| ["716186003", "no-known-allergies"].contains(&code.code.as_str()))
        || ["no known allergies", "no known allergy", "none known", "nka"]
            .contains(&allergy.substance.to_lowercase().as_str())
}

fn is_denial(allergy: &Allergy, row: &Row) -> bool {
    NONE_KNOWN.iter().any(|code| row.root().has_code("code", code))
        || allergy.substance.to_lowercase().starts_with("no known ")
        || is_general(allergy)
}

fn read(row: &Row, reading: &Reading) -> Allergy {
    let root = row.root();
    let severe_reaction = root.each("reaction").iter().any(|reaction| reaction.text("severity") == Some("severe"));
    let first_substance = || root.each("reaction").into_iter().find_map(|reaction| reaction.words("substance"));
    let reactions: Vec<String> = root.each("reaction").into_iter().filter_map(reaction).collect();
    // Anaphylaxis is severe whether or not somebody ticked it.
    let anaphylaxis = reactions.iter().any(|words| is_anaphylaxis(words));
    Allergy {
        entry: row.handle(&reading.clock),
        substance: root
            .words("code")
            .or_else(first_substance)
            .map_or_else(|| "Substance not recorded".to_owned(), |w| tall_man(&w)),
        code: Code::of(root, "code"),
        kind: root.text("type").map(spoken),
        category: {
            let all: Vec<_> = root.each("category").into_iter().filter_map(|c| c.as_text().map(spoken)).collect();
            (!all.is_empty()).then(|| all.join(", "))
        },
        reactions,
        severe: severe_reaction || anaphylaxis || root.text("criticality") == Some("high"),
        criticality: root.text("criticality").map(spoken),
        certainty: root
            .text("verificationStatus.coding.code")
            .filter(|code| !["confirmed", "entered-in-error"].contains(code))
            .map(spoken),
        onset: moment(root, "onset", reading),
        recorded: When::get(root, "recordedDate", &reading.clock),
        note: notes(root),
        changeable: is_changeable(row),
    }
}

fn is_anaphylaxis(reaction: &str) -> bool {
    reaction.to_lowercase().contains("anaphyla")
}

fn reaction(reaction: fhir::Element<'_>) -> Option<String> {
    let words: Vec<_> = reaction.each("manifestation").into_iter().filter_map(fhir::Element::concept_words).collect();
    let words = match (words.is_empty(), reaction.text("description")) {
        (false, _) => words.join(", "),
        (true, Some(description)) => description.to_owned(),
        (true, None) => return reaction.text("severity").map(str::to_owned),
    };
    Some(match reaction.text("severity") {
        Some(severity) => format!("{words} ({severity})"),
        None => words,
    })
}
