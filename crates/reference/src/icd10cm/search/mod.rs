//! Finding codes by words: in any order, begun, misspelled, in lay terms; or by the beginning of a code.
//!
//! What is looked through are names: each description, each inclusion term, each lay term of `data/icd10cm/lay-terms.tsv`. Every word
//! asked for must be in the names of a code (or in inclusion and lay terms of a code above it, or in its seventh characters); how well
//! one name fits decides the order, with what primary care sees often (`common.tsv`) before what it sees seldom.

mod index;
mod lay;
mod query;
mod rank;
mod slips;

pub(crate) use index::Index;

use super::code::Code;
use super::{Entry, Icd10cm};

/// A code that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit<'a> {
    /// The code.
    pub entry: Entry<'a>,
    /// The inclusion or lay term it was found by, where that is not its own description: to be shown beside it.
    pub by: Option<String>,
}

/// How much a hit gains by how common it is within the user's own work, from [`Icd10cm::search`]'s caller: a code and 1 to 100.
pub type Weight<'w> = (&'w str, u8);

impl Icd10cm {
    /// The codes that fit best, at most `limit`. `weights` lifts the user's favourites and recent codes among what fits: 20 puts one
    /// before equals, 100 before nearly all.
    #[must_use]
    pub fn search(&self, words: &str, weights: &[Weight<'_>], limit: usize) -> Vec<Hit<'_>> {
        let weights: Vec<(usize, u8)> =
            weights.iter().filter_map(|(code, weight)| Some((self.get(code)?.row, *weight))).collect();
        let index = self.index();
        let mut found = self.by_code(words, index, &weights, limit);
        if found.len() < limit {
            let more = rank::find(self, index, words, &weights, limit);
            let new: Vec<Hit<'_>> =
                more.into_iter().filter(|hit| !found.iter().any(|it| it.entry == hit.entry)).collect();
            found.extend(new);
            found.truncate(limit);
        }
        found
    }

    /// Codes that begin with what was typed, if that can be the beginning of one: the code itself, then what is common, then in order.
    fn by_code(&self, typed: &str, index: &Index, weights: &[(usize, u8)], limit: usize) -> Vec<Hit<'_>> {
        let typed = typed.trim().trim_end_matches(['-', '.']);
        let Some(code) = Code::parse(typed).or_else(|| two_characters(typed)) else { return Vec::new() };
        let start = self.codes.partition_point(|other| *other < code);
        let rest = self.codes.get(start..).unwrap_or_default();
        let mut rows: Vec<usize> = (start..start + rest.partition_point(|other| other.starts_with(code))).collect();
        rows.sort_by_key(|row| {
            let own = weights.iter().find(|(it, _)| it == row).map_or(0, |(_, weight)| *weight);
            (self.code(*row) != code, std::cmp::Reverse((own, index.common_of(*row))), *row)
        });
        rows.into_iter().take(limit).map(|row| Hit { entry: self.entry(row), by: None }).collect()
    }
}

/// `e1`: not a code yet.
fn two_characters(typed: &str) -> Option<Code> {
    let [letter, digit] = *typed.as_bytes() else { return None };
    let code = Code([letter.to_ascii_uppercase(), digit, b' ', b' ', b' ', b' ', b' ']);
    (letter.is_ascii_alphabetic() && digit.is_ascii_digit()).then_some(code)
}
