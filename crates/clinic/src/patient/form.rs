//! The registration form: what was typed, checked field by field, as the demographics of a Patient.

use super::birth_date::{Calendar, Reading, readings};
use super::fold::digits;
use crate::error::FieldError;
use fhir::edit::patient::Demographics;

/// Longest text of one field, in characters.
const LONGEST: usize = 200;

/// Languages offered, BCP-47 code and name; another code that is on file is kept.
pub const LANGUAGES: &[(&str, &str)] = &[
    ("en", "English"),
    ("es", "Spanish"),
    ("zh", "Chinese"),
    ("vi", "Vietnamese"),
    ("tl", "Tagalog"),
    ("ar", "Arabic"),
    ("fr", "French"),
    ("ko", "Korean"),
    ("ru", "Russian"),
    ("pt", "Portuguese"),
    ("hi", "Hindi"),
    ("de", "German"),
    ("ht", "Haitian Creole"),
    ("pl", "Polish"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("uk", "Ukrainian"),
    ("so", "Somali"),
    ("fa", "Persian"),
    ("ur", "Urdu"),
    ("ase", "American Sign Language"),
];

/// FHIR administrative gender: code and the word shown.
pub const SEXES: &[(&str, &str)] =
    &[("female", "Female"), ("male", "Male"), ("other", "Other"), ("unknown", "Unknown")];

/// Checks a form as typed (`birth_date` and `deceased` in any common form) and completes it, or says what to mend, in the order of the form.
///
/// # Errors
/// Every field that cannot be taken, with what is expected.
pub fn check(typed: &Demographics, calendar: Calendar) -> Result<Demographics, Vec<FieldError>> {
    let mut checked = tidied(typed);
    let mut errors = unreadable(&checked);
    let mut wrong = |field, problem: &str| errors.push(FieldError { field, problem: problem.to_owned() });
    if checked.family.is_empty() && checked.given.is_empty() {
        wrong("family", "Name: write the family name, the given name, or both; “Unknown” if nobody knows it");
    }
    if checked.sex.is_empty() {
        wrong("sex", "Sex: choose one; “Unknown” if it has not been asked");
    } else if !SEXES.iter().any(|(code, _)| *code == checked.sex) {
        wrong("sex", "Sex: choose one of the list");
    }
    match date(&checked.birth_date, calendar) {
        Ok(date) => checked.birth_date = date,
        Err(problem) => wrong("birth_date", &format!("Birth date: {problem}")),
    }
    match date(&checked.deceased, calendar) {
        Ok(date) if !date.is_empty() && !checked.birth_date.is_empty() && date < checked.birth_date => {
            wrong("deceased", "Date of death: it is before the birth date");
        }
        Ok(date) => checked.deceased = date,
        Err(problem) => wrong("deceased", &format!("Date of death: {problem}")),
    }
    for (field, phone) in
        [("mobile", &checked.mobile), ("phone", &checked.phone), ("contact_phone", &checked.contact_phone)]
    {
        if !phone.is_empty() && !is_phone(phone) {
            let problem = "write the whole number, 7 to 15 digits, for example 919 555 0105";
            wrong(field, &format!("{}: {problem}", label(field)));
        }
    }
    if !checked.email.is_empty() && !is_email(&checked.email) {
        wrong("email", "E-mail: write the whole address, for example ana@example.org");
    }
    if checked.interpreter && checked.language.is_empty() {
        wrong("language", "Preferred language: choose the one the interpreter is needed for");
    }
    if !checked.language.is_empty() && !is_language(&checked.language) {
        wrong("language", "Preferred language: choose one of the list");
    }
    if errors.is_empty() { Ok(checked) } else { Err(errors) }
}

/// What a field of the form is called on it.
#[must_use]
pub fn label(field: &str) -> &'static str {
    match field {
        "family" => "Family name",
        "given" => "Given names",
        "suffix" => "Suffix",
        "preferred" => "Called",
        "former_family" => "Former family name",
        "birth_date" => "Birth date",
        "sex" => "Sex",
        "pronouns" => "Pronouns",
        "mobile" => "Mobile phone",
        "phone" => "Home phone",
        "email" => "E-mail",
        "line" => "Street",
        "city" => "Town",
        "state" => "State",
        "postal_code" => "Postal code",
        "country" => "Country",
        "language" => "Preferred language",
        "interpreter" => "Needs an interpreter",
        "contact_name" => "Next of kin",
        "contact_relationship" => "Relationship",
        "contact_phone" => "Phone of next of kin",
        "general_practitioner" => "General practitioner",
        "deceased" => "Date of death",
        _ => "Other",
    }
}

