//! What the browser loads: style, script, fonts and icon, bundled from locked npm packages and our own sources when this crate is
//! built, embedded with a content hash in every address, so that a browser may keep them for ever.
//!
//! ```
//! let script = assets::url("app.js");
//! assert!(script.starts_with("/static/app-") && script.ends_with(".js"));
//! let file = assets::find(script).expect("what a page names is served");
//! assert_eq!(file.media_type, "text/javascript; charset=utf-8");
//! ```
//!
//! The classes that pages may use, and the HTML they expect, are listed in `web/README.md`.

/// One embedded file.
#[derive(Debug)]
pub struct File {
    /// The name pages know it by, such as `app.css`.
    pub name: &'static str,
    /// The address it is served at, such as `/static/app-0123456789ab.css`. Changes with the content.
    pub url: &'static str,
    /// The value of `Content-Type`.
    pub media_type: &'static str,
    /// The file as it is.
    pub bytes: &'static [u8],
    /// The same bytes compressed with Brotli, where that makes them smaller.
    pub brotli: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// How long and how a browser may keep these files: for ever, as their address changes with their content.
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// The Content-Security-Policy under which every page works: nothing inline, nothing from another host, and (by Trusted Types) no
/// text turned into markup but the server's own fragments.
pub const CSP: &str = include_str!("../web/csp.txt").trim_ascii_end();

/// The table of keyboard shortcuts, as JSON: the script binds it, the `?` help shows it and the tests read it.
pub const KEYS: &str = include_str!("../web/src/keys.json");

/// The address of the file pages know as `name`. An unknown name gives `/static/unknown`, which answers 404: a page is then
/// unstyled rather than down, and `tests` in this crate fail on any name in the sources that is not here.
#[must_use]
pub fn url(name: &str) -> &'static str {
    FILES.iter().find(|file| file.name == name).map_or("/static/unknown", |file| file.url)
}

/// The file served at `path` (`/static/…`), or `None`.
#[must_use]
pub fn find(path: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.url == path)
}

/// Every embedded file.
#[must_use]
pub fn all() -> &'static [File] {
    FILES
}
