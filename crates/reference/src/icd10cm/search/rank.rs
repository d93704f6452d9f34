//! Which names fit what was typed, and which codes come first.

use super::super::{Entry, Icd10cm, NoteKind};
use super::index::{Index, Name, Source, of_chapter};
use super::{Hit, lay, query, slips};

/// How well a word fits, of 100.
const EXACT: u16 = 100;
const SAME: u16 = 85;
const BEGUN: u16 = 60;
/// A word that another name of the code has, a term above it, or its seventh character.
const ELSEWHERE: i32 = 55;

/// Finds: first as typed, then with slips allowed, then with one word left out.
pub(super) fn find<'a>(
    all: &'a Icd10cm,
    index: &Index,
    typed: &str,
    weights: &[(usize, u8)],
    limit: usize,
) -> Vec<Hit<'a>> {
    let words = query::asked(typed);
    if words.is_empty() || limit == 0 {
        return Vec::new();
    }
    let plain: Vec<Vec<(u32, u16)>> = words.iter().map(|word| known(index, word)).collect();
    let mut found = Found::of(all, index, &plain);
    let mut rows = found.ranked(&plain, 0, weights);
    let mut fits = plain;
    if rows.len() < 3 {
        let last = words.len() - 1;
        let slipped = |(at, word): (usize, &String)| -> Vec<(u32, u16)> {
            let begun = at == last && !typed.ends_with(char::is_whitespace);
            with_slips(index, word, fits.get(at).map_or(&[], Vec::as_slice), begun)
        };
        let wider: Vec<Vec<(u32, u16)>> = words.iter().enumerate().map(slipped).collect();
        found = Found::of(all, index, &wider);
        rows = found.ranked(&wider, 0, weights);
        if rows.is_empty() && words.len() > 1 {
            rows = found.ranked(&wider, 1, weights);
        }
        fits = wider;
    }
    let first = limit.min(rows.len());
    if first < rows.len() {
        rows.select_nth_unstable(first);
        rows.truncate(first);
    }
    rows.sort_unstable();
    rows.into_iter().map(|ranked| found.hit(&ranked, &fits)).collect()
}

/// The words of names that a typed word fits as it stands, best first.
fn known(index: &Index, word: &str) -> Vec<(u32, u16)> {
    let mut fits: Vec<(u32, u16)> = index.same_as(word).iter().map(|number| (*number, SAME)).collect();
    let longest = u16::try_from(word.len()).unwrap_or(u16::MAX);
    let begun = index.begun(word).map(|(number, known)| {
        let length = u16::try_from(known.len()).unwrap_or(u16::MAX);
        let share = 30u16.saturating_mul(longest) / length.max(1);
        (number, if known == word { EXACT } else { BEGUN + share.min(30) })
    });
    fits.extend(begun);
    fits.sort_by_key(|(_, quality)| std::cmp::Reverse(*quality));
    fits
}

/// The same, and the words it may be a slip of.
fn with_slips(index: &Index, word: &str, plain: &[(u32, u16)], begun: bool) -> Vec<(u32, u16)> {
    let mut fits = plain.to_vec();
    let most = slips::allowed(word);
    let typed = word.as_bytes();
    if most > 0 && !plain.iter().any(|(_, quality)| *quality == EXACT) {
        let first_two = typed.get(..2).unwrap_or_default();
        for (number, known) in index.words() {
            // The first two letters are seldom both wrong: this spares most comparisons.
            let near = known.as_bytes().iter().take(2).any(|letter| first_two.contains(letter));
            if !near || plain.iter().any(|(it, _)| *it == number) {
                continue;
            }
            if let Some(count) = slips::between(typed, known.as_bytes(), most, false) {
                fits.push((number, if count < 2 { 50 } else { 35 }));
            } else if begun && slips::between(typed, known.as_bytes(), most, true).is_some() {
                fits.push((number, 25));
            }
        }
    }
    fits.sort_by_key(|(_, quality)| std::cmp::Reverse(*quality));
    fits
}

/// A code that fits: the smaller, the better. Equal ones stand in the order of the codes.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Ranked {
    against: i32,
    row: u32,
    name: u32,
}

/// Which of the typed words are where: a bit for each.
struct Found<'a, 'i> {
    all: &'a Icd10cm,
    index: &'i Index,
    /// Names that have at least one.
    touched: Vec<u32>,
    by_name: Vec<(u16, u16)>,
    by_row: Vec<u16>,
    /// From terms of codes above.
    above: Vec<u16>,
    /// From sets of seventh characters.
    sevenths: Vec<u16>,
}

impl<'a, 'i> Found<'a, 'i> {
    fn of(all: &'a Icd10cm, index: &'i Index, fits: &[Vec<(u32, u16)>]) -> Self {
        let mut found = Self {
            all,
            index,
            touched: Vec::new(),
            by_name: vec![(0, 0); index.names.len()],
            by_row: vec![0; all.len()],
            above: vec![0; all.len()],
            sevenths: vec![0; index.seventh_words.len()],
        };
        for (at, fitting) in fits.iter().enumerate() {
            found.take_word(1 << at, fitting);
        }
        for name in &found.touched {
            let (Some(of), Some((mask, _))) = (index.names.get(*name as usize), found.by_name.get(*name as usize))
            else {
                continue;
            };
            let row = of.row as usize;
            if let Some(all_of_it) = found.by_row.get_mut(row) {
                *all_of_it |= mask;
            }
            if of.source != Source::Own {
                let below = all.subtree(row).skip(1);
                below.for_each(|row| found.above.get_mut(row).into_iter().for_each(|it| *it |= mask));
            }
        }
        found
    }

