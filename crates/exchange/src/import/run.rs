//! The import itself: chunks are read and checked ahead, stored as they are ready, and told.

use super::files::{Chunk, Chunks, Input};
use super::rejects::Rejects;
use super::report::{Progress, Report};
use super::sink::{Refusal, Sink};
use crate::bundle::{self, Reject};
use clinic::record::import::{Doubts, Open};
use fhir::{Issue, IssueType, Kind};
use futures_util::stream::{self, StreamExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Chunks on their way at once: enough to keep every core and the writer busy, few enough to bound memory.
const IN_FLIGHT: usize = 6;

/// How many are looked at again together.
const LOOKED_AT: usize = 500;

/// One text of a chunk: a bundle, or a line.
struct Unit<R> {
    line: Option<u64>,
    text: Vec<u8>,
    kinds: Vec<Kind>,
    ready: Result<Vec<R>, Reject>,
}

/// What became of a text.
enum Fate {
    Stored(Vec<(Kind, bool)>),
    Rejected(Vec<Kind>, Reject),
    /// It waits for a patient that a later file may bring.
    Waits(fhir::Key),
}

/// A text and its fate.
struct Ended {
    line: Option<u64>,
    text: Vec<u8>,
    fate: Fate,
    /// Of its resources, those that name another patient's visit or result: what is wrong with each.
    strays: Vec<Issue>,
    /// Of its resources, those that name what is not stored yet.
    open: Vec<Open>,
}

/// Imports files. `watch` is told after each chunk.
///
/// # Errors
/// In words, what stopped it: a file that cannot be read, a store that cannot be written. What was stored before stays.
pub async fn run<S: Sink + 'static>(
    sink: Arc<S>,
    inputs: &[Input],
    watch: &mut (dyn FnMut(&Progress) + Send),
) -> Result<Report, String> {
    let mut told = Telling {
        report: Report::default(),
        rejects: Rejects::new(),
        warnings: Rejects::warnings(),
        waiting: Vec::new(),
        open: Vec::new(),
    };
    let of = inputs.iter().map(|input| input.bytes).sum();
    let mut progress = Progress { bytes: 0, of, resources: 0 };
    inputs.iter().for_each(|input| Rejects::forget(&input.path));
    let chunks = inputs.iter().flat_map(|input| match Chunks::open(input) {
        Ok(chunks) => Box::new(chunks.map(|chunk| (input.path.clone(), chunk))) as Box<dyn Iterator<Item = _> + Send>,
        Err(error) => Box::new(std::iter::once((input.path.clone(), Err(error)))),
    });
    let mut ended =
        stream::iter(chunks).map(|(path, chunk)| take(sink.clone(), path, chunk)).buffer_unordered(IN_FLIGHT);
    while let Some(chunk) = ended.next().await {
        let (path, bytes, texts) = chunk?;
        told.tell(&path, texts)?;
        progress.bytes += bytes;
        progress.resources = told.report.all.total();
        watch(&progress);
    }
    drop(ended);
    finish_waiting(&sink, &mut told).await?;
    look_again(sink.as_ref(), &mut told).await?;
    progress.resources = told.report.all.total();
    watch(&progress);
    Ok(told.report)
}

/// Tries again what waited for patients, as long as that brings more of them; what waits in vain is rejected.
async fn finish_waiting<S: Sink + 'static>(sink: &Arc<S>, told: &mut Telling) -> Result<(), String> {
    loop {
        let waiting = std::mem::take(&mut told.waiting);
        let before = waiting.len();
        for (path, line, text, _) in waiting {
            let chunk = Chunk { path: path.clone(), bytes: 0, texts: vec![(line, text)] };
            let (path, _, texts) = take(sink.clone(), path, Ok(chunk)).await?;
            told.tell(&path, texts)?;
        }
        if told.waiting.len() == before {
            break;
        }
    }
    for (path, line, text, key) in std::mem::take(&mut told.waiting) {
        let read = bundle::read(&text).map(|all| all.iter().map(|one| one.key.kind).collect::<Vec<_>>());
        let kinds = read.unwrap_or_default();
        let issue = Issue::error(IssueType::NotFound, format!("{key} is neither stored nor in this import."));
        told.reject(&path, line, &text, &kinds, &Reject::one(kinds.len(), issue))?;
    }
    Ok(())
}

