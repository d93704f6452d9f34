//! The files of an entry that is moved: a Binary belongs to no chart of its own, so it goes where the entry goes, or the right chart
//! would show a document without its content.

use crate::access::{Action, Caller};
use crate::chart::binary;
use crate::error::{Error, Result};
use crate::record::{Edit, read_body};
use fhir::{Key, Kind, PatientId};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::{Store, WritePermit};

/// The edits that take along the files `moved` entries name, with a security context of the right patient.
///
/// # Errors
/// [`Error::Conflict`] when another entry of the chart they leave names one of them too: it would be lost there, or read in both.
pub(super) async fn along(
    store: &dyn Store,
    caller: &Caller,
    permit: &WritePermit,
    (from, to): (&PatientId, &PatientId),
    moved: &[Edit],
) -> Result<Vec<Edit>> {
    let mut files = BTreeSet::new();
    for edit in moved {
        if let Edit::Update { body, .. } = edit {
            named(body, &mut files);
        }
    }
    let mut edits = Vec::new();
    for key in files {
        let Some(stored) = store.read(permit.reading(), &key).await? else { continue };
        let stored = stored.for_decision();
        // What is another chart's was not shown in this one either.
        if !binary::belongs(store, caller, from, stored).await? {
            continue;
        }
        let mut body = read_body(&stored.body)?;
        if let Some(members) = body.as_object_mut() {
            members.insert("securityContext".to_owned(), json!({"reference": to.key().to_string()}));
        }
        edits.push(Edit::Update { key, based_on: stored.version, body });
    }
    if !edits.is_empty() {
        refuse_shared(store, caller, from, moved, &edits).await?;
    }
    Ok(edits)
}

/// Looks through all of the chart: no search parameter finds every element that may name a Binary.
async fn refuse_shared(
    store: &dyn Store,
    caller: &Caller,
    from: &PatientId,
    moved: &[Edit],
    files: &[Edit],
) -> Result<()> {
    let reading = caller.read_chart(Action::ReadClinical, from)?;
    let chart = store.chart_as_of(&reading, from, caller.at).await?;
    for stored in chart.for_decision().iter().filter(|stored| !moved.iter().any(|edit| *edit.key() == stored.key)) {
        let mut others = BTreeSet::new();
        named(&read_body(&stored.body)?, &mut others);
        if files.iter().any(|file| others.contains(file.key())) {
            let text = "another entry of this chart has the same file, so it cannot be taken to another chart: file the document \
                        anew in the right chart, then mark this entry as entered in error";
            return Err(Error::Conflict(text.to_owned()));
        }
    }
    Ok(())
}

/// The Binaries that attachments, photos and references of a body name.
fn named(body: &Value, files: &mut BTreeSet<Key>) {
    match body {
        Value::Array(items) => items.iter().for_each(|item| named(item, files)),
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if name == "url" || name == "reference" => {
                        files.extend(Key::parse(text).filter(|key| key.kind == Kind::BINARY));
                    }
                    _ => named(value, files),
                }
            }
        }
        _ => {}
    }
}
