//! The import command as it is typed: cut short by kill -9, gone on with; exit codes; its last line.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
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

/// A practice served on its own port, with a token file that opens it.
struct Running {
    _served: Served,
    address: String,
    token: String,
}

impl Running {
    fn of(folder: &Path) -> Self {
        let token = ran(folder, &["token", "create", "--data", "p", "--name", "import", "--scope", "system/*.cruds"]);
        std::fs::write(folder.join("token"), &token.out).expect("a file");
        let serve = chartroom(folder, &["serve", "--data", "p", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        let mut served = Served(serve);
        let said = BufReader::new(served.0.stdout.take().expect("a pipe")).lines();
        let address =
            said.map_while(Result::ok).find_map(|line| line.strip_prefix("listening on http://").map(str::to_owned));
        let token = token.out.trim().trim_start_matches("api-token:").trim().to_owned();
        Self { _served: served, address: address.expect("an address"), token }
    }

    fn import<'a>(to: &'a str, from: &'a str) -> [&'a str; 6] {
        ["import", "--to", to, "--token-file", "token", from]
    }

    fn to(&self) -> String {
        format!("http://{}/fhir", self.address)
    }

    /// One request; what came back, head and body.
    fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        let (address, token, length) = (&self.address, &self.token, body.len());
        let request = format!(
            "{method} /fhir/{path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\
             content-type: application/fhir+json\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        );
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }
}

#[test]
fn a_running_practice_takes_the_same_import() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let resources = set_up(folder, 3);
    let running = Running::of(folder);
    std::fs::write(
        folder.join("in/999.ndjson"),
        "{\"resourceType\":\"Observation\",\"id\":\"o\",\"status\":\"final\",\"code\":{\"text\":\"x\"},\"subject\":{\"reference\":\"Patient/p\"}}\n\
         {\"resourceType\":\"Patient\",\"id\":\"p\"}\n{\"resourceType\":\"Patient\",\"id\":\"q\",\"gender\":\"F\"}\n",
    )
    .expect("a file");
    let first = ran(folder, &Running::import(&running.to(), "in"));
    let expected = format!("imported {}, unchanged 0, rejected 1", resources + 2);
    assert_eq!((first.code, first.last_line()), (Some(3), &*expected), "{}", first.out);
    let practice = format!("http://{}/", running.address);
    let again = ran(folder, &Running::import(&practice, "in"));
    assert_eq!(again.last_line(), format!("imported 0, unchanged {}, rejected 1", resources + 2));
    // The stopped practice says the same of it: nothing differs.
    drop(running);
    let local = ran(folder, &["import", "--data", "p", "in"]);
    assert_eq!(local.last_line(), again.last_line());
}

#[test]
fn an_import_to_a_running_practice_that_is_killed_goes_on_where_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let resources = set_up(folder, 30);
    let running = Running::of(folder);
    let to = running.to();
    let count = || -> usize {
        let told = running.ask("GET", "Patient?_summary=count", "", "");
        let total = told.split("\"total\":").nth(1).expect("a total");
        total.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()).expect("a number")
    };
    let mut import = chartroom(folder, &Running::import(&to, "in"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    while count() < 3 && import.try_wait().expect("the program").is_none() {}
    import.kill().expect("a kill");
    import.wait().expect("the program");
    // What it sent last may still be on its way into the record.
    let second = ran(folder, &Running::import(&to, "in"));
    let counts: Vec<usize> =
        second.last_line().split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect();
    assert_eq!((second.code, counts[0] + counts[1], counts[2]), (Some(0), resources, 0), "{}", second.last_line());
    let third = ran(folder, &Running::import(&to, "in"));
    assert_eq!(third.last_line(), format!("imported 0, unchanged {resources}, rejected 0"));
}

#[test]
fn the_same_import_undoes_nothing_that_was_corrected_in_a_running_practice() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    assert_eq!(ran(folder, &["init", "--data", "p"]).code, Some(0));
    let observation = |id: &str, text: &str| {
        format!(
            r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"text":"{text}"}},"subject":{{"reference":"Patient/p"}}}}"#
        )
    };
    let file = |deleted: &str| {
        format!(
            "{}\n{}\n{}\n",
            r#"{"resourceType":"Patient","id":"p"}"#,
            observation("o", "as sent"),
            observation("d", deleted)
        )
    };
    std::fs::write(folder.join("in.ndjson"), file("as sent")).expect("a file");
    let running = Running::of(folder);
    let to = running.to();
    let import = || ran(folder, &Running::import(&to, "in.ndjson"));
    assert_eq!(import().last_line(), "imported 3, unchanged 0, rejected 0");
    let put = running.ask("PUT", "Observation/o", "if-match: W/\"1\"\r\n", &observation("o", "corrected"));
    assert!(put.starts_with("HTTP/1.1 200"), "{put}");
    assert!(running.ask("DELETE", "Observation/d", "if-match: W/\"1\"\r\n", "").starts_with("HTTP/1.1 204"));

    assert_eq!(import().last_line(), "imported 0, unchanged 3, rejected 0");
    assert!(running.ask("GET", "Observation/o", "", "").contains("corrected"));
    assert!(running.ask("GET", "Observation/d", "", "").starts_with("HTTP/1.1 410"));
    // Other words on what was deleted are told, not brought back.
    std::fs::write(folder.join("in.ndjson"), file("sent anew")).expect("a file");
    assert_eq!((import().code, import().last_line()), (Some(3), "imported 0, unchanged 2, rejected 1"));
    let rejects = std::fs::read_to_string(folder.join("in.ndjson.rejects.ndjson")).expect("rejects");
    assert!(rejects.contains("Observation/d was deleted here"), "{rejects}");
}
