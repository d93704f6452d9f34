//! A chart as it stood: the same slices, taken from the versions of that day.

use super::when::{Clock, When};
use fhir::index::clinical::date_paths;
use fhir::{Body, Element, Kind};
use jiff::Timestamp;
use std::cmp::Reverse;
use store::record::{Slice, SliceRows, Stored};

/// Every entry of a chart at one moment, newest first by clinical date.
pub struct Past(Vec<(Option<Timestamp>, Body, Stored)>);

impl Past {
    /// Orders what the store read.
    #[must_use]
    pub fn of(all: Vec<Stored>, clock: &Clock) -> Self {
        let mut entries: Vec<_> = all
            .into_iter()
            .filter_map(|stored| {
                let body = Body::parse(&stored.body).ok()?;
                Some((clinical_date(body.root(), stored.key.kind, clock), body, stored))
            })
            .collect();
        entries.sort_by_key(|(date, ..)| Reverse(*date));
        Self(entries)
    }

    /// What a slice would have answered on that day.
    #[must_use]
    pub fn slice(&self, slice: &Slice) -> SliceRows {
        let of_kind = || self.0.iter().filter(|(_, _, stored)| stored.key.kind == slice.kind);
        let mut counts: Vec<u32> = vec![0; slice.codes.len().max(1)];
        let after = slice.continue_after.as_ref();
        let skipped =
            after.and_then(|id| of_kind().position(|(_, _, stored)| stored.key.id == *id)).map_or(0, |at| at + 1);
        let rows = of_kind()
            .skip(skipped)
            .filter(|(date, ..)| slice.before.is_none_or(|before| date.is_none_or(|date| date < before)))
            .filter(|(_, body, _)| slice.category.as_ref().is_none_or(|category| has_category(body.root(), category)))
            .filter(|(_, body, _)| {
                let place = if slice.codes.is_empty() {
                    Some(0)
                } else {
                    slice.codes.iter().position(|(system, code)| has_coding(body.root(), system, code))
                };
                let Some(count) = place.and_then(|place| counts.get_mut(place)) else { return false };
                *count += 1;
                slice.newest.is_none_or(|newest| *count <= newest)
            })
            .map(|(_, _, stored)| stored.clone())
            .collect();
        SliceRows { rows, total: of_kind().count() as u64 }
    }
}

/// Codes of a category compare as the store's index folds them.
fn has_category(root: Element<'_>, category: &str) -> bool {
    let codes = root.each("category.coding");
    codes.into_iter().any(|coding| coding.text("code").is_some_and(|code| code.eq_ignore_ascii_case(category)))
}

fn has_coding(root: Element<'_>, system: &str, code: &str) -> bool {
    root.each("code.coding")
        .into_iter()
        .any(|coding| coding.text("system") == Some(system) && coding.text("code") == Some(code))
}

/// The clinical date of a resource, by the record's own table.
#[must_use]
pub fn clinical_date(root: Element<'_>, kind: Kind, clock: &Clock) -> Option<Timestamp> {
    let dated = |path: &&str| {
        let (parent, name) =
            path.rsplit_once('.').map_or((Some(root), *path), |(parent, name)| (root.get(parent), name));
        let parent = parent?;
        let plain = When::get(parent, name, clock).or_else(|| When::get(parent, &format!("{name}.start"), clock));
        plain.or_else(|| When::choice(parent, name, clock)).map(|when| when.at)
    };
    date_paths(kind).iter().find_map(dated)
}
