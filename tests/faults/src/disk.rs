//! What fails when, and what is not synced yet.

use std::collections::HashMap;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes that a disk writes whole or not at all.
const SECTOR: usize = 512;

/// How the disk fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The n-th read answers an error.
    Read,
    /// The n-th write answers an error and writes nothing.
    Write,
    /// The n-th write writes half and answers an error.
    ShortWrite,
    /// The n-th sync answers an error; nothing that waited for it is surely kept.
    Sync,
    /// From the n-th write on every one answers an error, until [`disarm`].
    DeadWrites,
    /// From the n-th sync on every one answers an error, until [`disarm`].
    DeadSyncs,
    /// From the n-th write on the disk is full, until [`disarm`].
    Full,
    /// At the n-th write or sync the power goes: from then on nothing works, until [`cut_power`] has put the files as the disk has them.
    PowerCut,
}

/// A call that can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Open,
    Read,
    Write,
    Sync,
    Cut,
}

/// What a call shall do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Go,
    Error,
    Half,
    Full,
}

/// A change that no sync covers yet.
pub(crate) struct Change {
    pub(crate) at: u64,
    /// What stood there, as far as the file reached.
    pub(crate) old: Vec<u8>,
    /// How long the file was.
    pub(crate) length: u64,
    /// What was written; `None`: the file was cut to `at`.
    pub(crate) new: Option<Vec<u8>>,
}

struct State {
    fault: Option<(Fault, u64)>,
    counted: u64,
    fired: bool,
    pending: Option<HashMap<PathBuf, Vec<Change>>>,
}

static STATE: Mutex<State> = Mutex::new(State { fault: None, counted: 0, fired: false, pending: None });

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on the `nth` call (from 1) of the fault's kind fails.
pub fn arm(fault: Fault, nth: u64) {
    *state() = State { fault: Some((fault, nth)), counted: 0, fired: false, pending: Some(HashMap::new()) };
}

/// The disk is whole again.
pub fn disarm() {
    state().fault = None;
}

/// Whether the fault has happened.
pub fn fired() -> bool {
    state().fired
}

/// Calls of the armed fault's kind so far.
pub fn calls() -> u64 {
    state().counted
}

/// What the next call of a kind shall do.
pub(crate) fn next(call: Call) -> Verdict {
    let mut state = state();
    let Some((fault, nth)) = state.fault else { return Verdict::Go };
    if fault == Fault::PowerCut && state.fired {
        return Verdict::Error;
    }
    let counts = match fault {
        Fault::Read => call == Call::Read,
        Fault::Write | Fault::ShortWrite | Fault::DeadWrites | Fault::Full => call == Call::Write,
        Fault::Sync | Fault::DeadSyncs => call == Call::Sync,
        Fault::PowerCut => matches!(call, Call::Write | Call::Sync),
    };
    if !counts {
        return Verdict::Go;
    }
    state.counted += 1;
    let stays = matches!(fault, Fault::DeadWrites | Fault::DeadSyncs | Fault::Full);
    if state.counted != nth && !(stays && state.counted > nth) {
        return Verdict::Go;
    }
    state.fired = true;
    match fault {
        Fault::ShortWrite => Verdict::Half,
        Fault::Full => Verdict::Full,
        _ => Verdict::Error,
    }
}

/// Notes a change that is not synced yet.
pub(crate) fn changed(file: &Path, change: Change) {
    if let Some(pending) = &mut state().pending {
        pending.entry(file.to_owned()).or_default().push(change);
    }
}

/// Everything written to a file so far is kept.
pub(crate) fn synced(file: &Path) {
    if let Some(pending) = &mut state().pending {
        pending.remove(file);
    }
}

/// A file is gone, with what was not synced of it.
pub(crate) fn deleted(file: &Path) {
    synced(file);
}

/// Puts the files as the disk may have them after the power went: call it when nothing has them open. `seed` chooses what of the
/// unsynced writes was kept.
///
/// # Errors
/// When a file cannot be written.
pub fn cut_power(seed: u64) -> io::Result<()> {
    let mut state = state();
    state.fault = None;
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for (path, changes) in state.pending.take().unwrap_or_default() {
        if !path.exists() {
            continue;
        }
        let mut file = std::fs::OpenOptions::new().write(true).open(&path)?;
        for change in changes.iter().rev() {
            file.set_len(change.length)?;
            file.seek(SeekFrom::Start(change.at))?;
            file.write_all(&change.old)?;
        }
        for change in &changes {
            match &change.new {
                Some(_) if dice.roll(2) == 0 => {}
                Some(new) => {
                    let sectors = new.len().div_ceil(SECTOR);
                    let kept =
                        if dice.roll(4) == 0 { dice.roll(sectors as u64 + 1) as usize * SECTOR } else { new.len() };
                    file.seek(SeekFrom::Start(change.at))?;
                    file.write_all(&new[..kept.min(new.len())])?;
                }
                None if dice.roll(2) == 0 => {}
                None => file.set_len(change.at)?,
            }
        }
    }
    Ok(())
}

/// A small generator (xorshift64*), so that a run can be repeated by its seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % sides
    }
}
