//! The program under measure: the release binary as it is shipped, started on a demo practice.

use crate::load::{Connection, Request, header};
use std::io::{BufRead, BufReader, Error, Result};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running practice.
pub struct Server {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// The integration client's token.
    pub token: String,
    /// User name, password, role.
    pub accounts: Vec<(String, String, String)>,
    /// From start to ready.
    pub ready_after: Duration,
    /// Whether its database is a PostgreSQL server, whose work counts too.
    postgres: bool,
}

/// The built program.
pub fn program() -> Result<PathBuf> {
    let folder = std::env::current_exe()?.parent().map(Path::to_path_buf).ok_or_else(|| Error::other("no folder"))?;
    Ok(folder.join(format!("chartroom{}", std::env::consts::EXE_SUFFIX)))
}

impl Server {
    /// Starts `chartroom demo` on a folder, its record in a PostgreSQL database if one is named; what is there already is used again.
    pub fn start(data: &Path, patients: usize, database: Option<&str>) -> Result<Self> {
        let begun = Instant::now();
        let mut child = Command::new(program()?)
            .args(["demo", "--listen", "127.0.0.1:0", "--patients", &patients.to_string(), "--data"])
            .arg(data)
            .args(database.iter().flat_map(|url| ["--database", url]))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let lines = BufReader::new(child.stdout.take().ok_or_else(|| Error::other("no output"))?).lines();
        let (mut token, mut accounts) = (String::new(), Vec::new());
        for line in lines {
            let line = line?;
            if let Some(rest) = line.strip_prefix("sign-in: ")
                && let [user, password, role] = rest.split(' ').collect::<Vec<_>>()[..]
            {
                accounts.push((user.to_owned(), password.to_owned(), role.to_owned()));
            } else if let Some(rest) = line.strip_prefix("api-token: ") {
                rest.clone_into(&mut token);
            } else if let Some(rest) = line.strip_prefix("listening on http://") {
                let address = rest.trim().to_owned();
                return Ok(Self {
                    child,
                    address,
                    token,
                    accounts,
                    ready_after: begun.elapsed(),
                    postgres: database.is_some(),
                });
            }
        }
        Err(Error::other("the program ended before it listened"))
    }

    /// The header line of an API client.
    pub fn bearer(&self) -> String {
        format!("Authorization: Bearer {}\r\n", self.token)
    }

    /// Signs a role in through the page and gives the header line of its cookie.
    pub async fn sign_in(&self, role: &str) -> Result<(String, String)> {
        let (user, password, _) =
            self.accounts.iter().find(|(.., r)| r == role).ok_or_else(|| Error::other("no such account"))?;
        let mut connection = Connection::open(&self.address).await?;
        let page = connection.send(&Request::new("GET", "/sign-in", "", b"", 200)).await?;
        let csrf = field(&page.body, "csrf").unwrap_or_default();
        let before = cookies(&page.head);
        let form = format!("csrf={csrf}&username={user}&password={password}");
        let headers = format!(
            "Content-Type: application/x-www-form-urlencoded\r\nOrigin: http://127.0.0.1\r\nSec-Fetch-Site: same-origin\r\nCookie: {before}\r\n"
        );
        let answer = connection.send(&Request::new("POST", "/sign-in", &headers, form.as_bytes(), 303)).await?;
        if answer.status != 303 {
            return Err(Error::other(format!("signing in answered {}", answer.status)));
        }
        let cookie = format!("Cookie: {}\r\n", cookies(&answer.head));
        let home = connection.send(&Request::new("GET", "/", &cookie, b"", 200)).await?;
        let text = String::from_utf8_lossy(&home.body).into_owned();
        let csrf = text
            .split_once("name=\"csrf\" content=\"")
            .and_then(|(_, rest)| rest.split_once('"'))
            .map(|(c, _)| c.to_owned());
        Ok((cookie, csrf.unwrap_or_default()))
    }

    /// CPU time used so far, user and system, PostgreSQL's with it.
    pub fn cpu(&self) -> Duration {
        let database =
            if self.postgres { postgres().iter().map(|process| cpu_of(process)).sum() } else { Duration::ZERO };
        cpu_of(&self.child.id().to_string()) + database
    }

    /// Resident memory in MB, now and at most.
    pub fn memory(&self) -> (f64, f64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let of = |name: &str| {
            let kilobytes = header(&status, name).and_then(|v| v.split(' ').next()).and_then(|v| v.parse::<f64>().ok());
            kilobytes.unwrap_or(0.0) / 1024.0
        };
        (of("VmRSS"), of("VmHWM"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// CPU time a process (its number, or `self`) has used so far, user and system.
pub fn cpu_of(process: &str) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields: Vec<u64> =
        stat.rsplit(')').next().unwrap_or("").split_whitespace().map(|f| f.parse().unwrap_or(0)).collect();
    // Fields 14 and 15 of proc(5), counted from 1 with two before the closing parenthesis; a tick is 10 ms.
    Duration::from_millis(10 * (fields.get(11).unwrap_or(&0) + fields.get(12).unwrap_or(&0)))
}

/// The processes of PostgreSQL on this machine: nothing else may use it while it is measured.
fn postgres() -> Vec<String> {
    let named = |process: &String| {
        std::fs::read_to_string(format!("/proc/{process}/comm")).is_ok_and(|name| name.trim() == "postgres")
    };
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.filter_map(|entry| entry.file_name().into_string().ok()).filter(named).collect()
}

/// The value of a form's field.
pub fn field(page: &[u8], name: &str) -> Option<String> {
    let page = String::from_utf8_lossy(page);
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
    rest.split_once('"').map(|(value, _)| value.to_owned())
}

fn cookies(head: &str) -> String {
    let set =
        head.lines().filter_map(|line| line.split_once(':')).filter(|(n, _)| n.eq_ignore_ascii_case("set-cookie"));
    let pairs: Vec<&str> = set.filter_map(|(_, value)| value.split(';').next()).map(str::trim).collect();
    pairs.join("; ")
}
