//! DiagnosticReport: laboratory panels, imaging and other reports.

use super::onset::Onset;

resource! {
    /// R4 DiagnosticReport.
    DiagnosticReport {
        /// `registered`, `partial`, `preliminary`, `final`, `amended`, `corrected`, `appended`, `cancelled` …
        status: text = "status",
        /// Which service made it.
        categories: many CodeableConcept = "category",
        /// What was done.
        code: one CodeableConcept = "code",
        /// Whom it is about.
        subject: one Reference = "subject",
        /// The visit it belongs to.
        encounter: one Reference = "encounter",
        /// When it was made available.
        issued: date = "issued",
        /// Who answers for it.
        performers: many Reference = "performer",
        /// Who read it.
        interpreters: many Reference = "resultsInterpreter",
        /// The orders it answers.
        based_on: many Reference = "basedOn",
        /// The specimens.
        specimens: many Reference = "specimen",
        /// Its results.
        results: many Reference = "result",
        /// The conclusion in words.
        conclusion: text = "conclusion",
        /// The conclusion coded.
        conclusion_codes: many CodeableConcept = "conclusionCode",
        /// The whole report, as PDF or text.
        forms: many Attachment = "presentedForm",
    }
}

impl<'a> DiagnosticReport<'a> {
    /// When it was true of the patient.
    #[must_use]
    pub fn effective(self) -> Option<Onset<'a>> {
        Onset::of(self.0, "effective")
    }
}
