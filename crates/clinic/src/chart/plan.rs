//! What a patient and their team have set out to do: goals and care plans in force.

use super::quantity::period;
use super::row::{Handle, Reading, Row, is_error, spoken};
use super::when::When;
use fhir::Kind;

/// A goal or a care plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its entry.
    pub entry: Handle,
    /// `Goal` or `Care plan`.
    pub sort: &'static str,
    /// Its words.
    pub words: String,
    /// Its status, where it is not simply active.
    pub status: Option<String>,
    /// When it is due, or what time it is for.
    pub when: Option<String>,
    /// What belongs to it: a plan's activities.
    pub parts: Vec<String>,
}

/// Statuses of what is over (R4 goal-status, request-status).
const OVER: [&str; 6] = ["completed", "cancelled", "rejected", "revoked", "entered-in-error", "ended"];

impl Plan {
    /// Those in force, in the order given.
    #[must_use]
    pub fn in_force(rows: &[Row], reading: &Reading) -> Vec<Self> {
        rows.iter().filter(|row| !is_error(row.root())).filter_map(|row| Self::of(row, reading)).collect()
    }

    fn of(row: &Row, reading: &Reading) -> Option<Self> {
        let root = row.root();
        let goal = row.key.kind == Kind::GOAL;
        let status = root.text(if goal { "lifecycleStatus" } else { "status" }).unwrap_or("unknown");
        if OVER.contains(&status) {
            return None;
        }
        let due = || root.each("target").into_iter().find_map(|target| When::choice(target, "due", &reading.clock));
        let named = if goal { root.words("description") } else { root.text("title").map(str::to_owned) };
        let described = || root.text("description").map(str::to_owned).filter(|_| !goal);
        let categories = || {
            let all: Vec<_> = root.each("category").into_iter().filter_map(fhir::Element::concept_words).collect();
            all.into_iter().find(|words| words != "assess-plan")
        };
        let parts = root
            .each("activity.detail")
            .into_iter()
            .filter_map(|detail| detail.words("code").or_else(|| detail.text("description").map(str::to_owned)));
        Some(Self {
            entry: row.handle(&reading.clock),
            sort: if goal { "Goal" } else { "Care plan" },
            words: named.or_else(described).or_else(categories).unwrap_or_else(|| "Without words".to_owned()),
            status: (status != "active").then(|| spoken(status)),
            when: if goal {
                due().map(|due| format!("due {}", due.date))
            } else {
                root.get("period").and_then(|time| period(time, &reading.clock))
            },
            parts: parts.collect(),
        })
    }
}
