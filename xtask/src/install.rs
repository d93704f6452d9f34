//! Programs that the suites need: found, or installed through the system's package manager.

use std::path::PathBuf;
use std::process::Command;

use crate::shell;

/// The first of `programs` on the search path, after an installation when there is none.
pub fn found_or_installed(who: &str, programs: &[&str], package: &str) -> Result<PathBuf, String> {
    if let Some(found) = shell::find(programs) {
        return Ok(found);
    }
    install(who, package)?;
    shell::find(programs).ok_or_else(|| missing(who, package))
}

/// Installs a package where that is allowed; says else what to install.
pub fn install(who: &str, package: &str) -> Result<(), String> {
    if !is_root() || shell::find(&["apt-get"]).is_none() {
        return Err(missing(who, package));
    }
    shell::run(Command::new("apt-get").args(["-qq", "update"])).map_err(|_| missing(who, package))?;
    let mut install = Command::new("apt-get");
    install
        .args(["-qq", "install", "--yes", "--no-install-recommends", package])
        .env("DEBIAN_FRONTEND", "noninteractive");
    shell::run(&mut install).map_err(|_| missing(who, package))
}

fn missing(who: &str, package: &str) -> String {
    format!("{who} need {package}: install it, for example with `apt-get install {package}`")
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
