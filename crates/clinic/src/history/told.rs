//! A chart's history as it is told: each section's entries, whether anybody asked, who went through it when, and what was changed since.

use super::form::HistoryForm;
use super::questions;
use super::section::{Section, asks_of_pregnancies, is_surgical};
use crate::chart::allergy::Known;
use crate::chart::author::{Authors, written};
use crate::chart::care::{Procedure, Relative};
use crate::chart::commands::{Ask, Loaded};
use crate::chart::problem::{Problem, Problems};
use crate::chart::result::Observed;
use crate::chart::row::{Reading, Row, is_error};
use crate::chart::when::When;
use crate::entry;
use crate::error::Result;
use fhir::edit::history::REVIEWS;
use fhir::{Element, Key, Kind};
use ring::digest::{Context, SHA256};
use std::collections::{HashMap, HashSet};
use store::record::Slice;

/// That somebody went through a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// When.
    pub when: When,
    /// Who.
    pub by: Option<String>,
    /// Whether they said that there is nothing.
    pub none: bool,
    /// What was changed after it.
    pub since: Option<Since>,
}

/// A change after a review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// When; none of what is not in this chart any more.
    pub when: Option<When>,
    /// Who, where the trail tells it.
    pub by: Option<String>,
}

/// One section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Which.
    pub section: Section,
    /// Not asked, asked and nothing, or listed.
    pub known: Known,
    /// Who went through it.
    pub review: Option<Review>,
    /// What a review has to have seen: it changes with anything the section shows.
    pub seen: String,
}

/// The whole history.
pub struct Whole {
    /// The sections that are shown.
    pub sections: Vec<Told>,
    /// Past illnesses.
    pub illnesses: Vec<Problem>,
    /// How many other problems are active, on the problem list.
    pub problems: usize,
    /// Operations.
    pub operations: Vec<Procedure>,
    /// How many other procedures there are.
    pub other_procedures: usize,
    /// Relatives.
    pub family: Vec<Relative>,
    /// The newest answer to each social question.
    pub social: Vec<Observed>,
    /// Of each obstetric one.
    pub obstetric: Vec<Observed>,
    /// What this reader may change.
    pub changeable: HashSet<Key>,
    /// What was answered last to each question, as a form shows it.
    pub answered: HistoryForm,
}

/// What a history is made from.
#[must_use]
pub fn slices() -> Vec<Slice> {
    let loinc = |code: &str| ("http://loinc.org".to_owned(), code.to_owned());
    let lists = Section::ALL.map(|section| loinc(section.code().0)).to_vec();
    let answers = super::obstetric::slice().codes;
    vec![
        Slice::all(Kind::CONDITION),
        Slice::all(Kind::PROCEDURE),
        Slice::all(Kind::FAMILY_MEMBER_HISTORY),
        Slice { category: Some("social-history".to_owned()), ..Slice::newest(Kind::OBSERVATION, 200) },
        // However long ago it was answered, and whatever category others gave it.
        Slice { codes: answers.into_iter().chain([loinc("72166-2")]).collect(), ..Slice::newest(Kind::OBSERVATION, 3) },
        Slice { codes: lists, ..Slice::newest(Kind::LIST, 5) },
    ]
}

/// The rows of a history, sorted into its sections.
pub(super) struct Sorted<'a> {
    /// Every entry read, those in error too.
    pub all: Vec<&'a Row>,
    lists: Vec<&'a Row>,
    /// Whether pregnancies are asked about.
    pub obstetric: bool,
}

impl<'a> Sorted<'a> {
    /// Sorts what [`slices`] read.
    pub fn of(parts: &[&'a [Row]], patient: Element<'_>, today: jiff::civil::Date) -> Self {
        let mut known = HashSet::new();
        // Of the questions that are looked for by their codes the newest answer stands there, so these come first.
        let mut all: Vec<&Row> =
            [4, 0, 1, 2, 3].iter().filter_map(|part| parts.get(*part)).flat_map(|rows| rows.iter()).collect();
        all.retain(|row| known.insert(&row.key));
        let answers = parts.get(4).copied().unwrap_or_default();
        let lists = parts.get(5).map(|rows| rows.iter().collect()).unwrap_or_default();
        Self { all, lists, obstetric: asks_of_pregnancies(patient, today, answers) }
    }

    /// What counts of a section; of questions, the newest answer to each.
    pub fn entries(&self, section: Section) -> Vec<&'a Row> {
        let mut asked = HashSet::new();
        let mut rows: Vec<_> = self.all.iter().copied().filter(|row| self.counts(row, section)).collect();
        if section.asks() {
            rows.retain(|row| asked.insert(question(row)));
        }
        rows
    }

    fn counts(&self, row: &Row, section: Section) -> bool {
        let root = row.root();
        let cancelled = row.key.kind == Kind::OBSERVATION && root.text("status") == Some("cancelled");
        !is_error(root) && !cancelled && Section::of(row, self.obstetric) == Some(section)
    }