/// Looks again at what named a visit or result that had not come yet, so that what is told does not hang on the files' order.
async fn look_again<S: Sink>(sink: &S, told: &mut Telling) -> Result<(), String> {
    let (places, open): (Vec<_>, Vec<_>) = std::mem::take(&mut told.open).into_iter().unzip();
    for (open, places) in open.chunks(LOOKED_AT).zip(places.chunks(LOOKED_AT)) {
        for (place, text) in sink.late(open).await? {
            let Some((path, line)) = places.get(place) else { continue };
            told.doubt(path, *line, None, vec![Issue::error(IssueType::Conflict, text)])?;
        }
    }
    Ok(())
}

type Taken = (PathBuf, u64, Vec<Ended>);

async fn take<S: Sink + 'static>(sink: Arc<S>, path: PathBuf, chunk: std::io::Result<Chunk>) -> Result<Taken, String> {
    let chunk = chunk.map_err(|error| format!("{}: {error}", path.display()))?;
    let bytes = chunk.bytes;
    let checking = sink.clone();
    let units = tokio::task::spawn_blocking(move || {
        chunk.texts.into_iter().map(|(line, text)| check(checking.as_ref(), line, text)).collect::<Vec<_>>()
    })
    .await
    .map_err(|error| format!("{}: {error}", path.display()))?;
    Ok((path, bytes, store(sink.as_ref(), units).await?))
}

fn check<S: Sink>(sink: &S, line: Option<u64>, text: Vec<u8>) -> Unit<S::Ready> {
    let incoming = match bundle::read(&text) {
        Ok(incoming) => incoming,
        Err(reject) => return Unit { line, text, kinds: Vec::new(), ready: Err(reject) },
    };
    let kinds: Vec<Kind> = incoming.iter().map(|one| one.key.kind).collect();
    let mut ready = Vec::with_capacity(incoming.len());
    let mut issues = Vec::new();
    for one in incoming {
        let key = one.key.clone();
        match sink.ready(one) {
            Ok(one) => ready.push(one),
            Err(reject) => {
                issues.extend(
                    reject.issues.into_iter().map(|issue| Issue { text: format!("{key}: {}", issue.text), ..issue }),
                );
            }
        }
    }
    let ready = if issues.is_empty() { Ok(ready) } else { Err(Reject { resources: kinds.len(), issues }) };
    Unit { line, text, kinds, ready }
}

