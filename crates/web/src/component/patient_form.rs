//! The registration form: who a patient is, field by field, with what is to be mended and who may be the same person.

use super::banner::{self, Place};
use super::form::{self, Field};
use super::{born, hit, layout, when};
use crate::Ui;
use clinic::FieldError;
use clinic::chart::banner::Banner;
use clinic::patient::commands::{Hit, Meanwhile};
use clinic::patient::form::{LANGUAGES, SEXES, label};
use clinic::patient::lists::Practitioners;
use fhir::edit::patient::Demographics;
use jiff::civil::Date;
use maud::{Markup, html};

/// What the form shows.
pub struct Shown<'a> {
    /// The fields, as stored or as typed.
    pub form: &'a Demographics,
    /// When editing: whose, and the version the form was opened on.
    pub editing: Option<(&'a Banner, u32)>,
    /// What to mend.
    pub errors: &'a [FieldError],
    /// Who may be the same person.
    pub look_alikes: &'a [(Hit, &'static str)],
    /// When editing and somebody saved meanwhile: what they changed.
    pub meanwhile: Option<&'a Meanwhile>,
    /// Practitioners to choose a general practitioner from.
    pub practitioners: &'a Practitioners,
    /// The name that other practitioners were searched for by; empty when nobody was searched for.
    pub searched: &'a str,
    /// The key that makes sending twice register once.
    pub once: &'a str,
}

impl<'a> Shown<'a> {
    /// A form with nothing to mend yet.
    #[must_use]
    pub fn of(form: &'a Demographics, practitioners: &'a Practitioners) -> Self {
        Self {
            form,
            editing: None,
            errors: &[],
            look_alikes: &[],
            meanwhile: None,
            practitioners,
            searched: "",
            once: "",
        }
    }
}

/// The page: in the patient's chart when editing, by itself when registering.
#[must_use]
pub fn view(ui: &Ui, shown: &Shown<'_>) -> Markup {
    let today = ui.now.to_zoned(ui.zone.clone()).date();
    let (title, cancel) = match shown.editing {
        Some((banner, _)) => ("Edit who this is", format!("/patients/{}", banner.id)),
        None => ("Register a patient", "/search".to_owned()),
    };
    let body = html! {
        main id="main" class="page narrow" {
            header class="page-head" { @if shown.editing.is_some() { h2 { (title) } } @else { h1 { (title) } } }
            (form::error_summary(shown.errors))
            @if let Some(meanwhile) = shown.meanwhile { (changed(ui, shown, meanwhile)) }
            form class="form" method="post" data-guard autocomplete="off" {
                (ui.csrf_field())
                @match shown.editing {
                    Some((banner, version)) => {
                        input type="hidden" name="patient" value=(banner.id);
                        input type="hidden" name="version" value=(version);
                    }
                    None => { input type="hidden" name="once" value=(shown.once); }
                }
                (look_alikes(shown, today))
                (fields(shown))
                div class="actions" {
                    @match (shown.editing, shown.look_alikes.is_empty()) {
                        (Some((banner, _)), true) if shown.meanwhile.is_some() => button class="btn danger" { "Save my changes on top for " (banner.name) },
                        (Some((banner, _)), true) => button class="btn primary" { "Save " (banner.name) },
                        (Some((banner, _)), false) => button class="btn danger" name="others" value=(ids(shown)) { "None of these: save " (banner.name) },
                        (None, true) => button class="btn primary" { "Register" },
                        (None, false) => button class="btn danger" name="others" value=(ids(shown)) { "None of these: register as a new patient" },
                    }
                    a class="btn" href=(cancel) { "Cancel" }
                }
            }
        }
    };
    match shown.editing {
        Some((banner, _)) => banner::page(ui, banner, Place { section: "edit", as_of: None }, title, &body),
        None => layout::page(ui, title, None, &body),
    }
}

