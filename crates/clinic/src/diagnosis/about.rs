//! One problem with what belongs to it: its visits, and the medicines, notes, reports and results that name it or are of those visits.

use super::form::DiagnosisForm;
use crate::chart::care::Visit;
use crate::chart::commands::Loaded;
use crate::chart::document::Document;
use crate::chart::medicine::Medicines;
use crate::chart::problem::{Problem, Problems};
use crate::chart::report::Report;
use crate::chart::result::Observed;
use crate::chart::{Ask, Reading, Row};
use crate::error::Result;
use crate::record::search;
use fhir::{Element, Key, Kind};
use store::Sealed;
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
    /// Laboratory results of its visits, newest first.
    pub results: Vec<Observed>,
}

/// How many of its visits' results are shown, and of how many visits.
const RESULTS: usize = 30;

/// A problem of a chart with what belongs to it.
///
/// # Errors
/// [`crate::Error::NotFound`] when it is not in this chart; what the store says.
pub async fn about(ask: &Ask<'_>, key: &Key) -> Result<(Loaded, Row, About)> {
    let found = ask.find_entry(key, &About::slices()).await?;
    let (loaded, row) = found.for_decision();
    let visits: Vec<_> = visits(row, loaded).into_iter().take(RESULTS).map(|row| row.key.to_string()).collect();
    let results = if visits.is_empty() {
        Sealed::empty(Vec::new())
    } else {
        let (visits, count) = (visits.join(","), RESULTS.to_string());
        let asked =
            [("encounter", visits.as_str()), ("category", "laboratory"), ("_sort", "-date"), ("_count", &count)];
        search(ask.store, &ask.permit()?, Kind::OBSERVATION, &asked, ask.caller).await?
    };
    let ((loaded, row), results) = ask.release(found.zip(results), "problem").await?;
    let mut about = About::of(&row, &loaded);
    about.results = Observed::all(&Row::read_all(&results), &loaded.reading);
    about.results.retain(|result| result.counts() && result.has_content());
    Ok((loaded, row, about))
}

/// Visits that diagnosed or treated it, and the one it is a diagnosis of.
fn visits<'a>(row: &Row, loaded: &'a Loaded) -> Vec<&'a Row> {
    let own = row.root().reference("encounter");
    let of_it = |visit: &&Row| {
        let root = visit.root();
        Some(&visit.key) == own.as_ref()
            || names(row, &root, "reasonReference")
            || root.each("diagnosis").iter().any(|item| item.reference("condition").as_ref() == Some(&row.key))
    };
    loaded.rows(0).iter().filter(of_it).collect()
}

/// Whether an element names it at a path.
fn names(row: &Row, element: &Element<'_>, path: &str) -> bool {
    let mut named = element.each(path).into_iter().filter_map(|it| Key::parse(it.text("reference")?));
    named.any(|key| key == row.key)
}

impl About {
    fn slices() -> Vec<Slice> {
        [Kind::ENCOUNTER, Kind::MEDICATION_REQUEST, Kind::COMPOSITION, Kind::DIAGNOSTIC_REPORT].map(Slice::all).to_vec()
    }

    /// Gathers it from the chart.
    fn of(row: &Row, loaded: &Loaded) -> Self {
        let names_it = |element: &Element<'_>, path: &str| names(row, element, path);
        let visits = visits(row, loaded);
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
            results: Vec::new(),
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
            certainty: root.text("verificationStatus.coding.code").unwrap_or_default().to_owned(),
            severity: root.code_of("severity", "http://snomed.info/sct").unwrap_or_default().to_owned(),
            onset: date("onsetDateTime"),
            ended: date("abatementDateTime"),
            ..Self::default()
        }
    }
}
