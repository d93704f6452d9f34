//! The program as it is run: what it prints, how it ends.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// A folder of its own with a key file of its own.
struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a folder") }
    }

    fn made() -> Self {
        let place = Self::new();
        assert_eq!(code(&place.run(&["init"], "")), 0);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The command with `--data`, its key file named by the environment.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chartroom"));
        command.args(args).env("CHARTROOM_KEY_FILE", self.path("key")).env_remove("CHARTROOM_LOG");
        if args.first() != Some(&"demo") {
            command.arg("--data").arg(self.path("practice"));
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, args: &[&str], input: &str) -> Output {
        let mut child = self.command(args).spawn().expect("starts");
        child.stdin.take().expect("input").write_all(input.as_bytes()).expect("written");
        child.wait_with_output().expect("ends")
    }

    fn serve(&self, args: &[&str]) -> Server {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0"];
        all.extend_from_slice(args);
        Server::start(self.command(&all))
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("an exit code")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The one line of an error.
fn error(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(text.lines().count(), 1, "one line: {text}");
    text
}

fn line_after(text: &str, start: &str) -> String {
    let line = text.lines().find_map(|line| line.strip_prefix(start));
    line.unwrap_or_else(|| panic!("no line “{start}” in {text}")).to_owned()
}

/// A running server; killed when dropped.
struct Server {
    child: Child,
    /// What it printed up to the address.
    said: String,
    address: String,
}

impl Server {
    fn start(mut command: Command) -> Self {
        let child = command.spawn().expect("starts");
        let mut server = Self { child, said: String::new(), address: String::new() };
        let mut output = BufReader::new(server.child.stdout.take().expect("output"));
        loop {
            let mut line = String::new();
            let length = output.read_line(&mut line).expect("read");
            assert_ne!(length, 0, "ended: {} {}", server.said, rest(&mut server.child));
            server.said.push_str(&line);
            if let Some(address) = line.strip_prefix("listening on ") {
                server.address = address.trim().rsplit('/').next().expect("an address").to_owned();
                return server;
            }
        }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("connects");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        answer
    }

    /// Asks it to stop, as a service manager does, and waits.
    fn stop(mut self) -> (i32, String) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
        let status = self.child.wait().expect("ends");
        (status.code().expect("an exit code"), rest(&mut self.child))
    }
}

fn rest(child: &mut Child) -> String {
    let mut text = String::new();
    if let Some(mut error) = child.stderr.take() {
        let _closed = error.read_to_string(&mut text);
    }
    text
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

#[test]
fn a_practice_is_made_once_with_a_private_key_and_a_recovery_key() {
    let place = Place::new();
    let made = place.run(&["init"], "");
    assert_eq!(code(&made), 0, "{made:?}");
    let recovery = line_after(&said(&made), "recovery key: ");
    assert_eq!(mode(&place.path("key")), 0o600);
    let again = place.run(&["init"], "");
    assert_eq!(code(&again), 5);
    assert!(error(&again).contains("already"));
    std::fs::remove_file(place.path("key")).expect("removed");
    let lost = place.run(&["user", "list"], "");
    assert_eq!(code(&lost), 6);
    assert!(error(&lost).contains("no key file"));
    let mut command = place.command(&["user", "list", "--recovery-key-stdin"]);
    let mut child = command.env_remove("CHARTROOM_KEY_FILE").spawn().expect("starts");
    writeln!(child.stdin.take().expect("input"), "{recovery}").expect("written");
    assert_eq!(code(&child.wait_with_output().expect("ends")), 0);
}

#[test]
fn what_a_practice_keeps_is_its_owner_s_alone_and_a_looser_folder_is_told() {
    let place = Place::made();
    let server = place.serve(&[]);
    let folder = place.path("practice");
    assert_eq!(mode(&folder), 0o700);
    let files = std::fs::read_dir(&folder).expect("a folder").map(|file| file.expect("a file").path());
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    let (ended, logged) = server.stop();
    assert_eq!((ended, logged.contains("WARN")), (0, false), "{logged}");
    let looser = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&folder, looser).expect("set");
    let (ended, logged) = place.serve(&[]).stop();
    assert_eq!((ended, logged.contains("chmod 700")), (0, true), "{logged}");
    let made = Place::new();
    std::fs::create_dir(made.path("practice")).expect("made");
    let looser = std::os::unix::fs::PermissionsExt::from_mode(0o750);
    std::fs::set_permissions(made.path("practice"), looser).expect("set");
    let told = made.run(&["init"], "");
    assert_eq!((code(&told), error(&told).contains("chmod 700")), (0, true), "{told:?}");
}

#[test]
fn every_wrong_key_is_one_line_and_its_own_code() {
    let place = Place::made();
    let other = Place::made();
    std::fs::copy(other.path("key"), place.path("key")).expect("copied");
    let wrong = place.run(&["verify-audit"], "");
    assert_eq!((code(&wrong), error(&wrong).contains("does not open")), (6, true));
    std::fs::write(place.path("key"), "nonsense").expect("written");
    assert_eq!(code(&place.run(&["verify-audit"], "")), 6);
    let mut open = std::fs::metadata(place.path("key")).expect("file").permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut open, 0o644);
    std::fs::set_permissions(place.path("key"), open).expect("set");
    let shown = place.run(&["verify-audit"], "");
    assert_eq!((code(&shown), error(&shown).contains("0600")), (6, true));
    let nowhere = Place::new();
    let missing = nowhere.run(&["serve"], "");
    assert_eq!((code(&missing), error(&missing).contains("holds no practice")), (5, true));
}

