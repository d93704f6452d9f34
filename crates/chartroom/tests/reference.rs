//! `chartroom reference`, as it is run.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chartroom"));
    command.args(args).env("CHARTROOM_KEY_FILE", folder.join("key")).env_remove("CHARTROOM_LOG");
    command.output().expect("runs")
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A folder with an order file of two codes.
fn order_file() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("icd10cm_order_2027.txt");
    let line = |n: u32, code: &str, flag: u8, words: &str| format!("{n:05} {code:<7} {flag} {words:<60} {words}\n");
    std::fs::write(&file, line(1, "A00", 0, "Cholera") + &line(2, "A001", 1, "Cholera of a new kind")).unwrap();
    (folder, file)
}

#[test]
fn without_a_practice_the_built_in_edition_answers() {
    let nowhere = tempfile::tempdir().unwrap();
    let list = said(&run(nowhere.path(), &["reference", "list"]));
    assert!(list.contains("FY2026, April 2026\t2026-04-01 to 2026-09-30\t98186 codes, 74719 billable"), "{list}");
    let found =
        said(&run(nowhere.path(), &["reference", "search", "icd10cm", "heart", "attack", "--on", "2026-05-01"]));
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(lines[0], "FY2026, April 2026, in effect on 2026-05-01");
    assert_eq!(lines[1], "I21.9\tbillable\tAcute myocardial infarction, unspecified\t(heart attack)");
    let early = said(&run(nowhere.path(), &["reference", "search", "icd10cm", "gout", "--on", "2020-01-01"]));
    assert!(early.starts_with("FY2026, April 2026, not in effect on 2020-01-01\n"), "{early}");
}

/// `at` names the practice.
fn is_kept_and_answers_for_its_days(folder: &Path, file: &Path, at: &[&str]) {
    let run = |args: &[&str]| run(folder, &[args, at].concat());
    said(&run(&["init"]));
    let file = file.display().to_string();
    let import = |more: &[&str]| {
        run(&[["reference", "import", "icd10cm", &file, "--from", "2026-10-01"].as_slice(), more].concat())
    };
    // A file that was cut off is not taken for a year's codes.
    assert_eq!(import(&[]).status.code(), Some(3));
    let line = said(&import(&["--smaller"]));
    assert!(line.starts_with("imported: icd10cm\tFY2027\t2026-10-01 to 2027-09-30\t2 codes, 1 billable\t"), "{line}");
    let list = || said(&run(&["reference", "list"]));
    assert_eq!(list().lines().count(), 2);
    let search = |day| said(&run(&["reference", "search", "icd10cm", "cholera", "--on", day]));
    let later = search("2026-12-24");
    assert!(later.starts_with("FY2027, in effect on 2026-12-24\n"), "{later}");
    assert!(later.contains("\nA00.1\tbillable\tCholera of a new kind\n"), "{later}");
    assert!(search("2026-09-30").starts_with("FY2026, April 2026, in effect"));
    // Again: it takes the place of the first.
    let line = said(&import(&["--smaller", "--name", "FY2027 corrected"]));
    assert!(line.starts_with("replaced: icd10cm\tFY2027 corrected\t"), "{line}");
    assert_eq!(list().lines().count(), 2);
    assert!(list().contains("FY2027 corrected"));
    said(&run(&["check"]));
}

#[test]
fn an_imported_edition_is_kept_in_a_folder_and_answers_for_its_days() {
    let (folder, file) = order_file();
    let data = folder.path().join("practice").display().to_string();
    is_kept_and_answers_for_its_days(folder.path(), &file, &["--data", &data]);
}

#[test]
fn an_imported_edition_is_kept_in_a_database_and_answers_for_its_days() {
    let Some(database) = test_postgres::database() else { return };
    let (folder, file) = order_file();
    is_kept_and_answers_for_its_days(folder.path(), &file, &["--database", database.url()]);
}

#[test]
fn a_bad_line_is_named_and_nothing_is_kept() {
    let (folder, file) = order_file();
    let data = folder.path().join("practice").display().to_string();
    said(&run(folder.path(), &["init", "--data", &data]));
    let good = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{good}\nnot a code at all\n{good}")).unwrap();
    let file = file.display().to_string();
    let args = ["reference", "import", "icd10cm", &file, "--from", "2026-10-01", "--smaller", "--data", &data];
    let output = run(folder.path(), &args);
    assert_eq!(output.status.code(), Some(3));
    let told = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[0].starts_with("line 4: columns 1–5"), "{told}");
    assert!(lines[1].starts_with("line 5: the code came before") && lines[3].contains("nothing was kept"), "{told}");
    assert_eq!(said(&run(folder.path(), &["reference", "list", "--data", &data])).lines().count(), 1);
    let backwards = [&args[..], &["--to", "2026-01-01"]].concat();
    assert_eq!(run(folder.path(), &backwards).status.code(), Some(1));
}
