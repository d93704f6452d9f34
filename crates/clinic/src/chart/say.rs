//! The elements of FHIR in words, each by the shape it has: concepts, quantities, periods, references, and groups of these as one line.

use super::document::Attachment;
use super::label::label;
use super::row::{Code, Reading, count_of, person_name, spoken, system_name};
use super::sig;
use super::when::When;
use fhir::{Element, Key};

/// How an element of this entry is said.
pub(super) struct Say<'a> {
    pub root: Element<'a>,
    pub own: &'a Key,
    pub reading: &'a Reading,
}

impl Say<'_> {
    /// The words of one element by the shape it has; `None` when there is nothing to say.
    pub fn words(&self, name: &str, element: Element<'_>) -> Option<String> {
        if let Some(words) = element.primitive() {
            return Some(self.primitive(name, element, words));
        }
        let has = |member: &str| element.get(member).is_some();
        if name == "dosageInstruction" || name == "dosage" {
            return sig::directions(&[element], &self.reading.clock);
        }
        if has("reference") || (has("display") && !has("code")) {
            return self.reference(element);
        }
        if has("coding") || (has("text") && element.members().count() == 1) {
            return concept(element);
        }
        if has("code") && (has("system") || has("display")) && !has("value") {
            return coding(element);
        }
        if let Some(number) = element.number("value").filter(|_| !has("url")) {
            return Some(quantity(number, element));
        }
        if has("start") || has("end") {
            return self.period(element);
        }
        if has("low") || has("high") {
            return self.range(element);
        }
        if let (Some(over), Some(under)) = (element.get("numerator"), element.get("denominator")) {
            return Some(format!("{} per {}", self.words("", over)?, self.words("", under)?));
        }
        if has("contentType") || has("data") {
            return Some(attachment(element));
        }
        if has("family") || has("given") {
            return person_name(element);
        }
        if has("value") && (has("system") || has("use")) {
            return self.labelled_value(element);
        }
        if has("line") || has("postalCode") || has("city") {
            return address(element);
        }
        if has("text") && (has("time") || has("authorString") || has("authorReference")) {
            return self.annotation(element);
        }
        self.parts(element)
    }

    fn primitive(&self, name: &str, element: Element<'_>, words: String) -> String {
        if let Some(flag) = element.value().as_bool() {
            return if flag { "Yes" } else { "No" }.to_owned();
        }
        let dated = words.len() >= 4 && words.bytes().take(4).all(|b| b.is_ascii_digit());
        if dated
            && element.as_text().is_some()
            && (words.len() >= 7 || name.contains("Date") || name.ends_with("Period"))
            && let Some(when) = When::read(&words, &self.reading.clock)
        {
            return when.full();
        }
        let code = element.as_text().is_some() && is_code(name);
        if code { spoken(&words) } else { shortened(words) }
    }

    fn reference(&self, element: Element<'_>) -> Option<String> {
        let key = element.text("reference").and_then(Key::parse);
        if key.as_ref() == Some(self.own) {
            return None;
        }
        if let Some(name) = self.reading.names.name(element) {
            return Some(name);
        }
        let local = element.text("reference").and_then(|reference| reference.strip_prefix('#'));
        if let Some(within) = local.and_then(|local| self.root.contained(local)) {
            return within.get("name").and_then(person_name).or_else(|| Some(super::title::title(within)));
        }
        match key {
            Some(key) => Some(format!("{} on record", super::title::kind_words(key.kind))),
            None => element.get("identifier").and_then(|number| self.labelled_value(number)),
        }
    }

    fn period(&self, element: Element<'_>) -> Option<String> {
        let when = |path| When::get(element, path, &self.reading.clock).map(|when| when.full());
        match (when("start"), when("end")) {
            (Some(start), Some(end)) => Some(format!("{start} to {end}")),
            (Some(start), None) => Some(format!("from {start}")),
            (None, Some(end)) => Some(format!("until {end}")),
            (None, None) => None,
        }
    }

    /// A range, or a reference range in the laboratory's own words.
    fn range(&self, element: Element<'_>) -> Option<String> {
        if let Some(text) = element.text("text") {
            return Some(text.to_owned());
        }
        let end = |path: &str| element.get(path).and_then(|end| self.words("", end));
        match (end("low"), end("high")) {
            (Some(low), Some(high)) => Some(format!("{low} to {high}")),
            (Some(low), None) => Some(format!("{low} or more")),
            (None, Some(high)) => Some(format!("{high} or less")),
            (None, None) => None,
        }
    }

    /// A phone number, an address on the net, an identifier: the value, with what it is.
    fn labelled_value(&self, element: Element<'_>) -> Option<String> {
        let value = element.text("value")?;
        let kind = element.words("type").or_else(|| {
            let said = element.text("system").filter(|system| !system.contains(':'));
            let words: Vec<_> = [said, element.text("use")].into_iter().flatten().collect();
            (!words.is_empty()).then(|| words.join(", "))
        });
        Some(match kind {
            Some(kind) => format!("{value} ({kind})"),
            None => value.to_owned(),
        })
    }

    fn annotation(&self, element: Element<'_>) -> Option<String> {
        let by = element
            .text("authorString")
            .map(str::to_owned)
            .or_else(|| self.reading.names.get(element, "authorReference"));
        let at = When::get(element, "time", &self.reading.clock).map(|when| when.full());
        let from: Vec<_> = [by, at].into_iter().flatten().collect();
        let text = element.text("text")?;
        Some(if from.is_empty() { text.to_owned() } else { format!("{text} ({})", from.join(", ")) })
    }

    /// An extension as its label and words. What a correction here wrote is told in full; others go by the end of their address.
    pub fn extension(&self, element: Element<'_>) -> Option<(String, String)> {
        let url = element.text("url")?;
        let name = url.rsplit(['/', ':']).next().unwrap_or(url);
        let name =
            ["us-core-", "patient-", "individual-"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
        let parts: Vec<_> = element.each("extension").into_iter().filter_map(|part| self.extension(part)).collect();
        let words = match element.choice("value") {
            Some((_, value)) => self.words("code", value)?,
            // Written out, its text says all that its parts say.
            None => match parts.iter().find(|(label, _)| label == "Text") {
                Some((_, text)) => text.clone(),
                None if parts.is_empty() => return None,
                None => joined(parts),
            },
        };
        Some((label("", &camel(name)), words))
    }

    /// A group of elements as one line: `Manifestation: Hives; Severity: Mild`. A code with its value needs no labels.
    fn parts(&self, element: Element<'_>) -> Option<String> {
        if let (Some(what), Some((_, value))) = (element.words("code"), element.choice("value")) {
            let words = self.words("value", value)?;
            return Some(format!("{what}: {words}"));
        }
        let mut said = Vec::new();
        for (name, value) in element.members().filter(|(name, _)| *name != "id" && !name.starts_with('_')) {
            if name.ends_with("xtension") {
                said.extend(each(value).into_iter().filter_map(|extension| self.extension(extension)));
                continue;
            }
            let words: Vec<_> = each(value).into_iter().filter_map(|item| self.words(name, item)).collect();
            if !words.is_empty() {
                said.push((label("", name), words.join(", ")));
            }
        }
        match said.as_slice() {
            [] => None,
            [(_, only)] => Some(only.clone()),
            _ => Some(joined(said)),
        }
    }
}

