//! Drafts, damaged by hand: their rows and texts follow from what is left of them, or are named as lost.

use super::*;
use store::draft::{DraftAct, DraftChange, NewSection, SaveText};

const NOTE: Uuid = Uuid::from_u128(7);

/// A note that was begun and typed into.
async fn typed(db: &Db, patient: &Key) {
    let section = NewSection { name: "plan".into(), title: "Plan".into(), text: String::new(), copied: None };
    let begin = DraftAct::Begin {
        visit: None,
        appends: None,
        kind: "progress".into(),
        title: "Visit".into(),
        sections: vec![section],
        name: "Dr Okafor".into(),
        origin: None,
    };
    let save = DraftAct::Save(SaveText {
        section: "plan".into(),
        based_on: 0,
        text: "rest — «ß»".into(),
        window: Uuid::from_u128(1),
        step: 1,
        settles: Vec::new(),
        name: "Dr Okafor".into(),
    });
    for what in [begin, save] {
        let at = Timestamp::UNIX_EPOCH;
        let audit = Entry::new(at, Uuid::nil(), Actor::program("test"), "note.save");
        let change = DraftChange { id: NOTE, patient: PatientId::new(patient.id.clone()), what };
        let (writes, unchanged, exist) = (Vec::new(), Vec::new(), Vec::new());
        let commit = Commit { at, writes, unchanged, exist, draft: Some(change), idempotency: None, audit };
        db.commit(&writing(), commit).await.expect("kept");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drafts_are_compared_with_what_they_are_found_by_and_with_what_was_saved() {
    let Some(practice) = Practice::new().await else { return };
    typed(&practice.db, &practice.patient).await;
    practice.expect_clean().await;
    let draft = format!("draft {NOTE}");
    for sql in [
        "UPDATE note_draft SET author = '00112233-4455-6677-8899-aabbccddeeff'",
        "UPDATE note_draft SET open = false",
        "UPDATE note_draft SET changed_at = 5",
        "DELETE FROM note_revision",
    ] {
        practice.sql(sql, &practice.patient).await;
        practice.expect_mended(&draft, sql).await;
    }
    for (sql, back) in [
        (
            "UPDATE note_revision SET body = replace(body, 'rest', 'pest')",
            "UPDATE note_revision SET body = replace(body, 'pest', 'rest')",
        ),
        ("UPDATE note_draft SET body = substr(body, 2)", "UPDATE note_draft SET body = '{' || body"),
        ("UPDATE note_draft SET patient = patient + 100000", "UPDATE note_draft SET patient = patient - 100000"),
    ] {
        practice.sql(sql, &practice.patient).await;
        practice.expect_never(&draft).await;
        practice.sql(back, &practice.patient).await;
    }
    practice.expect_clean().await;
}
