//! What changed between two versions of a resource, in words a reader of the chart understands.

use crate::Element;
use std::collections::BTreeMap;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where: `Clinical status`, `Dosage instruction 2 › Text`.
    pub place: String,
    /// What it said; none when it was added.
    pub before: Option<String>,
    /// What it says; none when it was removed.
    pub after: Option<String>,
}

/// The differences of `after` from `before`, in the order of the resource; `meta`, `id` and the generated narrative are left out.
#[must_use]
pub fn differences(before: Element<'_>, after: Element<'_>) -> Vec<Difference> {
    let (old, new) = (facts(before), facts(after));
    let mut found = Vec::new();
    let known: BTreeMap<&str, &str> = old.iter().map(|(place, said)| (place.as_str(), said.as_str())).collect();
    let now: BTreeMap<&str, &str> = new.iter().map(|(place, said)| (place.as_str(), said.as_str())).collect();
    for (place, said) in &new {
        match known.get(place.as_str()) {
            Some(was) if was == said => {}
            was => found.push(Difference {
                place: place.clone(),
                before: was.map(|was| (*was).to_owned()),
                after: Some(said.clone()),
            }),
        }
    }
    for (place, was) in &old {
        if !now.contains_key(place.as_str()) {
            found.push(Difference { place: place.clone(), before: Some(was.clone()), after: None });
        }
    }
    found
}

/// Every fact of a resource as place and words, in order.
#[must_use]
pub fn facts(root: Element<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, value) in root.members() {
        if !matches!(name, "meta" | "id" | "text" | "resourceType") {
            walk(value, &spoken(name), &mut found);
        }
    }
    found
}

fn walk(element: Element<'_>, place: &str, found: &mut Vec<(String, String)>) {
    if let Some(words) = element.primitive() {
        found.push((place.to_owned(), shortened(words)));
        return;
    }
    let items: Vec<_> = element.items().collect();
    if !items.is_empty() {
        for (index, item) in items.iter().enumerate() {
            let numbered = if items.len() == 1 { place.to_owned() } else { format!("{place} {}", index + 1) };
            walk(*item, &numbered, found);
        }
        return;
    }
    // A quantity is one fact, not four.
    if let (Some(number), true) =
        (element.number("value"), element.text("unit").is_some() || element.text("code").is_some())
    {
        let unit = element.text("unit").or_else(|| element.text("code")).unwrap_or_default();
        let bound = element.text("comparator").unwrap_or_default();
        found.push((place.to_owned(), format!("{bound}{number} {unit}")));
        return;
    }
    // A coding is its words and code.
    let coded = element.text("system").is_some() || element.text("display").is_some();
    if let (Some(code), true) = (element.text("code"), coded) {
        let words = match element.text("display") {
            Some(display) if same(display, code) => display.to_owned(),
            Some(display) => format!("{display} ({code})"),
            None => code.to_owned(),
        };
        found.push((place.to_owned(), words));
        return;
    }
    // A reference is the name it shows, or what it points to.
    if let Some(reference) = element.text("reference") {
        found.push((place.to_owned(), element.text("display").unwrap_or(reference).to_owned()));
        return;
    }
    // An extension is named by the end of its address.
    if let Some(url) = element.text("url").filter(|_| place.contains("xtension")) {
        let name = url.rsplit(['/', ':']).next().unwrap_or(url);
        for (member, value) in element.members().filter(|(member, _)| *member != "url") {
            let inner = if member.starts_with("value") { spoken(name) } else { format!("{} › more", spoken(name)) };
            walk(value, &inner, found);
        }
        return;
    }
    for (name, value) in element.members() {
        match name {
            "coding" => walk(value, place, found),
            "text" if element.get("coding").is_some() => walk(value, &format!("{place} in words"), found),
            _ => walk(value, &format!("{place} › {}", spoken(name)), found),
        }
    }
}

