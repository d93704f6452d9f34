//! Drafts of notes: no text is lost to another one, on any database.

use super::fixture::{Case, clinician, day, id, key, patient, put, reading, writing, writing_chart};
use crate::access::{Actor, KindSet, Permit, Role, Scope, WritePermit};
use crate::draft::{Draft, DraftAct, DraftChange, DraftState, DraftsOf, Elsewhere, Kept, NewSection, SaveText};
use crate::record::{Change, Commit, Committed, Write};
use crate::{Error, Result};
use fhir::Kind;
use uuid::Uuid;

const NOTE: Uuid = Uuid::from_u128(700);

fn act(note: Uuid, of: &str, what: DraftAct) -> DraftChange {
    DraftChange { id: note, patient: patient(of), what }
}

fn begin() -> DraftAct {
    let section = |name: &str| NewSection { name: name.into(), title: name.into(), text: String::new(), copied: None };
    DraftAct::Begin {
        visit: Some(id("visit-1")),
        appends: None,
        kind: "progress".into(),
        title: "Progress note".into(),
        sections: vec![section("subjective"), section("plan")],
        name: "Dr Okafor".into(),
        origin: None,
    }
}

fn typed(text: &str, based_on: u32, window: u128, step: u32) -> SaveText {
    let (section, text, name) = ("plan".to_owned(), text.to_owned(), "Dr Okafor".to_owned());
    SaveText { section, based_on, text, window: Uuid::from_u128(window), step, settles: Vec::new(), name }
}

fn signing(plan: u32, cosigner: Option<Uuid>) -> DraftAct {
    DraftAct::Sign { revisions: vec![("subjective".into(), 0), ("plan".into(), plan)], cosigner }
}

async fn change(case: &Case, permit: &WritePermit, change: DraftChange) -> Result<Committed> {
    let mut audit = case.entry("note.draft");
    audit.actor = permit.actor().clone();
    audit.patients = vec![change.patient.clone()];
    case.store.commit(permit, Commit { draft: Some(change), audit, ..case.commit_of(Vec::new()) }).await
}

async fn save(case: &Case, save: SaveText) -> Kept {
    let done = change(case, &writing(), act(NOTE, "anna", DraftAct::Save(save))).await.expect("saved");
    done.draft.expect("what it came to")
}

async fn draft(case: &Case) -> Draft {
    let sealed = case.store.draft(&reading(), &patient("anna"), NOTE).await.expect("read").expect("a draft");
    case.store.release(sealed, case.entry("note.read")).await.expect("released")
}

fn plan(draft: &Draft) -> (&str, Vec<&str>) {
    let plan = &draft.sections[1];
    (&plan.stands.text, plan.aside.iter().map(|aside| aside.text.as_str()).collect())
}

async fn begun(case: &Case) {
    case.patient("anna").await;
    case.patient("berta").await;
    change(case, &writing(), act(NOTE, "anna", begin())).await.expect("begun");
}

/// A first note in the chart of anna, who is there.
pub(super) async fn a_note_can_be_typed(case: &Case) {
    change(case, &writing(), act(NOTE, "anna", begin())).await.expect("begun");
    assert_eq!(save(case, typed("rest", 0, 1, 1)).await, Kept::Done(1));
    assert_eq!(plan(&draft(case).await), ("rest", vec![]));
}

pub async fn what_was_typed_is_kept_text_by_text(case: Case) {
    begun(&case).await;
    assert_eq!(save(&case, typed("rest", 0, 1, 1)).await, Kept::Done(1));
    assert_eq!(save(&case, typed("rest, fluids — «ß» 漢", 1, 1, 2)).await, Kept::Done(2));
    let kept = draft(&case).await;
    assert_eq!(plan(&kept), ("rest, fluids — «ß» 漢", vec![]));
    assert_eq!((kept.author, kept.state, kept.visit.as_deref()), (clinician().id, DraftState::Open, Some("visit-1")));
    let texts = case.store.revisions(&reading(), &patient("anna"), NOTE, "plan").await.expect("revisions");
    let texts = case.store.release(texts, case.entry("note.read")).await.expect("released");
    assert_eq!(texts.iter().map(|text| text.text.as_str()).collect::<Vec<_>>(), ["rest, fluids — «ß» 漢", "rest"]);
}

