//! `cargo xtask test`: every suite, or the named ones, ended by one line of totals.
//!
//! A suite is `unit` (the tests of every crate outside `tests/` that need no server), `conformance` (the store's promises on both
//! databases, and whatever else PostgreSQL's crate tests on a real server), each integration binary under `tests/` by its name (`api`, `page`,
//! `access` …), found in cargo's own metadata so that a new one needs no edit here, `note-loss` and `journeys` (the browser). Of `crash`,
//! `faults` and `note-loss` a slice runs by default; `--rounds N` sets how often servers, PostgreSQL and browsers are killed, `--every-call` lets
//! every call of the disk fail and the line to PostgreSQL at many more places.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::totals::{Totals, skip_lines};
use crate::{install, journeys, shell};
use test_postgres::Server;

/// The crate whose tests need a PostgreSQL server.
const ON_A_SERVER: &str = "store-postgres";

/// Variables of the environment of a suite.
type Variables = Vec<(&'static str, String)>;

/// One integration binary.
struct Binary {
    package: String,
    name: String,
}

/// The suites that start PostgreSQL themselves, each of their own; without it that half says that it was skipped.
const ON_BOTH: [&str; 2] = ["crash", "faults"];

/// The suites that say what they have been through, however they end.
const TALKATIVE: [&str; 2] = ["crash", "faults"];

impl Binary {
    fn run(&self, depth: &[(&'static str, String)]) -> Result<Totals, String> {
        let mut selection = vec!["--package", &self.package, "--test", &self.name];
        let mut environment = depth.to_vec();
        if TALKATIVE.contains(&self.name.as_str()) && has_nextest() {
            selection.push("--success-output=immediate");
        }
        if ON_BOTH.contains(&self.name.as_str())
            && let Err(message) = have_postgres()
        {
            println!("{message}");
        }
        if self.name == "crash" {
            shell::run(shell::cargo().args(["build", "--quiet", "--package", "chartroom"]))?;
            let program = shell::target().join("debug/chartroom");
            environment.push(("CHARTROOM_PROGRAM", program.to_string_lossy().into_owned()));
        }
        cargo_tests_with(&selection, &environment)
    }
}

/// How far the long suites go, as variables of the environment; and the names that are left.
fn depth(arguments: &[String]) -> Result<(Vec<String>, Variables), String> {
    let (mut names, mut depth, mut rest) = (Vec::new(), Variables::new(), arguments.iter());
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--rounds" => {
                let rounds = rest.next().filter(|rounds| rounds.parse::<u32>().is_ok_and(|rounds| rounds > 0));
                let rounds = rounds.ok_or("--rounds takes a number above 0")?;
                depth.push(("CHARTROOM_CRASH_ROUNDS", rounds.clone()));
                depth.push(("CHARTROOM_NOTE_ROUNDS", rounds.clone()));
            }
            "--every-call" => depth.push(("CHARTROOM_FAULT_STEP", "1".to_owned())),
            _ => names.push(argument.clone()),
        }
    }
    Ok((names, depth))
}

/// Runs all suites, or the named ones, and prints the totals.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let (arguments, depth) = depth(arguments)?;
    let binaries = binaries()?;
    let known: Vec<&str> = ["unit", "conformance"]
        .into_iter()
        .chain(binaries.iter().map(|binary| binary.name.as_str()))
        .chain(["note-loss", "journeys"])
        .collect();
    if arguments.iter().any(|argument| argument == "--list") {
        println!("{}", known.join("\n"));
        return Ok(());
    }
    if let Some(unknown) = arguments.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("`{unknown}` is not a suite; the suites are: {}", known.join(", ")));
    }
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == name);

    let mut totals = Totals::default();
    let mut add = |name: &str, outcome: Result<Totals, String>| {
        let suite = outcome.unwrap_or_else(|message| {
            println!("{name}: {message}");
            Totals::FAILED
        });
        println!("{name}: {suite}\n");
        totals += suite;
    };
    if wanted("unit") {
        add("unit", unit(&binaries));
    }
    if wanted("conformance") {
        add("conformance", conformance());
    }
    for binary in binaries.iter().filter(|binary| wanted(&binary.name)) {
        add(&binary.name, binary.run(&depth));
    }
    if wanted("note-loss") {
        add("note-loss", journeys::note_loss(&depth));
    }
    if wanted("journeys") {
        add("journeys", journeys::run());
    }
    println!("{totals}");
    if totals.failed == 0 { Ok(()) } else { Err("some tests failed: see above".to_owned()) }
}

/// The tests of every crate outside `tests/`, and the examples in the documentation.
pub fn unit_only() -> Result<(), String> {
    let totals = unit(&binaries()?)?;
    println!("{totals}");
    if totals.failed == 0 { Ok(()) } else { Err("some tests failed: see above".to_owned()) }
}

