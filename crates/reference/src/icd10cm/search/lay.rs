//! Our own lists beside the official ones: lay terms, words of the same meaning, and what primary care sees often.

use std::sync::LazyLock;

const LAY: &str = include_str!("../../../data/icd10cm/lay-terms.tsv");
const COMMON: &str = include_str!("../../../data/icd10cm/common.tsv");

/// A name that people use, and the codes it may mean, the likeliest first.
pub(super) struct Term {
    pub words: &'static str,
    pub codes: Vec<&'static str>,
}

/// `words TAB code code …`; a `#` begins a group with its source.
pub(super) static TERMS: LazyLock<Vec<Term>> = LazyLock::new(|| {
    let lines = rows(LAY).filter(|(_, meant)| !meant.starts_with('='));
    lines.map(|(words, codes)| Term { words, codes: codes.split_whitespace().collect() }).collect()
});

/// `word TAB = word word …`: words that mean the same in a description.
pub(super) fn same_words() -> impl Iterator<Item = (&'static str, &'static str)> {
    rows(LAY).filter_map(|(word, meant)| Some((word, meant.strip_prefix('=')?.trim())))
}

/// `code TAB weight`: 1 to 3.
pub(super) fn common() -> impl Iterator<Item = (&'static str, u8)> {
    rows(COMMON).filter_map(|(code, weight)| Some((code, weight.split('\t').next()?.parse().ok()?)))
}

fn rows(file: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    file.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
}