    fn take_word(&mut self, bit: u16, fitting: &[(u32, u16)]) {
        for (word, quality) in fitting {
            for name in self.index.names_with(*word) {
                let Some((mask, sum)) = self.by_name.get_mut(*name as usize) else { continue };
                if *mask & bit != 0 {
                    continue;
                }
                if *mask == 0 {
                    self.touched.push(*name);
                }
                *mask |= bit;
                *sum += quality;
            }
        }
        for (set, words) in self.sevenths.iter_mut().zip(&self.index.seventh_words) {
            if fitting.iter().any(|(word, _)| words.binary_search(word).is_ok()) {
                *set |= bit;
            }
        }
    }

    /// The bits that a row's seventh characters have.
    fn seventh(&self, row: usize) -> u16 {
        let set = self.index.sevenths.get(row).copied().unwrap_or(0);
        usize::from(set).checked_sub(1).and_then(|set| self.sevenths.get(set)).copied().unwrap_or(0)
    }

    /// Every row that has all words but `missing`, with its best name.
    fn ranked(&self, fits: &[Vec<(u32, u16)>], missing: u32, weights: &[(usize, u8)]) -> Vec<Ranked> {
        let asked = u32::try_from(fits.len()).unwrap_or(0);
        let mut best = vec![u32::MAX; self.all.len()];
        let mut ranked: Vec<Ranked> = Vec::new();
        for number in &self.touched {
            let at = *number as usize;
            let (Some(name), Some((mask, sum))) = (self.index.names.get(at), self.by_name.get(at)) else { continue };
            let row = name.row as usize;
            let bits = |masks: &[u16]| masks.get(row).copied().unwrap_or(0);
            let reached = bits(&self.by_row) | bits(&self.above) | self.seventh(row);
            if reached.count_ones() + missing < asked {
                continue;
            }
            let against = -self.score(name, *mask, *sum, reached, weights);
            let Some(place) = best.get_mut(row) else { continue };
            match ranked.get_mut(*place as usize) {
                Some(known) if known.against <= against => {}
                Some(known) => (known.against, known.name) = (against, *number),
                None => {
                    *place = u32::try_from(ranked.len()).unwrap_or(u32::MAX);
                    ranked.push(Ranked { against, row: name.row, name: *number });
                }
            }
        }
        ranked
    }

    fn score(&self, name: &Name, mask: u16, sum: u16, reached: u16, weights: &[(usize, u8)]) -> i32 {
        let row = name.row as usize;
        let here = i32::try_from(mask.count_ones()).unwrap_or(0);
        let elsewhere = i32::try_from((reached & !mask).count_ones()).unwrap_or(0);
        let quality = (i32::from(sum) + ELSEWHERE * elsewhere) / (here + elsewhere).max(1);
        // How much of the name was asked for.
        let covered = 50 * here.min(i32::from(name.length)) / i32::from(name.length);
        let source = match name.source {
            Source::Own => 0,
            Source::Term(_) => -6,
            Source::Lay(_, place) => 16 - 6 * i32::from(place),
        };
        let entry = self.all.entry(row);
        let own = weights.iter().find(|(it, _)| *it == row).map_or(0, |(_, weight)| i32::from(*weight));
        let common = i32::from(self.index.common_of(row));
        quality
            + covered
            + source
            + common
            + own
            + of_chapter(self.all.code(row))
            + if entry.billable() { 6 } else { 0 }
    }

    /// The hit: a seventh character that was said is taken.
    fn hit(&self, ranked: &Ranked, fits: &[Vec<(u32, u16)>]) -> Hit<'a> {
        let row = ranked.row as usize;
        let name = self.index.names.get(ranked.name as usize);
        let mut entry = self.all.entry(row);
        let here = self.by_row.get(row).copied().unwrap_or(0) | self.above.get(row).copied().unwrap_or(0);
        let said = self.seventh(row) & !here;
        if said != 0 {
            let words: Vec<&Vec<(u32, u16)>> =
                fits.iter().enumerate().filter(|(at, _)| said & (1 << at) != 0).map(|(_, fit)| fit).collect();
            let mut fitting = entry.children().filter(|child| self.says(*child, &words));
            if let (Some(only), None) = (fitting.next(), fitting.next()) {
                entry = only;
            }
        }
        let by = name.and_then(|name| match name.source {
            Source::Own => None,
            Source::Term(nth) => {
                let terms = self.all.entry(row).notes();
                let mut terms = terms.filter(|note| matches!(note.kind, NoteKind::Inclusion | NoteKind::Includes));
                terms.nth(usize::from(nth)).map(|note| note.words.to_owned())
            }
            Source::Lay(at, _) => lay::TERMS.get(usize::from(at)).map(|term| term.words.to_owned()),
        });
        Hit { entry, by }
    }

    fn says(&self, child: Entry<'_>, words: &[&Vec<(u32, u16)>]) -> bool {
        let all = child.words();
        let seventh = all.strip_prefix(&child.parent().map(Entry::words).unwrap_or_default()).unwrap_or_default();
        let has: Vec<u32> = query::words(seventh).filter_map(|word| self.index.exact(&word)).collect();
        words.iter().all(|fit| fit.iter().any(|(word, _)| has.contains(word)))
    }
}
