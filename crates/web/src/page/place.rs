//! The place to go on at after signing in or unlocking.

use serde::Deserialize;

/// `?next=` of a gate.
#[derive(Debug, Default, Deserialize)]
pub struct Place {
    /// A path of ours, perhaps; see [`local`].
    #[serde(default)]
    pub next: String,
}

/// A path on this host, or the first page: never another site (`//host`, `/\host`, `https:…`), never text a header cannot carry.
#[must_use]
pub fn local(next: &str) -> &str {
    let rest = next.strip_prefix('/');
    let fits = rest.is_some_and(|rest| !rest.starts_with(['/', '\\']))
        && next.len() <= 2000
        && next.chars().all(|letter| letter.is_ascii_graphic() && letter != '\\');
    if fits { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_paths_are_followed() {
        assert_eq!(local("/patients/abc?as-of=2024-01-01"), "/patients/abc?as-of=2024-01-01");
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: x",
            "/a b",
            "\\\\x",
        ] {
            assert_eq!(local(bad), "/", "{bad:?}");
        }
    }
}
