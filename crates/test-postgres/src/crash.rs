//! A server that dies without warning and comes back on the data it left.

use crate::server::Server;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// How long processes that were killed may take to be gone, and a server that recovers to start.
const PATIENCE: Duration = Duration::from_secs(60);

impl Server {
    /// Kills every process of it (SIGKILL), as when the machine's memory runs out: nothing is written or said by any of them.
    ///
    /// # Errors
    /// In one line: it does not run, or its processes cannot be found (they are looked up in `/proc`).
    pub fn kill(&self) -> Result<(), String> {
        let main = self.main_process()?;
        if !runs(main) {
            return Err("PostgreSQL does not run".to_owned());
        }
        // Held still first, so that it starts no other meanwhile.
        signal("-STOP", &[main])?;
        let mut all = children(main)?;
        all.push(main);
        // One that ended by itself in between is what is wanted.
        let _gone = signal("-KILL", &all);
        let until = Instant::now() + PATIENCE;
        while all.iter().any(|process| runs(*process)) {
            if Instant::now() > until {
                return Err("PostgreSQL's processes do not end".to_owned());
            }
            thread::yield_now();
        }
        Ok(())
    }

    /// Kills one process that serves a connection; PostgreSQL then ends all the others and recovers by itself. Whether there was one.
    ///
    /// # Errors
    /// As [`Self::kill`].
    pub fn kill_one(&self) -> Result<bool, String> {
        let serving = |process: &&u32| {
            let title = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&title).starts_with("postgres: chartroom ")
        };
        let all = children(self.main_process()?)?;
        Ok(all.iter().find(serving).is_some_and(|process| signal("-KILL", &[*process]).is_ok()))
    }

    /// Starts it again after [`Self::kill`], on the same data, at the same address.
    ///
    /// # Errors
    /// In one line, when it does not start.
    pub fn restart(&self) -> Result<(), String> {
        // Where nobody waits for the dead, their process numbers stay taken, and PostgreSQL would think that it still runs.
        if self.main_process().is_ok_and(|process| !runs(process)) {
            for lock in fs::read_dir(self.folder()).map_err(|e| e.to_string())?.flatten().map(|entry| entry.path()) {
                if lock.extension().is_some_and(|extension| extension == "lock") {
                    fs::remove_file(&lock).map_err(|e| format!("{}: {e}", lock.display()))?;
                }
            }
            let lock = self.folder().join("data/postmaster.pid");
            fs::remove_file(&lock).map_err(|e| format!("{}: {e}", lock.display()))?;
        }
        let mut command = Command::new(self.programs().bin.join("pg_ctl"));
        command.arg("-D").arg(self.folder().join("data")).arg("-l").arg(self.folder().join("log"));
        command.args(["-w", "-t", &PATIENCE.as_secs().to_string(), "start"]);
        command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        crate::programs::as_user(&mut command)?;
        let done = command.status().map_err(|e| format!("pg_ctl does not start: {e}"))?;
        if done.success() {
            return Ok(());
        }
        let log = fs::read_to_string(self.folder().join("log")).unwrap_or_default();
        Err(format!("PostgreSQL does not start again: {}", log.lines().last().unwrap_or_default()))
    }

    /// The process that started all others.
    fn main_process(&self) -> Result<u32, String> {
        let lock = self.folder().join("data/postmaster.pid");
        let text = fs::read_to_string(&lock).map_err(|e| format!("PostgreSQL does not run: {e}"))?;
        text.lines().next().and_then(|line| line.trim().parse().ok()).ok_or_else(|| "it is just starting".to_owned())
    }
}

/// State and parent of a process.
fn state(process: &Path) -> Option<(char, u32)> {
    let text = fs::read_to_string(process.join("stat")).ok()?;
    // The name in parentheses may hold anything.
    let (_, rest) = text.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

/// Whether a process is alive: one that ended and that nobody has waited for is not.
fn runs(process: u32) -> bool {
    state(&Path::new("/proc").join(process.to_string())).is_some_and(|(state, _)| !matches!(state, 'Z' | 'X'))
}

fn children(parent: u32) -> Result<Vec<u32>, String> {
    let all = fs::read_dir("/proc").map_err(|e| format!("/proc: {e}"))?.flatten();
    let of = |process: &u32| state(&Path::new("/proc").join(process.to_string())).is_some_and(|(_, its)| its == parent);
    Ok(all.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(of).collect())
}

fn signal(name: &str, processes: &[u32]) -> Result<(), String> {
    let mut command = Command::new("kill");
    command.arg(name).args(processes.iter().map(u32::to_string)).stderr(Stdio::null());
    match command.status() {
        Ok(done) if done.success() => Ok(()),
        Ok(_) => Err("PostgreSQL's processes cannot be signalled".to_owned()),
        Err(error) => Err(format!("kill: {error}")),
    }
}
