//! The browser journeys: Chromium driven through a running demo practice by Node's test runner.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::demo::Demo;
use crate::totals::Totals;
use crate::{browser, shell};

const PATIENTS: u32 = 40;

/// Builds the program, starts a demo, runs every `tests/journey/*.test.mjs` against it and stops it.
pub fn run() -> Result<Totals, String> {
    let chromium = browser::chromium()?;
    let pdftotext = browser::pdftotext()?;
    let folder = shell::root().join("tests/journey");
    install(&folder)?;
    shell::run(shell::cargo().args(["build", "--quiet", "--package", "chartroom"]))?;
    let demo = Demo::start(PATIENTS)?;

    let mut totals = Totals::default();
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=spec", "--test-concurrency=2"])
        .args(test_files(&folder)?)
        .current_dir(&folder);
    node.env("CHROMIUM", chromium).env("PDFTOTEXT", pdftotext);
    node.env("CHARTROOM_URL", &demo.url).env("CHARTROOM_SIGN_INS", demo.sign_ins.join("\n"));
    node.env("CHARTROOM_TOKEN", &demo.api_token).env("CHARTROOM_DATA", demo.data());
    let done = shell::watch(&mut node, |line| totals.read_node(line))?;
    if !done && totals.failed == 0 {
        return Err("the journeys did not run to their end: see above".to_owned());
    }
    Ok(totals)
}

/// The proof that typing in notes is not lost: `tests/journey/note-loss.mjs`, with a server of its own that it kills.
pub fn note_loss(depth: &[(&'static str, String)]) -> Result<Totals, String> {
    let chromium = browser::chromium()?;
    let folder = shell::root().join("tests/journey");
    install(&folder)?;
    shell::run(shell::cargo().args(["build", "--quiet", "--package", "chartroom"]))?;
    let mut totals = Totals::default();
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=spec", "note-loss.mjs"]).current_dir(&folder);
    node.env("CHROMIUM", chromium).env("CHARTROOM_PROGRAM", shell::target().join("debug/chartroom"));
    node.envs(depth.iter().map(|(name, value)| (*name, value)));
    let done = shell::watch(&mut node, |line| totals.read_node(line))?;
    if !done && totals.failed == 0 {
        return Err("the proof did not run to its end: see above".to_owned());
    }
    Ok(totals)
}

/// `npm ci`, unless what is installed is what the lock file says.
fn install(folder: &Path) -> Result<(), String> {
    let lock =
        fs::read(folder.join("package-lock.json")).map_err(|e| format!("tests/journey/package-lock.json: {e}"))?;
    let stamp = folder.join("node_modules/.installed");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"])
        .current_dir(folder);
    shell::run(&mut npm).map_err(|message| format!("{message}: Node.js >= 20 with npm is needed"))?;
    fs::write(stamp, lock).map_err(|e| format!("tests/journey/node_modules: {e}"))
}

fn test_files(folder: &Path) -> Result<Vec<String>, String> {
    let entries = fs::read_dir(folder).map_err(|e| format!("tests/journey: {e}"))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut files: Vec<String> = names.filter(|name| name.ends_with(".test.mjs")).collect();
    files.sort();
    if files.is_empty() { Err("tests/journey holds no *.test.mjs".to_owned()) } else { Ok(files) }
}
