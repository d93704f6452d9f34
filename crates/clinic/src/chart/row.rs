//! One entry of a chart as a section reads it: its body, its handle, and the names of who it points to.

use super::bands::Who;
use super::when::{Clock, When};
use fhir::{Body, Element, Key, Kind};
use std::collections::HashMap;
use store::record::Stored;

/// The extension that says why an entry was marked entered in error, by whom and when.
pub const ERROR_EXTENSION: &str = "urn:chartroom:entered-in-error";
/// The extension that says an entry was moved into this chart from another one.
pub const MOVED_EXTENSION: &str = "urn:chartroom:moved";

/// Said of an entry with a modifier extension.
pub const MODIFIED: &str = "Changed by something this program does not understand";

/// A stored entry, parsed.
pub struct Row {
    /// The resource.
    pub key: Key,
    /// Its version.
    pub version: u32,
    /// When this version was recorded.
    pub recorded_at: jiff::Timestamp,
    body: Body,
}

impl Row {
    /// Parses a stored version; a deletion or a damaged body is none.
    #[must_use]
    pub fn read(stored: &Stored) -> Option<Self> {
        if stored.deleted {
            return None;
        }
        let body = Body::parse(&stored.body).ok()?;
        Some(Self { key: stored.key.clone(), version: stored.version, recorded_at: stored.recorded_at, body })
    }

    /// Parses all of a slice.
    #[must_use]
    pub fn read_all(stored: &[Stored]) -> Vec<Self> {
        stored.iter().filter_map(Self::read).collect()
    }

    /// The resource.
    #[must_use]
    pub fn root(&self) -> Element<'_> {
        self.body.root()
    }

    /// The handle a page links and corrects it by.
    #[must_use]
    pub fn handle(&self, clock: &Clock) -> Handle {
        let root = self.root();
        let error = is_error(root).then(|| {
            let said = root.extension(ERROR_EXTENSION);
            let part = |name| {
                said.and_then(|e| e.extension(name)).and_then(|e| e.choice("value")).and_then(|(_, v)| v.as_text())
            };
            ErrorMark {
                reason: part("reason").map(str::to_owned),
                by: part("by").map(str::to_owned),
                at: part("at").and_then(|at| When::read(at, clock)),
            }
        });
        Handle {
            key: self.key.clone(),
            version: self.version,
            error,
            moved: root.extension(MOVED_EXTENSION).is_some(),
            modified: root.get("modifierExtension").is_some(),
        }
    }
}

/// What a page needs to link to an entry, see its versions, and correct it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle {
    /// The resource.
    pub key: Key,
    /// The version shown.
    pub version: u32,
    /// Set when it was marked as entered in error.
    pub error: Option<ErrorMark>,
    /// Whether it was moved into this chart from another one.
    pub moved: bool,
    /// Whether it carries a modifier extension: none is understood here, and each may turn the meaning of the whole (FHIR R4, 2.4).
    pub modified: bool,
}

/// Why an entry is marked as entered in error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErrorMark {
    /// The reason given.
    pub reason: Option<String>,
    /// By whom.
    pub by: Option<String>,
    /// When.
    pub at: Option<When>,
}

/// Whether a resource says it was entered in error, in the element its type has for that.
#[must_use]
pub fn is_error(root: Element<'_>) -> bool {
    root.text("status") == Some("entered-in-error")
        || root.text("lifecycleStatus") == Some("entered-in-error")
        || root.has_code("verificationStatus", "entered-in-error")
}

/// The names of practitioners, places and medicines that entries refer to.
#[derive(Debug, Clone, Default)]
pub struct Names(HashMap<Key, String>);

impl Names {
    /// The references of these entries that need looking up: those without words of their own.
    #[must_use]
    pub fn wanted<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Vec<Key> {
        let mut keys = Vec::new();
        for row in rows {
            collect(row.root(), &mut keys);
        }
        keys.sort();
        keys.dedup();
        keys
    }

    /// The names of what was looked up.
    #[must_use]
    pub fn of(rows: &[Row]) -> Self {
        Self(rows.iter().filter_map(|row| Some((row.key.clone(), own_name(row.root())?))).collect())
    }

    /// Adds further names.
    pub fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// The words of the reference at a path: its display, else the name looked up.
    #[must_use]
    pub fn get(&self, element: Element<'_>, path: &str) -> Option<String> {
        self.name(element.get(path)?)
    }

    /// The words of a reference.
    #[must_use]
    pub fn name(&self, reference: Element<'_>) -> Option<String> {
        if let Some(display) = reference.text("display") {
            return Some(display.trim().to_owned());
        }
        self.0.get(&Key::parse(reference.text("reference")?)?).cloned()
    }

    /// The name of what a key names.
    #[must_use]
    pub fn of_key(&self, key: &Key) -> Option<String> {
        self.0.get(key).cloned()
    }

