//! How fast a practice takes in bundles, and how large it then is on disk.

use crate::report::Report;
use bench::server::program;
use std::io::{Error, Result};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// So many charts, at the demo's depth.
const CHARTS: usize = 400;

/// Writes bundles, then times `init` and `import` on an empty practice.
pub fn run(report: &mut Report, database: Option<&str>) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("chartroom-bench-import-{}", std::process::id()));
    let result = measure(report, &folder, database);
    let _ = std::fs::remove_dir_all(&folder);
    result
}

fn measure(report: &mut Report, folder: &Path, database: Option<&str>) -> Result<()> {
    let bundles = folder.join("bundles");
    std::fs::create_dir_all(&bundles)?;
    let practice =
        synthetic::Practice::new(synthetic::DEMO_SEED, jiff::Zoned::now().date(), CHARTS, synthetic::Depth::Demo);
    let (mut resources, mut bytes) = (practice.directory().len(), 0);
    let directory = synthetic::transaction(practice.directory()).to_string();
    bytes += directory.len();
    std::fs::write(bundles.join("0000.json"), directory)?;
    for (i, chart) in practice.charts().enumerate() {
        resources += chart.resources.len();
        let bundle = synthetic::transaction(chart.resources).to_string();
        bytes += bundle.len();
        std::fs::write(bundles.join(format!("{:04}.json", i + 1)), bundle)?;
    }
    let (data, key) = (folder.join("data"), folder.join("key"));
    let chartroom = |arguments: &[&str]| -> Result<()> {
        let mut command = Command::new(program()?);
        command.args(arguments).arg("--key-file").arg(&key);
        match database {
            Some(url) => command.args(["--database", url]),
            None => command.arg("--data").arg(&data),
        };
        let status = command.output()?;
        if status.status.success() {
            Ok(())
        } else {
            Err(Error::other(String::from_utf8_lossy(&status.stderr).into_owned()))
        }
    };
    chartroom(&["init"])?;
    let empty = if database.is_none() { size(&data)? } else { 0 };
    let begun = Instant::now();
    chartroom(&["import", &bundles.display().to_string()])?;
    #[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    {
        let resources = resources as f64;
        report.add("import, resources", "", resources);
        report.add("import, JSON each", "B", bytes as f64 / resources);
        report.add("import, rate", "resources/s", resources / begun.elapsed().as_secs_f64());
        if database.is_none() {
            let disk = (size(&data)? - empty) as f64;
            report.add("import, on disk each", "B", disk / resources);
            report.add("import, on disk against JSON", "×", disk / bytes as f64);
        }
    }
    Ok(())
}

/// Bytes of a folder's files.
pub fn size(folder: &Path) -> Result<u64> {
    let mut total = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let facts = entry.metadata()?;
        total += if facts.is_dir() { size(&entry.path())? } else { facts.len() };
    }
    Ok(total)
}
