//! `cargo xtask check`: the fast loop before a commit.

use std::path::PathBuf;
use std::process::Command;

use crate::{shell, suites};

/// A tool that is not part of Rust: built once into the user's cache.
struct Tool {
    program: &'static str,
    package: &'static str,
    version: &'static str,
    arguments: &'static [&'static str],
}

// Only what needs no feed from the network: licences, bans and sources of the crates in the lock file.
const TOOLS: [Tool; 2] = [
    Tool {
        program: "cargo-deny",
        package: "cargo-deny",
        version: "^0.19",
        arguments: &["--locked", "--all-features", "check", "licenses", "bans", "sources"],
    },
    Tool { program: "typos", package: "typos-cli", version: "^1", arguments: &[] },
];

/// Formatting, clippy, licences, spelling and the unit tests; runs them all and then says what failed.
pub fn run() -> Result<(), String> {
    let mut failed = Vec::new();
    let mut note = |outcome: Result<(), String>| {
        if let Err(message) = outcome {
            println!("{message}");
            failed.push(message);
        }
    };
    note(shell::run(shell::cargo().args(["fmt", "--all", "--check"])));
    note(shell::run(shell::cargo().args([
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ])));
    for tool in &TOOLS {
        match program(tool) {
            Ok(program) => note(shell::run(Command::new(program).args(tool.arguments).current_dir(shell::root()))),
            Err(message) => println!("not checked, {} cannot be installed: {message}", tool.program),
        }
    }
    note(suites::unit_only());
    if failed.is_empty() {
        println!("check: all well");
        return Ok(());
    }
    Err(format!("check: {} of the steps failed:\n  {}", failed.len(), failed.join("\n  ")))
}

fn program(tool: &Tool) -> Result<PathBuf, String> {
    if let Some(found) = shell::find(&[tool.program]) {
        return Ok(found);
    }
    let tools = shell::cache().join("tools");
    let installed = tools.join("bin").join(tool.program);
    if installed.is_file() {
        return Ok(installed);
    }
    let mut command = shell::cargo();
    // Outside the workspace, so that its lock file, configuration and build flags are not the tool's.
    std::fs::create_dir_all(&tools).map_err(|e| format!("{}: {e}", tools.display()))?;
    command.current_dir(&tools).args(["install", "--quiet", "--locked", "--root"]).arg(&tools);
    command.args(["--version", tool.version, tool.package]);
    shell::run(&mut command)?;
    Ok(installed)
}
