//! The keys a patient is found by, and the words a search box is asked with, in the same folded terms.

use super::Identity;
use super::birth_date::{self, Calendar};
use super::fold::{digits, fold, parts};
use rphonetic::DoubleMetaphone;
use store::find::{FindKey, KeyClass, KeyMatch, Term};

/// Moves on whenever [`of`] makes other keys: a practice whose keys are older has them made anew when it is opened.
pub const VERSION: u32 = 2;

/// Every key of a patient as stored, with the practice's record-number system.
#[must_use]
pub fn of_body(body: &[u8], record_number_system: &str) -> Vec<FindKey> {
    Identity::read(body, record_number_system).map_or_else(|_| Vec::new(), |identity| of(&identity))
}

/// Every key of a patient.
#[must_use]
pub fn of(identity: &Identity) -> Vec<FindKey> {
    let mut keys = Vec::new();
    let mut add = |class, key: String| {
        if !key.is_empty() {
            keys.push(FindKey { class, key });
        }
    };
    for (names, class) in [(&identity.current_names, KeyClass::Name), (&identity.former_names, KeyClass::FormerName)] {
        for part in names.iter().flat_map(|name| parts(name)) {
            sounds(&part).into_iter().for_each(|sound| add(KeyClass::Sound, sound));
            add(class, part);
        }
    }
    add(KeyClass::BirthDate, digits(&identity.birth_date));
    identity.phones.iter().for_each(|phone| add(KeyClass::Phone, reversed(&digits(phone))));
    identity.numbers.iter().for_each(|number| add(KeyClass::Number, fold(number)));
    keys.sort();
    keys.dedup();
    keys
}

/// Phonetic codes of a folded part: both readings of Double Metaphone (Philips, C/C++ Users Journal, 2000), eight letters long.
/// None for parts too short to sound like anything, or not in Latin letters.
#[must_use]
pub fn sounds(part: &str) -> Vec<String> {
    if part.len() < 3 || !part.bytes().all(|b| b.is_ascii_alphabetic()) {
        return Vec::new();
    }
    let codes = DoubleMetaphone::new(Some(8)).double_metaphone(part);
    let mut sounds = vec![codes.primary(), codes.alternate()];
    sounds.dedup();
    sounds.retain(|code| code.len() > 1);
    sounds
}

/// A text back to front, so that the end of a phone number is a prefix.
#[must_use]
pub fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

/// One word of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// Part of a name, folded.
    Name(String),
    /// A birth date, in every reading.
    Date(Vec<birth_date::Reading>),
    /// Digits that may be a record number, the end of a phone number, or (when a reading exists) a birth date.
    Digits(String, Vec<birth_date::Reading>),
    /// Letters and digits together: an insurer's or another system's number, or a name that has digits in it, folded.
    Number(String),
}

/// Reads a search box: dates wherever they stand, runs of digits joined (`100 001`, `(555) 01-05`), the rest name parts.
#[must_use]
pub fn words(text: &str, calendar: Calendar) -> Vec<Word> {
    let tokens: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c == ',' || c == ';').filter(|t| !t.is_empty()).take(12).collect();
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(rest) = tokens.get(at..).filter(|rest| !rest.is_empty()) {
        let (word, used) = next_word(rest, calendar);
        words.extend(word);
        at += used;
    }
    words
}

fn next_word(tokens: &[&str], calendar: Calendar) -> (Option<Word>, usize) {
    // A date of several words first ("4 May 62"), longest first; digits alone are looked at below.
    for width in (1..=tokens.len().min(3)).rev() {
        let window = tokens.get(..width).unwrap_or_default().join(" ");
        if !window.chars().all(|c| c.is_ascii_digit() || c == ' ') {
            let readings = birth_date::readings(&window, calendar);
            if !readings.is_empty() {
                return (Some(Word::Date(readings)), width);
            }
        }
    }
    let numeric =
        |token: &&&str| token.chars().all(|c| c.is_ascii_digit() || "()+-./".contains(c)) && !digits(token).is_empty();
    let run = tokens.iter().take_while(numeric).count();
    if run > 0 {
        let joined = digits(&tokens.get(..run).unwrap_or_default().concat());
        let spaced = tokens.get(..run).unwrap_or_default().join(" ");
        let mut readings = birth_date::readings(&joined, calendar);
        readings.extend(birth_date::readings(&spaced, calendar).into_iter().filter(|_| run > 1));
        return (Some(Word::Digits(joined, readings)), run);
    }
    let folded = fold(tokens.first().unwrap_or(&""));
    let word = match folded.chars().any(|c| c.is_ascii_digit()) {
        _ if folded.is_empty() => None,
        true => Some(Word::Number(folded)),
        false => Some(Word::Name(folded)),
    };
    (word, 1)
}

