//! One empty database.

use crate::NAMED;
use crate::programs::Programs;
use crate::server::Server;
use std::process::{self, Command};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, io};

/// An empty database. Dropping it removes it.
pub struct Database {
    programs: Programs,
    server: &'static str,
    name: String,
    url: String,
}

/// An empty database on the tests' server; `None`, said in the form that is counted as skipped, where there is no server.
///
/// # Panics
/// When there is a server that makes no database.
#[must_use]
#[expect(clippy::panic, clippy::print_stdout, reason = "for tests")]
pub fn database() -> Option<Database> {
    let (server, programs) = match server().and_then(|url| Ok((url, Programs::find()?))) {
        Ok(both) => both,
        Err(message) => {
            println!("skipped: {message}");
            return None;
        }
    };
    match Database::create(programs, server) {
        Ok(database) => Some(database),
        Err(message) => panic!("{message}"),
    }
}

/// The server that is named, or this process's own, which ends with the process.
fn server() -> Result<&'static str, String> {
    static URL: OnceLock<Result<(String, Option<Server>), String>> = OnceLock::new();
    let found = URL.get_or_init(|| match env::var(NAMED) {
        Ok(url) if !url.is_empty() => Ok((url, None)),
        _ => Server::start().map(|server| (server.url().to_owned(), Some(server))),
    });
    found.as_ref().map(|(url, _)| url.as_str()).map_err(Clone::clone)
}

impl Database {
    fn create(programs: Programs, server: &'static str) -> Result<Self, String> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}_{}", process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let (rest, _) = server.rsplit_once('/').ok_or_else(|| format!("{NAMED} names no database"))?;
        let url = format!("{rest}/{name}");
        let database = Self { programs, server, name, url };
        database.ask("createdb", &["--template=template0"])?;
        Ok(database)
    }

    /// Its address, name and password included.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    fn ask(&self, program: &str, arguments: &[&str]) -> Result<(), String> {
        ask(&self.programs, program, self.server, arguments, &self.name)
    }
}

/// Runs one of PostgreSQL's programs on a database of a server.
pub(crate) fn ask(
    programs: &Programs,
    program: &str,
    server: &str,
    arguments: &[&str],
    name: &str,
) -> Result<(), String> {
    let failed = |e: io::Error| format!("{program} does not start: {e}");
    let mut command = Command::new(programs.bin.join(program));
    let output =
        command.arg(format!("--maintenance-db={server}")).args(arguments).arg(name).output().map_err(failed)?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()) }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Connections that a test left open do not keep it. Should it fail, the server's end removes it.
        let _ = self.ask("dropdb", &["--force", "--if-exists"]);
    }
}
