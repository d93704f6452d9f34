//! Builds what the browser loads: the locked npm packages into `OUT_DIR/web`, bundled there by `build.mjs`, then a generated
//! table that embeds every file. A crate of its own, so that editing Rust never runs npm again.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};
use std::{env, fs, io};

const NPM_INSTALL: [&str; 6] =
    ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
const SOURCES: [&str; 5] = ["package.json", "package-lock.json", "build.mjs", "src", "css"];

fn main() {
    if let Err(message) = build() {
        println!("cargo::error={message}");
        exit(1);
    }
}

fn build() -> Result<(), String> {
    let web = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("web");
    let out = PathBuf::from(variable("OUT_DIR")?);
    for source in SOURCES {
        println!("cargo::rerun-if-changed=web/{source}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    let work = out.join("web");
    install(&web, &work)?;
    for folder in ["src", "css"] {
        copy_folder(&web.join(folder), &work.join(folder))
            .map_err(|e| format!("web/{folder} cannot be copied: {e}"))?;
    }
    copy(&web, &work, "build.mjs")?;
    let dist = out.join("dist");
    run(&work, "node", &["build.mjs", &dist.to_string_lossy()])?;
    let manifest = fs::read_to_string(dist.join("manifest.tsv")).map_err(|e| format!("no asset manifest: {e}"))?;
    let fonts = fs::read_to_string(dist.join("paper.txt")).map_err(|e| format!("no list of fonts for paper: {e}"))?;
    let table = table(&manifest, &dist)? + &paper_fonts(&fonts);
    fs::write(out.join("files.rs"), table).map_err(|e| format!("the table of assets cannot be written: {e}"))
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} is not set: build with cargo"))
}

/// Runs `npm ci` beside a copy of the lock file, only when the lock file changed since the last time it succeeded.
fn install(web: &Path, work: &Path) -> Result<(), String> {
    fs::create_dir_all(work).map_err(|e| format!("{} cannot be made: {e}", work.display()))?;
    let lock = fs::read(web.join("package-lock.json")).map_err(|e| format!("web/package-lock.json: {e}"))?;
    let stamp = work.join("installed.stamp");
    if work.join("node_modules").is_dir() && fs::read(&stamp).is_ok_and(|done| done == lock) {
        return Ok(());
    }
    for file in ["package.json", "package-lock.json"] {
        copy(web, work, file)?;
    }
    run(work, "npm", &NPM_INSTALL)?;
    fs::write(stamp, lock).map_err(|e| format!("the npm stamp cannot be written: {e}"))
}

fn run(folder: &Path, program: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .map_err(|e| format!("`{program}` does not start ({e}): install Node.js >= 20"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).take(8).collect();
    Err(format!(
        "`{program} {}` failed ({}); Node.js >= 20 and npm are needed: {}",
        arguments.join(" "),
        output.status,
        said.join(" | ")
    ))
}

fn copy(from: &Path, to: &Path, file: &str) -> Result<(), String> {
    fs::copy(from.join(file), to.join(file)).map(|_| ()).map_err(|e| format!("web/{file}: {e}"))
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// One `File { … }` per manifest line: `name<TAB>served name<TAB>media type<TAB>compressed file or nothing`.
fn table(manifest: &str, dist: &Path) -> Result<String, String> {
    let mut rust = String::from("static FILES: &[File] = &[\n");
    for line in manifest.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, served, media_type, compressed] = fields[..] else {
            return Err(format!("the asset manifest has an odd line: {line}"));
        };
        let brotli = if compressed.is_empty() {
            "None".to_owned()
        } else {
            format!("Some(include_bytes!({:?}))", dist.join(compressed))
        };
        writeln!(
            rust,
            "File {{ name: {name:?}, url: {url:?}, media_type: {media_type:?}, bytes: include_bytes!({path:?}), brotli: {brotli} }},",
            url = format!("/static/{served}"),
            path = dist.join(served),
        )
        .map_err(|e| e.to_string())?;
    }
    rust.push_str("];\n");
    Ok(rust)
}

/// The fonts that paper is set in, one path a line.
fn paper_fonts(paths: &str) -> String {
    let fonts: Vec<String> = paths.lines().map(|path| format!("include_bytes!({path:?})")).collect();
    format!("static PAPER_FONTS: &[&[u8]] = &[{}];\n", fonts.join(", "))
}
