//! What was moved out of a chart, told where it stood: struck through, with who, when and why. The other patient is neither named nor
//! linked here; the entry's own page leads on.

use super::entry;
use crate::component::{list, show};
use clinic::chart::Loaded;
use fhir::Kind;
use maud::{Markup, html};

/// The entries of these types that left the chart; nothing where there are none.
#[must_use]
pub fn of(loaded: &Loaded, kinds: &[Kind]) -> Markup {
    let patient = loaded.banner.id.as_str();
    let rows = loaded.left.iter().filter(|left| kinds.contains(&left.key.kind)).map(|left| {
        let title = if left.title.is_empty() { left.sort.as_str() } else { left.title.as_str() };
        html! {
            tr class="error" {
                th scope="row" { (title) " " span class="chip bad" { "Moved to another patient’s chart" } }
                td data-label="Reason" { span class="reason" { (show::words(left.why.as_deref())) } }
                td data-label="By" { span class="reason" { (show::words(left.by.as_deref())) } }
                td data-label="Moved" class="date" { span class="reason" { (show::moment(Some(&left.when))) } }
                td class="acts" { a class="btn small quiet noprint" href=(entry::path(patient, &left.key)) { "Details" span class="vh" { " of " (title) } } }
            }
        }
    });
    let rows: Vec<_> = rows.collect();
    list::card_of_any("Filed here by mistake and moved", &["Entry", "Reason", "By", "Moved"], &rows)
}
