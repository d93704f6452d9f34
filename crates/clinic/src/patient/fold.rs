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

/// Letters that some languages also write as two.
const AS_TWO: &[(char, &str)] = &[
    ('ä', "ae"),
    ('ö', "oe"),
    ('ü', "ue"),
    ('ø', "oe"),
    ('å', "aa"),
    ('Ä', "Ae"),
    ('Ö', "Oe"),
    ('Ü', "Ue"),
    ('Ø', "Oe"),
    ('Å', "Aa"),
];

/// A word folded with its umlauts written as two letters (`Müller` → `mueller`), when it has any.
fn fold_as_two(word: &str) -> Option<String> {
    let as_two = |c: char| AS_TWO.iter().find(|(from, _)| *from == c).map(|(_, two)| *two);
    let composed: String = word.nfc().collect();
    if !composed.contains(|c| as_two(c).is_some()) {
        return None;
    }
    let spelt = composed.chars().fold(String::with_capacity(composed.len() + 2), |mut spelt, c| {
        match as_two(c) {
            Some(two) => spelt.push_str(two),
            None => spelt.push(c),
        }
        spelt
    });
    Some(fold(&spelt))
}

/// The parts of a name that somebody may remember it by: each word, each side of a hyphen or an apostrophe (two letters or more),
/// each run of letters in a word with digits, and each word whole; those with umlauts in both their spellings.
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
        fold_as_two(word).into_iter().for_each(&mut keep);
        let between = |c: char| c.is_ascii_digit() || ['-', '\u{2010}', '\u{2011}', '\'', '’', '.'].contains(&c);
        for piece in word.split(between) {
            let spellings = [Some(fold(piece)), fold_as_two(piece)];
            spellings.into_iter().flatten().filter(|piece| piece.chars().count() > 1).for_each(&mut keep);
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

    #[test]
    fn an_umlaut_is_found_in_both_its_spellings() {
        assert_eq!(parts("Müller"), ["muller", "mueller"]);
        assert_eq!(parts("Mu\u{308}ller"), ["muller", "mueller"], "decomposed");
        assert_eq!(parts("JÖRG"), ["jorg", "joerg"]);
        assert_eq!(parts("Müller-Weiß"), ["mullerweiss", "muellerweiss", "muller", "mueller", "weiss"]);
        assert_eq!(parts("Zoë"), ["zoe"], "a diaeresis is none");
    }

    #[test]
    fn a_name_with_digits_is_found_with_and_without_them() {
        assert_eq!(parts("Abbott774"), ["abbott774", "abbott"]);
    }
}
