//! `cargo xtask icd10cm CODES.tsv.gz TABULAR.xml.gz`: makes the edition of ICD-10-CM that `reference` carries from its publications.
//!
//! CODES: a table of code, billable, category, long words, short words, inclusion terms (the last is read from TABULAR instead).
//! TABULAR: the tabular list as the National Center for Health Statistics publishes it. Both are in the public domain.

use flate2::read::GzDecoder;
use reference::icd10cm::{Edition, Icd10cm, NoteKind, pack::Row};
use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;

const PACK: &str = "crates/reference/data/icd10cm/icd10cm.bin.gz";

/// Writes the pack.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let [codes, tabular] = arguments else {
        return Err("name two files: cargo xtask icd10cm CODES.tsv.gz TABULAR.xml.gz".to_owned());
    };
    let made = make(Path::new(codes), Path::new(tabular))?;
    std::fs::write(PACK, &made).map_err(|e| format!("cannot write {PACK}: {e}"))?;
    println!("{PACK}: {} bytes", made.len());
    Ok(())
}

fn make(codes: &Path, tabular: &Path) -> Result<Vec<u8>, String> {
    let edition = Edition {
        name: "FY2026, April 2026".to_owned(),
        from: jiff::civil::date(2026, 4, 1),
        to: jiff::civil::date(2026, 9, 30),
        source: "NCHS and CMS, ICD-10-CM FY2026, update of April 1, 2026 (public domain)".to_owned(),
    };
    let rows = rows(&unpacked(codes)?)?;
    let made = Icd10cm::of(edition, rows, &notes(&unpacked(tabular)?)).map_err(|e| e.to_string())?;
    made.pack().map_err(|e| e.to_string())
}

fn unpacked(path: &Path) -> Result<String, String> {
    let named = |e: std::io::Error| format!("cannot read {}: {e}", path.display());
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(path).map_err(named)?).read_to_string(&mut text).map_err(named)?;
    Ok(text)
}

fn rows(table: &str) -> Result<Vec<Row>, String> {
    let read = |line: &str| {
        let mut columns = line.split('\t');
        let (code, billable) = (columns.next()?, columns.next()?);
        let (long, short) = (columns.nth(1)?, columns.next()?);
        // New codes have no short words in the table yet.
        let short = if short.is_empty() { long } else { short };
        Some(Row { code: code.into(), billable: billable == "1", long: long.into(), short: short.into() })
    };
    let lines = table.lines().skip(1);
    lines.map(|line| read(line).ok_or_else(|| format!("cannot read the line `{line}`"))).collect()
}

/// The notes as the pack wants them. The tabular list is plain: no attribute is needed, and `&lt;` is its one entity besides `&amp;`.
fn notes(tabular: &str) -> String {
    let mut out = String::new();
    // Where the reader is: the open elements, and the last name of a code.
    let mut open: Vec<&str> = Vec::new();
    let mut place = String::new();
    let mut pieces = tabular.split('<').skip(1);
    for piece in &mut pieces {
        let Some((tag, text)) = piece.split_once('>') else { continue };
        if tag.starts_with(['?', '!']) || tag.ends_with('/') {
            continue;
        }
        if tag.starts_with('/') {
            open.pop();
            continue;
        }
        open.push(tag.split_whitespace().next().unwrap_or_default());
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let line = match open.as_slice() {
            [.., "diag", "name"] => {
                place = text.replace('.', "");
                None
            }
            [_, "chapter", "desc"] => heading(&text, 'C', &mut place),
            [_, "chapter", "section", "desc"] => heading(&text, 'B', &mut place),
            [.., owner, "note"] => kind(owner).map(|kind| format!("{place}\t{}\t{text}", kind.letter())),
            _ => None,
        };
        if let Some(line) = line.filter(|_| !text.is_empty()) {
            let _ = writeln!(out, "{line}");
        }
    }
    out
}

/// `Neoplasms (C00-D49)`: its notes follow it, and are of `.`.
fn heading(text: &str, letter: char, place: &mut String) -> Option<String> {
    let (title, range) = text.strip_suffix(')')?.rsplit_once('(')?;
    ".".clone_into(place);
    Some(format!("{range}\t{letter}\t{}", title.trim()))
}

fn kind(element: &str) -> Option<NoteKind> {
    Some(match element {
        "inclusionTerm" => NoteKind::Inclusion,
        "includes" => NoteKind::Includes,
        "excludes1" => NoteKind::Excludes1,
        "excludes2" => NoteKind::Excludes2,
        "codeFirst" => NoteKind::CodeFirst,
        "useAdditionalCode" => NoteKind::UseAdditional,
        "codeAlso" => NoteKind::CodeAlso,
        "notes" => NoteKind::Other,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pack_is_what_its_publications_make() {
        let Some(folder) = std::env::var_os("CHARTROOM_ICD10CM_SOURCES") else {
            eprintln!("skipped: CHARTROOM_ICD10CM_SOURCES does not name the folder of ICD-10-CM's publications");
            return;
        };
        let folder = Path::new(&folder);
        let codes = folder.join("icd10cm_fy2026_derived.tsv.gz");
        let made = make(&codes, &folder.join("icd10c-tabular-April-1-2026.xml.gz")).unwrap();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(PACK);
        assert!(made == std::fs::read(shipped).unwrap(), "remake it with `cargo xtask icd10cm`");
    }

    #[test]
    fn notes_stand_where_the_tabular_list_has_them() {
        let list = "<?xml version=\"1.0\"?><L><chapter><name>4</name><desc>Endocrine diseases (E00-E89)</desc>\
            <excludes1><note>signs (R00-R94)</note></excludes1>\
            <section id=\"E08-E13\"><desc>Diabetes mellitus (E08-E13)</desc><diag><name>E10</name><desc>Type 1</desc>\
            <excludes1><note>type 2 (E11.-)</note></excludes1><diag><name>E10.6</name><desc>x</desc>\
            <codeFirst><note>if &lt; 5</note></codeFirst></diag></diag></section></chapter></L>";
        let expected = "E00-E89\tC\tEndocrine diseases\n.\t1\tsigns (R00-R94)\nE08-E13\tB\tDiabetes mellitus\n\
            E10\t1\ttype 2 (E11.-)\nE106\tf\tif < 5\n";
        assert_eq!(notes(list), expected);
    }
}