/// What somebody else saved while this form was open. Where both wrote, both are shown, and the form holds what was typed.
fn changed(ui: &Ui, shown: &Shown<'_>, meanwhile: &Meanwhile) -> Markup {
    let say = |field: &str, text: &str| said(field, text, shown.practitioners);
    html! {
        section class="lookalike card" role="alert" tabindex="-1" aria-labelledby="meanwhile-title" {
            header { h2 id="meanwhile-title" { "Changed meanwhile: nothing of yours was saved yet" } }
            p class="pad" {
                @match &meanwhile.by { Some(by) => strong { (by) }, None => "Somebody" }
                " saved " (when::moment(meanwhile.at, &ui.zone)) ", after you opened this form. "
                @if meanwhile.changed.is_empty() { "None of the fields below differs. " }
                "What you typed is below, with their changes taken in. Look at it, then save."
            }
            @if !meanwhile.changed.is_empty() {
                table class="list" {
                    caption class="vh" { "What they changed" }
                    thead { tr { th scope="col" { "Field" } th scope="col" { "It said" } th scope="col" { "They wrote" } th scope="col" { "In this form" } } }
                    tbody { @for one in &meanwhile.changed {
                        tr {
                            th scope="row" { a href={ "#" (one.field) } { (label(one.field)) } }
                            td data-label="It said" { (say(one.field, &one.before)) }
                            td data-label="They wrote" { (say(one.field, &one.now)) }
                            td data-label="In this form" {
                                @match &one.typed { Some(typed) => { strong { (say(one.field, typed)) } " " span class="chip warn" { "yours" } }, None => "theirs" }
                            }
                        }
                    } }
                }
            }
        }
    }
}

/// A field's text as people say it.
fn said(field: &str, text: &str, practitioners: &Practitioners) -> String {
    let of = |offered: &[(&str, &str)]| {
        offered.iter().find(|(code, _)| *code == text).map_or(text, |(_, words)| words).to_owned()
    };
    match (field, text) {
        (_, "") => "not recorded".to_owned(),
        ("sex", _) => of(SEXES),
        ("language", _) => of(LANGUAGES),
        ("birth_date" | "deceased", _) => born::date(text),
        ("general_practitioner", _) => {
            let mut known = practitioners.own.iter().chain(&practitioners.found);
            known.find(|(reference, _)| reference == text).map_or("another", |(_, name)| name).to_owned()
        }
        _ => text.to_owned(),
    }
}

