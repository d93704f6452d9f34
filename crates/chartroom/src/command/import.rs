//! `chartroom import`: files of FHIR resources into a practice.

use super::program;
use super::progress::Bar;
use super::remote::Remote;
use crate::cli::{At, ImportArgs, Place};
use crate::failure::{Failure, Outcome};
use crate::practice;
use clinic::Action;
use exchange::import::files::{self, Input};
use exchange::import::{Local, Progress, Rehearsal, Report, Sink};
use std::sync::Arc;
use store::Store;

/// Runs it. The last line on standard output is `imported N, unchanged N, rejected N`.
///
/// # Errors
/// [`Failure::REJECTED`] when something was not taken; as [`practice::open`]; a path that cannot be read.
pub async fn run(args: ImportArgs) -> Outcome {
    let inputs = files::find(&args.paths).map_err(|error| Failure::other(error.to_string()))?;
    if inputs.is_empty() {
        return Err(Failure::other("there are no .json or .ndjson files at these paths"));
    }
    let report = match &args.to {
        Some(url) => {
            let token = args.token_file.as_deref().ok_or_else(|| Failure::other("--to needs --token-file FILE"))?;
            go(Remote::new(url, token)?, &inputs).await?
        }
        None => {
            let at = At { data: args.data.clone(), database: args.database.clone(), postgres: args.postgres.clone() };
            let place = Place {
                at,
                key_file: args.key_file.clone(),
                passphrase_stdin: args.passphrase_stdin,
                recovery_key_stdin: false,
            };
            let store = practice::open(&place).await?;
            let local = local(Arc::clone(&store), "import").await?;
            let report = if args.dry_run { go(Rehearsal::of(local), &inputs).await } else { go(local, &inputs).await };
            store.settle().await?;
            report?
        }
    };
    tell(&report, args.dry_run);
    if report.all.rejected > 0 { Err(Failure::new(Failure::REJECTED, String::new())) } else { Ok(()) }
}

/// The store as a place to import to, acting as the program itself.
pub(super) async fn local(store: Arc<dyn Store>, name: &str) -> Outcome<Local> {
    let caller = program(name);
    let permit = caller.write_practice(Action::WriteClinical)?;
    let number_system = store.practice().await?.unwrap_or_default().record_number_system;
    Ok(Local { store, permit, caller, number_system })
}

async fn go<S: Sink + 'static>(sink: S, inputs: &[Input]) -> Outcome<Report> {
    let mut bar = Bar::new(inputs.iter().map(|input| input.bytes).sum(), "resources");
    let mut watch = |progress: &Progress| bar.set(progress.bytes, progress.resources);
    let report = exchange::import::run(Arc::new(sink), inputs, &mut watch).await;
    bar.finish();
    report.map_err(|error| {
        Failure::other(format!("{error}. What was stored before stays: mend this and run the same import again"))
    })
}

fn tell(report: &Report, dry_run: bool) {
    println!("{:<32}{:>10}{:>10}{:>10}", "type", "imported", "unchanged", "rejected");
    for (kind, tally) in &report.by_kind {
        let name = kind.map_or("(not readable)", fhir::Kind::name);
        println!("{name:<32}{:>10}{:>10}{:>10}", tally.imported, tally.unchanged, tally.rejected);
    }
    if report.all.rejected > 0 {
        println!("What was rejected lies beside its file, with the reasons: *{}", files::REJECTS);
    }
    if report.strays > 0 {
        let strays = report.strays;
        println!(
            "Warning: {strays} name another patient's visit or result. They were taken as they came; which, lies beside the file: *{}",
            files::WARNINGS
        );
    }
    if dry_run {
        println!("This was a dry run: nothing was stored.");
    }
    println!("{}", report.last_line());
}
