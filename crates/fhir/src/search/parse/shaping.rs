//! The parameters that shape an answer instead of choosing what it holds: how many, in which order, with what else.

use super::Refusal::{Unsupported, Wrong};
use super::{Parsed, definition, may_name};
use crate::Kind;
use crate::search::parameters::{Definition, ValueType};
use crate::search::query::{Include, MOST_COUNT, Sort, SortKey, Summary};

pub(super) fn is_result_parameter(name: &str) -> bool {
    let base = name.split(':').next().unwrap_or_default();
    matches!(
        base,
        "_sort"
            | "_count"
            | "_include"
            | "_revinclude"
            | "_summary"
            | "_elements"
            | "_total"
            | "_format"
            | "_pretty"
            | "_contained"
            | "_containedType"
            | "_score"
    )
}

pub(super) fn count(text: &str) -> Parsed<u32> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    // However many digits: more than the most a page holds is the most.
    if digits {
        Ok(text.parse().unwrap_or(MOST_COUNT).min(MOST_COUNT))
    } else {
        Err(Wrong("give a whole number".to_owned()))
    }
}

pub(super) fn total(text: &str) -> Parsed<bool> {
    match text {
        "none" => Ok(false),
        "accurate" | "estimate" => Ok(true),
        _ => Err(Wrong("give none, estimate or accurate".to_owned())),
    }
}

pub(super) fn summary(text: &str) -> Parsed<Summary> {
    match text {
        "false" => Ok(Summary::False),
        "true" => Ok(Summary::True),
        "text" => Ok(Summary::Text),
        "data" => Ok(Summary::Data),
        "count" => Ok(Summary::Count),
        _ => Err(Wrong("give true, text, data, count or false".to_owned())),
    }
}

pub(super) fn sort(kind: Kind, text: &str) -> Parsed<Vec<Sort>> {
    let keys: Vec<&str> = text.split(',').collect();
    if keys.iter().any(|key| key.trim_start_matches('-').is_empty()) {
        return Err(Wrong("it names no parameter to sort by".to_owned()));
    }
    if keys.len() > 4 {
        return Err(Wrong("at most four sort keys".to_owned()));
    }
    keys.into_iter()
        .map(|key| {
            let (descending, code) = key.strip_prefix('-').map_or((false, key), |code| (true, code));
            let by = match code {
                "_id" => SortKey::Id,
                "_lastUpdated" => SortKey::Updated,
                code => sort_key(definition(kind, code)?)?,
            };
            Ok(Sort { by, descending })
        })
        .collect()
}

fn sort_key(definition: &Definition) -> Parsed<SortKey> {
    match definition.value {
        ValueType::Date if definition.clinical => Ok(SortKey::Clinical),
        ValueType::Date | ValueType::String | ValueType::Quantity => Ok(SortKey::Param(definition.param)),
        other => Err(Unsupported(format!(
            "sorting by a {} parameter is not supported; sort by dates, strings, quantities, _id or _lastUpdated",
            other.name()
        ))),
    }
}

/// `Type:parameter[:Target]` or `*`.
pub(super) fn include(kind: Kind, reverse: bool, modifier: Option<&str>, text: &str) -> Parsed<Include> {
    let iterate = match modifier {
        None => false,
        Some("iterate" | "recurse") => true,
        Some(_) => return Err(Wrong("only :iterate may follow".to_owned())),
    };
    if text == "*" && !reverse {
        return Ok(Include { from: kind, param: None, target: None, iterate, reverse });
    }
    let mut parts = text.split(':');
    let from = parts.next().and_then(Kind::parse).ok_or_else(|| Wrong("begin with a resource type".to_owned()))?;
    if from == Kind::AUDIT_EVENT {
        return Err(Unsupported("the audit trail is searched by itself alone".to_owned()));
    }
    let code = parts.next().ok_or_else(|| Wrong(format!("name a reference of {from}, as {from}:parameter")))?;
    let target = match parts.next() {
        None => None,
        Some(name) => Some(Kind::parse(name).ok_or_else(|| Wrong("the third part is no resource type".to_owned()))?),
    };
    if parts.next().is_some() {
        return Err(Wrong("give Type:parameter or Type:parameter:Target".to_owned()));
    }
    if !reverse && from != kind && !iterate {
        return Err(Wrong(format!("without :iterate, only references of {kind} can be included")));
    }
    if code == "*" {
        return Ok(Include { from, param: None, target, iterate, reverse });
    }
    let definition = definition(from, code)?;
    if definition.value != ValueType::Reference {
        return Err(Wrong(format!("{code} of {from} is not a reference")));
    }
    if reverse && !iterate && !may_name(definition, kind) {
        return Err(Wrong(format!("{code} of {from} never refers to {kind}")));
    }
    Ok(Include { from, param: Some(definition.param), target, iterate, reverse })
}
