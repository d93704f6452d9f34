//! `chartroom check` and `chartroom reindex`: whether what is kept agrees with itself, and making anew what follows from it.

use super::progress::Bar;
use crate::cli::{CheckArgs, Place};
use crate::failure::{Failure, Outcome};
use crate::{keys, practice};
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError};
use store::upkeep::{Finding, Mended, Progress, Report};

/// Checks. Without `--repair` it reads one snapshot, also of a practice that is open.
///
/// # Errors
/// [`Failure::UNSOUND`] when something is not as it must be and stays so; as [`practice::open`]; when the database cannot be read.
pub async fn run(args: &CheckArgs) -> Outcome {
    let kept = args.place.at.kept()?;
    kept.folder().map_or(Ok(()), practice::ready)?;
    let (bar, progress) = watched("versions");
    let report = kept.check(&keys::secret(&args.place)?, args.repair, progress).await;
    bar.lock().unwrap_or_else(PoisonError::into_inner).finish();
    let report = report?;
    let left = report.count(Mended::Possible) + report.count(Mended::Never);
    if args.json {
        println!("{}", as_json(&report));
    } else {
        tell(&report, left);
    }
    if left == 0 { Ok(()) } else { Err(Failure::new(Failure::UNSOUND, "")) }
}

/// Makes every index anew. The last line is `reindexed N`.
///
/// # Errors
/// As [`practice::open`]; what the store says.
pub async fn reindex(place: &Place) -> Outcome {
    let kept = place.at.kept()?;
    kept.folder().map_or(Ok(()), practice::ready)?;
    let (bar, progress) = watched("resources");
    let done = kept.reindex(&keys::secret(place)?, progress).await;
    bar.lock().unwrap_or_else(PoisonError::into_inner).finish();
    println!("reindexed {}", done?);
    Ok(())
}

fn watched(what: &'static str) -> (Arc<Mutex<Bar>>, Progress) {
    let bar = Arc::new(Mutex::new(Bar::new(1, what)));
    let told = Arc::clone(&bar);
    let progress = move |done, of| told.lock().unwrap_or_else(PoisonError::into_inner).set_of(done, of);
    (bar, Arc::new(progress))
}

fn tell(report: &Report, left: usize) {
    for Finding { what, mended } in &report.findings {
        println!("{}: {what}", word(*mended));
    }
    let Report { resources, versions, entries, findings } = report;
    if findings.is_empty() {
        println!("ok: {resources} resources, {versions} versions, {entries} entries");
    } else {
        println!("{} findings, {} mended, {left} left", findings.len(), report.count(Mended::Done));
    }
}

fn as_json(report: &Report) -> serde_json::Value {
    let findings = report.findings.iter().map(|it| json!({"what": it.what, "mended": word(it.mended)}));
    json!({"resources": report.resources, "versions": report.versions, "entries": report.entries,
        "findings": findings.collect::<Vec<_>>()})
}

fn word(mended: Mended) -> &'static str {
    match mended {
        Mended::Done => "mended",
        Mended::Possible => "can be mended (--repair)",
        Mended::Never => "lost",
    }
}
