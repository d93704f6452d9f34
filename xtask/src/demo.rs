//! A demo practice running on a free port, for as long as the value lives.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use std::{fs, thread};

use crate::shell;

const READY_WITHIN: Duration = Duration::from_secs(300);

/// The running program and what it said on starting.
pub struct Demo {
    child: Child,
    data: PathBuf,
    /// Where it listens: `http://127.0.0.1:PORT`.
    pub url: String,
    /// Lines of `USERNAME PASSWORD ROLE`.
    pub sign_ins: Vec<String>,
    /// The token of the integration client.
    pub api_token: String,
}

impl Demo {
    /// Starts `chartroom demo` with that many patients in a new temporary folder, and waits until it listens.
    pub fn start(patients: u32) -> Result<Self, String> {
        let data = std::env::temp_dir().join(format!("chartroom-journeys-{}", std::process::id()));
        let _ = fs::remove_dir_all(&data);
        let address = free_address()?;
        let program = shell::target().join("debug/chartroom");
        let mut command = Command::new(&program);
        command.args(["demo", "--listen", &address, "--patients", &patients.to_string(), "--data"]).arg(&data);
        command.current_dir(shell::root()).stdin(Stdio::null()).stdout(Stdio::piped());
        let child = command.spawn().map_err(|e| format!("{} does not start: {e}", program.display()))?;
        let mut demo = Self { child, data, url: String::new(), sign_ins: Vec::new(), api_token: String::new() };
        demo.read_start()?;
        Ok(demo)
    }

    /// The folder of the practice.
    pub fn data(&self) -> &Path {
        &self.data
    }

    fn read_start(&mut self) -> Result<(), String> {
        let stdout = self.child.stdout.take().ok_or("the demo has no standard output")?;
        let (sender, lines) = mpsc::channel();
        // Goes on reading after the start, so that the demo never waits for a full pipe.
        thread::spawn(move || {
            BufReader::new(stdout).lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
        });
        loop {
            let line = lines
                .recv_timeout(READY_WITHIN)
                .map_err(|_| "the demo ended, or did not listen within 5 minutes: see above")?;
            if let Some(account) = line.strip_prefix("sign-in: ") {
                self.sign_ins.push(account.to_owned());
            } else if let Some(token) = line.strip_prefix("api-token: ") {
                token.clone_into(&mut self.api_token);
            } else if let Some(url) = line.strip_prefix("listening on ") {
                url.trim_end_matches('/').clone_into(&mut self.url);
                return Ok(());
            }
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.data);
    }
}

fn free_address() -> Result<String, String> {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    address.map(|address| address.to_string()).map_err(|e| format!("no free port: {e}"))
}