pub async fn the_same_begin_and_save_twice_change_nothing(case: Case) {
    begun(&case).await;
    save(&case, typed("rest", 0, 1, 1)).await;
    assert_eq!(save(&case, typed("rest", 0, 1, 1)).await, Kept::Done(1));
    change(&case, &writing(), act(NOTE, "anna", begin())).await.expect("begun before");
    assert_eq!(plan(&draft(&case).await), ("rest", vec![]));
}

/// The answer to the first save was lost: the window goes on typing over the revision it knows.
pub async fn a_window_follows_itself_though_an_answer_was_lost(case: Case) {
    begun(&case).await;
    save(&case, typed("re", 0, 1, 1)).await;
    assert_eq!(save(&case, typed("rest", 0, 1, 2)).await, Kept::Done(2));
    assert_eq!(save(&case, typed("re", 0, 1, 1)).await, Kept::Done(2), "what comes late changes nothing");
    assert_eq!(plan(&draft(&case).await), ("rest", vec![]));
}

pub async fn a_text_typed_over_another_is_kept_beside_it_until_settled(case: Case) {
    begun(&case).await;
    save(&case, typed("rest", 0, 1, 1)).await;
    let aside = save(&case, typed("surgery", 0, 2, 1)).await;
    assert_eq!(aside, Kept::Aside(2));
    assert_eq!(save(&case, typed("surgery soon", 0, 2, 2)).await, Kept::Aside(3));
    assert_eq!(plan(&draft(&case).await), ("rest", vec!["surgery soon"]));
    let settled = SaveText { settles: vec![3], ..typed("rest, then surgery", 1, 2, 3) };
    assert_eq!(save(&case, settled).await, Kept::Done(4));
    assert_eq!(plan(&draft(&case).await), ("rest, then surgery", vec![]));
    // A window that settled what it knew of leaves none of its own older texts behind.
    assert_eq!(save(&case, typed("later", 1, 3, 1)).await, Kept::Aside(5));
    assert_eq!(save(&case, typed("later still", 1, 3, 2)).await, Kept::Aside(6));
    let settled = SaveText { settles: vec![5], ..typed("both", 4, 3, 3) };
    assert_eq!(save(&case, settled).await, Kept::Done(7));
    assert_eq!(plan(&draft(&case).await), ("both", vec![]));
}

pub async fn sections_do_not_disturb_each_other(case: Case) {
    begun(&case).await;
    save(&case, typed("rest", 0, 1, 1)).await;
    let other = SaveText { section: "subjective".into(), ..typed("tired", 0, 2, 1) };
    assert_eq!(save(&case, other).await, Kept::Done(1));
    let kept = draft(&case).await;
    assert_eq!((kept.sections[0].stands.text.as_str(), plan(&kept).0), ("tired", "rest"));
}

pub async fn a_draft_of_another_chart_is_not_touched(case: Case) {
    begun(&case).await;
    let elsewhere = act(NOTE, "berta", DraftAct::Save(typed("wrong", 0, 1, 1)));
    assert!(matches!(change(&case, &writing(), elsewhere).await, Err(Error::DraftElsewhere)));
    let berta = writing_chart("berta");
    let here = act(NOTE, "anna", DraftAct::Save(typed("wrong", 0, 1, 1)));
    assert!(matches!(change(&case, &berta, here).await, Err(Error::NotPermitted)));
    let nobody = act(Uuid::from_u128(9), "nobody", begin());
    assert!(matches!(change(&case, &writing(), nobody).await, Err(Error::Missing(_))));
    assert!(case.store.draft(&reading(), &patient("berta"), NOTE).await.expect("read").is_none());
    assert_eq!(plan(&draft(&case).await), ("", vec![]));
}

pub async fn signing_ends_a_draft_only_as_it_was_read(case: Case) {
    begun(&case).await;
    save(&case, typed("rest", 0, 1, 1)).await;
    let note = key(Kind::COMPOSITION, &NOTE.to_string());
    let sign = |plan: u32| signing(plan, None);
    let signed_by = |what| {
        let writes = vec![put(&note, None, Some("anna"), "signed")];
        Commit { draft: Some(act(NOTE, "anna", what)), ..case.commit_of(writes) }
    };
    let refused = case.store.commit(&writing(), signed_by(sign(0))).await;
    assert!(matches!(refused, Err(Error::DraftChanged)), "a text was saved since");
    assert!(case.read(&note).await.is_none(), "nothing was signed");
    case.store.commit(&writing(), signed_by(sign(1))).await.expect("signed");
    assert!(case.read(&note).await.is_some());
    assert_eq!(draft(&case).await.state, DraftState::Signed);
    let late = change(&case, &writing(), act(NOTE, "anna", DraftAct::Save(typed("late", 1, 1, 2)))).await;
    assert!(matches!(late, Err(Error::DraftClosed)));
}