#[test]
fn a_damaged_practice_is_told_from_a_wrong_key_and_never_taken_for_a_new_one() {
    let spoil = |what: &dyn Fn(&Path)| {
        let place = Place::made();
        what(&place.path("practice"));
        let told = [&["serve"][..], &["verify-audit"], &["user", "list"]].map(|args| {
            let output = place.run(args, "");
            (code(&output), error(&output))
        });
        assert!(!place.path("practice").join("practice.db-wal").exists(), "nothing is written into it");
        told
    };
    let empty = spoil(&|dir| std::fs::write(dir.join("practice.db"), "").expect("emptied"));
    let cut = spoil(&|dir| {
        let file = std::fs::File::options().write(true).open(dir.join("practice.db")).expect("opened");
        file.set_len(2048).expect("cut");
    });
    let keyless = spoil(&|dir| std::fs::remove_file(dir.join("keys")).expect("removed"));
    for (told, words) in [(empty, "is empty: restore"), (cut, "the key is right"), (keyless, "not its file `keys`")] {
        for (code, text) in told {
            assert_eq!((code, text.contains(words)), (1, true), "{text}");
        }
    }
}

#[test]
fn a_demo_leaves_alone_what_is_not_its_own() {
    let place = Place::new();
    let dir = place.path("folder");
    std::fs::create_dir(&dir).expect("a folder");
    std::fs::write(dir.join("thesis.txt"), "years of work").expect("a file");
    let demo = || {
        let output =
            place.command(&["demo", "--patients", "1", "--listen", "127.0.0.1:0"]).arg("--data").arg(&dir).output();
        output.expect("ends")
    };
    let refused = demo();
    assert_eq!((code(&refused), error(&refused).contains("thesis.txt")), (5, true), "{}", error(&refused));
    // Nor when an interrupted start left its key beside it.
    std::fs::write(dir.join("demo.key"), "half made").expect("a file");
    assert_eq!(code(&demo()), 5);
    assert_eq!(std::fs::read_to_string(dir.join("thesis.txt")).expect("still there"), "years of work");
}

#[test]
fn a_key_inside_the_practice_is_refused() {
    let place = Place::new();
    let inside = place.path("practice").join("key");
    let refused = place.command(&["init"]).env("CHARTROOM_KEY_FILE", &inside).output().expect("ends");
    assert_eq!((code(&refused), error(&refused).contains("outside")), (6, true));
    assert!(!place.path("practice").join("practice.db").exists());
}

