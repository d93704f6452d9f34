//! Folding: what two spellings of one name have in common.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Letters that Unicode does not decompose, by their usual spelling in plain letters.
const PLAIN: &[(char, &str)] = &[
    ('ß', "ss"),
    ('æ', "ae"),
    ('œ', "oe"),
    ('ø', "o"),
    ('đ', "d"),
    ('ð', "d"),
    ('þ', "th"),
    ('ł', "l"),
    ('ħ', "h"),
    ('ı', "i"),
    ('ŋ', "n"),
];

/// A word without case, accents and punctuation: `Müller-Lüdenscheidt` → `mullerludenscheidt`, `O’Brien` → `obrien`.
/// Letters of other scripts stay as they are.
#[must_use]
pub fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for c in word.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match PLAIN.iter().find(|(from, _)| *from == c) {
            Some((_, plain)) => folded.push_str(plain),
            None if c.is_alphanumeric() => folded.push(c),
            None => {}
        }
    }
    folded
}

/// The parts of a name that somebody may remember it by: each word, each side of a hyphen or an apostrophe (two letters or more),
/// and each word whole.
#[must_use]
pub fn parts(name: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut keep = |part: String| {
        if !part.is_empty() && !parts.contains(&part) {
            parts.push(part);
        }
    };
    for word in name.split(|c: char| c.is_whitespace() || c == ',') {
        keep(fold(word));
        let pieces: Vec<_> = word.split(['-', '\u{2010}', '\u{2011}', '\'', '’', '.']).map(fold).collect();
        for piece in pieces.into_iter().filter(|piece| piece.chars().count() > 1) {
            keep(piece);
        }
    }
    parts
}

/// The digits of a text.
#[must_use]
pub fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_punctuation_fold_away() {
        for (written, folded) in [
            ("Núñez", "nunez"),
            ("ŁUKASZ", "lukasz"),
            ("Strauß", "strauss"),
            ("O’Brien", "obrien"),
            ("Søren", "soren"),
            ("D'Arcy-Smith", "darcysmith"),
            ("Nguyễn", "nguyen"),
            ("王", "王"),
            ("---", ""),
        ] {
            assert_eq!(fold(written), folded);
        }
    }

    #[test]
    fn a_double_name_is_found_by_either_side_and_whole() {
        assert_eq!(parts("García-Márquez"), ["garciamarquez", "garcia", "marquez"]);
        assert_eq!(parts("O'Brien"), ["obrien", "brien"]);
        assert_eq!(parts("van der Berg"), ["van", "der", "berg"]);
    }
}
