//! What a practice of some size weighs, and how long what is done to the whole of it takes: backed up, brought back, checked, indexed anew,
//! copied, started. What is measured is a copy: the practice itself stays as it is.

use crate::import::size;
use crate::report::Report;
use bench::server::{Server, program};
use std::io::{Error, Result};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Where the practice is kept.
pub enum At<'a> {
    /// In this folder.
    Folder(&'a Path),
    /// In this database; an empty one to bring it back into; and the folder with its key.
    Database { url: &'a str, empty: &'a str, folder: &'a Path },
}

/// All of it; the practice is not served meanwhile.
pub fn run(report: &mut Report, at: &At, patients: usize) -> Result<()> {
    match at {
        At::Folder(data) => {
            let place = data.with_extension("growth");
            let _ = std::fs::remove_dir_all(&place);
            let result = folder(report, data, &place, patients);
            let _ = std::fs::remove_dir_all(&place);
            result
        }
        At::Database { url, empty, folder } => database(report, url, empty, folder, patients),
    }
}

fn folder(report: &mut Report, data: &Path, place: &Path, patients: usize) -> Result<()> {
    let (backup, practice, copy) = (place.join("backup"), place.join("practice"), place.join("copy"));
    let key = data.join("demo.key");
    let on = |folder: &Path, act: &str| chartroom(&[act, "--data", &text(folder), "--key-file", &text(&key)]);
    timed(report, "backup, the stopped folder copied and synced", || duplicate(data, &backup))?;
    timed(report, "restore, the backup copied and its audit trail proven", || {
        duplicate(&backup, &practice)?;
        on(&practice, "verify-audit").map(drop)
    })?;
    std::fs::remove_dir_all(&backup)?;
    let said = timed(report, "check", || on(&practice, "check"))?;
    #[allow(clippy::cast_precision_loss, reason = "bytes of a disk")]
    weighed(report, &said, std::fs::metadata(practice.join("practice.db"))?.len() as f64, patients);
    timed(report, "reindex", || on(&practice, "reindex"))?;
    let (from, to, new) = (text(&practice), text(&copy), text(&place.join("copy.key")));
    timed(report, "copied by `chartroom copy`, compared and proven", || {
        chartroom(&["copy", "--from", &from, "--to", &to, "--from-key-file", &text(&key), "--to-key-file", &new])
    })?;
    report.add("folder, files with their reserve", "MB", megabytes(size(&practice)?));
    started(report, &practice, patients, None)
}

fn database(report: &mut Report, url: &str, empty: &str, folder: &Path, patients: usize) -> Result<()> {
    let key = folder.join("demo.key");
    let on = |url: &str, act: &str| chartroom(&[act, "--database", url, "--key-file", &text(&key)]);
    let dump = folder.join("dump");
    timed(report, "backup, pg_dump", || postgres("pg_dump", &["--format=custom", "--file", &text(&dump), url]))?;
    report.add("backup, its file", "MB", megabytes(std::fs::metadata(&dump)?.len()));
    timed(report, "restore, pg_restore and its audit trail proven", || {
        postgres("pg_restore", &["--no-owner", "--dbname", empty, &text(&dump)])?;
        on(empty, "verify-audit").map(drop)
    })?;
    std::fs::remove_file(&dump)?;
    let said = timed(report, "check", || on(empty, "check"))?;
    let bytes = postgres("psql", &["--tuples-only", "--command", "SELECT pg_database_size(current_database())", url])?;
    weighed(report, &said, bytes.trim().parse().unwrap_or(0.0), patients);
    timed(report, "reindex", || on(empty, "reindex"))?;
    started(report, folder, patients, Some(empty))
}

/// Bytes on disk of each resource, against those of its JSON.
fn weighed(report: &mut Report, said: &str, bytes: f64, patients: usize) {
    // `ok: N resources, N versions, N entries`
    let told = said.lines().rev().find_map(|line| line.strip_prefix("ok: "));
    let counts = told.unwrap_or_default().split(", ").filter_map(|part| part.split(' ').next()?.parse::<f64>().ok());
    let [resources, _, entries] = counts.collect::<Vec<_>>()[..] else {
        return report.note("`chartroom check` found something: what each resource takes is not told.");
    };
    // Each read by a person or program is one: those of earlier runs weigh too.
    report.add("audit entries", "", entries);
    report.add("resources", "", resources);
    report.add("on disk each", "B", bytes / resources);
    report.add("on disk against JSON", "×", bytes / resources / json_each(patients));
}

/// Mean bytes of a resource's JSON in the practice as it was made: the large chart in full, of the others the first hundreds.
fn json_each(patients: usize) -> f64 {
    const LOOKED_AT: usize = 400;
    let practice =
        synthetic::Practice::new(synthetic::DEMO_SEED, jiff::Zoned::now().date(), patients, synthetic::Depth::Scale);
    let of = |charts: &mut dyn Iterator<Item = synthetic::PatientChart>| {
        charts.flat_map(|chart| chart.resources).fold((0.0, 0.0), |(count, bytes), resource| {
            #[allow(clippy::cast_precision_loss, reason = "bytes of one resource")]
            (count + 1.0, bytes + resource.to_string().len() as f64)
        })
    };
    let (count, bytes) = of(&mut practice.charts().take(LOOKED_AT));
    #[allow(clippy::cast_precision_loss, reason = "patients")]
    let times = (patients as f64 / LOOKED_AT as f64).max(1.0);
    let (big_count, big_bytes) = of(&mut practice.big_chart());
    (bytes * times + big_bytes) / (count * times + big_count)
}

fn started(report: &mut Report, folder: &Path, patients: usize, database: Option<&str>) -> Result<()> {
    for _ in 0..2 {
        let server = Server::start(folder, patients, database)?;
        report.add("start, practice there", "s", server.ready_after.as_secs_f64());
    }
    Ok(())
}

fn timed<T>(report: &mut Report, name: &str, act: impl FnOnce() -> Result<T>) -> Result<T> {
    let begun = Instant::now();
    let done = act()?;
    report.add(name, "s", begun.elapsed().as_secs_f64());
    Ok(done)
}

/// Runs the program and gives what it says.
pub fn chartroom(arguments: &[&str]) -> Result<String> {
    said(Command::new(program()?).args(arguments))
}

fn postgres(name: &str, arguments: &[&str]) -> Result<String> {
    said(Command::new(test_postgres::program(name).map_err(Error::other)?).args(arguments))
}

fn said(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    // What `check` finds is told, and ends nothing here.
    if output.status.success() || output.status.code() == Some(11) {
        Ok(out.into_owned())
    } else {
        Err(Error::other(err.into_owned()))
    }
}

/// Copies a stopped practice's files, each on the disk before it counts.
pub fn duplicate(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        // Snapshots before an upgrade are backups themselves.
        if entry.file_name().to_string_lossy().starts_with("before-schema") {
            continue;
        }
        let file = to.join(entry.file_name());
        std::fs::copy(entry.path(), &file)?;
        std::fs::File::open(&file)?.sync_all()?;
    }
    Ok(())
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

#[allow(clippy::cast_precision_loss, reason = "bytes of a disk")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
