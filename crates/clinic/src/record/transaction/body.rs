//! From an entry's body to what will be stored: the patch applied, its references led to what they mean.

use super::{Plan, Planned, Scene};
use crate::error::{Error, Result};
use crate::record::bundle::{Target, Verb};
use crate::record::commands::Edit;
use crate::record::{conditional, prepare, references};
use base64::Engine as _;
use fhir::{Issue, IssueType, Key, Kind, json};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// The edit of an entry, if it makes one. What must exist for it is added to `exist`.
pub(super) async fn edit(
    scene: &Scene<'_>,
    entry: &mut Planned,
    names: &HashMap<String, String>,
    exist: &mut BTreeSet<Key>,
) -> Result<Option<Edit>> {
    let (key, based_on) = match &entry.plan {
        Plan::Write { key, based_on, .. } => (key.clone(), *based_on),
        Plan::Delete { key, based_on } => return Ok(Some(Edit::Delete { key: key.clone(), based_on: *based_on })),
        Plan::Found { .. } | Plan::Nothing(..) | Plan::Read => return Ok(None),
    };
    let Some(mut body) = entry.asked.resource.take() else { return Err(Error::NotFound) };
    if entry.asked.verb == Verb::Patch {
        body = patched(scene, &key, &body).await?;
    } else if entry.asked.verb == Verb::Put && !same_id(&entry.asked.target, &key, &body) {
        let text = "The resource must have the id of the url.";
        return Err(Error::Malformed(vec![Issue::error(IssueType::Invalid, text).at(format!("{}.id", key.kind))]));
    }
    if scene.bundle {
        resolve(scene, &mut body, names).await?;
        exist.extend(references::keys(&body));
    }
    prepare::check_as(&body, key.kind)?;
    Ok(Some(match based_on {
        None => Edit::Create { key, body },
        Some(based_on) => Edit::Update { key, based_on, body },
    }))
}

/// An update by id carries that id (R4: SHALL); one by condition may leave it out.
fn same_id(target: &Target, key: &Key, body: &Value) -> bool {
    body.get("id").map_or(matches!(target, Target::Condition(..)), |id| id.as_str() == Some(key.id.as_str()))
}

/// The current version with a JSON Patch applied: the patch is the resource of its entry, or the data of a Binary there.
async fn patched(scene: &Scene<'_>, key: &Key, patch: &Value) -> Result<Value> {
    let current = scene.store.current(scene.permit, std::slice::from_ref(key)).await?;
    let stored = current.for_decision().iter().flatten().next().ok_or(Error::NotFound)?;
    let mut body = json::parse(&stored.body).map_err(|e| Error::Malformed(vec![Issue::from(&e)]))?;
    let decoded = match patch.get("data").and_then(Value::as_str) {
        Some(data) => {
            let unreadable = || {
                Error::Malformed(vec![Issue::error(
                    IssueType::Structure,
                    "The data of the Binary is not a JSON Patch.",
                )])
            };
            let bytes = base64::engine::general_purpose::STANDARD.decode(data).map_err(|_| unreadable())?;
            Some(json::parse(&bytes).map_err(|_| unreadable())?)
        }
        None => None,
    };
    let (kind, id) = (body.get("resourceType").cloned(), body.get("id").cloned());
    fhir::patch::apply(&mut body, decoded.as_ref().unwrap_or(patch))
        .map_err(|e| Error::Invalid(vec![Issue::from(&e)]))?;
    if body.get("resourceType") != kind.as_ref() || body.get("id") != id.as_ref() {
        let text = "A patch cannot change the type or id of a resource.";
        return Err(Error::Invalid(vec![Issue::error(IssueType::BusinessRule, text).at(key.kind.name())]));
    }
    Ok(body)
}

/// References to other entries become `Type/id`; conditional references become what they match.
async fn resolve(scene: &Scene<'_>, body: &mut Value, names: &HashMap<String, String>) -> Result<()> {
    references::rewrite(body, &mut |reference| names.get(reference).cloned());
    let mut conditions: Vec<(String, String)> = Vec::new();
    let mut issues = Vec::new();
    references::each(body, &mut |reference, path| {
        if reference.starts_with("urn:uuid:") {
            let text = "No entry of this bundle has this fullUrl.";
            issues.push(Issue::error(IssueType::NotFound, text).at(path()));
        } else if reference.split_once('?').is_some_and(|(kind, _)| Kind::parse(kind).is_some()) {
            conditions.push((reference.to_owned(), path()));
        }
    });
    let mut found = HashMap::new();
    for (reference, path) in conditions {
        let Some((kind, condition)) = reference.split_once('?') else { continue };
        let Some(kind) = Kind::parse(kind) else { continue };
        match conditional::find_one(scene.store, scene.asks, kind, condition, scene.at).await {
            Ok(Some(stored)) => {
                found.insert(reference, stored.key.to_string());
            }
            Ok(None) => {
                issues.push(Issue::error(IssueType::NotFound, "This conditional reference matches nothing.").at(path));
            }
            Err(Error::SeveralMatch) => {
                let text = "This conditional reference matches several resources.";
                issues.push(Issue::error(IssueType::MultipleMatches, text).at(path));
            }
            Err(error) => return Err(error),
        }
    }
    if !issues.is_empty() {
        return Err(Error::Invalid(issues));
    }
    if !found.is_empty() {
        references::rewrite(body, &mut |reference| found.get(reference).cloned());
    }
    Ok(())
}
