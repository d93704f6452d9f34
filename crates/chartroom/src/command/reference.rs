//! `chartroom reference`: the code systems at hand. Without a practice, those that are built in.

use super::program;
use crate::cli::Place;
use crate::cli::reference::{DataSet, MaybePlace, ReferenceAct, ReferenceArgs};
use crate::failure::{Failure, Outcome};
use crate::practice;
use clinic::terminology;
use jiff::Zoned;
use jiff::civil::{Date, date};
use reference::icd10cm::{Edition, Icd10cm, Versions, builtin, read_order};
use std::path::Path;

/// Faults that are told one by one.
const TOLD: usize = 20;
/// A larger file is no list of codes: this year's has 14 MB.
const LARGEST: u64 = 64 << 20;

/// Runs it.
///
/// # Errors
/// As [`practice::open`]; a file that cannot be read; [`Failure::REJECTED`] when a line of it cannot be taken.
pub async fn run(args: ReferenceArgs) -> Outcome {
    match args.act {
        ReferenceAct::List { place } => {
            for codes in versions(place).await?.all() {
                println!("{}", line(codes));
            }
        }
        ReferenceAct::Search { set: DataSet::Icd10cm, words, on, limit, place } => {
            let day = on.unwrap_or_else(|| Zoned::now().date());
            search(&versions(place).await?, &words.join(" "), day, limit);
        }
        ReferenceAct::Import { set: DataSet::Icd10cm, file, from, to, name, smaller, place } => {
            let codes = read(&file, edition(from, to, name, &file)?, smaller)?;
            let replaced = keep(&place, &codes).await?;
            println!("{} {}", if replaced { "replaced:" } else { "imported:" }, line(&codes));
        }
    }
    Ok(())
}

async fn versions(place: MaybePlace) -> Outcome<Versions> {
    let Some(place) = place.named() else { return Ok(Versions::default()) };
    let store = practice::open(&place).await?;
    Ok(terminology::icd10cm(store.as_ref(), &program("reference")).await?)
}

/// A data set in one line: what it is, version, dates, count, source.
fn line(codes: &Icd10cm) -> String {
    let Edition { name, from, to, source } = codes.edition();
    let (all, billable) = (codes.len(), codes.billable_count());
    format!("icd10cm\t{name}\t{from} to {to}\t{all} codes, {billable} billable\t{source}")
}

fn search(versions: &Versions, words: &str, day: Date, limit: usize) {
    let answer = versions.on(day);
    let name = &answer.codes.edition().name;
    let state = if answer.in_effect { "in effect on" } else { "not in effect on" };
    println!("{name}, {state} {day}");
    for hit in answer.codes.search(words, &[], limit) {
        let mark = if hit.entry.billable() { "billable" } else { "incomplete" };
        let by = hit.by.map(|by| format!("\t({by})")).unwrap_or_default();
        println!("{}\t{mark}\t{}{by}", hit.entry.code(), hit.entry.words());
    }
}

fn edition(from: Date, to: Option<Date>, name: Option<String>, file: &Path) -> Outcome<Edition> {
    let year = if from.month() >= 10 { from.year().saturating_add(1) } else { from.year() };
    let to = to.unwrap_or_else(|| date(year, 9, 30));
    if to < from {
        return Err(Failure::other(format!("the last day, {to}, is before the first, {from}")));
    }
    let plain = |text: &str| -> String { text.chars().filter(|c| !c.is_control()).collect() };
    let named = plain(&name.unwrap_or_default());
    let name = if named.trim().is_empty() { format!("FY{year}") } else { named.trim().to_owned() };
    let file = plain(&file.file_name().unwrap_or_default().to_string_lossy());
    Ok(Edition { name, from, to, source: format!("CMS order file {file}") })
}

fn read(file: &Path, edition: Edition, smaller: bool) -> Outcome<Icd10cm> {
    let unreadable = |error: std::io::Error| Failure::other(format!("cannot read {}: {error}", file.display()));
    if std::fs::metadata(file).map_err(unreadable)?.len() > LARGEST {
        return Err(Failure::other(format!("{} is too large for a list of codes", file.display())));
    }
    let codes = read_order(edition, &std::fs::read(file).map_err(unreadable)?).map_err(|faults| {
        for fault in faults.iter().take(TOLD) {
            eprintln!("{fault}");
        }
        let text = format!("{} lines of {} cannot be taken: nothing was kept", faults.len(), file.display());
        Failure::new(Failure::REJECTED, text)
    })?;
    let (has, usual) = (codes.len(), builtin().len());
    if has < usual / 10 * 9 && !smaller {
        let text = format!("it has {has} codes, the built-in edition {usual}: was it cut off? If not, add --smaller");
        return Err(Failure::new(Failure::REJECTED, text));
    }
    Ok(codes)
}

async fn keep(place: &Place, codes: &Icd10cm) -> Outcome<bool> {
    let store = practice::open(place).await?;
    let replaced = terminology::keep_icd10cm(store.as_ref(), &program("reference import"), codes).await?;
    store.settle().await?;
    Ok(replaced)
}
