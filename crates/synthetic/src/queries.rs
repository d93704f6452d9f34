//! What people type into the search box, with the patient they mean: for the search bench and its tests.

use crate::chart::patient_id;
use crate::fold::unaccented;
use crate::person::Person;
use crate::practice::Practice;
use crate::rng::Rng;

/// One search as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// What is typed.
    pub text: String,
    /// Id of the Patient meant. Others may match too: names repeat.
    pub patient: String,
    /// What kind of search it is: `name`, `prefix`, `typo`, `former`, `birth`, `name-birth`, `phone`.
    pub kind: &'static str,
}

/// Letters next to one another on a US keyboard: slips of the finger.
const ROWS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

impl Practice {
    /// `count` searches in the mix of a front desk: mostly names and their beginnings, some dates, phones, slips and former names.
    pub fn queries(&self, seed: u64, count: usize) -> impl Iterator<Item = Query> + '_ {
        (0..count).map(move |number| self.query(&mut Rng::new(seed, 0x5EA2C4, number as u64)))
    }

    fn query(&self, rng: &mut Rng) -> Query {
        let index = rng.below(self.patients);
        let person = self.person(index);
        let (kind, text) = self.typed(&person, rng);
        Query { text, patient: patient_id(self.seed, index), kind }
    }

    fn typed(&self, person: &Person, rng: &mut Rng) -> (&'static str, String) {
        let family = spelled(&person.family, rng);
        let first = spelled(person.first(), rng);
        match rng.below(100) {
            0..22 => ("name", both(&family, &first, rng)),
            22..30 => ("name", family),
            30..50 => ("prefix", format!("{} {}", beginning(&family, rng), beginning(&first, rng))),
            50..58 => ("typo", format!("{} {first}", slip(&family, rng))),
            58..63 => ("typo", slip(&family, rng)),
            63..69 => match &person.former_family {
                Some((former, _)) => ("former", format!("{} {first}", spelled(former, rng))),
                None => ("name", format!("{first} {family}")),
            },
            69..77 => ("birth", birth(person, rng)),
            77..90 => ("name-birth", format!("{} {}", beginning(&family, rng), birth(person, rng))),
            _ => match person.mobile.as_ref().or(person.home_phone.as_ref()) {
                Some(number) => ("phone", phone(number, rng)),
                None => ("name", both(&family, &first, rng)),
            },
        }
    }
}

/// As written, or as typed in a hurry: small letters, often without accents.
fn spelled(name: &str, rng: &mut Rng) -> String {
    let name = if rng.chance(0.7) { unaccented(name) } else { name.to_owned() };
    if rng.chance(0.6) { name.to_lowercase() } else { name }
}

fn both(family: &str, first: &str, rng: &mut Rng) -> String {
    match rng.below(3) {
        0 => format!("{family}, {first}"),
        1 => format!("{family} {first}"),
        _ => format!("{first} {family}"),
    }
}

/// The first three to five letters.
fn beginning(name: &str, rng: &mut Rng) -> String {
    let length = 3 + rng.below(3);
    name.chars().take(length).collect::<String>().trim_end().to_owned()
}

/// One slip: two letters swapped, one left out, doubled, or the key beside it.
fn slip(name: &str, rng: &mut Rng) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    if letters.len() < 4 {
        return name.to_owned();
    }
    let at = 1 + rng.below(letters.len() - 2);
    match rng.below(4) {
        0 => letters.swap(at, at + 1),
        1 => {
            letters.remove(at);
        }
        2 => {
            if let Some(letter) = letters.get(at).copied() {
                letters.insert(at, letter);
            }
        }
        _ => {
            if let Some(letter) = letters.get_mut(at) {
                *letter = neighbour(*letter);
            }
        }
    }
    letters.into_iter().collect()
}

fn neighbour(letter: char) -> char {
    let row = ROWS.iter().find(|row| row.contains(letter));
    let after = row.and_then(|row| row.chars().skip_while(|c| *c != letter).nth(1));
    after.unwrap_or(letter)
}

fn birth(person: &Person, rng: &mut Rng) -> String {
    let date = person.birth.date();
    let form = rng.pick(&[
        "%-m/%-d/%Y",
        "%m/%d/%Y",
        "%Y-%m-%d",
        "%Y%m%d",
        "%-d %b %Y",
        "%d-%b-%Y",
        "%B %-d %Y",
        "%-m-%-d-%Y",
        "%m%d%Y",
    ]);
    date.strftime(form).to_string()
}

fn phone(number: &str, rng: &mut Rng) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let (area, rest) = digits.split_at_checked(3).unwrap_or((&digits, ""));
    match rng.below(4) {
        0 => number.to_owned(),
        1 => digits,
        2 => format!("({area}) {}-{}", rest.get(..3).unwrap_or(""), rest.get(3..).unwrap_or("")),
        _ => rest.get(..3).map_or_else(String::new, |exchange| format!("{exchange} {}", rest.get(3..).unwrap_or(""))),
    }
}
