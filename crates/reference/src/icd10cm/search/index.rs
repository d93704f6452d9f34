//! What is looked through: names of codes, and which words are in which names.

use super::super::code::Code;
use super::super::{Icd10cm, NoteKind};
use super::{lay, query};
use std::collections::HashMap;

/// Where a name comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The code's description.
    Own,
    /// Its n-th inclusion or includes note.
    Term(u16),
    /// A lay term, by its place in the list; how many stand before this code in its line.
    Lay(u16, u8),
}

/// A name.
pub(super) struct Name {
    pub row: u32,
    /// How many of its words say something, those in parentheses left out.
    pub length: u8,
    pub source: Source,
}

#[derive(Default)]
pub(crate) struct Index {
    /// The different words, in order: `ends` says where each one ends.
    words: Vec<Box<str>>,
    pub(super) names: Vec<Name>,
    /// Names by word: those of word n end at `ends[n]`.
    postings: Vec<u32>,
    ends: Vec<u32>,
    /// Per row: which set of seventh characters it has, from 1.
    pub(super) sevenths: Vec<u16>,
    /// The words of each set.
    pub(super) seventh_words: Vec<Vec<u32>>,
    /// Per row: how common, times 10.
    common: Vec<u8>,
    /// Words that mean the same.
    same: HashMap<Box<str>, Vec<u32>>,
}

/// The words of names while the index is made, numbered as they come.
#[derive(Default)]
struct Numbers {
    of: HashMap<String, u32>,
    pairs: Vec<(u32, u32)>,
}

impl Numbers {
    fn number(&mut self, word: String) -> u32 {
        let next = u32::try_from(self.of.len()).unwrap_or(u32::MAX);
        *self.of.entry(word).or_insert(next)
    }

    /// Adds a name's words; how many say something. Words in parentheses are found, but not missed.
    fn add(&mut self, name: u32, text: &str) -> u8 {
        let mut counted = 0u8;
        for (at, part) in text.split(['(', ')', '[', ']']).enumerate() {
            for word in query::words(part) {
                counted = counted.saturating_add(u8::from(at % 2 == 0 && !query::is_empty(&word)));
                let word = self.number(word);
                self.pairs.push((word, name));
            }
        }
        counted.max(1)
    }
}

impl Index {
    pub fn of(all: &Icd10cm) -> Self {
        let mut made = Self { common: vec![0; all.len()], ..Self::default() };
        let mut numbers = Numbers::default();
        made.take_sevenths(all, &mut numbers);
        made.take_descriptions(all, &mut numbers);
        let mut nth = (usize::MAX, 0u16);
        for (row, note) in all.notes.of_rows() {
            if !matches!(note.kind, NoteKind::Inclusion | NoteKind::Includes) {
                continue;
            }
            nth = if nth.0 == row { (row, nth.1 + 1) } else { (row, 0) };
            made.take(row, Source::Term(nth.1), note.words, &mut numbers);
        }
        for (at, term) in (0u16..).zip(lay::TERMS.iter()) {
            for (place, code) in (0u8..).zip(&term.codes) {
                if let Some(entry) = all.get(code) {
                    made.take(entry.row, Source::Lay(at, place), term.words, &mut numbers);
                }
            }
        }
        made.take_common(all);
        made.sort(numbers);
        made
    }

    fn take(&mut self, row: usize, source: Source, text: &str, numbers: &mut Numbers) {
        let length = numbers.add(u32::try_from(self.names.len()).unwrap_or(u32::MAX), text);
        self.names.push(Name { row: u32::try_from(row).unwrap_or(u32::MAX), length, source });
    }

    /// Descriptions are not compared as text: each different word of all of them is taken apart once.
    fn take_descriptions(&mut self, all: &Icd10cm, numbers: &mut Numbers) {
        let words = &all.texts.words;
        let apart: Vec<Vec<u32>> = (0..words.len())
            .map(|word| query::words(words.get(word)).map(|part| numbers.number(part)).collect())
            .collect();
        let empty: Vec<bool> =
            (0..words.len()).map(|word| query::words(words.get(word)).all(|it| query::is_empty(&it))).collect();
        for row in 0..all.len() {
            if self.adds_seventh(row) {
                continue;
            }
            let name = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
            let mut length = 0u8;
            for word in all.texts.long.get(row) {
                let word = usize::from(*word);
                length = length.saturating_add(u8::from(!empty.get(word).copied().unwrap_or(true)));
                numbers.pairs.extend(apart.get(word).into_iter().flatten().map(|part| (*part, name)));
            }
            let row = u32::try_from(row).unwrap_or(u32::MAX);
            self.names.push(Name { row, length: length.max(1), source: Source::Own });
        }
    }

    /// Codes that only add a seventh character's words to those of the code above are found by that code.
    fn take_sevenths(&mut self, all: &Icd10cm, numbers: &mut Numbers) {
        self.sevenths = vec![0; all.len()];
        let mut sets: HashMap<Vec<u16>, u16> = HashMap::new();
        let mut of: HashMap<usize, Vec<u16>> = HashMap::new();
        for row in 0..all.len() {
            let added = (all.code(row).length() == 7).then(|| added(all, row)).flatten();
            if let Some((parent, added)) = added {
                of.entry(parent).or_default().extend(added);
                if let Some(mark) = self.sevenths.get_mut(row) {
                    *mark = u16::MAX;
                }
            }
        }
        let mut parents: Vec<(usize, Vec<u16>)> = of.into_iter().collect();
        parents.sort_unstable();
        for (parent, mut added) in parents {
            added.sort_unstable();
            added.dedup();
            let next = u16::try_from(sets.len() + 1).unwrap_or(u16::MAX - 1);
            let set = *sets.entry(added.clone()).or_insert(next);
            if set == next {
                let texts = &all.texts.words;
                let parts =
                    added.iter().flat_map(|word| query::words(texts.get(usize::from(*word)))).collect::<Vec<_>>();
                self.seventh_words.push(parts.into_iter().map(|part| numbers.number(part)).collect());
            }
            if let Some(mark) = self.sevenths.get_mut(parent) {
                *mark = set;
            }
        }
    }