/// Stores the units of a chunk together where that works, else one by one.
async fn store<S: Sink>(sink: &S, units: Vec<Unit<S::Ready>>) -> Result<Vec<Ended>, String> {
    let mut ended = Vec::with_capacity(units.len());
    let mut rows: Vec<(Option<u64>, Vec<u8>, Vec<Kind>)> = Vec::with_capacity(units.len());
    let mut all = Vec::new();
    let mut lengths = Vec::with_capacity(units.len());
    for Unit { line, text, kinds, ready } in units {
        match ready {
            Err(reject) => ended.push(Ended {
                line,
                text,
                fate: Fate::Rejected(kinds, reject),
                strays: Vec::new(),
                open: Vec::new(),
            }),
            Ok(ready) => {
                lengths.push(ready.len());
                all.extend(ready);
                rows.push((line, text, kinds));
            }
        }
    }
    let arrivals = sink.arriving(&all).await?;
    let together = sink.store(&all).await;
    let Doubts { strays: doubts, open } = sink.doubts(&all, &arrivals).await?;
    let mut open = open.into_iter().peekable();
    let mut at = 0;
    for ((line, text, kinds), length) in rows.into_iter().zip(&lengths) {
        let fate = match &together {
            Ok(told) => stored(&kinds, told.get(at..at + length).unwrap_or_default()),
            Err(Refusal::Fatal(error)) => return Err(error.clone()),
            Err(refusal) if lengths.len() == 1 => fate(kinds, refusal.clone()),
            Err(_) => match sink.store(all.get(at..at + length).unwrap_or_default()).await {
                Ok(told) => stored(&kinds, &told),
                Err(Refusal::Fatal(error)) => return Err(error),
                Err(refusal) => fate(kinds, refusal),
            },
        };
        let mine =
            doubts.iter().filter(|(place, _)| matches!(fate, Fate::Stored(_)) && (at..at + length).contains(place));
        let strays = mine.map(|(_, text)| Issue::error(IssueType::Conflict, text.clone())).collect();
        at += length;
        let unseen = std::iter::from_fn(|| open.next_if(|(place, _)| *place < at)).map(|(_, open)| open);
        let open = unseen.filter(|_| matches!(fate, Fate::Stored(_))).collect();
        ended.push(Ended { line, text, fate, strays, open });
    }
    Ok(ended)
}

fn stored(kinds: &[Kind], told: &[bool]) -> Fate {
    Fate::Stored(kinds.iter().copied().zip(told.iter().copied()).collect())
}

fn fate(kinds: Vec<Kind>, refusal: Refusal) -> Fate {
    match refusal {
        Refusal::Missing(key) => Fate::Waits(key),
        Refusal::Reject(reject) => Fate::Rejected(kinds, reject),
        Refusal::Fatal(error) => Fate::Rejected(kinds, Reject::one(1, Issue::error(IssueType::Exception, error))),
    }
}

/// A file, and a line of it.
type Place = (Arc<Path>, Option<u64>);

/// What is told as the import goes.
struct Telling {
    report: Report,
    rejects: Rejects,
    warnings: Rejects,
    waiting: Vec<(PathBuf, Option<u64>, Vec<u8>, fhir::Key)>,
    /// What named a thing that had not come yet, with its place.
    open: Vec<(Place, Open)>,
}

impl Telling {
    fn tell(&mut self, path: &Path, texts: Vec<Ended>) -> Result<(), String> {
        let shared: Arc<Path> = path.into();
        for Ended { line, text, fate, strays, open } in texts {
            if !strays.is_empty() {
                self.doubt(path, line, Some(&text), strays)?;
            }
            self.open.extend(open.into_iter().map(|open| ((shared.clone(), line), open)));
            match fate {
                Fate::Stored(told) => {
                    for (kind, new) in told {
                        self.report.count(Some(kind), |tally| {
                            *(if new { &mut tally.imported } else { &mut tally.unchanged }) += 1;
                        });
                    }
                }
                Fate::Rejected(kinds, reject) => self.reject(path, line, &text, &kinds, &reject)?,
                Fate::Waits(key) => self.waiting.push((path.to_owned(), line, text, key)),
            }
        }
        Ok(())
    }

    fn doubt(&mut self, path: &Path, line: Option<u64>, text: Option<&[u8]>, strays: Vec<Issue>) -> Result<(), String> {
        self.report.strays += strays.len() as u64;
        let doubt = Reject { resources: strays.len(), issues: strays };
        let written = self.warnings.write(path, line, &doubt, line.and(text));
        written.map_err(|error| format!("the warnings cannot be written: {error}"))
    }

    fn reject(
        &mut self,
        path: &Path,
        line: Option<u64>,
        text: &[u8],
        kinds: &[Kind],
        reject: &Reject,
    ) -> Result<(), String> {
        for n in 0..reject.resources {
            self.report.count(kinds.get(n).copied(), |tally| tally.rejected += 1);
        }
        let written = self.rejects.write(path, line, reject, line.map(|_| text));
        written.map_err(|error| format!("the rejects cannot be written: {error}"))
    }
}
