//! Who this is: the banner on every page of a chart, always the same facts in the same place.

use super::allergy::{Allergies, Known};
use super::row::Reading;
use super::when::{When, age};
use fhir::identity::without_directions;
use fhir::{Element, Identity, PatientId};

/// The banner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Banner {
    /// The patient.
    pub id: PatientId,
    /// Version of the Patient resource.
    pub version: u32,
    /// `FAMILY, Given`.
    pub name: String,
    /// The name they are called by, when it differs.
    pub preferred: Option<String>,
    /// Their pronouns.
    pub pronouns: Option<String>,
    /// `Spanish, interpreter needed`.
    pub language: Option<String>,
    /// `23-Dec-1979`, or that it is not recorded.
    pub born: String,
    /// `46 y`, `13 wk`; at death for the deceased.
    pub age: Option<String>,
    /// Of a young child born before term, the age corrected for that.
    pub corrected: Option<String>,
    /// `Female`; with sex at birth or gender identity where they differ.
    pub sex: String,
    /// `100 001`.
    pub record_number: Option<String>,
    /// A phone number, as written.
    pub phone: Option<String>,
    /// Two letters in place of a photo.
    pub initials: String,
    /// Whether a photo is on file.
    pub photo: bool,
    /// 0 to 35: the patient's colour.
    pub hue: u8,
    /// `Deceased`, with the date where known.
    pub deceased: Option<String>,
    /// Whether access is restricted by a confidentiality mark.
    pub restricted: bool,
    /// Whether this is a test patient.
    pub test: bool,
    /// Whether another patient's name is easily taken for this one's.
    pub similar_name: bool,
    /// Whether this record was merged into another one.
    pub merged: bool,
    /// Allergies; none for those who may not see them.
    pub allergies: Option<AllergyLine>,
}

/// The banner's line on allergies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllergyLine {
    /// Nobody recorded an answer.
    NotAsked,
    /// Nothing is in force, something was, and whether there are others is not recorded; in words.
    Ended(String),
    /// Recorded that there are none, in these words.
    None(String),
    /// Each with reaction and severity.
    Listed(Vec<String>),
}

impl Banner {
    /// Reads a Patient; `allergies` where the reader may see them.
    #[must_use]
    pub fn of(
        patient: Element<'_>,
        identity: &Identity,
        allergies: Option<&Allergies>,
        reading: &Reading,
    ) -> Option<Self> {
        let clock = &reading.clock;
        let some = |text: &str| (!text.is_empty()).then(|| without_directions(text));
        let died = patient.text("deceasedDateTime").and_then(|text| When::read(text, clock));
        // Who died on a day that is not known has no age to be shown.
        let until = if identity.deceased { died.as_ref().and_then(|when| when.day) } else { Some(clock.today) };
        let id = identity.id.clone()?;
        Some(Self {
            hue: hue(&id),
            id,
            version: identity.version,
            name: identity.display_name(),
            preferred: some(&identity.preferred).filter(|name| *name != identity.given),
            pronouns: some(&identity.demographics.pronouns).map(|words| brief_pronouns(&words)),
            language: language(patient).map(|words| without_directions(&words)),
            born: When::read(&identity.birth_date, clock).map_or_else(|| "not recorded".to_owned(), |when| when.date),
            age: until
                .and_then(|until| age(&identity.birth_date, until))
                .map(|age| if identity.deceased { format!("died at {age}") } else { age }),
            corrected: None,
            sex: without_directions(&sex(patient, identity)),
            record_number: some(&identity.record_number).map(|number| spaced(&number)),
            phone: identity.phones.first().cloned(),
            initials: identity.initials(),
            photo: identity.photo,
            deceased: identity
                .deceased
                .then(|| died.map_or_else(|| "Deceased".to_owned(), |when| format!("Deceased {}", when.date))),
            restricted: identity.restricted,
            test: identity.test,
            similar_name: false,
            merged: patient.each("link").iter().any(|link| link.text("type") == Some("replaced-by")),
            allergies: allergies.map(|allergies| match allergies.known {
                Known::NotAsked => allergies.ended().map_or(AllergyLine::NotAsked, AllergyLine::Ended),
                Known::None => AllergyLine::None(without_directions(&allergies.denial())),
                Known::Listed => AllergyLine::Listed(
                    allergies.active.iter().map(|allergy| without_directions(&allergy.line())).collect(),
                ),
            }),
        })
    }

