//! Everything a practice answers, as lines: two that answer the same are the same to whoever uses them.

use crate::practice::{actor, entry, minute, phrase, reading, retry, session, writing};
use fhir::search::{Handling, Query};
use fhir::{Kind, PatientId};
use std::collections::HashSet;
use std::fmt::Write as _;
use store::Store;
use store::audit::AuditQuery;
use store::draft::DraftsOf;
use store::find::{KeyClass, KeyMatch, Term};
use store::record::{HistoryOf, HistoryQuery, Slice, Stored};
use store::texts::TextKind;

fn line(stored: &Stored) -> String {
    let Stored { key, version, sequence, patient, recorded_at, deleted, body } = stored;
    let patient = patient.as_ref().map_or("-", PatientId::as_str);
    format!("{sequence} {key}/{version} {patient} {recorded_at} {deleted} {}", String::from_utf8_lossy(body))
}

fn list(what: &str, stored: &[Stored], lines: &mut Vec<String>) {
    lines.push(format!("{what}: {}", stored.len()));
    lines.extend(stored.iter().map(line));
}

/// Every version, newest first.
async fn history(store: &dyn Store, of: HistoryOf) -> Vec<Stored> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let query = HistoryQuery { of: of.clone(), since: None, until: None, count: 500, before };
        let page = store.history(&reading(), &query).await.expect("a history").for_decision().clone();
        let Some(last) = page.last() else { return all };
        before = Some(last.sequence);
        all.extend(page);
    }
}

/// Everything but the trail's own last entries.
pub async fn everything(store: &dyn Store) -> Vec<String> {
    let mut lines = Vec::new();
    let all = history(store, HistoryOf::Practice).await;
    list("history", &all, &mut lines);
    let mut patients: Vec<PatientId> = all.iter().filter_map(|stored| stored.patient.clone()).collect();
    patients.sort();
    patients.dedup();
    for patient in &patients {
        chart(store, patient, &mut lines).await;
    }
    drafts(store, &mut lines).await;
    searches(store, &mut lines).await;
    finding(store, &all, &mut lines).await;
    accounts(store, &mut lines).await;
    lines
}

/// Every draft with every text it had.
async fn drafts(store: &dyn Store, lines: &mut Vec<String>) {
    for draft in store.drafts(&reading(), &DraftsOf::Practice).await.expect("drafts").for_decision() {
        lines.push(serde_json::to_string(draft).expect("json"));
        for section in &draft.sections {
            let texts = store.revisions(&reading(), &draft.patient, draft.id, &section.name).await.expect("revisions");
            lines.extend(texts.for_decision().iter().map(|text| serde_json::to_string(text).expect("json")));
        }
    }
}

async fn chart(store: &dyn Store, patient: &PatientId, lines: &mut Vec<String>) {
    for of in [HistoryOf::Patient(patient.clone()), HistoryOf::Left(patient.clone())] {
        list("chart's history", &history(store, of).await, lines);
    }
    let kinds = [Kind::OBSERVATION, Kind::CONDITION, Kind::ENCOUNTER, Kind::PATIENT];
    let mut slices: Vec<Slice> = kinds.into_iter().map(Slice::all).collect();
    slices.push(Slice { category: Some("laboratory".into()), newest: Some(9), ..Slice::all(Kind::OBSERVATION) });
    let answered = store.chart(&reading(), patient, &slices).await.expect("a chart");
    for rows in answered.for_decision() {
        list(&format!("slice of {}", rows.total), &rows.rows, lines);
    }
    for at in [210, 325, 1000] {
        let then = store.chart_as_of(&reading(), patient, minute(at)).await.expect("a chart").for_decision().clone();
        let mut then: Vec<String> = then.iter().map(line).collect();
        then.sort();
        lines.extend(then);
    }
}

async fn searches(store: &dyn Store, lines: &mut Vec<String>) {
    let asked: [(Kind, &[(&str, &str)]); 9] = [
        (Kind::PATIENT, &[("name", "ubermorgen")]),
        (Kind::PATIENT, &[("gender", "female"), ("birthdate", "ge1950")]),
        (Kind::OBSERVATION, &[("category", "laboratory")]),
        (Kind::OBSERVATION, &[("status", "amended")]),
        (Kind::OBSERVATION, &[("value-quantity", "gt5")]),
        (Kind::OBSERVATION, &[("encounter", "Encounter/nowhere")]),
        (Kind::OBSERVATION, &[("_content", "read again")]),
        (Kind::CONDITION, &[("patient.gender", "male")]),
        (Kind::ENCOUNTER, &[("date", "ge2020"), ("_sort", "-_lastUpdated")]),
    ];
    for (kind, pairs) in asked {
        let pairs: Vec<(String, String)> = pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let (mut query, _) = Query::parse(kind, &pairs, Handling::Strict, minute(0)).expect("a search");
        (query.count, query.total) = (40, true);
        let (mut cursor, mut found) = (None::<String>, Vec::new());
        loop {
            let page = store.search(&reading(), &query, cursor.as_deref()).await.expect("an answer");
            let page = page.for_decision();
            lines.push(format!("{kind}?{pairs:?} {:?}", page.total));
            found.extend(page.matches.clone());
            cursor.clone_from(&page.next);
            if cursor.is_none() {
                break;
            }
        }
        // In which order, where none is asked for, is each database's own.
        found.sort_by_key(|stored| stored.sequence);
        list("found", &found, lines);
    }
}

