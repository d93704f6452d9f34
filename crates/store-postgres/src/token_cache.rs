//! API tokens in memory, so that a request costs no look-up: forgotten whenever any account or token changes here, and after a second, for
//! what another server changes.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use store::accounts::{ApiToken, SecretHash};
use uuid::Uuid;

/// More tokens than any practice has: a full memory is emptied.
const MOST: usize = 1_000;
/// How long a token that another server revoked may still be taken here.
pub(crate) const LIFE: Duration = Duration::from_secs(1);

/// What was read since the last change.
#[derive(Default)]
pub(crate) struct TokenCache(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// Counts changes: what was read before one may not be kept after it.
    changes: u64,
    /// Each with the time before which it was not read.
    tokens: HashMap<SecretHash, (ApiToken, Instant)>,
}

/// A token is not in memory: when that was found, and the changes until then, to hand to [`TokenCache::keep`] with what is read.
pub(crate) struct Missing {
    changes: u64,
    at: Instant,
}

impl TokenCache {
    /// The token, if it is in memory.
    pub(crate) fn find(&self, secret: &SecretHash, now: Instant) -> Result<ApiToken, Missing> {
        let kept = self.lock();
        let found = kept.tokens.get(secret).filter(|(_, read)| now.duration_since(*read) < LIFE);
        found.map(|(token, _)| token.clone()).ok_or(Missing { changes: kept.changes, at: now })
    }

    /// Whether a token that is in memory was used at this time (µs) or later.
    pub(crate) fn used_since(&self, id: Uuid, at: i64) -> bool {
        let used = |token: &ApiToken| token.used_at.is_some_and(|used| used.as_microsecond() >= at);
        self.lock().tokens.values().any(|(token, _)| token.id == id && used(token))
    }

    /// Keeps a token that was read, unless something changed meanwhile.
    pub(crate) fn keep(&self, token: &ApiToken, since: &Missing) {
        let mut kept = self.lock();
        if kept.changes != since.changes {
            return;
        }
        if kept.tokens.len() >= MOST {
            kept.tokens.clear();
        }
        kept.tokens.insert(token.secret, (token.clone(), since.at));
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

    fn token() -> ApiToken {
        ApiToken {
            id: uuid::Uuid::nil(),
            name: "x".into(),
            secret: [7; 32],
            scope: "system/*.rs".into(),
            created_at: jiff::Timestamp::UNIX_EPOCH,
            expires_at: None,
            revoked_at: None,
            used_at: None,
        }
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        let (cache, token, now) = (TokenCache::default(), token(), Instant::now());
        let before = cache.find(&token.secret, now).err().expect("nothing yet");
        cache.forget();
        cache.keep(&token, &before);
        let after = cache.find(&token.secret, now).err().expect("still nothing");
        cache.keep(&token, &after);
        assert!(cache.find(&token.secret, now).is_ok_and(|found| found == token));
        cache.forget();
        assert!(cache.find(&token.secret, now).is_err());
    }

    #[test]
    fn a_token_in_memory_tells_when_it_was_used() {
        let (cache, token, now) = (TokenCache::default(), token(), Instant::now());
        let missing = cache.find(&token.secret, now).err().expect("nothing yet");
        assert!(!cache.used_since(token.id, 0), "nothing is known of it");
        cache.keep(&token, &missing);
        assert!(!cache.used_since(token.id, 0), "it was never used");
        let used = ApiToken { used_at: jiff::Timestamp::from_microsecond(50).ok(), ..token };
        cache.keep(&used, &missing);
        assert!(cache.used_since(used.id, 50) && !cache.used_since(used.id, 51));
        assert!(!cache.used_since(Uuid::from_u128(1), 0), "another's use is not its");
    }

    #[test]
    fn a_second_after_it_was_asked_for_it_is_asked_for_again() {
        let (cache, token, now) = (TokenCache::default(), token(), Instant::now());
        let missing = cache.find(&token.secret, now).err().expect("nothing yet");
        cache.keep(&token, &missing);
        assert!(cache.find(&token.secret, now + Duration::from_millis(999)).is_ok());
        assert!(cache.find(&token.secret, now + Duration::from_secs(1)).is_err());
    }
}
