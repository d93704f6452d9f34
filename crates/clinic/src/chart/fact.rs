//! What an entry says, as labelled lines that those who treat read, and what changed between two of its versions. Every element of the
//! entry has a line; how FHIR writes it is left to the technical view.

use super::label::label;
use super::row::Reading;
use super::say::{Say, each};
use fhir::{Element, Key};

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is about: `Began`, `How to take`.
    pub label: String,
    /// What is said.
    pub words: String,
}

/// One difference between two versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is about.
    pub label: String,
    /// What it said; none when it was added.
    pub before: Option<String>,
    /// What it says; none when it was removed.
    pub after: Option<String>,
}

/// Not part of what an entry says: its address and versions, the rules it was written by, the text generated from it.
const UNSAID: [&str; 7] = ["resourceType", "id", "meta", "text", "implicitRules", "language", "contained"];

/// Everything an entry says, in its order; `own` is the patient whose chart it is in, whom the banner names.
#[must_use]
pub fn facts(root: Element<'_>, own: &Key, reading: &Reading) -> Vec<Fact> {
    let say = Say { root, own, reading };
    let kind = root.text("resourceType").unwrap_or_default();
    let mut found: Vec<(Fact, usize)> = Vec::new();
    for (name, value) in root.members().filter(|(name, _)| !UNSAID.contains(name) && !name.starts_with('_')) {
        for item in each(value) {
            let (label, words) = if name.ends_with("xtension") {
                let Some(said) = say.extension(item) else { continue };
                said
            } else {
                let Some(words) = say.words(name, item) else { continue };
                (label(kind, name), words)
            };
            // Results of a report without names of their own are one line, not twenty.
            match found.iter_mut().find(|(fact, _)| fact.label == label && fact.words == words) {
                Some((_, times)) => *times += 1,
                None => found.push((Fact { label, words }, 1)),
            }
        }
    }
    let counted = |(fact, times): (Fact, usize)| match times {
        1 => fact,
        times => Fact { words: format!("{} (×\u{a0}{times})", fact.words), ..fact },
    };
    found.into_iter().map(counted).collect()
}

/// What `after` says otherwise than `before`, in the order of `after`; what is only in another order is no difference.
#[must_use]
pub fn differences(before: &[Fact], after: &[Fact]) -> Vec<Difference> {
    let of = |facts: &[Fact], label: &str, others: &[Fact]| -> Vec<String> {
        let new = facts.iter().filter(|fact| fact.label == label && !others.contains(fact));
        new.map(|fact| fact.words.clone()).collect()
    };
    let mut labels: Vec<&str> = Vec::new();
    for fact in after.iter().chain(before) {
        if !labels.contains(&fact.label.as_str()) {
            labels.push(&fact.label);
        }
    }
    let mut found = Vec::new();
    for label in labels {
        let (mut gone, mut come) = (of(before, label, after).into_iter(), of(after, label, before).into_iter());
        loop {
            let (before, after) = (gone.next(), come.next());
            if before.is_none() && after.is_none() {
                break;
            }
            found.push(Difference { label: label.to_owned(), before, after });
        }
    }
    found
}

#[cfg(test)]
#[path = "fact_tests.rs"]
mod tests;