    /// `LARSEN, Liam · Born 23-Dec-1979 · Record no. 100 007`, for titles and printed pages.
    #[must_use]
    pub fn line(&self) -> String {
        let number = self.record_number.as_deref().unwrap_or("not given");
        format!("{} · Born {} · Record no. {number}", self.name, self.born)
    }
}

/// A patient's colour, 0 to 35, the same on every screen.
#[must_use]
pub fn hue(id: &PatientId) -> u8 {
    let sum = id.as_str().bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    u8::try_from(sum % 36).unwrap_or(0)
}

/// `100001` as `100 001`.
fn spaced(number: &str) -> String {
    crate::patient::identity::spaced(number)
}

/// Administrative sex, with sex at birth and gender identity where they say something else.
fn sex(patient: Element<'_>, identity: &Identity) -> String {
    let word = |code: &str| match code {
        "female" | "F" => "Female",
        "male" | "M" => "Male",
        "other" | "OTH" => "Other",
        "unknown" | "UNK" => "Unknown",
        _ => "",
    };
    let shown = match word(&identity.sex) {
        "" => "not recorded",
        said => said,
    };
    let birth = patient
        .extension("http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex")
        .and_then(|extension| extension.text("valueCode"))
        .map(word)
        .filter(|birth| !birth.is_empty() && *birth != shown);
    let gender = patient
        .extension("http://hl7.org/fhir/us/core/StructureDefinition/us-core-genderIdentity")
        .or_else(|| patient.extension("http://hl7.org/fhir/StructureDefinition/individual-genderIdentity"))
        .and_then(|extension| {
            extension
                .words("valueCodeableConcept")
                .or_else(|| extension.extension("value")?.words("valueCodeableConcept"))
        });
    // "Identifies as male" beside Male says nothing new.
    let same = |words: &String| words.to_lowercase().split(' ').any(|word| word == shown.to_lowercase());
    let gender = gender.filter(|words| !same(words));
    let more: Vec<_> =
        [birth.map(|birth| format!("{} at birth", birth.to_lowercase())), gender].into_iter().flatten().collect();
    if more.is_empty() { shown.to_owned() } else { format!("{shown} ({})", more.join(", ")) }
}

/// `he/him/his/his/himself` (LOINC answers) as `he/him`; other words as sent.
fn brief_pronouns(words: &str) -> String {
    let parts: Vec<&str> = words.split('/').collect();
    match parts.as_slice() {
        [subject, object, _, ..] => format!("{subject}/{object}"),
        _ => words.to_owned(),
    }
}

/// The language to speak, when an interpreter is needed or it is marked preferred and is not English.
fn language(patient: Element<'_>) -> Option<String> {
    let interpreter = patient
        .extension("http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired")
        .and_then(|extension| extension.flag("valueBoolean"))
        == Some(true);
    let spoken = patient.each("communication");
    let first = spoken.iter().find(|language| language.flag("preferred") == Some(true)).or_else(|| spoken.first());
    let words = first.and_then(|language| language.words("language")).map(|words| language_name(&words));
    match (words, interpreter) {
        (Some(words), true) => Some(format!("{words}, interpreter needed")),
        (None, true) => Some("Interpreter needed, language not recorded".to_owned()),
        (Some(words), false) if !words.starts_with("English") => Some(words),
        _ => None,
    }
}

/// A language tag in words (BCP 47 primary subtags of the languages most spoken in US practices; others stay as sent).
fn language_name(tag: &str) -> String {
    let primary = tag.split('-').next().unwrap_or(tag).to_ascii_lowercase();
    let name = match primary.as_str() {
        "en" => "English",
        "es" => "Spanish",
        "zh" => "Chinese",
        "tl" => "Tagalog",
        "vi" => "Vietnamese",
        "ar" => "Arabic",
        "fr" => "French",
        "ko" => "Korean",
        "ru" => "Russian",
        "pt" => "Portuguese",
        "ht" => "Haitian Creole",
        "hi" => "Hindi",
        "de" => "German",
        "pl" => "Polish",
        "it" => "Italian",
        "ur" => "Urdu",
        "fa" => "Persian",
        "ja" => "Japanese",
        "so" => "Somali",
        _ => return tag.to_owned(),
    };
    name.to_owned()
}
