//! The trail as a table for a spreadsheet (RFC 4180), in which nothing is taken for a formula.

use super::commands::Row;

const HEAD: &str =
    "sequence,time (UTC),user,role,action,outcome,record numbers,patient ids,entries,detail,reason,address\r\n";

/// The table, head first.
#[must_use]
pub fn table(rows: &[Row]) -> String {
    let mut text = HEAD.to_owned();
    for row in rows {
        text.push_str(&line(row));
    }
    text
}

fn line(row: &Row) -> String {
    let entry = &row.recorded.entry;
    let numbers: Vec<&str> =
        row.patients.iter().filter_map(|(_, who)| who.as_ref()).map(|who| who.record_number.as_str()).collect();
    let ids: Vec<&str> = entry.patients.iter().map(fhir::PatientId::as_str).collect();
    let what: Vec<String> = entry.what.iter().map(|(key, version)| format!("{key}/{version}")).collect();
    let cells = [
        row.recorded.sequence.to_string(),
        entry.at.to_string(),
        entry.actor.name.clone(),
        entry.actor.role.map_or("", store::Role::slug).to_owned(),
        entry.action.clone(),
        entry.outcome.slug().to_owned(),
        numbers.join(" "),
        ids.join(" "),
        what.join(" "),
        entry.detail.clone(),
        entry.why.clone(),
        entry.from.map(|from| from.to_string()).unwrap_or_default(),
    ];
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    cells.join(",") + "\r\n"
}

/// One cell, quoted; one that a spreadsheet would take for a formula begins with an apostrophe
/// (OWASP, “CSV Injection”: `=`, `+`, `-`, `@`, tab, carriage return).
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let mark = if formula { "'" } else { "" };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_taken_for_a_formula_or_a_new_cell() {
        assert_eq!(cell("=HYPERLINK(\"http://x\")"), "\"'=HYPERLINK(\"\"http://x\"\")\"");
        assert_eq!(cell("a,\"b\"\r\nc"), "\"a,\"\"b\"\"\r\nc\"");
        for start in ["+1", "-1", "@a", "\t=1", "\r=1"] {
            assert!(cell(start).starts_with("\"'"), "{start:?}");
        }
        assert_eq!(cell("chart.read"), "\"chart.read\"");
    }
}
