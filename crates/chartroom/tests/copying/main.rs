//! Moving a practice between folders and databases: the copy answers everything as the practice does, whenever it was cut short.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod command;
mod killed;
mod practice;
mod reading;
mod reindex;

use async_trait::async_trait;
use practice::{Somewhere, entry, find_keys, secret};
use std::sync::Arc;
use store::audit::{Entry, Verdict};
use store::engine::wrap::Secret;
use store::find::FindKeys;
use store::transfer::{self, Copied, Field, Part, Row, Rows, Target};
use store::upkeep::Progress;
use store::{Error, Result};

fn silent() -> Progress {
    Arc::new(|_, _| {})
}

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// The connection breaks after so many writes.
    After(usize),
    /// It breaks when all but the end is done.
    AtTheEnd,
    /// The first row of each page of a part arrives changed.
    Changed(Part),
}

/// A target with which something goes wrong.
struct Bad {
    target: Box<dyn Target>,
    wrong: Wrong,
}

impl Bad {
    fn write(&mut self) -> Result<()> {
        if let Wrong::After(writes) = &mut self.wrong {
            *writes = writes.checked_sub(1).ok_or_else(|| Error::Unreachable("cut".into()))?;
        }
        Ok(())
    }
}

#[async_trait]
impl Rows for Bad {
    async fn page(&mut self, part: Part, after: Option<&Row>) -> Result<Vec<Row>> {
        self.target.page(part, after).await
    }

    async fn count(&mut self, part: Part) -> Result<u64> {
        self.target.count(part).await
    }
}

#[async_trait]
impl Target for Bad {
    async fn last(&mut self, part: Part) -> Result<Option<Row>> {
        self.target.last(part).await
    }

    async fn take(&mut self, part: Part, rows: &[Row], anew: bool) -> Result<()> {
        self.write()?;
        let mut rows = rows.to_vec();
        if self.wrong == Wrong::Changed(part)
            && let Some(row) = rows.first_mut()
        {
            change(row);
        }
        self.target.take(part, &rows, anew).await
    }

    async fn derive(&mut self, keys: FindKeys) -> Result<u64> {
        self.write()?;
        self.target.derive(keys).await
    }

    async fn finish(&mut self, keys: FindKeys, entry: &Entry) -> Result<()> {
        self.write()?;
        if self.wrong == Wrong::AtTheEnd {
            return Err(Error::Unreachable("cut".into()));
        }
        self.target.finish(keys, entry).await
    }
}

/// Another last value, of the same sort and length.
fn change(row: &mut Row) {
    match row.0.iter_mut().rev().find(|field| **field != Field::Nothing) {
        Some(Field::Number(number)) => *number += 1,
        Some(Field::Text(text)) => *text = format!("{}x", &text[..text.len().saturating_sub(1)]),
        Some(Field::Bytes(bytes)) => {
            let mut changed = bytes.to_vec();
            if let Some(last) = changed.last_mut() {
                *last ^= 1;
            }
            *bytes = changed.into();
        }
        Some(Field::Nothing) | None => {}
    }
}

async fn copy(from: &Somewhere, old: &Secret, to: &Somewhere, new: &Secret, wrong: Option<Wrong>) -> Result<Copied> {
    let mut source = from.kept().leaving(old).await.expect("a practice");
    let mut target = to.kept().arriving(new, source.practice()).await.expect("a place for it");
    if let Some(wrong) = wrong {
        target = Box::new(Bad { target, wrong });
    }
    transfer::run(&mut *source, &mut *target, find_keys(), &entry(5_000, "practice.arrive"), &silent()).await
}

/// What a practice answers, how long its trail is, and that the trail holds.
async fn answers(at: &Somewhere, secret: &Secret, upto: Option<u64>) -> (Vec<String>, u64) {
    let store = at.open(secret).await;
    let Verdict::Whole { entries } = store.verify().await.expect("verified") else { panic!("the trail does not hold") };
    let mut lines = reading::everything(&*store).await;
    lines.extend(reading::trail(&*store, upto.unwrap_or(entries)).await);
    store.settle().await.expect("settled");
    (lines, entries)
}

fn same(one: &[String], other: &[String]) {
    for (n, (a, b)) in one.iter().zip(other).enumerate() {
        assert_eq!(a, b, "line {n}");
    }
    assert_eq!(one.len(), other.len());
    assert!(one.len() > 1_000, "there was something to compare: {}", one.len());
}

