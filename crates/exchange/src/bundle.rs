//! Resources out of what other systems send: bundles of any kind, single resources, lines of NDJSON. Pure.
//!
//! Every resource keeps an id that is the same each time it comes: that of its `PUT`, its `urn:uuid` fullUrl, its `id`, the end of its
//! fullUrl, or, when it names none, one made from its content. References between entries become `Type/id`.

use clinic::record::references;
use clinic::{Error, record};
use fhir::{Id, Issue, IssueType, Key, Kind, json};
use serde_json::Value;
use std::collections::HashMap;

/// One resource, named.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// Its name from now on.
    pub key: Key,
    /// What it says.
    pub body: Value,
}

/// Why something was not taken in, with how many resources it held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// How many resources are rejected by it (1 when that cannot be told).
    pub resources: usize,
    /// What is wrong, each with its place.
    pub issues: Vec<Issue>,
}

impl Reject {
    /// A reject of this many resources for one reason.
    #[must_use]
    pub fn one(resources: usize, issue: Issue) -> Self {
        Self { resources: resources.max(1), issues: vec![issue] }
    }

    /// A reject for what a command said.
    #[must_use]
    pub fn of(resources: usize, error: Error) -> Self {
        match error {
            Error::Malformed(issues) | Error::Invalid(issues) => Self { resources: resources.max(1), issues },
            other => Self::one(resources, Issue::error(IssueType::Processing, other.to_string())),
        }
    }
}

/// The resources of one file's or line's JSON: a Bundle's together, or a single one.
///
/// # Errors
/// What makes it unusable; then nothing of it is taken.
pub fn read(bytes: &[u8]) -> Result<Vec<Incoming>, Reject> {
    let body = json::parse(bytes).map_err(|e| Reject::one(1, Issue::from(&e)))?;
    if record::kind_of(&body).map_err(|e| Reject::of(1, e))? == Kind::BUNDLE {
        return entries(body);
    }
    Ok(vec![Incoming { key: name(&body, "", None).map_err(|issue| Reject::one(1, issue))?, body }])
}

fn entries(mut bundle: Value) -> Result<Vec<Incoming>, Reject> {
    let entries = taken(&mut bundle)?;
    let count = entries.len();
    let mut names: HashMap<String, String> = HashMap::with_capacity(count);
    let mut incoming = Several::with_capacity(count);
    let mut issues = Vec::new();
    for (index, mut entry) in entries.into_iter().enumerate() {
        if entry.pointer("/search/mode").and_then(Value::as_str) == Some("outcome") {
            continue;
        }
        let url = entry.get("fullUrl").and_then(Value::as_str).unwrap_or_default().to_owned();
        let added = entry_key(&entry, &url).and_then(|key| {
            let Some((key, body)) = key.zip(entry.get_mut("resource").map(Value::take)) else { return Ok(()) };
            call(&mut names, &url, &key);
            incoming.add(key, body)
        });
        issues.extend(added.err().map(|issue| issue.at(format!("Bundle.entry[{index}]"))));
    }
    let mut incoming = incoming.all;
    for Incoming { key, body } in &mut incoming {
        references::rewrite(body, &mut |reference| names.get(reference).cloned());
        references::each(body, &mut |reference, path| {
            if reference.starts_with("urn:uuid:") {
                let text = format!("{key} refers to an entry that this bundle does not have.");
                issues.push(Issue::error(IssueType::NotFound, text).at(path()));
            }
        });
    }
    if issues.is_empty() { Ok(incoming) } else { Err(Reject { resources: count.max(1), issues }) }
}

/// The entries of a Bundle of a type that is imported.
fn taken(bundle: &mut Value) -> Result<Vec<Value>, Reject> {
    let wrong = |code, text: &str, at: &str| Reject::one(1, Issue::error(code, text).at(at));
    match bundle.get("type").and_then(Value::as_str) {
        Some(
            "transaction"
            | "batch"
            | "collection"
            | "searchset"
            | "transaction-response"
            | "batch-response"
            | "document",
        ) => {}
        _ => {
            let text = "Bundles of type transaction, batch, collection and searchset are imported.";
            return Err(wrong(IssueType::NotSupported, text, "Bundle.type"));
        }
    }
    match bundle.get_mut("entry").map(Value::take) {
        None => Ok(Vec::new()),
        Some(Value::Array(entries)) => Ok(entries),
        Some(_) => Err(wrong(IssueType::Structure, "The entries must be an array.", "Bundle.entry")),
    }
}

