//! The charts of the demo practice: made ahead on other threads, stored in order through the same door as everything else.

use super::import::local;
use super::progress::Bar;
use crate::failure::{Failure, Outcome};
use clinic::record::import::{Ready, make_ready, store_ready};
use exchange::import::Local;
use fhir::{Id, Key, Kind};
use futures_util::stream::{self, StreamExt as _};
use serde_json::Value;
use std::sync::Arc;
use store::Store;
use synthetic::{DEMO_SEED, Depth, Practice};

/// Above this many patients, charts are told in brief, and one very big chart is added.
const IN_FULL: usize = 500;
/// Charts stored in one commit.
const TOGETHER: usize = 8;
/// Groups of charts made ahead of the writer.
const AHEAD: usize = 4;

/// The demo practice as it stands today.
pub(super) fn practice(patients: u32) -> Arc<Practice> {
    let today = jiff::Timestamp::now().in_tz(synthetic::TIME_ZONE).unwrap_or_else(|_| jiff::Zoned::now()).date();
    let patients = usize::try_from(patients).unwrap_or(usize::MAX);
    let depth = if patients > IN_FULL { Depth::Scale } else { Depth::Demo };
    Arc::new(Practice::new(DEMO_SEED, today, patients, depth))
}

/// Stores the directory and every chart.
///
/// # Errors
/// What the store says; a chart that is not valid (which its own tests rule out).
pub(super) async fn load(store: &Arc<dyn Store>, practice: Arc<Practice>) -> Outcome {
    let sink = Arc::new(local(store.clone(), "demo").await?);
    let at = sink.caller.at;
    save(&sink, ready(practice.directory(), at)?).await?;
    let count = practice.patients();
    let mut bar = Bar::new(u64::try_from(count).unwrap_or_default(), "patients");
    let starts = (0..count).step_by(TOGETHER);
    let made = stream::iter(starts).map(|start| {
        let practice = practice.clone();
        tokio::task::spawn_blocking(move || {
            let charts = (start..count.min(start + TOGETHER)).flat_map(|index| practice.chart(index).resources);
            ready(charts.collect(), at)
        })
    });
    let mut made = made.buffered(AHEAD);
    let mut done = 0;
    while let Some(group) = made.next().await {
        save(&sink, group.map_err(|error| Failure::other(error.to_string()))??).await?;
        done = count.min(done + TOGETHER);
        let done = u64::try_from(done).unwrap_or_default();
        bar.set(done, done);
    }
    drop(made);
    if count > IN_FULL {
        for part in practice.big_chart() {
            save(&sink, ready(part.resources, at)?).await?;
        }
    }
    bar.finish();
    Ok(())
}

async fn save(sink: &Local, unit: Vec<Ready>) -> Outcome {
    let audit = sink.caller.entry("demo");
    store_ready(sink.store.as_ref(), &sink.permit, &unit, &sink.number_system, audit).await?;
    Ok(())
}

fn ready(resources: Vec<Value>, at: jiff::Timestamp) -> Outcome<Vec<Ready>> {
    resources.into_iter().map(|body| one(body, at)).collect()
}

fn one(body: Value, at: jiff::Timestamp) -> Outcome<Ready> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let key = Kind::parse(text("resourceType")).zip(Id::parse(text("id")).ok()).map(|(kind, id)| Key::new(kind, id));
    let key = key.ok_or_else(|| Failure::other("the demo made a resource without a name"))?;
    let name = key.to_string();
    make_ready(key, body, at).map_err(|error| match error {
        clinic::Error::Malformed(issues) | clinic::Error::Invalid(issues) => {
            let told: Vec<String> = issues.iter().map(|i| format!("{}: {}", i.expression, i.text)).collect();
            Failure::other(format!("the demo's {name} is not valid: {}", told.join("; ")))
        }
        other => other.into(),
    })
}