fn joined(parts: Vec<(String, String)>) -> String {
    let parts: Vec<_> = parts.into_iter().map(|(label, words)| format!("{label}: {words}")).collect();
    parts.join("; ")
}

/// Whether what this element holds is a code of FHIR's own, in words once its hyphens are spaces.
fn is_code(name: &str) -> bool {
    [
        "status",
        "Status",
        "intent",
        "priority",
        "gender",
        "criticality",
        "severity",
        "category",
        "type",
        "use",
        "mode",
        "code",
    ]
    .iter()
    .any(|end| name.ends_with(end))
}

/// A concept: its words, with the code clinicians know it by.
fn concept(element: Element<'_>) -> Option<String> {
    let words = element.concept_words()?;
    let codings = element.each("coding");
    let bare = element.text("text").is_none() && codings.iter().all(|coding| coding.text("display").is_none());
    if bare {
        return codings.into_iter().find_map(coding);
    }
    // `Problem List Item` for `problem-list-item` is the code itself, dressed up.
    let folded = |text: &str| text.to_lowercase().replace(['-', '_'], " ");
    let dressed = codings.iter().filter_map(|coding| coding.text("code")).find(|code| folded(code) == folded(&words));
    if let Some(code) = dressed {
        return Some(spoken(code));
    }
    let known = |coding: &Element<'_>| {
        let system = system_name(coding.text("system").unwrap_or_default());
        Some(Code { system, code: coding.text("code")?.to_owned() }).filter(|code| !code.system.is_empty())
    };
    Some(match codings.iter().find_map(known) {
        Some(code) => format!("{words} ({} {})", code.system, code.code),
        None => words,
    })
}

fn coding(element: Element<'_>) -> Option<String> {
    let system = system_name(element.text("system").unwrap_or_default());
    let code = element.text("code");
    match (element.text("display"), system, code) {
        (Some(display), "", _) => Some(spoken(display)),
        (Some(display), system, Some(code)) => Some(format!("{display} ({system} {code})")),
        (Some(display), _, None) => Some(display.to_owned()),
        (None, "", Some(code)) => Some(spoken(code)),
        (None, system, Some(code)) => Some(format!("{system} {code}")),
        (None, _, None) => None,
    }
}

fn quantity(number: &str, element: Element<'_>) -> String {
    let unit = ["unit", "code", "currency"]
        .into_iter()
        .find_map(|name| element.text(name))
        .map(|unit| format!("\u{a0}{unit}"));
    let bound = element.text("comparator").unwrap_or_default();
    format!("{bound}{number}{}", unit.unwrap_or_default())
}

fn attachment(element: Element<'_>) -> String {
    let file = Attachment::of(0, element);
    let words: Vec<_> =
        [file.title.clone(), Some(file.kind_words().to_owned()), file.size_words()].into_iter().flatten().collect();
    words.join(", ")
}

fn address(element: Element<'_>) -> Option<String> {
    let lines = element.each("line").into_iter().filter_map(Element::as_text);
    let rest = ["city", "state", "postalCode", "country"].into_iter().filter_map(|part| element.text(part));
    let words: Vec<_> = lines.chain(rest).collect();
    let whole = element.text("text").map(str::to_owned);
    whole.or_else(|| (!words.is_empty()).then(|| words.join(", ")))
}

/// Content that is no language, such as a file's bytes, is told by its size.
fn shortened(words: String) -> String {
    let binary = words.len() > 400 && !words.contains(char::is_whitespace);
    if binary { count_of(words.len(), "character") + " of encoded content" } else { words }
}

/// `entered-in-error` as `enteredInError`, the way elements are named.
fn camel(name: &str) -> String {
    let mut words = name.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}

/// The items of a list; an element that is none stands for itself.
pub(super) fn each(element: Element<'_>) -> Vec<Element<'_>> {
    let items: Vec<_> = element.items().collect();
    if items.is_empty() { vec![element] } else { items }
}