#[test]
fn nor_by_a_link_or_a_way_around() {
    let place = Place::new();
    std::fs::create_dir_all(place.path("practice")).expect("a folder");
    std::os::unix::fs::symlink(place.path("practice"), place.path("elsewhere")).expect("a link");
    std::os::unix::fs::symlink(place.path("practice/later"), place.path("nowhere")).expect("a link");
    for way in ["elsewhere/key", "elsewhere/deeper/key", "other/../practice/key", "nowhere"] {
        let refused = place.command(&["init"]).env("CHARTROOM_KEY_FILE", place.path(way)).output().expect("ends");
        assert_eq!(code(&refused), 6, "{way}: {}", error(&refused));
    }
    assert!(std::fs::read_dir(place.path("practice")).expect("listed").next().is_none(), "nothing was made");
    assert_eq!(code(&place.run(&["init"], "")), 0);
    let inside = place.path("elsewhere/key").display().to_string();
    assert_eq!(code(&place.run(&["key", "rotate", "--new-key-file", &inside], "")), 6, "a later key neither");
}

#[test]
fn an_init_that_was_cut_short_is_told_and_how_to_go_on() {
    let place = Place::made();
    std::fs::remove_file(place.path("practice").join("practice.db")).expect("as if never made");
    let again = place.run(&["init"], "");
    assert_eq!((code(&again), error(&again).contains("cut short")), (5, true));
    std::fs::remove_file(place.path("practice").join("keys")).expect("as told");
    assert_eq!(code(&place.run(&["init"], "")), 0);
}

#[test]
fn a_key_is_rotated_and_the_old_one_opens_no_more() {
    let place = Place::new();
    let recovery = line_after(&said(&place.run(&["init"], "")), "recovery key: ");
    let with = |key: &str, args: &[&str]| {
        place.command(args).env("CHARTROOM_KEY_FILE", place.path(key)).output().expect("ends")
    };
    let typed = |args: &[&str], input: &str| {
        let mut child = place.command(args).env_remove("CHARTROOM_KEY_FILE").spawn().expect("starts");
        child.stdin.take().expect("input").write_all(input.as_bytes()).expect("written");
        child.wait_with_output().expect("ends")
    };
    let second = place.path("second").display().to_string();
    let rotate = ["key", "rotate", "--new-key-file", second.as_str()];

    let running = place.serve(&[]);
    assert_eq!(code(&with("key", &rotate)), 7, "not while it is open");
    assert!(!place.path("second").exists());
    running.stop();

    let rotated = with("key", &rotate);
    assert_eq!((code(&rotated), line_after(&said(&rotated), "key file: ").contains("second")), (0, true));
    let old = with("key", &["verify-audit"]);
    assert_eq!((code(&old), error(&old).contains("does not open")), (6, true));
    assert_eq!(code(&with("second", &["verify-audit"])), 0);
    let same = with("second", &rotate);
    assert_eq!((code(&same), error(&same).contains("already")), (6, true));

    // The key file is lost: the recovery key lets a passphrase in its place.
    let words = "amber kettle forty orbit";
    let rotate = ["key", "rotate", "--recovery-key-stdin", "--new-passphrase-stdin"];
    assert_eq!(code(&typed(&rotate, &format!("{recovery}\nshort\n"))), 6);
    assert_eq!(code(&typed(&rotate, &format!("{recovery}\n{words}\n"))), 0);
    assert_eq!(code(&with("second", &["verify-audit"])), 6);
    assert_eq!(code(&typed(&["verify-audit", "--passphrase-stdin"], &format!("{words}\n"))), 0);
    let audited = typed(&["verify-audit", "--recovery-key-stdin"], &format!("{recovery}\n"));
    assert_eq!(code(&audited), 0, "the recovery key stays");
    assert_eq!(code(&with("key", &["key", "rotate"])), 2, "a new one must be named");
}