    fn adds_seventh(&self, row: usize) -> bool {
        self.sevenths.get(row) == Some(&u16::MAX)
    }

    /// A code below a common one is common too, a little less.
    fn take_common(&mut self, all: &Icd10cm) {
        let listed: Vec<(usize, u8)> =
            lay::common().filter_map(|(code, weight)| Some((all.get(code)?.row, weight * 10))).collect();
        for (row, weight) in &listed {
            for below in all.subtree(*row) {
                if let Some(common) = self.common.get_mut(below) {
                    *common = (*common).max(if below == *row { *weight } else { weight / 2 });
                }
            }
        }
    }

    /// How common a code is in primary care, 0 to 30.
    pub fn common_of(&self, row: usize) -> u8 {
        self.common.get(row).copied().unwrap_or(0)
    }

    /// Puts the words in order and the names behind them.
    fn sort(&mut self, numbers: Numbers) {
        let Numbers { of, pairs } = numbers;
        let mut words: Vec<(String, u32)> = of.into_iter().collect();
        words.sort_unstable();
        let mut order = vec![0u32; words.len()];
        for (new, (_, old)) in (0u32..).zip(&words) {
            if let Some(slot) = order.get_mut(*old as usize) {
                *slot = new;
            }
        }
        let order = |old: u32| order.get(old as usize).copied().unwrap_or(0);
        let mut pairs: Vec<(u32, u32)> = pairs.into_iter().map(|(word, name)| (order(word), name)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        self.ends = vec![0; words.len()];
        for (word, _) in &pairs {
            if let Some(count) = self.ends.get_mut(*word as usize) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for end in &mut self.ends {
            sum += *end;
            *end = sum;
        }
        self.postings = pairs.into_iter().map(|(_, name)| name).collect();
        self.postings.shrink_to_fit();
        self.names.shrink_to_fit();
        for set in &mut self.seventh_words {
            set.iter_mut().for_each(|word| *word = order(*word));
            set.sort_unstable();
            set.dedup();
        }
        self.words = words.into_iter().map(|(word, _)| word.into_boxed_str()).collect();
        for (word, meant) in lay::same_words() {
            let Some(word) = query::words(word).next() else { continue };
            let meant: Vec<u32> = query::words(meant).filter_map(|it| self.exact(&it)).collect();
            self.same.entry(word.into_boxed_str()).or_default().extend(meant);
        }
    }

    /// A word's number.
    pub(super) fn exact(&self, word: &str) -> Option<u32> {
        let at = self.words.binary_search_by(|known| known.as_ref().cmp(word)).ok()?;
        u32::try_from(at).ok()
    }

    /// The words that begin so, with their numbers.
    pub(super) fn begun<'a>(&'a self, word: &'a str) -> impl Iterator<Item = (u32, &'a str)> {
        let start = self.words.partition_point(|known| known.as_ref() < word);
        let rest = self.words.get(start..).unwrap_or_default();
        let begun = rest.iter().take_while(move |known| known.starts_with(word));
        (u32::try_from(start).unwrap_or(u32::MAX)..).zip(begun.map(AsRef::as_ref))
    }

    /// All words, with their numbers.
    pub(super) fn words(&self) -> impl Iterator<Item = (u32, &str)> {
        (0u32..).zip(self.words.iter().map(AsRef::as_ref))
    }

    /// The words that mean the same.
    pub(super) fn same_as(&self, word: &str) -> &[u32] {
        self.same.get(word).map_or(&[], Vec::as_slice)
    }

    /// The names a word is in.
    pub(super) fn names_with(&self, word: u32) -> &[u32] {
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let at = word as usize;
        let start = if at == 0 { 0 } else { end(at - 1) };
        self.postings.get(start..end(at)).unwrap_or_default()
    }
}

/// The code above and the words a seventh character adds to it, if it only adds some: `…, initial encounter`.
fn added(all: &Icd10cm, row: usize) -> Option<(usize, &[u16])> {
    let parent = all.parent_row(row)?;
    let (words, above) = (all.texts.long.get(row), all.texts.long.get(parent));
    let (last, first) = above.split_last()?;
    let (same, rest) = words.split_at_checked(first.len())?;
    let (joint, added) = rest.split_first()?;
    let text = |word: &u16| all.texts.words.get(usize::from(*word));
    let joined = text(joint).strip_suffix(',') == Some(text(last));
    (same == first && joined && !added.is_empty()).then_some((parent, added))
}

/// What a chapter is to primary care: pregnancy, the newborn, malformations and the causes of accidents are meant only when said.
pub(super) fn of_chapter(code: Code) -> i32 {
    match code.0.first() {
        Some(b'O' | b'P') => -14,
        Some(b'Q') => -8,
        Some(b'V' | b'W' | b'X' | b'Y') => -16,
        Some(b'T') => -5,
        Some(b'C' | b'D') => -3,
        _ => 0,
    }
}
