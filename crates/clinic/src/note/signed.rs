//! A note that was signed does not change: whoever writes, and by whichever way, only its mark "entered in error" may come or go. What
//! stands for it in lists, its DocumentReference, also comes to say that it was cosigned. Nor does anything come to look signed but by signing.

use crate::access::{Action, Caller};
use crate::error::{Error, Result};
use fhir::edit::{correction, note};
use fhir::{Issue, IssueType, Key, json};
use serde_json::Value;
use store::Store;
use store::audit::Entry;
use store::record::Stored;

/// What commands may do to a signed note: mark it as entered in error, and take that back.
const MARKS: [&str; 2] = ["entry.error", "entry.restore"];
/// What the cosigner does: the document comes to be final.
pub const COSIGN: &str = "note.cosign";

/// What signs.
pub const SIGN: &str = "note.sign";

/// Refuses a change of a signed note, and whatever claims to be signed here and does not come from signing. `after`: what it would say;
/// `None` for a deletion. `action`: of the audit entry.
///
/// # Errors
/// [`Error::Invalid`] with what a signed note allows.
pub fn check(before: Option<&Stored>, after: Option<&Value>, action: &str) -> Result<()> {
    let Some(said) = before.and_then(said) else {
        let claims = after.is_some_and(note::claims) && !signs(action);
        return if claims { Err(refused(CLAIM)) } else { Ok(()) };
    };
    let marks = MARKS.contains(&action) && after.is_some_and(|after| same(after, &said));
    let mut cosigned = said;
    let cosigns = action == COSIGN && note::awaits_cosignature(&cosigned) && {
        note::put_cosigned(&mut cosigned);
        after.is_some_and(|after| same(after, &cosigned))
    };
    if marks || cosigns { Ok(()) } else { Err(refused(CHANGE)) }
}

/// Refuses a signature over a note signed here that does not come from signing: it would stand beside the note as one of its own, or
/// make it look broken.
///
/// # Errors
/// [`Error::Invalid`]; what the store says.
pub async fn check_signature(store: &dyn Store, audit: &Entry, after: Option<&Value>) -> Result<()> {
    let signature = |body: &&Value| body.get("signature").is_some() && !signs(&audit.action);
    let Some(proof) = after.filter(signature) else { return Ok(()) };
    let targets = proof.get("target").and_then(Value::as_array).into_iter().flatten();
    let named = targets.filter_map(|target| target.get("reference")?.as_str()?.split("/_history").next());
    let notes: Vec<Key> = named.filter_map(Key::parse).filter(|key| note::SORTS.contains(&key.kind)).collect();
    if notes.is_empty() {
        return Ok(());
    }
    // Looked up whatever the caller may read: only to decide.
    let permit = Caller::program("signatures", audit.at, audit.request).read_practice(Action::ReadClinical)?;
    let found = store.read_many(&permit, &notes).await?;
    let signed = found.for_decision().iter().any(|stored| said(stored).is_some());
    if signed { Err(refused(SIGNATURE)) } else { Ok(()) }
}

const CHANGE: &str = "A signed note does not change. Write an addendum to it, or mark it as entered in error.";
const CLAIM: &str =
    "Only signing a note in this practice gives it the mark urn:chartroom:signed-note: leave the mark out.";
const SIGNATURE: &str =
    "A note that was signed in this practice takes no other signature: leave the signature or its target out.";

fn refused(text: &str) -> Error {
    Error::Invalid(vec![Issue::error(IssueType::BusinessRule, text)])
}

fn signs(action: &str) -> bool {
    [SIGN, COSIGN].contains(&action)
}

/// What a part of a signed note says.
fn said(stored: &Stored) -> Option<Value> {
    // Told from the text first: nearly nothing that is written was signed.
    let may_be = note::SORTS.contains(&stored.key.kind) && !stored.deleted && contains(&stored.body, note::SIGNED);
    let body = may_be.then(|| json::parse(&stored.body).ok()).flatten()?;
    note::signed_kind(&body).is_some().then_some(body)
}

/// Whether two versions of a signed note say the same, but for the mark "entered in error".
#[must_use]
pub fn same(one: &Value, other: &Value) -> bool {
    apart_from_mark(one) == apart_from_mark(other)
}

/// What it says besides the mark.
fn apart_from_mark(body: &Value) -> Value {
    let mut body = body.clone();
    let Some(members) = body.as_object_mut() else { return body };
    for member in ["meta", "status", "text"] {
        members.shift_remove(member);
    }
    if let Some(extensions) = members.get_mut("extension").and_then(Value::as_array_mut) {
        extensions.retain(|extension| extension.get("url").and_then(Value::as_str) != Some(correction::ERROR));
    }
    body
}

fn contains(body: &[u8], words: &str) -> bool {
    body.windows(words.len()).any(|window| window == words.as_bytes())
}
