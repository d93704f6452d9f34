//! Finding and unpacking the shared data that some tests read; absent data skips the test with one line.

#![allow(dead_code, reason = "each test uses what it needs")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// A file of the shared data, or `None` (told on standard output) when it is not here.
pub fn find(file: &str) -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let root = std::env::var_os("CHARTROOM_SHARED").map_or(workspace, PathBuf::from);
    let found = [root.join("data").join(file), root.join(file)].into_iter().find(|path| path.exists());
    if found.is_none() {
        println!("skipped: shared data {file} is not here");
    }
    found
}

/// Unpacks a tar archive and calls `each` with the path and bytes of every JSON file in it.
pub fn each_json(archive: &str, mut each: impl FnMut(&str, &[u8])) -> Option<usize> {
    let archive = find(archive)?;
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new("tar").arg("xf").arg(&archive).arg("-C").arg(folder.path()).status();
    if !status.is_ok_and(|status| status.success()) {
        println!("skipped: tar cannot unpack {}", archive.display());
        return None;
    }
    let mut folders = vec![folder.path().to_owned()];
    let mut count = 0;
    while let Some(next) = folders.pop() {
        let mut entries: Vec<_> = std::fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "json") {
                each(&path.strip_prefix(folder.path()).unwrap().to_string_lossy(), &std::fs::read(&path).unwrap());
                count += 1;
            }
        }
    }
    Some(count)
}