/// Whether a code says the same as its words: `problem-list-item` and `Problem List Item`.
fn same(display: &str, code: &str) -> bool {
    let folded = |text: &str| text.to_lowercase().replace(['-', '_'], " ");
    folded(display) == folded(code)
}

/// Long content, such as a file's bytes, is told by its size.
fn shortened(words: String) -> String {
    let binary = words.len() > 400 && !words.contains(char::is_whitespace);
    if binary { format!("{} characters of encoded content", words.len()) } else { words }
}

/// `clinicalStatus` as `Clinical status`; `onsetDateTime` as `Onset`, as its type is plain from what it says.
fn spoken(name: &str) -> String {
    const TYPES: [&str; 8] =
        ["DateTime", "CodeableConcept", "Quantity", "Period", "String", "Boolean", "Reference", "Instant"];
    let name = name.rsplit(':').next().unwrap_or(name);
    let typed = TYPES.iter().find_map(|kind| name.strip_suffix(kind)).filter(|base| {
        [
            "onset",
            "abatement",
            "effective",
            "performed",
            "occurrence",
            "value",
            "medication",
            "deceased",
            "asNeeded",
            "reported",
        ]
        .contains(base)
    });
    let name = typed.unwrap_or(name);
    let mut words = String::with_capacity(name.len() + 4);
    for (index, c) in name.trim_start_matches('_').chars().enumerate() {
        match (index, c) {
            (0, c) => words.extend(c.to_uppercase()),
            (_, '-' | '_') => words.push(' '),
            (_, c) if c.is_uppercase() => {
                words.push(' ');
                words.extend(c.to_lowercase());
            }
            (_, c) => words.push(c),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Body;

    fn changes(before: &str, after: &str) -> Vec<(String, Option<String>, Option<String>)> {
        let (before, after) =
            (Body::parse(before.as_bytes()).expect("body"), Body::parse(after.as_bytes()).expect("body"));
        differences(before.root(), after.root()).into_iter().map(|d| (d.place, d.before, d.after)).collect()
    }

    fn one(place: &str, before: Option<&str>, after: Option<&str>) -> (String, Option<String>, Option<String>) {
        (place.to_owned(), before.map(str::to_owned), after.map(str::to_owned))
    }

    #[test]
    fn only_what_differs_is_told_in_words() {
        let before = r#"{"resourceType":"Condition","meta":{"versionId":"1"},"clinicalStatus":{"coding":[{"system":"s","code":"active"}]},
            "code":{"text":"Asthma"},"onsetDateTime":"2019"}"#;
        let after = r#"{"resourceType":"Condition","meta":{"versionId":"2"},"clinicalStatus":{"coding":[{"system":"s","code":"resolved"}]},
            "code":{"text":"Asthma"},"abatementDateTime":"2024"}"#;
        assert_eq!(
            changes(before, after),
            [
                one("Clinical status", Some("active"), Some("resolved")),
                one("Abatement", None, Some("2024")),
                one("Onset", Some("2019"), None),
            ]
        );
    }

    #[test]
    fn quantities_are_one_fact_and_numbers_keep_their_text() {
        let with = |value: &str| format!(r#"{{"valueQuantity":{{"value":{value},"unit":"mg","code":"mg"}}}}"#);
        assert_eq!(changes(&with("1.5"), &with("1.50")), [one("Value", Some("1.5 mg"), Some("1.50 mg"))]);
        assert!(changes(&with("1.5"), &with("1.5")).is_empty());
    }

    #[test]
    fn repetitions_are_numbered_and_file_content_is_not_poured_out() {
        let before = r#"{"note":[{"text":"one"}]}"#;
        let after = r#"{"note":[{"text":"one"},{"text":"two"}]}"#;
        assert_eq!(changes(before, after).last(), Some(&one("Note › Text", Some("one"), None)));
        let big = format!(r#"{{"data":"{}"}}"#, "A".repeat(500));
        assert_eq!(changes("{}", &big), [one("Data", None, Some("500 characters of encoded content"))]);
    }
}