/// Who is shown as a look-alike: those, and nobody else, the button says are others.
fn ids(shown: &Shown<'_>) -> String {
    let ids = shown.look_alikes.iter().filter_map(|(hit, _)| hit.identity.id.as_ref());
    ids.map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn look_alikes(shown: &Shown<'_>, today: Date) -> Markup {
    html! {
        @if !shown.look_alikes.is_empty() {
            section class="lookalike card" role="alert" tabindex="-1" aria-labelledby="alike-title" {
                header { h2 id="alike-title" { "Is it one of these? Nothing was saved yet" } }
                ul class="hits" {
                    @for (alike, reason) in shown.look_alikes {
                        @let href = alike.identity.id.as_ref().map(|id| format!("/patients/{id}")).unwrap_or_default();
                        li { a class={ "hit " (hit::hue(&alike.identity)) } href=(href) { (hit::spans(alike, today, Some(reason))) } }
                    }
                }
                p class="pad" { "If one is this person, open that chart instead. A second chart for one person hides allergies and results." }
            }
        }
    }
}

fn fields(shown: &Shown<'_>) -> Markup {
    let typed = shown.form;
    let text = |name, value: &str, size, hint| {
        Field { size, hint, ..Field::text(name, label(name), value) }.optional().view(shown.errors)
    };
    html! {
        fieldset { legend { "Name" }
            div class="row" {
                (text("family", &typed.family, "", "As on the identity document"))
                (text("given", &typed.given, "", "First and middle"))
                (text("suffix", &typed.suffix, "short", ""))
            }
            div class="row" {
                (text("preferred", &typed.preferred, "", "The name they go by, if another"))
                (text("former_family", &typed.former_family, "", "Maiden or earlier name"))
                (text("pronouns", &typed.pronouns, "short", ""))
            }
        }
        fieldset { legend { "Birth and sex" }
            div class="row" {
                (text("birth_date", &born::date(&typed.birth_date), "short", "For example 4 May 1962; the year alone if no more is known"))
                (choice(shown.errors, "sex", &typed.sex, SEXES))
                (text("deceased", &born::date(&typed.deceased), "short", "Leave empty if alive"))
            }
        }
        fieldset { legend { "Contact" }
            div class="row" {
                (text("mobile", &typed.mobile, "short", ""))
                (text("phone", &typed.phone, "short", ""))
                (text("email", &typed.email, "", ""))
            }
            (text("line", &typed.line, "long", ""))
            div class="row" {
                (text("city", &typed.city, "", ""))
                (text("state", &typed.state, "short", ""))
                (text("postal_code", &typed.postal_code, "short", ""))
                (text("country", &typed.country, "short", ""))
            }
        }
        fieldset { legend { "Language" }
            div class="row" {
                (choice(shown.errors, "language", &typed.language, LANGUAGES))
                (form::check("interpreter", label("interpreter"), typed.interpreter))
            }
        }
        fieldset { legend { "Next of kin" }
            div class="row" {
                (text("contact_name", &typed.contact_name, "", ""))
                (text("contact_relationship", &typed.contact_relationship, "short", ""))
                (text("contact_phone", &typed.contact_phone, "short", ""))
            }
        }
        fieldset { legend { "Care" }
            (general_practitioner(shown))
        }
    }
}

/// Those of the practice and the one on file; anybody else on record by searching, which sends the form without saving it.
fn general_practitioner(shown: &Shown<'_>) -> Markup {
    let Practitioners { own, found, more } = shown.practitioners;
    let chosen = shown.form.general_practitioner.as_str();
    let known = chosen.is_empty() || own.iter().chain(found).any(|(reference, _)| reference == chosen);
    let options = |offered: &[(String, String)]| {
        html! { @for (reference, name) in offered { option value=(reference) selected[reference == chosen] { (name) } } }
    };
    let searched = shown.searched;
    let said = match (searched.is_empty(), found.len()) {
        (true, _) => String::new(),
        (false, 0) => format!("Nobody else on record is called “{searched}”. Nothing was saved yet."),
        (false, 1) => "1 found: choose under “Found” above. Nothing was saved yet.".to_owned(),
        (false, count) if *more => format!(
            "The first {count} found: choose under “Found” above, or write more of the name. Nothing was saved yet."
        ),
        (false, count) => format!("{count} found: choose under “Found” above. Nothing was saved yet."),
    };
    html! {
        div class="row" {
            div class="field" {
                label for="general_practitioner" { (label("general_practitioner")) }
                select id="general_practitioner" name="general_practitioner" autofocus[!found.is_empty()] {
                    option value="" selected[chosen.is_empty()] { "Not recorded" }
                    @if !known { option value=(chosen) selected { "As on file (name not on record here)" } }
                    (options(own))
                    @if !found.is_empty() { optgroup label="Found" { (options(found)) } }
                }
            }
            div class="field" {
                label for="practitioner_name" { "Somebody else, by name" }
                input id="practitioner_name" name="practitioner_name" type="text" autocomplete="off" aria-describedby=[(!said.is_empty()).then_some("practitioner_said")];
            }
            button class="btn" name="find" value="practitioner" formnovalidate { "Find" }
        }
        @if !said.is_empty() { p class="hint" id="practitioner_said" role="status" { (said) } }
    }
}

/// One of several; what is on file though not among those offered is kept, and shown as it is.
fn choice(errors: &[FieldError], name: &str, value: &str, offered: &[(&str, &str)]) -> Markup {
    let mut options = vec![("", "Not recorded")];
    options.extend(offered);
    if !options.iter().any(|(code, _)| *code == value) {
        options.push((value, value));
    }
    let select = if name == "sex" { form::needed } else { form::select };
    select(name, label(name), value, &options, errors)
}
