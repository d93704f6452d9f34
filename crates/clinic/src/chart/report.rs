//! Diagnostic reports.

use super::document::Attachment;
use super::row::{Handle, Reading, Row, spoken};
use super::when::When;
use fhir::{Element, Key};

/// One report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its entry.
    pub entry: Handle,
    /// Its words.
    pub name: String,
    /// Laboratory, radiology …, as sent.
    pub category: Option<String>,
    /// When the specimen was taken or the study made.
    pub when: Option<When>,
    /// When it was issued.
    pub issued: Option<When>,
    /// `Preliminary`, `Corrected`, `Amended` …; none when final.
    pub status: Option<String>,
    /// Who answers for it.
    pub by: Option<String>,
    /// Its conclusion.
    pub conclusion: Option<String>,
    /// Coded conclusions in words.
    pub findings: Vec<String>,
    /// Its results, in order.
    pub results: Vec<Key>,
    /// The report as a document.
    pub forms: Vec<Attachment>,
}

impl Report {
    /// Reads reports; the order is kept.
    #[must_use]
    pub fn all(rows: &[Row], reading: &Reading) -> Vec<Self> {
        rows.iter().map(|row| Self::of(row, reading)).collect()
    }

    /// Reads one report.
    #[must_use]
    pub fn of(row: &Row, reading: &Reading) -> Self {
        let root = row.root();
        let clock = &reading.clock;
        Self {
            entry: row.handle(clock),
            name: root.words("code").unwrap_or_else(|| "Report without words".to_owned()),
            category: root.words("category"),
            when: When::choice(root, "effective", clock).or_else(|| When::get(root, "issued", clock)),
            issued: When::get(root, "issued", clock),
            status: root.text("status").filter(|status| *status != "final").map(spoken),
            by: reading.names.all(root, "performer").or_else(|| reading.names.all(root, "resultsInterpreter")),
            conclusion: root.text("conclusion").map(str::to_owned),
            findings: root.each("conclusionCode").into_iter().filter_map(Element::concept_words).collect(),
            results: root.each("result").into_iter().filter_map(|r| Key::parse(r.text("reference")?)).collect(),
            forms: Attachment::all(root, "presentedForm"),
        }
    }
}
