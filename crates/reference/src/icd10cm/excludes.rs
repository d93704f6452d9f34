//! Which codes must not stand together: the Excludes1 notes of the tabular list.
//!
//! A note holds for everything below the code, block or chapter it stands at (ICD-10-CM Official Guidelines for Coding and Reporting,
//! section I.A.12.a). It names what it excludes, mostly in parentheses: `(E11.-)`, `(D22.5, D23.5)`, `(R00-R99)`, `(E08-E13 with .42)`. The
//! guidelines allow both codes when the two conditions are unrelated, so this warns and refuses nothing.

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
struct Range<'n> {
    first: Code,
    last: Code,
    /// What the note says after "with": only codes with these characters.
    with: Option<&'n str>,
}

impl Range<'_> {
    fn holds(self, code: Code) -> bool {
        let within = self.first <= code && (code <= self.last || code.starts_with(self.last));
        within && self.with.is_none_or(|with| has(code.bare(), with))
    }
}

/// The codes that a note names. Outside its parentheses what has neither dot nor dash is a word ("vitamin B12").
fn ranges(note: &str) -> Vec<Range<'_>> {
    let mut found = Vec::new();
    for (at, part) in note.split(['(', ')']).enumerate() {
        let inside = at % 2 == 1;
        let named = |text| codes_in(text, inside);
        // "E08-E13 with .42", but not "conditions with … S06.1-": there the codes come after it.
        let (codes, with) = match part.split_once("with ") {
            Some((codes, with)) if named(with).is_empty() => (codes, Some(with)),
            _ => (part, None),
        };
        found.extend(named(codes).into_iter().map(|range| Range { with, ..range }));
    }
    found
}

/// The codes of a part of a note, ranges in both forms: `S06.1-S06.6`, `S06.1- to S06.6-`.
fn codes_in(text: &str, inside: bool) -> Vec<Range<'static>> {
    let (mut found, mut to): (Vec<Range<'static>>, bool) = (Vec::new(), false);
    for word in text.split([',', ';', ' ']).filter(|word| !word.is_empty()) {
        let named = if inside || word.contains(['.', '-']) { range(word) } else { None };
        match (named, found.last_mut()) {
            (Some(named), Some(before)) if to => before.last = named.last,
            (Some(named), _) => found.push(named),
            (None, _) => {}
        }
        to = word == "to";
    }
    found
}

/// `E11.-`, `E11`, `A00-B99`, `M47.0-`, `Y93.0-Y93.6`.
fn range(text: &str) -> Option<Range<'static>> {
    // Codes are in capitals; `acid-base` is none.
    let capitals = |code: &str| !code.bytes().any(|byte| byte.is_ascii_lowercase());
    let whole = |code: &str| Code::parse(code.trim_end_matches(['-', '.'])).filter(|_| capitals(code));
    if let Some(first) = whole(text) {
        return Some(Range { first, last: first, with: None });
    }
    let (first, last) = text.split_once('-')?;
    Some(Range { first: whole(first)?, last: whole(last.trim_start_matches('-'))?, with: None })
}

/// Whether a code has the characters a note asks for: `.42`, `.51-.52`, `fifth character 1`, `final characters -23`. What cannot be read
/// excludes nothing.
fn has(code: &str, with: &str) -> bool {
    let mut words = with.split_whitespace();
    let (first, last) = (words.next().unwrap_or_default(), words.next_back().unwrap_or_default());
    let after_dot = |said: &str| code.get(3..).is_some_and(|rest| rest.starts_with(said));
    if first.starts_with('.') || last.starts_with('.') {
        let said = with.split(['-', ' ']).filter_map(|word| word.strip_prefix('.'));
        return said.filter(|word| !word.is_empty()).any(after_dot);
    }
    let last = last.trim_matches('-');
    let place = match first.split('-').next() {
        Some("final") => return !last.is_empty() && code.ends_with(last),
        Some("fourth" | "4th") => 3,
        Some("fifth" | "5th") => 4,
        Some("sixth" | "6th") => 5,
        Some("seventh" | "7th") => 6,
        _ => return false,
    };
    !last.is_empty() && code.get(place..).is_some_and(|rest| rest.starts_with(last))
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
        assert_eq!(named("torticollis NOS M43.6"), ["M436-M436"]);
        assert_eq!(named("tendinitis as classified in M75-M77"), ["M75-M77"]);
        let late = "concussion with other injuries classified in subcategories S06.1- to S06.6-";
        assert_eq!(named(late), ["S061-S066"]);
        assert_eq!(named("infection due to COVID-19 NOS"), Vec::<String>::new());
        assert_eq!(named("monosomy 5p (QA0.1-) (acid-base 2)"), ["QA01-QA01"]);
        assert_eq!(named("vitamin B12 deficiency anemia - see Alphabetical Index"), Vec::<String>::new());
    }

    #[test]
    fn characters_that_a_note_asks_for_narrow_its_codes() {
        let names = |note: &str, code: &str| ranges(note).iter().any(|range| range.holds(Code::parse(code).unwrap()));
        let cases = [
            ("diabetic neuropathy (E08-E13 with .42)", "E11.42", "E11.9"),
            ("diabetic angiopathy (E08-E13 with .51-.52)", "E11.52", "E11.59"),
            ("diabetic skin disease (E08-E13 with .62-)", "E10.621", "E10.65"),
            ("whooping cough (A37 with fifth-character 1)", "A37.01", "A37.00"),
            ("insomnia (F11-F19 with fifth to sixth characters 51)", "F11.951", "F11.959"),
            ("aphasia (I69. with final characters -20)", "I69.320", "I69.321"),
            ("open fracture (S62.- with 7th character B)", "S62.101B", "S62.101A"),
            ("open fracture (S92.-with 7th character B)", "S92.301B", "S92.301A"),
            ("leukemia in remission C91.0-C95.9 with 5th character 1", "C91.01", "C91.00"),
        ];
        for (note, named, other) in cases {
            assert!(names(note, named) && !names(note, other), "{note}");
        }
        assert!(!names("fracture (S52.- with open fracture 7th character)", "S52.501B"), "not read: excludes nothing");
    }
}
