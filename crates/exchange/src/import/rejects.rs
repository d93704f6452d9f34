//! What was not taken, and what was taken with a doubt, written beside its input with the reasons.

use super::files::{REJECTS, WARNINGS};
use crate::bundle::Reject;
use fhir::json;
use serde_json::json;
use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The files of rejects, or of warnings, of one import, made when first needed.
pub(super) struct Rejects {
    ending: &'static str,
    files: HashMap<PathBuf, File>,
}

/// `x.json` has its rejects in `x.json.rejects.ndjson`.
fn beside(input: &Path, ending: &str) -> PathBuf {
    let mut name = input.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

impl Rejects {
    /// What is not taken.
    pub(super) fn new() -> Self {
        Self { ending: REJECTS, files: HashMap::new() }
    }

    /// What is taken with a doubt.
    pub(super) fn warnings() -> Self {
        Self { ending: WARNINGS, files: HashMap::new() }
    }

    /// Forgets what an earlier import rejected of this input, or doubted.
    pub(super) fn forget(input: &Path) {
        // Nothing there is the usual case; what cannot be removed is overwritten or reported when a reject is written.
        for ending in [REJECTS, WARNINGS] {
            let _nothing_there = std::fs::remove_file(beside(input, ending));
        }
    }

    /// Writes one reject. `text` is the line it came as, so that the file can be mended and imported itself.
    pub(super) fn write(
        &mut self,
        input: &Path,
        line: Option<u64>,
        reject: &Reject,
        text: Option<&[u8]>,
    ) -> std::io::Result<()> {
        let reasons: Vec<_> =
            reject.issues.iter().map(|issue| json!({"where": issue.expression, "what": issue.text})).collect();
        let mut row = serde_json::Map::new();
        row.insert("file".into(), json!(input.file_name().map(|name| name.to_string_lossy())));
        row.extend(line.map(|line| ("line".to_owned(), json!(line))));
        row.insert("resources".into(), json!(reject.resources));
        row.insert("reasons".into(), json!(reasons));
        row.extend(text.map(|text| ("sent".to_owned(), sent(text))));
        let mut bytes = json::write(&row.into());
        bytes.push(b'\n');
        let path = beside(input, self.ending);
        let file = match self.files.entry(path) {
            std::collections::hash_map::Entry::Occupied(there) => there.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => {
                let file = private_file(place.key())?;
                place.insert(file)
            }
        };
        file.write_all(&bytes)
    }
}

/// What was sent, as JSON where it is that.
fn sent(text: &[u8]) -> serde_json::Value {
    json::parse(text).unwrap_or_else(|_| String::from_utf8_lossy(text).trim_end().into())
}

/// Rejects hold patients' data: readable by their owner alone.
fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|e| std::io::Error::new(e.kind(), format!("{}: {e}", path.display())))
}
