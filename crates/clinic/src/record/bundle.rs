//! A transaction or batch as it was asked: its entries, read and checked for form. Pure.

use super::prepare::kind_of;
use crate::error::Error;
use fhir::{Id, Issue, IssueType, Key, Kind};
use serde_json::Value;

/// Which of the two it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BundleKind {
    /// All or nothing.
    Transaction,
    /// Each by itself.
    Batch,
}

/// What an entry does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// Delete: first in a transaction.
    Delete,
    /// Create.
    Post,
    /// Update, or create under its id.
    Put,
    /// JSON Patch.
    Patch,
    /// Read or search: last in a transaction.
    Get,
}

/// What an entry is aimed at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `Kind`: a create.
    Kind(Kind),
    /// `Kind/id`.
    Resource(Key),
    /// `Kind?query`.
    Condition(Kind, String),
    /// Anything else a GET may ask, as written.
    Other,
}

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its place in the bundle, from 0.
    pub index: usize,
    /// What references in other entries call it.
    pub full_url: String,
    /// What it does.
    pub verb: Verb,
    /// Whether a read asks for no body (HEAD).
    pub head: bool,
    /// `request.url` as written, without a leading slash.
    pub url: String,
    /// What it is aimed at.
    pub target: Target,
    /// `ifMatch`: the version, where given.
    pub if_match: Option<u32>,
    /// `ifNoneExist`.
    pub if_none_exist: Option<String>,
    /// `ifNoneMatch` `*` on an update (RFC 9110, 13.1.2): only if there is none yet.
    pub only_new: bool,
    /// The resource, where the verb takes one.
    pub resource: Option<Value>,
}

impl Entry {
    /// The same request without its resource, to tell of it afterwards.
    #[must_use]
    pub fn without_resource(&self) -> Self {
        Self {
            index: self.index,
            full_url: self.full_url.clone(),
            verb: self.verb,
            head: self.head,
            url: self.url.clone(),
            target: self.target.clone(),
            if_match: self.if_match,
            if_none_exist: self.if_none_exist.clone(),
            only_new: self.only_new,
            resource: None,
        }
    }
}

/// A bundle of requests.
#[derive(Debug, Clone, PartialEq)]
pub struct Requests {
    /// Transaction or batch.
    pub kind: BundleKind,
    /// In the order sent.
    pub entries: Vec<Result<Entry, Issue>>,
}

/// Reads a bundle of requests. An entry that cannot be read is told in its place: a transaction fails by it, a batch goes on.
///
/// # Errors
/// [`Error::Malformed`] when it is no transaction or batch.
pub fn read(mut body: Value) -> Result<Requests, Error> {
    let malformed = |text: &str, at: &str| Error::Malformed(vec![Issue::error(IssueType::Structure, text).at(at)]);
    if kind_of(&body)? != Kind::BUNDLE {
        return Err(malformed("What is posted to the base address must be a Bundle.", "resourceType"));
    }
    let kind = match body.get("type").and_then(Value::as_str) {
        Some("transaction") => BundleKind::Transaction,
        Some("batch") => BundleKind::Batch,
        _ => return Err(malformed("The type must be transaction or batch.", "Bundle.type")),
    };
    let entries = match body.get_mut("entry").map(Value::take) {
        None => Vec::new(),
        Some(Value::Array(entries)) => entries,
        Some(_) => return Err(malformed("The entries must be an array.", "Bundle.entry")),
    };
    Ok(Requests {
        kind,
        entries: entries.into_iter().enumerate().map(|(index, entry)| read_entry(index, entry)).collect(),
    })
}

fn read_entry(index: usize, mut entry: Value) -> Result<Entry, Issue> {
    let place = |member: &str| format!("Bundle.entry[{index}].{member}");
    let wrong = |member: &str, text: &str| Issue::error(IssueType::Structure, text).at(place(member));
    let resource = entry.get_mut("resource").map(Value::take);
    let request =
        entry.get("request").ok_or_else(|| wrong("request", "Each entry needs a request: method and url."))?;
    if let Some(wrong) = misread(request) {
        return Err(Issue::error(IssueType::Structure, wrong).at(place("request")));
    }
    let text = |member: &str| request.get(member).and_then(Value::as_str);
    let verb = match text("method") {
        Some("DELETE") => Verb::Delete,
        Some("POST") => Verb::Post,
        Some("PUT") => Verb::Put,
        Some("PATCH") => Verb::Patch,
        Some("GET" | "HEAD") => Verb::Get,
        _ => return Err(wrong("request.method", "The method must be GET, POST, PUT, PATCH or DELETE.")),
    };
    let url = text("url").ok_or_else(|| wrong("request.url", "Each request needs a url, such as Patient/123."))?;
    let url = url.trim_start_matches('/').to_owned();
    let target =
        target(&url).ok_or_else(|| wrong("request.url", "The url must start with a FHIR R4 resource type."))?;
    let fits = match verb {
        Verb::Get => true,
        Verb::Post => matches!(target, Target::Kind(_)),
        Verb::Put | Verb::Patch | Verb::Delete => matches!(target, Target::Resource(_) | Target::Condition(..)),
    };
    if !fits {
        return Err(wrong("request.url", "POST takes Type; PUT, PATCH and DELETE take Type/id or Type?condition."));
    }
    if matches!(verb, Verb::Post | Verb::Put | Verb::Patch) && resource.is_none() {
        return Err(wrong("resource", "This method needs a resource."));
    }
    let if_match =
        text("ifMatch").map(|tag| parse_tag(tag).ok_or_else(|| wrong("request.ifMatch", TAG))).transpose()?;
    Ok(Entry {
        index,
        full_url: entry.get("fullUrl").and_then(Value::as_str).unwrap_or_default().to_owned(),
        verb,
        head: text("method") == Some("HEAD"),
        target,
        if_match,
        only_new: verb == Verb::Put && text("ifNoneMatch") == Some("*"),
        if_none_exist: text("ifNoneExist").map(|query| query.trim_start_matches('?').to_owned()),
        resource: resource.filter(|_| verb != Verb::Get && verb != Verb::Delete),
        url,
    })
}