/// The resources of a bundle, each once.
struct Several {
    all: Vec<Incoming>,
    places: HashMap<Key, usize>,
}

impl Several {
    fn with_capacity(count: usize) -> Self {
        Self { all: Vec::with_capacity(count), places: HashMap::with_capacity(count) }
    }

    fn add(&mut self, key: Key, body: Value) -> Result<(), Issue> {
        match self.places.get(&key).and_then(|place| self.all.get(*place)) {
            Some(same) if same.body == body => Ok(()),
            Some(_) => {
                let text = format!("{key} is in this bundle twice, not the same.");
                Err(Issue::error(IssueType::Duplicate, text))
            }
            None => {
                self.places.insert(key.clone(), self.all.len());
                self.all.push(Incoming { key, body });
                Ok(())
            }
        }
    }
}

/// What references may call an entry: its fullUrl, and the end of a RESTful one.
fn call(names: &mut HashMap<String, String>, url: &str, key: &Key) {
    if url.is_empty() {
        return;
    }
    names.insert(url.to_owned(), key.to_string());
    if let Some(tail) = tail(url) {
        names.insert(tail.to_string(), key.to_string());
    }
}

/// `Patient/1` of `https://elsewhere.example/fhir/Patient/1`.
fn tail(url: &str) -> Option<Key> {
    let mut parts = url.rsplitn(3, '/');
    let (id, kind) = (parts.next()?, parts.next()?);
    parts.next()?;
    Some(Key::new(Kind::parse(kind)?, Id::parse(id).ok()?))
}

/// The name of an entry's resource; `None` for an entry that brings none to take (a read).
fn entry_key(entry: &Value, url: &str) -> Result<Option<Key>, Issue> {
    let method = entry.pointer("/request/method").and_then(Value::as_str);
    match method {
        None | Some("POST" | "PUT") => {}
        Some("GET" | "HEAD") => return Ok(None),
        Some(_) => {
            return Err(Issue::error(
                IssueType::NotSupported,
                "An import adds and updates; it does not delete or patch.",
            ));
        }
    }
    let Some(body) = entry.get("resource") else {
        return if method.is_none() {
            Ok(None)
        } else {
            Err(Issue::error(IssueType::Required, "The entry has no resource."))
        };
    };
    let asked = entry.pointer("/request/url").and_then(Value::as_str).filter(|_| method == Some("PUT"));
    name(body, url, asked.and_then(|url| Key::parse(url.trim_start_matches('/')))).map(Some)
}

fn name(body: &Value, url: &str, asked: Option<Key>) -> Result<Key, Issue> {
    let kind = record::kind_of(body).map_err(|error| {
        Reject::of(1, error).issues.pop().unwrap_or_else(|| Issue::error(IssueType::Structure, "This is no resource."))
    })?;
    if let Some(asked) = asked {
        let text = "The request's url names another type than the resource.";
        return if asked.kind == kind { Ok(asked) } else { Err(Issue::error(IssueType::Invalid, text)) };
    }
    let uuid = url.strip_prefix("urn:uuid:").and_then(|uuid| uuid::Uuid::try_parse(uuid).ok()).map(Id::from_uuid);
    let own = || match body.get("id").and_then(Value::as_str) {
        Some(id) => {
            Id::parse(id).map(Some).map_err(|e| Issue::error(IssueType::Value, format!("This id cannot be kept: {e}.")))
        }
        None => Ok(None),
    };
    let id = match uuid {
        Some(id) => id,
        None => match own()?.or_else(|| tail(url).filter(|key| key.kind == kind).map(|key| key.id)) {
            Some(id) => id,
            None => from_content(body),
        },
    };
    Ok(Key::new(kind, id))
}

