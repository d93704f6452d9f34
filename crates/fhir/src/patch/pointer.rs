//! JSON Pointer (RFC 6901).

use crate::json::is_element_name;
use serde_json::Value;
use std::fmt::Write as _;

/// A path into a body; no tokens is the whole of it.
pub(super) struct Pointer {
    pub tokens: Vec<String>,
}

impl Pointer {
    /// Reads `/name/0/given`; `None` when it does not begin with `/` or has a wrong escape.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self { tokens: Vec::new() });
        }
        let tokens = text.strip_prefix('/')?.split('/').map(unescape).collect::<Option<_>>()?;
        Some(Self { tokens })
    }

    pub fn is_root(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Whether this is the other path or lies beneath it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.tokens.starts_with(&other.tokens)
    }

    /// The path of what holds it, and the last token; `None` for the whole body.
    pub fn split(&self) -> Option<(Self, &str)> {
        let (last, before) = self.tokens.split_last()?;
        Some((Self { tokens: before.to_vec() }, last))
    }

    pub fn find<'v>(&self, body: &'v Value) -> Option<&'v Value> {
        self.tokens.iter().try_fold(body, |value, token| match value {
            Value::Object(map) => map.get(token),
            Value::Array(items) => items.get(index(token)?),
            _ => None,
        })
    }

    pub fn find_mut<'v>(&self, body: &'v mut Value) -> Option<&'v mut Value> {
        self.tokens.iter().try_fold(body, |value, token| match value {
            Value::Object(map) => map.get_mut(token),
            Value::Array(items) => items.get_mut(index(token)?),
            _ => None,
        })
    }

    /// As FHIRPath. Tokens that cannot be element names are not repeated: they may hold anything.
    pub fn expression(&self, root: &str) -> String {
        let mut out = if is_element_name(root) { root.to_owned() } else { String::new() };
        for token in &self.tokens {
            if let Some(index) = index(token) {
                let _ = write!(out, "[{index}]");
            } else if is_element_name(token) {
                let _ = write!(out, ".{token}");
            }
        }
        out.trim_start_matches('.').to_owned()
    }
}

/// A place in a list: digits without leading zeros.
pub(super) fn index(token: &str) -> Option<usize> {
    let canonical = token == "0" || !token.starts_with('0');
    (canonical && token.bytes().all(|b| b.is_ascii_digit())).then(|| token.parse().ok()).flatten()
}

fn unescape(token: &str) -> Option<String> {
    let mut out = String::with_capacity(token.len());
    let mut letters = token.chars();
    while let Some(letter) = letters.next() {
        out.push(match letter {
            '~' => match letters.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            },
            plain => plain,
        });
    }
    Some(out)
}
