//! The practice, and the program that serves it until it is killed.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use tempfile::TempDir;

/// A practice that the program keeps.
pub struct Practice {
    dir: TempDir,
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
        let mut practice = Self { dir: tempfile::tempdir().expect("a folder"), token: String::new() };
        practice.run(&["init"]);
        let said = practice.run(&["token", "create", "--name", "crash", "--scope", "system/*.cruds"]);
        practice.token = said.split_whitespace().last().expect("a token").to_owned();
        practice
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(args).env("CHARTROOM_KEY_FILE", self.dir.path().join("key"));
        command.arg("--data").arg(self.dir.path().join("practice"));
        command
    }

    fn run(&self, args: &[&str]) -> String {
        let output = self.command(args).output().expect("started");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    /// Starts the server and waits until it listens.
    pub fn serve(&self) -> Server {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().expect("started");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.strip_prefix("listening on http://").map(str::to_owned));
        Server { child: Mutex::new(child), address: address.expect("it listens") }
    }

    /// Each entry of the audit trail fits the one before; records, charts, indexes and trail agree with one another.
    pub fn prove_audit(&self) {
        let said = self.run(&["verify-audit"]);
        assert!(said.starts_with("ok: "), "{said}");
        let said = self.run(&["check"]);
        assert!(said.starts_with("ok: "), "{said}");
    }
}

impl Server {
    /// Ends it without warning.
    pub fn kill(&self) {
        // It may have been killed before.
        let _gone = self.child.lock().expect("one at a time").kill();
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
