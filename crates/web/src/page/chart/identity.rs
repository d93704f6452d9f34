//! Who the patient is: what those who read no clinical content see in place of the summary.

use crate::component::show;
use clinic::chart::Loaded;
use clinic::chart::contact::Contact;
use maud::{Markup, html};

/// Identity and contacts: what the front desk works with.
#[must_use]
pub fn identity(loaded: &Loaded, visits: &Markup) -> Markup {
    let contact = Contact::of(loaded);
    html! {
        main id="main" class="grid" {
            section class="card span-6" aria-labelledby="contact" {
                header { h2 id="contact" { "Contact" } }
                dl class="details" {
                    @for (label, value) in &contact.lines { div { dt { (label) } dd { (value) } } }
                    @if contact.lines.is_empty() { div { dt { "Contact" } dd { (show::missing()) } } }
                }
            }
            section class="card span-6" aria-labelledby="kin" {
                header { h2 id="kin" { "Next of kin and coverage" } }
                dl class="details" {
                    @for (label, value) in &contact.others { div { dt { (label) } dd { (value) } } }
                    @if contact.others.is_empty() { div { dt { "Next of kin" } dd { (show::missing()) } } }
                }
            }
            (visits)
            section class="card span-12" aria-labelledby="appointments" {
                header { h2 id="appointments" { "Appointments " span class="count" { (contact.appointments.len()) } } }
                @if contact.appointments.is_empty() { p class="empty" { strong { "No appointments recorded." } } }
                ul class="rows" {
                    @for appointment in &contact.appointments {
                        li {
                            span class="lead" { (appointment.words) } " " span class="chip" { (appointment.status) }
                            @if let Some(with) = &appointment.with { " " span class="muted" { (with) } }
                            span class="end" { (show::moment(appointment.when.as_ref())) }
                        }
                    }
                }
            }
        }
    }
}
