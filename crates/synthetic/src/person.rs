//! Who a patient is: computed from the seed and the patient's index alone, so that any one of 100,000 can be made by itself.

use crate::contact::{add_home, add_phones};
use crate::day::Day;
use crate::names::{Names, Pool};
use crate::resemblance::{look_alike, namesake_child, twin};
use crate::rng::Rng;

/// Sex as assigned at birth: what growth curves, reference ranges and diseases follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sex {
    Female,
    Male,
}

/// One synthetic patient's identity.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) index: usize,
    pub(crate) sex: Sex,
    /// FHIR administrative gender.
    pub(crate) gender: &'static str,
    pub(crate) birth: Day,
    pub(crate) death: Option<Day>,
    pub(crate) family: String,
    pub(crate) given: Vec<String>,
    pub(crate) suffix: Option<&'static str>,
    /// What they like to be called (HumanName use `usual`).
    pub(crate) preferred: Option<String>,
    /// A surname they had before, with the day they gave it up (use `maiden` or `old`).
    pub(crate) former_family: Option<(String, Day)>,
    /// A given name they had before (use `old`).
    pub(crate) former_given: Option<String>,
    /// LOINC answer code and words of their pronouns.
    pub(crate) pronouns: Option<(&'static str, &'static str)>,
    pub(crate) gender_identity: Option<&'static str>,
    /// BCP 47 tag and name of the language they speak best, other than English.
    pub(crate) language: Option<(&'static str, &'static str)>,
    pub(crate) interpreter: bool,
    pub(crate) race: (&'static str, &'static str),
    pub(crate) hispanic: bool,
    pub(crate) home_phone: Option<String>,
    pub(crate) mobile: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) street: String,
    pub(crate) town: &'static str,
    pub(crate) postal_code: String,
    /// Marital status code (HL7 v3) and words.
    pub(crate) married: (&'static str, &'static str),
    /// Birth order, for twins.
    pub(crate) twin: Option<u8>,
    pub(crate) test: bool,
    pub(crate) photo: bool,
}

pub(crate) const SHE: (&str, &str) = ("LA29519-8", "she/her/her/hers/herself");
pub(crate) const HE: (&str, &str) = ("LA29518-0", "he/him/his/his/himself");
pub(crate) const THEY: (&str, &str) = ("LA29520-6", "they/them/their/theirs/themselves");

/// The `index`th patient of the practice.
pub(crate) fn person(seed: u64, index: usize, today: Day, names: &Names) -> Person {
    // Look-alikes, twins and fathers with sons of the same name come right after the person they resemble.
    match index {
        i if i % 40 == 7 => look_alike(seed, index, today, names),
        i if i % 50 == 13 => twin(seed, index, today, names),
        i if i % 60 == 31 => namesake_child(seed, index, today, names),
        _ => ordinary(seed, index, today, names),
    }
}

/// A person like no one else on purpose.
pub(crate) fn ordinary(seed: u64, index: usize, today: Day, names: &Names) -> Person {
    let mut rng = Rng::new(seed, 0x9E45, index as u64);
    let rng = &mut rng;
    let pool = names.pool(rng);
    let sex = if rng.chance(0.53) { Sex::Female } else { Sex::Male };
    let birth = birth_day(index, today, rng);
    let mut person = Person {
        index,
        sex,
        gender: if sex == Sex::Female { "female" } else { "male" },
        birth,
        death: death_day(index, birth, today, rng),
        family: family_name(names, pool, rng),
        given: given_names(names, pool, sex, rng),
        suffix: None,
        preferred: None,
        former_family: None,
        former_given: None,
        pronouns: None,
        gender_identity: None,
        language: None,
        interpreter: false,
        race: pool.culture.race,
        hispanic: pool.culture.hispanic,
        home_phone: None,
        mobile: None,
        email: None,
        street: String::new(),
        town: "",
        postal_code: String::new(),
        married: ("S", "Never Married"),
        twin: None,
        test: false,
        photo: rng.chance(0.15),
    };
    add_language(&mut person, pool, rng);
    add_home(&mut person, rng);
    add_phones(&mut person, today, rng);
    add_life(&mut person, today, names, pool, rng);
    add_gender(&mut person, today, names, pool, rng);
    if index == 5 {
        make_test_patient(&mut person);
    }
    person
}

fn family_name(names: &Names, pool: &Pool, rng: &mut Rng) -> String {
    let family = names.surname(pool, rng);
    // Two surnames are the custom of Spanish speakers; a hyphen joins some couples' names elsewhere.
    if pool.culture.hispanic && rng.chance(0.3) {
        return format!("{family} {}", names.surname(pool, rng));
    }
    if rng.chance(0.02) { format!("{family}-{}", names.surname(pool, rng)) } else { family }
}

fn given_names(names: &Names, pool: &Pool, sex: Sex, rng: &mut Rng) -> Vec<String> {
    let woman = sex == Sex::Female;
    let mut given = vec![names.given(pool, woman, rng)];
    if rng.chance(0.45) {
        let second = names.given(pool, woman, rng);
        if !given.contains(&second) {
            given.push(second);
        }
    }
    given
}

fn birth_day(index: usize, today: Day, rng: &mut Rng) -> Day {
    // The practice always has a newborn and a centenarian.
    match index {
        3 => return today.plus(-9),
        4 => return today.plus(-(101 * 365 + 140)),
        5 => return Day::of(jiff::civil::date(1970, 1, 1)),
        _ => {}
    }
    let years = match rng.unit() {
        u if u < 0.05 => rng.real(0.02, 2.0),
        u if u < 0.17 => rng.real(2.0, 12.0),
        u if u < 0.25 => rng.real(12.0, 18.0),
        u if u < 0.60 => rng.real(18.0, 50.0),
        u if u < 0.93 => rng.real(50.0, 82.0),
        u if u < 0.99 => rng.real(82.0, 95.0),
        _ => rng.real(95.0, 103.0),
    };
    today.plus(-((years * 365.25) as i32))
}

