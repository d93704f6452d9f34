//! Where PostgreSQL's programs are, and as whom they run.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// PostgreSQL's programs.
#[derive(Clone)]
pub(crate) struct Programs {
    /// The folder they are in.
    pub(crate) bin: PathBuf,
}

impl Programs {
    /// The folder that `CHARTROOM_POSTGRES_BIN` names, else one of the search path, else the newest of Debian's.
    pub(crate) fn find() -> Result<Self, String> {
        if let Some(named) = env::var_os("CHARTROOM_POSTGRES_BIN").map(PathBuf::from) {
            let complete = has_all(&named).then(|| Self { bin: named.clone() });
            return complete
                .ok_or_else(|| format!("{} (CHARTROOM_POSTGRES_BIN) holds no PostgreSQL server", named.display()));
        }
        let path = env::var_os("PATH").unwrap_or_default();
        // Links are followed: beside the real program lie those it needs.
        let on_path = env::split_paths(&path)
            .filter_map(|folder| fs::canonicalize(folder.join("initdb")).ok()?.parent().map(Path::to_owned));
        let found = on_path.chain(debian()).find(|bin| has_all(bin));
        found.map(|bin| Self { bin }).ok_or_else(|| {
            "no PostgreSQL server here: install it (`apt-get install postgresql`) or name the folder of its programs in \
             CHARTROOM_POSTGRES_BIN"
                .to_owned()
        })
    }
}

fn has_all(bin: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres", "createdb", "dropdb"].iter().all(|program| bin.join(program).is_file())
}

/// `/usr/lib/postgresql/VERSION/bin`, the newest first.
fn debian() -> Vec<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    found.sort_unstable();
    found.into_iter().rev().map(|(_, bin)| bin).collect()
}

/// Whom to run a server as, and their group, when this process is root's: PostgreSQL's own user, else nobody.
pub(crate) fn user() -> Result<Option<(u32, u32)>, String> {
    if id(&["-u"]) != Some(0) {
        return Ok(None);
    }
    let known = ["postgres", "nobody"].iter().find_map(|name| Some((id(&["-u", name])?, id(&["-g", name])?)));
    known.map(Some).ok_or_else(|| "PostgreSQL does not run as root, and there is no other user here".to_owned())
}

/// Has a program run as that user.
pub(crate) fn as_user(command: &mut Command) -> Result<(), String> {
    if let Some((uid, gid)) = user()? {
        command.uid(uid).gid(gid);
    }
    Ok(())
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).ok()?.trim().parse().ok())?
}
