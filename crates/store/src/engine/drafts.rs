//! Drafts looked at by a check: that each can be read, is where it says, is found by what it says, and that the texts that stand in it
//! are among those that were saved. Drafts are named by their ids: nothing of their content is told.

use super::compare::row;
use crate::draft::{Draft, SavedText, standing};
use fhir::Id;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// A draft as a database keeps it.
pub struct KeptDraft<'a> {
    /// The number of its chart.
    pub chart: i64,
    /// The patient of that chart, while there is one: their id, and whether they are deleted.
    pub patient: Option<(Id, bool)>,
    /// The id it is found by.
    pub id: Uuid,
    /// What else it is found by ([`Draft::row`]).
    pub row: (Uuid, bool, i64),
    /// The draft, as JSON.
    pub body: &'a str,
}

/// What was found of drafts.
#[derive(Default)]
pub struct DraftSurvey {
    /// The texts that stand, by their places, while they were not met among the saved ones.
    standing: HashMap<u64, (u64, i64, Uuid)>,
    /// What is wrong and cannot be put right.
    pub never: Vec<String>,
    /// What is wrong and follows from the draft.
    pub possible: Vec<String>,
    /// The drafts whose rows are to be made anew: chart and id.
    pub to_mend: BTreeSet<(i64, Uuid)>,
}

impl DraftSurvey {
    /// Looks at a draft.
    pub fn draft(&mut self, kept: &KeptDraft<'_>) {
        let id = kept.id;
        let Ok(draft) = serde_json::from_str::<Draft>(kept.body) else {
            self.never.push(format!("draft {id}: it cannot be read"));
            return;
        };
        let at_home = kept.patient.as_ref().is_some_and(|(patient, _)| draft.patient.id() == patient);
        if draft.id != id || !at_home {
            self.never.push(format!("draft {id}: its row is another draft's, or another chart's"));
            return;
        }
        if draft.waits_for().is_some() && kept.patient.as_ref().is_some_and(|(_, deleted)| *deleted) {
            self.never.push(format!("draft {id}: its patient is deleted"));
        }
        if draft.row() != kept.row {
            self.possible.push(format!("draft {id}: what it is found by does not agree with it"));
            self.to_mend.insert((kept.chart, id));
        }
        for (name, stands) in standing(&draft) {
            let place = place(id, name, stands.revision);
            self.standing.insert(place, (mark(stands), kept.chart, id));
        }
    }

    /// Looks at a text that was saved, once every draft was.
    pub fn saved(&mut self, note: Uuid, section: &str, revision: u32, body: &str) {
        let Ok(text) = serde_json::from_str::<SavedText>(body) else {
            self.never.push(format!("draft {note}: a text that was saved of it cannot be read"));
            return;
        };
        if let Some((expected, _, _)) = self.standing.remove(&place(note, section, revision))
            && expected != mark(&text)
        {
            self.never.push(format!("draft {note}: a text that stands in it is not the one that was saved"));
        }
    }

    /// Every draft and every text was looked at.
    pub fn ended(&mut self) {
        let lacking: BTreeSet<_> = self.standing.drain().map(|(_, (_, chart, note))| (chart, note)).collect();
        for (chart, note) in lacking {
            self.possible.push(format!("draft {note}: a text that stands in it is not among those that were saved"));
            self.to_mend.insert((chart, note));
        }
    }
}

fn place(note: Uuid, section: &str, revision: u32) -> u64 {
    row("note_revision", (note, section, revision))
}

fn mark(text: &SavedText) -> u64 {
    row("text", (text.by, text.at.as_microsecond(), text.text.as_str()))
}
