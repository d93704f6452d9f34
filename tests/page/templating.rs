//! Templates of the practice: a shipped one is copied, changed and begun from; hidden and offered again.

use crate::noting::{begin, practice};
use crate::support::{between, page};
use chartroom_tests::{Answer, Browser};
use store::Role;

async fn keep(browser: &Browser, (slug, version): (&str, &str), title: &str, sections: &str) -> Answer {
    let fields = [
        ("slug", slug),
        ("version", version),
        ("title", title),
        ("kind", "nurse"),
        ("source", "Our own list"),
        ("sections", sections),
    ];
    browser.post("/templates", &fields).await
}

#[tokio::test]
async fn a_copy_is_changed_and_notes_are_begun_from_it() {
    let practice = practice().await;
    let (manager, nurse) = (practice.signed_in(Role::Manager).await, practice.signed_in(Role::Nurse).await);
    let form = page(&manager, "/templates/new?copy=nurse").await;
    assert!(form.contains("## Observations") && form.contains("value=\"nurse\" selected"), "{form}");
    let done = keep(&manager, ("", "0"), "Foot check", "## Feet\r\nPulses: ***\r\n.allergies\r\n## Advice\r\n").await;
    assert_eq!(done.status, 303, "{}", done.text());
    let offered = page(&nurse, "/patients/p/notes/new").await;
    assert!(offered.contains("value=\"foot-check\"") && offered.contains("Feet, Advice"));
    let note = begin(&nurse, "foot-check").await;
    let editor = page(&nurse, &note).await;
    assert!(editor.contains("Foot check") && editor.contains("Pulses: ***\n- Penicillin: Anaphylaxis"), "{editor}");
    // A change is for notes begun from then on.
    let changed = keep(&manager, ("foot-check", "1"), "Foot check", "## Feet\nMonofilament: ***").await;
    assert_eq!(changed.status, 303, "{}", changed.text());
    let stale = keep(&manager, ("foot-check", "1"), "Foot check", "## Feet\nOther").await;
    assert!(stale.status == 412 && stale.text().contains("changed meanwhile"), "{}", stale.text());
    assert!(page(&nurse, &note).await.contains("Pulses: ***"));
    assert!(page(&nurse, &begin(&nurse, "foot-check").await).await.contains("Monofilament: ***"));
    let one = page(&manager, "/templates/foot-check").await;
    assert!(one.contains("Version 2") && one.contains("Pulses: ***"), "what it said before is kept");
    let taken = manager.post("/templates/foot-check/remove", &[("version", "2")]).await;
    assert_eq!(taken.status, 303);
    assert!(!page(&nurse, "/patients/p/notes/new").await.contains("foot-check"));
    assert!(page(&nurse, &note).await.contains("Pulses: ***"));
}

#[tokio::test]
async fn a_shipped_template_is_hidden_and_offered_again() {
    let practice = practice().await;
    let (manager, nurse) = (practice.signed_in(Role::Manager).await, practice.signed_in(Role::Nurse).await);
    let hide = async |slug: &str, hidden: &str, version: &str| {
        manager.post(&format!("/templates/{slug}/hide"), &[("hidden", hidden), ("version", version)]).await.status
    };
    assert_eq!(hide("letter", "yes", "0").await, 303);
    assert!(!page(&nurse, "/patients/p/notes/new").await.contains("value=\"letter\""));
    let form = nurse.get("/patients/p/notes/new").await;
    let once = form.attribute("name=\"once\"", "value").expect("the form's key");
    let fields = [("patient", "p"), ("once", once.as_str()), ("template", "letter")];
    assert_eq!(nurse.post("/patients/p/notes/new", &fields).await.status, 404, "nor is a note begun from it");
    let list = page(&manager, "/templates").await;
    assert!(between(&list, "Shipped with Chartroom", "</section>").contains("Hidden"));
    assert_eq!(hide("letter", "no", "0").await, 412, "it was hidden meanwhile");
    assert_eq!(hide("letter", "no", "1").await, 303);
    assert!(page(&nurse, "/patients/p/notes/new").await.contains("value=\"letter\""));
    assert_eq!((hide("addendum", "yes", "0").await, hide("none", "yes", "0").await), (409, 404));
    assert_eq!(nurse.post("/templates/letter/hide", &[("hidden", "yes"), ("version", "2")]).await.status, 403);
}

#[tokio::test]
async fn what_is_wrong_with_a_template_is_told_by_its_line() {
    let practice = practice().await;
    let manager = practice.signed_in(Role::Manager).await;
    for (title, sections, problem) in [
        ("", "## Feet", "Title: write 1 to 100 characters"),
        ("Foot check", "Feet\n## Plan", "Sections, line 1: begin with a heading"),
        ("Foot check", "## Feet\n\n## ", "Sections, line 3: a section needs a heading"),
        ("Foot check", "## Feet\n<script> .pulse", "Sections, line 2: .pulse is no live value"),
    ] {
        let refused = keep(&manager, ("", "0"), title, sections).await;
        assert_eq!(refused.status, 422, "{problem}");
        assert!(refused.text().contains(problem), "{problem}: {}", refused.text());
        assert!(!refused.text().contains("<script> .pulse"));
    }
    assert_eq!(keep(&manager, ("nurse", "0"), "Mine", "## Feet").await.status, 404, "what ships is not changed");
    assert_eq!(keep(&practice.signed_in(Role::Clinician).await, ("", "0"), "Mine", "## Feet").await.status, 403);
    assert!(!page(&manager, "/templates").await.contains("Foot check"));
}
