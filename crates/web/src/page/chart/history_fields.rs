//! The fields of each section of a history.

use crate::Ui;
use crate::component::form::{Field, area, needed, select};
use clinic::diagnosis::STATUSES;
use clinic::history::family::{LIVES, RELATIONS, ROWS};
use clinic::history::form::LONGEST_NOTE;
use clinic::history::medical::CERTAINTIES;
use clinic::history::social::SMOKING;
use clinic::history::{HistoryForm, Section, obstetric, surgical};
use clinic::{Action, FieldError};
use maud::{Markup, html};

const DATE: &str = "A year, a month as 2019-03, or a day as year-month-day; empty when not known";
/// How many rows of conditions a form shows beyond those that are filled.
const SPARE: usize = 3;

/// The fields; `there` says that an entry is changed, whose notes are added to.
#[must_use]
pub fn fields(ui: &Ui, section: Section, form: &HistoryForm, there: bool, errors: &[FieldError]) -> Markup {
    let note = if there { "Add a note" } else { "Note" };
    html! {
        @match section {
            Section::Medical => { (medical(ui, form, errors)) (area("note", note, form.get("note"), LONGEST_NOTE, errors)) },
            Section::Surgical => { (surgery(form, errors)) (area("note", note, form.get("note"), LONGEST_NOTE, errors)) },
            Section::Family => { (family(form, there, errors)) (area("note", note, form.get("note"), LONGEST_NOTE, errors)) },
            Section::Social => (social(form, errors)),
            Section::Obstetric => (births(form, errors)),
        }
    }
}

fn medical(ui: &Ui, form: &HistoryForm, errors: &[FieldError]) -> Markup {
    let first = |name: &str, fresh: &'static str| if form.get(name).is_empty() { fresh } else { "" };
    let status = [form.get("status"), first("status", "resolved")].concat();
    let certainty = [form.get("certainty"), first("certainty", "unconfirmed")].concat();
    let sure: Vec<_> =
        CERTAINTIES.into_iter().filter(|(code, _)| *code != "confirmed" || ui.may(Action::WriteClinical)).collect();
    html! {
        (Field::text("what", "Illness", form.get("what")).hint("For example pneumonia, heart attack, depression").view(errors))
        (needed("status", "Now", &status, &STATUSES, errors))
        p class="hint" { "What is still there stands on the problem list too." }
        div class="row" {
            (Field::text("onset", "Began", form.get("onset")).optional().hint(DATE).view(errors))
            (Field::text("ended", "Ended", form.get("ended")).optional().hint("Likewise, when it is over").view(errors))
        }
        (needed("certainty", "Certainty", &certainty, &sure, errors))
    }
}

fn surgery(form: &HistoryForm, errors: &[FieldError]) -> Markup {
    html! {
        (Field::text("what", "Operation", form.get("what")).hint("For example appendectomy, knee replacement").view(errors))
        (Field::text("when", "When", form.get("when")).optional().hint(DATE).view(errors))
        (select("side", "Side", form.get("side"), &surgical::CHOICES, errors))
        (Field::text("place", "Where", form.get("place")).optional().hint("The hospital or practice").view(errors))
    }
}

fn family(form: &HistoryForm, there: bool, errors: &[FieldError]) -> Markup {
    let none = if there { "As recorded" } else { "Choose one" };
    let relations: Vec<_> =
        std::iter::once(("", none)).chain(RELATIONS.map(|(code, words, ..)| (code, words))).collect();
    let filled =
        ROWS.iter().rposition(|(condition, onset)| !form.get(condition).is_empty() || !form.get(onset).is_empty());
    let shown = filled.map_or(0, |last| last + 1) + SPARE;
    html! {
        (needed("relation", "Relative", form.get("relation"), &relations, errors))
        (Field::text("name", "Name", form.get("name")).optional().view(errors))
        div class="row" {
            (select("life", "Lives", form.get("life"), &LIVES, errors))
            (Field::text("age", "Age in years, or at death", form.get("age")).optional().size("short").view(errors))
        }
        fieldset { legend { "Conditions" }
            @for (place, (condition, onset)) in ROWS.iter().enumerate().take(shown) {
                div class="row" {
                    (Field::text(condition, &format!("Condition {}", place + 1), form.get(condition)).optional().view(errors))
                    (Field::text(onset, "Began at age", form.get(onset)).optional().size("short").view(errors))
                }
            }
        }
    }
}

fn social(form: &HistoryForm, errors: &[FieldError]) -> Markup {
    let smoking: Vec<_> =
        std::iter::once(("", "Not asked")).chain(SMOKING.map(|(slug, _, words, _)| (slug, words))).collect();
    let line = |name, label, hint| Field::text(name, label, form.get(name)).optional().hint(hint).view(errors);
    html! {
        p class="hint" { "The answers of last time are filled in. What you answer otherwise is recorded as of today; the rest stays as it was." }
        fieldset { legend { "Tobacco" }
            div class="row" {
                (select("smoking", "Smoking status", form.get("smoking"), &smoking, errors))
                (Field::text("packs", "Pack-years", form.get("packs")).optional().size("short").hint("Packs a day × years").view(errors))
            }
        }
        (line("alcohol", "Alcohol", "What and how much, for example 2 beers a week"))
        (line("substances", "Other substances", "Vaping, cannabis and others"))
        (line("occupation", "Occupation", ""))
        (line("living", "Living situation", "With whom and in what kind of home"))
    }
}

fn births(form: &HistoryForm, errors: &[FieldError]) -> Markup {
    html! {
        p class="hint" { "The answers of last time are filled in. The last menstrual period is asked in rooming." }
        div class="row" {
            @for question in &obstetric::QUESTIONS { (Field::text(question.slug, question.words, form.get(question.slug)).optional().size("short").view(errors)) }
        }
    }
}