/// What the trail tells of the changes of a key, oldest first: how each went, and the words beside.
fn rotations(place: &Place, key: &str) -> Vec<(store::audit::Outcome, String)> {
    use store::AuditLog as _;
    let dir = place.path("practice");
    let secret = store_sqlite::key::read_key_file(&place.path(key)).expect("a key file");
    let opened = store_sqlite::key::unlock(&dir, &secret).expect("unlocked");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let db = store_sqlite::Db::open(&dir, &opened, &store_sqlite::Options::default()).expect("opened");
        let caller = clinic::Caller::program("test", jiff::Timestamp::now(), uuid::Uuid::nil());
        let permit = caller.read_practice(clinic::Action::UseApi).expect("the program may");
        let action = Some("key.rotate".to_owned());
        let query = store::audit::AuditQuery { action, count: 10, ..store::audit::AuditQuery::default() };
        let found = db.entries(&permit, &query).await.expect("the trail");
        found.for_decision().iter().rev().map(|entry| (entry.entry.outcome, entry.entry.detail.clone())).collect()
    })
}

#[test]
fn the_trail_tells_that_a_key_is_to_be_changed_and_whether_it_was() {
    use store::audit::Outcome::{Done, Failed};
    let place = Place::made();
    let rotate = |name: &str| {
        let path = place.path(name).display().to_string();
        place.run(&["key", "rotate", "--new-key-file", &path], "")
    };
    // What cannot be removed stands where the new wrappings are to be written.
    let obstacle = place.path("practice").join("keys.new");
    std::fs::create_dir_all(obstacle.join("in the way")).expect("made");
    let refused = rotate("second");
    assert_eq!(code(&refused), 1);
    assert!(
        error(&refused).contains("the old key file or passphrase opens the practice as before"),
        "{}",
        error(&refused)
    );
    let told = rotations(&place, "key");
    assert_eq!((told.len(), &told[0]), (2, &(Done, "begun".to_owned())));
    assert!(told[1].0 == Failed && told[1].1.contains("the old key file"), "{told:?}");
    std::fs::remove_dir_all(&obstacle).expect("removed");
    assert_eq!(code(&rotate("third")), 0);
    assert_eq!(rotations(&place, "third")[2..], [(Done, "begun".to_owned()), (Done, "done".to_owned())]);
}

#[test]
fn a_passphrase_from_standard_input_opens_what_it_made() {
    let place = Place::new();
    let run = |args: &[&str], words: &str| {
        let mut child = place.command(args).env_remove("CHARTROOM_KEY_FILE").spawn().expect("starts");
        writeln!(child.stdin.take().expect("input"), "{words}").expect("written");
        child.wait_with_output().expect("ends")
    };
    assert_eq!(code(&run(&["init", "--passphrase-stdin"], "short")), 6);
    assert_eq!(code(&run(&["init", "--passphrase-stdin"], "amber kettle forty orbit")), 0);
    assert_eq!(code(&run(&["verify-audit", "--passphrase-stdin"], "amber kettle forty orbit")), 0);
    assert_eq!(code(&run(&["verify-audit", "--passphrase-stdin"], "amber kettle forty orbir")), 6);
}

#[test]
fn accounts_and_tokens_are_managed_at_the_machine() {
    let place = Place::made();
    let added = place.run(&["user", "add", "boss", "--name", "The Boss", "--role", "manager"], "");
    assert_eq!(line_after(&said(&added), "one-time password: ").len(), 23);
    let bad = place.run(&["user", "add", "a b", "--name", "", "--role", "king"], "");
    assert_eq!(code(&bad), 1);
    for field in ["User name", "Name", "Role"] {
        assert!(error(&bad).contains(field), "{bad:?}");
    }
    assert_eq!(code(&place.run(&["user", "disable", "boss"], "")), 1, "the last manager");
    assert_eq!(code(&place.run(&["user", "reset-password", "boss"], "")), 0);
    assert_eq!(code(&place.run(&["user", "reset-password", "nobody"], "")), 1);
    assert!(said(&place.run(&["user", "list"], "")).contains("active\tboss\tmanager\tThe Boss"));
    let made =
        place.run(&["token", "create", "--name", "lab", "--scope", "system/Observation.cruds", "--days", "30"], "");
    assert_eq!(line_after(&said(&made), "api-token: ").len(), 43);
    assert_eq!(code(&place.run(&["token", "create", "--name", "x", "--scope", "everything"], "")), 1);
    assert_eq!(code(&place.run(&["token", "revoke", "lab"], "")), 0);
    assert!(said(&place.run(&["token", "list"], "")).starts_with("revoked\tlab\t"));
    let verified = said(&place.run(&["verify-audit"], ""));
    assert_eq!(verified, "ok: 4 entries\n");
}

