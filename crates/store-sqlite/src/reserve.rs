//! Space put aside, so that a full disk does not close the charts: reads need their audit entries written.

use std::io::Write as _;
use std::path::PathBuf;

/// A file that only takes up space. Given back to the disk when it is full; while it is gone, nothing but the audit trail is written.
pub(crate) struct Reserve {
    file: PathBuf,
    bytes: usize,
    held: bool,
}

impl Reserve {
    /// The reserve of a practice, filled if the disk has room.
    pub(crate) fn hold(file: PathBuf, bytes: usize) -> Self {
        let mut reserve = Self { file, bytes, held: false };
        reserve.refill();
        reserve
    }

    /// Whether the space is put aside.
    pub(crate) fn held(&self) -> bool {
        self.held
    }

    /// Puts the space aside again, if the disk has it.
    pub(crate) fn refill(&mut self) {
        if std::fs::metadata(&self.file).is_ok_and(|there| there.len() == self.bytes as u64) {
            self.held = true;
            return;
        }
        let filled = crate::private::file()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&self.file)
            .and_then(|mut file| file.write_all(&vec![0; self.bytes]).and_then(|()| file.sync_all()));
        self.held = filled.is_ok();
        if !self.held {
            let _nothing_there = std::fs::remove_file(&self.file);
        }
    }

    /// Gives the space back to the disk. Returns whether it may be tried again now.
    pub(crate) fn release(&mut self) -> bool {
        self.held = false;
        // Already given back: the entry is still worth one more try.
        std::fs::remove_file(&self.file).is_ok() || !self.file.exists()
    }
}
