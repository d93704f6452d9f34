//! The frame around every page.

use crate::caller::Ui;
use crate::said;
use clinic::Action;
use maud::{DOCTYPE, Markup, html};

/// One place the navigation leads to: only what is real, and only what this user may do.
struct Place {
    label: &'static str,
    href: &'static str,
    keys: &'static str,
    needs: Option<Action>,
}

const PLACES: &[Place] = &[
    Place { label: "Home", href: "/", keys: "g h", needs: None },
    Place { label: "Patients", href: "/search", keys: "g p", needs: Some(Action::ReadIdentity) },
    Place { label: "Unsigned", href: "/drafts", keys: "g n", needs: Some(Action::WriteNotes) },
    Place { label: "Drafts", href: "/drafts/all", keys: "", needs: Some(Action::AssignDrafts) },
    Place { label: "Users", href: "/users", keys: "g u", needs: Some(Action::Manage) },
    Place { label: "Tokens", href: "/tokens", keys: "", needs: Some(Action::Manage) },
    Place { label: "Settings", href: "/settings", keys: "", needs: Some(Action::Manage) },
    Place { label: "Audit", href: "/audit", keys: "g a", needs: Some(Action::Audit) },
];

/// A page for somebody signed in. `banner` is the patient's, on patient pages; `body` is the content, `<main>` included.
#[must_use]
pub fn page(ui: &Ui, title: &str, banner: Option<&Markup>, body: &Markup) -> Markup {
    framed(ui, title, None, &html! { @if let Some(banner) = banner { (banner) } (said::view(ui.said)) (body) })
}

/// A patient's page: as [`page`], with the patient's colour (0 to 35); `sheet` is everything after the top bar.
#[must_use]
pub fn patient_page(ui: &Ui, title: &str, hue: u32, sheet: &Markup) -> Markup {
    framed(ui, title, Some(hue), sheet)
}

fn framed(ui: &Ui, title: &str, hue: Option<u32>, body: &Markup) -> Markup {
    let theme = Some(ui.preferences.theme.as_str()).filter(|theme| !theme.is_empty());
    let single_keys = (!ui.preferences.single_keys).then_some("off");
    let idle = (!ui.locked).then(|| ui.practice.idle_minutes * 60);
    html! {
        (DOCTYPE)
        html lang="en" data-theme=[theme] data-single-keys=[single_keys] data-idle-seconds=[idle] {
            head { (head(title, Some(&ui.csrf))) }
            body class=[hue.map(|hue| format!("hue-{}", hue % 36))] {
                a class="skip" href="#main" { "Skip to content" }
                (top_bar(ui))
                (body)
            }
        }
    }
}

/// A page that stands before the others: sign-in, lock, set-up, errors. `body` goes inside `<main>`, under the title.
#[must_use]
pub fn gate(title: &str, body: &Markup) -> Markup {
    gate_with(title, None, "Chartroom", body)
}

/// As [`gate`], with the form token for scripts and the practice's name.
#[must_use]
pub fn gate_with(title: &str, csrf: Option<&str>, brand: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head { (head(title, csrf)) }
            body class="gate" {
                main id="main" {
                    p class="brand" { (brand) }
                    h1 { (title) }
                    (body)
                }
            }
        }
    }
}

fn head(title: &str, csrf: Option<&str>) -> Markup {
    html! {
        meta charset="utf-8";
        meta name="viewport" content="width=device-width, initial-scale=1";
        @if let Some(token) = csrf { meta name="csrf" content=(token); }
        title { (title) " · Chartroom" }
        link rel="icon" href=(assets::url("icon.svg")) type="image/svg+xml";
        link rel="preload" href=(assets::url("font.woff2")) as="font" type="font/woff2" crossorigin;
        link rel="stylesheet" href=(assets::url("app.css"));
        script type="module" src=(assets::url("app.js")) {}
    }
}

fn top_bar(ui: &Ui) -> Markup {
    let find = ui.may(Action::ReadIdentity) && !ui.locked;
    html! {
        header class="topbar" {
            a class="brand" href="/" { "Chartroom " span class="practice" { (ui.practice.name) } }
            nav aria-label="Main" {
                @for place in PLACES {
                    @if !ui.locked && place.needs.is_none_or(|action| ui.may(action)) {
                        a href=(place.href) data-key=[Some(place.keys).filter(|keys| !keys.is_empty())] aria-current=[here(ui, place).then_some("page")] { (place.label) }
                    }
                }
            }
            @if find {
                a class="btn find" href="/search" data-open="palette" { "Find patient " kbd { "Ctrl K" } }
            }
            details class="menu" {
                summary { (ui.display_name) }
                div {
                    @if !ui.locked { a href="/preferences" { "My settings" } }
                    @if !ui.locked && ui.may(Action::WriteNotes) { a href="/phrases" { "My phrases" } }
                    @if !ui.locked {
                        form method="post" action="/lock" {
                            (ui.csrf_field())
                            input type="hidden" name="next" value=(ui.path);
                            button data-key="lock" { "Lock" }
                        }
                    }
                    form method="post" action="/sign-out" { (ui.csrf_field()) button { "Sign out" } }
                }
            }
        }
    }
}

fn here(ui: &Ui, place: &Place) -> bool {
    if place.href == "/" { ui.path == "/" } else { ui.path.starts_with(place.href) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frame_carries_what_scripts_and_readers_need_and_escapes_the_rest() {
        let mut ui = Ui::sample();
        ui.display_name = "<b>Mallory</b>".to_owned();
        let page = page(&ui, "A & B", None, &html! { main id="main" class="page" {} }).into_string();
        assert!(page.contains(r#"data-idle-seconds="900""#));
        assert!(page.contains(r#"<meta name="csrf" content="sample-token">"#));
        assert!(page.contains("<title>A &amp; B · Chartroom</title>"));
        assert!(page.contains("&lt;b&gt;Mallory&lt;/b&gt;") && !page.contains("<b>Mallory"));
        assert!(!page.contains("style=") && !page.contains("<style"));
    }

    #[test]
    fn a_locked_page_neither_counts_idleness_nor_leads_anywhere() {
        let ui = Ui { locked: true, ..Ui::sample() };
        let page = page(&ui, "Locked", None, &html! {}).into_string();
        assert!(!page.contains("data-idle-seconds") && !page.contains("data-key=\"g h\""));
    }

    #[test]
    fn every_place_exists() {
        let paths: Vec<&str> = crate::routes::table().into_iter().map(|route| route.path).collect();
        let named = PLACES.iter().map(|place| place.href).chain(["/preferences", "/lock", "/sign-out", "/search"]);
        for path in named {
            assert!(paths.contains(&path), "{path}");
        }
    }
}
