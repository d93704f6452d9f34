//! The command as it is run.

use crate::practice::Somewhere;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub fn run(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chartroom"));
    command.args(args).env_remove("CHARTROOM_KEY_FILE").env_remove("CHARTROOM_LOG").output().expect("runs")
}

pub fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

pub fn done(args: &[&str]) -> String {
    let output = run(args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", said(&output));
    said(&output)
}

/// How many entries `verify-audit` counts.
fn entries(at: &[&str], key: &str) -> u64 {
    let text = done(&[&["verify-audit", "--key-file", key], at].concat());
    text.trim().strip_prefix("ok: ").and_then(|rest| rest.split(' ').next()?.parse().ok()).expect("a number")
}

/// A practice in a folder with some patients and an account; its folder and its key file.
pub fn made(dir: &Path) -> (String, String) {
    let (data, key) = (dir.join("practice").display().to_string(), dir.join("key").display().to_string());
    done(&["init", "--data", &data, "--key-file", &key]);
    let file: PathBuf = dir.join("some.ndjson");
    let lines: Vec<String> = synthetic::Practice::new(3, jiff::civil::date(2026, 1, 2), 3, synthetic::Depth::Demo)
        .charts()
        .flat_map(|chart| chart.resources)
        .map(|body| body.to_string())
        .collect();
    std::fs::write(&file, lines.join("\n")).expect("written");
    let imported = run(&["import", "--data", &data, "--key-file", &key, &file.display().to_string()]);
    assert!(said(&imported).contains("imported"), "{}", said(&imported));
    done(&["user", "add", "--data", &data, "--key-file", &key, "manager", "--name", "Mo Manager", "--role", "manager"]);
    (data, key)
}

pub fn at(place: &str) -> [&str; 2] {
    [if place.starts_with("postgres") { "--database" } else { "--data" }, place]
}

fn copies_and_back(middle: &str) {
    let dir = tempfile::tempdir().expect("a folder");
    let (data, key) = made(dir.path());
    let path = |name: &str| dir.path().join(name).display().to_string();
    let (key2, key3, back) = (path("key2"), path("key3"), path("back"));
    let before = entries(&at(&data), &key);
    let text = done(&["copy", "--from", &data, "--from-key-file", &key, "--to", middle, "--to-key-file", &key2]);
    let last = text.lines().last().expect("a line").to_owned();
    assert!(last.starts_with("copied ") && last.ends_with("; counts and hashes agree"), "{text}");
    assert!(text.contains("key file: ") && text.contains("Everyone signs in anew"), "{text}");
    // The entry that tells of the copying, and the copy's own.
    assert_eq!(entries(&at(&data), &key), before + 1);
    assert_eq!(entries(&at(middle), &key2), before + 2);
    done(&["copy", "--from", middle, "--from-key-file", &key2, "--to", &back, "--to-key-file", &key3]);
    assert_eq!(entries(&at(&back), &key3), before + 4);
    // What follows from the records was made anew as they say.
    assert!(done(&["check", "--data", &back, "--key-file", &key3]).contains("ok: "));
    assert!(done(&["user", "list", "--data", &back, "--key-file", &key3]).contains("Mo Manager"));
    // The old key opens the copy no more than any other.
    assert_eq!(run(&["verify-audit", "--data", &back, "--key-file", &key]).status.code(), Some(6));
    // What is there stays.
    let again = run(&["copy", "--from", &data, "--from-key-file", &key, "--to", middle, "--to-key-file", &key2]);
    assert_eq!(again.status.code(), Some(1));
    assert!(said(&again).contains("holds a practice already"), "{}", said(&again));
}

#[test]
fn a_practice_is_copied_to_a_folder_and_back() {
    let dir = tempfile::tempdir().expect("a folder");
    copies_and_back(&dir.path().join("copy").display().to_string());
}

#[test]
fn a_practice_is_copied_to_a_database_and_back() {
    let Some(database) = Somewhere::database() else { return };
    copies_and_back(&database.named());
}

#[test]
fn the_recovery_key_opens_the_copy_and_what_cannot_be_is_said() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = |name: &str| dir.path().join(name).display().to_string();
    let (data, key, copy) = (path("practice"), path("key"), path("copy"));
    let made = done(&["init", "--data", &data, "--key-file", &key]);
    let recovery = made.lines().find_map(|line| line.strip_prefix("recovery key: ")).expect("a recovery key");
    done(&["copy", "--from", &data, "--from-key-file", &key, "--to", &copy, "--to-key-file", &path("key2")]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_chartroom"))
        .args(["verify-audit", "--data", &copy, "--recovery-key-stdin"])
        .env_remove("CHARTROOM_KEY_FILE")
        .stdin(std::process::Stdio::piped())
        .spawn()
        .expect("starts");
    std::io::Write::write_all(&mut child.stdin.take().expect("input"), recovery.as_bytes()).expect("written");
    assert!(child.wait().expect("ends").success());
    // A place that holds no practice, the same place, a key within the copy.
    let code = |args: &[&str]| run(args).status.code();
    let none = path("none");
    assert_eq!(
        code(&["copy", "--from", &none, "--from-key-file", &key, "--to", &path("to"), "--to-key-file", &key]),
        Some(5)
    );
    assert!(!Path::new(&path("to")).exists(), "nothing was made");
    assert_eq!(
        code(&["copy", "--from", &data, "--from-key-file", &key, "--to", &data, "--to-key-file", &key]),
        Some(7)
    );
    let within = format!("{}/key", path("to"));
    assert_eq!(
        code(&["copy", "--from", &data, "--from-key-file", &key, "--to", &path("to"), "--to-key-file", &within]),
        Some(6)
    );
}
