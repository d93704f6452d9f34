//! The practice, and the program that serves it until it is killed.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A practice that the program keeps.
pub struct Practice {
    dir: TempDir,
    /// Where it is kept, as arguments.
    place: Vec<String>,
    /// Its own PostgreSQL, if it is kept there.
    pub database: Option<test_postgres::Server>,
    /// The token of a client that may write every chart.
    pub token: String,
}

/// The running program.
pub struct Server {
    child: Mutex<Child>,
    /// `127.0.0.1:PORT`.
    pub address: String,
}

/// The built program: `cargo xtask test` names it; beside this test otherwise.
fn program() -> PathBuf {
    let beside = || Some(std::env::current_exe().ok()?.parent()?.parent()?.join("chartroom"));
    let program = std::env::var_os("CHARTROOM_PROGRAM").map(PathBuf::from).or_else(beside).expect("a place to look");
    assert!(program.exists(), "{} is not built: run `cargo xtask test crash`", program.display());
    program
}

impl Practice {
    /// In an encrypted file of its own.
    pub fn in_a_folder() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let place = vec!["--data".to_owned(), dir.path().join("practice").display().to_string()];
        Self { dir, place, database: None, token: String::new() }.made()
    }

    /// In a database of a PostgreSQL of its own; `None`, said as skipped, where there is none.
    pub fn in_a_database() -> Option<Self> {
        let database = match test_postgres::Server::start() {
            Ok(database) => database,
            Err(message) => {
                println!("skipped: {message}");
                return None;
            }
        };
        let dir = tempfile::tempdir().expect("a folder");
        let (scheme, rest) = database.url().split_once("://").expect("a URL");
        let ((user, password), at) =
            rest.split_once('@').and_then(|(who, at)| Some((who.split_once(':')?, at))).expect("a user");
        let file = dir.path().join("password");
        let mut made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file).expect("made");
        made.write_all(password.as_bytes()).expect("written");
        let (url, file) = (format!("{scheme}://{user}@{at}"), file.display().to_string());
        let place = vec!["--database".to_owned(), url, "--database-password-file".to_owned(), file];
        Some(Self { dir, place, database: Some(database), token: String::new() }.made())
    }

    fn made(mut self) -> Self {
        self.run(&["init"]);
        let said = self.run(&["token", "create", "--name", "crash", "--scope", "system/*.cruds"]);
        said.split_whitespace().last().expect("a token").clone_into(&mut self.token);
        self
    }

    fn command(&self, args: &[&str], place: &[String]) -> Command {
        let mut command = Command::new(program());
        command.args(args).args(place).env("CHARTROOM_KEY_FILE", self.dir.path().join("key"));
        command
    }

    fn run(&self, args: &[&str]) -> String {
        let output = self.command(args, &self.place).output().expect("started");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    /// Starts a server and waits until it listens.
    pub fn serve(&self) -> Server {
        self.serve_from(&self.place)
    }

    /// As [`Self::serve`], its practice named by these arguments.
    pub fn serve_from(&self, place: &[String]) -> Server {
        // What it logs while its database is gone would hide what fails.
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"], place);
        command.env("CHARTROOM_LOG", if self.database.is_some() { "off" } else { "info" });
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().expect("started");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.strip_prefix("listening on http://").map(str::to_owned));
        Server { child: Mutex::new(child), address: address.expect("it listens") }
    }

    /// Ends the token, as whoever runs the program may.
    pub fn revoke(&self) {
        self.run(&["token", "revoke", "crash"]);
    }

    /// The same practice by another way to its database.
    pub fn by_way_of(&self, address: SocketAddr) -> Vec<String> {
        let url = &self.place[1];
        let (who, rest) = url.split_once('@').expect("a user");
        let (_, name) = rest.split_once('/').expect("a database");
        let mut place = self.place.clone();
        place[1] = format!("{who}@{address}/{name}");
        place
    }

    /// Where its database listens.
    pub fn database_address(&self) -> SocketAddr {
        let place = self.place[1].split(['@', '/']).nth(3).expect("an address");
        place.parse().expect("an address")
    }

    /// What the program itself can prove of what is kept: each entry of the audit trail fits the one before; records, charts, indexes and
    /// trail agree with one another.
    pub fn prove(&self) {
        for command in ["verify-audit", "check"] {
            self.prove_by(command);
        }
    }

    fn prove_by(&self, command: &str) {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let output = self.command(&[command], &self.place).output().expect("started");
            let (said, wrong) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            // A database one of whose processes was killed recovers by itself and answers nobody meanwhile.
            if wrong.contains("cannot be reached") && Instant::now() < until {
                continue;
            }
            assert!(output.status.success() && said.starts_with("ok: "), "{said}{wrong}");
            return;
        }
    }
}

impl Server {
    /// Ends it without warning.
    pub fn kill(&self) {
        // It may have been killed before.
        let _gone = self.child.lock().expect("one at a time").kill();
    }

    /// Memory that it takes up now, in KB; `None` where the system does not say.
    pub fn memory(&self) -> Option<u64> {
        let process = self.child.lock().expect("one at a time").id();
        let text = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().strip_suffix(" kB")?.parse().ok()
    }

    /// Waits until it is gone.
    pub fn ended(&self) {
        self.child.lock().expect("one at a time").wait().expect("ended");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        self.ended();
    }
}
