//! The codes that a user works with: those they starred, and those they recorded last. Of no patient: codes alone.

use serde::{Deserialize, Serialize};

/// A user's codes, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnCodes {
    /// Starred.
    pub starred: Vec<String>,
    /// Recorded.
    pub recent: Vec<String>,
}

/// How many are kept of each.
const STARRED: usize = 60;
const RECENT: usize = 20;

impl OwnCodes {
    /// Whether a code is starred.
    #[must_use]
    pub fn stars(&self, code: &str) -> bool {
        self.starred.iter().any(|known| known == code)
    }

    /// Stars a code, or takes its star away.
    pub fn star(&mut self, code: &str) {
        if self.stars(code) {
            self.starred.retain(|known| known != code);
        } else {
            first(&mut self.starred, code, STARRED);
        }
    }

    /// A code was recorded. Whether that changes anything.
    pub fn used(&mut self, code: &str) -> bool {
        let before = self.recent.first().is_some_and(|known| known == code);
        first(&mut self.recent, code, RECENT);
        !before
    }

    /// How much each weighs in a search: a starred one stands before its equals and most others, a recent one before its equals.
    #[must_use]
    pub fn weights(&self) -> Vec<(&str, u8)> {
        let recent = self.recent.iter().filter(|code| !self.stars(code)).map(|code| (code.as_str(), 20));
        self.starred.iter().map(|code| (code.as_str(), 40)).chain(recent).collect()
    }
}

fn first(codes: &mut Vec<String>, code: &str, most: usize) {
    codes.retain(|known| known != code);
    codes.insert(0, code.to_owned());
    codes.truncate(most);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_stand_first_each_once_and_a_star_weighs_more() {
        let mut own = OwnCodes::default();
        assert!(own.used("I10") && own.used("E11.9") && own.used("I10") && !own.used("I10"));
        assert_eq!(own.recent, ["I10", "E11.9"]);
        own.star("E11.9");
        assert_eq!(own.weights(), [("E11.9", 40), ("I10", 20)]);
        own.star("E11.9");
        assert!(!own.stars("E11.9"));
        for code in 0..100 {
            own.used(&code.to_string());
        }
        assert_eq!(own.recent.len(), 20);
    }

    #[test]
    fn a_star_lifts_a_code_in_a_search() {
        let codes = reference::icd10cm::builtin();
        let place = |weights: &[(&str, u8)]| {
            codes.search("hypertension", weights, 20).iter().position(|hit| hit.entry.code() == "I15.9")
        };
        let mut own = OwnCodes::default();
        let before = place(&own.weights());
        own.star("I15.9");
        let after = place(&own.weights()).expect("found");
        assert!(before.is_none_or(|before| after < before), "{before:?} {after}");
    }
}
