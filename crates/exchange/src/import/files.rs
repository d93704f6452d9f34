//! The files of an import: found, put in an order in which references mostly lead backwards, and cut into units.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Lines of NDJSON stored together: a commit's cost is shared, and a bad line is found by storing its unit line by line.
const LINES: usize = 200;
/// Bytes of NDJSON held together at most.
const UNIT_BYTES: usize = 4 << 20;

/// What rejects are written to, beside their input.
pub const REJECTS: &str = ".rejects.ndjson";
/// What warnings are written to, beside their input.
pub const WARNINGS: &str = ".warnings.ndjson";

/// One input file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Where it is.
    pub path: PathBuf,
    /// How long it is.
    pub bytes: u64,
    /// Whether each line is a resource.
    pub lines: bool,
    order: u8,
}

/// A stretch of one file that is read together.
#[derive(Debug, Clone)]
pub struct Chunk {
    /// The file.
    pub path: PathBuf,
    /// Each text with its line number; a bundle file is one text without a number.
    pub texts: Vec<(Option<u64>, Vec<u8>)>,
    /// How many bytes of the file it covers.
    pub bytes: u64,
}

/// Every `.json` and `.ndjson` file of these paths, folders searched through.
///
/// # Errors
/// A path that cannot be read, named.
pub fn find(paths: &[PathBuf]) -> std::io::Result<Vec<Input>> {
    let mut found = Vec::new();
    for path in paths {
        collect(path, true, &mut found)
            .map_err(|e| std::io::Error::new(e.kind(), format!("{}: {e}", path.display())))?;
    }
    found.sort_by(|a, b| (a.order, &a.path).cmp(&(b.order, &b.path)));
    found.dedup_by(|a, b| a.path == b.path);
    Ok(found)
}

fn collect(path: &Path, named: bool, found: &mut Vec<Input>) -> std::io::Result<()> {
    let about = std::fs::metadata(path)?;
    if about.is_dir() {
        let mut inside: Vec<PathBuf> =
            std::fs::read_dir(path)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
        inside.sort();
        return inside.iter().try_for_each(|path| collect(path, false, found));
    }
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let lines = name.ends_with(".ndjson") || name.ends_with(".jsonl");
    if name.ends_with(REJECTS) || name.ends_with(WARNINGS) || !(named || lines || name.ends_with(".json")) {
        return Ok(());
    }
    found.push(Input { path: path.to_owned(), bytes: about.len(), lines, order: order(path, lines)? });
    Ok(())
}

/// What everything else refers to comes first: the practice's own, then patients, then visits.
fn order(path: &Path, lines: bool) -> std::io::Result<u8> {
    let mut head = Vec::new();
    File::open(path)?.take(4096).read_to_end(&mut head)?;
    let head = String::from_utf8_lossy(&head);
    let mut types =
        head.split("\"resourceType\"").skip(1).map(|rest| rest.trim_start_matches([' ', ':', '\n', '\r', '\t', '"']));
    let first = types.find(|rest| !rest.starts_with("Bundle")).unwrap_or_default();
    let starts = |names: &[&str]| names.iter().any(|name| first.starts_with(name));
    Ok(if starts(&["Organization", "Practitioner", "Location", "Medication\"", "Device", "HealthcareService"]) {
        0
    } else if !lines || first.starts_with("Patient") {
        1
    } else if first.starts_with("Encounter") {
        2
    } else {
        3
    })
}

/// The chunks of a file, one after another.
pub struct Chunks {
    input: Input,
    reader: Option<BufReader<File>>,
    line: u64,
}

impl Chunks {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(input: &Input) -> std::io::Result<Self> {
        Ok(Self {
            input: input.clone(),
            reader: Some(BufReader::with_capacity(1 << 16, File::open(&input.path)?)),
            line: 0,
        })
    }

    fn read_next(&mut self) -> std::io::Result<Option<Chunk>> {
        let Some(reader) = &mut self.reader else { return Ok(None) };
        let mut texts = Vec::new();
        let mut bytes = 0_u64;
        if !self.input.lines {
            let mut text = Vec::new();
            reader.read_to_end(&mut text)?;
            self.reader = None;
            return Ok(Some(Chunk {
                path: self.input.path.clone(),
                texts: vec![(None, text)],
                bytes: self.input.bytes,
            }));
        }
        while texts.len() < LINES && bytes < UNIT_BYTES as u64 {
            let mut text = Vec::new();
            let read = reader.read_until(b'\n', &mut text)?;
            if read == 0 {
                self.reader = None;
                break;
            }
            self.line += 1;
            bytes += read as u64;
            if !text.trim_ascii().is_empty() {
                texts.push((Some(self.line), text));
            }
        }
        let empty = texts.is_empty() && bytes == 0;
        Ok((!empty).then(|| Chunk { path: self.input.path.clone(), texts, bytes }))
    }
}

impl Iterator for Chunks {
    type Item = std::io::Result<Chunk>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read_next().transpose()
    }
}