pub async fn a_text_aside_keeps_a_draft_from_being_signed(case: Case) {
    begun(&case).await;
    save(&case, typed("rest", 0, 1, 1)).await;
    save(&case, typed("surgery", 0, 2, 1)).await;
    let sign = signing(1, None);
    assert!(matches!(change(&case, &writing(), act(NOTE, "anna", sign)).await, Err(Error::DraftChanged)));
}

pub async fn a_signed_note_waits_for_its_cosigner_alone(case: Case) {
    begun(&case).await;
    save(&case, typed("rest", 0, 1, 1)).await;
    let waiting = async |whose: Uuid| {
        let sealed = case.store.drafts(&reading(), &DraftsOf::Author(whose)).await.expect("drafts");
        sealed.for_decision().iter().map(|draft| draft.id).collect::<Vec<_>>()
    };
    let (senior, heir) = (Uuid::from_u128(12), Uuid::from_u128(13));
    change(&case, &writing(), act(NOTE, "anna", signing(1, Some(senior)))).await.expect("signed");
    assert_eq!(draft(&case).await.state, DraftState::Awaiting);
    assert_eq!((waiting(clinician().id).await, waiting(senior).await), (vec![], vec![NOTE]));
    let late = change(&case, &writing(), act(NOTE, "anna", DraftAct::Save(typed("late", 1, 1, 2)))).await;
    assert!(matches!(late, Err(Error::DraftClosed)), "what was signed takes no text");
    let own = change(&case, &writing(), act(NOTE, "anna", DraftAct::Cosign)).await;
    assert!(matches!(own, Err(Error::NotPermitted)), "nobody cosigns for another");
    change(&case, &writing(), act(NOTE, "anna", DraftAct::Reassign(heir))).await.expect("handed over");
    assert_eq!((waiting(senior).await, waiting(heir).await), (vec![], vec![NOTE]));
    let kept = draft(&case).await;
    assert_eq!((kept.author, kept.cosigner), (clinician().id, Some(heir)), "its author stays its author");
    let who = Actor { id: heir, ..clinician() };
    let permit = WritePermit::grant(who, KindSet::ALL, Scope::Practice);
    change(&case, &permit, act(NOTE, "anna", DraftAct::Cosign)).await.expect("cosigned");
    assert_eq!((draft(&case).await.state, waiting(heir).await), (DraftState::Signed, vec![]));
    let again = change(&case, &permit, act(NOTE, "anna", DraftAct::Cosign)).await;
    assert!(matches!(again, Err(Error::DraftClosed)), "once");
}

fn elsewhere(patient_: &str, note: Uuid) -> Elsewhere {
    Elsewhere { patient: patient(patient_), note, why: "Wrong chart".into(), by: "Dr Okafor".into(), at: day(3) }
}

async fn moved_away(case: &Case, of: &str) -> Vec<Uuid> {
    let sealed = case.store.drafts(&reading(), &DraftsOf::Moved(patient(of))).await.expect("drafts");
    let found = case.store.release(sealed, case.entry("note.list")).await.expect("released");
    found.iter().map(|draft| draft.id).collect()
}

