//! How many files the system lets the program have open: a connection is one of them.

/// Kept for the database, certificates and the log, whoever connects.
const OWN: u64 = 256;

/// As many connections as were wanted, or as the system leaves room for: systems give programs few files unless they ask for more.
#[cfg(unix)]
#[must_use]
pub fn room(wanted: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let needed = wanted as u64 + OWN;
    let asked = limit.maximum.map_or(needed, |most| needed.min(most));
    if limit.current.is_some_and(|now| now < asked) {
        let more = Rlimit { current: Some(asked), ..limit };
        if let Err(error) = setrlimit(Resource::Nofile, more) {
            tracing::warn!(%error, "the limit of open files could not be raised");
        }
    }
    let Some(files) = getrlimit(Resource::Nofile).current else { return wanted };
    let room = usize::try_from(files.saturating_sub(OWN)).unwrap_or(wanted).clamp(1, wanted);
    if room < wanted {
        tracing::warn!("the system allows {files} open files, so {room} connections at once instead of {wanted}");
    }
    room
}

/// As many connections as were wanted.
#[cfg(not(unix))]
#[must_use]
pub fn room(wanted: usize) -> usize {
    wanted
}
