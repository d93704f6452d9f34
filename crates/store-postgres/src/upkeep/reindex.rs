//! Making every index anew while servers run: some resources at a time, each lot in a transaction that alone may write to the record. A
//! search sees a resource's rows as they were or as they are now. Cut short, it leaves every index whole.

use super::mend;
use crate::line::Line;
use crate::rows::get;
use std::collections::BTreeSet;
use store::Result;
use store::find::FindKeys;
use store::upkeep::Progress;

/// Resources written anew in one transaction: others' writes wait for no more.
const AT_ONCE: i64 = 50;

/// Runs it; answers how many resources there were.
pub(super) async fn run(line: &Line, keys: FindKeys, progress: &Progress) -> Result<u64> {
    let all = line.first("SELECT count(*) FROM directory", &[]).await?;
    let all = all.map_or(Ok(0), |row| get::<i64>(&row, 0))?.unsigned_abs();
    let (mut after, mut done) = (i64::MIN, 0);
    loop {
        let rows =
            line.query("SELECT rid FROM directory WHERE rid > $1 ORDER BY rid LIMIT $2", &[&after, &AT_ONCE]).await?;
        let rids: Vec<i64> = rows.iter().map(|row| get(row, 0)).collect::<Result<_>>()?;
        let Some(last) = rids.last() else { return Ok(done) };
        after = *last;
        mend::resources(line, keys, &rids, BTreeSet::new()).await?;
        done += rids.len() as u64;
        progress(done, all.max(done));
    }
}