/// An id for a resource that brings none: a UUIDv8 of its content (SHA-256), so that it gets the same one each time.
fn from_content(body: &Value) -> Id {
    let digest = ring::digest::digest(&ring::digest::SHA256, &json::write(body));
    let bytes = digest.as_ref().first_chunk::<16>().copied().unwrap_or_default();
    Id::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Result<Vec<String>, String> {
        let read = read(text.as_bytes());
        read.map(|all| all.iter().map(|one| one.key.to_string()).collect())
            .map_err(|reject| format!("{} {}", reject.resources, reject.issues[0].text))
    }

    const UUID: &str = "0190a7e4-1c5b-7a3e-9f10-8b1b1a2c3d4e";

    #[test]
    fn ids_come_from_where_the_sender_put_them() {
        let bundle = |entry: &str| format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{entry}]}}"#);
        for (entry, key) in [
            (format!(r#"{{"fullUrl":"urn:uuid:{UUID}","resource":{{"resourceType":"Basic","id":"x"}}}}"#), format!("Basic/{UUID}")),
            (r#"{"fullUrl":"http://h/Basic/9","resource":{"resourceType":"Basic","id":"x"}}"#.into(), "Basic/x".into()),
            (r#"{"fullUrl":"http://h/Basic/9","resource":{"resourceType":"Basic"}}"#.into(), "Basic/9".into()),
            (
                r#"{"fullUrl":"http://h/Basic/9","resource":{"resourceType":"Basic"},"request":{"method":"PUT","url":"Basic/7"}}"#.into(),
                "Basic/7".into(),
            ),
        ] {
            assert_eq!(names(&bundle(&entry)), Ok(vec![key]));
        }
        let unnamed = names(r#"{"resourceType":"Basic","code":{"text":"x"}}"#).expect("taken");
        assert_eq!(names(r#"{"resourceType":"Basic", "code":{"text":"x"}}"#), Ok(unnamed.clone()));
        assert_ne!(names(r#"{"resourceType":"Basic","code":{"text":"y"}}"#), Ok(unnamed));
    }

    #[test]
    fn references_between_entries_are_kept() {
        let read = read(
            format!(
                r#"{{"resourceType":"Bundle","type":"collection","entry":[
                {{"fullUrl":"http://h/Patient/9","resource":{{"resourceType":"Patient","id":"9"}}}},
                {{"fullUrl":"urn:uuid:{UUID}","resource":{{"resourceType":"Observation","subject":{{"reference":"http://h/Patient/9"}}}}}},
                {{"resource":{{"resourceType":"Flag","id":"f","author":{{"reference":"urn:uuid:{UUID}"}}}}}}]}}"#
            )
            .as_bytes(),
        )
        .expect("taken");
        assert_eq!(read[1].body["subject"]["reference"], "Patient/9");
        assert_eq!(read[2].body["author"]["reference"], format!("Observation/{UUID}"));
    }

    #[test]
    fn a_bundle_is_refused_whole() {
        let refused =
            |entries: &str| names(&format!(r#"{{"resourceType":"Bundle","type":"batch","entry":[{entries}]}}"#));
        let good = r#"{"resource":{"resourceType":"Basic","id":"a"}}"#;
        assert_eq!(refused(&format!("{good},{good}")), Ok(vec!["Basic/a".into()]));
        let other = r#"{"resource":{"resourceType":"Basic","id":"a","code":{"text":"x"}}}"#;
        assert!(refused(&format!("{good},{other}")).is_err_and(|e| e.starts_with("2 Basic/a is in this bundle twice")));
        let dangling = r#"{"resource":{"resourceType":"Flag","id":"f","subject":{"reference":"urn:uuid:x"}}}"#;
        assert!(refused(&format!("{good},{dangling}")).is_err_and(|e| e.contains("does not have")));
        assert!(refused(r#"{"request":{"method":"DELETE","url":"Basic/a"}}"#).is_err());
        assert!(names("{").is_err());
        assert!(names(r#"{"resourceType":"Bundle","type":"history"}"#).is_err());
    }
}
