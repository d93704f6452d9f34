//! Several editions: the one for a visit is the one in effect on its day.

use super::{Edition, Icd10cm, builtin};
use jiff::civil::Date;
use std::sync::Arc;

/// The editions at hand: the built-in one and those that were imported.
#[derive(Clone)]
pub struct Versions {
    /// By first day.
    editions: Vec<Arc<Icd10cm>>,
}

/// The edition that answers for a day.
#[derive(Clone, Copy)]
pub struct Answer<'a> {
    /// Its codes; [`Icd10cm::edition`] says which it is.
    pub codes: &'a Arc<Icd10cm>,
    /// Whether it is in effect on that day. If not, none is, and this is the nearest: say so beside what it answers.
    pub in_effect: bool,
}

impl Default for Versions {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Versions {
    /// The built-in edition and these. One with the same first day as the built-in takes its place.
    #[must_use]
    pub fn new(imported: Vec<Arc<Icd10cm>>) -> Self {
        let from = builtin().edition().from;
        let mut editions = imported;
        if editions.iter().all(|it| it.edition().from != from) {
            editions.push(Arc::clone(builtin()));
        }
        editions.sort_by_key(|it| it.edition().from);
        Self { editions }
    }

    /// All, by first day.
    #[must_use]
    pub fn all(&self) -> &[Arc<Icd10cm>] {
        &self.editions
    }

    /// The edition for visits of a day. Where two are in effect the later one answers: an April update takes the place of October's.
    /// Where none is, the latest one before that day does, else the first one after it.
    #[must_use]
    pub fn on(&self, day: Date) -> Answer<'_> {
        let begun = self.editions.iter().rev().filter(|it| it.edition().from <= day);
        let in_effect = begun.clone().find(|it| it.edition().holds(day));
        let nearest = || begun.clone().next().or(self.editions.first());
        Answer { in_effect: in_effect.is_some(), codes: in_effect.or_else(nearest).unwrap_or(builtin()) }
    }
}

impl Edition {
    /// Whether it is in effect on a day.
    #[must_use]
    pub fn holds(&self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }
}