/// Copies along places and compares each with the first.
async fn along(places: &[Somewhere]) {
    let (first, length) = answers(&places[0], &secret(0), None).await;
    for (n, pair) in places.windows(2).enumerate() {
        let n = u8::try_from(n).expect("few");
        let copied = copy(&pair[0], &secret(n), &pair[1], &secret(n + 1), None).await.expect("copied");
        assert_eq!(copied.entries, length + u64::from(n));
        let (there, entries) = answers(&pair[1], &secret(n + 1), Some(length)).await;
        same(&first, &there);
        assert_eq!(entries, copied.entries + 1, "the copy's own entry follows");
        reading::everyone_signs_in_anew(&*pair[1].open(&secret(n + 1)).await).await;
    }
    // It goes on where the first ended: record numbers, places in the sequence.
    let last = places.len() - 1;
    let store = places[last].open(&secret(u8::try_from(last).expect("few"))).await;
    let newest: u64 = first[1].split(' ').next().and_then(|number| number.parse().ok()).expect("a number");
    assert_eq!(practice::register(&*store, 950).await, (100_002, newest + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn from_folder_to_folder_everything_answers_the_same() {
    let first = Somewhere::folder().made(&secret(0)).await;
    along(&[first, Somewhere::folder()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_folder_to_postgres_and_on_and_back_everything_answers_the_same() {
    let (Some(one), Some(other)) = (Somewhere::database(), Somewhere::database()) else { return };
    let first = Somewhere::folder().made(&secret(0)).await;
    along(&[first, one, other, Somewhere::folder()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_practice_made_on_postgres_answers_the_same_in_a_folder() {
    let Some(first) = Somewhere::database() else { return };
    along(&[first.made(&secret(0)).await, Somewhere::folder()]).await;
}

/// Cut short after one write, after two, …, until it is through: then it is as if it never was.
async fn cut_short(from: Somewhere, to: Somewhere) {
    let (first, length) = answers(&from, &secret(0), None).await;
    let mut cuts = 0;
    loop {
        match copy(&from, &secret(0), &to, &secret(1), Some(Wrong::After(2 + cuts))).await {
            Ok(copied) => break assert_eq!(copied.entries, length),
            Err(Error::Unreachable(_)) => cuts += 1,
            Err(other) => panic!("{other}"),
        }
        assert!(to.kept().open(&secret(1)).await.is_err_and(|failure| failure.text.contains("cut short")));
        assert!(cuts < 100, "it goes on from where it was");
    }
    assert!(cuts > 5, "it was cut short: {cuts}");
    let (there, entries) = answers(&to, &secret(1), Some(length)).await;
    same(&first, &there);
    assert_eq!(entries, length + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_short_it_goes_on_in_a_folder() {
    cut_short(Somewhere::folder().made(&secret(0)).await, Somewhere::folder()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_short_it_goes_on_in_a_database() {
    let Some(to) = Somewhere::database() else { return };
    cut_short(Somewhere::folder().made(&secret(0)).await, to).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_between_two_tries_is_copied_too() {
    let (from, to) = (Somewhere::folder().made(&secret(0)).await, Somewhere::folder());
    copy(&from, &secret(0), &to, &secret(1), Some(Wrong::AtTheEnd)).await.expect_err("cut short");
    let store = from.open(&secret(0)).await;
    practice::one_more(&*store).await;
    store.settle().await.expect("settled");
    drop(store);
    let (first, length) = answers(&from, &secret(0), None).await;
    copy(&from, &secret(0), &to, &secret(1), None).await.expect("copied");
    same(&first, &answers(&to, &secret(1), Some(length)).await.0);
}

/// A row that arrives otherwise than it left is told, by its part, and the copy does not open.
async fn changed_on_the_way(place: impl Fn() -> Option<Somewhere>) {
    let from = Somewhere::folder().made(&secret(0)).await;
    for part in Part::ALL {
        let Some(to) = place() else { return };
        let told = copy(&from, &secret(0), &to, &secret(1), Some(Wrong::Changed(part))).await;
        let Err(Error::Broken(text)) = told else { panic!("{} were changed and nothing was said", part.name()) };
        assert!(text.contains(part.name()), "{}: {text}", part.name());
        assert!(to.kept().open(&secret(1)).await.is_err(), "what was changed is not served");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_changed_on_the_way_to_a_folder_is_told() {
    changed_on_the_way(|| Some(Somewhere::folder())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_changed_on_the_way_to_a_database_is_told() {
    changed_on_the_way(Somewhere::database).await;
}

/// Nothing arrives over another practice, whole or cut short.
async fn nothing_is_overwritten(place: impl Fn() -> Option<Somewhere>) {
    let (from, other) = (Somewhere::folder().made(&secret(0)).await, Somewhere::folder().made(&secret(0)).await);
    let (Some(to), Some(half)) = (place(), place()) else { return };
    copy(&other, &secret(0), &to, &secret(1), None).await.expect("copied");
    copy(&other, &secret(0), &half, &secret(1), Some(Wrong::After(9))).await.expect_err("cut short");
    let source = from.kept().leaving(&secret(0)).await.expect("a practice");
    for (to, what) in [(&to, "already"), (&half, "another practice")] {
        let refused = to.kept().arriving(&secret(1), source.practice()).await.err().expect("refused");
        assert!(refused.text.contains(what) || refused.text.contains("another practice"), "{}", refused.text);
    }
    drop(source);
    answers(&to, &secret(1), None).await;
    copy(&other, &secret(0), &half, &secret(1), None).await.expect("goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_practice_in_a_folder_is_overwritten() {
    nothing_is_overwritten(|| Some(Somewhere::folder())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_practice_in_a_database_is_overwritten() {
    nothing_is_overwritten(Somewhere::database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_another_server_has_open_is_not_copied() {
    let Some(from) = Somewhere::database() else { return };
    let from = from.made(&secret(0)).await;
    let server = from.open(&secret(0)).await;
    let refused = from.kept().leaving(&secret(0)).await.err().expect("refused");
    assert_eq!(refused.code, chartroom::Failure::IN_USE);
    assert!(refused.text.contains("stop it first"), "{}", refused.text);
    server.append(entry(6_000, "x")).await.expect("it goes on");
}
