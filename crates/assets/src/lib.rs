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

/// The fonts that paper is set in, as TrueType: the screen's own, then Noto Sans for letters that it has not.
#[must_use]
pub fn paper_fonts() -> &'static [&'static [u8]] {
    PAPER_FONTS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str) -> &'static str {
        std::str::from_utf8(find(url(name)).unwrap().bytes).unwrap()
    }

    #[test]
    fn an_address_changes_with_the_content_and_is_found_again() {
        for file in all() {
            assert_eq!(url(file.name), file.url);
            assert!(find(file.url).is_some_and(|found| found.bytes == file.bytes), "{}", file.name);
        }
        assert!(find("/static/app.js").is_none() && find("/static/").is_none() && find("../Cargo.toml").is_none());
        assert_eq!(url("no-such-file"), "/static/unknown");
    }

    #[test]
    fn style_and_script_load_only_from_here() {
        for name in ["app.css", "app.js"] {
            let outside = text(name).match_indices("//").filter(|(at, _)| text(name)[..*at].ends_with("url(http"));
            assert_eq!(outside.count(), 0, "{name}");
        }
        assert!(text("app.css").contains(url("font.woff2")) && text("app.css").contains(url("font-ext.woff2")));
    }

    #[test]
    fn a_cold_chart_leaves_room_for_the_page() {
        let sent = |name: &str| find(url(name)).map_or(0, |file| file.brotli.unwrap_or(file.bytes).len());
        let total = sent("app.css") + sent("app.js") + sent("font.woff2") + sent("icon.svg");
        assert!(
            total <= 60_000,
            "80 KB is the whole budget of a chart; style, script and font take {total} bytes of it"
        );
    }

    /// Every class that `web/README.md` shows in an example has a rule, so that pages written against it look as it promises.
    #[test]
    fn every_class_of_the_reference_has_a_rule() {
        let reference = include_str!("../web/README.md");
        let classes = reference
            .split("class=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .flat_map(str::split_whitespace);
        let missing: Vec<&str> =
            classes.filter(|class| !text("app.css").contains(&format!(".{class}")) && !OPEN.contains(class)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    /// Classes that only name a part, and take their look from the element they are on.
    const OPEN: [&str; 4] = ["who", "undo", "high", "one"];

    #[test]
    fn the_policy_is_one_header_line_without_inline_anything() {
        assert!(!CSP.contains('\n') && !CSP.contains("unsafe"));
        assert!(CSP.contains("require-trusted-types-for 'script'") && CSP.contains("default-src 'none'"));
    }

    #[test]
    fn no_key_is_bound_twice_nor_hides_a_sequence() {
        let keys: Vec<&str> = KEYS.split("\"key\": \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(keys.len() > 20);
        for key in &keys {
            assert_eq!(keys.iter().filter(|other| other == &key).count(), 1, "{key} is bound twice");
            let hidden = keys.iter().find(|longer| longer.starts_with(&format!("{key} ")));
            assert_eq!(hidden, None, "{key} would act before the sequence is typed");
        }
    }
}
