//! `cargo xtask bench`: hands its arguments to the `bench` crate, built as it is measured: for release.

use crate::shell;

/// Runs the named measurements, or all.
pub fn run(arguments: &[String]) -> Result<(), String> {
    if !shell::root().join("crates/bench").is_dir() {
        return Err("there is nothing to measure with: crates/bench is missing".to_owned());
    }
    shell::run(shell::cargo().args(["run", "--quiet", "--release", "--package", "bench", "--"]).args(arguments))
}
