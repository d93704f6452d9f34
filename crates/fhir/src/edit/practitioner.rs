//! The Practitioner a new account's holder is, made from the name typed for the account.

use crate::{Id, Kind};
use serde_json::{Value, json};

/// Titles that stand before a name and are not part of it.
const TITLES: [&str; 7] = ["dr", "prof", "mr", "mrs", "ms", "miss", "mx"];

/// The Practitioner of this id, named `Dr Ama Okafor` or `Clara Castellano, MD`: the name as typed, and in its parts.
#[must_use]
pub fn named(id: &Id, display_name: &str) -> Value {
    let (name, suffix) = display_name.split_once(',').unwrap_or((display_name, ""));
    let mut words: Vec<&str> = name.split_whitespace().collect();
    let titled = |word: &&str| TITLES.contains(&word.trim_end_matches('.').to_lowercase().as_str());
    let titles = words.iter().take_while(|word| titled(word)).count().min(words.len().saturating_sub(1));
    let prefix: Vec<&str> = words.drain(..titles).collect();
    let family = words.pop();
    let mut human = json!({ "use": "official", "text": display_name });
    let mut put = |member: &str, value: Value| {
        if let Some(human) = human.as_object_mut() {
            human.insert(member.to_owned(), value);
        }
    };
    if let Some(family) = family {
        put("family", json!(family));
    }
    for (member, parts) in
        [("given", words), ("prefix", prefix), ("suffix", suffix.split_whitespace().collect::<Vec<_>>())]
    {
        if !parts.is_empty() {
            put(member, json!(parts));
        }
    }
    json!({ "resourceType": Kind::PRACTITIONER.name(), "id": id.as_str(), "active": true, "name": [human] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_apart_where_its_parts_are_plain() {
        let name = |text| named(&Id::parse("a").expect("id"), text).pointer("/name/0").cloned().expect("a name");
        assert_eq!(
            name("Dr Ama Okafor"),
            json!({"use": "official", "text": "Dr Ama Okafor", "family": "Okafor", "given": ["Ama"], "prefix": ["Dr"]})
        );
        let castellano = name("Clara M Castellano, MD PhD");
        assert_eq!((&castellano["family"], &castellano["given"]), (&json!("Castellano"), &json!(["Clara", "M"])));
        assert_eq!(castellano["suffix"], json!(["MD", "PhD"]));
        assert_eq!(name("Cher"), json!({"use": "official", "text": "Cher", "family": "Cher"}));
        assert_eq!(name("Dr")["family"], json!("Dr"), "a title alone is a name");
        let valid = |text: &str| {
            let issues = crate::validate::validate(Kind::PRACTITIONER, &named(&Id::parse("a").expect("id"), text));
            assert!(!issues.iter().any(crate::Issue::is_error), "{text}: {issues:?}");
        };
        ["Dr Ama Okafor", "Cher", "X,", "Prof. Dr. Ö Ñ, a  b"].into_iter().for_each(valid);
    }
}
