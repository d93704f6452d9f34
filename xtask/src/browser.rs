//! Finding what the journeys drive, or installing it through the system's package manager.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::shell;

const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// Chromium's program.
pub fn chromium() -> Result<PathBuf, String> {
    if let Some(named) = env::var_os("CHROMIUM") {
        return Ok(PathBuf::from(named));
    }
    found_or_installed(&CHROMIUM, "chromium")
}

/// `pdftotext`, which reads back what was printed.
pub fn pdftotext() -> Result<PathBuf, String> {
    found_or_installed(&["pdftotext"], "poppler-utils")
}

fn found_or_installed(programs: &[&str], package: &str) -> Result<PathBuf, String> {
    if let Some(found) = shell::find(programs) {
        return Ok(found);
    }
    let missing =
        || format!("the browser journeys need {package}: install it, for example with `apt-get install {package}`");
    if !is_root() || shell::find(&["apt-get"]).is_none() {
        return Err(missing());
    }
    shell::run(Command::new("apt-get").args(["-qq", "update"])).map_err(|_| missing())?;
    let mut install = Command::new("apt-get");
    install
        .args(["-qq", "install", "--yes", "--no-install-recommends", package])
        .env("DEBIAN_FRONTEND", "noninteractive");
    shell::run(&mut install).map_err(|_| missing())?;
    shell::find(programs).ok_or_else(missing)
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
