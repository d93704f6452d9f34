//! The practice that is measured: a folder that is kept for the next run, or a database of a PostgreSQL server that lives as long as the run.

use crate::growth::{At, chartroom};
use crate::report::Report;
use bench::server::Server;
use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Where it is.
pub struct Practice {
    patients: usize,
    /// Its folder; beside a database its key and sign-ins alone.
    folder: PathBuf,
    postgres: Option<OnPostgres>,
    /// Its database.
    url: Option<String>,
}

/// A PostgreSQL server with this run's databases, and the folder of the practice's key.
struct OnPostgres {
    server: test_postgres::Server,
    folder: tempfile::TempDir,
}

impl Practice {
    /// The practice in this folder, or one on PostgreSQL.
    pub fn new(folder: PathBuf, patients: usize, on_postgres: bool) -> Result<Self> {
        if !on_postgres {
            return Ok(Self { patients, folder, postgres: None, url: None });
        }
        let server = test_postgres::Server::start().map_err(Error::other)?;
        Ok(Self { patients, folder, postgres: Some(OnPostgres { server, folder: tempfile::tempdir()? }), url: None })
    }

    /// Makes an empty database, if it is on PostgreSQL.
    pub fn database(&self, name: &str) -> Result<Option<String>> {
        self.postgres.as_ref().map(|postgres| postgres.server.create(name).map_err(Error::other)).transpose()
    }

    /// Serves it: what is there is used again, a database is filled from the folder, and what is not there is made.
    pub fn serve(&mut self, report: &mut Report) -> Result<Server> {
        if self.postgres.is_some() && self.url.is_none() {
            self.fill(report)?;
        }
        let folder = self.place();
        if !folder.exists() {
            let server = Server::start(&folder, self.patients, self.url.as_deref())?;
            report.add("first start, practice made", "s", server.ready_after.as_secs_f64());
        }
        let server = Server::start(&folder, self.patients, self.url.as_deref())?;
        report.add("start, practice there", "s", server.ready_after.as_secs_f64());
        report.add("resident memory, idle", "MB", server.memory().0);
        Ok(server)
    }

    /// Its database, as a copy of the folder's practice: the quickest way to a large one.
    fn fill(&mut self, report: &mut Report) -> Result<()> {
        self.url = self.database("demo")?;
        let Some(url) = self.url.as_deref().filter(|_| self.folder.join("sign-ins").is_file()) else { return Ok(()) };
        let place = self.place();
        std::fs::create_dir_all(&place)?;
        let text = |path: &Path| path.display().to_string();
        let key = text(&self.folder.join("demo.key"));
        // One key opens both.
        std::fs::copy(self.folder.join("demo.key"), place.join("demo.key"))?;
        let begun = Instant::now();
        let to_key = text(&place.join("demo.key"));
        let said = chartroom(&[
            "copy",
            "--from",
            &text(&self.folder),
            "--to",
            url,
            "--from-key-file",
            &key,
            "--to-key-file",
            &to_key,
        ])?;
        report.add("copied from the folder, compared and proven", "s", begun.elapsed().as_secs_f64());
        report.note(said.lines().last().unwrap_or_default());
        std::fs::copy(self.folder.join("sign-ins"), place.join("sign-ins")).map(drop)
    }

    fn place(&self) -> PathBuf {
        self.postgres.as_ref().map_or_else(|| self.folder.clone(), |postgres| postgres.folder.path().join("practice"))
    }

    /// What is done to the whole of it while it is not served.
    pub fn growth(&self, report: &mut Report) -> Result<()> {
        let (folder, empty) = (self.place(), self.database("restored")?);
        let at = match (&self.url, &empty) {
            (Some(url), Some(empty)) => At::Database { url, empty, folder: &folder },
            _ => At::Folder(&folder),
        };
        crate::growth::run(report, &at, self.patients)
    }
}
