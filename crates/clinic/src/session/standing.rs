//! Whether a session still opens anything.

use jiff::{SignedDuration, Timestamp};
use store::accounts::Session;

/// The absolute limit: a working day, whatever its use.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(12);

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// In use.
    Live,
    /// Locked, by hand or by idleness: the password opens it again.
    Locked,
    /// Past the absolute limit.
    Over,
}

/// Where a session stands at `now`, in a practice that locks after so many minutes without use.
#[must_use]
pub fn standing(session: &Session, now: Timestamp, idle_minutes: u32) -> Standing {
    let idle = SignedDuration::from_mins(i64::from(idle_minutes));
    if now.duration_since(session.created_at) >= LONGEST {
        Standing::Over
    } else if session.locked || now.duration_since(session.seen_at) >= idle {
        Standing::Locked
    } else {
        Standing::Live
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn idle_locks_and_the_day_ends() {
        let at = |minutes: i64| Timestamp::from_second(minutes * 60).expect("time");
        let session = Session {
            secret: [0; 32],
            user: Uuid::nil(),
            created_at: at(0),
            seen_at: at(60),
            locked: false,
            csrf: [0; 32],
        };
        assert_eq!(standing(&session, at(74), 15), Standing::Live);
        assert_eq!(standing(&session, at(75), 15), Standing::Locked);
        assert_eq!(standing(&session, at(719), 15), Standing::Locked);
        assert_eq!(standing(&session, at(720), 15), Standing::Over);
        let used = Session { seen_at: at(719), ..session.clone() };
        assert_eq!(standing(&used, at(720), 15), Standing::Over);
        assert_eq!(standing(&Session { locked: true, ..session }, at(61), 15), Standing::Locked);
    }
}