    /// The words of every reference at a path, joined.
    #[must_use]
    pub fn all(&self, element: Element<'_>, path: &str) -> Option<String> {
        let names: Vec<_> = element.each(path).into_iter().filter_map(|reference| self.name(reference)).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }
}

fn collect(element: Element<'_>, keys: &mut Vec<Key>) {
    const NAMED: [Kind; 7] = [
        Kind::CONDITION,
        Kind::PRACTITIONER,
        Kind::PRACTITIONER_ROLE,
        Kind::ORGANIZATION,
        Kind::LOCATION,
        Kind::MEDICATION,
        Kind::RELATED_PERSON,
    ];
    for (name, value) in element.members() {
        if name == "reference" {
            let key = value.as_text().and_then(Key::parse).filter(|key| NAMED.contains(&key.kind));
            if element.text("display").is_none() {
                keys.extend(key);
            }
        } else if value.items().next().is_some() {
            value.items().for_each(|item| collect(item, keys));
        } else {
            collect(value, keys);
        }
    }
}

/// What a practitioner, organization, place or medicine is called.
fn own_name(root: Element<'_>) -> Option<String> {
    if let Some(name) = root.get("name") {
        return name.as_text().map(str::to_owned).or_else(|| person_name(name));
    }
    if root.kind() == Some(Kind::ENCOUNTER) {
        let what = root.words("type").unwrap_or_else(|| "Visit".to_owned());
        let day = root.text("period.start").map(super::when::date_text);
        return Some(day.map_or(what.clone(), |day| format!("{what}, {day}")));
    }
    root.words("code").or_else(|| root.get("practitioner").and_then(|p| p.text("display")).map(str::to_owned))
}

/// A HumanName as it is said: its text, or prefix, given and family, with any suffix after a comma.
#[must_use]
pub fn person_name(name: Element<'_>) -> Option<String> {
    if let Some(text) = name.text("text") {
        return Some(text.trim().to_owned());
    }
    let parts = |path| name.each(path).into_iter().filter_map(Element::as_text).collect::<Vec<_>>();
    let said = [parts("prefix"), parts("given"), parts("family")].concat().join(" ");
    let suffix = parts("suffix").join(", ");
    match (said.is_empty(), suffix.is_empty()) {
        (true, _) => None,
        (false, true) => Some(said),
        (false, false) => Some(format!("{said}, {suffix}")),
    }
}

/// A code as it is shown beside its words: the system's short name and the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Such as `ICD-10-CM`; empty for a system without a usual short name.
    pub system: &'static str,
    /// The code.
    pub code: String,
}

impl Code {
    /// The code of a concept that is best known to clinicians: ICD-10-CM first, then the first that has a code.
    #[must_use]
    pub fn of(element: Element<'_>, path: &str) -> Option<Self> {
        let codings = element.get(path)?.each("coding");
        let read = |coding: &Element<'_>| {
            Some(Self {
                system: system_name(coding.text("system").unwrap_or_default()),
                code: coding.text("code")?.to_owned(),
            })
        };
        codings
            .iter()
            .filter_map(read)
            .find(|code| code.system == "ICD-10-CM")
            .or_else(|| codings.iter().find_map(read))
    }
}

/// The short name of a code system.
#[must_use]
pub fn system_name(system: &str) -> &'static str {
    match system {
        "http://hl7.org/fhir/sid/icd-10-cm" => "ICD-10-CM",
        "http://hl7.org/fhir/sid/icd-10" => "ICD-10",
        "http://hl7.org/fhir/sid/icd-9-cm" => "ICD-9-CM",
        "http://snomed.info/sct" => "SNOMED CT",
        "http://loinc.org" => "LOINC",
        "http://www.nlm.nih.gov/research/umls/rxnorm" => "RxNorm",
        "http://hl7.org/fhir/sid/cvx" => "CVX",
        "http://hl7.org/fhir/sid/ndc" => "NDC",
        "http://www.ama-assn.org/go/cpt" => "CPT",
        _ => "",
    }
}

/// All notes of an entry, as paragraphs.
#[must_use]
pub fn notes(root: Element<'_>) -> Option<String> {
    let texts: Vec<_> = root.each("note").into_iter().filter_map(|note| note.text("text")).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

/// `1 result`, `2 results`.
#[must_use]
pub fn count_of(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// A code word as a person reads it: `in-progress` becomes `In progress`.
#[must_use]
pub fn spoken(code: &str) -> String {
    let mut words = code.replace(['-', '_'], " ");
    if let Some(first) = words.get(..1).map(str::to_uppercase) {
        words.replace_range(..1, &first);
    }
    words
}

/// What every model is made with.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The practice's zone and today.
    pub clock: Clock,
    /// Names of who and what is referred to.
    pub names: Names,
    /// Whose chart it is.
    pub who: Who,
}
