//! What a code that is not billable still needs, as choices in words: side, encounter, trimester, stage and the like.
//!
//! The choices are read from the descriptions of the billable codes below it (and of their seventh characters), so that any edition has
//! them. What no rule below takes out of a description remains as [`Kind::Condition`]: every code can be reached.

use super::{Entry, Icd10cm};
use std::collections::{BTreeSet, HashSet};

/// What is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Which of the conditions below it.
    Condition,
    /// Displaced or not.
    Displacement,
    /// Right, left, bilateral.
    Side,
    /// With or without macular edema.
    MacularEdema,
    /// Of the pregnancy.
    Trimester,
    /// Of glaucoma, macular degeneration, a pressure ulcer.
    Stage,
    /// Which one of several.
    Fetus,
    /// Initial, subsequent, sequela.
    Encounter,
    /// Closed, or open of which type; asked once the encounter is known.
    Fracture,
    /// How it heals; asked once the encounter is known.
    Healing,
    /// What else a seventh character says.
    Detail,
}

impl Kind {
    /// All, in the order in which they are asked.
    pub const ALL: [Self; 11] = [
        Self::Condition,
        Self::Displacement,
        Self::Side,
        Self::MacularEdema,
        Self::Trimester,
        Self::Stage,
        Self::Fetus,
        Self::Encounter,
        Self::Fracture,
        Self::Healing,
        Self::Detail,
    ];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Condition => "Condition",
            Self::Displacement => "Displacement",
            Self::Side => "Side",
            Self::MacularEdema => "Macular edema",
            Self::Trimester => "Trimester",
            Self::Stage => "Stage",
            Self::Fetus => "Fetus",
            Self::Encounter => "Encounter",
            Self::Fracture => "Fracture",
            Self::Healing => "Healing",
            Self::Detail => "Detail",
        }
    }
}

/// One choice to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    /// What is chosen.
    pub kind: Kind,
    /// What can be chosen, in the order of the codes; [`Axis::NOT_STATED`] where some codes do not say.
    pub choices: Vec<String>,
}

impl Axis {
    /// The choice of the codes that do not say.
    pub const NOT_STATED: &'static str = "not stated";
}

/// What is left after some choices.
#[derive(Debug, Clone, PartialEq)]
pub struct Narrowed<'a> {
    /// The billable code, once one alone is left.
    pub code: Option<Entry<'a>>,
    /// The billable codes left.
    pub left: usize,
    /// What still differs among them.
    pub axes: Vec<Axis>,
}

impl Icd10cm {
    /// What a code needs until it is billable; nothing for one that is, and for one that is not there.
    #[must_use]
    pub fn axes(&self, code: &str) -> Vec<Axis> {
        self.narrow(code, &[]).axes
    }

    /// What is left below a code after these choices, in any order. A choice that fits no code leaves none.
    #[must_use]
    pub fn narrow(&self, code: &str, chosen: &[(Kind, &str)]) -> Narrowed<'_> {
        let mut rows = self.get(code).map_or_else(Vec::new, described);
        rows.retain(|row| chosen.iter().all(|(kind, words)| row.says(*kind) == *words));
        let settled = |kind| distinct(&rows, kind).len() == 1;
        let axes = Kind::ALL
            .into_iter()
            .filter(|kind| !matches!(kind, Kind::Fracture | Kind::Healing) || settled(Kind::Encounter))
            .map(|kind| Axis { kind, choices: distinct(&rows, kind) })
            .filter(|axis| axis.choices.len() > 1)
            .collect();
        let code = if let [only] = rows.as_slice() { Some(only.entry) } else { None };
        Narrowed { code, left: rows.len(), axes }
    }
}

/// A billable code and what it says on each axis.
struct Described<'a> {
    entry: Entry<'a>,
    said: Vec<(Kind, String)>,
}

impl Described<'_> {
    fn says(&self, kind: Kind) -> &str {
        self.said.iter().find(|(it, _)| *it == kind).map_or(Axis::NOT_STATED, |(_, words)| words)
    }
}

