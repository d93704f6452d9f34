//! References: their form, and what they may point to.

use super::primitive::{id, oid};
use super::{Path, Walker};
use crate::definitions::KindSet;
use crate::{IssueType, Kind};
use serde_json::{Map, Value};

/// What a reference is written as.
enum Form<'r> {
    /// `Patient/1`, with or without `/_history/2`; or an absolute address that ends so.
    Typed(Kind),
    /// `#id`, without the mark.
    Contained(&'r str),
    /// `Patient?identifier=…`
    Conditional(Kind),
    /// An address that does not tell a type.
    Opaque,
    Wrong,
}

impl<'v> Walker<'v> {
    /// Checks a Reference object whose members are already known to be well formed.
    pub(super) fn reference(&mut self, map: &'v Map<String, Value>, targets: KindSet, at: &Path<'_>) {
        let said = map.get("type").and_then(Value::as_str).and_then(Kind::parse);
        let Some(written) = map.get("reference").and_then(Value::as_str) else {
            return self.target(said, targets, at);
        };
        let at = &at.child("reference");
        let kind = match form(written) {
            Form::Typed(kind) => Some(kind),
            Form::Opaque => said,
            Form::Conditional(kind) if self.in_bundle => Some(kind),
            Form::Contained(id) => match self.local(written, id, at) {
                Some(kind) => kind,
                None => return,
            },
            Form::Conditional(_) => {
                return self.error(
                    IssueType::Value,
                    at,
                    "A search in place of a reference is allowed only inside a transaction.",
                );
            }
            Form::Wrong => {
                let text = "'reference' must be Type/id (such as Patient/123), a full address, urn:uuid:…, urn:oid:…, or #id of a contained resource.";
                return self.error(IssueType::Value, at, text);
            }
        };
        self.target(kind, targets, at);
    }

    /// The type of a contained resource; `None` when there is none and that has been reported.
    fn local(&mut self, written: &'v str, id: &str, at: &Path<'_>) -> Option<Option<Kind>> {
        self.local_references.push(written);
        if id.is_empty() && self.in_contained {
            return Some(None);
        }
        let found = self.contained.iter().find(|(known, _)| *known == id).map(|(_, kind)| *kind);
        if found.is_none() {
            self.broken("ref-1", at, "This points to a contained resource that is not there");
        }
        found
    }

    fn target(&mut self, kind: Option<Kind>, targets: KindSet, at: &Path<'_>) {
        if let Some(kind) = kind
            && !targets.is_empty()
            && !targets.contains(kind)
        {
            self.error(
                IssueType::Value,
                at,
                format!("This points to {kind}, but only these fit here: {}.", targets.words()),
            );
        }
    }
}

fn form(written: &str) -> Form<'_> {
    if let Some(id) = written.strip_prefix('#') {
        return Form::Contained(id);
    }
    if let Some(uuid) = written.strip_prefix("urn:uuid:") {
        // Capital letters are not R4's, but name the same thing; refusing them would lose charts on import.
        return if uuid::Uuid::try_parse(uuid).is_ok() && uuid.len() == 36 { Form::Opaque } else { Form::Wrong };
    }
    if written.starts_with("urn:oid:") {
        return if oid(written) { Form::Opaque } else { Form::Wrong };
    }
    if let Some(rest) = written.strip_prefix("http://").or_else(|| written.strip_prefix("https://")) {
        return if rest.is_empty() || rest.starts_with('/') { Form::Wrong } else { absolute(rest) };
    }
    if let Some((kind, _)) = written.split_once('?') {
        return Kind::parse(kind).map_or(Form::Wrong, Form::Conditional);
    }
    if written.strip_prefix("urn:").is_some_and(|rest| rest.contains(':')) {
        return Form::Opaque;
    }
    relative(written).map_or(Form::Wrong, Form::Typed)
}

/// `Type/id` or `Type/id/_history/version`.
fn relative(written: &str) -> Option<Kind> {
    let mut parts = written.split('/');
    let (kind, logical) = (Kind::parse(parts.next()?)?, parts.next()?);
    let version = match (parts.next(), parts.next(), parts.next()) {
        (None, ..) => true,
        (Some("_history"), Some(version), None) => id(version),
        _ => false,
    };
    (id(logical) && version).then_some(kind)
}

/// The type an absolute address ends with, where it is one of a FHIR server.
fn absolute(address: &str) -> Form<'_> {
    let address = address.split_once("/_history/").map_or(address, |(before, _)| before);
    let mut parts = address.rsplit('/');
    let (last, kind) = (parts.next().unwrap_or_default(), parts.next().and_then(Kind::parse));
    match kind {
        Some(kind) if id(last) && parts.next().is_some() => Form::Typed(kind),
        _ => Form::Opaque,
    }
}
