//! The rules that no compiler holds: which crate may name which, who makes permits, what pages may not contain, what the repository

//! may not name. Each failure says the file and the rule.
#![allow(clippy::unwrap_used, reason = "a test that cannot read the workspace has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What stands above all others.
const EVERYTHING: &[&str] = &[
    "fhir",
    "store",
    "reference",
    "clinic",
    "exchange",
    "store-sqlite",
    "store-postgres",
    "assets",
    "paper",
    "synthetic",
    "web",
    "chartroom",
];

/// What each crate of ours may depend on. A crate missing here fails the test: decide where it stands.
const MAY_USE: [(&str, &[&str]); 17] = [
    ("fhir", &[]),
    ("store", &["fhir"]),
    ("reference", &[]),
    ("clinic", &["fhir", "store", "reference"]),
    ("exchange", &["fhir", "store", "clinic", "reference"]),
    ("store-sqlite", &["fhir", "store"]),
    ("store-postgres", &["fhir", "store"]),
    ("test-postgres", &[]),
    ("assets", &[]),
    ("paper", &["assets"]),
    ("synthetic", &["fhir"]),
    ("web", &["fhir", "store", "clinic", "reference", "exchange", "assets", "paper"]),
    ("chartroom", EVERYTHING),
    ("bench", &["synthetic", "test-postgres"]),
    ("chartroom-tests", EVERYTHING),
    ("crash-loop", &["bench"]),
    ("fault-disk", EVERYTHING),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Every file git knows or would add, that ends in one of `endings`, below `folder`.
fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "--", folder])
        .current_dir(root())
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let names = listed.lines().filter(|name| endings.iter().any(|ending| name.ends_with(ending)));
    names.filter_map(|name| Some((name.to_owned(), fs::read_to_string(root().join(name)).ok()?))).collect()
}

/// The part of a source file that is not its own tests, nor a comment.
fn shipped(source: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = source.find("#[cfg(test)]\nmod ").unwrap_or(source.len());
    source[..end]
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(at, line)| (at + 1, line))
}

fn refuse(rule: &str, found: &[String]) {
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}

#[test]
fn crates_depend_only_downwards() {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: Vec<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    let mut found = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        if name == "xtask" {
            continue;
        }
        let Some((_, may_use)) = MAY_USE.iter().find(|(known, _)| *known == name) else {
            found.push(format!("{name} is not in the table"));
            continue;
        };
        for dependency in package["dependencies"].as_array().unwrap() {
            let used = dependency["name"].as_str().unwrap();
            // A crate's own tests may set up a real database; what ships may not.
            let only_tests = dependency["kind"] == "dev";
            if ours.contains(&used) && !may_use.contains(&used) && !only_tests {
                found.push(format!("{name} -> {used}"));
            }
        }
    }
    refuse(
        "direction: fhir <- store <- clinic <- web <- chartroom; only chartroom, bench and tests name a database crate",
        &found,
    );
}

#[test]
fn only_the_access_module_makes_permits() {
    let mut found = Vec::new();
    for (name, source) in files("crates", &[".rs"]) {
        let makes = name.starts_with("crates/clinic/src/access/")
            || name.starts_with("crates/store/")
            || name.contains("/tests/")
            || name.contains("/examples/")
            || name.ends_with("_tests.rs");
        if !makes {
            let lines = shipped(&source).filter(|(_, line)| line.contains("Permit::grant("));
            found.extend(lines.map(|(at, _)| format!("{name}:{at}")));
        }
    }
    refuse("only crates/clinic/src/access makes permits", &found);
}

#[test]
fn pages_hold_no_inline_style_or_script_and_no_markup_from_data() {
    let mut found = Vec::new();
    for (name, source) in files("crates/web/src", &[".rs"]) {
        for (at, line) in shipped(&source) {
            let inline = [" style=", "\tstyle=", "onclick=", "onchange=", "onsubmit=", "hx-on", "javascript:"];
            if inline.iter().any(|word| line.contains(word)) || line.contains("PreEscaped") || line.contains("style {")
            {
                found.push(format!("{name}:{at}: {}", line.trim()));
            }
        }
    }
    refuse("a page's style and script come from `assets`, and every text in it is escaped by maud", &found);
}

#[test]
fn every_asset_a_page_names_exists() {
    let mut found = Vec::new();
    for (name, source) in files("crates/web/src", &[".rs"]) {
        for (at, line) in shipped(&source) {
            for named in line.split("assets::url(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                if !assets::all().iter().any(|file| file.name == named) {
                    found.push(format!("{name}:{at}: {named}"));
                }
            }
        }
    }
    refuse("assets::url answers /static/unknown for these", &found);
}

#[test]
fn lock_files_name_only_the_public_registry_and_no_host_of_a_mirror() {
    let mut found = Vec::new();
    for (name, lock) in files(".", &["package-lock.json", "Cargo.lock"]) {
        for (at, line) in lock.lines().enumerate() {
            let public = line.contains("registry+https://github.com/rust-lang/crates.io-index");
            let funding = line.contains("\"url\": ");
            if (line.contains("\"resolved\"") || line.contains("://")) && !public && !funding {
                found.push(format!("{name}:{}", at + 1));
            }
        }
    }
    refuse("npm: `omit-lockfile-registry-resolved=true`; cargo: crates.io alone", &found);
}

#[test]
fn no_file_names_a_folder_of_the_machine_it_was_written_on() {
    let folders = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/home/", "user/")];
    let mut found = Vec::new();
    for (name, text) in
        files(".", &[".rs", ".toml", ".md", ".mjs", ".js", ".json", ".css", ".html", ".yml", "/run", ".lock"])
    {
        let lines = text.lines().enumerate().filter(|(_, line)| folders.iter().any(|folder| line.contains(folder)));
        found.extend(lines.map(|(at, line)| format!("{name}:{}: {}", at + 1, line.trim())));
    }
    refuse("paths of one machine do not belong in the repository", &found);
}