#[test]
fn it_serves_offers_set_up_and_stops_when_told() {
    let place = Place::made();
    let server = place.serve(&[]);
    assert!(server.get("/health/ready").starts_with("HTTP/1.1 200"));
    let link = server.said.split("/setup/").nth(1).and_then(|rest| rest.lines().next()).expect("a link").to_owned();
    assert!(server.get(&format!("/setup/{link}")).starts_with("HTTP/1.1 200"));
    let second = place.run(&["serve", "--listen", "127.0.0.1:0"], "");
    assert_eq!((code(&second), error(&second).contains("already open")), (7, true));
    let other = Place::made();
    let taken = other.run(&["serve", "--listen", &server.address], "");
    assert_eq!((code(&taken), error(&taken).contains("in use")), (8, true));
    let (ended, logged) = server.stop();
    assert_eq!(ended, 0, "{logged}");
    assert!(!logged.contains(&link), "a secret is in the log");
    assert!(said(&place.run(&["verify-audit"], "")).starts_with("ok: "));
}

#[test]
fn nobody_beyond_this_machine_is_served_without_tls() {
    let place = Place::made();
    let refused = place.run(&["serve", "--listen", "0.0.0.0:0"], "");
    assert_eq!((code(&refused), error(&refused).contains("--tls-cert")), (8, true));
    let proxied = Server::start(place.command(&["serve", "--listen", "0.0.0.0:0", "--behind-proxy", "127.0.0.1"]));
    drop(proxied);
    assert_eq!(code(&place.run(&["serve", "--tls-cert", "cert.pem"], "")), 2, "a key is needed too");
    for (certificate, key) in [("no certificate", "no key"), ("", "")] {
        std::fs::write(place.path("cert.pem"), certificate).expect("written");
        std::fs::write(place.path("key.pem"), key).expect("written");
        let (cert, key) = (place.path("cert.pem"), place.path("key.pem"));
        let args = ["serve", "--tls-cert", cert.to_str().expect("path"), "--tls-key", key.to_str().expect("path")];
        let bad = place.run(&args, "");
        assert_eq!((code(&bad), error(&bad).contains("cert.pem")), (9, true));
    }
}

#[test]
fn logs_can_be_json_and_name_no_secret() {
    let place = Place::made();
    let server = place.serve(&["--log-format", "json"]);
    let mut stream = TcpStream::connect(&server.address).expect("connects");
    write!(
        stream,
        "GET /fhir/Patient?name=Larsen HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer abc\r\nConnection: close\r\n\r\n"
    )
    .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    let (_, logged) = server.stop();
    for line in logged.lines() {
        assert!(line.starts_with('{') && line.ends_with('}'), "{line}");
    }
    assert!(!logged.contains("Larsen") && !logged.contains("abc"), "{logged}");
}

#[test]
fn half_a_request_neither_holds_the_server_up_nor_stops_it_from_stopping() {
    let place = Place::made();
    let server = place.serve(&[]);
    let mut slow: Vec<TcpStream> = Vec::new();
    for _ in 0..50 {
        let mut stream = TcpStream::connect(&server.address).expect("connects");
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").expect("sent");
        slow.push(stream);
    }
    assert!(server.get("/health/live").starts_with("HTTP/1.1 200"));
    let mut nonsense = TcpStream::connect(&server.address).expect("connects");
    nonsense.write_all(b"\x16\x03\x01\x00\xff\x00\xfe\r\n\r\n").expect("sent");
    let mut answer = Vec::new();
    let _reset = nonsense.read_to_end(&mut answer);
    assert!(server.get("/health/live").starts_with("HTTP/1.1 200"));
    assert_eq!(server.stop().0, 0);
}
