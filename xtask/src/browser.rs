//! Finding what the journeys drive.

use std::env;
use std::path::PathBuf;

use crate::install::found_or_installed;

const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// Chromium's program.
pub fn chromium() -> Result<PathBuf, String> {
    if let Some(named) = env::var_os("CHROMIUM") {
        return Ok(PathBuf::from(named));
    }
    found_or_installed("the browser journeys", &CHROMIUM, "chromium")
}

/// `pdftotext`, which reads back what was printed.
pub fn pdftotext() -> Result<PathBuf, String> {
    found_or_installed("the browser journeys", &["pdftotext"], "poppler-utils")
}
