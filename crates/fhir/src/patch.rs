//! JSON Patch (RFC 6902) on a resource: all of it or none, numbers and order kept.
//!
//! Our own, because the `json-patch` crate removes members by swapping in the last one, which reorders the body, reads numbers
//! through serde, which rewrites `1e5`, and compares `1.50` with `1.5` as texts.
//!
//! ```
//! use fhir::{json, patch};
//! let mut body = json::parse(br#"{"resourceType":"Patient","active":true,"gender":"male","birthDate":"1962"}"#)?;
//! let patch = json::parse(br#"[{"op":"test","path":"/active","value":true},{"op":"remove","path":"/gender"}]"#)?;
//! patch::apply(&mut body, &patch).unwrap();
//! assert_eq!(json::write(&body), br#"{"resourceType":"Patient","active":true,"birthDate":"1962"}"#);
//! # Ok::<(), json::JsonError>(())
//! ```

mod decimal;
mod pointer;

use crate::json::MAX_DEPTH;
use crate::{Issue, IssueType};
use pointer::Pointer;
use serde_json::{Map, Value};

/// Most operations in one patch.
pub const MAX_OPERATIONS: usize = 1_000;

/// Most values that the `copy` operations of one patch may make: copies of copies double.
const MAX_COPIED: usize = 100_000;

/// Why a patch was not applied, and which operation failed. Never quotes a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("operation {} of the patch, at '{expression}': {problem}", operation + 1)]
pub struct PatchError {
    /// Index of the operation, from 0.
    pub operation: usize,
    /// Where in the resource, as FHIRPath.
    pub expression: String,
    /// What is wrong.
    pub problem: PatchProblem,
}

/// What can be wrong with a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum PatchProblem {
    #[error("a patch is a list of operations, '[ … ]'")]
    NotAList,
    #[error("a patch has at most {MAX_OPERATIONS} operations")]
    TooMany,
    #[error("an operation is an object with 'op' (add, remove, replace, move, copy or test) and 'path'")]
    NotAnOperation,
    #[error("'op' is not add, remove, replace, move, copy or test")]
    UnknownOperation,
    #[error("this operation needs a 'value'")]
    ValueMissing,
    #[error("this operation needs 'from', a path that begins with '/'")]
    FromMissing,
    #[error("a path begins with '/', with '~0' for '~' and '~1' for '/'")]
    BadPath,
    #[error("there is nothing at this path")]
    NotFound,
    #[error("a place in a list is a number without leading zeros, at most its length, or '-' for its end")]
    BadIndex,
    #[error("the whole resource cannot be removed, replaced or moved")]
    WholeResource,
    #[error("something cannot be moved into itself")]
    IntoItself,
    #[error("the result would be nested too deeply or grow too large")]
    TooLarge,
    #[error("the value tested is not the one expected: somebody may have changed it")]
    TestFailed,
}

impl PatchError {
    /// Whether a `test` failed: a conflict with what is stored, not a mistake in the patch.
    #[must_use]
    pub fn is_failed_test(&self) -> bool {
        self.problem == PatchProblem::TestFailed
    }
}

impl From<&PatchError> for Issue {
    fn from(error: &PatchError) -> Self {
        let code = match error.problem {
            PatchProblem::TestFailed => IssueType::Conflict,
            PatchProblem::NotFound => IssueType::NotFound,
            PatchProblem::TooLarge | PatchProblem::TooMany => IssueType::TooCostly,
            _ => IssueType::Invalid,
        };
        Self::error(code, format!("Operation {} of the patch: {}.", error.operation + 1, error.problem))
            .at(error.expression.as_str())
    }
}

/// Applies a patch, as [`crate::json::parse`] read it. On an error the body is as it was.
///
/// # Errors
/// The first operation that is not well formed, cannot be done, or tests for something else than is there.
pub fn apply(body: &mut Value, patch: &Value) -> Result<(), PatchError> {
    let fail = |operation, expression, problem| Err(PatchError { operation, expression, problem });
    let Value::Array(operations) = patch else { return fail(0, String::new(), PatchProblem::NotAList) };
    if operations.len() > MAX_OPERATIONS {
        return fail(MAX_OPERATIONS, String::new(), PatchProblem::TooMany);
    }
    let mut changed = body.clone();
    let mut copied = 0;
    for (index, operation) in operations.iter().enumerate() {
        if let Err((problem, path)) = step(&mut changed, operation, &mut copied) {
            let root = body.get("resourceType").and_then(Value::as_str).unwrap_or_default();
            return fail(index, path.map_or_else(String::new, |path| path.expression(root)), problem);
        }
    }
    *body = changed;
    Ok(())
}