fn distinct(rows: &[Described<'_>], kind: Kind) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut found: Vec<String> =
        rows.iter().map(|row| row.says(kind)).filter(|words| seen.insert(*words)).map(str::to_owned).collect();
    // What is not said, or said to be unknown, is offered last.
    found.sort_by_key(|words| (words == Axis::NOT_STATED, words.contains("unspecified")));
    found
}

/// The billable codes at and below one, each taken apart.
fn described(code: Entry<'_>) -> Vec<Described<'_>> {
    let billable = std::iter::once(code).chain(code.descendants()).filter(|entry| entry.billable());
    let parts: Vec<(Entry<'_>, String, String)> = billable
        .map(|entry| {
            let (body, seventh) = apart(entry);
            (entry, body, seventh)
        })
        .collect();
    let sides = Sides::of(parts.iter().map(|(_, body, _)| body.as_str()));
    // The part of the body is left out, so that "right knee" and "bilateral … of knee" are of one condition, unless codes would coincide.
    let take = |without_part: bool| -> Vec<Described<'_>> {
        let each = parts.iter().map(|(entry, body, seventh)| {
            let mut said = sides.take_apart(body, without_part);
            said.extend(of_seventh(seventh));
            Described { entry: *entry, said }
        });
        each.collect()
    };
    let mut rows = take(true);
    if collide(&rows) {
        rows = take(false);
    }
    if collide(&rows) {
        for (row, (_, body, seventh)) in rows.iter_mut().zip(&parts) {
            row.said = std::iter::once((Kind::Condition, body.clone())).chain(of_seventh(seventh)).collect();
        }
    }
    relabel(&mut rows, &sides, &parts);
    rows
}

fn collide(rows: &[Described<'_>]) -> bool {
    let mut seen = HashSet::new();
    !rows.iter().all(|row| seen.insert(&row.said))
}

/// A condition is shown in the words of the first code that has it, not in those it was compared by.
fn relabel(rows: &mut [Described<'_>], sides: &Sides, parts: &[(Entry<'_>, String, String)]) {
    let mut labels: Vec<(String, String)> = Vec::new();
    for (row, (_, body, _)) in rows.iter_mut().zip(parts) {
        let Some((_, words)) = row.said.iter_mut().find(|(kind, _)| *kind == Kind::Condition) else { continue };
        if let Some((_, label)) = labels.iter().find(|(key, _)| key == words) {
            words.clone_from(label);
            continue;
        }
        let label = if words == body { body.clone() } else { sides.label(body) };
        // Two conditions that would look alike keep all their words.
        let label = if labels.iter().any(|(_, taken)| *taken == label) { body.clone() } else { label };
        labels.push((words.clone(), label.clone()));
        *words = label;
    }
}

/// A description without what its seventh character adds, and that.
fn apart(entry: Entry<'_>) -> (String, String) {
    let words = entry.words();
    if entry.code().len() == 8 {
        let parent = entry.parent().map(Entry::words).unwrap_or_default();
        if let Some(seventh) = words.strip_prefix(&parent).and_then(|rest| rest.strip_prefix(", ")) {
            return (parent, seventh.to_owned());
        }
    }
    (words, String::new())
}

fn of_seventh(words: &str) -> Vec<(Kind, String)> {
    let said = |kind, words: &str| vec![(kind, words.to_owned())];
    if words.is_empty() {
        return Vec::new();
    }
    if words.starts_with("sequela") {
        return said(Kind::Encounter, "sequela");
    }
    if let Some((which, rest)) = words.split_once(" encounter") {
        let mut found = said(Kind::Encounter, &format!("{which} encounter"));
        let (fracture, healing) = rest.split_once(" with ").unwrap_or((rest, ""));
        let fracture = fracture.trim_start_matches(" for ");
        for (kind, words) in [(Kind::Fracture, fracture), (Kind::Healing, healing)] {
            if !words.is_empty() {
                found.push((kind, words.to_owned()));
            }
        }
        return found;
    }
    match words {
        "right eye" => said(Kind::Side, "right"),
        "left eye" => said(Kind::Side, "left"),
        "bilateral" => said(Kind::Side, "bilateral"),
        "unspecified eye" => said(Kind::Side, UNSPECIFIED_SIDE),
        _ if words.contains("stage") => said(Kind::Stage, words),
        _ if words.contains("fetus") || words == "not applicable or unspecified" => said(Kind::Fetus, words),
        _ => said(Kind::Detail, words),
    }
}

const UNSPECIFIED_SIDE: &str = "unspecified side";

/// How a group of descriptions speaks of sides.
struct Sides {
    /// Whether it tells right from left.
    told: bool,
    /// The words after "right" and "left": parts of the body.
    parts: BTreeSet<String>,
}

fn plain(word: &str) -> String {
    word.trim_matches([',', ';', '(', ')']).to_lowercase()
}

impl Sides {
    fn of<'t>(bodies: impl Iterator<Item = &'t str>) -> Self {
        let (mut right, mut left, mut parts) = (false, false, BTreeSet::new());
        for body in bodies {
            let words: Vec<String> = body.split_whitespace().map(plain).collect();
            for pair in words.windows(2) {
                let [side, part] = pair else { continue };
                right |= side == "right";
                left |= side == "left";
                if side == "right" || side == "left" {
                    parts.insert(part.clone());
                }
            }
        }
        Self { told: right && left, parts }
    }

    /// What a description says on each axis. The condition comes as words to compare by: without articles and, where asked, without
    /// the part of the body.
    fn take_apart(&self, body: &str, without_part: bool) -> Vec<(Kind, String)> {
        let (mut said, rest) = self.taken(body);
        let compared: Vec<String> = rest.iter().map(|word| plain(word)).collect();
        let kept = compared.into_iter().filter(|word| {
            let article = matches!(word.as_str(), "of" | "the" | "in");
            let part = without_part && self.told && self.parts.contains(word);
            !article && !part
        });
        let words: Vec<String> = kept.collect();
        said.push((Kind::Condition, words.join(" ")));
        said
    }

    /// The condition as it is shown.
    fn label(&self, body: &str) -> String {
        let mut rest = self.taken(body).1;
        // "…, right ear" leaves ", ear".
        if let [.., before, part] = rest.as_slice()
            && before.ends_with(',')
            && self.parts.contains(&plain(part))
        {
            rest.pop();
        }
        let words = rest.join(" ");
        let words = words.trim_matches([',', ' ']);
        let mut letters = words.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }

    /// What was taken out of a description, and the words that remain.
    fn taken<'t>(&self, body: &'t str) -> (Vec<(Kind, String)>, Vec<&'t str>) {
        let words: Vec<&str> = body.split_whitespace().collect();
        let compared: Vec<String> = words.iter().map(|word| plain(word)).collect();
        let word = |at: usize| compared.get(at).map_or("", String::as_str);
        let both = compared.iter().any(|it| it == "right") && compared.iter().any(|it| it == "left");
        // Elsewhere a stage is part of the condition's name, "stage 2 (mild)".
        let ulcer = word(0) == "pressure" && word(1) == "ulcer";
        let (mut said, mut rest, mut at) = (Vec::new(), Vec::new(), 0);
        while at < words.len() {
            let next = word(at + 1);
            let (taken, length) = match word(at) {
                side @ ("right" | "left" | "bilateral") if self.told && !both => (Some((Kind::Side, side)), 1),
                "unilateral" if self.told && !both => (None, 1),
                "unspecified" if self.told && !both && self.parts.contains(next) => {
                    (Some((Kind::Side, UNSPECIFIED_SIDE)), 1)
                }
                which @ ("first" | "second" | "third" | "unspecified") if next == "trimester" => {
                    (Some((Kind::Trimester, which)), 2)
                }
                which @ ("with" | "without") if next == "macular" && word(at + 2) == "edema" => {
                    (Some((Kind::MacularEdema, which)), 3)
                }
                which @ "unstageable" if ulcer => (Some((Kind::Stage, which)), 1),
                "stage" if ulcer => (Some((Kind::Stage, next)), 2),
                which @ "unspecified" if ulcer && next == "stage" => (Some((Kind::Stage, which)), 2),
                which @ ("displaced" | "nondisplaced") => (Some((Kind::Displacement, which)), 1),
                _ => (None, 0),
            };
            match taken {
                Some((kind, _)) if said.iter().any(|(known, _)| *known == kind) => {
                    rest.extend(words.get(at..at + length).unwrap_or_default());
                }
                Some((kind, words)) => said.push((kind, words.to_owned())),
                None if length == 0 => rest.extend(words.get(at)),
                None => {}
            }
            at += length.max(1);
        }
        (said, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::super::builtin;
    use super::*;

    #[test]
    fn no_two_codes_of_a_category_say_the_same() {
        for category in builtin().entries().filter(|entry| entry.parent().is_none()) {
            let rows = described(category);
            let mut seen = HashSet::new();
            for row in &rows {
                assert!(seen.insert(&row.said), "{:?}: {:?}", row.entry, row.said);
            }
        }
    }
}
