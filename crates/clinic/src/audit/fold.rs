//! How a list of the trail is read more easily: the searches that somebody's one looking-up in the palette left behind stand together,
//! and so do the photos of one list. Only the list is folded; the trail keeps, proves and exports each entry.

use jiff::SignedDuration;
use store::audit::{Entry, Outcome};

/// Searches further apart than this are two lookings-up.
const APART: SignedDuration = SignedDuration::from_mins(2);

/// Entries, newest first, as lines of a list: each line one entry, or the palette searches or photos (newest first) of one person, one after
/// another. What others did in between does not part them; anything else the person did, does.
pub fn folded<T>(entries: Vec<T>, entry: impl Fn(&T) -> &Entry) -> Vec<Vec<T>> {
    let mut lines: Vec<Vec<T>> = Vec::new();
    for next in entries {
        let newer =
            lines.iter_mut().rfind(|line| line.last().is_some_and(|last| same_person(entry(last), entry(&next))));
        match newer {
            Some(line) if line.last().is_some_and(|last| one_after_another(entry(&next), entry(last))) => {
                line.push(next);
            }
            _ => lines.push(vec![next]),
        }
    }
    lines
}

fn same_person(a: &Entry, b: &Entry) -> bool {
    a.actor.id == b.actor.id && a.from == b.from
}

fn one_after_another(older: &Entry, newer: &Entry) -> bool {
    sort(older).is_some() && sort(older) == sort(newer) && newer.at.duration_since(older.at) <= APART
}

/// What several of an entry's sort are called; `None` for what stands alone.
#[must_use]
pub fn sort(entry: &Entry) -> Option<&'static str> {
    match (entry.action.as_str(), entry.detail.as_str(), entry.outcome) {
        ("patient.find", "palette", Outcome::Done) => Some("searches"),
        ("patient.read", "photo", Outcome::Done) => Some("photos"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use store::Actor;
    use uuid::Uuid;

    fn entry(second: i64, who: u128, action: &str, detail: &str) -> Entry {
        let actor = Actor { id: Uuid::from_u128(who), ..Actor::program("somebody") };
        let at = Timestamp::from_second(second).expect("a time");
        Entry { detail: detail.to_owned(), ..Entry::new(at, Uuid::nil(), actor, action) }
    }

    /// The seconds of each line's entries; given oldest first, as things happen.
    fn lines(mut entries: Vec<Entry>) -> Vec<Vec<i64>> {
        entries.reverse();
        let folded = folded(entries, |entry| entry);
        folded.iter().map(|line| line.iter().map(|entry| entry.at.as_second()).collect()).collect()
    }

    #[test]
    fn one_looking_up_is_one_line_whatever_others_do_meanwhile() {
        let find = |second, who| entry(second, who, "patient.find", "palette");
        assert_eq!(lines(vec![find(0, 1), find(2, 1), find(3, 2), find(4, 1)]), [vec![4, 2, 0], vec![3]]);
    }

    #[test]
    fn anything_else_they_did_a_pause_and_what_failed_stand_alone() {
        let find = |second| entry(second, 1, "patient.find", "palette");
        assert_eq!(lines(vec![find(0), entry(1, 1, "chart.read", "summary"), find(2)]), [[2], [1], [0]]);
        assert_eq!(lines(vec![find(0), find(120), find(241)]), [vec![241], vec![120, 0]]);
        let failed = Entry { outcome: Outcome::Failed, ..find(1) };
        assert_eq!(lines(vec![find(0), failed, find(2)]), [[2], [1], [0]]);
        let photo = |second| entry(second, 1, "patient.read", "photo");
        assert_eq!(lines(vec![find(0), photo(1), photo(2), find(3)]), [vec![3], vec![2, 1], vec![0]]);
        let page = |second| entry(second, 1, "patient.find", "page");
        assert_eq!(lines(vec![page(0), page(1)]), [[1], [0]], "a search that was sent is one of its own");
    }
}
