//! The measurements of docs/performance.md, taken over real HTTP on loopback from the program as it is shipped: encryption, audit,
//! validation and full durability on. `cargo xtask bench [NAME…] [--patients N] [--json FILE]`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a measuring tool talks on its terminal")]

mod chart;
mod deeper;
mod encryption;
mod fhir;
mod find;
mod import;
mod report;

use bench::server::Server;
use clap::{Parser, ValueEnum};
use report::Report;
use std::io::Result;
use std::path::PathBuf;
use std::process::ExitCode;

/// Measures the release build.
#[derive(Parser)]
struct Arguments {
    /// What to measure: chart, find, fhir, import, encryption (all when none is named).
    names: Vec<String>,
    /// Patients in the practice measured.
    #[arg(long, default_value_t = 1000)]
    patients: usize,
    /// Where the practice is kept, so that the next run finds it ready.
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

async fn measure(arguments: &Arguments) -> Result<Report> {
    const NAMES: [&str; 5] = ["chart", "find", "fhir", "import", "encryption"];
    if let Some(unknown) = arguments.names.iter().find(|name| !NAMES.contains(&name.as_str())) {
        return Err(std::io::Error::other(format!("there is no bench `{unknown}`: {}", NAMES.join(", "))));
    }
    let wanted = |name: &str| arguments.names.is_empty() || arguments.names.iter().any(|n| n == name);
    // The program itself is built as a dependency of nothing: say it once here.
    let built = std::process::Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
        .args(["build", "--quiet", "--release", "--package", "chartroom"])
        .status()?;
    if !built.success() {
        return Err(std::io::Error::other("the program does not build"));
    }
    let data = arguments
        .data
        .clone()
        .unwrap_or_else(|| std::env::temp_dir().join(format!("chartroom-bench-{}", arguments.patients)));
    let mut report = Report::new(arguments.patients, arguments.engine == Engine::Postgres);
    // A practice on PostgreSQL lives as long as its server: the folder beside it is of this run alone.
    let postgres = match arguments.engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some(OnPostgres::start()?),
    };
    let data = postgres.as_ref().map_or(data, |postgres| postgres.folder.path().join("practice"));
    let database = |name| postgres.as_ref().map(|postgres| postgres.database(name)).transpose();
    if wanted("import") {
        import::run(&mut report, database("import")?.as_deref())?;
    }
    if wanted("encryption") && postgres.is_none() {
        encryption::run(&mut report)?;
    }
    let demo = if wanted("chart") || wanted("find") || wanted("fhir") { database("demo")? } else { None };
    let demo = demo.as_deref();
    if wanted("chart") || wanted("find") || wanted("fhir") {
        let fresh = !data.exists();
        let server = Server::start(&data, arguments.patients, demo)?;
        report.add(
            if fresh { "first start, practice made" } else { "start, practice there" },
            "s",
            server.ready_after.as_secs_f64(),
        );
        if fresh {
            drop(server);
            let again = Server::start(&data, arguments.patients, demo)?;
            report.add("start, practice there", "s", again.ready_after.as_secs_f64());
            on_a_server(&mut report, &again, arguments, wanted).await?;
        } else {
            on_a_server(&mut report, &server, arguments, wanted).await?;
        }
    }
    Ok(report)
}

async fn on_a_server(
    report: &mut Report,
    server: &Server,
    arguments: &Arguments,
    wanted: impl Fn(&str) -> bool,
) -> Result<()> {
    report.add("resident memory, idle", "MB", server.memory().0);
    if wanted("chart") {
        chart::run(report, server).await?;
    }
    if wanted("find") {
        find::run(report, server, arguments.patients).await?;
    }
    if wanted("fhir") {
        fhir::run(report, server).await?;
    }
    report.add("resident memory, after the run", "MB", server.memory().0);
    report.add("resident memory, at most", "MB", server.memory().1);
    Ok(())
}

/// A PostgreSQL server with this run's databases, and the folder of the demo's key.
struct OnPostgres {
    server: test_postgres::Server,
    folder: tempfile::TempDir,
}

impl OnPostgres {
    fn start() -> Result<Self> {
        let server = test_postgres::Server::start().map_err(std::io::Error::other)?;
        Ok(Self { server, folder: tempfile::tempdir()? })
    }

    /// Makes an empty database.
    fn database(&self, name: &str) -> Result<String> {
        self.server.create(name).map_err(std::io::Error::other)
    }
}
