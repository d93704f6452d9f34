//! The measurements of docs/performance.md, taken over real HTTP on loopback from the program as it is shipped: encryption, audit,
//! validation and full durability on. `cargo xtask bench [NAME…] [--patients N] [--data DIR] [--engine sqlite|postgres] [--json FILE]`, and
//! `cargo xtask bench compare A.json B.json`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a measuring tool talks on its terminal")]

mod audit;
mod chart;
mod compare;
mod day;
mod deeper;
mod encryption;
mod fhir;
mod find;
mod growth;
mod import;
mod ingest;
mod mixes;
mod practice;
mod report;
mod work;

use clap::{Parser, ValueEnum};
use practice::Practice;
use report::Report;
use std::io::Result;
use std::path::PathBuf;
use std::process::ExitCode;

/// Measures the release build.
#[derive(Parser)]
struct Arguments {
    /// What to measure: chart, find, fhir, mixes, work, ingest, growth, import, encryption, audit (all when none is named); or `compare`
    /// and two files that `--json` wrote.
    names: Vec<String>,
    /// Patients in the practice measured.
    #[arg(long, default_value_t = 1000)]
    patients: usize,
    /// Where the practice is kept, so that the next run finds it ready; with `--engine postgres` what is there is copied to the database.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Where the record is kept: in the encrypted file, or in a PostgreSQL server started for this run.
    #[arg(long, value_enum, default_value = "sqlite")]
    engine: Engine,
    /// Also write the figures to this file, for comparing runs.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// A database under measure.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engine {
    Sqlite,
    Postgres,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let [act, first, second] = arguments.names.as_slice()
        && act == "compare"
    {
        return match compare::table(first, second) {
            Ok(table) => {
                println!("{table}");
                ExitCode::SUCCESS
            }
            Err(error) => fail(&error),
        };
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    match runtime.block_on(measure(&arguments)) {
        Ok(report) => {
            println!("\n{}", report.markdown());
            match arguments.json.as_ref().map(|file| std::fs::write(file, report.json())) {
                Some(Err(error)) => fail(&error),
                _ => ExitCode::SUCCESS,
            }
        }
        Err(error) => fail(&error),
    }
}

fn fail(error: &std::io::Error) -> ExitCode {
    eprintln!("{error}");
    ExitCode::FAILURE
}

/// What is measured on a server, in this order: what only reads before what writes.
const SERVED: [&str; 6] = ["chart", "find", "fhir", "mixes", "ingest", "work"];
/// What is measured otherwise.
const APART: [&str; 4] = ["growth", "import", "encryption", "audit"];

async fn measure(arguments: &Arguments) -> Result<Report> {
    let known = |name: &String| SERVED.iter().chain(&APART).any(|known| known == name);
    if let Some(unknown) = arguments.names.iter().find(|name| !known(name)) {
        let names = [SERVED.as_slice(), &APART].concat().join(", ");
        return Err(std::io::Error::other(format!("there is no bench `{unknown}`: {names}, compare")));
    }
    let wanted = |name: &str| arguments.names.is_empty() || arguments.names.iter().any(|n| n == name);
    // The program itself is built as a dependency of nothing: say it once here.
    let built = std::process::Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
        .args(["build", "--quiet", "--release", "--package", "chartroom"])
        .status()?;
    if !built.success() {
        return Err(std::io::Error::other("the program does not build"));
    }
    let default = || std::env::temp_dir().join(format!("chartroom-bench-{}", arguments.patients));
    let data = arguments.data.clone().unwrap_or_else(default);
    let postgres = arguments.engine == Engine::Postgres;
    let mut practice = Practice::new(data, arguments.patients, postgres)?;
    let mut report = Report::new(arguments.patients, postgres);
    if wanted("import") {
        import::run(&mut report, practice.database("import")?.as_deref())?;
    }
    // These two measure the file's engine itself.
    if wanted("encryption") && !postgres {
        encryption::run(&mut report)?;
    }
    if wanted("audit") && !postgres {
        audit::run(&mut report)?;
    }
    if SERVED.into_iter().any(wanted) || wanted("growth") {
        let server = practice.serve(&mut report)?;
        for name in SERVED.into_iter().filter(|name| wanted(name)) {
            match name {
                "chart" => chart::run(&mut report, &server).await?,
                "find" => find::run(&mut report, &server, arguments.patients).await?,
                "fhir" => fhir::run(&mut report, &server).await?,
                "mixes" => mixes::run(&mut report, &server).await?,
                "ingest" => ingest::run(&mut report, &server).await?,
                _ => work::run(&mut report, &server, arguments.patients).await?,
            }
            report.add(&format!("resident memory, after {name}"), "MB", server.memory().0);
        }
        report.add("resident memory, at most", "MB", server.memory().1);
    }
    if wanted("growth") {
        practice.growth(&mut report)?;
    }
    Ok(report)
}