async fn finding(store: &dyn Store, all: &[Stored], lines: &mut Vec<String>) {
    let mut seen = HashSet::new();
    let mut keys: Vec<_> = all
        .iter()
        .filter(|stored| stored.key.kind == Kind::PATIENT && seen.insert(stored.key.clone()) && !stored.deleted)
        .flat_map(|stored| clinic::patient::keys::of_body(&stored.body, "urn:ours"))
        .collect();
    keys.sort();
    keys.dedup();
    let names: HashSet<String> =
        keys.iter().filter(|key| key.class == KeyClass::Name).map(|key| key.key.clone()).collect();
    for key in keys {
        let beginning: String = key.key.chars().take(3).collect();
        let any = [(key.key.clone(), false), (beginning, true)];
        let any = any.into_iter().map(|(text, prefix)| KeyMatch { class: key.class, key: text, prefix }).collect();
        let found = store.find(&reading(), &[Term { any }], 10).await.expect("found");
        list(&format!("find {key:?}"), &found.for_decision().patients, lines);
        if key.class == KeyClass::Name {
            let mut similar = store.similar_names(&reading(), &key.key[1..], 50).await.expect("names");
            // A name that nobody bears any more may be known where it was borne.
            similar.retain(|name| names.contains(name));
            similar.sort();
            lines.push(format!("similar {similar:?}"));
        }
    }
    let mut named = String::new();
    for kind in [Kind::PATIENT, Kind::ENCOUNTER] {
        let ids = ["unknown", "nowhere", "never"].map(|id| fhir::Id::parse(id).expect("an id"));
        let _infallible = write!(named, "{:?}", store.known(&reading(), kind, &ids).await.expect("known"));
    }
    lines.push(named);
}

async fn accounts(store: &dyn Store, lines: &mut Vec<String>) {
    for user in store.users().await.expect("users") {
        lines.push(format!(
            "{} {} {} {:?} {:?} {} {} {:?} {} {}",
            user.id,
            user.username,
            user.display_name,
            user.role,
            user.practitioner,
            user.password_hash,
            user.must_change,
            user.disabled_at,
            user.created_at,
            user.preferences
        ));
    }
    for t in store.tokens().await.expect("tokens") {
        let times = (t.created_at, t.expires_at, t.revoked_at, t.used_at);
        lines.push(format!("{} {} {:?} {} {times:?}", t.id, t.name, t.secret, t.scope));
    }
    lines.push(format!("{:?}", store.practice().await.expect("settings")));
    let versions = store.text_versions(&phrase()).await.expect("texts");
    assert_eq!(versions.len(), 2, "both versions of a phrase");
    lines.push(format!("{versions:?} {:?}", store.texts(TextKind::Phrase).await.expect("texts")));
    for n in [100, 219, 350, 999] {
        lines.push(format!("{:?}", store.answered(&writing(), &retry(n)).await.expect("an answer")));
    }
}

/// The trail up to an entry, oldest first, and what reports find in it.
pub async fn trail(store: &dyn Store, upto: u64) -> Vec<String> {
    let patient = entry(0, "x").patients.first().cloned();
    let mut lines = Vec::new();
    for query in [
        AuditQuery { count: 100_000, ..AuditQuery::default() },
        AuditQuery { count: 100_000, patient, action: Some("chart.read".into()), ..AuditQuery::default() },
        AuditQuery { count: 100_000, actor: Some(actor().id), since: Some(minute(300)), ..AuditQuery::default() },
    ] {
        let found = store.entries(&reading(), &query).await.expect("entries");
        let mut some: Vec<String> = found
            .for_decision()
            .iter()
            .filter(|recorded| recorded.sequence <= upto)
            .map(|recorded| format!("{} {:?}", recorded.sequence, recorded.entry))
            .collect();
        some.reverse();
        lines.push(some.len().to_string());
        lines.extend(some);
    }
    lines.push(format!("{:?}", store.recent_patients(actor().id, 9).await.expect("recent")));
    lines
}

/// Nobody is signed in, no failure is counted.
pub async fn everyone_signs_in_anew(store: &dyn Store) {
    assert!(store.session(&session().secret).await.expect("asked").is_none(), "the session ended");
    assert_eq!(store.failures("user:nurse").await.expect("asked").count, 0);
}
