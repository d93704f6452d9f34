//! A list of entries: a card with a heading, how many there are, and a table that becomes labelled stacks where it is narrow.

use maud::{Markup, html};

/// The card. `empty` stands where there is no row; `count` is left out where it is not known.
#[must_use]
pub fn card(heading: &str, count: Option<u64>, columns: &[&str], rows: &[Markup], empty: &Markup) -> Markup {
    html! {
        section class="card" {
            header { h2 { (heading) @if let Some(count) = count { " " span class="count" { (count) } } } }
            @if rows.is_empty() { (empty) } @else { (table(heading, columns, rows)) }
        }
    }
}

/// What a list shows but does not count, in words.
#[must_use]
pub fn apart(counts: &[(usize, &str)]) -> Markup {
    let said: Vec<_> = counts.iter().filter(|(count, _)| *count > 0).map(|(n, words)| format!("{n} {words}")).collect();
    html! { @if !said.is_empty() { p class="muted" { "Not counted: " (said.join(", ")) } } }
}

/// As [`card`], counting its rows; nothing at all where there is none.
#[must_use]
pub fn card_of_any(heading: &str, columns: &[&str], rows: &[Markup]) -> Markup {
    html! { @if !rows.is_empty() { (card(heading, Some(rows.len() as u64), columns, rows, &html! {})) } }
}

/// The table alone; its last column, of links to the entries themselves, needs no name to be seen.
#[must_use]
pub fn table(caption: &str, columns: &[&str], rows: &[Markup]) -> Markup {
    html! {
        table class="list" {
            caption class="vh" { (caption) }
            thead { tr { @for column in columns { th scope="col" { (column) } } th scope="col" { span class="vh" { "Details" } } } }
            tbody { @for row in rows { (row) } }
        }
    }
}
