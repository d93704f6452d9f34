//! A note that was signed does not change: whoever writes, and by whichever way, only its mark "entered in error" may come or go. What
//! stands for it in lists, its DocumentReference, also comes to say that it was cosigned.

use crate::error::{Error, Result};
use fhir::edit::{correction, note};
use fhir::{Issue, IssueType, Kind, json};
use serde_json::Value;
use store::record::Stored;

/// What commands may do to a signed note: mark it as entered in error, and take that back.
const MARKS: [&str; 2] = ["entry.error", "entry.restore"];
/// What the cosigner does: the document comes to be final.
pub const COSIGN: &str = "note.cosign";

/// Refuses a change of a signed note. `after`: what it would say; `None` for a deletion. `action`: of the audit entry.
///
/// # Errors
/// [`Error::Invalid`] with what a signed note allows.
pub fn check(before: Option<&Stored>, after: Option<&Value>, action: &str) -> Result<()> {
    let Some(before) = before.filter(|before| is_kind(before.key.kind) && !before.deleted) else { return Ok(()) };
    // Told from the text first: nearly nothing that is written was signed.
    if !contains(&before.body, note::SIGNED) {
        return Ok(());
    }
    let Some(said) = json::parse(&before.body).ok().filter(|said| note::signed_kind(said).is_some()) else {
        return Ok(());
    };
    let marks = MARKS.contains(&action) && after.is_some_and(|after| same(after, &said));
    let mut cosigned = said;
    let cosigns = action == COSIGN && note::awaits_cosignature(&cosigned) && {
        note::put_cosigned(&mut cosigned);
        after.is_some_and(|after| same(after, &cosigned))
    };
    if marks || cosigns { Ok(()) } else { Err(Error::Invalid(vec![refusal()])) }
}

fn refusal() -> Issue {
    let text = "A signed note does not change. Write an addendum to it, or mark it as entered in error.";
    Issue::error(IssueType::BusinessRule, text)
}

fn is_kind(kind: Kind) -> bool {
    [Kind::COMPOSITION, Kind::DOCUMENT_REFERENCE, Kind::PROVENANCE].contains(&kind)
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
