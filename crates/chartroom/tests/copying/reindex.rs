//! `serve --reindex`: every index made anew while the practice is served.

use crate::command::{at, done, made};
use crate::practice::Somewhere;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

fn reindexed_while_served(place: &str, key: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chartroom"));
    command.args(["serve", "--reindex", "--listen", "127.0.0.1:0", "--key-file", key]).args(at(place));
    command.env_remove("CHARTROOM_KEY_FILE").env("CHARTROOM_LOG", "off");
    let mut server = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    let mut lines = BufReader::new(server.stdout.take().expect("its output")).lines().map_while(Result::ok);
    let address = lines.find_map(|line| line.strip_prefix("listening on http://").map(str::to_owned));
    let mut stream = TcpStream::connect(address.expect("it listens")).expect("connected");
    stream.write_all(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let mut told = BufReader::new(server.stderr.take().expect("its errors")).lines().map_while(Result::ok);
    let done_with = told.find(|line| line.starts_with("reindexed ") || line.contains("ended early")).expect("its end");
    let number = done_with.strip_prefix("reindexed ").and_then(|number| number.trim().parse::<u64>().ok());
    assert!(number.is_some_and(|number| number > 0), "{done_with}");
    // Told to stop, as a supervisor does.
    let asked = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().expect("kill");
    assert!(asked.success());
    assert_eq!(server.wait().expect("ended").code(), Some(0));
    assert!(done(&[&["check", "--key-file", key], &at(place)[..]].concat()).contains("ok: "));
}

#[test]
fn a_practice_in_a_folder_is_reindexed_while_served() {
    let dir = tempfile::tempdir().expect("a folder");
    let (data, key) = made(dir.path());
    reindexed_while_served(&data, &key);
}

#[test]
fn a_practice_in_a_database_is_reindexed_while_served() {
    let Some(database) = Somewhere::database() else { return };
    let dir = tempfile::tempdir().expect("a folder");
    let (data, key) = made(dir.path());
    let (to, key2) = (database.named(), dir.path().join("key2").display().to_string());
    done(&["copy", "--from", &data, "--from-key-file", &key, "--to", &to, "--to-key-file", &key2]);
    reindexed_while_served(&to, &key2);
}