type Outcome<T> = Result<T, PatchProblem>;

fn step(body: &mut Value, operation: &Value, copied: &mut usize) -> Result<(), (PatchProblem, Option<Pointer>)> {
    let text = |name| operation.get(name).and_then(Value::as_str);
    let (Some(op), Some(path)) = (text("op"), text("path")) else { return Err((PatchProblem::NotAnOperation, None)) };
    let path = Pointer::parse(path).ok_or((PatchProblem::BadPath, None))?;
    let from = text("from").map(|from| Pointer::parse(from).ok_or((PatchProblem::BadPath, None))).transpose()?;
    perform(body, op, &path, from.as_ref(), operation.get("value"), copied).map_err(|problem| (problem, Some(path)))
}

fn perform(
    body: &mut Value,
    op: &str,
    path: &Pointer,
    from: Option<&Pointer>,
    value: Option<&Value>,
    copied: &mut usize,
) -> Outcome<()> {
    let value = || value.cloned().ok_or(PatchProblem::ValueMissing);
    let from = || from.ok_or(PatchProblem::FromMissing);
    match op {
        "add" => add(body, path, value()?),
        "remove" => remove(body, path).map(drop),
        "replace" => {
            let target = path.find_mut(body).ok_or(PatchProblem::NotFound)?;
            if path.is_root() {
                return Err(PatchProblem::WholeResource);
            }
            let value = value()?;
            fits(path, &value)?;
            *target = value;
            Ok(())
        }
        "move" => {
            let from = from()?;
            if path.is_within(from) {
                // Moving something onto itself changes nothing, if it is there.
                let same = path.tokens.len() == from.tokens.len();
                return match (same, from.find(body)) {
                    (true, Some(_)) => Ok(()),
                    (true, None) => Err(PatchProblem::NotFound),
                    (false, _) => Err(PatchProblem::IntoItself),
                };
            }
            let value = remove(body, from)?;
            add(body, path, value)
        }
        "copy" => {
            let value = from()?.find(body).cloned().ok_or(PatchProblem::NotFound)?;
            *copied += size(&value);
            if *copied > MAX_COPIED {
                return Err(PatchProblem::TooLarge);
            }
            add(body, path, value)
        }
        "test" => {
            let found = path.find(body).ok_or(PatchProblem::TestFailed)?;
            if decimal::same(found, &value()?) { Ok(()) } else { Err(PatchProblem::TestFailed) }
        }
        _ => Err(PatchProblem::UnknownOperation),
    }
}

fn add(body: &mut Value, path: &Pointer, value: Value) -> Outcome<()> {
    fits(path, &value)?;
    let (parent, last) = path.split().ok_or(PatchProblem::WholeResource)?;
    match parent.find_mut(body).ok_or(PatchProblem::NotFound)? {
        Value::Object(map) => {
            map.insert(last.to_owned(), value);
            Ok(())
        }
        Value::Array(items) => {
            let index = if last == "-" { items.len() } else { pointer::index(last).ok_or(PatchProblem::BadIndex)? };
            if index > items.len() {
                return Err(PatchProblem::BadIndex);
            }
            items.insert(index, value);
            Ok(())
        }
        _ => Err(PatchProblem::NotFound),
    }
}

/// Takes a value out, keeping the order of what stays.
fn remove(body: &mut Value, path: &Pointer) -> Outcome<Value> {
    let (parent, last) = path.split().ok_or(PatchProblem::WholeResource)?;
    match parent.find_mut(body).ok_or(PatchProblem::NotFound)? {
        Value::Object(map) => map.shift_remove(last).ok_or(PatchProblem::NotFound),
        Value::Array(items) => {
            let index = pointer::index(last).ok_or(PatchProblem::BadIndex)?;
            if index < items.len() { Ok(items.remove(index)) } else { Err(PatchProblem::NotFound) }
        }
        _ => Err(PatchProblem::NotFound),
    }
}

/// Whether the value at this path stays within the depth that bodies may have.
fn fits(path: &Pointer, value: &Value) -> Outcome<()> {
    let depth = path.tokens.len() + depth(value);
    if depth <= MAX_DEPTH { Ok(()) } else { Err(PatchProblem::TooLarge) }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn size(value: &Value) -> usize {
    let members = |map: &Map<String, Value>| map.values().map(size).sum::<usize>();
    1 + match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(map) => members(map),
        _ => 0,
    }
}