/// Every text field with its form name.
pub(super) fn fields(d: &mut Demographics) -> [(&'static str, &mut String); 22] {
    [
        ("family", &mut d.family),
        ("given", &mut d.given),
        ("suffix", &mut d.suffix),
        ("preferred", &mut d.preferred),
        ("former_family", &mut d.former_family),
        ("birth_date", &mut d.birth_date),
        ("sex", &mut d.sex),
        ("pronouns", &mut d.pronouns),
        ("mobile", &mut d.mobile),
        ("phone", &mut d.phone),
        ("email", &mut d.email),
        ("line", &mut d.line),
        ("city", &mut d.city),
        ("state", &mut d.state),
        ("postal_code", &mut d.postal_code),
        ("country", &mut d.country),
        ("language", &mut d.language),
        ("contact_name", &mut d.contact_name),
        ("contact_relationship", &mut d.contact_relationship),
        ("contact_phone", &mut d.contact_phone),
        ("general_practitioner", &mut d.general_practitioner),
        ("deceased", &mut d.deceased),
    ]
}

/// White space folded: no field begins, ends or is filled with it.
fn tidied(typed: &Demographics) -> Demographics {
    let mut tidy = typed.clone();
    for (_, field) in fields(&mut tidy) {
        *field = field.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    tidy
}

/// Fields that are too long, or hold characters that cannot be seen or that reorder text around them (and so could disguise a name).
fn unreadable(checked: &Demographics) -> Vec<FieldError> {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let mut errors = Vec::new();
    for (field, text) in fields(&mut checked.clone()) {
        if text.chars().count() > LONGEST {
            errors
                .push(FieldError { field, problem: format!("{}: shorten this to {LONGEST} characters", label(field)) });
        } else if text.chars().any(hidden) {
            errors.push(FieldError {
                field,
                problem: format!("{}: this holds invisible characters; type it again", label(field)),
            });
        }
    }
    errors
}

/// The FHIR date of a typed one; empty stays empty.
fn date(typed: &str, calendar: Calendar) -> Result<String, String> {
    if typed.is_empty() {
        return Ok(String::new());
    }
    match readings(typed, calendar).as_slice() {
        [one] => Ok(one.fhir()),
        // A two-digit year that could be this century or the last.
        [] => Err("write a date that has been, as day, month, year, for example 4 May 1962".to_owned()),
        several => {
            let all: Vec<String> = several.iter().map(words).collect();
            Err(format!("this could be {}: write the month in letters and the year in full", all.join(" or ")))
        }
    }
}

fn words(reading: &Reading) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = reading.month.and_then(|m| MONTHS.get(usize::try_from(m - 1).ok()?)).copied().unwrap_or_default();
    match reading.day {
        Some(day) => format!("{day:02}-{month}-{}", reading.year),
        None => format!("{month} {}", reading.year).trim().to_owned(),
    }
}

fn is_phone(phone: &str) -> bool {
    (7..=15).contains(&digits(phone).len()) && phone.chars().all(|c| c.is_ascii_digit() || " ()+-./x".contains(c))
}

fn is_email(email: &str) -> bool {
    let plain = !email.contains(char::is_whitespace);
    plain
        && email.split_once('@').is_some_and(|(who, host)| !who.is_empty() && host.contains('.') && !host.contains('@'))
}

fn is_language(code: &str) -> bool {
    code.len() <= 35
        && code.starts_with(|c: char| c.is_ascii_alphabetic())
        && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> Demographics {
        Demographics {
            family: " García  ".into(),
            given: "Ana".into(),
            birth_date: "4 May 62".into(),
            sex: "female".into(),
            ..Demographics::default()
        }
    }

    fn calendar() -> Calendar {
        Calendar { today: jiff::civil::date(2026, 11, 22), order: store::accounts::DateOrder::MonthFirst }
    }

    fn problems(d: &Demographics) -> Vec<(&'static str, String)> {
        check(d, calendar()).expect_err("refused").into_iter().map(|e| (e.field, e.problem)).collect()
    }

    #[test]
    fn a_good_form_is_completed() {
        let checked = check(&typed(), calendar()).expect("good");
        assert_eq!((checked.family.as_str(), checked.birth_date.as_str()), ("García", "1962-05-04"));
    }

    #[test]
    fn an_ambiguous_birth_date_is_asked_about_not_guessed() {
        let errors = problems(&Demographics { birth_date: "5/4/1962".into(), ..typed() });
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].0, "birth_date");
        assert!(errors[0].1.starts_with("Birth date: this could be 04-May-1962 or 05-Apr-1962"), "{}", errors[0].1);
        assert_eq!(problems(&Demographics { birth_date: "1/1/2999".into(), ..typed() })[0].0, "birth_date");
    }

    #[test]
    fn every_wrong_field_is_named_in_the_order_of_the_form() {
        let all = Demographics {
            mobile: "12".into(),
            email: "ana".into(),
            interpreter: true,
            deceased: "1 Jan 1950".into(),
            ..typed()
        };
        let fields: Vec<_> = problems(&all).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["deceased", "mobile", "email", "language"]);
        assert_eq!(
            problems(&Demographics::default()).into_iter().map(|(f, _)| f).collect::<Vec<_>>(),
            ["family", "sex"]
        );
    }

    #[test]
    fn disguising_characters_are_refused() {
        for hostile in ["Ana\u{202e}", "A\u{0}na", "A\u{200b}na"] {
            assert_eq!(problems(&Demographics { given: hostile.into(), ..typed() })[0].0, "given");
        }
        assert!(check(&Demographics { given: "<b>Robert'); DROP TABLE</b>".into(), ..typed() }, calendar()).is_ok());
    }
}
