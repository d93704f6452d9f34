//! A practice at work: 50 clinicians, 20 staff and two laboratories at once in a day's mix, each with a session of their own; then
//! twice as many, until the 95th percentile of all acts doubles.
//!
//! Each acts about once a second, some ten times as often as a person at a desk does.

use crate::chart::patients;
use crate::day::{ACTS, Day, Person, Who};
use crate::deeper::{bundle, entries, link};
use crate::find::encoded;
use crate::ingest::paper;
use crate::report::Report;
use bench::load::{Connection, Measured};
use bench::server::Server;
use std::io::{Error, Result};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many of each there are at first.
const PEOPLE: [(Who, usize); 3] = [(Who::Clinician, 50), (Who::Staff, 20), (Who::Laboratory, 2)];
/// The mean pause between two acts of one.
const PAUSE: Duration = Duration::from_secs(1);
/// How long each number of people is watched, after a time that does not count.
const WATCHED: Duration = Duration::from_secs(30);
const WARMING: Duration = Duration::from_secs(5);
/// Doublings at most: what more people would need is more machine for those who ask.
const DOUBLINGS: u32 = 5;

/// Every act at the first number of people, then the knee.
pub async fn run(report: &mut Report, server: &Server, size: usize) -> Result<()> {
    let day = Arc::new(day(server, size).await?);
    let mut people = Vec::new();
    let (mut first, mut last) = (0.0, String::new());
    for doubling in 0..=DOUBLINGS {
        let many = 1 << doubling;
        people = joined(server, &day, people, many).await?;
        let (before, begun) = (server.cpu(), Instant::now());
        let acts = watched(&mut people).await?;
        let cpu = (server.cpu().saturating_sub(before)).as_secs_f64() / begun.elapsed().as_secs_f64();
        let all = measured(acts.iter().map(|(_, took, right)| (*took, *right)));
        let crowd = format!("{} clinicians and {} staff", 50 * many, 20 * many);
        let p95 = all.percentile(95.0);
        report.add(&format!("{crowd}, acts"), "/s", all.per_second);
        report.add(&format!("{crowd}, p95 of all acts"), "ms", p95);
        report.add(&format!("{crowd}, refused or wrong"), "", count(all.wrong));
        report.add(&format!("{crowd}, processors used by the program"), "", cpu);
        if doubling == 0 {
            first = p95;
            for (index, act) in ACTS.iter().enumerate() {
                let of = |act: &&(usize, Duration, bool)| act.0 == index;
                let these = measured(acts.iter().filter(of).map(|(_, took, right)| (*took, *right)));
                report.add(&format!("{crowd}, {}, p95", act.name), "ms", these.percentile(95.0));
            }
        } else if p95 > 2.0 * first {
            report.note(&format!(
                "Knee: p95 more than doubled ({first:.1} → {p95:.1} ms) at {crowd}; not yet at {last}."
            ));
            return Ok(());
        }
        last = crowd;
    }
    report.note(&format!("No knee: p95 had not doubled at {last}."));
    Ok(())
}

/// What the day needs, asked of the practice once.
async fn day(server: &Server, size: usize) -> Result<Day> {
    let practice =
        synthetic::Practice::new(synthetic::DEMO_SEED, jiff::Zoned::now().date(), size, synthetic::Depth::Scale);
    let mut connection = Connection::open(&server.address).await?;
    let mut found = Vec::new();
    let mut next = Some("/fhir/Observation?code=http://loinc.org%7C8867-4&_sort=-date&_count=1000".to_owned());
    while let Some(path) = next.filter(|_| found.len() < 2000) {
        let page = bundle(&mut connection, &server.bearer(), &path).await?;
        found.extend(entries(&page).filter_map(|one| {
            let patient = one.pointer("/subject/reference")?.as_str()?.strip_prefix("Patient/")?.to_owned();
            Some((patient, one.get("id")?.as_str()?.to_owned()))
        }));
        next = link(&page, "next");
    }
    Ok(Day {
        patients: patients(server, "_count=1000").await?,
        entries: found,
        queries: practice.queries(2, 1000).map(|query| encoded(&query.text)).collect(),
        paper: paper(100_000),
    })
}

/// Signs more people in until there are so many times those of [`PEOPLE`].
async fn joined(server: &Server, day: &Arc<Day>, mut people: Vec<Person>, many: usize) -> Result<Vec<Person>> {
    for (who, count) in PEOPLE {
        let there = people.iter().filter(|person| person.who == who).count();
        for number in there..count * many {
            let (headers, csrf) = match who {
                Who::Clinician => server.sign_in("clinician").await?,
                Who::Staff => server.sign_in("front-desk").await?,
                Who::Laboratory => (server.bearer(), String::new()),
            };
            people.push(Person {
                who,
                day: Arc::clone(day),
                connection: Connection::open(&server.address).await?,
                headers,
                csrf,
                number,
                note: None,
                chance: (number * 3 + who as usize) as u64,
            });
        }
    }
    Ok(people)
}

type Done = (usize, Duration, bool);

/// Lets everybody act until the time is over.
async fn watched(people: &mut Vec<Person>) -> Result<Vec<Done>> {
    let begun = Instant::now();
    let tasks: Vec<_> = people
        .drain(..)
        .map(|mut person| {
            tokio::spawn(async move {
                let mut acts = Vec::new();
                while begun.elapsed() < WARMING + WATCHED {
                    let pause = PAUSE.mul_f64(f64::from(u32::try_from(person.below(2000)).unwrap_or(0)) / 1000.0);
                    tokio::time::sleep(pause).await;
                    let act = person.next().await?;
                    if begun.elapsed() > WARMING {
                        acts.push(act);
                    }
                }
                Result::Ok((person, acts))
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        let (person, acts) = task.await.map_err(Error::other)??;
        people.push(person);
        all.extend(acts);
    }
    Ok(all)
}

fn measured(acts: impl Iterator<Item = (Duration, bool)>) -> Measured {
    let (mut latencies, mut wrong) = (Vec::new(), 0);
    for (took, right) in acts {
        latencies.push(took);
        wrong += usize::from(!right);
    }
    latencies.sort_unstable();
    Measured { per_second: count(latencies.len()) / WATCHED.as_secs_f64(), latencies, wrong }
}

#[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn count(of: usize) -> f64 {
    of as f64
}
