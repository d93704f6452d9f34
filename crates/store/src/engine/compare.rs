//! What a check compares, whatever the database: bodies with their rows, index rows with the bodies they are made from, versions with the
//! audit trail that must tell of each.

use fhir::{Id, Key, Kind, json};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher as _};

/// The mark of an index row: its table and all its columns but the resource's number.
#[must_use]
pub fn row(table: &str, columns: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    (table, columns).hash(&mut hasher);
    hasher.finish()
}

/// Compares rows that should be there with rows that are, per resource, in one pass over each: a sum of marks, to which the expected
/// ones are added and from which the found ones are taken. What does not come to nothing is not as it must be.
#[derive(Default)]
pub struct Tally(HashMap<i64, u64>);

impl Tally {
    /// The rows a resource should have; the same one twice counts once, as its table's key keeps it once.
    pub fn expect(&mut self, rid: i64, mut rows: Vec<u64>) {
        rows.sort_unstable();
        rows.dedup();
        let sum = rows.into_iter().fold(0, u64::wrapping_add);
        let of = self.0.entry(rid).or_default();
        *of = of.wrapping_add(sum);
    }

    /// A row that is there.
    pub fn found(&mut self, rid: i64, row: u64) {
        let of = self.0.entry(rid).or_default();
        *of = of.wrapping_sub(row);
    }

    /// The resources whose rows are not what they should be.
    #[must_use]
    pub fn unlike(&self) -> BTreeSet<i64> {
        self.0.iter().filter(|(_, sum)| **sum != 0).map(|(rid, _)| *rid).collect()
    }
}

/// Which versions the audit trail tells of: 8 bytes a version while it is walked.
#[derive(Default)]
pub struct Told {
    versions: Vec<u64>,
    told: Vec<bool>,
}

impl Told {
    /// A version that is there. All of these come before the first [`Self::tell`].
    pub fn version(&mut self, key: &Key, version: u32) {
        self.versions.push(row("version", (key, version)));
    }

    /// Every version was named.
    pub fn whole(&mut self) {
        self.versions.sort_unstable();
        self.told = vec![false; self.versions.len()];
    }

    /// An entry of the trail names this one.
    pub fn tell(&mut self, key: &Key, version: u32) {
        if let Ok(place) = self.versions.binary_search(&row("version", (key, version)))
            && let Some(told) = self.told.get_mut(place)
        {
            *told = true;
        }
    }

    /// Whether every version is told of.
    #[must_use]
    pub fn all(&self) -> bool {
        self.told.iter().all(|told| *told)
    }

    /// Whether a version is there.
    #[must_use]
    pub fn is_there(&self, key: &Key, version: u32) -> bool {
        self.versions.binary_search(&row("version", (key, version))).is_ok()
    }

    /// Whether this one is.
    #[must_use]
    pub fn is_told(&self, key: &Key, version: u32) -> bool {
        let place = self.versions.binary_search(&row("version", (key, version)));
        place.is_ok_and(|place| self.told.get(place).is_some_and(|told| *told))
    }
}

/// A version's body, if it is the one its row names; else what is wrong with it.
///
/// # Errors
/// In words that follow the resource's name.
pub fn body(key: &Key, version: u32, body: &[u8]) -> Result<Value, &'static str> {
    let value = json::parse(body).map_err(|_| "its body cannot be read")?;
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
    if text("/resourceType") != Some(key.kind.name()) || text("/id") != Some(key.id.as_str()) {
        return Err("its body is another resource's");
    }
    if text("/meta/versionId").and_then(|told| told.parse().ok()) != Some(version) {
        return Err("its body is another version's");
    }
    Ok(value)
}

/// The record numbers a Patient carries.
#[must_use]
pub fn record_numbers(patient: &Value, system: &str) -> Vec<u64> {
    let identifiers = patient.get("identifier").and_then(Value::as_array).into_iter().flatten();
    let ours = identifiers.filter(|it| it.get("system").and_then(Value::as_str) == Some(system));
    ours.filter_map(|it| it.get("value")?.as_str()?.parse().ok()).collect()
}

/// The Binaries of this practice that a resource's attachments name.
#[must_use]
pub fn filed(value: &Value) -> Vec<Key> {
    match value {
        Value::Array(items) => items.iter().flat_map(filed).collect(),
        Value::Object(members) => {
            let url = members.get("url").and_then(Value::as_str).and_then(|url| url.strip_prefix("Binary/"));
            let named = url.and_then(|id| Id::parse(id).ok()).map(|id| Key::new(Kind::BINARY, id));
            named.into_iter().chain(members.values().flat_map(filed)).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_tells_missing_stray_and_other_rows() {
        let marks = |texts: &[&str]| texts.iter().map(|text| row("t", text)).collect::<Vec<_>>();
        let mut tally = Tally::default();
        tally.expect(1, marks(&["a", "b", "a"]));
        tally.expect(2, marks(&["a", "b"]));
        tally.expect(3, marks(&["a"]));
        for (rid, text) in [(1, "b"), (1, "a"), (2, "a"), (3, "b"), (4, "a")] {
            tally.found(rid, row("t", text));
        }
        assert_eq!(tally.unlike(), BTreeSet::from([2, 3, 4]));
    }

    #[test]
    fn a_body_is_the_one_its_row_names() {
        let key = Key::parse("Patient/p").expect("a key");
        let of = |text: &str| body(&key, 2, text.as_bytes()).map(|_value| ());
        assert_eq!(of(r#"{"resourceType":"Patient","id":"p","meta":{"versionId":"2"}}"#), Ok(()));
        assert!(of(r#"{"resourceType":"Patient","id":"p","meta":{"versionId":"1"}}"#).is_err());
        assert!(of(r#"{"resourceType":"Patient","id":"q","meta":{"versionId":"2"}}"#).is_err());
        assert!(of(r#"{"resourceType":"Group","id":"p","meta":{"versionId":"2"}}"#).is_err());
        assert!(of("{").is_err());
    }

    #[test]
    fn filed_documents_and_record_numbers_are_read_from_bodies() {
        let text = r#"{"content":[{"attachment":{"url":"Binary/b1"}},{"attachment":{"url":"http://x/Binary/b2"}}],
            "identifier":[{"system":"ours","value":"100001"},{"system":"theirs","value":"7"},{"system":"ours","value":"A1"}]}"#;
        let value = json::parse(text.as_bytes()).expect("JSON");
        assert_eq!(filed(&value), [Key::parse("Binary/b1").expect("a key")]);
        assert_eq!(record_numbers(&value, "ours"), [100_001]);
    }
}