fn death_day(index: usize, birth: Day, today: Day, rng: &mut Rng) -> Option<Day> {
    let years = birth.years_to(today);
    let chance = match years {
        ..=30 => 0.002,
        31..=60 => 0.008,
        61..=80 => 0.05,
        _ => 0.16,
    };
    let days_ago = rng.between(20, 6 * 365);
    let died = rng.chance(chance) && index > 5;
    let day = today.plus(-days_ago);
    (died && day > birth.plus(400)).then_some(day)
}

fn add_language(person: &mut Person, pool: &Pool, rng: &mut Rng) {
    if rng.chance(0.4) {
        person.language = pool.culture.language;
        person.interpreter = person.language.is_some() && rng.chance(0.5);
    }
}

fn add_life(person: &mut Person, today: Day, names: &Names, pool: &Pool, rng: &mut Rng) {
    let age = person.birth.years_to(today);
    if age < 18 {
        if rng.chance(0.08) {
            person.preferred = nickname(person, rng);
        }
        return;
    }
    person.married = match rng.unit() {
        u if age > 74 && u < 0.4 => ("W", "Widowed"),
        u if age > 24 && u < 0.62 => ("M", "Married"),
        u if age > 30 && u < 0.75 => ("D", "Divorced"),
        _ => ("S", "Never Married"),
    };
    let wed = person.married.0 != "S";
    if wed && rng.chance(if person.sex == Sex::Female { 0.55 } else { 0.03 }) {
        let years = rng.between(20, 45.min(age));
        person.former_family = Some((names.surname(pool, rng), person.birth.plus(years * 365)));
    }
    if rng.chance(0.12) {
        person.preferred = nickname(person, rng);
    }
    if person.sex == Sex::Male && rng.chance(0.02) {
        person.suffix = Some(*rng.pick(&["Jr.", "Sr.", "II", "III"]));
    }
}

/// A short form of the first name, or the second name.
fn nickname(person: &Person, rng: &mut Rng) -> Option<String> {
    const SHORT: &[(&str, &str)] = &[
        ("William", "Bill"),
        ("Robert", "Bob"),
        ("Elizabeth", "Beth"),
        ("Margaret", "Peggy"),
        ("James", "Jim"),
        ("John", "Jack"),
        ("Michael", "Mike"),
        ("Katherine", "Kate"),
        ("Patricia", "Pat"),
        ("Richard", "Dick"),
        ("Jennifer", "Jen"),
        ("Thomas", "Tom"),
        ("Joseph", "Joe"),
        ("Guadalupe", "Lupe"),
        ("Francisco", "Paco"),
        ("José", "Pepe"),
        ("Charles", "Chuck"),
        ("Susan", "Sue"),
        ("Daniel", "Danny"),
        ("Samuel", "Sam"),
        ("Abigail", "Abby"),
        ("Deborah", "Debbie"),
        ("Christopher", "Chris"),
    ];
    let first = person.given.first()?;
    let short = SHORT.iter().find(|(long, _)| long == first).map(|(_, short)| (*short).to_owned());
    short.or_else(|| if rng.chance(0.8) { person.given.get(1).cloned() } else { None })
}

fn add_gender(person: &mut Person, today: Day, names: &Names, pool: &Pool, rng: &mut Rng) {
    let adult_enough = person.birth.years_to(today) >= 14;
    let draw = rng.unit();
    match person.sex {
        _ if !adult_enough || draw > 0.30 => {}
        Sex::Female if draw > 0.022 => {
            (person.pronouns, person.gender_identity) = (Some(SHE), Some("Identifies as female"));
        }
        Sex::Male if draw > 0.022 => (person.pronouns, person.gender_identity) = (Some(HE), Some("Identifies as male")),
        _ if draw > 0.012 => {
            person.gender = "other";
            (person.pronouns, person.gender_identity) = (Some(THEY), Some("Non-binary"));
        }
        sex => {
            let woman = sex == Sex::Male;
            person.gender = if woman { "female" } else { "male" };
            person.pronouns = Some(if woman { SHE } else { HE });
            person.gender_identity = Some(if woman { "Transgender female" } else { "Transgender male" });
            person.former_given = person.given.first().cloned();
            person.given = vec![names.given(pool, woman, rng)];
            person.preferred = None;
        }
    }
}

fn make_test_patient(person: &mut Person) {
    person.family = "ZZTEST".to_owned();
    person.given = vec!["Patient".to_owned()];
    (person.former_family, person.former_given, person.preferred, person.suffix) = (None, None, None, None);
    (person.pronouns, person.gender_identity, person.language) = (None, None, None);
    person.interpreter = false;
    person.test = true;
}

impl Person {
    /// Their first given name.
    pub(crate) fn first(&self) -> &str {
        self.given.first().map_or("", String::as_str)
    }

    /// How notes speak of them: woman, man, girl, boy, infant.
    pub(crate) fn noun(&self, on: Day) -> &'static str {
        match (self.birth.years_to(on), self.gender) {
            (..2, _) => "infant",
            (2..18, "female") => "girl",
            (2..18, "male") => "boy",
            (2..18, _) => "young person",
            (_, "female") => "woman",
            (_, "male") => "man",
            _ => "person",
        }
    }
}
