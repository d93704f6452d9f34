//! What both forms have: the course of a problem.

use crate::component::form::{Field, needed, select};
use clinic::FieldError;
use clinic::diagnosis::{DiagnosisForm, SEVERITIES, STATUSES};
use maud::{Markup, html};

/// Status, severity, when it began and ended.
pub fn course(form: &DiagnosisForm, errors: &[FieldError]) -> Markup {
    let mut severities = vec![("", "Not said")];
    severities.extend(SEVERITIES);
    html! {
        (needed("status", "Status", &form.status, &STATUSES, errors))
        (select("severity", "Severity", &form.severity, &severities, errors))
        (Field::text("onset", "Began", &form.onset).optional().size("short").hint("A year, a month as 2019-03, or a day as year-month-day").view(errors))
        (Field::text("ended", "Ended", &form.ended).optional().size("short").hint("When it was resolved, likewise").view(errors))
    }
}

/// A remark.
pub fn note(label: &str, text: &str, errors: &[FieldError]) -> Markup {
    html! {
        div class="field long" {
            label for="note" { (label) }
            @for error in errors.iter().filter(|error| error.field == "note") { p class="error" id="note-error" { (error.problem) } }
            textarea id="note" name="note" rows="3" { (text) }
        }
    }
}
