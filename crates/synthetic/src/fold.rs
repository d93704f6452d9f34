//! Letters without their accents, for card embossing and for what people type into a search box.

use crate::paper::plain;

/// The ASCII base of a letter; `?` when it has none.
pub(crate) fn base(letter: char) -> u8 {
    const LATIN: &[(&str, u8)] = &[
        ("ÀÁÂÃÄÅÆ", b'A'),
        ("àáâãäåæ", b'a'),
        ("Ç", b'C'),
        ("ç", b'c'),
        ("ÈÉÊË", b'E'),
        ("èéêë", b'e'),
        ("ÌÍÎÏ", b'I'),
        ("ìíîï", b'i'),
        ("Ñ", b'N'),
        ("ñ", b'n'),
        ("ÒÓÔÕÖØ", b'O'),
        ("òóôõöø", b'o'),
        ("ÙÚÛÜ", b'U'),
        ("ùúûü", b'u'),
        ("Ý", b'Y'),
        ("ýÿ", b'y'),
        ("ß", b's'),
        ("Ð", b'D'),
        ("ð", b'd'),
    ];
    if letter.is_ascii() {
        return letter as u8;
    }
    LATIN.iter().find(|(letters, _)| letters.contains(letter)).map_or_else(|| plain(letter), |(_, base)| *base)
}

/// A text without accents.
pub(crate) fn unaccented(text: &str) -> String {
    text.chars().map(|letter| char::from(base(letter))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name_table::CULTURES;

    #[test]
    fn every_name_of_the_pools_has_a_plain_form() {
        for culture in CULTURES {
            for text in [culture.women, culture.men, culture.surnames] {
                assert!(!unaccented(text).contains('?'), "{}", unaccented(text));
            }
        }
        assert_eq!(unaccented("Nguyễn Đặng Łukasz Ångström"), "Nguyen Dang Lukasz Angstrom");
    }
}
