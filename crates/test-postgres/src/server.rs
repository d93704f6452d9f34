//! One real PostgreSQL server, for as long as the value lives.

use crate::database::ask;
use crate::programs::{Programs, user};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs, io, net};

/// How often another port is tried: the one that was free may be taken in between.
const TRIES: usize = 5;

/// A running server with its own data folder, reachable on loopback by password only. It ends, and its data with it, when this is
/// dropped and when the process ends in whatever way: a shell guards it and stops it once nobody holds its standard input.
pub struct Server {
    guard: Child,
    url: String,
    programs: Programs,
    folder: PathBuf,
}

impl Server {
    /// Starts one.
    ///
    /// # Errors
    /// In one line: PostgreSQL is not installed, or does not start.
    pub fn start() -> Result<Self, String> {
        Self::start_within(&env::temp_dir())
    }

    /// Starts one that keeps its data below this folder, which must be open to all.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_within(place: &Path) -> Result<Self, String> {
        let programs = Programs::find()?;
        let mut last = String::new();
        for _ in 0..TRIES {
            match Self::try_start(&programs, place) {
                Err(message) => last = message,
                started => return started,
            }
        }
        Err(format!("PostgreSQL does not start: {last}"))
    }

    fn try_start(programs: &Programs, place: &Path) -> Result<Self, String> {
        let io = |e: io::Error| e.to_string();
        let (folder, password, port) =
            (new_folder(place).map_err(io)?, random().map_err(io)?, free_port().map_err(io)?);
        let mut guard = Command::new("/bin/sh");
        guard.args(["-c", include_str!("guard.sh"), "postgres-guard"]);
        guard.arg(&programs.bin).arg(&folder).arg(port.to_string());
        // Of its own group: what ends this process from a terminal or a test runner leaves it time to clean up.
        guard.process_group(0).current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let pwfile = folder.join("password");
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        options.open(&pwfile).and_then(|mut file| io::Write::write_all(&mut file, password.as_bytes())).map_err(io)?;
        if let Some((uid, gid)) = user()? {
            // PostgreSQL refuses to run as root.
            guard.uid(uid).gid(gid);
            chown(&pwfile, Some(uid), Some(gid)).and_then(|()| chown(&folder, Some(uid), Some(gid))).map_err(io)?;
        }
        let mut guard = guard.spawn().map_err(io)?;
        let mut said = String::new();
        if let Some(out) = guard.stdout.take() {
            BufReader::new(out).read_line(&mut said).map_err(io)?;
        }
        // From here on dropping it cleans up.
        let url = format!("postgres://chartroom:{password}@127.0.0.1:{port}/postgres");
        let server = Self { guard, url, programs: programs.clone(), folder };
        if said.trim() == "ready" { Ok(server) } else { Err(said.trim().to_owned()) }
    }

    /// Makes an empty database; its address.
    ///
    /// # Errors
    /// In one line: it cannot be made.
    pub fn create(&self, name: &str) -> Result<String, String> {
        ask(&Programs::find()?, "createdb", &self.url, &["--template=template0"], name)?;
        let (rest, _) = self.url.rsplit_once('/').unwrap_or_default();
        Ok(format!("{rest}/{name}"))
    }

    /// Where it is: the address of its database `postgres`, name and password included.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn programs(&self) -> &Programs {
        &self.programs
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

/// A new folder that only its owner may open; its path is short enough for the name of a socket.
fn new_folder(place: &Path) -> io::Result<PathBuf> {
    let name = random()?;
    let folder = place.join(format!("chartroom-pg-{}", name.get(..12).unwrap_or(&name)));
    fs::DirBuilder::new().mode(0o700).create(&folder)?;
    Ok(folder)
}

fn random() -> io::Result<String> {
    let mut bytes = [0; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn free_port() -> io::Result<u16> {
    Ok(net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
