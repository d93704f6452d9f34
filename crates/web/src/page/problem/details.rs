//! The form of a diagnosis whose code is chosen: more detail, what it is not coded with, its course.

use super::Sent;
use super::choice::{Choice, mark};
use super::find;
use super::parts::{course, note};
use crate::Ui;
use crate::component::form::{check, needed, select};
use clinic::FieldError;
use clinic::chart::care::Visit;
use clinic::diagnosis::{CERTAINTIES, DiagnosisForm};
use jiff::civil::Date;
use maud::{Markup, html};
use reference::icd10cm::{self, Answer, Conflict, Hit};

/// What the page shows.
pub struct Shown<'a> {
    /// What was sent.
    pub sent: &'a Sent,
    /// The visit, with its version.
    pub visit: Option<&'a (Visit, u32)>,
    /// The edition that answers for its day.
    pub answer: Answer<'a>,
    /// That day.
    pub day: Date,
    /// What was found.
    pub hits: Vec<Hit<'a>>,
    /// What the code does not stand together with.
    pub conflicts: Vec<Conflict<'a>>,
    /// Whether it is in the chart already.
    pub again: bool,
    /// The code's entry.
    pub entry: Option<icd10cm::Entry<'a>>,
    /// What was picked and narrowed.
    pub choice: Choice,
    /// What to mend.
    pub errors: &'a [FieldError],
}

/// The form.
pub fn view(ui: &Ui, address: &str, hidden: &Markup, shown: &Shown, entry: icd10cm::Entry<'_>) -> Markup {
    let Shown { sent, visit, conflicts, again, choice, errors, .. } = shown;
    let typed = sent.form();
    let fresh = |value: &str, first: &str| if value.is_empty() { first.to_owned() } else { value.to_owned() };
    let form = DiagnosisForm { status: fresh(&typed.status, "active"), ..typed };
    html! {
        form class="form" method="post" action={ (address) "/new" } data-guard {
            (hidden)
            input type="hidden" name="code" value=(choice.base);
            input type="hidden" name="seen" value=(mark(&choice.code, conflicts));
            h3 { code { (entry.code()) } " " (entry.words()) }
            p { (find::star(ui, &entry.code(), "step", "star")) }
            @if *again { p class="notice info" { "This code is active in the chart already." } }
            @if !choice.billable {
                p class="notice warn" { "This code is not billable: it can stand on the problem list." @if visit.is_some() { " A claim for this visit needs more detail." } }
            }
            @if !choice.axes.is_empty() || !choice.chosen.is_empty() {
                fieldset id="choices" {
                    legend { "More detail" }
                    @for (kind, words) in &choice.chosen { (select(&format!("axis-{}", kind.name()), kind.name(), words, &[("", "Not chosen"), (words, words)], errors)) }
                    @for axis in choice.axes.iter().filter(|axis| choice.chosen.iter().all(|(kind, _)| *kind != axis.kind)) {
                        @let choices: Vec<_> = std::iter::once(("", "Not chosen")).chain(axis.choices.iter().map(|words| (words.as_str(), words.as_str()))).collect();
                        (select(&format!("axis-{}", axis.kind.name()), axis.kind.name(), "", &choices, errors))
                    }
                    button class="btn" name="step" value="narrow" { "Show the code" }
                }
            }
            @if !conflicts.is_empty() {
                div class="notice warn" id="conflicts" role="alert" {
                    p { strong { "Not coded together, says ICD-10-CM (Excludes1):" } }
                    ul { @for conflict in conflicts { li { (conflict.of) " excludes " (conflict.excluded) ": " q { (conflict.words) } } } }
                }
            }
            (course(&form, errors))
            (needed("certainty", "Certainty", &fresh(&form.certainty, "confirmed"), &CERTAINTIES, errors))
            (note("Note", &form.note, errors))
            @if visit.is_some() { (check("on_list", "On the problem list too", form.on_list)) }
            div class="actions" { button class="btn primary" name="step" value="save" { "Save " (entry.code()) } }
        }
    }
}
