//! What the trail's entries are found by, compared with the trail: an access report that misses an entry hides who saw a chart.

use super::check::Check;
use super::tables::each;
use crate::audit_span::Spans;
use crate::ids::IdColumn;
use crate::{audit_chain, audit_index};
use rusqlite::Connection;
use store::engine::compare::{Tally, row};
use uuid::Uuid;

/// Takes every row there is from what the trail says there should be. Of what is younger than the index, nothing is expected.
pub(super) fn compare(check: &mut Check<'_>) -> rusqlite::Result<()> {
    let db = check.db;
    let (indexed, head) = (audit_index::upto(db)?, audit_chain::head(db)?);
    if indexed > head.last {
        check.survey.possible("counter: entries of the audit trail that are still to come count as indexed");
        check.to_mend.trail_upto = Some(head.last);
    }
    let upto = i64::try_from(indexed).unwrap_or(i64::MAX);
    let (mut tally, mut spans) = (Tally::default(), Spans::default());
    audit_index::each_row(db, 0, |first, entries| {
        if first > upto {
            return;
        }
        spans.add(first, &entries);
        let mut rows = Vec::new();
        for entry in &entries {
            rows.push(by_actor(entry.actor.id));
            rows.extend(entry.patients.iter().map(|patient| of_patient(patient.as_str())));
        }
        // Kept once each, however many entries of the row name them.
        rows.sort_unstable();
        rows.dedup();
        tally.expect(first, rows);
    })?;
    each(db, "SELECT first, patient FROM audit_patient", |found| {
        let IdColumn(patient) = found.get(1)?;
        tally.found(found.get(0)?, of_patient(patient.as_str()));
        Ok(())
    })?;
    each(db, "SELECT first, actor FROM audit_actor", |found| {
        // What is no actor's is nobody's, and stands in no entry.
        let actor = Uuid::from_slice(found.get_ref(1)?.as_blob()?).unwrap_or_default();
        tally.found(found.get(0)?, by_actor(actor));
        Ok(())
    })?;
    check.to_mend.trail = tally.unlike();
    if !check.to_mend.trail.is_empty() {
        let count = check.to_mend.trail.len();
        check.survey.possible(format!("audit_patient, audit_actor: {count} rows do not agree with the audit trail"));
    }
    if !spans.are_kept(db)? {
        check.survey.possible("audit_span: the times of the audit trail's rows are not what is kept of them");
        check.to_mend.trail_times = true;
    }
    Ok(())
}

fn of_patient(patient: &str) -> u64 {
    row("audit_patient", patient)
}

fn by_actor(actor: Uuid) -> u64 {
    row("audit_actor", actor)
}

/// Notes the times of the trail's rows anew.
pub(super) fn mend_times(db: &Connection) -> rusqlite::Result<()> {
    db.execute("DELETE FROM audit_span", [])?;
    audit_index::note_times(db)
}
