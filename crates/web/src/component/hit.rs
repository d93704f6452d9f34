//! A patient in a list: never by name alone, and never opened by itself.

use super::born;
use clinic::chart::banner;
use clinic::patient::commands::Hit;
use clinic::patient::identity::{Identity, spaced};
use clinic::patient::rank::Because;
use jiff::civil::Date;
use maud::{Markup, html};

/// A list of patients, each a link to the chart.
#[must_use]
pub fn list(hits: &[Hit], today: Date) -> Markup {
    linked(hits, today, href)
}

/// The same, each a link to where `to` says.
#[must_use]
pub fn linked(hits: &[Hit], today: Date, to: impl Fn(&Identity) -> String) -> Markup {
    html! {
        ul class="hits" {
            @for hit in hits {
                li { a class={ "hit " (hue(&hit.identity)) } href=(to(&hit.identity)) { (spans(hit, today, None)) } }
            }
        }
    }
}

/// The same patients as options of the palette.
#[must_use]
pub fn options(hits: &[Hit], today: Date) -> Markup {
    html! {
        @for (i, hit) in hits.iter().enumerate() {
            li role="option" class={ "hit " (hue(&hit.identity)) } id={ "hit-" (i) } data-href=(href(&hit.identity)) {
                (spans(hit, today, None))
            }
        }
    }
}

/// What a hit shows: photo or initials, name, and at least two identifiers beyond it.
#[must_use]
pub fn spans(hit: &Hit, today: Date, reason: Option<&str>) -> Markup {
    let who = &hit.identity;
    html! {
        @if let (true, Some(id)) = (who.photo, &who.id) {
            img class="photo" src={ "/patients/" (id) "/photo" } alt="" loading="lazy";
        } @else {
            span class="photo" aria-hidden="true" { (who.initials()) }
        }
        span class="hit-name" {
            (who.display_name())
            @if !who.preferred.is_empty() { " " span class="aka" { "“" (who.preferred) "”" } }
            @match &hit.because {
                Because::FormerName(former) => { " " span class="aka" { "formerly " (former) } }
                Because::Similar => { " " span class="aka" { "similar spelling" } }
                Because::Sounds => { " " span class="aka" { "sounds alike" } }
                Because::Shown => {}
            }
        }
        span class="hit-ids" {
            span { (born::of(who, today)) } " "
            span { (sex(&who.sex)) } " "
            span class="id" { (record_number(who)) }
            @if let Some(end) = who.phone_end() { " " span { "phone ends " (end) } }
        }
        (marks(who))
        @if hit.similar_name { span class="chip warn" { "Similar name" } }
        @if let Some(reason) = reason { span class="chip bad" { (reason) } }
    }
}

/// What must not be overlooked of a patient in any list: words with a pattern of their own, as on the banner.
#[must_use]
pub fn marks(who: &Identity) -> Markup {
    html! {
        @if who.restricted { span class="chip restricted" { "Restricted" } }
        @if who.deceased { span class="chip deceased" { "Deceased" } }
        @if who.test { span class="chip test" { "Test patient" } }
    }
}

/// `Female`, `Male`, `Other`, `Unknown`; empty is `Sex not recorded`.
#[must_use]
pub fn sex(code: &str) -> &'static str {
    clinic::patient::form::SEXES.iter().find(|(known, _)| *known == code).map_or("Sex not recorded", |(_, word)| word)
}

fn record_number(who: &Identity) -> String {
    if who.record_number.is_empty() { "no record number".to_owned() } else { spaced(&who.record_number) }
}

fn href(who: &Identity) -> String {
    who.id.as_ref().map(|id| format!("/patients/{id}")).unwrap_or_default()
}

/// The class of the patient's colour, which the banner decides.
#[must_use]
pub fn hue(who: &Identity) -> String {
    who.id.as_ref().map(|id| format!("hue-{}", banner::hue(id))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deceased_restricted_and_test_patients_are_told_in_words_with_a_pattern() {
        let plain = Hit { identity: Identity::default(), because: Because::Shown, similar_name: false };
        let today = jiff::civil::date(2026, 11, 22);
        assert!(!spans(&plain, today, None).into_string().contains("chip"));
        let identity = Identity { restricted: true, deceased: true, test: true, ..Identity::default() };
        let all = [Hit { identity, ..plain }];
        for shown in [list(&all, today), options(&all, today)] {
            let shown = shown.into_string();
            for (class, words) in [("restricted", "Restricted"), ("deceased", "Deceased"), ("test", "Test patient")] {
                assert!(shown.contains(&format!("<span class=\"chip {class}\">{words}</span>")), "{shown}");
            }
        }
    }
}
