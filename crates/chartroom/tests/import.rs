//! The import command as it is typed: cut short by kill -9, gone on with; exit codes; its last line.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::process::{Command, Stdio};
use synthetic::{Depth, Practice, transaction};

struct Ran {
    code: Option<i32>,
    out: String,
}

impl Ran {
    fn last_line(&self) -> &str {
        self.out.lines().last().unwrap_or_default()
    }
}

fn chartroom(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chartroom"));
    command.current_dir(folder).env("CHARTROOM_KEY_FILE", folder.join("key")).args(args);
    command
}

fn ran(folder: &Path, args: &[&str]) -> Ran {
    let output = chartroom(folder, args).output().expect("the program");
    Ran { code: output.status.code(), out: String::from_utf8(output.stdout).expect("UTF-8") }
}

/// A practice without anything in it, and bundles to import: the directory's first by name.
fn set_up(folder: &Path, patients: usize) -> usize {
    assert_eq!(ran(folder, &["init", "--data", "p"]).code, Some(0));
    let made = Practice::new(3, jiff::civil::date(2026, 11, 22), patients, Depth::Scale);
    std::fs::create_dir(folder.join("in")).expect("a folder");
    let directory = made.directory();
    let mut resources = directory.len();
    let write = |name: String, body: &serde_json::Value| std::fs::write(folder.join("in").join(name), body.to_string());
    write("000.json".to_owned(), &transaction(directory)).expect("a file");
    for (index, chart) in made.charts().enumerate() {
        resources += chart.resources.len();
        write(format!("{:03}.json", index + 1), &transaction(chart.resources)).expect("a file");
    }
    resources
}

#[test]
fn an_import_that_is_killed_goes_on_where_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let resources = set_up(folder, 60);
    let mut import = chartroom(folder, &["import", "--data", "p", "in"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program");
    // As soon as some of it is on disk.
    let written = || -> u64 {
        let files = std::fs::read_dir(folder.join("p")).into_iter().flatten().flatten();
        files.filter_map(|file| file.metadata().ok()).map(|about| about.len()).sum()
    };
    let before = written();
    while written() < before + 300_000 && import.try_wait().expect("the program").is_none() {
        std::thread::yield_now();
    }
    import.kill().expect("a kill");
    import.wait().expect("the program");

    let second = ran(folder, &["import", "--data", "p", "in"]);
    assert_eq!(second.code, Some(0), "{}", second.out);
    let counts: Vec<usize> =
        second.last_line().split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect();
    assert_eq!((counts[0] + counts[1], counts[2]), (resources, 0), "{}", second.last_line());
    let third = ran(folder, &["import", "--data", "p", "in"]);
    assert_eq!(third.last_line(), format!("imported 0, unchanged {resources}, rejected 0"));
    let verified = ran(folder, &["verify-audit", "--data", "p"]);
    assert_eq!(verified.code, Some(0), "{}", verified.out);
}

#[test]
fn exit_codes_say_how_it_went() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let resources = set_up(folder, 1);
    let dry = ran(folder, &["import", "--data", "p", "in", "--dry-run"]);
    assert_eq!((dry.code, dry.last_line()), (Some(0), &*format!("imported {resources}, unchanged 0, rejected 0")));
    std::fs::write(folder.join("in/bad.ndjson"), "{\"resourceType\":\"Patient\",\"gender\":\"F\"}\n").expect("a file");
    let rejected = ran(folder, &["import", "--data", "p", "in"]);
    assert_eq!(
        (rejected.code, rejected.last_line()),
        (Some(3), &*format!("imported {resources}, unchanged 0, rejected 1"))
    );
    assert!(folder.join("in/bad.ndjson.rejects.ndjson").exists());
    assert_eq!(ran(folder, &["import", "--data", "p", "nothing-here"]).code, Some(1));
    assert_eq!(ran(folder, &["import", "--data", "elsewhere", "in"]).code, Some(5));
    assert_eq!(ran(folder, &["import", "in"]).code, Some(2));
}

/// A served practice that ends with the test.
struct Served(std::process::Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _ended_already = self.0.wait();
    }
}

#[test]
fn a_running_practice_takes_the_same_import() {
    use std::io::{BufRead as _, BufReader};
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let resources = set_up(folder, 3);
    let token = ran(folder, &["token", "create", "--data", "p", "--name", "import", "--scope", "system/*.cruds"]);
    std::fs::write(folder.join("token"), &token.out).expect("a file");
    let serve = chartroom(folder, &["serve", "--data", "p", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program");
    let mut served = Served(serve);
    let said = BufReader::new(served.0.stdout.take().expect("a pipe")).lines();
    let address = said.map_while(Result::ok).find_map(|line| line.strip_prefix("listening on ").map(str::to_owned));
    let to = format!("{}/fhir", address.expect("an address"));
    std::fs::write(
        folder.join("in/999.ndjson"),
        "{\"resourceType\":\"Observation\",\"id\":\"o\",\"status\":\"final\",\"code\":{\"text\":\"x\"},\"subject\":{\"reference\":\"Patient/p\"}}\n\
         {\"resourceType\":\"Patient\",\"id\":\"p\"}\n{\"resourceType\":\"Patient\",\"id\":\"q\",\"gender\":\"F\"}\n",
    )
    .expect("a file");
    let import = || ran(folder, &["import", "--to", &to, "--token-file", "token", "in"]);
    let first = import();
    let expected = format!("imported {}, unchanged 0, rejected 1", resources + 2);
    assert_eq!((first.code, first.last_line()), (Some(3), &*expected), "{}", first.out);
    let again = import();
    assert_eq!(again.last_line(), format!("imported 0, unchanged {}, rejected 1", resources + 2));
    // The stopped practice says the same of it: nothing differs.
    drop(served);
    let local = ran(folder, &["import", "--data", "p", "in"]);
    assert_eq!(local.last_line(), again.last_line());
}
