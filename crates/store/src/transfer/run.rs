//! The copying: rows over, then both sides read and compared, then what follows from the rows made anew.

use super::{Part, Row, Rows, Source, Target};
use crate::audit::Entry;
use crate::error::{Error, Result};
use crate::find::FindKeys;
use crate::upkeep::Progress;
use ring::digest::{Context, SHA256};

/// What a copy holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Copied {
    /// Versions.
    pub versions: u64,
    /// Resources that they are versions of.
    pub resources: u64,
    /// Entries of the audit trail, the copy's own aside.
    pub entries: u64,
}

/// Copies what is not there yet, compares all of it and finishes the target. `progress` counts rows: copied, compared, made anew.
///
/// # Errors
/// What either side says; [`Error::Broken`] naming the part whose rows differ.
pub async fn run(
    from: &mut dyn Source,
    to: &mut dyn Target,
    keys: FindKeys,
    entry: &Entry,
    progress: &Progress,
) -> Result<Copied> {
    let (mut all, mut resources) = (0, 0);
    for part in Part::ALL {
        let rows = from.count(part).await?;
        all += rows;
        if part == Part::Resources {
            resources = rows;
        }
    }
    let mut told = Told { done: 0, of: 2 * all + resources, progress };
    for part in Part::ALL {
        copy(from, to, part, &mut told).await?;
    }
    let mut copied = Copied::default();
    for part in Part::ALL {
        let (one, other) =
            futures_util::future::try_join(sum(from, part, Some(&mut told)), sum(to, part, None)).await?;
        if one.rows != other.rows || one.hash != other.hash {
            return Err(Error::Broken(format!(
                "the {} of the copy are not those of the practice ({} there, {} here): the copy was changed meanwhile, or is \
                 damaged. Empty the target and copy again",
                part.name(),
                one.rows,
                other.rows
            )));
        }
        match part {
            Part::Versions => (copied.versions, copied.resources) = (one.rows, one.firsts),
            Part::Entries => copied.entries = one.entries,
            _ => {}
        }
    }
    loop {
        match to.derive(keys).await? {
            0 => break,
            made => told.more(made),
        }
    }
    to.finish(keys, entry).await?;
    Ok(copied)
}

struct Told<'a> {
    done: u64,
    of: u64,
    progress: &'a Progress,
}

impl Told<'_> {
    fn more(&mut self, rows: u64) {
        self.done = self.of.min(self.done + rows);
        (self.progress)(self.done, self.of);
    }
}

/// Copies a part, from after what has arrived.
async fn copy(from: &mut dyn Source, to: &mut dyn Target, part: Part, told: &mut Told<'_>) -> Result<()> {
    let mut after = None;
    if part.only_grows() {
        after = to.last(part).await?;
        if after.is_some() {
            told.more(to.count(part).await?);
        }
    } else {
        to.take(part, &[], true).await?;
    }
    loop {
        let mut rows = from.page(part, after.as_ref()).await?;
        if rows.is_empty() {
            return Ok(());
        }
        to.take(part, &rows, false).await?;
        told.more(rows.len() as u64);
        after = rows.pop();
    }
}

/// What the rows of a part come to.
struct Sum {
    rows: u64,
    hash: Vec<u8>,
    /// First versions among them.
    firsts: u64,
    /// Audit entries in them.
    entries: u64,
}

async fn sum<R: Rows + ?Sized>(side: &mut R, part: Part, mut told: Option<&mut Told<'_>>) -> Result<Sum> {
    let mut context = Context::new(&SHA256);
    let (mut rows, mut firsts, mut entries, mut after) = (0, 0, 0, None::<Row>);
    loop {
        let mut page = side.page(part, after.as_ref()).await?;
        let Some(last) = page.pop() else { break };
        page.push(last.clone());
        for row in &page {
            row.hash(&mut context);
            match part {
                Part::Versions => firsts += u64::from(row.number(3) == Some(1)),
                Part::Entries => {
                    let (first, last) = (row.number(0).unwrap_or_default(), row.number(1).unwrap_or_default());
                    entries += u64::try_from(last + 1 - first).unwrap_or_default();
                }
                _ => {}
            }
        }
        rows += page.len() as u64;
        if let Some(told) = &mut told {
            told.more(page.len() as u64);
        }
        after = Some(last);
    }
    Ok(Sum { rows, hash: context.finish().as_ref().to_vec(), firsts, entries })
}