pub async fn a_draft_in_the_wrong_chart_is_given_up_as_it_was_read_and_says_where_it_went(case: Case) {
    begun(&case).await;
    save(&case, typed(r#"not "moved":{ yet"#, 0, 1, 1)).await;
    let there = Uuid::from_u128(702);
    let away = |plan: u32| DraftAct::Move {
        revisions: vec![("subjective".into(), 0), ("plan".into(), plan)],
        to: elsewhere("berta", there),
    };
    let DraftAct::Begin { visit, appends, kind, title, sections, name, .. } = begin() else { panic!("it begins") };
    let origin = Some(elsewhere("anna", NOTE));
    let begin = DraftAct::Begin { visit, appends, kind, title, sections, name, origin: origin.clone() };
    change(&case, &writing(), act(there, "berta", begin)).await.expect("begun");
    let stale = change(&case, &writing(), act(NOTE, "anna", away(0))).await;
    assert!(matches!(stale, Err(Error::DraftChanged)), "a text was saved since");
    assert_eq!(moved_away(&case, "anna").await, Vec::<Uuid>::new());
    for _ in 0..2 {
        change(&case, &writing(), act(NOTE, "anna", away(1))).await.expect("moved, once");
    }
    let kept = draft(&case).await;
    assert_eq!((kept.state, kept.moved.map(|to| to.note)), (DraftState::Discarded, Some(there)));
    assert_eq!((moved_away(&case, "anna").await, moved_away(&case, "berta").await), (vec![NOTE], vec![]));
    let new = case.store.draft(&reading(), &patient("berta"), there).await.expect("read").expect("a draft");
    assert!(new.for_decision().origin == origin && new.for_decision().state == DraftState::Open);
    let late = change(&case, &writing(), act(NOTE, "anna", DraftAct::Save(typed("late", 1, 1, 2)))).await;
    assert!(matches!(late, Err(Error::DraftClosed)));
}

pub async fn a_patient_with_a_draft_is_not_deleted(case: Case) {
    begun(&case).await;
    let anna = key(Kind::PATIENT, "anna");
    let delete = || Write { key: anna.clone(), based_on: Some(1), change: Change::Delete };
    let refused = case.commit(vec![delete()]).await;
    assert!(matches!(refused, Err(Error::ChartHasDrafts(key)) if key == anna));
    assert!(case.read(&anna).await.is_some());
    change(&case, &writing(), act(NOTE, "anna", DraftAct::Discard)).await.expect("given up");
    case.commit(vec![delete()]).await.expect("deleted");
    let late = change(&case, &writing(), act(Uuid::from_u128(703), "anna", begin())).await;
    assert!(matches!(late, Err(Error::Missing(_))), "nothing is written of who is not there");
}

pub async fn open_drafts_are_listed_by_chart_and_author(case: Case) {
    begun(&case).await;
    let of = |drafts: DraftsOf| {
        let case = case.clone();
        async move {
            let sealed = case.store.drafts(&reading(), &drafts).await.expect("drafts");
            let found = case.store.release(sealed, case.entry("note.list")).await.expect("released");
            found.iter().map(|draft| draft.id).collect::<Vec<_>>()
        }
    };
    let other = Uuid::from_u128(12);
    let second = Uuid::from_u128(701);
    change(&case, &writing(), act(second, "berta", begin())).await.expect("begun");
    assert_eq!(of(DraftsOf::Practice).await, [second, NOTE], "last changed first");
    assert_eq!(of(DraftsOf::Patient(patient("anna"))).await, [NOTE]);
    assert_eq!(of(DraftsOf::Author(clinician().id)).await, [second, NOTE]);
    change(&case, &writing(), act(NOTE, "anna", DraftAct::Reassign(other))).await.expect("reassigned");
    assert_eq!(of(DraftsOf::Author(other)).await, [NOTE]);
    change(&case, &writing(), act(second, "berta", DraftAct::Discard)).await.expect("given up");
    assert_eq!(of(DraftsOf::Practice).await, [NOTE]);
    let berta = Permit::grant(clinician(), KindSet::ALL, Scope::Patient(patient("berta")));
    let hidden = case.store.drafts(&berta, &DraftsOf::Practice).await.expect("drafts");
    assert!(hidden.for_decision().is_empty(), "a permit for one chart lists no other");
}

pub async fn of_windows_that_type_at_once_every_text_is_there(case: Case) {
    begun(&case).await;
    let typing = (1..=8u32).map(|window| {
        let case = case.clone();
        let who = Actor { id: Uuid::from_u128(100 + u128::from(window)), role: Some(Role::Clinician), ..clinician() };
        let permit = WritePermit::grant(who, KindSet::ALL, Scope::Practice);
        async move {
            for step in 1..=5 {
                let text = typed(&format!("window {window} said {step}"), 0, window.into(), step);
                change(&case, &permit, act(NOTE, "anna", DraftAct::Save(text))).await.expect("kept");
            }
        }
    });
    futures_util::future::join_all(typing).await;
    let kept = draft(&case).await;
    let (stands, aside) = plan(&kept);
    let mut all: Vec<&str> = aside.into_iter().chain([stands]).collect();
    all.sort_unstable();
    assert_eq!(all, (1..=8).map(|window| format!("window {window} said 5")).collect::<Vec<_>>());
}