/// What in a request would be passed over: a condition that is no text, or misspelt, must not be left out.
fn misread(request: &Value) -> Option<&'static str> {
    const TEXTS: [&str; 6] = ["method", "url", "ifNoneMatch", "ifModifiedSince", "ifMatch", "ifNoneExist"];
    let members = request.as_object()?;
    let is_known = |name: &str| TEXTS.contains(&name) || name.starts_with('_') || matches!(name, "id" | "extension");
    if !members.keys().all(|name| is_known(name)) {
        return Some("A request has method, url, ifNoneMatch, ifModifiedSince, ifMatch and ifNoneExist.");
    }
    let sound = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let all = TEXTS.iter().filter_map(|name| members.get(*name)).all(sound);
    (!all).then_some("What a request says must be text, and not empty.")
}

const TAG: &str = "A version is written W/\"3\".";

/// The version of an entity tag: `W/"3"`, `"3"` or `3`. As versions are written and no other way: `W/"03"` is the tag of nothing.
#[must_use]
pub fn parse_tag(tag: &str) -> Option<u32> {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    let digits = match tag.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => tag,
    };
    digits.parse().ok().filter(|version: &u32| version.to_string() == digits)
}

fn target(url: &str) -> Option<Target> {
    let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
    if let (Some(kind), Some(query)) = (Kind::parse(path), query) {
        return Some(Target::Condition(kind, query.to_owned()));
    }
    if let Some(kind) = Kind::parse(path) {
        return Some(Target::Kind(kind));
    }
    let (kind, rest) = path.split_once('/').unwrap_or((path, ""));
    if path == "metadata" || path == "_history" || path.is_empty() {
        return Some(Target::Other);
    }
    let kind = Kind::parse(kind)?;
    Some(match Id::parse(rest) {
        Ok(id) if query.is_none() => Target::Resource(Key::new(kind, id)),
        _ => Target::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_entry_is_read_or_refused_in_its_place() {
        let requests = read(json!({"resourceType": "Bundle", "type": "batch", "entry": [
            {"request": {"method": "GET", "url": "/Patient/1"}},
            {"request": {"method": "PUT", "url": "Patient?identifier=a|b", "ifMatch": "W/\"4\""}, "resource": {}},
            {"request": {"method": "POST", "url": "Patient/1"}, "resource": {}},
            {"request": {"method": "DELETE", "url": "Nonsense/1"}},
            {"request": {"method": "POST", "url": "Patient"}},
            {}
        ]}))
        .expect("a batch");
        assert_eq!(requests.kind, BundleKind::Batch);
        let read: Vec<_> = requests
            .entries
            .iter()
            .map(|e| e.as_ref().map(|e| e.target.clone()).map_err(|i| i.expression.clone()))
            .collect();
        let key = Key::parse("Patient/1").expect("key");
        assert_eq!(
            read,
            [
                Ok(Target::Resource(key)),
                Ok(Target::Condition(Kind::PATIENT, "identifier=a|b".into())),
                Err("Bundle.entry[2].request.url".into()),
                Err("Bundle.entry[3].request.url".into()),
                Err("Bundle.entry[4].resource".into()),
                Err("Bundle.entry[5].request".into()),
            ]
        );
        assert_eq!(requests.entries[1].as_ref().expect("entry").if_match, Some(4));
        assert!(read_is_refused(json!({"resourceType": "Bundle", "type": "collection"})));
        assert!(read_is_refused(json!({"resourceType": "Patient"})));
    }

    #[test]
    fn a_tag_is_a_version_as_it_is_written() {
        for tag in ["W/\"3\"", "\"3\"", "3", " W/\"3\" "] {
            assert_eq!(parse_tag(tag), Some(3), "{tag}");
        }
        for tag in ["", "*", "W/\"03\"", "\"+3\"", "W/W/\"3\"", "\"3", "3\"", "\"\"3\"\"", "W/\"3\", W/\"4\"", "-3"] {
            assert_eq!(parse_tag(tag), None, "{tag}");
        }
    }

    fn read_is_refused(body: Value) -> bool {
        read(body).is_err()
    }
}
