//! Which codes must not stand together: the Excludes1 notes of the tabular list.
//!
//! A note holds for everything below the code, block or chapter it stands at (ICD-10-CM Official Guidelines for Coding and Reporting,
//! section I.A.12.a). It names what it excludes in parentheses: `(E11.-)`, `(D22.5, D23.5)`, `(R00-R99)`. The guidelines allow both codes
//! when the two conditions are unrelated, so this warns and refuses nothing.

use super::code::Code;
use super::{Entry, Icd10cm, NoteKind};

/// Two codes that exclude one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict<'a> {
    /// The code whose note it is (one of the two that were asked about).
    pub of: String,
    /// The one it excludes.
    pub excluded: String,
    /// The note's own words.
    pub words: &'a str,
}

impl Icd10cm {
    /// Whether two codes exclude one another, by a note of either or of what stands above it.
    #[must_use]
    pub fn excludes1(&self, one: &str, other: &str) -> Option<Conflict<'_>> {
        let (one, other) = (self.get(one)?, self.get(other)?);
        self.excluded_by(one, other).or_else(|| self.excluded_by(other, one))
    }

    /// The conflicts among a visit's codes, each pair once.
    #[must_use]
    pub fn conflicts(&self, codes: &[&str]) -> Vec<Conflict<'_>> {
        let pairs = codes.iter().enumerate().flat_map(|(at, one)| codes.iter().skip(at + 1).map(move |two| (one, two)));
        pairs.filter_map(|(one, two)| self.excludes1(one, two)).collect()
    }

    fn excluded_by<'a>(&'a self, of: Entry<'a>, excluded: Entry<'a>) -> Option<Conflict<'a>> {
        let (code, other) = (self.code(of.row), self.code(excluded.row));
        let notes = of.notes_with_inherited().into_iter().filter(|note| note.kind == NoteKind::Excludes1);
        let note = notes.into_iter().find(|note| {
            let named = ranges(note.words);
            // A note that names the code itself tells it from its neighbours; it does not exclude it from them.
            named.iter().any(|range| range.holds(other)) && !named.iter().any(|range| range.holds(code))
        })?;
        Some(Conflict { of: of.code(), excluded: excluded.code(), words: note.words })
    }
}

/// Codes that a note names: from one to another, both with all that stands below them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    first: Code,
    last: Code,
}

impl Range {
    fn holds(self, code: Code) -> bool {
        self.first <= code && (code <= self.last || code.starts_with(self.last))
    }
}

/// The codes in a note's parentheses, and after `categories`. Elsewhere what looks like a code is a word ("vitamin B12").
fn ranges(note: &str) -> Vec<Range> {
    let mut found = Vec::new();
    for part in note.split('(').skip(1) {
        let inside = part.split(')').next().unwrap_or_default();
        found.extend(inside.split([',', ';', ' ']).filter_map(range));
    }
    for word in ["categories ", "category "] {
        let after = note.split(word).skip(1);
        found.extend(after.flat_map(|part| part.split([',', ';', ' '])).filter_map(range));
    }
    found
}

/// `E11.-`, `E11`, `A00-B99`, `M47.0-`, `Y93.0-Y93.6`.
fn range(text: &str) -> Option<Range> {
    // Codes are in capitals; `acid-base` is none.
    let capitals = |code: &str| !code.bytes().any(|byte| byte.is_ascii_lowercase());
    let whole = |code: &str| Code::parse(code.trim_end_matches(['-', '.'])).filter(|_| capitals(code));
    if let Some(first) = whole(text) {
        return Some(Range { first, last: first });
    }
    let (first, last) = text.split_once('-')?;
    Some(Range { first: whole(first)?, last: whole(last.trim_start_matches('-'))? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(note: &str) -> Vec<String> {
        ranges(note).iter().map(|range| format!("{}-{}", range.first.bare(), range.last.bare())).collect()
    }

    #[test]
    fn a_notes_codes_are_read_in_every_form_the_list_uses() {
        assert_eq!(named("type 2 diabetes mellitus (E11.-)"), ["E11-E11"]);
        assert_eq!(named("spondylosis (M47.0-, M47.1-)"), ["M470-M470", "M471-M471"]);
        assert_eq!(named("neonatal jaundice (P55, P57-P59)"), ["P55-P55", "P57-P59"]);
        assert_eq!(named("activities specified in categories Y93.0-Y93.6"), ["Y930-Y936"]);
        assert_eq!(named("carcinoma in situ of anus (histologically confirmed) (D01.3)"), ["D013-D013"]);
        assert_eq!(named("monosomy 5p (QA0.1-) (acid-base 2)"), ["QA01-QA01"]);
        assert_eq!(named("vitamin B12 deficiency anemia - see Alphabetical Index"), Vec::<String>::new());
    }
}