    /// The List of a section: current or retired.
    pub fn list(&self, section: Section) -> Option<&'a Row> {
        let ours = |row: &Row| row.root().each("identifier").iter().any(|it| it.text("system") == Some(REVIEWS));
        let of = |row: &&Row| row.root().has_code("code", section.code().0) && ours(row) && !is_error(row.root());
        self.lists.iter().copied().find(of)
    }

    /// What a review has to have seen.
    pub fn seen(&self, section: Section) -> String {
        let mut lines: Vec<_> =
            self.entries(section).into_iter().map(|row| format!("{}@{}", row.key, row.version)).collect();
        lines.sort();
        let mut digest = Context::new(&SHA256);
        lines.iter().for_each(|line| digest.update(format!("{line}\n").as_bytes()));
        digest.finish().as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

fn question(row: &Row) -> String {
    let root = row.root();
    let of = super::social::QUESTIONS.iter().chain(&super::obstetric::QUESTIONS).find(|question| question.is_of(root));
    let coded = || root.each("code.coding").into_iter().find_map(|coding| coding.text("code").map(str::to_owned));
    of.map(|question| question.words.to_owned()).or_else(coded).or_else(|| root.words("code")).unwrap_or_default()
}

/// What of a section is otherwise than a List says: new or in another version, and the names of what is missing.
fn changed<'a>(sorted: &Sorted<'a>, section: Section, list: &Row) -> (Vec<&'a Row>, bool) {
    let items = list.root().each("entry").into_iter().filter_map(|entry| {
        let (name, version) = entry.text("item.reference")?.split_once("/_history/")?;
        Some((Key::parse(name)?, version.parse::<u32>().ok()?))
    });
    let listed: HashMap<Key, u32> = items.collect();
    let entries = sorted.entries(section);
    let mut rows: Vec<_> = entries.iter().copied().filter(|row| listed.get(&row.key) != Some(&row.version)).collect();
    let mut gone = false;
    for key in listed.keys().filter(|key| entries.iter().all(|row| row.key != **key)) {
        gone = true;
        rows.extend(sorted.all.iter().copied().find(|row| row.key == *key));
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.recorded_at));
    (rows, gone)
}

impl Ask<'_> {
    /// The history of a chart, as the page shows it.
    ///
    /// # Errors
    /// As [`Ask::load`].
    pub async fn told(&self) -> Result<(Loaded, Whole)> {
        let loaded = self.load(&slices()).await?;
        let wanted = {
            let loaded = loaded.for_decision();
            let sorted = sorted(loaded);
            let newest = |section: Section| {
                let list = sorted.list(section)?;
                changed(&sorted, section, list).0.first().map(|row| ((row.key.clone(), row.version), row.recorded_at))
            };
            Section::ALL.into_iter().filter_map(newest).collect()
        };
        let authors = written(self.store, self.caller, &self.patient, wanted).await?;
        let (loaded, authors) = self.release(loaded.zip(authors), "history").await?;
        let whole = self.whole(&loaded, &authors);
        Ok((loaded, whole))
    }

    fn whole(&self, loaded: &Loaded, authors: &Authors) -> Whole {
        let (sorted, reading) = (sorted(loaded), &loaded.reading);
        let keys = |section| sorted.entries(section).into_iter().map(|row| row.key.clone()).collect::<HashSet<_>>();
        let observed = |section| sorted.entries(section).into_iter().map(|row| Observed::of(row, reading)).collect();
        let illnesses = keys(Section::Medical);
        let problems = Problems::of(loaded.rows(0), reading);
        let told = |row: &Row| Section::of(row, sorted.obstetric).is_some_and(|section| !section.asks());
        let may =
            |row: &&&Row| told(row) && entry::may_correct(self.caller, row.key.kind, row.root().value(), &self.patient);
        let shown = |section: &Section| *section != Section::Obstetric || sorted.obstetric;
        Whole {
            sections: Section::ALL
                .into_iter()
                .filter(shown)
                .map(|section| tell(&sorted, section, authors, reading))
                .collect(),
            problems: problems.active.iter().filter(|one| !illnesses.contains(&one.entry.key)).count(),
            illnesses: [problems.resolved, problems.active, problems.visit]
                .into_iter()
                .flatten()
                .filter(|problem| illnesses.contains(&problem.entry.key))
                .collect(),
            operations: loaded
                .rows(1)
                .iter()
                .filter(|row| is_surgical(row.root()))
                .map(|row| Procedure::of(row, reading))
                .collect(),
            other_procedures: loaded.rows(1).iter().filter(|row| !is_surgical(row.root())).count(),
            family: loaded.rows(2).iter().map(|row| Relative::of(row, reading)).collect(),
            social: observed(Section::Social),
            obstetric: observed(Section::Obstetric),
            answered: HistoryForm(
                [(Section::Social, &super::social::QUESTIONS), (Section::Obstetric, &super::obstetric::QUESTIONS)]
                    .into_iter()
                    .flat_map(|(section, questions)| questions::shown(questions, &sorted.entries(section)).0)
                    .collect(),
            ),
            changeable: sorted.all.iter().filter(may).map(|row| row.key.clone()).collect(),
        }
    }
}

fn sorted(loaded: &Loaded) -> Sorted<'_> {
    let parts: Vec<&[Row]> = (0..slices().len()).map(|part| loaded.rows(part)).collect();
    Sorted::of(&parts, loaded.patient.root(), loaded.reading.clock.today)
}

fn tell(sorted: &Sorted<'_>, section: Section, authors: &Authors, reading: &Reading) -> Told {
    let review = sorted.list(section).filter(|list| list.root().text("status") == Some("current")).and_then(|list| {
        let (changes, gone) = changed(sorted, section, list);
        let since = changes.first().map(|row| Since {
            when: Some(When::of(row.recorded_at, &reading.clock)),
            by: authors.of(&row.key, row.version).map(str::to_owned),
        });
        Some(Review {
            when: When::get(list.root(), "date", &reading.clock)?,
            by: reading.names.get(list.root(), "source"),
            none: list.root().has_code("emptyReason", "nilknown"),
            since: since.or(gone.then_some(Since { when: None, by: None })),
        })
    });
    let known = match (sorted.entries(section).is_empty(), &review) {
        (false, _) => Known::Listed,
        (true, Some(review)) if review.none => Known::None,
        (true, _) => Known::NotAsked,
    };
    Told { section, known, review, seen: sorted.seen(section) }
}