fn unit(binaries: &[Binary]) -> Result<Totals, String> {
    let mut selection = vec!["--workspace", "--all-targets", "--exclude", ON_A_SERVER];
    for binary in binaries {
        if !selection.contains(&binary.package.as_str()) {
            selection.extend(["--exclude", &binary.package]);
        }
    }
    let mut totals = cargo_tests(&selection)?;
    let documented: Vec<&str> = selection.iter().copied().filter(|argument| *argument != "--all-targets").collect();
    let mut examples = Totals::default();
    let done = shell::watch(shell::cargo().args(["test", "--quiet", "--doc"]).args(documented), |line| {
        examples.read_libtest(line);
    })?;
    if !done && examples.failed == 0 {
        examples += Totals::FAILED;
    }
    totals += examples;
    Ok(totals)
}

/// What both databases promise, PostgreSQL's on a server that ends with this. Without one its tests say that they were skipped.
fn conformance() -> Result<Totals, String> {
    let mut totals = cargo_tests(&["--package", "store-sqlite", "--test", "conformance"])?;
    let server = postgres();
    let mut environment = Variables::new();
    match &server {
        Ok(server) => environment.push((test_postgres::NAMED, server.url().to_owned())),
        Err(message) => println!("{message}"),
    }
    totals += cargo_tests_with(&["--package", ON_A_SERVER, "--all-targets"], &environment)?;
    Ok(totals)
}

/// A server.
fn postgres() -> Result<Server, String> {
    have_postgres()?;
    Server::start()
}

/// Installs PostgreSQL where there is none and that is allowed.
fn have_postgres() -> Result<(), String> {
    if test_postgres::is_installed() { Ok(()) } else { install::install("the tests of PostgreSQL", "postgresql") }
}

/// Runs what `selection` names with cargo-nextest, or with `cargo test` where that is not installed.
fn cargo_tests(selection: &[&str]) -> Result<Totals, String> {
    cargo_tests_with(selection, &[])
}

/// As [`cargo_tests`], with these variables.
fn cargo_tests_with(selection: &[&str], environment: &[(&'static str, String)]) -> Result<Totals, String> {
    let mut command = shell::cargo();
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    if has_nextest() { nextest(command, selection) } else { libtest(command, selection) }
}

fn has_nextest() -> bool {
    Command::new("cargo-nextest").args(["nextest", "--version"]).output().is_ok_and(|output| output.status.success())
}

fn nextest(mut command: Command, selection: &[&str]) -> Result<Totals, String> {
    // nextest keeps its reports below the workspace, wherever cargo builds.
    let report = shell::root().join("target/nextest/default/junit.xml");
    let _ = fs::remove_file(&report);
    command
        .args(["nextest", "run", "--no-fail-fast", "--no-tests=pass", "--status-level=fail", "--show-progress=none"])
        .args(selection);
    let done = shell::run(&mut command);
    let xml = match (fs::read_to_string(&report), &done) {
        (Ok(xml), _) => xml,
        (Err(_), Err(message)) => return Err(message.clone()),
        (Err(error), Ok(())) => return Err(format!("no report of the tests in {}: {error}", report.display())),
    };
    let totals = Totals::from_junit(&xml);
    // Tests that miss the same thing say so in one line.
    skip_lines(&xml).collect::<BTreeSet<_>>().iter().for_each(|line| println!("{line}"));
    match done {
        Err(message) if totals.failed == 0 => Err(message),
        _ => Ok(totals),
    }
}

fn libtest(mut command: Command, selection: &[&str]) -> Result<Totals, String> {
    let mut totals = Totals::default();
    let mut skips = 0;
    command.args(["test", "--no-fail-fast"]).args(selection).args(["--", "--show-output"]);
    let done = shell::watch(&mut command, |line| {
        totals.read_libtest(line);
        skips += skip_lines(line).count();
    })?;
    totals.told_skipped(skips);
    if !done && totals.failed == 0 {
        return Err("the tests did not run to their end: see above".to_owned());
    }
    Ok(totals)
}

fn binaries() -> Result<Vec<Binary>, String> {
    let mut command = shell::cargo();
    command.args(["metadata", "--no-deps", "--format-version=1", "--offline"]);
    let metadata = shell::output(&mut command)
        .or_else(|_| shell::output(shell::cargo().args(["metadata", "--no-deps", "--format-version=1"])))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata).map_err(|e| format!("cargo's metadata: {e}"))?;
    let under = shell::root().join("tests");
    let mut binaries = Vec::new();
    for package in list(&metadata, "packages") {
        if !text(package, "manifest_path").starts_with(&*under.to_string_lossy()) {
            continue;
        }
        for target in list(package, "targets") {
            if list(target, "kind").iter().any(|kind| kind == "test") {
                binaries
                    .push(Binary { package: text(package, "name").to_owned(), name: text(target, "name").to_owned() });
            }
        }
    }
    Ok(binaries)
}

fn list<'a>(value: &'a serde_json::Value, key: &str) -> &'a [serde_json::Value] {
    value.get(key).and_then(serde_json::Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a serde_json::Value, key: &str) -> &'a str {
    value.get(key).and_then(serde_json::Value::as_str).unwrap_or_default()
}
