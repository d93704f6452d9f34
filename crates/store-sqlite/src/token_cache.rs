//! API tokens in memory, so that a request costs no look-up: forgotten whenever any account or token changes.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use store::accounts::{ApiToken, SecretHash};

/// More tokens than any practice has: a full memory is emptied.
const MOST: usize = 1_000;

/// What was read since the last change.
#[derive(Default)]
pub(crate) struct TokenCache(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// Counts changes: what was read before one may not be kept after it.
    changes: u64,
    tokens: HashMap<SecretHash, ApiToken>,
}

impl TokenCache {
    /// The token, if it is in memory; else the count of changes to hand to [`TokenCache::keep`] with what is read.
    pub(crate) fn find(&self, secret: &SecretHash) -> Result<ApiToken, u64> {
        let kept = self.lock();
        kept.tokens.get(secret).cloned().ok_or(kept.changes)
    }

    /// Keeps a token that was read, unless something changed meanwhile.
    pub(crate) fn keep(&self, token: &ApiToken, changes: u64) {
        let mut kept = self.lock();
        if kept.changes != changes {
            return;
        }
        if kept.tokens.len() >= MOST {
            kept.tokens.clear();
        }
        kept.tokens.insert(token.secret, token.clone());
    }

    /// Forgets everything: the writer does so once a change is committed, before it is answered.
    pub(crate) fn forget(&self) {
        let mut kept = self.lock();
        kept.changes += 1;
        kept.tokens.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        let token = ApiToken {
            id: uuid::Uuid::nil(),
            name: "x".into(),
            secret: [7; 32],
            scope: "system/*.rs".into(),
            created_at: jiff::Timestamp::UNIX_EPOCH,
            expires_at: None,
            revoked_at: None,
            used_at: None,
        };
        let cache = TokenCache::default();
        let changes = cache.find(&token.secret).err().expect("nothing yet");
        cache.forget();
        cache.keep(&token, changes);
        let changes = cache.find(&token.secret).err().expect("still nothing");
        cache.keep(&token, changes);
        assert!(cache.find(&token.secret).is_ok_and(|found| found == token));
        cache.forget();
        assert!(cache.find(&token.secret).is_err());
    }
}
