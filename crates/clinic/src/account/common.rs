//! Passwords an attacker tries first. At 15 characters and more few single leaked passwords are left; what is left are patterns:
//! a common word repeated or padded, runs of keys or digits, the practice's or the user's own name with a year. So a compact list
//! of the words such passwords are built from, and a rule: what remains after taking those out must still be worth guessing.

/// Words that long common passwords are built from (our own list, from the patterns reported in public breach statistics).
const WORDS: &[&str] = &[
    "password",
    "passwort",
    "passw0rd",
    "p@ssword",
    "p@ssw0rd",
    "letmein",
    "welcome",
    "wilkommen",
    "iloveyou",
    "iloveu",
    "loveyou",
    "qwertyuiop",
    "qwerty",
    "qwertz",
    "azerty",
    "asdfghjkl",
    "asdfgh",
    "asdf",
    "zxcvbnm",
    "zxcvbn",
    "yxcvbnm",
    "1q2w3e4r5t6y",
    "1q2w3e4r",
    "1qaz2wsx3edc",
    "1qaz2wsx",
    "qazwsxedc",
    "qazwsx",
    "q1w2e3r4",
    "abc123",
    "abcdefghijklmnopqrstuvwxyz",
    "abcdefgh",
    "abcd",
    "admin",
    "administrator",
    "root",
    "user",
    "guest",
    "test",
    "login",
    "access",
    "master",
    "secret",
    "changeme",
    "change",
    "default",
    "temp",
    "temporary",
    "trustno1",
    "dragon",
    "monkey",
    "football",
    "baseball",
    "basketball",
    "superman",
    "batman",
    "sunshine",
    "princess",
    "shadow",
    "michael",
    "charlie",
    "jordan",
    "jennifer",
    "ashley",
    "whatever",
    "computer",
    "internet",
    "google",
    "facebook",
    "microsoft",
    "windows",
    "hello",
    "hallo",
    "freedom",
    "starwars",
    "pokemon",
    "spring",
    "summer",
    "autumn",
    "winter",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "doctor",
    "nurse",
    "clinic",
    "hospital",
    "medical",
    "medicine",
    "health",
    "healthcare",
    "patient",
    "practice",
    "office",
    "frontdesk",
    "reception",
    "manager",
    "chartroom",
    "correcthorsebatterystaple",
    "thisismypassword",
    "mypassword",
    "my",
    "the",
    "and",
    "for",
    "new",
    "is",
];

/// Keyboard rows and counting, which passwords walk along in either direction.
const RUNS: &[&str] = &[
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
];

/// What must remain, in characters, once the guessable parts are taken out, and how many of those must differ.
const REMAINS: usize = 6;
const DIFFER: usize = 5;

/// Whether a password is one of the first to be tried. `context`: names known to an attacker.
#[must_use]
pub fn is_common(password: &str, context: &[&str]) -> bool {
    let plain: String = password.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
    let symbols = password.chars().filter(|letter| !letter.is_alphanumeric() && !letter.is_ascii()).count();
    if symbols >= DIFFER {
        return distinct(password) < DIFFER;
    }
    let mut words: Vec<String> = context.iter().flat_map(|text| parts(text)).collect();
    words.extend(WORDS.iter().map(|&word| word.to_owned()));
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut left = unrepeated(&plain);
    for word in &words {
        left = left.replace(word.as_str(), "");
    }
    let left = without_runs(&without_years(&left));
    left.chars().count() < REMAINS || distinct(&left) < DIFFER
}

/// The words of a name, and the name without its spaces.
fn parts(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut parts: Vec<String> = lower
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|part| part.chars().count() > 2)
        .map(str::to_owned)
        .collect();
    parts.push(lower.chars().filter(|letter| letter.is_alphanumeric()).collect());
    parts.retain(|part| !part.is_empty());
    parts
}

/// A text that is a shorter one over and over is only as good as the shorter one.
fn unrepeated(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let period =
        (1..=letters.len() / 2).find(|&period| letters.iter().zip(letters.iter().skip(period)).all(|(a, b)| a == b));
    letters.into_iter().take(period.unwrap_or(usize::MAX)).collect()
}

/// Leaves out digits in groups of four that read as a year, and other single digits at the end.
fn without_years(text: &str) -> String {
    let mut left = text.to_owned();
    for year in 1930..=2039 {
        left = left.replace(&year.to_string(), "");
    }
    left.trim_end_matches(|letter: char| letter.is_ascii_digit()).to_owned()
}

/// Leaves out walks of four or more along the alphabet, the digits or a keyboard row, and letters repeated three times or more.
fn without_runs(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut left = String::new();
    let mut start = 0;
    while let Some(rest) = letters.get(start..).filter(|rest| !rest.is_empty()) {
        let run = run_length(rest);
        if run < 3 {
            left.extend(rest.first());
        }
        start += if run < 3 { 1 } else { run };
    }
    left
}

/// How many letters from the start repeat, or walk along a run (four at least to count).
fn run_length(letters: &[char]) -> usize {
    let same = letters.iter().take_while(|letter| letters.first() == Some(letter)).count();
    let walk = (4..=letters.len()).take_while(|&length| letters.get(..length).is_some_and(is_walk)).last().unwrap_or(0);
    same.max(walk)
}

fn is_walk(letters: &[char]) -> bool {
    let forward: String = letters.iter().collect();
    let backward: String = letters.iter().rev().collect();
    RUNS.iter().any(|run| run.contains(&forward) || run.contains(&backward))
}

fn distinct(text: &str) -> usize {
    let mut letters: Vec<char> = text.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    letters.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_common_however_long() {
        let context = ["nurse.reyes", "Dana Reyes", "Harbour View Clinic"];
        for common in [
            "passwordpassword1",
            "Password123456789",
            "Password!Password!",
            "iloveyouiloveyou",
            "qwertyuiopasdfghjkl",
            "98765432109876543",
            "abcabcabcabcabcabc",
            "letmeinletmein2026",
            "HarbourView2026!!",
            "harbour.view.clinic",
            "danareyes1234567",
            "reyes-reyes-reyes",
            "Summer2026Summer2026",
            "admin-admin-admin",
            "aaaaaaaabbbbbbbb",
            "correcthorsebatterystaple",
            "!!!!!!!!!!!!!!!!!!",
        ] {
            assert!(is_common(common, &context), "{common}");
        }
    }

    #[test]
    fn phrases_and_random_text_are_not() {
        let context = ["nurse.reyes", "Harbour View Clinic"];
        for fine in [
            "kettle amber orbit forty",
            "vT9#kd02jqPz!4mWx",
            "the cat ate my green homework",
            "k7f2m-p9x3q-w4n8r-t6y2z",
        ] {
            assert!(!is_common(fine, &context), "{fine}");
        }
    }
}
