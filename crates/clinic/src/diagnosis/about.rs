//! One problem with what belongs to it: its visits, and the medicines, notes and reports that name it or are of those visits.

use super::form::DiagnosisForm;
use crate::chart::care::Visit;
use crate::chart::commands::Loaded;
use crate::chart::document::Document;
use crate::chart::medicine::Medicines;
use crate::chart::problem::{Problem, Problems};
use crate::chart::report::Report;
use crate::chart::{Reading, Row};
use fhir::{Element, Key, Kind};
use store::record::Slice;

/// What belongs to a problem.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct About {
    /// Prescribed for it.
    pub medicines: Vec<crate::chart::medicine::Medicine>,
    /// It was diagnosed or treated in them.
    pub visits: Vec<Visit>,
    /// Notes that name it, and those of its visits.
    pub notes: Vec<Document>,
    /// Reports of its visits.
    pub reports: Vec<Report>,
}

impl About {
    /// What it is made from.
    #[must_use]
    pub fn slices() -> Vec<Slice> {
        [Kind::ENCOUNTER, Kind::MEDICATION_REQUEST, Kind::COMPOSITION, Kind::DIAGNOSTIC_REPORT].map(Slice::all).to_vec()
    }

    /// Gathers it from the chart.
    #[must_use]
    pub fn of(row: &Row, loaded: &Loaded) -> Self {
        let own = row.root().reference("encounter");
        let names_it = |element: &Element<'_>, path: &str| {
            let mut named = element.each(path).into_iter().filter_map(|it| Key::parse(it.text("reference")?));
            named.any(|key| key == row.key)
        };
        let of_visit = |visit: &&Row| {
            let root = visit.root();
            Some(&visit.key) == own.as_ref()
                || names_it(&root, "reasonReference")
                || root.each("diagnosis").iter().any(|item| item.reference("condition").as_ref() == Some(&row.key))
        };
        let visits: Vec<&Row> = loaded.rows(0).iter().filter(of_visit).collect();
        let in_them = |row: &Row| {
            let visit = row.root().reference("encounter");
            visits.iter().any(|known| Some(&known.key) == visit.as_ref())
        };
        let codes = codings(row.root(), "code");
        let for_it = |medicine: &&Row| {
            let root = medicine.root();
            names_it(&root, "reasonReference") || codings(root, "reasonCode").iter().any(|code| codes.contains(code))
        };
        let mut all = Medicines::default();
        for row in loaded.rows(1).iter().filter(for_it) {
            all.add(Medicines::of(std::slice::from_ref(row), &loaded.reading));
        }
        let lists = [all.withheld, all.active, all.ended, all.held, all.proposed, all.stopped, all.unclear];
        let noted =
            |note: &&Row| in_them(note) || note.root().each("section").iter().any(|part| names_it(part, "entry"));
        let mut about = Self {
            medicines: lists.into_iter().flatten().collect(),
            notes: loaded.rows(2).iter().filter(noted).map(|row| Document::of(row, &loaded.reading)).collect(),
            reports: loaded
                .rows(3)
                .iter()
                .filter(|row| in_them(row))
                .map(|row| Report::of(row, &loaded.reading))
                .collect(),
            visits: visits.iter().map(|row| Visit::of(row, &loaded.reading)).collect(),
        };
        about.visits.retain(|visit| visit.entry.error.is_none());
        about.notes.retain(|note| note.entry.error.is_none());
        about
    }
}

fn codings<'a>(root: Element<'a>, path: &str) -> Vec<(&'a str, &'a str)> {
    let codings = root.each(path).into_iter().flat_map(|concept| concept.each("coding"));
    codings.filter_map(|coding| Some((coding.text("system")?, coding.text("code")?))).collect()
}

/// A condition as the lists show it.
#[must_use]
pub fn problem(row: &Row, reading: &Reading) -> Option<Problem> {
    let all = Problems::of(std::slice::from_ref(row), reading);
    [all.active, all.resolved, all.visit, all.refuted, all.errors].into_iter().flatten().next()
}

/// Whether it is a diagnosis of a visit that does not stand on the problem list.
#[must_use]
pub fn only_of_a_visit(row: &Row) -> bool {
    row.root().has_code("category", "encounter-diagnosis") && !row.root().has_code("category", "problem-list-item")
}

impl DiagnosisForm {
    /// What the form shows of a problem that is there.
    #[must_use]
    pub fn of(row: &Row) -> Self {
        let root = row.root();
        let date = |path| root.text(path).map(|text| text.get(..10).unwrap_or(text).to_owned()).unwrap_or_default();
        Self {
            status: root.text("clinicalStatus.coding.code").unwrap_or_default().to_owned(),
            severity: root.code_of("severity", "http://snomed.info/sct").unwrap_or_default().to_owned(),
            onset: date("onsetDateTime"),
            ended: date("abatementDateTime"),
            ..Self::default()
        }
    }
}
