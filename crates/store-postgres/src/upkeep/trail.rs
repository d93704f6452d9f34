//! What the trail's entries are found by, compared with the trail: an access report that misses an entry hides who saw a chart.

use super::check::Check;
use super::each;
use crate::audit_chain::{self, CHAIN, bound};
use crate::audit_index;
use crate::line::Line;
use crate::rows::get;
use std::collections::BTreeSet;
use store::Result;
use store::engine::compare::{Tally, row};
use uuid::Uuid;

/// Rows of the trail whose index rows are written anew in one transaction.
const AT_ONCE: usize = 2_000;

/// What a row of the trail is found by. Of what is younger than the index, nothing is expected.
pub(super) async fn compare(check: &mut Check, line: &Line) -> Result<()> {
    let (indexed, head) = (audit_index::upto(line).await?, audit_chain::head(line).await?);
    if indexed > head.last {
        check.survey.possible("counter: entries of the audit trail that are still to come count as indexed");
        check.to_mend.trail_upto = Some(head.last);
    }
    let mut tally = Tally::default();
    let sql = "SELECT first, entries FROM audit WHERE chain = $1 AND first <= $2 ORDER BY first";
    each(line, sql, &[&CHAIN, &bound(indexed)], |told| {
        let (patients, actors) = audit_index::named(get(told, 1)?);
        let mut rows: Vec<u64> = patients.iter().map(|patient| of_patient(patient)).collect();
        rows.extend(actors.into_iter().map(by_actor));
        tally.expect(get(told, 0)?, rows);
        Ok(())
    })
    .await?;
    each(line, "SELECT first, patient FROM audit_patient WHERE chain = $1", &[&CHAIN], |found| {
        tally.found(get(found, 0)?, of_patient(get(found, 1)?));
        Ok(())
    })
    .await?;
    each(line, "SELECT first, actor FROM audit_actor WHERE chain = $1", &[&CHAIN], |found| {
        tally.found(get(found, 0)?, by_actor(get(found, 1)?));
        Ok(())
    })
    .await?;
    check.to_mend.trail = tally.unlike();
    if !check.to_mend.trail.is_empty() {
        let count = check.to_mend.trail.len();
        check.survey.possible(format!("audit_patient, audit_actor: {count} rows do not agree with the audit trail"));
    }
    Ok(())
}

fn of_patient(patient: &str) -> u64 {
    row("audit_patient", patient)
}

fn by_actor(actor: Uuid) -> u64 {
    row("audit_actor", actor)
}

/// Writes it anew for these rows of the trail; `last` is the last entry that may count as indexed, where too many do.
pub(super) async fn mend(line: &Line, firsts: BTreeSet<i64>, last: Option<u64>) -> Result<()> {
    if let Some(last) = last {
        // What was appended since the check is not indexed yet.
        audit_index::no_further(line, last).await?;
    }
    let firsts: Vec<i64> = firsts.into_iter().collect();
    for some in firsts.chunks(AT_ONCE) {
        audit_chain::begin(line).await?;
        audit_index::renew(line, some).await?;
        line.batch("COMMIT").await?;
    }
    Ok(())
}
