//! What can happen to a practice, made up at random.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

/// Small pools, so that steps meet each other.
pub(super) const PATIENTS: u8 = 3;
pub(super) const OBSERVATIONS: u8 = 6;
pub(super) const CODES: [&str; 3] = ["8302-2", "29463-7", "8867-4"];

/// Which version a write says it is based on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Based {
    Current,
    Nothing,
    Exactly(u8),
}

/// What one write asks.
#[derive(Debug, Clone)]
pub(super) enum Asked {
    Patient { n: u8, based: Based, delete: bool },
    Observation { n: u8, based: Based, of: u8, code: u8, day: u8 },
    Delete { n: u8, based: Based },
}

/// One step of a course.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// One commit, perhaps with a retry key (the same key with other content is a mismatch).
    Commit(Vec<Asked>, Option<u8>),
    /// Commits at the same time, each of one write.
    Race(Vec<Asked>),
    /// Closed and opened again.
    Restart,
}

pub(super) fn based() -> impl Strategy<Value = Based> {
    prop_oneof![6 => Just(Based::Current), 1 => Just(Based::Nothing), 1 => (0..4_u8).prop_map(Based::Exactly)]
}

pub(super) fn asked() -> impl Strategy<Value = Asked> {
    let patient = (0..PATIENTS, based(), any::<[bool; 3]>()).prop_map(|(n, based, coins)| Asked::Patient {
        n,
        based,
        delete: coins == [true; 3],
    });
    let observation = (0..OBSERVATIONS, based(), 0..PATIENTS, 0..3_u8, 0..5_u8)
        .prop_map(|(n, based, of, code, day)| Asked::Observation { n, based, of, code, day });
    prop_oneof![2 => patient, 6 => observation, 2 => (0..OBSERVATIONS, based()).prop_map(|(n, based)| Asked::Delete { n, based })]
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let retry = prop_oneof![3 => Just(None), 1 => (0..3_u8).prop_map(Some)];
    prop_oneof![
        8 => (vec(asked(), 1..5), retry).prop_map(|(asked, retry)| Step::Commit(asked, retry)),
        3 => vec(asked(), 2..8).prop_map(Step::Race),
        1 => Just(Step::Restart),
    ]
}
