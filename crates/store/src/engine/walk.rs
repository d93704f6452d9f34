//! Checking the chain: recomputes every hash and compares the ends and every signed checkpoint with it. Names the first bad entry.

use super::chain::{Hash, Head, entry_hash, split};
use super::checkpoint::{Signed, genuine, pair};
use crate::audit::Verdict;
use crate::error::Result;
use std::collections::BTreeMap;

/// A walk along the chain's rows, first to last.
pub struct Walk {
    expected: BTreeMap<u64, Hash>,
    end: Head,
    found: Found,
}

/// What was met so far.
enum Found {
    Sound,
    /// The entry after `end` does not follow it; the rest of the chain may hold the one that does.
    Misfit {
        gone: bool,
        later: bool,
    },
    Bad(Verdict),
}

impl Walk {
    /// Begins with every signed checkpoint there is.
    ///
    /// # Errors
    /// When the practice's key makes no pair.
    pub fn new(seed: &[u8; 32], signed: &[Signed]) -> Result<Self> {
        let pair = pair(seed)?;
        let mut walk = Self { expected: BTreeMap::new(), end: Head::default(), found: Found::Sound };
        if let Some(forged) = signed.iter().find(|signed| !genuine(&pair, signed)) {
            walk.bad(forged.head.last, "altered: the signature of the checkpoint here is not the practice's");
        }
        for signed in signed {
            if walk.expected.insert(signed.head.last, signed.head.hash).is_some_and(|other| other != signed.head.hash) {
                walk.bad(signed.head.last, "altered: two signed checkpoints disagree here");
            }
        }
        Ok(walk)
    }

    /// The next stored row. Returns whether it matters what comes after it.
    pub fn row(&mut self, first: u64, last: u64, row: &[u8]) -> bool {
        match &mut self.found {
            Found::Bad(_) => {}
            Found::Misfit { later, .. } => *later = *later || split(row).any(|entry| follows(self.end, entry)),
            Found::Sound => self.sound_row(first, last, row),
        }
        !matches!(self.found, Found::Bad(_) | Found::Misfit { gone: true, .. } | Found::Misfit { later: true, .. })
    }

    fn sound_row(&mut self, first: u64, last: u64, row: &[u8]) {
        if first != self.end.last + 1 {
            return self.bad(self.end.last + 1, "deleted: the chain goes on after a gap");
        }
        let mut entries = split(row);
        while let Some((canonical, kept)) = entries.next() {
            let next = self.end.after(canonical);
            if next.hash != kept {
                // Does the chain go on from the hash this entry carries, one place further? Then the one before it is gone.
                let mut rest = entries.peekable();
                let gone = rest.peek().is_some_and(|(after, hash)| entry_hash(&kept, next.last + 2, after) == *hash);
                let later = rest.any(|entry| follows(self.end, entry));
                self.found = Found::Misfit { gone, later };
                return;
            }
            if self.expected.get(&next.last).is_some_and(|signed| *signed != next.hash) {
                return self.bad(next.last, "altered: up to here the chain is not the one that was signed");
            }
            self.end = next;
        }
        if self.end.last != last {
            self.bad(self.end.last + 1, "deleted: its row holds fewer entries than it says");
        }
    }

    /// The verdict after the last row, given the head that is told beside the chain.
    #[must_use]
    pub fn verdict(self, told: Head) -> Verdict {
        let end = self.end;
        let longest = told.last.max(self.expected.last_key_value().map_or(0, |(last, _)| *last));
        match self.found {
            Found::Bad(verdict) => verdict,
            Found::Misfit { gone: true, .. } => bad(end.last + 1, "deleted: the entry that belongs here is gone"),
            Found::Misfit { later: true, .. } => {
                bad(end.last + 1, "reordered: the entry that belongs here stands later")
            }
            Found::Misfit { .. } => bad(end.last + 1, "altered: its content is not what was recorded"),
            Found::Sound if end.last < longest => bad(end.last + 1, "truncated: the chain once went on from here"),
            Found::Sound if told != end => {
                bad(end.last, "altered: the head of the chain does not agree with its last entry")
            }
            Found::Sound => Verdict::Whole { entries: end.last },
        }
    }

    fn bad(&mut self, sequence: u64, what: &str) {
        if !matches!(self.found, Found::Bad(_)) {
            self.found = Found::Bad(bad(sequence, what));
        }
    }
}

/// Whether an entry, wherever it stands, is the one that follows.
fn follows(end: Head, (canonical, kept): (&[u8], Hash)) -> bool {
    end.after(canonical).hash == kept
}

fn bad(sequence: u64, what: &str) -> Verdict {
    Verdict::Bad { sequence, what: what.to_owned() }
}