/// What a word matches in the index. `wide` adds what sounds alike and the `similar` spellings given.
#[must_use]
pub fn term(word: &Word, wide: bool, similar: &[String]) -> Term {
    let one = |class, key: &str, prefix| KeyMatch { class, key: key.to_owned(), prefix };
    let dates = |readings: &[birth_date::Reading]| -> Vec<KeyMatch> {
        readings.iter().map(|r| one(KeyClass::BirthDate, &r.key(), r.day.is_none())).collect()
    };
    let any = match word {
        Word::Name(name) => {
            let mut any = vec![one(KeyClass::Name, name, true), one(KeyClass::FormerName, name, true)];
            if wide {
                any.extend(sounds(name).iter().map(|sound| one(KeyClass::Sound, sound, false)));
                for other in similar {
                    any.push(one(KeyClass::Name, other, false));
                    any.push(one(KeyClass::FormerName, other, false));
                }
            }
            any
        }
        Word::Date(readings) => dates(readings),
        Word::Digits(number, readings) => {
            let mut any = vec![one(KeyClass::Number, number, true)];
            any.extend(dates(readings));
            if number.len() >= 4 {
                any.push(one(KeyClass::Phone, &reversed(phone_core(number)), true));
            }
            any
        }
        Word::Number(number) => {
            [KeyClass::Number, KeyClass::Name, KeyClass::FormerName].map(|class| one(class, number, true)).into()
        }
    };
    Term { any }
}

/// A typed phone number without the country's 1, as it may be stored without it.
fn phone_core(number: &str) -> &str {
    number.strip_prefix('1').filter(|rest| rest.len() == 10).unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> Calendar {
        Calendar { today: jiff::civil::date(2026, 11, 22), order: store::accounts::DateOrder::MonthFirst }
    }

    fn read(text: &str) -> Vec<Word> {
        words(text, calendar())
    }

    fn day(year: i16, month: i8, day: i8) -> birth_date::Reading {
        birth_date::Reading { year, month: Some(month), day: Some(day) }
    }

    #[test]
    fn a_search_box_is_read_in_any_order() {
        let smith = || Word::Name("smith".into());
        assert_eq!(read("Smith 4 May 62"), [smith(), Word::Date(vec![day(1962, 5, 4)])]);
        assert_eq!(read("4 May 62, Smith"), [Word::Date(vec![day(1962, 5, 4)]), smith()]);
        assert_eq!(read("smith 5/4/1962"), [smith(), Word::Date(vec![day(1962, 5, 4), day(1962, 4, 5)])]);
        assert_eq!(read("100 001"), [Word::Digits("100001".into(), vec![])]);
        assert_eq!(read("(919) 555-0105"), [Word::Digits("9195550105".into(), vec![])]);
        assert_eq!(read("May"), [Word::Name("may".into())]);
        assert_eq!(read(" ,;- "), []);
    }

    #[test]
    fn packed_dates_may_also_be_numbers() {
        assert_eq!(read("19620504"), [Word::Digits("19620504".into(), vec![day(1962, 5, 4)])]);
    }

    #[test]
    fn the_end_of_a_phone_number_is_enough() {
        let identity = Identity { phones: vec!["+1 (919) 555-0105".into()], ..Identity::default() };
        let stored = &of(&identity)[0];
        for typed in ["0105", "555 0105", "9195550105", "19195550105"] {
            let Term { any } = term(&read(typed)[0], false, &[]);
            assert!(any.iter().any(|m| m.class == KeyClass::Phone && stored.key.starts_with(&m.key)), "{typed}");
        }
    }

    #[test]
    fn names_that_sound_alike_share_a_code() {
        for (a, b) in [
            ("smith", "smyth"),
            ("catherine", "katherine"),
            ("philip", "filip"),
            ("schmidt", "shmit"),
            ("nguyen", "nguyan"),
        ] {
            assert!(sounds(a).iter().any(|s| sounds(b).contains(s)), "{a} {b}: {:?} {:?}", sounds(a), sounds(b));
        }
    }
}
