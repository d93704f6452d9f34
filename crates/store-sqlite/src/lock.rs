//! One server per practice: an operating-system lock on a file that says who holds it.

use crate::private;
use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;
use store::{Error, Result};

/// Held while the practice is open; the system lets it go when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a practice's folder.
    ///
    /// # Errors
    /// [`Error::Locked`], naming the holder.
    pub fn take(dir: &Path) -> Result<Self> {
        let told = |e: std::io::Error| Error::Broken(format!("the lock file cannot be used: {e}"));
        let path = dir.join("lock");
        let mut file = private::file().read(true).write(true).create(true).truncate(false).open(path).map_err(told)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _unreadable = file.read_to_string(&mut holder);
                return Err(Error::Locked(format!("this practice is already open in {}", holder_words(&holder))));
            }
            Err(TryLockError::Error(e)) => return Err(told(e)),
        }
        // A full disk must not close the practice: then the lock holds without naming its holder.
        let _unnamed = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| write!(file, "process {} on {}", std::process::id(), host()));
        Ok(Self { _file: file })
    }
}

fn holder_words(text: &str) -> &str {
    if text.is_empty() { "another program" } else { text }
}

fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok().or_else(|| std::env::var("HOSTNAME").ok());
    name.map_or_else(|| "this machine".to_owned(), |name| name.trim().to_owned())
}
