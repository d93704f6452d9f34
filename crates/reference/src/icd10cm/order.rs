//! The order file that CMS publishes each year (`icd10cm_order_YYYY.txt`): fixed columns, one code a line.
//!
//! Order number (columns 1–5), code without dot (7–13), whether it is billable (15: 1 or 0), short words (17–76), long words (78 to the
//! end). The file has neither inclusion terms nor notes: those of the built-in edition stand in where a code says the same in both.

use super::code::Code;
use super::pack::Row;
use super::{Edition, Icd10cm, builtin};
use std::collections::HashMap;

/// A line that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Fault {
    /// Counted from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

/// Reads a whole order file.
///
/// # Errors
/// Every line that cannot be taken; then nothing is made of the file.
pub fn read_order(edition: Edition, file: &[u8]) -> Result<Icd10cm, Vec<Fault>> {
    let (mut rows, mut faults, mut seen) = (Vec::new(), Vec::new(), HashMap::new());
    for (line, bytes) in (1..).zip(file.split(|byte| *byte == b'\n')) {
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match read_line(bytes) {
            Ok((code, row)) => {
                if seen.insert(code, (line, row.billable)).is_some() {
                    faults.push(Fault { line, what: "the code came before" });
                }
                rows.push(row);
            }
            Err(what) => faults.push(Fault { line, what }),
        }
    }
    for (code, (line, _)) in &seen {
        let mut above = code.shorter();
        while let Some(shorter) = above.filter(|it| !seen.contains_key(it)) {
            above = shorter.shorter();
        }
        match above.and_then(|above| seen.get(&above)) {
            None if code.length() > 3 => faults.push(Fault { line: *line, what: "its category is missing" }),
            Some((_, true)) => faults.push(Fault { line: *line, what: "it stands below a billable code" }),
            _ => {}
        }
    }
    if rows.is_empty() && faults.is_empty() {
        faults.push(Fault { line: 0, what: "there is no code in the file" });
    }
    if !faults.is_empty() {
        faults.sort_by_key(|fault| fault.line);
        return Err(faults);
    }
    let notes = carried(&rows);
    Icd10cm::of(edition, rows, &notes).map_err(|_| vec![Fault { line: 0, what: "a description is too long" }])
}

fn read_line(bytes: &[u8]) -> Result<(Code, Row), &'static str> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8 text")?;
    if text.chars().any(char::is_control) {
        return Err("it has a control character");
    }
    let column = |from: usize, to: usize| text.get(from - 1..to.min(text.len())).map(str::trim);
    let number = column(1, 5).unwrap_or_default();
    if number.len() != 5 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("columns 1–5 are not an order number");
    }
    let code = column(7, 13).filter(|code| !code.contains('.')).and_then(Code::parse);
    let code = code.ok_or("columns 7–13 are not a code without its dot")?;
    let billable = match column(15, 15) {
        Some("1") => true,
        Some("0") => false,
        _ => return Err("column 15 is neither 0 nor 1"),
    };
    let short = column(17, 76).filter(|words| !words.is_empty()).ok_or("columns 17–76 have no short words")?;
    let long = column(78, usize::MAX).filter(|words| !words.is_empty()).ok_or("there are no long words")?;
    Ok((code, Row { code: code.bare().to_owned(), billable, long: long.to_owned(), short: short.to_owned() }))
}

/// The built-in edition's headings, and its notes at codes that say the same here.
fn carried(rows: &[Row]) -> String {
    let here: HashMap<&str, &str> = rows.iter().map(|row| (row.code.as_str(), row.long.as_str())).collect();
    let known = builtin();
    let same = |place: &str| {
        let Some(words) = here.get(place) else { return false };
        known.get(place).is_some_and(|entry| entry.words() == *words)
    };
    let lines = known.notes.text().split_inclusive('\n').filter(|line| {
        let mut parts = line.split('\t');
        let (place, letter) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        place == "." || matches!(letter, "C" | "B") || same(place)
    });
    lines.collect()
}
