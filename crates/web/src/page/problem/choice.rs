//! The code that is chosen: the one that was picked, narrowed by side, encounter and the like.

use super::Sent;
use reference::icd10cm::{self, Axis, Conflict, Icd10cm};

/// What was shown of conflicts, to tell whether they were seen.
pub fn mark(code: &str, conflicts: &[Conflict]) -> String {
    let pairs: Vec<_> = conflicts.iter().map(|conflict| format!("{}-{}", conflict.of, conflict.excluded)).collect();
    format!("{code} {}", pairs.join(" "))
}

/// The code so far: the one that was picked, or the one that the choices made leave.
pub struct Choice {
    /// What was picked.
    pub base: String,
    /// What would be recorded.
    pub code: String,
    /// What is still to be chosen.
    pub axes: Vec<Axis>,
    /// What was chosen.
    pub chosen: Vec<(icd10cm::Kind, String)>,
    /// Whether the code may stand on a claim.
    pub billable: bool,
}

impl Choice {
    /// What was sent of it.
    pub fn of(codes: &Icd10cm, sent: &Sent) -> Self {
        let picked = sent.text("pick");
        let base = if picked.is_empty() { sent.text("code") } else { picked };
        let chosen = |kind: icd10cm::Kind| {
            let words = sent.text(&format!("axis-{}", kind.name()));
            (picked.is_empty() && !words.is_empty()).then(|| (kind, words.to_owned()))
        };
        let chosen: Vec<_> = icd10cm::Kind::ALL.into_iter().filter_map(chosen).collect();
        let by: Vec<_> = chosen.iter().map(|(kind, words)| (*kind, words.as_str())).collect();
        let narrowed = codes.narrow(base, &by);
        let (entry, known) = (narrowed.code, codes.get(base));
        let code = entry.or(known).map_or_else(|| base.to_owned(), icd10cm::Entry::code);
        let billable = codes.get(&code).is_some_and(icd10cm::Entry::billable);
        Self { base: base.to_owned(), code, axes: narrowed.axes, chosen, billable }
    }

    /// Whether some choices were made and others are open.
    pub fn is_unfinished(&self) -> bool {
        !self.chosen.is_empty() && !self.billable
    }
}
