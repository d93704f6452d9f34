//! Condition: a problem or a diagnosis.

use super::CodeableConcept;
use super::onset::Onset;

/// R4 clinical status of a condition.
pub const CONDITION_CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
/// R4 verification status of a condition.
pub const CONDITION_VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";

resource! {
    /// R4 Condition.
    Condition {
        /// `active`, `recurrence`, `relapse`, `inactive`, `remission` or `resolved`, as a concept.
        clinical_status: one CodeableConcept = "clinicalStatus",
        /// `confirmed`, `provisional`, `refuted`, `entered-in-error` …, as a concept.
        verification_status: one CodeableConcept = "verificationStatus",
        /// Problem list item, encounter diagnosis, health concern.
        categories: many CodeableConcept = "category",
        /// How severe it is.
        severity: one CodeableConcept = "severity",
        /// What it is.
        code: one CodeableConcept = "code",
        /// Where on the body.
        body_sites: many CodeableConcept = "bodySite",
        /// Whom it is about.
        subject: one Reference = "subject",
        /// The visit it was recorded in.
        encounter: one Reference = "encounter",
        /// When it was first recorded.
        recorded_date: date = "recordedDate",
        /// Who recorded it.
        recorder: one Reference = "recorder",
        /// Who says so.
        asserter: one Reference = "asserter",
        /// Remarks.
        notes: many Annotation = "note",
    }
}

impl<'a> Condition<'a> {
    /// The code of the clinical status.
    #[must_use]
    pub fn clinical_code(self) -> Option<&'a str> {
        self.clinical_status().and_then(CodeableConcept::code)
    }

    /// The code of the verification status.
    #[must_use]
    pub fn verification_code(self) -> Option<&'a str> {
        self.verification_status().and_then(CodeableConcept::code)
    }

    /// Whether the patient has it now: active, recurrence or relapse, and neither refuted nor entered in error.
    #[must_use]
    pub fn is_active(self) -> bool {
        let now = matches!(self.clinical_code(), Some("active" | "recurrence" | "relapse"));
        now && !matches!(self.verification_code(), Some("refuted" | "entered-in-error"))
    }

    /// When it began.
    #[must_use]
    pub fn onset(self) -> Option<Onset<'a>> {
        Onset::of(self.0, "onset")
    }

    /// When it ended.
    #[must_use]
    pub fn abatement(self) -> Option<Onset<'a>> {
        Onset::of(self.0, "abatement")
    }

    /// Whether a category has this code, such as `problem-list-item`.
    #[must_use]
    pub fn has_category(self, code: &str) -> bool {
        self.categories().any(|category| category.codings().any(|c| c.code() == Some(code)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn active_follows_both_statuses() {
        let with = |clinical: &str, verification: &str| {
            let body = json!({"clinicalStatus": {"coding": [{"code": clinical}]},
                "verificationStatus": {"coding": [{"code": verification}]}});
            Condition::new(&body).is_active()
        };
        assert!(with("active", "confirmed") && with("relapse", "provisional"));
        assert!(!with("resolved", "confirmed") && !with("active", "refuted") && !with("active", "entered-in-error"));
    }

    #[test]
    fn onset_may_be_a_date_an_age_or_words() {
        let words = |body: serde_json::Value| Condition::new(&body).onset().map(Onset::words);
        assert_eq!(words(json!({"onsetDateTime": "2019-05"})).as_deref(), Some("2019-05"));
        assert_eq!(words(json!({"onsetAge": {"value": 45, "unit": "years"}})).as_deref(), Some("45 years"));
        assert_eq!(words(json!({"onsetString": "as a child"})).as_deref(), Some("as a child"));
        assert_eq!(words(json!({})), None);
    }
}
